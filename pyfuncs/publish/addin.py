"""The add-in file that Excel loads, put together from its sources without Excel, byte for byte the same each time.

The VBA stands in it as source only: no compiled code, no caches.  Excel compiles it when it opens the file, so what
runs is what can be read.  Parts are stored, not compressed: another zlib would compress them to other bytes.
"""

import io
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from pyopenvba import ExcelFile
from pyopenvba.cfb import CFB
from pyopenvba.vba import compress, parse_vba_project, serialize_dir_stream, write_back_modules

from pyfuncs import __version__
from pyfuncs.functions import CATALOGUE, Function
from pyfuncs.functions.catalogue import CATEGORIES
from pyfuncs.publish.vba import BUILT_IN_CATEGORIES

PROJECT: Final = "Focal"
"""Name of the VBA project; another open project of the same name would confuse Excel, so it is not VBAProject."""
_BLANK_PROJECT: Final = "VBAProject"
_NO_COMPILED_CODE: Final = bytes.fromhex("cc61ffff000000")
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_X14: Final = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_VBA: Final = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_RIBBON: Final = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_TITLE: Final = "Focal"
_PURPOSE: Final = "Customer lifetime value and customer centricity in Excel"
_SAYS: Final = (
    f"Focal {__version__}: {_PURPOSE}",
    "",
    "This file is an Excel add-in: it brings the tab Focal and the functions CLV_... and FOCAL_... into Excel.",
    "Excel opens it from its start-up folder and does not show this sheet. It holds no data and no figures.",
    "",
    "The functions are calculated by Python on this computer. Nothing is sent anywhere.",
    "",
    "Put it in place:   focal install       Take it away:   focal uninstall       Something is wrong:   focal doctor",
    "",
    "Its VBA is built from readable sources and holds nothing else. Licence: BSD-3-Clause.",
)


def addin(sources: Mapping[str, str], ribbon: str) -> bytes:
    """Focal.xlam from the VBA of its modules by name and the XML of its ribbon."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            (_OFFICE + "/officeDocument", "xl/workbook.xml"),
            (_PACKAGE + "/relationships/metadata/core-properties", "docProps/core.xml"),
            (_OFFICE + "/extended-properties", "docProps/app.xml"),
            (_RIBBON, "customUI/customUI14.xml"),
        ),
        "docProps/app.xml": _application(),
        "docProps/core.xml": _properties(),
        "customUI/customUI14.xml": ribbon.encode(),
        "xl/workbook.xml": _workbook(),
        "xl/_rels/workbook.xml.rels": _relationships(
            (_OFFICE + "/worksheet", "worksheets/sheet1.xml"),
            (_OFFICE + "/styles", "styles.xml"),
            (_VBA, "vbaProject.bin"),
        ),
        "xl/styles.xml": _styles(),
        "xl/vbaProject.bin": _vba_project(sources),
        "xl/worksheets/sheet1.xml": _sheet(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 0  # zipfile would note the system this runs on
            package.writestr(entry, content)
    return buffer.getvalue()


# ---- the VBA project ----------------------------------------------------------------------------------------------


def _vba_project(sources: Mapping[str, str]) -> bytes:
    """The project with these modules, from the one of a blank add-in; it keeps the reference that the ribbon needs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blank.xlam"
        with ExcelFile.create_new(path) as blank:
            project = blank.vba_project()
            project.delete_module("Module1")
            for name in sorted(sources):
                project.add_module(name, sources[name].replace("\n", "\r\n"))
            blank.save()
        with zipfile.ZipFile(path) as package:
            return _source_only(package.read("xl/vbaProject.bin"))


def _source_only(project_file: bytes) -> bytes:
    """The project without compiled code, under its own name."""
    cfb = CFB.from_bytes(project_file)
    project = parse_vba_project(cfb)
    for module in project.modules:
        module.dirty = True
    write_back_modules(cfb, project)
    directory = _replaced(serialize_dir_stream(project), _name_record(_BLANK_PROJECT), _name_record(PROJECT))
    cfb.write_stream_in_storage("VBA", "dir", compress(directory))
    cfb.write_stream_in_storage("VBA", "_VBA_PROJECT", _NO_COMPILED_CODE)
    text = _replaced(cfb.get_stream("PROJECT"), f'Name="{_BLANK_PROJECT}"'.encode(), f'Name="{PROJECT}"'.encode())
    cfb.write_stream("PROJECT", text)
    content: bytes = cfb.to_bytes()
    return content


