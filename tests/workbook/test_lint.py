"""The lint finds the faults it is there for; a net without holes is worth nothing if it catches nothing."""

import re
from pathlib import Path

import pytest

from tests.support.lint import lint
from tests.support.lint_formulas import formula_issues
from tests.support.rich_workbook import build, edit

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
TABLE, CHART = "xl/tables/table1.xml", "xl/charts/chart1.xml"
MOVE_ROWS = re.compile(r"(<sheetData>.*</sheetData>)(.*)</worksheet>", re.DOTALL)
OWN_FILTER = '<autoFilter ref="B5:G8"/>'

FAULTS = [
    ("cells out of order", SHEET, lambda t: t.replace('<c r="C7"', '<c r="H7"')),
    ("rows out of order", SHEET, lambda t: t.replace('<row r="7"', '<row r="6"')),
    ("not a number", SHEET, lambda t: t.replace("<v>11</v>", "<v>nan</v>")),
    ("style that is not there", SHEET, lambda t: re.sub(r'<c r="C7" s="\d+"', '<c r="C7" s="99"', t)),
    ("shared string that is not there", SHEET, lambda t: re.sub('t="s"><v>0</v>', 't="s"><v>9999</v>', t)),
    ("formula", SHEET, lambda t: t.replace("<f>SUM(", "<f>=SUM(")),
    ("elements out of order", SHEET, lambda t: MOVE_ROWS.sub(r"\2\1</worksheet>", t)),
    ("sqref overlaps itself", SHEET, lambda t: t.replace('sqref="B6:G8"', 'sqref="B6:G8 C7"')),
    ("sheet filter over a table", SHEET, lambda t: t.replace("</sheetData>", '</sheetData><autoFilter ref="A5:C8"/>')),
    ("unknown relationship id", SHEET, lambda t: t.replace('<tablePart r:id="rId', '<tablePart r:id="rId9')),
    ("table without rows", TABLE, lambda t: t.replace("B5:G8", "B5:G5")),
    ("table columns and area differ", TABLE, lambda t: t.replace("B5:G8", "B5:H8")),
    ("header cell differs from table column", TABLE, lambda t: t.replace('name="value"', 'name="worth"')),
    ("table header twice", TABLE, lambda t: t.replace('name="note"', 'name="VALUE"')),
    ("table filter and area differ", TABLE, lambda t: t.replace(OWN_FILTER, OWN_FILTER.replace("8", "9"))),
    ("formula", TABLE, lambda t: t.replace("Customers[[#This Row],[value]]", "[@value]")),
    ("defined name twice", BOOK, lambda t: t.replace('name="Block"', 'name="ANCHOR"')),
    ("defined name not allowed", BOOK, lambda t: t.replace('name="Block"', 'name="AB12"')),
    ("name of an absent sheet", BOOK, lambda t: t.replace(">Customers!$A$2<", ">Clients!$A$2<")),
    ("sheet name twice", BOOK, lambda t: t.replace('name="Dashboard"', 'name="CUSTOMERS"')),
    ("table named like a defined name", BOOK, lambda t: t.replace('name="Block"', 'name="customers"')),
    ("chart of an absent sheet", CHART, lambda t: t.replace("Customers!$C$6", "Clients!$C$6")),
    ("not XML", CHART, lambda t: t[:-9]),
    ("part without content type", "[Content_Types].xml", lambda t: re.sub('<Default[^>]*"png"[^>]*>', "", t)),
    ("content type of an absent part", "[Content_Types].xml", lambda t: t.replace("/xl/styles.xml", "/xl/style.xml")),
    ("relationship to an absent part", "xl/_rels/workbook.xml.rels", lambda t: t.replace("theme1", "theme9")),
    ("drawing id twice", "xl/drawings/drawing1.xml", lambda t: re.sub(r'(<xdr:cNvPr) id="\d+"', r'\1 id="2"', t)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "part", "change"), FAULTS, ids=[f"{i} {f[0]}" for i, f in enumerate(FAULTS)])
def test_a_fault_put_in_by_hand_is_found(tmp_path: Path, rule: str, part: str, change) -> None:
    path = build(tmp_path / "rich.xlsx")
    assert lint(path) == []
    assert rule in {finding.rule for finding in lint(edit(path, part, change))}


@pytest.mark.parametrize(
    ("formula", "issue"),
    [("SUM(A1;B1)", "semicolon"), ("SUM(A1", "parentheses"), ('"a', "quotes"), ("FILTER(A1:A3,B1:B3)", "_xlfn._xlws."),
     ("XLOOKUP(1,A:A,B:B)", "_xlfn."), ("[value]*2", "without its table"),
     ("_xlfn.LAMBDA(_xlpm.t,_xlpm.T,_xlpm.t+_xlpm.T)", "only in case"),
     ("_xlfn.LAMBDA(_xlpm.r,_xlpm.r)", "looks like")],
)  # fmt: skip
def test_a_formula_excel_refuses_is_found(formula: str, issue: str) -> None:
    assert [found for found in formula_issues(formula) if issue in found]


@pytest.mark.parametrize(
    "formula",
    ['IF(A1=";(",T[[#This Row],[a (b]]],{1;2})', "_xlfn._xlws.FILTER(A1:A3,B1:B3)", "'It''s (odd'!A1",
     "SUM(T[value])", "_xlfn.LET(_xlpm.total,1,_xlpm.total)", "SUMIFS(T[[#All],[a]],T[b],1)"],
)  # fmt: skip
def test_a_good_formula_is_left_alone(formula: str) -> None:
    assert formula_issues(formula) == []
