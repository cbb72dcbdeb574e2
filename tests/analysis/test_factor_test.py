"""A factor is kept only if the holdout says so: planted ones are, noise hardly ever is."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.factor_test import COLUMNS, DROP, KEEP, Holdout, factor_test, read_holdout
from pyfuncs.analysis.log import read_log
from pyfuncs.errors import InputError
from pyfuncs.models.covariates import fit_with_covariates
from tests.models.populations import BASES


def holdout(rng, name, factor, faster=0.0, shorter=0.0, n=400, new=0, T=40.0, t=30.0):
    """Customers of the model whose processes the factor moves, seen until T and until T + t; the `new` last for t."""
    base = BASES[name]
    rates = rng.gamma(base.r, size=n) / base.alpha * np.exp(factor * faster)
    if name == "BG/NBD":
        chances, ends = rng.beta(base.a, base.b * np.exp(-factor * shorter)), np.full(n, np.inf)
    else:
        chances = np.zeros(n)
        ends = rng.exponential(base.beta / rng.gamma(base.s, size=n) * np.exp(-factor * shorter))
    histories = [], []
    for i, (rate, chance, end) in enumerate(zip(rates, chances, ends, strict=True)):
        times, at = [], rng.exponential(1 / rate)
        whole = T + t if i < n - new else t
        while at <= min(end, whole):
            times.append(at)
            at = np.inf if rng.random() < chance else at + rng.exponential(1 / rate)
        for until, into in zip((T, whole), histories, strict=True):
            seen = [each for each in times if each <= until]
            into.append((len(seen), seen[-1] if seen else 0.0, until))
    before, after = (tuple(np.array(each, dtype=float).T) for each in histories)
    return Holdout(np.arange(n).astype(str).astype(object), tuple(each[: n - new] for each in before), after)


@pytest.mark.parametrize("name", BASES)
def test_a_planted_factor_is_kept_and_noise_beside_it_is_not(name):
    rng = np.random.default_rng(7)
    factor = rng.normal(size=1500)
    found = factor_test(
        holdout(rng, name, factor, 0.6, -0.3, n=1500, new=500), {"use": factor, "noise": rng.normal(size=1500)}, name
    )
    rows = found.rows.set_index("factor")
    assert tuple(found.rows) == COLUMNS
    assert rows["decision"].to_dict() == {"use": KEEP, "noise": DROP}
    assert found.kept == ["use"]
    assert rows.loc["use", "rmse_with"] < rows.loc["use", "rmse_without"]
    assert rows.loc["use", "lr_p_value"] < 1e-6
    assert "2 tested one by one" in found.statement


@pytest.mark.parametrize("name", BASES)
def test_of_noise_hardly_any_is_kept(name):
    rng = np.random.default_rng(11)
    kept = tested = 0
    for new in (0, 60):
        seen = holdout(rng, name, np.zeros(200), n=200, new=new)
        found = factor_test(seen, {str(i): rng.normal(size=200) for i in range(10)}, name)
        kept, tested = kept + len(found.kept), tested + len(found.rows)
    assert tested == 20
    assert kept <= 3  # at 5 % more come one time in sixty


def test_the_gain_is_the_difference_of_log_predictive_densities():
    rng = np.random.default_rng(5)
    factor = (rng.random(300) < 0.5).astype(float)
    seen = holdout(rng, "BG/NBD", factor, 0.5, n=300, new=50)
    row = factor_test(seen, {"use": factor}, "BG/NBD").rows.iloc[0]
    fit = fit_with_covariates("BG/NBD", *seen.before, factor[:250, None], ["use"])
    gains = np.zeros(300)
    for value in (0.0, 1.0):
        model = fit.model.at(np.array([value]))
        for history, sign in ((seen.after, 1.0), (seen.before, -1.0)):
            here = np.flatnonzero(factor[: len(history[0])] == value)
            cut = [each[here] for each in history]
            gains[here] += sign * (model.log_likelihood(*cut) - fit.without.model.log_likelihood(*cut))
    assert row["predictive_gain"] == pytest.approx(gains.mean())
    assert row["lower"] == pytest.approx(gains.mean() - 1.65 * gains.std() / 300**0.5, abs=1e-4)
    assert row[["customers", "new_customers"]].tolist() == [250, 50]
    assert row["log_likelihood_gain"] == pytest.approx(fit.overall.statistic / 2)


def test_a_factor_that_cannot_be_fitted_is_dropped_and_says_why():
    rng = np.random.default_rng(5)
    seen = holdout(rng, "BG/NBD", np.zeros(200), n=200)
    rows = factor_test(seen, {"same": np.ones(200), "shop": ["a", "b"] * 100}, "BG/NBD").rows
    assert rows["decision"].tolist()[0] == DROP
    assert "for every customer" in rows["note"].iloc[0]
    assert pd.isna(rows["note"].iloc[1])
    late = np.array(["a", "b"] * 80 + ["c", "a"] * 20)
    assert (
        factor_test(holdout(rng, "BG/NBD", np.zeros(200), n=200, new=40), {"shop": late}).rows["new_customers"][0] == 20
    )
    with pytest.raises(InputError, match="takes no factors"):
        factor_test(seen, {"use": rng.normal(size=200)}, "MBG/NBD")


def test_customers_are_those_seen_until_the_split_with_what_came_after():
    log = read_log(
        pd.DataFrame(
            [("b", "2024-01-01"), ("b", "2024-01-15"), ("b", "2024-02-19"), ("a", "2024-01-08"), ("c", "2024-02-05")],
            columns=["customer", "date"],
        ),
        observation_end=dt.date(2024, 2, 26),
    )
    seen = read_holdout(log, dt.date(2024, 1, 29))
    assert seen.customers.tolist() == ["a", "b", "c"]
    assert [each.tolist() for each in seen.before] == [[0, 1], [0, 2], [3, 4]]
    assert [each.tolist() for each in seen.after] == [[0, 2, 0], [0, 7, 0], [7, 8, 3]]
    assert read_holdout(log, None).before[2].tolist() == pytest.approx([3, 4])
    with pytest.raises(InputError, match="split: 2024-02-26 is not before"):
        read_holdout(log, dt.date(2024, 2, 26))
