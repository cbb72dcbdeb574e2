"""Words of focal customers, and of how unequal customers are."""

from typing import Final

from pyfuncs.vocabulary.term import Term

FOCAL: Final = (
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

HETEROGENEITY: Final = (
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
