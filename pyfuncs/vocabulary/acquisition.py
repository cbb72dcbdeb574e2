"""Words of value against the cost of customers."""

from typing import Final

from pyfuncs.vocabulary.term import Term

ACQUISITION: Final = (
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
