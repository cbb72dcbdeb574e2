import datetime as dt

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyfuncs.analysis.texts import BLANK_WORDS, Found, cell_texts, number_text, text_order


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12346.0, "12346"),
        (12346, "12346"),
        (np.int64(7), "7"),
        (np.float64(0.1), "0.1"),
        ("007", "007"),
        ("  a b \u00a0", "a b"),
        (True, "TRUE"),
        (dt.datetime(1997, 1, 2, 13, 0), "1997-01-02 13:00:00"),
        (dt.date(1997, 1, 2), "1997-01-02"),
        (-0.0, "0"),
    ],
)
def test_a_cell_becomes_the_text_a_person_would_read(cell, text):
    assert cell_texts(pd.Series([cell, "x"], dtype=object)).tolist()[0] == text


@pytest.mark.parametrize("cell", [None, np.nan, pd.NaT, pd.NA, "", "   ", "\u00a0"])
def test_nothing_and_blanks_become_na(cell):
    assert cell_texts(pd.Series([cell], dtype=object)).isna().all()


@pytest.mark.parametrize("column", [[1.0, np.nan], [1, 2], [True, False], [pd.Timestamp("2020-01-01"), pd.NaT]])
def test_every_kind_of_column_becomes_text(column):
    text = cell_texts(pd.Series(column))
    assert isinstance(text.dtype, pd.StringDtype)
    assert text.isna().tolist() == pd.Series(column).isna().tolist()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_their_text(number):
    assert float(number_text(number)) == number


def found(*cells):
    return Found.of(pd.Series(cells, dtype="str"))


def test_error_values_of_excel_are_known_whatever_their_case():
    assert found("#N/A", "#div/0!", "#1234").errors.tolist() == [True, True, False]


def test_words_for_nothing_count_as_blank_only_alone():
    assert found("NULL", "NaN", "Nullarbor").blank_words.tolist() == [True, True, False]
    for word in BLANK_WORDS - {""}:
        assert found(word.upper()).blank_words.all()
        assert found("7", word).blank_words.sum() == 1


def test_texts_that_differ_by_outer_blanks_only_are_one():
    both = found("a ", None, "a", "  ", "b", "\u00a0a")
    assert both.distinct == ["a", "b"]
    assert both.codes.tolist() == [0, -1, 0, -1, 1, 0]


@pytest.mark.parametrize("cells", [[7, 12346, 7], [7.0, np.nan, 12346.0], [0.1, -0.0, 1e300], [2**53 + 1, 0, 5]])
def test_a_column_of_numbers_has_the_texts_of_its_cells(cells):
    column = pd.Series(cells)
    texts = [None if pd.isna(cell) else number_text(cell) if isinstance(cell, float) else str(cell) for cell in cells]
    assert cell_texts(column).astype(object).where(column.notna(), None).tolist() == texts


WORDS = st.one_of(
    st.text(max_size=6),
    st.text("ab0 \0", max_size=4),
    st.integers(0, 10**9).map(str),
    st.integers(0, 99).map("C{:02}".format),
    st.text("xyz", min_size=12, max_size=60),
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=30) | st.lists(st.integers(0, 99).map("C{:02}".format), max_size=30))
def test_texts_are_told_apart_and_sorted_as_python_does(words):
    both = found(*words)
    seen = dict.fromkeys(trimmed for word in words if (trimmed := pc.utf8_trim_whitespace(word).as_py()))
    assert [both.distinct[code] for code in both.by_appearance] == list(seen)
    assert [both.distinct[code] if code >= 0 else "" for code in both.codes] == [
        pc.utf8_trim_whitespace(word).as_py() for word in words
    ]
    assert [both.distinct[at] for at in text_order(both.texts)] == sorted(seen)


@pytest.mark.parametrize("kind", ["int8", "int64", "uint64"])
@pytest.mark.parametrize("apart", [1, 40])
def test_whole_numbers_are_told_apart_to_the_ends_of_their_range(kind, apart):
    limits = np.iinfo(kind)
    for cells in (range(limits.min, limits.min + 99, apart), range(limits.max - 99, limits.max + 1, apart)):
        column = pd.Series([*cells, *cells], dtype=kind)
        both = Found.of(column)
        assert [both.distinct[code] for code in both.codes] == [str(cell) for cell in column]
        assert len(both.distinct) == len(cells)


def test_the_example_of_several_texts_is_the_first_row_of_the_source():
    found = Found.of(pd.Series(["b", "a", None, "b"], dtype="str"), 5)
    assert found.example([1, 0]) == 'row 5 ("b")'
    assert found.count([0]) == 2
    assert found.codes.tolist() == [0, 1, -1, 0]
