"""Workbooks of unlike logs and settings: native formulas agree with Python in each, and nothing shows an error."""

from pathlib import Path

import pytest

from pyfuncs.hosts.command_line import main
from tests.conftest import SAMPLE
from tests.support.recalculation import checked
from tests.support.validator import validate

VARIANTS = {
    "Pareto/NBD, monthly": ["--model", "Pareto/NBD", "--period", "month"],
    "BG/NBD, daily, mean spend": ["--model", "BG/NBD", "--period", "day", "--spend-model", "mean"],
    "no discount, three years": [
        "--annual-discount-rate",
        "0",
        "--value-horizon",
        "3",
        "--margin",
        "0.3",
        "--cac",
        "12",
    ],
    "budget, long horizon": [
        "--focal-rule",
        "budget",
        "--focal-threshold",
        "900",
        "--focal-cost",
        "10",
        "--horizon",
        "5",
    ],
    "break-even for nobody": ["--focal-rule", "break-even", "--focal-cost", "1e9"],
}


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())
def test_settings_of_every_kind_give_a_sound_workbook(libreoffice, in_folder, options):
    assert main(["refit", str(SAMPLE), *options, "--quiet"]) == 0
    path = Path("Focal sample_transactions.xlsx")
    checked(libreoffice, path)
    assert validate(path) == []


def test_a_log_without_amounts_gives_a_sound_workbook(libreoffice, in_folder):
    rows = SAMPLE.read_text(encoding="utf-8").splitlines()
    Path("visits.csv").write_text("\n".join(",".join(row.split(",")[:2]) for row in rows), encoding="utf-8")
    assert main(["refit", "visits.csv", "--quiet"]) == 0
    package = checked(libreoffice, Path("Focal visits.xlsx"))
    assert "no amounts" in " ".join(str(package.read_name(f"Note{row}")) for row in range(1, 13))


def test_a_log_without_visible_churn_says_so_and_gives_a_sound_workbook(libreoffice, in_folder, capsys):
    days = [
        f"c{n},2024-{1 + (n + 3 * k) % 12:02d}-{1 + (7 * n + k) % 28:02d},{10 + n % 7}"
        for n in range(60)
        for k in range(8)
    ]
    Path("steady.csv").write_text("customer,date,amount\n" + "\n".join(days), encoding="utf-8")
    assert main(["refit", "steady.csv", "--value-horizon", "2", "--quiet"]) == 0
    package = checked(libreoffice, Path("Focal steady.xlsx"))
    facts = [row[0] for row in package.read_name("ModelFacts")]
    assert facts[9]
    assert "Hardly any customer has visibly left" in " ".join(
        str(package.read_name(f"Note{row}")) for row in range(1, 4)
    )
    verdicts = [row[5] for row in package.read_name("CheckList")]
    assert "FAIL" not in verdicts


def test_few_customers_give_a_sound_workbook(libreoffice, in_folder):
    days = [
        f"c{n},2024-{1 + (n * k) % 12:02d}-{1 + (5 * n + k) % 28:02d},{10 + n}"
        for n in range(9)
        for k in range(1 + n % 4)
    ]
    Path("few.csv").write_text("customer,date,amount\n" + "\n".join(days), encoding="utf-8")
    assert main(["refit", "few.csv", "--quiet"]) == 0
    checked(libreoffice, Path("Focal few.xlsx"))


def test_a_log_too_short_for_a_holdout_says_so(libreoffice, in_folder, capsys):
    days = [f"c{n},2024-01-{1 + (n + 2 * k) % 9:02d},{10 + n}" for n in range(30) for k in range(1 + n % 4)]
    first = "c0,2024-01-01,5\n"
    Path("short.csv").write_text("customer,date,amount\n" + first + "\n".join(days), encoding="utf-8")
    status = main(["refit", "short.csv", "--quiet"])
    out, err = capsys.readouterr()
    assert status == 0, err
    package = checked(libreoffice, Path("Focal short.xlsx"))
    assert str(package.read_name("ValidationSays")) in " ".join(out.split())


def test_a_log_longer_than_a_sheet_stays_in_its_file(libreoffice, in_folder, monkeypatch):
    monkeypatch.setattr("pyfuncs.hosts.headless.LONGEST_LOG", 500)
    assert main(["refit", str(SAMPLE), "--quiet"]) == 0
    package = checked(libreoffice, Path("Focal sample_transactions.xlsx"))
    assert package.read_name("LogHere") == "no"
    assert [row for row in package.read_table("tblTransactions") if row[0]] == []
    assert package.read_name("RowsRead") > 500
