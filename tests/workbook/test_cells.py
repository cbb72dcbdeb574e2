"""References and values: every text survives, every number is exact, every date has Excel's serial."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pyfuncs.errors import InputError
from pyfuncs.workbook.cells import Area, Encoder, column_letters, column_number, parse_area, serial, unescape_hex
from pyfuncs.workbook.sheet_xml import text_of

ENCODER = Encoder("Sheet")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives_the_cell_and_the_xml(text: str) -> None:
    cell = ENCODER.cell("A1", "", text)
    assert text_of(cell) == text
    parsed = "".join(etree.fromstring(cell).itertext())
    assert unescape_hex(parsed) == text


def test_every_character_there_is_makes_good_xml() -> None:
    for start in range(0, 0x11000, 0x400):
        text = "".join(map(chr, range(start, start + 0x400)))
        etree.fromstring(ENCODER.cell("A1", "", text).encode())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_exact(number: float) -> None:
    value = etree.fromstring(ENCODER.cell("A1", "", number)).findtext("v")
    assert float(value) == number


@given(st.integers(1, 16384))
def test_column_letters_and_numbers_are_inverse(number: int) -> None:
    assert column_number(column_letters(number)) == number


def test_the_last_column_is_xfd() -> None:
    assert column_letters(16384) == "XFD"
    assert [column_letters(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("ref", "area"),
    [("B5", Area(5, 2, 5, 2)), ("$B$5:$D$9", Area(5, 2, 9, 4)), ("d9:b5", Area(5, 2, 9, 4)), ("A:C", None),
     ("1:3", None), ("", None), ("B5:D9 F1", None)],
)  # fmt: skip
def test_an_area_is_read_or_refused(ref: str, area: Area | None) -> None:
    assert parse_area(ref) == area
    assert area is None or parse_area(str(area)) == area


@pytest.mark.parametrize(
    ("day", "date1904", "number"),
    [  # Microsoft, "Differences between the 1900 and the 1904 date system": 5 July 1998 is 35981 and 34519
        (date(1998, 7, 5), False, 35981), (date(1998, 7, 5), True, 34519), (date(1900, 1, 1), False, 1),
        (date(1904, 1, 1), True, 0), (date(9999, 12, 31), False, 2958465), (datetime(1998, 7, 5, 18), False, 35981.75),
    ],
)  # fmt: skip
def test_a_date_has_excels_serial_number(day: date, date1904: bool, number: float) -> None:
    assert serial(day, date1904) == number


def test_a_time_with_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="Sheet!A1: a time with a time zone"):
        ENCODER.cell("A1", "", datetime(2020, 1, 1, tzinfo=UTC))
