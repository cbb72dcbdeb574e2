"""Formulas as text: compared, moved, searched for references."""

import pytest

from pyfuncs.workbook.formula_text import canonical, column_specifier, map_references, shift, split_reference


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("=SUM( A1 , B2 )", "sum(A1,B2)", True),
        ("'Settings'!A1*2", "Settings!A1 * 2", True),
        ("_xlfn.XLOOKUP(a,b,c)", "XLOOKUP(A,B,C)", True),
        ('IF(A1="a b",1)', 'IF(A1="ab",1)', False),
        ('IF(A1="A",1)', 'IF(A1="a",1)', False),
        ("T[[#This Row],[a b]]", "T[[#this row],[A B]]", True),
        ("T[a b]", "T[ab]", False),
        ("A1*2", "A1*3", False),
        ("'My Settings'!A1", "'MySettings'!A1", False),
    ],
)
def test_formulas_are_the_same_up_to_what_excel_changes_itself(one: str, other: str, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("A1+$A$1+A$1+$A1", "A3+$A$1+A$1+$A3"),
        ('SUM(B2:C3)&"A1"', 'SUM(B4:C5)&"A1"'),
        ("Other!A1+'It''s'!B2", "Other!A1+'It''s'!B2"),
        ("LOG10(A1)+clv_a1+TAX2024x", "LOG10(A3)+clv_a1+TAX2024x"),
        ("T[[#This Row],[A1]]*A1", "T[[#This Row],[A1]]*A3"),
        ("T[a'[A1]+A1", "T[a'[A1]+A3"),
        ("SUM(1:2)+SUM(A:B)", "SUM(3:4)+SUM(A:B)"),
        ("A1048576", "#REF!"),
        ("[1]Sheet1!A1+'[1]My Sheet'!A1", "[1]Sheet1!A1+'[1]My Sheet'!A1"),
        ("INDEX(A1:A9,1):B5", "INDEX(A3:A11,1):B7"),
    ],
)
def test_a_formula_moves_two_rows_down_as_copying_does(formula: str, moved: str) -> None:
    assert shift(formula, 2) == moved


def test_a_shared_formula_moves_in_both_directions_and_on_other_sheets() -> None:
    assert shift("A1+Other!$B2:C$3", 1, 2, other_sheets=True) == "C2+Other!$B3:E$3"
    assert shift("B2", -1, -1, other_sheets=True) == "A1"
    assert shift("A1", 0, -1, other_sheets=True) == "#REF!"


def test_references_are_told_with_their_sheet() -> None:
    seen = []
    map_references("'It''s'!$A$1:B2+C3*Data!D4", lambda sheet, ref: seen.append((sheet, ref)) or ref)
    assert seen == [("It's", "$A$1:B2"), (None, "C3"), ("Data", "D4")]


@pytest.mark.parametrize(
    ("text", "target"),
    [("Settings!$C$4", ("Settings", "C4")), ("'My ''own'''!$A$1:$B$2", ("My 'own'", "A1:B2")), ("42", None),
     ("A!$A$1,A!$B$1", None), ("_xlfn.LAMBDA(_xlpm.x,_xlpm.x)", None), ("#REF!", None),
     ("Kunden_ä!$A$1", ("Kunden_ä", "A1"))],
)  # fmt: skip
def test_a_name_of_one_area_is_split_into_sheet_and_reference(text: str, target: tuple[str, str] | None) -> None:
    assert split_reference(text) == target


def test_special_characters_of_a_header_are_escaped() -> None:
    assert column_specifier("cost [#] at 'x' @") == "[cost '['#'] at ''x'' '@]"