def _name_record(name: str) -> bytes:
    """PROJECTNAME as the dir stream holds it ([MS-OVBA] 2.3.4.2.1.6)."""
    return struct.pack("<HI", 0x0004, len(name)) + name.encode("ascii")


def _replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    if content.count(old) != 1:
        raise ValueError(f"the blank VBA project of pyOpenVBA has changed: {old!r} is not in it exactly once")
    return content.replace(old, new)


# ---- the workbook around it ---------------------------------------------------------------------------------------


def _content_types() -> bytes:
    office = "application/vnd.openxmlformats-officedocument"
    overrides = {
        "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",  # what makes it an add-in
        "/xl/worksheets/sheet1.xml": f"{office}.spreadsheetml.worksheet+xml",
        "/xl/styles.xml": f"{office}.spreadsheetml.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": f"{office}.extended-properties+xml",
    }
    defaults = {
        "bin": "application/vnd.ms-office.vbaProject",
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
    }
    lines = chain(
        (f'<Default Extension="{key}" ContentType="{value}"/>' for key, value in defaults.items()),
        (f'<Override PartName="{key}" ContentType="{value}"/>' for key, value in overrides.items()),
    )
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{"".join(lines)}</Types>'.encode()


def _relationships(*targets: tuple[str, str]) -> bytes:
    lines = (
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}</Relationships>'.encode()


def _application() -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'{_XML}<Properties xmlns="{kind}"><Application>Microsoft Excel</Application></Properties>'.encode()


def _properties() -> bytes:
    """Title and description are what Excel's list of add-ins shows."""
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{_TITLE}</dc:title><dc:creator>The Focal engineers</dc:creator>"
        f"<dc:description>{_PURPOSE}. Version {__version__}.</dc:description></cp:coreProperties>"
    ).encode()


def _workbook() -> bytes:
    """The workbook's own part, with what the function wizard shows: families of functions and help on arguments."""
    groups = "".join(f'<functionGroup name="{escape(category)}"/>' for category in CATEGORIES.values())
    helped = "".join(_argument_help(function) for function in CATALOGUE.values())
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<fileVersion appName="xl" lastEdited="7" lowestEdited="7"/><workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView windowWidth="20000" windowHeight="12000"/></bookViews>'
        '<sheets><sheet name="Focal" sheetId="1" r:id="rId1"/></sheets>'
        f'<functionGroups builtInGroupCount="{BUILT_IN_CATEGORIES}">{groups}</functionGroups><calcPr calcId="191029"/>'
        f'<extLst><ext uri="{{8193D73E-4604-4355-AFF4-8A2333D13BE4}}" xmlns:x14="{_X14}">'
        f"<x14:definedNames>{helped}</x14:definedNames></ext></extLst></workbook>"
    ).encode()


def _argument_help(function: Function) -> str:
    arguments = function.arguments
    lines = "".join(
        f'<x14:argumentDescription index="{index}">{escape(argument.meaning)}</x14:argumentDescription>'
        for index, argument in enumerate(arguments)
    )
    return (
        f'<x14:definedName name="{function.name}"><x14:argumentDescriptions count="{len(arguments)}">{lines}'
        "</x14:argumentDescriptions></x14:definedName>"
    )


def _styles() -> bytes:
    font = '<sz val="{}"/><name val="Calibri"/><family val="2"/>'
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}">'
        f'<fonts count="2"><font>{font.format(11)}</font><font><b/>{font.format(14)}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ).encode()


def _sheet() -> bytes:
    """One sheet that says in words what the file is, for whoever opens it with another program."""
    rows = "".join(
        f'<row r="{row}"><c r="B{row}" s="{int(row == 2)}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t>'
        "</is></c></row>"
        for row, text in enumerate(_SAYS, start=2)
        if text
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet1"/>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="1" width="3" customWidth="1"/>'
        f'<col min="2" max="2" width="110" customWidth="1"/></cols><sheetData>{rows}</sheetData></worksheet>'
    ).encode()
