"""The benchmarks run and say what they must; how fast is not a matter for a test."""

import re
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from tests.benchmarks import map_fits
from tests.benchmarks.__main__ import SECTIONS, main
from tests.benchmarks.fits import FITTERS
from tests.benchmarks.measuring import Cost, Effort, Side, extra_memory, side_by_side
from tests.benchmarks.report import Report

TINY = ("--customers", "300", "--rows", "600", "--rounds", "1", "--seconds", "0", "--no-memory")
RATIO = re.compile(r"(.+): (\S+) x (.+?) \((?:\S+ to \S+, \d+ rounds|1 round)\)(?:, at (least|most) \S+)?(: NOT MET)?$")
LIKELIHOOD = re.compile(r"log-likelihood -\d+\.\d+ against -\d+\.\d+, relative \S+: not below lifetimes")
POSITIVE = re.compile(r"CPU \d+\.\d+ m?s against \d+\.\d+ m?s")


@pytest.fixture
def printed(capsys):
    def run(*sections):
        main([*sections, *TINY])
        return capsys.readouterr().out.splitlines()

    return run


def ratios(lines):
    """What each ratio line is about, and against whom; the ratio itself must be a positive number."""
    found = {}
    for line in lines[: lines.index("Not met")]:
        if match := RATIO.match(line):
            assert 0 < float(match[2]) < float("inf")
            found[match[1]] = match[3]
    assert found
    return found


def test_the_machine_versions_and_seed_come_first_then_histories_as_lifetimes_has_them(printed):
    lines = printed("histories")
    assert lines[0] == "Focal's benchmarks: histories"
    head = "\n".join(lines[:6])
    for told in ("machine: ", "cores", "commit: ", "Python 3.", "numpy 2.", "lifetimes 0.11.3", "seed 1", "minutes"):
        assert told in head
    assert [work.split(",")[1] for work in ratios(lines)] == [" text ids", " integer ids"] * 2
    apart = [float(match[1]) for line in lines if (match := re.search(r"at most (\S+) apart", line))]
    assert len(apart) == 4
    assert max(apart) < 1e-9


def test_fits_print_ratio_cpu_and_likelihood_of_every_model_and_base(printed):
    lines = printed("fits")
    bases = ("CDNOW", "300 customers, daily", "300 customers, weekly")
    expected = {f"fit {model}, {base}" for model in FITTERS for base in bases}
    expected |= {"fit Gamma-Gamma, CDNOW", "fit Gamma-Gamma, 300 customers, daily", "fit BG/BB, donations"}
    found = ratios(lines)
    assert expected <= set(found)
    assert set(found.values()) == {"lifetimes"}
    for work in expected:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{work}: "))
        assert POSITIVE.search(lines[at + 1])
        assert LIKELIHOOD.search(lines[at + 2])
    floor = next(line for line in lines if line.startswith("fit BG/NBD, CDNOW: "))
    assert ", at least 14" in floor
    fails = "fit BG/BB, 300 customers, 52 periods: lifetimes fails (ConvergenceError"
    at = next(i for i, line in enumerate(lines) if line.startswith(fails))
    assert lines[at + 1].startswith("    Focal: Converged: BG/BB on 300 customers")


def test_scores_print_every_model_and_how_far_apart(printed):
    lines = printed("scores")
    figures = ("P(alive)", "expected purchases", "value")
    assert set(ratios(lines)) == {f"{score} {model}, 300 customers, daily" for score in figures for model in FITTERS}
    assert sum("a customer's at most" in line for line in lines) == 9


def test_a_sheet_is_scored_by_both_models_to_about_the_same_value(printed):
    lines = printed("sheet")
    assert [work.split(",")[0] for work in ratios(lines)] == [
        f"sheet to scored customers by {model}" for model in ("BG/NBD", "Pareto/NBD")
    ]
    sums = [re.search(r"sum of values (\S+) against (\S+)", line) for line in lines]
    for ours, theirs in (match.groups() for match in sums if match):
        assert float(ours.replace(",", "")) == pytest.approx(float(theirs.replace(",", "")), rel=0.25)


