"""Words of fits, tests and comparisons of models."""

from typing import Final

from pyfuncs.vocabulary.term import Term

MODELS: Final = (
    Term(
        "model",
        "",
        "",
        "Fitted model: the table CLV_FIT spills, or term and value typed by hand; or a name (BG/NBD, MBG/NBD, "
        "Pareto/NBD, BG/BB, auto) to be fitted first. Left out: auto.",
    ),
    Term(
        "spend_model",
        "",
        "",
        "Model of spend per purchase: Gamma-Gamma, mean (the same for everybody) or auto, which takes Gamma-Gamma "
        "where it can be fitted.",
    ),
    Term("term", "", "", "Name of a parameter or of a figure that goes with a fit."),
    Term(
        "standard_error",
        "",
        "as the value",
        "Standard error of a parameter, from the curvature of the likelihood; blank where it cannot be had.",
    ),
    Term("lower", "", "as the value", "Lower bound of the interval."),
    Term("upper", "", "as the value", "Upper bound of the interval."),
    Term("r", "r", "", "Shape of purchase rates across customers; the smaller, the more customers differ."),
    Term(
        "alpha",
        "alpha",
        "periods",
        "Scale of purchase rates: r / alpha purchases a period while active. BG/BB: first shape of the chance to buy.",
    ),
    Term("a", "a", "", "First shape of the dropout probability after a purchase (BG/NBD, MBG/NBD)."),
    Term("b", "b", "", "Second shape of the dropout probability; a / (a + b) is its mean."),
    Term("s", "s", "", "Shape of dropout rates across customers (Pareto/NBD)."),
    Term(
        "beta",
        "beta",
        "periods",
        "Scale of dropout rates: s / beta a period on average. BG/BB: second shape of the chance to buy.",
    ),
    Term("gamma", "gamma", "", "First shape of the dropout probability before an opportunity (BG/BB)."),
    Term("delta", "delta", "", "Second shape of the dropout probability; gamma / (gamma + delta) is its mean (BG/BB)."),
    Term("p", "p", "", "Shape of spend within a customer (Gamma-Gamma)."),
    Term("q", "q", "", "Shape of mean spend across customers (Gamma-Gamma); must exceed 1 for a mean to exist."),
    Term("v", "v", "", "Scale of mean spend across customers (Gamma-Gamma)."),
    Term(
        "spend_mean",
        "",
        "money per purchase",
        "One mean spend for every customer, where a spend model cannot be fitted.",
    ),
    Term(
        "spend_customers", "", "count", "Customers whose spend the spend model was fitted on: repeat buyers who spent."
    ),
    Term(
        "frequency_spend_correlation",
        "",
        "-1 to 1",
        "Correlation of repeat purchases and mean spend. The spend model supposes none; far from 0 its values lean.",
    ),
    Term("log_likelihood", "LL", "", "Natural logarithm of the likelihood, summed over customers; higher fits better."),
    Term("aic", "AIC", "", "Akaike's criterion: 2 x parameters - 2 x log-likelihood; lower is better."),
    Term("bic", "BIC", "", "Schwarz's criterion: ln(customers) x parameters - 2 x log-likelihood; lower is better."),
    Term(
        "spend_log_likelihood",
        "LL",
        "",
        "Natural logarithm of the likelihood of the spend model, summed over customers.",
    ),
    Term("convergence", "", "", "How the fit ended, in words: converged, on a boundary, or not converged."),
    Term("expected_repeat_buyers", "", "count", "Customers whom the model expects to have bought again by now."),
    Term("actual_repeat_buyers", "", "count", "Customers who have bought again."),
    Term("converged", "", "TRUE or FALSE", "Whether the search for the best parameters came to its end."),
    Term("statement", "", "", "How the fit ended, in words."),
    Term(
        "chosen",
        "",
        "TRUE or FALSE",
        "The model that auto takes: of those that converged away from a bound, the one with the highest "
        "log-likelihood.",
    ),
    Term("ranking", "", "", "What the customers were ranked or forecast by: the model or a rule of thumb."),
    Term("note", "", "", "A sentence on what was done or found along the way."),
    Term(
        "split",
        "",
        "date",
        "Last day of the calibration window; later purchases are the holdout that tests the forecast.",
    ),
    Term("calibration", "", "", "The window a model is fitted on."),
    Term("holdout", "", "", "The window a model predicts, to be compared with what happened."),
    Term("window", "", "", "Calibration or holdout."),
    Term("period_start", "", "date", "First day of the period."),
    Term("period_end", "", "date", "Last day of the period."),
    Term("actual", "", "count", "What happened."),
    Term("expected", "", "count", "What the model expects."),
    Term("cumulative_actual", "", "count", "What happened so far."),
    Term("cumulative_expected", "", "count", "What the model expects so far."),
)
