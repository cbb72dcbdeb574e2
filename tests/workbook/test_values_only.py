"""A copy without formulas: every cell shows what it showed, and what holds no formula stays byte for byte."""

import re
import time
from pathlib import Path

import pytest

from pyfuncs.errors import InputError
from pyfuncs.workbook.cells import ErrorText
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.values_only import Summary, save_values
from tests.support.filling import clean, fill
from tests.support.libreoffice import Cells
from tests.support.lint import lint
from tests.support.rich_workbook import BOOK, CHART, CUSTOMERS, SETTINGS, TABLE, build, edit, parts
from tests.support.validator import validate

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return build(tmp_path / "rich.xlsx")


def with_rows(path: Path, *cells: str) -> Path:
    """Put cells into rows 20 and on of My Settings, one a row; "@" stands for the row."""
    rows = "".join(f'<row r="{n}">{cell.replace("@", str(n))}</row>' for n, cell in enumerate(cells, 20))
    return edit(path, SETTINGS, lambda text: text.replace("</sheetData>", f"{rows}</sheetData>"))


def exported(path: Path) -> tuple[Path, Summary]:
    target = path.with_name("values.xlsx")
    return target, save_values(path, target)


def formulas(path: Path) -> list[str]:
    sheets = (content for name, content in parts(path).items() if name.startswith("xl/worksheets/sheet"))
    return [found for content in sheets for found in re.findall(r"<f[\s>/].*?</c>", content.decode())]


# --- cells -----------------------------------------------------------------------------------------------------------

KINDS = [
    ("a number", '<c r="B@" s="1"><f>1+1</f><v>2</v></c>', 2.0),
    ("a date", '<c r="B@" s="3"><f>TODAY()</f><v>36000</v></c>', 36000.0),
    ("a text", '<c r="B@" t="str"><f>"a"&amp;"&lt;b"</f><v>a&lt;b</v></c>', "a<b"),
    ("blanks around text", '<c r="B@" t="str"><f>" a "</f><v> a </v></c>', " a "),
    ("lines", '<c r="B@" t="str"><f>A1</f><v>one\ntwo</v></c>', "one\ntwo"),
    ("escapes", '<c r="B@" t="str"><f>A1</f><v>_x0007__x005F_x0041_</v></c>', "\x07_x0041_"),
    ("what looks like a formula", '<c r="B@" t="str"><f>A1</f><v>=1+1</v></c>', "=1+1"),
    ("an empty text", '<c r="B@" t="str"><f>""</f><v></v></c>', ""),
    ("a true", '<c r="B@" t="b"><f>1=1</f><v>1</v></c>', True),
    ("an error", '<c r="B@" t="e"><f>1/0</f><v>#DIV/0!</v></c>', ErrorText("#DIV/0!")),
    ("a shared string", '<c r="B@" t="s"><f>A1</f><v>0</v></c>', "Customers"),
    ("an array", '<c r="B@"><f t="array" ref="B@:C@">{1,2}</f><v>1</v></c><c r="C@"><v>2</v></c>', 1.0),
    ("a dynamic array", '<c r="B@" cm="1"><f t="array" ref="B@">UNIQUE(A1)</f><v>7</v></c>', 7.0),
    ("a data table", '<c r="B@"><f t="dataTable" ref="B@" dt2D="0" dtr="0" r1="A1"/><v>5</v></c>', 5.0),
    ("the head of a shared formula", '<c r="B@"><f t="shared" ref="B@:B99" si="7">A1</f><v>4</v></c>', 4.0),
    ("a follower of a shared formula", '<c r="B@"><f t="shared" si="7"/><v>5</v></c>', 5.0),
    ("a volatile formula", '<c r="B@"><f ca="1">RAND()</f><v>0.5</v></c>', 0.5),
]


