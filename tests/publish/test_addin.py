import hashlib
import io
import re
import subprocess
import sys
import warnings
import zipfile
from xml.etree import ElementTree

import olefile
import pytest
from pyopenvba import ExcelFile

from pyfuncs import __version__
from pyfuncs.functions import CATALOGUE
from pyfuncs.functions.catalogue import CATEGORIES
from pyfuncs.publish.addin import _replaced, addin
from tests.publish.vba_modules import ROOT, sources
from tests.support.validator import validate

with warnings.catch_warnings():  # oletools calls pyparsing by names of old
    warnings.simplefilter("ignore", DeprecationWarning)
    from oletools.olevba import VBA_Parser

ADDIN = ROOT / "addin" / "Focal.xlam"
TINY = {"Tiny": 'Attribute VB_Name = "Tiny"\nOption Explicit\nPublic Sub Nothing_Much()\nEnd Sub\n'}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"


@pytest.fixture(scope="module")
def parts():
    with zipfile.ZipFile(ADDIN) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def project(parts):
    with olefile.OleFileIO(io.BytesIO(parts["xl/vbaProject.bin"])) as compound:
        yield compound


@pytest.fixture(scope="module")
def workbook(parts):
    return ElementTree.fromstring(parts["xl/workbook.xml"])


def test_the_modules_in_the_file_are_the_sources_beside_it_with_the_line_ends_of_windows():
    parser = VBA_Parser(str(ADDIN))
    found = {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    around = {name: found.pop(name) for name in ("ThisWorkbook", "Sheet1")}
    assert found == {name: text.replace("\n", "\r\n") for name, text in sources().items()}
    assert all(line.startswith("Attribute ") for text in around.values() for line in text.splitlines())


def test_a_build_is_the_same_each_time_and_in_another_process():
    code = (
        "import hashlib; from pyfuncs.publish.addin import addin; from tests.publish.test_addin import TINY;"
        " print(hashlib.sha256(addin(TINY, '<customUI/>')).hexdigest())"
    )
    elsewhere = {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=elsewhere)
    here = {hashlib.sha256(addin(TINY, "<customUI/>")).hexdigest() for _ in range(2)}
    assert {run.stdout.strip()} == here, run.stderr


def test_nothing_in_the_package_depends_on_who_built_it_or_when():
    with zipfile.ZipFile(ADDIN) as package:
        entries = package.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {(entry.create_system, entry.extra, entry.comment) for entry in entries} == {(0, b"", b"")}
    assert entries[0].filename == "[Content_Types].xml"


def test_microsofts_sdk_finds_nothing_wrong_with_the_file():
    assert validate(ADDIN) == []


def test_the_sdk_would_find_a_fault_in_the_ribbon(tmp_path):
    tab = (ROOT / "addin" / "ribbon.xml").read_text(encoding="utf-8")
    broken = tmp_path / "broken.xlam"
    broken.write_bytes(addin(TINY, tab.replace('size="large"', 'size="huge"', 1)))
    assert any("huge" in problem for problem in validate(broken))


def test_the_ribbon_in_the_file_is_the_one_beside_it(parts):
    assert parts["customUI/customUI14.xml"] == (ROOT / "addin" / "ribbon.xml").read_bytes()
    kinds = {relation.get("Target"): relation.get("Type") for relation in ElementTree.fromstring(parts["_rels/.rels"])}
    assert kinds["customUI/customUI14.xml"].endswith("/office/2007/relationships/ui/extensibility")
    assert b"http://schemas.microsoft.com/office/2009/07/customui" in parts["customUI/customUI14.xml"]


def test_the_file_is_an_add_in(parts):
    assert b"application/vnd.ms-excel.addin.macroEnabled.main+xml" in parts["[Content_Types].xml"]


def test_the_project_holds_source_and_no_compiled_code(project):
    assert project.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("cc61ffff000000")
    assert not [path for path in project.listdir() if path[-1].startswith("__SRP_")]
    with ExcelFile(ADDIN) as book:
        assert {module.text_offset for module in book.vba_project().modules} == {0}


def test_the_project_has_a_name_of_its_own_and_the_reference_that_the_ribbon_needs(project):
    assert 'Name="Focal"' in project.openstream("PROJECT").read().decode("ascii").splitlines()
    with ExcelFile(ADDIN) as book:
        assert book.vba_project().name == "Focal"
        assert [reference.name for reference in book.references()] == ["stdole", "Office"]
        assert not book.vba_project().protection.has_password
        assert book.validate() == []


def test_the_code_names_of_workbook_and_sheet_are_those_of_their_modules(parts, workbook):
    sheet = ElementTree.fromstring(parts["xl/worksheets/sheet1.xml"])
    assert workbook.find(f"{MAIN}workbookPr").get("codeName") == "ThisWorkbook"
    assert sheet.find(f"{MAIN}sheetPr").get("codeName") == "Sheet1"


def test_the_wizard_has_a_category_for_each_family_and_help_for_each_argument(workbook):
    groups = workbook.find(f"{MAIN}functionGroups")
    assert groups.get("builtInGroupCount") == "19"
    assert [group.get("name") for group in groups] == list(CATEGORIES.values())
    helped = {
        element.get("name"): [each.text for each in element.iter(f"{X14}argumentDescription")]
        for element in workbook.iter(f"{X14}definedName")
    }
    assert helped == {name: [each.meaning for each in fn.arguments] for name, fn in CATALOGUE.items()}


def test_the_list_of_add_ins_names_focal_and_nobody_else(parts):
    core = parts["docProps/core.xml"].decode()
    assert "<dc:title>Focal</dc:title>" in core
    assert f"Version {__version__}." in core
    assert re.findall(r"<dc:creator>(.*?)</dc:creator>", core) == ["The Focal engineers"]
    assert "lastModifiedBy" not in core


def test_no_path_or_person_of_a_building_machine_is_in_the_file(parts):
    with ExcelFile(ADDIN) as book:
        known = [reference.libid for reference in book.references()]
        text = "\n".join(module.source for module in book.vba_project().modules)
    everything = b"\n".join(parts.values()).decode("latin-1") + text
    assert not re.search(r"/home/|/root/|/work/|/tmp/|William|\\Users\\(?!ann\\)", everything)
    assert all(re.search(r"#C:\\(Windows|Program Files)\\", libid) for libid in known)


def test_the_sheet_says_what_the_file_is(parts):
    words = " ".join(
        element.text for element in ElementTree.fromstring(parts["xl/worksheets/sheet1.xml"]).iter(f"{MAIN}t")
    )
    assert words.startswith(f"Focal {__version__}: Customer lifetime value")
    for said in ("Excel add-in", "no data", "focal install", "focal doctor", "BSD-3-Clause"):
        assert said in words


def test_another_blank_project_is_noticed():
    with pytest.raises(ValueError, match="blank VBA project of pyOpenVBA has changed"):
        _replaced(b"nothing", b"Name", b"Focal")
