"""The sheet Readiness: its native verdicts follow the figures and the thresholds on Settings."""

import pytest

from pyfuncs.analysis.ready_gates import QUESTIONS, REASONS, UNSOUND
from pyfuncs.hosts.command_line import main
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.sheets import readiness
from tests.conftest import SAMPLE
from tests.support.recalculation import checked

GATES = tuple(QUESTIONS)


def said(package):
    return package.read_name("ReadinessVerdict"), package.read_name("ReadinessReason")


def changed(package, path, **cells):
    """The workbook with settings typed over, or figures of gates, by name or by gate."""
    for name, value in cells.items():
        if name in GATES:
            package.write_block("Readiness", f"D{11 + GATES.index(name)}", [[value]])
        else:
            package.write_name(name, value)
    package.save(path)
    return path


def calculated(libreoffice, path):
    page = libreoffice.cells(path, texts=False)["Readiness"]
    return [page[f"F{row}"].value for row in range(11, 17)], page["C6"].value, page["B7"].value


def test_the_sample_is_worth_it_and_says_that_no_cost_is_stated(libreoffice, small):
    package = checked(libreoffice, small)
    rows = package.read_name("ReadinessGates")
    assert [row[0] for row in rows] == list(GATES)
    assert [row[4] for row in rows] == ["pass", "pass", "pass", "not stated", "pass", "pass"]
    assert said(package) == ("worth it", readiness._ALL_PASSED + readiness._NO_COST)
    assert "The simple rule recency does as well" in rows[1][5]


@pytest.mark.parametrize(
    ("cells", "verdicts", "verdict", "words"),
    [
        ({"ReadyTopShare": 1.01}, {0: "fail"}, "do not", [REASONS["heterogeneity"]]),
        ({"ReadyTimesRandom": 4.9}, {1: "fail"}, "do not", [REASONS["predictability"]]),
        ({"history": 1.0}, {4: "fail"}, "worth it for a few: narrow", [REASONS["history"]]),
        ({"FocalCost": 1e6}, {3: "fail"}, "worth it for a few: narrow", [REASONS["payoff"]]),
        ({"FocalCost": 0.5}, {3: "pass"}, "worth it", ["Every gate"]),
        ({"FitSound": "no"}, {5: "fail"}, "worth it for a few: narrow", [UNSOUND]),
        (
            {"ReadyGaps": 99, "ReadyRepeatBuyers": 500},
            {4: "fail", 5: "fail"},
            "do not",
            [REASONS["history"], REASONS["repeat buyers"]],
        ),
        ({"heterogeneity": None}, {0: "cannot be computed"}, "do not", ["heterogeneity cannot be computed"]),
    ],
)
def test_thresholds_and_figures_change_the_native_verdict_at_once(
    libreoffice, small, tmp_path, cells, verdicts, verdict, words
):
    path = changed(Package.open(small), tmp_path / "typed.xlsx", **cells)
    found, overall, reason = calculated(libreoffice, path)
    expected = ["pass", "pass", "pass", "not stated", "pass", "pass"]
    for place, word in verdicts.items():
        expected[place] = word
    assert (found, overall) == (expected, verdict)
    assert all(word in reason for word in words)


def test_missed_gates_come_out_alike_in_python_and_in_the_cells(libreoffice, tmp_path):
    path = tmp_path / "missed.xlsx"
    options = ["--focal-cost", "1e6", "--ready-gaps", "50", "--ready-top-share", "1", "--ready-repeat-buyers", "1000"]
    assert main(["refit", str(SAMPLE), "--output", str(path), *options, "--quiet"]) == 0
    package = checked(libreoffice, path)
    verdict, reason = said(package)
    assert verdict == "do not"
    assert REASONS["payoff"] in reason
    assert reason.startswith("Because ")


def test_who_cannot_be_compared_has_no_payoff(libreoffice, tmp_path):
    path = tmp_path / "nobody.xlsx"
    options = ["--focal-rule", "break-even", "--focal-cost", "1e9"]
    assert main(["refit", str(SAMPLE), "--output", str(path), *options, "--quiet"]) == 0
    rows = checked(libreoffice, path).read_name("ReadinessGates")
    assert rows[3][4] == "cannot be computed"
    assert "picks no customer" in rows[3][5]
