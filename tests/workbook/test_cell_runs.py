"""Columns written at once: the same cells as one by one, whatever stands in them."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pyfuncs.errors import InputError
from pyfuncs.workbook import cell_runs
from pyfuncs.workbook.cell_runs import TEXT, Plain, constants, formulas, join, plain, row_numbers, sliceable, utf8
from pyfuncs.workbook.cells import LONGEST_TEXT, Encoder, ErrorText
from pyfuncs.workbook.sheet_xml import text_of

ENCODER = Encoder("Sheet")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
AWKWARD = [
    "",
    " ",
    "a ",
    "\ta",
    "a\n",
    "\xa0a",
    "a\u3000",
    "<&>",
    "_x0041_",
    "x\x00y",
    "\x1f",
    "\ufffe",
    "😀",
    "é",
    "=1+1",
    "007",
]
NUMBERS = st.floats(allow_infinity=False)


def written(values, style=' s="2"'):
    """The cells of a column from row 5 on, written at once."""
    run = sliceable(values, date1904=False)
    rows = row_numbers(5, 4 + len(run))
    return join([*constants(ENCODER, "C", style, rows, run), pa.array([""] * len(run), TEXT)]).to_pylist()


def one_by_one(values, style=' s="2"'):
    return [ENCODER.cell(f"C{row}", style, value) for row, value in enumerate(values, 5)]


def spelt(cells):
    """Cells with their numbers spelt as Python does."""
    return [re.sub(r'(?<! t="[be]")><v>([^<]*)</v>', lambda m: f"><v>{float(m[1])!r}</v>", cell) for cell in cells]


@given(
    st.lists(st.none() | st.booleans() | st.integers(-(10**9), 10**9) | NUMBERS | TEXTS),
    st.sampled_from(["", ' s="2"']),
)
def test_a_mixed_column_is_the_same_as_its_cells(values, style):
    assert spelt(written(values, style)) == spelt(one_by_one(values, style))


@given(st.lists(st.none() | NUMBERS | TEXTS | st.sampled_from(AWKWARD), min_size=1), st.sampled_from(["", ' s="2"']))
def test_numbers_texts_and_blanks_are_the_same_as_their_cells(values, style):
    assert plain(values) is not None, "without a closer look"
    assert spelt(written(values, style)) == spelt(one_by_one(values, style))


@given(st.lists(NUMBERS, min_size=1), st.sampled_from(["", ' s="2"']))
def test_doubles_are_the_same_as_their_cells(values, style):
    assert spelt(written(np.array(values), style)) == spelt(one_by_one(values, style))


@given(st.lists(st.none() | TEXTS | st.sampled_from(AWKWARD), min_size=1), st.sampled_from(["", ' s="2"']))
def test_texts_are_the_same_as_their_cells(values, style):
    assert written(pd.Series(values, dtype="str"), style) == one_by_one(values, style)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_keep_every_digit(values):
    assert written(np.array(values, dtype=np.int64)) == one_by_one(values)


@given(st.lists(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(9999, 12, 31)), min_size=1), st.booleans())
def test_dates_are_the_same_as_their_cells(values, date1904):
    values = [value.replace(year=max(value.year, 1904 if date1904 else 0), microsecond=0) for value in values]
    encoder = Encoder("Sheet", date1904)
    run = sliceable(np.array(values, dtype="datetime64[s]"), date1904)
    cells = join(constants(encoder, "C", "", row_numbers(5, 4 + len(run)), run)).to_pylist()
    assert spelt(cells) == spelt(encoder.cell(f"C{row}", "", value) for row, value in enumerate(values, 5))


def test_doubles_of_every_size_read_back_bit_for_bit():
    bits = np.random.default_rng(1).integers(0, 2**64, 200_000, dtype=np.uint64)
    edges = [
        5e-324,
        2.2250738585072014e-308,
        1.7976931348623157e308,
        1e-7,
        1e-5,
        1e15,
        1e16,
        1e17,
        2.0**53 + 2,
        0.1 + 0.2,
    ]
    numbers = np.append(bits.view(np.float64), [*edges, *(-edge for edge in edges)])
    numbers = numbers[np.isfinite(numbers)]
    cells = written(numbers, "")
    back = np.array([float(cell[cell.index("<v>") + 3 : -8]) for cell in cells])
    assert (back.view(np.uint64) == numbers.view(np.uint64)).all()
    assert re.fullmatch(r"[-+0-9.e]+", "".join(cell[cell.index("<v>") + 3 : -8] for cell in cells)), (
        "as XML spells them"
    )


def test_minus_zero_is_zero():
    assert written(np.array([-0.0, 0.0]), "") == ['<c r="C5"><v>0</v></c>', '<c r="C6"><v>0</v></c>']


def test_every_character_there_is_survives_a_column():
    texts = [
        edge.format(chr(code))
        for code in [*range(0xD800), *range(0xE000, 0x11000), 0x1F600, 0x10FFFF]
        for edge in ("{}", "{}x", "x{}", "x{}x")
    ]
    cells = written(pd.Series(texts, dtype="str"), "")
    assert cells == one_by_one(texts, "")
    etree.fromstring("".join(["<row>", *cells, "</row>"]).encode())
    assert [text_of(cell) for cell in cells] == texts


def test_half_a_character_and_an_error_value_are_looked_at_closely():
    for odd in ("\ud800", ErrorText("#N/A")):
        values = ["a", odd, 1.5]
        assert plain(values) is None
        assert spelt(written(values)) == spelt(one_by_one(values))


@pytest.mark.parametrize("values", [np.array([1.0, np.inf]), [1.0, -np.inf], [1.0, "a", np.inf]])
def test_infinity_is_refused_where_it_stands(values):
    with pytest.raises(InputError, match=r"Sheet!C[67]: the value is infinite"):
        written(values)


def test_a_cell_holds_32767_characters_however_many_bytes_they_are():
    longest = "é" * LONGEST_TEXT
    assert text_of(written(pd.Series(["a", longest], dtype="str"))[1]) == longest
    with pytest.raises(InputError, match=r"Sheet!C6: text of 32,768 characters"):
        written(pd.Series(["a", longest + "é"], dtype="str"))


def test_a_column_without_anything_has_no_cells_without_a_style():
    for empty in (
        [None, None],
        np.full(2, np.nan),
        pd.Series([None, ""], dtype="str"),
        pd.Series([None, None], dtype="str"),
    ):
        assert written(empty, "") == ["", ""]
        assert written(empty) == ['<c r="C5" s="2"/>', '<c r="C6" s="2"/>']


@given(st.lists(NUMBERS, min_size=1))
def test_formulas_with_their_values_are_the_same_as_their_cells(values):
    rows = row_numbers(5, 4 + len(values))
    found = plain(np.array(values))
    cells = join(formulas("C", ' s="2"', rows, ["<f>A1&amp;B1</f>"], found)).to_pylist()
    alone = [ENCODER.formula_cell(f"C{n}", ' s="2"', "<f>A1&amp;B1</f>", value) for n, value in enumerate(values, 5)]
    assert spelt(cells) == spelt(alone)


def test_a_piece_of_many_texts_is_their_bytes():
    texts = pa.array(["a", "é", "", "b"], TEXT)
    assert bytes(utf8(texts)) == "aéb".encode()
    assert bytes(utf8(texts[1:3])) == "é".encode()


def test_cells_taken_apart_are_numbers_and_texts():
    numbers, texts = plain([1.5, "a", None, ""])
    assert np.array_equal(numbers, [1.5, np.nan, np.nan, np.nan], equal_nan=True)
    assert texts.to_pylist() == [None, "a", None, ""]
    assert plain([None, float("nan"), ""]) == Plain(None, None)
    assert plain([True]) is None
    assert plain([1]) is None
    assert cell_runs.plain_list(np.array([1.5])) == [1.5]
