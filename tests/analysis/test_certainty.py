"""P(focal) and what hangs on the cut: by hand, and against a simulated population whose true values are known."""

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.certainty import CUTS, certainty, focal_probability
from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.intervals import latent_worlds
from pyfuncs.analysis.segments import BREAK_EVEN, TOP_SHARE
from pyfuncs.errors import InputError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.pareto_nbd import ParetoNBD

WORLDS = [
    np.array(world, dtype=float) for world in ([5, 1, 0, 0, 0], [1, 5, 0, 0, 0], [6, 2, 1, 0, 0], [7, 0, 0, 0, 1])
]


def test_the_probability_of_being_focal_is_the_share_of_worlds_that_meet_the_rule():
    assert list(focal_probability(WORLDS)) == [0.75, 0.25, 0, 0, 0]
    assert list(focal_probability(WORLDS, BREAK_EVEN, cost_per_customer=1.0)) == [1.0, 0.75, 0.25, 0, 0.25]
    found = certainty(WORLDS, [5, 2, 1, 0.5, 0.1])
    assert found.p_focal.tolist() == [0.75, 0.25, 0, 0, 0]


def test_a_rule_that_cannot_be_applied_is_refused():
    with pytest.raises(InputError, match=r"20 % is 0\.2"):
        focal_probability(WORLDS, TOP_SHARE, 20.0)


def test_cuts_by_hand():
    """Ten customers; expected order a..j. In the one world the best are b (6), a (4); all others are worth nothing."""
    true = np.array([4.0, 6.0, *[0.0] * 8])
    found = certainty([true], np.arange(10.0, 0.0, -1.0))
    at = {cut: i for i, cut in enumerate(CUTS)}
    assert found.customers.tolist() == [1, 1, 2, 2, 3, 3, 4, 5]
    assert found.captured[at[0.1]] == pytest.approx(0.4)
    assert found.possible[at[0.1]] == pytest.approx(0.6)
    assert found.belonging[at[0.1]] == 0.0
    assert (found.captured[at[0.2]], found.possible[at[0.2]], found.belonging[at[0.2]]) == (1.0, 1.0, 1.0)
    # the third of three best is one of eight who tie at nothing; one of them was picked
    assert found.belonging[at[0.3]] == pytest.approx((2 + 1 / 8) / 3)


def test_a_world_in_which_nobody_is_worth_anything_counts_as_nothing_captured():
    found = certainty([np.zeros(10)], np.arange(10.0))
    assert found.captured.tolist() == [0.0] * len(CUTS)


def population(model, seed, n=8000):
    """Histories drawn from the model and the traits behind them: customers, and their true expected value."""
    rng = np.random.default_rng(seed)
    T = rng.uniform(26, 104, n)
    spend = GammaGamma(p=6.25, q=3.74, v=15.45)
    nu = rng.gamma(spend.q, 1 / spend.v, n)
    rate = rng.gamma(model.r, 1 / model.alpha, n)
    if isinstance(model, ParetoNBD):
        dropout = rng.gamma(model.s, 1 / model.beta, n)
        life = rng.exponential(1 / dropout)
    else:
        p = rng.beta(model.a, model.b, n)
        dropout = rate * p
        life = np.where(p > 0, rng.exponential(1 / np.maximum(dropout, 1e-300)), np.inf)
    lived = np.minimum(life, T)
    silent = isinstance(model, ParetoNBD)
    # until dropout a BG/NBD customer buys at rate - dropout beside the purchase that ends it
    count = rng.poisson((rate if silent else rate - dropout) * lived)
    last = np.zeros(n)
    for i in np.flatnonzero(count):
        last[i] = rng.uniform(0, lived[i], count[i]).max()
    if not silent:
        ended = life <= T
        count, last = count + ended, np.where(ended, life, last)
    mean = np.full(n, np.nan)
    bought = count > 0
    mean[bought] = rng.gamma(spend.p * count[bought]) / (nu[bought] * count[bought])
    customers = {"frequency": count.astype(float), "recency": last, "T": T, "monetary_value": mean}
    alive = life > T
    delta = np.log(1.1) / (365.25 / 7)
    worth = np.where(alive, rate / (dropout + delta), 0.0) * spend.p / nu
    return customers, worth


@pytest.mark.parametrize(
    "model",
    [BGNBD(r=0.9, alpha=8.0, a=0.9, b=4.0), ParetoNBD(r=0.8, alpha=9.0, s=0.7, beta=30.0)],
    ids=lambda m: m.name,
)
def test_the_probability_of_being_focal_is_calibrated_by_decile(model):
    """Of those said to be focal with probability p, a share p truly is: the model fitted, the truth simulated."""
    customers, worth = population(model, seed=3)
    fitted = fit(pd.DataFrame(customers), model.name, "Gamma-Gamma")
    p_focal = focal_probability(latent_worlds(fitted, customers, draws=200, seed=5))
    truly = worth >= np.sort(worth)[-len(worth) // 5]
    order = np.argsort(p_focal, kind="stable")
    for part in np.array_split(order, 10):
        said, is_so = p_focal[part].mean(), truly[part].mean()
        error = np.sqrt(max(said * (1 - said), 0.002) / len(part))
        assert abs(said - is_so) < 4 * error + 0.01, (said, is_so)
    assert p_focal.mean() == pytest.approx(0.2, abs=0.005)
