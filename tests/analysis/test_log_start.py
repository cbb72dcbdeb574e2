"""A log that begins in the midst of its customers' histories is told from one that begins with them."""

import numpy as np
import pytest

from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.log_start import had_bought_before
from pyfuncs.sources.demo import DEMOS


def cut_out(rng, weeks_between, days=730, n=3000):
    """First purchases within a log: of customers who have long been buying, each at their own pace, and of new ones."""
    rate = rng.gamma(1.0, 1 / (7 * weeks_between), n)
    old = rng.exponential(1 / rate)
    return np.floor(np.r_[old[old < days], rng.uniform(0, days, n // 5)])


@pytest.mark.parametrize("weeks_between", [4, 8, 16])
def test_a_log_cut_out_of_longer_histories_is_seen(weeks_between):
    first = cut_out(np.random.default_rng(1), weeks_between)
    share = had_bought_before(first)
    assert share == pytest.approx((first < first.min() + 28).mean())
    assert share > 0.15


@pytest.mark.parametrize(
    "first",
    [
        np.random.default_rng(1).integers(0, 1460, 3000),  # new ones all the time
        1460 * np.sqrt(np.random.default_rng(1).random(3000)),  # more and more
        np.random.default_rng(1).exponential(260, 3000),  # fewer and fewer: half as many after half a year
        np.random.default_rng(1).integers(0, 20, 3000),  # one campaign
        np.r_[np.random.default_rng(1).integers(0, 84, 3000), [85, 86]],  # one quarter, then followed
        np.r_[np.zeros(25), np.arange(0, 700, 7)],  # too few to say
        [],
    ],
    ids="steady growing declining campaign quarter few none".split(),
)
def test_a_log_that_begins_with_its_customers_is_not(first):
    assert had_bought_before(np.floor(np.asarray(first, dtype=np.float64))) == 0.0


def test_the_cohort_of_cdnow_is_new():
    log = read_log(DEMOS["cdnow"]().log.frame)
    days = histories(log)["first_purchase"].to_numpy().astype("datetime64[D]").astype(np.float64)
    assert np.ptp(days) == 83  # twelve weeks
    assert had_bought_before(days) == 0.0
