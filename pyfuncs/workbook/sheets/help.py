"""Help: what to do with the sheets, the worksheet functions, the terms and units, the tables and defined names of this workbook."""

from collections.abc import Iterator

from pyfuncs.functions import CATALOGUE
from pyfuncs.vocabulary import TERMS
from pyfuncs.workbook.parts import Choice, Grid, Lines, Part, Sheet, Text, slots, tables

_USE = "Use: "  # begins the sentence of a sheet that says what to do with it
_USES = ("Sheet", "", "What it shows", "What to do with it")
_FUNCTIONS = ("Function", "Family", "Takes ([optional])", "Gives")
_TERMS = ("Term", "Symbol and unit", "Meaning")
_NAMES = ("Name", "Sheet", "Holds")
_WIDTHS = (28, 20, 62, 74)


def sheet(others: tuple[Sheet, ...]) -> Sheet:
    """The Help sheet of a template that has these other sheets."""
    parts: list[Part] = []
    heights: dict[int, float] = {}
    row = 6

    def section(title: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
        nonlocal row
        parts.append(Text(f"B{row}", title, "section", span=4))
        parts.extend(Text(f"{'BCDE'[i]}{row + 1}", head, "head") for i, head in enumerate(heads))
        row += 2
        for cells in rows:
            parts.extend(Text(f"{'BCDE'[i]}{row}", text, "wrap") for i, text in enumerate(cells))
            heights[row] = 13.5 * max(_lines(text, _WIDTHS[i]) for i, text in enumerate(cells)) + 2
            row += 1
        row += 1

    section("What to do with each sheet", _USES, _uses(others))
    section("Worksheet functions (in Excel with the Focal add-in; the same figures are on these sheets without it)",
            _FUNCTIONS, _functions())  # fmt: skip
    section("Terms and units", _TERMS, _terms())
    section("Tables", _NAMES, _tables(others))
    section("Defined names: settings, and the slots a refit fills", _NAMES, _names(others))
    return Sheet(
        "Help", "control", "Help",
        "What to do with the sheets, functions, terms and names. Symbols are those of the published papers.",
        widths=_WIDTHS, parts=tuple(parts), heights=heights, freeze="A6", repeat_rows=(2, 4),
    )  # fmt: skip


def _lines(text: str, width: int) -> int:
    return -(-len(text) // int(width * 1.2)) or 1


def _uses(others: tuple[Sheet, ...]) -> Iterator[tuple[str, ...]]:
    for other in others:
        for part in other.parts:
            if isinstance(part, Text) and part.text.startswith(_USE):
                yield other.name, "", other.shows, part.text.removeprefix(_USE)[:1].upper() + part.text[len(_USE) + 1 :]


def _functions() -> Iterator[tuple[str, ...]]:
    for function in CATALOGUE.values():
        takes = ", ".join(
            f"[{argument.name}]" if argument.optional else argument.name for argument in function.arguments
        )
        yield function.name, function.family, takes, function.summary


def _terms() -> Iterator[tuple[str, ...]]:
    for term in TERMS.values():
        yield term.name, ", ".join(filter(None, (term.symbol, term.unit))), term.meaning


def _tables(others: tuple[Sheet, ...]) -> Iterator[tuple[str, ...]]:
    for other in others:
        for table in tables(other.parts):
            yield table.name, other.name, table.meaning


def _names(others: tuple[Sheet, ...]) -> Iterator[tuple[str, ...]]:
    for other in others:
        for part in other.parts:
            if isinstance(part, Choice):
                yield part.name, other.name, "Setting"
        for slot in slots(other.parts):
            yield slot.name, other.name, f"Filled by a refit: {_content(slot)}"
            if isinstance(slot, Lines):
                for line in slot.lines:
                    if line.name:
                        yield line.name, other.name, line.label
            if isinstance(slot, Grid):
                for (number, header), name in slot.names.items():
                    yield name, other.name, f"{slot.name}, row {number}, {header}"
        for name in other.names:
            yield name, other.name, "A column of the re-performance or of the inputs"


def _content(slot: object) -> str:
    if isinstance(slot, Grid):
        return f"{slot.rows} rows of {', '.join(filter(None, (column.header for column in slot.columns)))}"[:140]
    return "a column of labelled cells" if isinstance(slot, Lines) else "one cell"
