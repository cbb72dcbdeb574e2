"""What a workbook's own parts tell: where its Excel Tables lie, and whether a cell holds TRUE or FALSE."""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


@dataclass(frozen=True, slots=True)
class ExcelTable:
    """An Excel Table: 0-based rows of its header and behind its body, 0-based first column and the one behind."""

    name: str
    sheet: str
    headers: tuple[str, ...]
    has_header_row: bool
    first_row: int
    end_row: int
    first_column: int
    end_column: int


def excel_tables(content: bytes) -> list[ExcelTable]:
    """Every Excel Table of an .xlsx or .xlsm file; none for other kinds of file.

    Raises KeyError, BadZipFile or ParseError for a damaged file.
    """
    if not content.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return []
        targets = _relations(archive, "xl/workbook.xml")
        found = []
        for sheet in _parse(archive, "xl/workbook.xml").iter():
            if _local(sheet.tag) != "sheet":
                continue
            number = next(value for key, value in sheet.attrib.items() if _local(key) == "id")
            for part in _relations(archive, targets[number][0]).values():
                if part[1].endswith("/table"):
                    found.append(_table(_parse(archive, part[0]), sheet.attrib["name"]))
        return found


def may_hold_truth_values(content: bytes) -> bool:
    """Whether a cell of a workbook may hold TRUE or FALSE; False is certain, for .xlsx and .xlsm files."""
    if not content.startswith(b"PK"):
        return True
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [part for part in archive.namelist() if _SHEET_PART.fullmatch(part)]
        return not parts or any(_holds_truth_value(archive, part) for part in parts)


def _holds_truth_value(archive: zipfile.ZipFile, part: str) -> bool:
    seen = b""
    with archive.open(part) as stream:
        while piece := stream.read(1 << 20):
            seen = seen[-5:] + piece
            if b't="b"' in seen or b"t='b'" in seen:
                return True
    return False


def _table(root: ElementTree.Element, sheet: str) -> ExcelTable:
    span = _RANGE.fullmatch(root.attrib["ref"])
    if span is None:
        raise KeyError(root.attrib["ref"])
    headers = tuple(one.attrib["name"] for one in root.iter() if _local(one.tag) == "tableColumn")
    first, last = int(span[2]) - 1, int(span[4] or span[2]) - 1
    return ExcelTable(
        name=root.attrib.get("displayName", root.attrib["name"]),
        sheet=sheet,
        headers=headers,
        has_header_row=root.attrib.get("headerRowCount", "1") != "0",
        first_row=first,
        end_row=last + 1 - int(root.attrib.get("totalsRowCount", "0")),
        first_column=_column(span[1]),
        end_column=_column(span[3] or span[1]) + 1,
    )


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Target part and kind of each relation of a part, by its id."""
    folder, file = posixpath.split(part)
    path = f"{folder}/_rels/{file}.rels"
    if path not in archive.namelist():
        return {}
    return {
        one.attrib["Id"]: (_absolute(folder, one.attrib["Target"]), one.attrib["Type"])
        for one in _parse(archive, path)
        if one.attrib.get("TargetMode") != "External"
    }


def _absolute(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")


def _parse(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(part))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
