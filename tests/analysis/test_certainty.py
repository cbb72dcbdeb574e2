"""P(focal) and what hangs on the cut: by hand, and against a simulated population whose true values are known."""

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis import scores
from pyfuncs.analysis.certainty import CUTS, certainty, cut, sizes_at_cuts
from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.intervals import certain_or_not, latent_worlds
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.segments import BREAK_EVEN, BUDGET, TOP_SHARE, meets_rule
from pyfuncs.errors import InputError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.pareto_nbd import ParetoNBD

WORLDS = [
    np.array(world, dtype=float) for world in ([5, 1, 0, 0, 0], [1, 5, 0, 0, 0], [6, 2, 1, 0, 0], [0, 0, 0, 0, 1])
]


def test_the_rule_is_applied_to_the_true_values_of_every_world():
    found = cut(WORLDS, 5, TOP_SHARE, 0.2)
    assert found.least.tolist() == [5, 5, 6, 1]
    assert found.met.tolist() == [0.5, 0.25, 0, 0, 0.25]
    assert cut(WORLDS, 5, BREAK_EVEN, 0.0, 2.0).least.tolist() == [5, 5, 2, np.inf]


def test_a_rule_that_cannot_be_applied_is_refused():
    with pytest.raises(InputError, match=r"20 % is 0\.2"):
        cut(WORLDS, 5, TOP_SHARE, 20.0)


def test_cuts_by_hand():
    """Ten customers; the one world has the best at the places 2 (worth 6) and 1 (4); all others are worth nothing."""
    found = cut([np.array([4.0, 6.0, *[0.0] * 8])], 10, TOP_SHARE, 0.2)
    at = {share: i for i, share in enumerate(CUTS)}
    assert sizes_at_cuts(10).tolist() == [1, 1, 2, 2, 3, 3, 4, 5]
    assert found.captured[at[0.1]] == pytest.approx(0.4)
    assert found.possible[at[0.1]] == pytest.approx(0.6)
    assert found.belonging[at[0.1]] == 0.0
    assert (found.captured[at[0.2]], found.possible[at[0.2]], found.belonging[at[0.2]]) == (1.0, 1.0, 1.0)
    # the third of three best is one of eight who tie at nothing; one of them was picked
    assert found.belonging[at[0.3]] == pytest.approx((2 + 1 / 8) / 3)


def test_a_world_in_which_nobody_is_worth_anything_counts_as_nothing_captured():
    assert cut([np.zeros(10)], 10, TOP_SHARE, 0.2).captured.tolist() == [0.0] * len(CUTS)


def test_a_large_base_is_cut_by_a_sample_of_it():
    """A hundred thousand customers of 500 histories: each history is as probable as in a base drawn one by one."""
    rng = np.random.default_rng(2)
    few = {
        "frequency": rng.integers(0, 12, 500).astype(float),
        "recency": np.zeros(500),
        "T": rng.integers(30, 90, 500).astype(float),
        "monetary_value": np.round(rng.gamma(4.0, 8.0, 500), 2),
    }
    few["recency"] = np.where(few["frequency"] > 0, np.round(few["T"] * rng.random(500)), 0.0)
    many = {name: np.tile(column, 200) for name, column in few.items()}
    fitted = Fitted(BGNBD(0.9, 8.0, 0.9, 4.0), GammaGamma(6.25, 3.74, 15.45))
    for rule in ((TOP_SHARE, 0.2, None), (BUDGET, 20_000.0, 1.0)):
        found = certainty(fitted, many, scores.value(fitted, many), *rule, draws=100)
        worlds = certain_or_not(fitted, many, 100, seed=1)
        truly = np.mean(
            [meets_rule(true, *rule) for true in latent_worlds(fitted, many, np.arange(100_000), worlds)], 0
        )
        assert found.p_focal.mean() == pytest.approx(0.2, abs=0.003)
        assert np.abs(found.p_focal[:500] - truly.reshape(200, 500).mean(axis=0)).max() < 0.2
        assert np.abs(found.p_focal[:500] - truly.reshape(200, 500).mean(axis=0)).mean() < 0.025
        assert found.customers.tolist()[3] == 20_000


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
    p_focal = certainty(fitted, customers, scores.value(fitted, customers), seed=5).p_focal
    truly = worth >= np.sort(worth)[-len(worth) // 5]
    order = np.argsort(p_focal, kind="stable")
    for part in np.array_split(order, 10):
        said, is_so = p_focal[part].mean(), truly[part].mean()
        error = np.sqrt(max(said * (1 - said), 0.002) / len(part))
        assert abs(said - is_so) < 4 * error + 0.01, (said, is_so)
    assert p_focal.mean() == pytest.approx(0.2, abs=0.005)
