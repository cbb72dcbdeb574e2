"""Words of what a model says of a customer."""

from typing import Final

from pyfuncs.vocabulary.term import Term

SCORES: Final = (
    Term(
        "horizon",
        "t",
        "years",
        "Length of the future window in years, for value at acquisition from the first purchase on; 39 weeks are "
        "39*7/365.25. Left out: one year for counts and probabilities, the whole life for values.",
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