def test_the_refit_is_compared_with_the_script_and_says_what_is_not_installed(printed, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    lines = printed("refit")
    assert list(ratios(lines).values()) == ["the script"]
    assert any(line.startswith("rustpy-xlsxwriter is not installed") for line in lines)


def test_start_and_growth(printed):
    lines = printed("start", "growth")
    assert ratios(lines) == {"first formula": "import lifetimes"}
    for step in ("transactions to histories", "fit Pareto/NBD", "fit Gamma-Gamma", "value BG/NBD"):
        assert any(re.match(rf"{re.escape(step)}: 300: \d+\.\d ms", line) for line in lines)


def test_without_pymc_marketing_its_section_says_so_in_one_line(printed, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymc_marketing", None)
    lines = printed("map")
    assert [line for line in lines if "is not installed" in line and "pip install" in line] == [
        "pymc-marketing is not installed: python -m pip install -e '.[benchmark]'"
    ]


class OtherModel:
    """As a model of pymc-marketing is used: fitted by MAP, parameters in the posterior; here those of the paper."""

    def __init__(self, **parameters):
        posterior = {name: SimpleNamespace(values=np.array([[value]])) for name, value in parameters.items()}
        self.idata = SimpleNamespace(posterior=posterior)

    def fit(self, data, method, progressbar):
        assert list(data) == ["customer_id", "frequency", "recency", "T"]
        assert method == "map"


def test_map_fits_are_compared_model_by_model(capsys, monkeypatch):
    clv = SimpleNamespace(
        BetaGeoModel=partial(OtherModel, r=0.2426, alpha=4.414, a=0.793, b=2.426),
        ModifiedBetaGeoModel=partial(OtherModel, r=0.525, alpha=6.183, a=0.891, b=1.614),
        ParetoNBDModel=partial(OtherModel, r=0.553, alpha=10.58, s=0.606, beta=11.67),
    )
    monkeypatch.setattr(map_fits, "import_clv", lambda: clv)
    map_fits.run(Report(), Effort(rounds=1, seconds=0, memory=False), [])
    out = capsys.readouterr().out
    for model in FITTERS:
        assert re.search(rf"fit by MAP {model}, CDNOW: \S+ x pymc-marketing", out)
    assert out.count("not below pymc-marketing") == len(FITTERS)


def test_sides_take_turns_and_the_first_round_warms_up():
    turns = []
    sides = [Side(name, partial(partial, turns.append, name)) for name in "AB"]
    costs = side_by_side(sides, Effort(rounds=2, seconds=60, memory=False))
    assert "".join(turns) == "ABABAB"
    assert [(cost.name, len(cost.rounds), cost.failure) for cost in costs] == [("A", 2, None), ("B", 2, None)]


def test_a_side_that_fails_is_reported_and_not_run_again(capsys):
    sides = [Side("Focal", partial(partial, float, "2")), Side("other", partial(partial, float, "two"))]
    ours, theirs = side_by_side(sides, Effort(rounds=3, seconds=60, memory=False))
    assert (ours.result, len(theirs.rounds)) == (2.0, 1)
    Report().compare("work", ours, theirs)
    said = "work: other fails (ValueError: could not convert string to float: 'two'); Focal needs"
    assert said in capsys.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
def test_memory_is_the_peak_above_the_start_in_a_fresh_process():
    side = Side("ones", partial(partial, np.ones, 6_000_000))
    assert extra_memory(side) == pytest.approx(48e6, rel=0.1)


def test_what_is_not_met_is_said_again_at_the_end(capsys):
    report = Report()
    fast, slow = (Cost(name, (seconds,), None, None, None) for name, seconds in (("Focal", 1.0), ("other", 3.0)))
    report.compare("half", fast, slow, at_least=2)
    report.compare("tenth", fast, slow, at_least=10)
    report.multiple("thrice", slow, fast, at_most=2)
    report.likelihood("fit", -101.0, -100.0, "other")
    report.close()
    assert report.missed == [
        "tenth: 3 x other (1 round), at least 10: NOT MET",
        "thrice: 3 x Focal (1 round), at most 2: NOT MET",
        "fit: log-likelihood -101.0 is below -100.0 of other",
    ]
    assert capsys.readouterr().out.splitlines()[-3:] == report.missed


def test_every_section_is_tested_here():
    assert set(SECTIONS) == {"start", "fits", "map", "scores", "histories", "sheet", "refit", "growth", "calls"}
