"""Words of what is known beyond transactions."""

from typing import Final

from pyfuncs.vocabulary.term import Term

BEYOND: Final = (
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

RELATIONSHIPS: Final = (
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
