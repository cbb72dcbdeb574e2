"""Every term once: what it is called, its symbol and unit, and what it means in plain words.

The names are the arguments of the worksheet functions, the headers they spill and the words of the workbook.  Meanings
stay within the 255 characters Excel allows for the help of an argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """One word of Focal.

    Attributes
    ----------
    name : as it stands in headers and arguments
    symbol : what the field's papers write; empty when they have no letter for it
    unit : in words; empty when it has none
    meaning : one or two plain sentences for a finance reader
    aliases : other headers under which a column of it is recognised
    """

    name: str
    symbol: str
    unit: str
    meaning: str
    aliases: tuple[str, ...] = ()


_HISTORIES: Final = (
    Term(
        "customers",
        "",
        "",
        "Table of customers as CLV_RFM spills it (customer_id, frequency, recency, T, monetary_value), or a log of "
        "transactions. With a header row the columns may stand in any order.",
    ),
    Term(
        "transactions",
        "",
        "",
        "Log of transactions, one row each: customer, date and, if known, amount. With a header row the columns may"
        " stand in any order; without one they are read in this order.",
    ),
    Term("customer_id", "", "", "Unique key of a customer, kept as text: Excel turns 007 into 7."),
    Term("date", "", "date", "Day of a purchase. All purchases of a customer on one day count as one."),
    Term("amount", "", "money", "Money paid on a row of the log; refunds are negative and net against the same day."),
    Term(
        "period",
        "",
        "day, week or month",
        "The unit of time of a fit: day, week or month; week if left out. A month is a twelfth of 365.25 days, "
        "never a calendar month.",
    ),
    Term(
        "observation_end",
        "",
        "date",
        "Last day on which customers were observed; later rows are set aside. Left out: the last date in the log, "
        "which is right only if the log is complete up to that day.",
    ),
    Term("frequency", "x", "count", "Repeat purchases: purchase days after the first. Purchases counts the first too."),
    Term(
        "recency",
        "t_x",
        "periods",
        "Time from the first to the last purchase; 0 when there is no repeat purchase. Not the time since the last "
        "purchase.",
    ),
    Term("T", "T", "periods", "Age of a customer: time from the first purchase to the observation end."),
    Term(
        "monetary_value",
        "m",
        "money per purchase",
        "Mean spend over the repeat purchases, the first not included; blank when there are none.",
    ),
    Term("first_purchase", "", "date", "Day of the first purchase.", ("first purchase", "first_purchase_date")),
    Term("last_purchase", "", "date", "Day of the last purchase up to the observation end."),
    Term("purchases", "", "count", "Purchase days, the first included."),
    Term("first_amount", "", "money", "Money paid on the day of the first purchase."),
    Term("total_amount", "", "money", "Money paid over all purchases, the first included."),
    Term(
        "time_since_last",
        "T - t_x",
        "periods",
        "Time from the last purchase to the observation end; marketing calls this recency.",
    ),
    Term("cohort", "", "period", "Customers by the period of their first purchase."),
    Term("product", "", "", "What was bought, where the log says so."),
    Term("channel", "", "", "Where the customer came from, where the log says so."),
)

_ACCOUNT: Final = (
    Term("reason", "", "", "Why rows were used or set aside."),
    Term("rows", "", "count", "Rows of the source in this bin. The bins add up to the rows read."),
    Term("first_row", "", "row number", "First row of the range that fell into this bin, its header counted."),
)

_MODELS: Final = (
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

_SCORES: Final = (
    Term(
        "horizon",
        "t",
        "years",
        "Length of the future window in years; 39 weeks are 39*7/365.25. Left out: one year for counts and "
        "probabilities, the whole remaining life for values.",
    ),
    Term(
        "p_alive",
        "P(alive)",
        "0 to 1",
        "Probability of still being a customer at the observation end. BG/NBD gives exactly 1 to those who bought "
        "once.",
        ("p(alive)", "probability alive"),
    ),
    Term("p_no_purchase", "", "0 to 1", "Probability of not a single purchase within the horizon."),
    Term(
        "expected_purchases",
        "CET",
        "count",
        "Purchases to be expected of a customer within the horizon, given the history.",
        ("expected transactions",),
    ),
    Term(
        "expected_spend",
        "E[M]",
        "money per purchase",
        "Spend per purchase to be expected of a customer: between the own mean and everybody's, nearer to the own "
        "the more was bought.",
        ("spend",),
    ),
    Term(
        "dert",
        "DERT",
        "purchases",
        "Purchases to be expected over the whole remaining life, discounted to the observation end. Within a "
        "horizon: dect.",
    ),
    Term(
        "dect", "DECT", "purchases", "Purchases to be expected within the horizon, discounted to the observation end."
    ),
    Term("discounted_purchases", "DET", "purchases", "Expected purchases discounted to today, over the horizon."),
    Term(
        "value",
        "",
        "money",
        "Value of a customer, forward only: margin x spend x discounted purchases, past spend never in it. Beside a "
        "term or a measure, its figure.",
    ),
    Term(
        "values",
        "",
        "money",
        "One column of values, one per customer, such as CLV_SCORE spills.",
        ("value", "residual_value", "lifetime_value", "clv", "rlv", "profit", "total_amount"),
    ),
    Term(
        "residual_value",
        "RLV",
        "money",
        "Value an existing customer still has: margin x spend x DERT. Past spend is never added.",
    ),
    Term(
        "lifetime_value",
        "CLV",
        "money",
        "Value of a new customer: first purchase and discounted future, before acquisition cost unless said otherwise.",
    ),
    Term(
        "annual_discount_rate",
        "d",
        "per year",
        "Effective yearly rate at which the future is discounted, as a fraction: 0.1 is 10 % a year; 0.1 if left out.",
    ),
    Term(
        "margin",
        "",
        "fraction",
        "Contribution per unit of spend, as a fraction: 0.3 is 30 %. Left out: 1, so that values are revenue.",
    ),
    Term("level", "", "0 to 1", "Share of outcomes the interval is meant to hold, as a fraction; 0.9 if left out."),
    Term(
        "layers",
        "",
        "",
        "Which uncertainty the interval holds: parameters, latent (traits of a customer), outcome, several "
        "separated by commas, or all; all if left out.",
    ),
    Term("share", "", "fraction", "Share of the whole."),
)

_FOCAL: Final = (
    Term(
        "segments",
        "",
        "",
        "One column of segment labels, as FOCAL_SEGMENT spills; for a profile or a likeness also of p_focal.",
        ("segment",),
    ),
    Term(
        "segment",
        "",
        "",
        "Focal: meets the rule. Borderline: may or may not, by chance. Core and Light: the rest, worth at least or "
        "less than their median.",
    ),
    Term(
        "rule",
        "",
        "",
        "Who is focal: top share (of customers), value share (fewest holding a share of value), budget, or break-"
        "even (worth the cost per customer). top share if left out.",
    ),
    Term(
        "threshold",
        "",
        "fraction, or money for a budget",
        "Share for the rules top share and value share (0.2 is 20 %), money to spend for the rule budget; 0.2 if "
        "left out. Not used by break-even.",
    ),
    Term(
        "cost_per_customer",
        "",
        "money",
        "Cost of treating one customer as focal; needed by the rules budget and break-even, and for the gate payoff.",
    ),
    Term(
        "p_focal",
        "",
        "0 to 1",
        "Probability of truly belonging to the focal segment, one per customer. From 0.2 to 0.8 a customer is "
        "Borderline.",
    ),
    Term(
        "attributes",
        "",
        "",
        "Wide table under a header row: one row per customer, one column per attribute (numbers, words, dates, or tags "
        "such as price; delivery). A column headed customer_id is not an attribute.",
    ),
    Term("attribute", "", "", "What is known of customers: the header of its column."),
    Term("focal", "", "as the attribute", "Among focal customers: the share with this level, or the mean."),
    Term("others", "", "as the attribute", "Among all other customers: the share with this level, or the mean."),
    Term(
        "lift",
        "",
        "ratio",
        "How many times as often, or as much, among focal customers as among all others; 1 is no difference.",
    ),
    Term(
        "difference",
        "",
        "as what is compared",
        "The first group less the second: focal customers less all others, those who added a product less those alike; "
        "of dates in days. Association, not cause.",
    ),
    Term(
        "p_value",
        "",
        "0 to 1",
        "Chance of a difference or a coefficient at least as far from none if there were none; blank where nothing was "
        "tested.",
    ),
    Term(
        "q_value",
        "",
        "0 to 1",
        "Share of false ones to expect among all differences with a q-value up to this one (Benjamini-Hochberg over "
        "everything tested). Call up to 0.1 a difference.",
    ),
    Term("focal_customers", "", "count", "Focal customers of whom the attribute is known."),
    Term(
        "prospects",
        "",
        "",
        "People to be scored: a wide table with the headers of the attributes. Left out: the customers themselves.",
    ),
    Term(
        "report",
        "",
        "TRUE or FALSE",
        "TRUE gives a report on all in place of a row for each: of a likeness its test on later customers, of "
        "adherence the summary. FALSE if left out.",
    ),
    Term(
        "likeness",
        "",
        "0 to 1",
        "Chance of being a focal customer by the attributes alone. It ranks; its report says whether to trust it.",
    ),
    Term(
        "earlier",
        "",
        "",
        "Customers of the earlier date under a header row: customer_id and segment; optional p_focal, value, p_alive, "
        "expected_spend. The Customers table of an earlier workbook fits.",
    ),
    Term(
        "later",
        "",
        "",
        "Customers of the later date, with the same columns as the earlier. Those who are not in it are Gone, those "
        "who are only in it are New.",
    ),
    Term("segment_earlier", "", "", "Segment at the earlier date; New for customers who were not there yet."),
    Term("segment_later", "", "", "Segment at the later date; Gone for customers who are no longer there."),
    Term(
        "confirmed",
        "",
        "customers",
        "Customers that a move into or out of Focal amounts to by P(focal): one who goes from .79 to .81 counts .02. "
        "Blank for other moves.",
    ),
    Term("share_of_customers", "", "fraction", "Customers of the segment or group over all customers."),
    Term("share_of_value", "", "fraction", "Value over the value of all customers; blank when that is not above 0."),
    Term("mean", "", "money", "Mean value of a customer."),
    Term("median", "", "money", "Value that half of the customers exceed."),
    Term("p10", "", "money", "Value that nine of ten customers exceed."),
    Term("p90", "", "money", "Value that one of ten customers exceeds."),
)

_HETEROGENEITY: Final = (
    Term(
        "gini",
        "",
        "0 to 1",
        "Concentration of value: 0 when all customers are equal, near 1 when one holds everything.",
    ),
    Term("measure", "", "", "What is measured."),
    Term("customers_share", "", "fraction", "Share of customers, ranked by value and counted from the first."),
    Term("value_share", "", "fraction", "Share of the total value that these customers hold together."),
    Term("decile", "", "1 to 10", "Tenth of the customers by value: 1 holds the best tenth, 10 the last."),
    Term("cumulative_share", "", "fraction", "Share of value held by this decile and all better ones."),
    Term("lowest", "", "money", "Least value in the decile."),
    Term("highest", "", "money", "Greatest value in the decile."),
    Term(
        "peak",
        "",
        "fraction",
        "Highest point of the whale curve: the profit that stood there but for unprofitable customers, over total "
        "profit.",
    ),
    Term("gate", "", "", "A condition for treating customers differently; heterogeneity and predictability decide."),
    Term("question", "", "", "What the gate asks."),
    Term("figure", "", "as the question", "What was found; blank where it cannot be computed, and the note says why."),
    Term("required", "", "as the figure", "What the figure must reach for the gate to be passed: its threshold."),
    Term(
        "thresholds",
        "",
        "",
        "Two columns, gate and threshold: heterogeneity 0.5, predictability 1.5, identified revenue 0.8, history 3, "
        "repeat buyers 100 if left out. That of the payoff is cost_per_customer.",
    ),
)

_ACQUISITION: Final = (
    Term(
        "by",
        "",
        "",
        "How customers are grouped: by channel (of the row of their first purchase) or by cohort (month, quarter or "
        "year of it); channel if left out. Without a header the fourth column is the channel.",
    ),
    Term(
        "cac",
        "CAC",
        "money",
        "Cost to acquire one customer: one amount, or where customers are grouped a table of two columns, the group "
        "and its cost.",
    ),
    Term("payback", "", "time", "Time until the cumulative margin of a customer covers the cost to acquire one."),
    Term(
        "value_before_cac",
        "",
        "money",
        "Mean value of a customer at acquisition, before CAC: margin x all purchases of the life, past and expected, "
        "discounted to the first. Partially pooled: that of few customers leans on all.",
    ),
    Term(
        "shrinkage",
        "",
        "0 to 1",
        "Weight of the mean of all groups in a partially pooled one: 0 is the group's own mean, 1 everybody's.",
    ),
    Term("value_after_cac", "", "money", "Value at acquisition less the cost to acquire."),
    Term(
        "verdict",
        "",
        "",
        "What the figures come to. Of a CAC: worth it where even the lower bound of value covers it, not worth it "
        "where even the upper does not, else cannot tell. Of a gate: pass, fail, not stated or cannot be computed.",
    ),
    Term("customers_per_year", "", "per year", "Customers acquired a year, over the time the log spans."),
    Term(
        "ceiling",
        "",
        "money",
        "The most to pay for a customer: the mean value before CAC that is exceeded with the probability level, 0.9 if "
        "left out.",
    ),
    Term("room", "", "money", "Ceiling less CAC: what more could be paid for a customer; below 0 too much is paid."),
    Term(
        "overpaid_per_year",
        "",
        "money per year",
        "What paying the ceiling of the average customer for each overpays on groups that are worth less than that.",
    ),
    Term(
        "missed_per_year",
        "",
        "money per year",
        "What could safely be paid more for customers of groups whose ceiling is above that of the average customer.",
    ),
    Term(
        "payback_months",
        "",
        "months",
        "First whole month by which the mean cumulative margin of an acquired customer, not discounted, covers the "
        "CAC; 0 where the first purchase does.",
    ),
    Term(
        "basis",
        "",
        "",
        "Actual: the payback has been seen. Expected: it lies on the model's curve beyond what has been seen.",
    ),
    Term("month", "", "months", "Months since the first purchase; a month is a twelfth of 365.25 days."),
    Term("old_enough", "", "count", "Customers acquired at least so many months ago."),
    Term("share_paid_back", "", "fraction", "Share of them whose cumulative margin had covered the CAC by that month."),
    Term("pooled_share", "", "fraction", "The same share, drawn to that of all groups where customers are few."),
    Term("rank_by_volume", "", "", "Rank by the number of customers brought; 1 brings the most."),
    Term(
        "value_brought",
        "",
        "money",
        "Sum of the customers' values at acquisition, before CAC: purchases of the whole life, past and expected.",
    ),
    Term("rank_by_value", "", "", "Rank by the value brought; 1 brings the most."),
    Term("change_of_rank", "", "places", "Places gained (or, below 0, lost) when value counts instead of volume."),
    Term("value_per_customer", "", "money", "Value brought over customers brought."),
    Term("focal_share", "", "fraction", "Share of the customers brought who are focal today: the top fifth by value."),
)

_BEYOND: Final = (
    Term(
        "covariates",
        "z",
        "",
        "What is known of each customer at the first purchase: a header row, then one row per customer in the order of "
        "the customers, or in any order with a column customer_id. Numbers, TRUE or FALSE, or categories.",
    ),
    Term("covariate", "", "", "An attribute of customers, or a level of it against the most frequent one."),
    Term("process", "", "", "What a covariate moves: purchase (how often), dropout (how soon), or both together."),
    Term(
        "coefficient",
        "",
        "logarithm",
        "Natural logarithm of what one more of the covariate multiplies the purchase or dropout rate by.",
    ),
    Term("z", "", "", "Coefficient over its standard error; beyond 2 up or down it is hardly chance."),
    Term("effect", "", "", "What the covariate does, in words: what it multiplies, and by how much."),
    Term(
        "lr_statistic",
        "",
        "",
        "Likelihood-ratio test: twice the log-likelihood lost when the model is fitted without this coefficient.",
    ),
    Term(
        "lr_p_value",
        "",
        "0 to 1",
        "Probability of losing this much if what is left out does nothing; the test to go by where p_value differs.",
    ),
)

_RELATIONSHIPS: Final = (
    Term(
        "factors",
        "",
        "",
        "What else is known of each customer by the split, such as usage or engagement: a header row, then one row per "
        "customer with a column customer_id. Numbers, TRUE or FALSE, or categories; nothing from after the split.",
    ),
    Term("factor", "", "", "What may tell more of the future than past purchases do: the header of its column."),
    Term("new_customers", "", "count", "Customers acquired after the split of whom the factor is known."),
    Term("log_likelihood_gain", "", "", "Natural-log likelihood the calibration gains by the factor; noise gains too."),
    Term("rmse_without", "", "purchases", "Root mean squared error of holdout purchases without the factor."),
    Term("rmse_with", "", "purchases", "Root mean squared error of holdout purchases with the factor."),
    Term(
        "predictive_gain",
        "",
        "per customer",
        "Mean gain by the factor in the logarithm of how likely the holdout's purchases were; below 0 it misleads.",
    ),
    Term(
        "decision",
        "",
        "",
        "What to do with the factor. keep: it improves the holdout beyond chance. drop: it does not.",
    ),
    Term(
        "fills",
        "",
        "",
        "Table of dispensed supplies, one row each: customer (patient), date, days of supply and, where there are "
        "several, the product (drug). Without a header row they are read in this order.",
    ),
    Term(
        "window_start",
        "",
        "date",
        "First day that counts; patients whose first fill is later begin with it. Left out: each patient's first fill.",
    ),
    Term("window_end", "", "date", "Last day that counts. Left out: the date of the last fill in the table."),
    Term(
        "adherence_threshold",
        "",
        "fraction",
        "Share of days covered from which one is adherent; 0.8 if left out.",
    ),
    Term("days", "", "days", "Days of the window."),
    Term("days_covered", "", "days", "Days of the window with supply, early refills carried forward."),
    Term("pdc", "PDC", "0 to 1", "Proportion of days covered: days with supply over days of the window."),
    Term("adherent", "", "TRUE or FALSE", "Whether the proportion of days covered reaches the threshold."),
    Term(
        "persistence",
        "",
        "days",
        "Days from the start of the window until supply is missing for more than 30 days in a row, or to its end.",
    ),
    Term("persistent", "", "TRUE or FALSE", "Whether no such gap came, so that the patient is still on the therapy."),
    Term(
        "outcome",
        "",
        "",
        "One column, one row per customer: what the effort was to raise. TRUE or FALSE (or 1 and 0) for yes and no, or "
        "numbers such as spend.",
    ),
    Term("treated", "", "TRUE or FALSE", "One column beside it: TRUE (or 1) for customers who got the effort."),
    Term(
        "randomised",
        "",
        "TRUE or FALSE",
        "TRUE if chance alone decided who was treated; FALSE if left out, and then the result says so.",
    ),
    Term("treated_customers", "", "count", "Customers who were treated."),
    Term("control_customers", "", "count", "Customers who were not treated."),
    Term("treated_outcome", "", "as the outcome", "Share, or mean, among those treated."),
    Term("control_outcome", "", "as the outcome", "Share, or mean, among those not treated."),
    Term("uplift", "", "as the outcome", "Outcome of the treated less that of those not treated."),
    Term("relative_uplift", "", "fraction", "Uplift over the outcome of those not treated."),
    Term(
        "incremental",
        "",
        "as the outcome",
        "Uplift x customers treated: what the effort brought in all, if nothing else sets the groups apart.",
    ),
    Term(
        "referrals",
        "",
        "",
        "Table of referrals, one row each: referrer, referred and, if known, date. Without a header row they are read "
        "in this order.",
    ),
    Term(
        "customer_values",
        "",
        "",
        "Two columns, customer_id and value: what each customer is worth today before acquisition cost, such as "
        "CLV_SCORE gives beside the customers.",
    ),
    Term(
        "would_have_joined",
        "",
        "fraction",
        "Share of those referred who would have joined anyway and only save the acquisition cost; 0.5 if left out.",
    ),
    Term("referred", "", "count", "People whom the customer referred, each counted once, for who came first."),
    Term(
        "referral_value",
        "CRV",
        "money",
        "Value brought by those whom the customer referred directly. It ranks; never add it to customer equity.",
    ),
    Term("rank_by_own_value", "", "", "Rank by the customer's own value; 1 is worth the most."),
    Term("rank_by_referral_value", "", "", "Rank by referral value; 1 brings the most."),
    Term(
        "group",
        "",
        "",
        "Above the medians: Champions (own and referral value), Affluents (own only), Advocates (referral only), "
        "Misers (neither).",
    ),
)

_PRODUCTS: Final = (
    Term(
        "product_margins",
        "",
        "",
        "Two columns, product and margin: the contribution per unit of spend of single products, below 0 for one sold "
        "at a loss. Products not listed have the one margin.",
    ),
    Term(
        "view",
        "",
        "",
        "What to show: matrix (what is bought next), second product (customers who added one against customers alike "
        "who did not) or each product (the same by the product added); matrix if left out.",
    ),
    Term(
        "margin_today",
        "",
        "money",
        "Mean margin of the first purchase day; below 0 where a product is sold at a loss to win customers.",
    ),
    Term(
        "value_over_life",
        "",
        "money",
        "Mean value of a customer on the day of acquisition, first purchase included, before acquisition cost; drawn "
        "to the mean of all where customers are few.",
    ),
    Term("share_focal", "", "fraction", "Share of these customers who are focal."),
    Term(
        "quadrant",
        "",
        "",
        "Against the average. feeder: less margin today, more value over life. star: more of both. cash: more today, "
        "less over life. drain: less of both. perhaps: the interval of the value holds the average.",
    ),
    Term("no_further_purchase", "", "fraction", "Share of purchases after which the customer bought no more so far."),
    Term("added", "", "", "Customers who had added a product by the split."),
    Term("alike", "", "", "Customers alike in purchases, their timing and the first product, who had added none."),
    Term("unmatched_difference", "", "as the value", "Difference before customers alike were chosen; it misleads."),
    Term(
        "standardised_before",
        "",
        "standard deviations",
        "Difference of the groups in a trait before matching, in standard deviations of the trait.",
    ),
    Term(
        "standardised_after",
        "",
        "standard deviations",
        "The same after matching; within 0.1 the groups count as alike.",
    ),
    Term("matched", "", "count", "Customers who had added the product and have somebody alike who had added none."),
    Term("bought_focal", "", "fraction", "Share of focal customers who bought the product."),
    Term("bought_rest", "", "fraction", "Share of the other customers who bought the product."),
    Term("purchases_focal", "", "count", "Purchases of the product per focal customer."),
    Term("purchases_rest", "", "count", "Purchases of the product per other customer."),
    Term("spend_focal", "", "fraction", "Share of all spend of focal customers that went to the product."),
    Term("spend_rest", "", "fraction", "Share of all spend of the other customers that went to the product."),
    Term("basket_focal", "", "fraction", "The product's share of a focal customer's own basket, on average."),
    Term("basket_rest", "", "fraction", "The product's share of another customer's own basket, on average."),
)

GROUPS: Final[Mapping[str, tuple[Term, ...]]] = MappingProxyType(
    {
        "Customers": _HISTORIES,
        "Rows": _ACCOUNT,
        "Models": _MODELS,
        "Scores": _SCORES,
        "Focal customers": _FOCAL,
        "Heterogeneity": _HETEROGENEITY,
        "Acquisition": _ACQUISITION,
        "Products": _PRODUCTS,
        "Beyond transactions": (*_BEYOND, *_RELATIONSHIPS),
    }
)
"""The terms in the order of the Help sheet."""

TERMS: Final[Mapping[str, Term]] = MappingProxyType({term.name: term for group in GROUPS.values() for term in group})
