"""A workbook with one of everything that a filler can break, written by XlsxWriter."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

HEADERS = ["customer_id", "value", "last seen", "double", "note", "own [#]'s"]
CUSTOMERS, DASHBOARD, SETTINGS = (f"xl/worksheets/sheet{i}.xml" for i in (1, 2, 3))
CHART, TABLE, BOOK = "xl/charts/chart1.xml", "xl/tables/table1.xml", "xl/workbook.xml"
FIRST, BODY = 6, 3  # first body row and number of rows as built


def build(path: Path, *, date1904: bool = False, rows: int = BODY) -> Path:
    """Write the workbook; customers c0, c1, c2 with the user's notes beside them."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd-mmm-yyyy", "date_1904": date1904})
    customers, dashboard, settings = (book.add_worksheet(n) for n in ("Customers", "Dashboard", "My Settings"))
    _customers(book, customers, rows)
    _settings(book, settings)
    _dashboard(book, dashboard, path, rows)
    book.close()
    return path


def _customers(book: Any, sheet: Any, rows: int) -> None:
    money = book.add_format({"num_format": "#,##0.00", "font_color": "#0B6E4F"})
    day, text = book.add_format({"num_format": "dd-mmm-yyyy"}), book.add_format({"num_format": "@"})
    last = FIRST + rows - 1
    sheet.write("B2", "Customers", book.add_format({"bold": True, "font_size": 14}))
    columns = [
        {"header": HEADERS[0], "format": text},
        {"header": HEADERS[1], "format": money},
        {"header": HEADERS[2], "format": day},
        {"header": HEADERS[3], "formula": "=Customers[[#This Row],[value]]*2", "format": money},
        {"header": HEADERS[4]},
        {"header": HEADERS[5]},
    ]
    options = {"name": "Customers", "columns": columns, "title": "Customers", "description": "One row per customer"}
    sheet.add_table(FIRST - 2, 1, last - 1, 6, options)
    for i in range(rows):
        row = FIRST + i
        sheet.write_string(row - 1, 1, f"c{i}", text)
        sheet.write_number(row - 1, 2, 10.0 + i, money)
        sheet.write_number(row - 1, 3, 36000 + i, day)
        sheet.write_string(row - 1, 5, f"note {i}")
        sheet.write_formula(row - 1, 6, f"=C{row}*$A$2+My_Rate", None, 1.0)
        sheet.write_string(row - 1, 8, f"beside {i}")
    sheet.write("A2", 3)
    sheet.write_formula("I2", "=SUM(Customers[value])", None, 33.0)
    sheet.write_formula("J2", f"=COUNTA($B$6:$B${last})", None, rows)
    sheet.conditional_format(f"C6:C{last}", {"type": "data_bar", "data_bar_2010": True, "bar_color": "#3B7EA1"})
    above = {"type": "formula", "criteria": f"=$C6>AVERAGE($C$6:$C${last})", "format": money}
    sheet.conditional_format(f"B6:G{last}", above)
    sheet.data_validation(f"F6:F{last}", {"validate": "length", "criteria": "<", "value": 99})
    sheet.add_sparkline("K2", {"range": f"Customers!C6:C{last}"})
    sheet.print_area(f"A1:G{last}")
    sheet.repeat_rows(4)
    sheet.freeze_panes(5, 2)
    sheet.set_column("B:B", 14)
    sheet.set_header("&LFocal")
    book.define_name("customer_ids", f"=Customers!$B$6:$B${last}")
    book.define_name("all_customers", f"=Customers!$B$5:$G${last}")
    book.define_name("Customers!local", "=Customers!$A$2")


def _settings(book: Any, sheet: Any) -> None:
    percent = book.add_format({"num_format": "0.0%", "font_color": "blue", "locked": False})
    sheet.write("B2", "Title of the chart")
    sheet.write("C4", 0.1, percent)
    sheet.write_formula("C5", "=My_Rate * 2", None, 0.2)
    sheet.write("C6", 37000, book.add_format({"num_format": "dd-mmm-yyyy"}))
    sheet.write_formula("E4", f"=SUM(Customers!$C$6:$C${FIRST + BODY - 1})", None, 33)
    sheet.write_rich_string("B8", "plain ", book.add_format({"bold": True}), "bold <&>")
    sheet.write_formula("B9", "=NA()", None, "#N/A")
    sheet.write_boolean("B10", True)
    sheet.data_validation("C4", {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1})
    sheet.protect("secret")
    book.define_name("My_Rate", "='My Settings'!$C$4")
    book.define_name("Block", "='My Settings'!$C$12:$D$13")
    book.define_name("Anchor", "='My Settings'!$G$2")


def _dashboard(book: Any, sheet: Any, path: Path, rows: int) -> None:
    chart = book.add_chart({"type": "column"})
    last = FIRST + rows - 1
    categories, values = f"=Customers!$B$6:$B${last}", f"=Customers!$C$6:$C${last}"
    points = {"categories_data": ["c0"], "values_data": [10]}
    chart.add_series({"name": "='My Settings'!$B$2", "categories": categories, "values": values, **points})
    chart.add_series({"name": "fixed", "values": "='My Settings'!$C$4:$C$5", "values_data": [0.1, 0.2]})
    chart.set_title({"name": "='My Settings'!$B$2", "data": ["Title of the chart"]})
    sheet.insert_chart("B2", chart, {"description": "Value of each customer"})
    picture = path.with_suffix(".png")
    picture.write_bytes(_png())
    sheet.insert_image("B20", str(picture), {"description": "logo"})
    sheet.insert_textbox("H2", "read me", {"description": "a note"})
    sheet.write_comment("A1", "a comment")
    sheet.write_url("A2", "https://example.org/?a=1&b=2")
    sheet.hide_gridlines(2)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\x0b\x6e\x4f")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def parts(path: Path) -> dict[str, bytes]:
    """The content of every part of a file."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def edit(path: Path, part: str, change: Callable[[str], str], **more: str) -> Path:
    """Change a part's text by hand, as another program might have written it; `more` adds parts."""
    content = parts(path)
    text = content[part].decode()
    changed = change(text)
    assert changed != text or more, f"nothing to change in {part}"
    content[part] = changed.encode()
    write_parts(path, content | {name: value.encode() for name, value in more.items()})
    return path


def write_part(path: Path, part: str, content: bytes) -> None:
    """Replace the bytes of one part."""
    write_parts(path, parts(path) | {part: content})


def write_parts(path: Path, content: dict[str, bytes]) -> None:
    """Write a file from its parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in content.items():
            archive.writestr(name, value)
