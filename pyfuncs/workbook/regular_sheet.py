"""The text of a sheet part brought into one regular form, and cut where its rows begin and end.

The patterns of sheet_xml rely on what Excel writes: no prefixes, no comments, each row and cell naming its place first.
Parts of other writers that differ are rebuilt once, by lxml.
"""

import re
from collections.abc import Iterator

from lxml import etree

from pyfuncs.workbook.cells import column_letters, column_number
from pyfuncs.workbook.zip_parts import MAIN

_LETTERS = re.compile("[A-Z]+")


def cut(text: str) -> tuple[str, str, str]:
    """Cut a sheet part in the regular form into head, rows and tail."""
    start = text.find("<sheetData")
    opened = text.find(">", start) + 1
    if start < 0:
        raise ValueError("a sheet without rows element")
    if text[opened - 2] == "/":
        return text[:start], "", text[opened:]
    end = text.rfind("</sheetData>")
    return text[:start], text[opened:end], text[end + len("</sheetData>") :]


def regular(content: bytes) -> str:
    """The part as text in the form the patterns need; rebuilt by lxml only when a writer chose another form."""
    declared = content[:200].partition(b"?>")[0].lower()
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff") and (b"encoding" not in declared or b"utf-8" in declared):
        text = content.decode("utf-8-sig")
        data = text.find("<sheetData")
        if data >= 0 and _names_places(text, data) and "<!" not in text and text.find("</sheetData ", data) < 0:
            return text
    return _rebuilt(content)


def _names_places(text: str, start: int) -> bool:
    """Whether every row and cell names its place first; without a copy of the text, which may be large."""
    rows, cells = (text.count(f'<{name} r="', start) for name in ("row", "c"))
    return rows == text.count("<row ", start) + text.count("<row>", start) and cells == sum(
        text.count(f"<c{end}", start) for end in (" ", ">", "/>")
    )


def _rebuilt(content: bytes) -> str:
    options = etree.XMLParser(
        remove_comments=True, remove_pis=True, strip_cdata=True, resolve_entities=False, no_network=True, huge_tree=True
    )
    root = etree.fromstring(content, options)
    number = 0
    for row in root.iter(f"{{{MAIN}}}row"):
        number = int(row.get("r") or number + 1)
        _put_first(row, str(number))
        column = 0
        for cell in row.findall(f"{{{MAIN}}}c"):
            letters = _LETTERS.match(cell.get("r") or "")
            column = column_number(letters.group()) if letters else column + 1
            _put_first(cell, f"{column_letters(column)}{number}")
    text = etree.tostring(root, encoding="unicode")
    if root.prefix:
        prefix = re.escape(root.prefix)
        text = re.sub(rf"(</?){prefix}:", r"\1", text).replace(f"xmlns:{root.prefix}=", "xmlns=", 1)
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text


def _put_first(element: etree._Element, ref: str) -> None:
    others = [(key, value) for key, value in element.attrib.items() if key != "r"]
    element.attrib.clear()
    element.set("r", ref)
    for key, value in others:
        element.set(key, value)


def row_texts(body: str) -> Iterator[tuple[int, str, str]]:
    """(number, attributes without the number, cells) of each row of regular text."""
    at = body.find('<row r="')
    while at >= 0:
        close = body.index(">", at)
        quote = body.index('"', at + 8)
        number = int(body[at + 8 : quote])
        if body[close - 1] == "/":
            yield number, body[quote + 1 : close - 1], ""
            end = close
        else:
            end = body.index("</row>", close)
            yield number, body[quote + 1 : close], body[close + 1 : end]
        at = body.find('<row r="', end)
