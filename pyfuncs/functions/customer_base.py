"""Value of the customer base: who brings it."""

from __future__ import annotations

from pyfuncs.analysis import scorecard as scorecards
from pyfuncs.analysis import segments
from pyfuncs.analysis.acquisition import CHANNEL
from pyfuncs.functions import examples
from pyfuncs.functions.acquisition import studied
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Grid, spill
from pyfuncs.functions.focal import DEFAULT_SHARE
from pyfuncs.functions.kinds import Costs, Date, Fraction, GroupedBy, Horizon, Model, Rate
from pyfuncs.functions.tables import Transactions


@excel_function(
    "SCORECARD",
    family="Value of the customer base",
    example=Example(
        (examples.ACQUIRED, "channel", 20, examples.WITH_SPEND, 0.1, 0.3),
        [
            [
                *("channel", "customers", "share_of_customers", "rank_by_volume", "value_brought", "share_of_value"),
                *("rank_by_value", "change_of_rank", "value_per_customer", "focal_share", "value_after_cac"),
            ],
            ["others (under 10 customers)", 6, 1.0, None, 450.28, 1.0, None, None, 75.05, 0.1667, 330.28],
        ],
        tolerance=0.01,
        rows=2,
    ),
)
def scorecard(
    transactions: Transactions,
    by: GroupedBy = CHANNEL,
    cac: Costs | None = None,
    model: Model | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    observation_end: Date | None = None,
    horizon: Horizon | None = None,
) -> Grid:
    """Channels or teams ranked by the value of the customers they brought, against the number they brought.

    Value is that at acquisition, before CAC, over the whole life or the first years of it (horizon).  Put the team that
    won the customer into the column channel to rank teams.  Those who brought fewer than 10 customers are one row
    without a rank; the last row is all.
    """
    found = studied(transactions, by, model, annual_discount_rate, margin, observation_end, horizon)
    focal = segments.meets_rule(found.residual, segments.TOP_SHARE, DEFAULT_SHARE, None)
    return spill(scorecards.scorecard(found.customers, found.groups, focal, cac), header=transactions.header)