@pytest.mark.parametrize(("cell", "value"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_a_formula_gives_way_to_its_value(rich: Path, cell: str, value: object) -> None:
    before = save_values(rich, rich.with_name("before.xlsx"))
    target, summary = exported(with_rows(rich, cell))
    after = Package.open(target)
    shown = after.read_cell("My Settings", "B20")
    assert shown == value
    assert type(shown) is type(value)
    assert after.read_formula("My Settings", "B20") is None
    assert summary.formulas == before.formulas + 1
    assert summary.uncalculated == 0
    assert formulas(target) == []
    assert b" cm=" not in parts(target)[SETTINGS]
    assert lint(target) == []


def test_a_copy_in_which_every_kind_of_formula_gave_way_is_sound(rich: Path) -> None:
    target, summary = exported(with_rows(rich, *(cell for _, cell, _ in KINDS)))
    assert summary.uncalculated == 0
    assert formulas(target) == []
    assert clean(target)


def test_the_style_of_a_cell_and_its_rich_value_stay(rich: Path) -> None:
    """A picture in a cell or a #SPILL! is an error value with a rich value behind it, for constants as for formulas."""
    target, _ = exported(with_rows(rich, '<c r="B@" s="2" t="e" cm="1" vm="1"><f>IMAGE(A1)</f><v>#VALUE!</v></c>'))
    assert b'<c r="B20" s="2" t="e" vm="1"><v>#VALUE!</v></c>' in parts(target)[SETTINGS]


def test_blanks_in_text_are_marked_as_to_be_kept(rich: Path) -> None:
    target, _ = exported(with_rows(rich, '<c r="B@" t="str"><f>A1</f><v> a</v></c>'))
    assert b'<is><t xml:space="preserve"> a</t></is>' in parts(target)[SETTINGS]


def test_formulas_never_calculated_leave_empty_cells_and_are_named(rich: Path) -> None:
    never = ['<c r="B@" s="1"><f>A1</f></c>', '<c r="B@"><f>A1</f><v></v></c>', '<c r="B@"><f>A1</f><v/></c>']
    target, summary = exported(with_rows(rich, *never, *never))
    assert summary.uncalculated == 6
    assert summary.first_uncalculated == tuple(f"My Settings!B{row}" for row in range(20, 25))
    assert Package.open(target).read_range("My Settings", "B20:B25") == [[None]] * 6
    assert b'<c r="B20" s="1"/>' in parts(target)[SETTINGS]
    assert clean(target)


def test_every_cell_of_the_rich_workbook_keeps_its_value(rich: Path) -> None:
    target, summary = exported(rich)
    before, after = Package.open(rich), Package.open(target)
    for sheet in before.sheet_names:
        assert after.read_range(sheet, "A1:M40") == before.read_range(sheet, "A1:M40")
    assert (summary.formulas, summary.uncalculated, summary.links) == (11, 0, ())
    assert formulas(target) == []
    assert clean(target)


def test_only_sheets_with_formulas_their_tables_and_the_workbook_change(rich: Path) -> None:
    target, _ = exported(rich)
    before, after = parts(rich), parts(target)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {CUSTOMERS, SETTINGS, TABLE, BOOK}
    for part in (CUSTOMERS, SETTINGS):
        head, _, rest = before[part].partition(b"<sheetData>")
        assert after[part].startswith(head)
        assert after[part].endswith(rest.partition(b"</sheetData>")[2])


def test_a_sheet_whose_only_formulas_are_sparklines_stays_byte_for_byte(rich: Path) -> None:
    edit(
        rich,
        CUSTOMERS,
        lambda text: re.sub(r"<f>.*?</f>", "", text.partition("</sheetData>")[0]) + text[text.index("</sheetData>") :],
    )
    assert b"<xm:f>" in parts(rich)[CUSTOMERS]
    target, _ = exported(rich)
    assert parts(target)[CUSTOMERS] == parts(rich)[CUSTOMERS]


def test_a_workbook_without_formulas_is_copied_part_by_part(rich: Path, tmp_path: Path) -> None:
    target, _ = exported(rich)
    again = save_values(target, tmp_path / "again.xlsx")
    assert again == Summary(0, 0, (), (), (), ())
    assert parts(tmp_path / "again.xlsx") == parts(target)


# --- what belongs to formulas ----------------------------------------------------------------------------------------


def test_nothing_is_calculated_on_opening(rich: Path) -> None:
    edit(rich, SETTINGS, lambda text: text.replace("</sheetData>", '</sheetData><sheetCalcPr fullCalcOnLoad="1"/>'))
    assert b"fullCalcOnLoad" in parts(rich)[BOOK]
    target, _ = exported(rich)
    assert not [name for name, content in parts(target).items() if b"fullCalcOnLoad" in content]
    assert b"<calcPr" in parts(target)[BOOK]
    assert clean(target)


@pytest.mark.parametrize("part", ["calcChain", "volatileDependencies"])
def test_the_calculation_chain_and_the_like_are_dropped(rich: Path, part: str) -> None:
    content = f'<{part} xmlns="{SHEET}"><c r="C5" i="3"/></{part}>'
    attach(rich, f"xl/{part}.xml", f"{MAIN}.{part}+xml", part, content)
    target, _ = exported(rich)
    assert not [name for name, content in parts(target).items() if part in name or part.encode() in content]
    assert clean(target)


def test_a_column_of_a_table_that_was_typed_over_forgets_its_formula_too(rich: Path) -> None:
    edit(rich, CUSTOMERS, lambda text: re.sub(r"<f>.*?</f>", "", text))
    assert b"calculatedColumnFormula" in parts(rich)[TABLE]
    target, _ = exported(rich)
    assert b"calculatedColumnFormula" not in parts(target)[TABLE]
    assert clean(target)


def test_calculated_columns_and_totals_lose_their_formulas(rich: Path) -> None:
    def with_totals(text: str) -> str:
        text = text.replace('ref="B5:G8"', 'ref="B5:G9"', 1).replace('totalsRowShown="0"', 'totalsRowCount="1"')
        text = text.replace('name="value"', 'name="value" totalsRowFunction="sum"')
        own = 'name="note" totalsRowFunction="custom"><totalsRowFormula>1&amp;" a"</totalsRowFormula></tableColumn>'
        return re.sub(r'name="note"\s*/>', own, text)

    row = '<row r="9"><c r="C9"><f>SUBTOTAL(109,C6:C8)</f><v>33</v></c>'
    row += '<c r="F9" t="str"><f>1&amp;" a"</f><v>1 a</v></c></row>'
    edit(rich, TABLE, with_totals)
    edit(rich, CUSTOMERS, lambda text: text.replace("</sheetData>", f"{row}</sheetData>"))
    assert lint(rich) == []
    target, _ = exported(rich)
    table = parts(target)[TABLE].decode()
    assert "Formula" not in table
    assert "totalsRowFunction" not in table
    assert re.findall(r'name="(\w+)" totalsRowLabel="([^"]*)"', table) == [("note", "1 a")]
    assert Package.open(target).read_range("Customers", "C9:F9") == [[33.0, None, None, "1 a"]]
    assert clean(target)


# --- links -----------------------------------------------------------------------------------------------------------


def attach(path: Path, part: str, content_type: str, kind: str, content: str, **more: str) -> None:
    """Add a part to the workbook with its relationship rId<kind>."""
    override = f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    key = Path(part).stem
    relation = f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{part.removeprefix("xl/")}"/></Relationships>'
    edit(path, "[Content_Types].xml", lambda t: t.replace("</Types>", override), **{part: content}, **more)
    edit(path, "xl/_rels/workbook.xml.rels", lambda t: t.replace("</Relationships>", relation))


def link(path: Path, *targets: str) -> None:
    """Link the workbook to others, numbered from 1."""
    for number, target in enumerate(targets, 1):
        book = (
            f'<externalBook xmlns:r="{OFFICE}" r:id="rId1"><sheetNames><sheetName val="S"/></sheetNames></externalBook>'
        )
        relation = f'<Relationship Id="rId1" Type="{OFFICE}/externalLinkPath" Target="{target}" TargetMode="External"/>'
        name = f"externalLink{number}.xml"
        rels = {f"xl/externalLinks/_rels/{name}.rels": f'<Relationships xmlns="{PACKAGE}">{relation}</Relationships>'}
        content = f'<externalLink xmlns="{SHEET}">{book}</externalLink>'
        attach(path, f"xl/externalLinks/{name}", f"{MAIN}.externalLink+xml", "externalLink", content, **rels)
    listed = "".join(f'<externalReference r:id="externalLink{n}"/>' for n in range(1, len(targets) + 1))
    edit(path, BOOK, lambda t: t.replace("</sheets>", f"</sheets><externalReferences>{listed}</externalReferences>"))


def name(path: Path, **names: str) -> None:
    added = "".join(f'<definedName name="{key}">{text}</definedName>' for key, text in names.items())
    edit(path, BOOK, lambda text: text.replace("</definedNames>", f"{added}</definedNames>"))


FOCAL = "file:///C:\\Users\\x\\AppData\\Roaming\\Microsoft\\Excel\\XLSTART\\Focal.xlam"


def test_a_link_to_focal_is_dropped_with_its_formulas(rich: Path) -> None:
    with_rows(rich, '<c r="B@" t="e"><f>[1]!CLV_SCORE(Customers[])</f><v>#NAME?</v></c>')
    link(rich, FOCAL)
    assert clean(rich)
    target, summary = exported(rich)
    assert summary.links == (FOCAL,)
    assert not [name for name, content in parts(target).items() if "external" in name or b"externalRef" in content]
    assert clean(target)


def test_a_name_that_calls_focal_says_so_and_keeps_the_file_valid(rich: Path) -> None:
    link(rich, "Focal.xlam")
    name(rich, zScores="[1]!CLV_SCORE(Customers!$B$5:$G$8)", zOther="Customers!$B$5")
    target, summary = exported(rich)
    assert (summary.names, summary.links, summary.kept_links) == (("zScores",), ("Focal.xlam",), ())
    assert b'<definedName name="zScores">#NAME?</definedName>' in parts(target)[BOOK]
    assert b'<definedName name="zOther">Customers!$B$5</definedName>' in parts(target)[BOOK]
    assert clean(target)


def test_a_link_that_a_name_or_a_chart_needs_stays_under_its_new_number(rich: Path) -> None:
    link(rich, "unused.xlsx", "Focal%20.xlsx", "charted.xlsx", "Focal.xlam", "named.xlsx")
    name(rich, zNamed="[5]!rates")
    edit(rich, CHART, lambda text: text.replace("'My Settings'!$C$4:$C$5", "'[3]S'!$C$4:$C$5"))
    assert clean(rich)
    target, summary = exported(rich)
    assert summary.links == ("unused.xlsx", "Focal .xlsx", "Focal.xlam")
    assert summary.kept_links == ("charted.xlsx", "named.xlsx")
    after = parts(target)
    assert b"'[1]S'!$C$4:$C$5" in after[CHART]
    assert b'<definedName name="zNamed">[2]!rates</definedName>' in after[BOOK]
    assert sorted(n for n in after if "externalLinks/ext" in n) == [
        f"xl/externalLinks/externalLink{n}.xml" for n in (3, 5)
    ]
    assert clean(target)


def test_links_keep_their_numbers_where_a_format_or_a_control_holds_one(rich: Path) -> None:
    link(rich, "Focal.xlam", "formats.xlsx", "unused.xlsx")
    edit(rich, CUSTOMERS, lambda text: text.replace("$C6&gt;AVERAGE(", "$C6&gt;[2]S!$A$1+AVERAGE("))
    target, summary = exported(rich)
    assert (summary.links, summary.kept_links) == (("unused.xlsx",), ("Focal.xlam", "formats.xlsx"))
    assert b"[2]S!$A$1" in parts(target)[CUSTOMERS]
    assert lint(target) == []


# --- files -----------------------------------------------------------------------------------------------------------


def test_macros_stay(rich: Path) -> None:
    edit(rich, "[Content_Types].xml", lambda text: text.replace("sheet.main+xml", "UNSET", 1))
    macro = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    edit(rich, "[Content_Types].xml", lambda text: text.replace(f"{MAIN}.UNSET", macro))
    types = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    code = {"xl/vbaProject.bin": "code"}
    edit(rich, "[Content_Types].xml", lambda text: text.replace("<Override", f"{types}<Override", 1), **code)
    relation = '<Relationship Id="vba" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" '
    relation += 'Target="vbaProject.bin"/></Relationships>'
    edit(rich, "xl/_rels/workbook.xml.rels", lambda text: text.replace("</Relationships>", relation))
    source = rich.rename(rich.with_suffix(".xlsm"))
    target = source.with_name("values.xlsm")
    save_values(source, target)
    assert parts(target)["xl/vbaProject.bin"] == b"code"
    assert formulas(target) == []
    assert lint(target) == []


def prefixed(text: str) -> str:
    text = re.sub(r"<(/?)(?!\w+:|\?|/)", r"<\1x:", text)
    return text.replace('xmlns="', 'xmlns:x="')


@pytest.mark.parametrize(
    "change",
    [prefixed, lambda t: t.replace("<f>", "\n <f>").replace("<row ", "<!-- here --><row ")],
    ids=["prefixes", "comments and spaces"],
)
def test_sheets_of_unusual_writers_lose_their_formulas_too(rich: Path, change) -> None:
    values = Package.open(rich).read_range("Customers", "A1:K12")
    edit(rich, CUSTOMERS, change)
    target, summary = exported(rich)
    assert Package.open(target).read_range("Customers", "A1:K12") == values
    assert summary.formulas == 11
    assert formulas(target) == []
    assert clean(target)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"customer,date\n")
    with pytest.raises(InputError, match=r"not an \.xlsx workbook"):
        save_values(bad, tmp_path / "values.xlsx")
    strict = build(tmp_path / "strict.xlsx")
    edit(strict, BOOK, lambda text: text.replace(SHEET, "http://purl.oclc.org/ooxml/spreadsheetml/main"))
    with pytest.raises(InputError, match="Strict Open XML"):
        save_values(strict, tmp_path / "values.xlsx")
    assert not (tmp_path / "values.xlsx").exists()


def test_a_damaged_sheet_is_refused_and_nothing_is_written(rich: Path, tmp_path: Path) -> None:
    edit(rich, CUSTOMERS, lambda text: text.replace("<sheetData>", "<sheetRows>"))
    with pytest.raises(InputError, match="damaged"):
        save_values(rich, tmp_path / "values.xlsx")
    assert sorted(tmp_path.glob("*.xlsx")) == [rich]


def test_a_table_of_200000_rows_is_done_in_seconds(tmp_path: Path) -> None:
    ids = [f"c{i}" for i in range(200_000)]
    source = fill(build(tmp_path / "rich.xlsx"), ids)
    start = time.perf_counter()
    target, summary = exported(source)
    assert time.perf_counter() - start < 60
    assert summary.formulas >= 200_000
    assert Package.open(target).read_range("Customers", "E200005:F200005") == [[1.5 * 2 * 199_999, None]]


# --- the finished workbook -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo_values(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    target = tmp_path_factory.mktemp("export") / "demo - values.xlsx"
    return target, save_values(demo, target)


def test_the_finished_workbook_has_a_value_for_each_formula(demo_values: tuple[Path, Summary]) -> None:
    target, summary = demo_values
    assert summary.formulas > 1000
    assert summary.uncalculated == 0
    assert formulas(target) == []
    assert lint(target) == []
    assert validate(target) == []


def test_libreoffice_shows_the_same_in_the_copy(demo: Path, demo_values, demo_cells: Cells, libreoffice) -> None:
    after, stored = libreoffice.cells(demo_values[0], texts=False), Package.open(demo)
    compared = 0
    for sheet, page in demo_cells.items():
        for ref, before in page.items():
            cell = after[sheet].get(ref)
            if cell is None:
                assert before.value == "", f"{sheet}!{ref} is empty in the copy"
                continue
            assert (cell.formula, cell.error) == ("", before.error), f"{sheet}!{ref}"
            if isinstance(before.value, float):
                shown = stored.read_cell(sheet, ref)  # LibreOffice calculates anew and rounds in another order
                assert cell.value == pytest.approx(shown, rel=1e-12, abs=1e-300), f"{sheet}!{ref}"
            else:
                assert cell.value == before.value, f"{sheet}!{ref}"
            compared += 1
    assert compared > 10_000
