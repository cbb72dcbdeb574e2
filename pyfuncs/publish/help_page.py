"""The function reference that the Help button opens: one page, written from the catalogue and the vocabulary."""

import re
from html import escape
from itertools import groupby
from typing import Any, Final

from pyfuncs import __version__
from pyfuncs.functions import CATALOGUE, Function
from pyfuncs.functions.catalogue import Argument, Example
from pyfuncs.publish.vba import call
from pyfuncs.vocabulary import GROUPS, TERMS
from pyfuncs.workbook.cells import column_letters
from pyfuncs.workbook.styles import CORE, FOCAL, FONT, GREY, INK, INPUT_FILL, RULE

_AS_COLUMN: Final = {
    "customers": "Number of customers.",
    "level": "One of the words of the attribute; blank for numbers and dates.",
    "model": "Name of the model.",
    "horizon": "Years ahead, or for ever.",
}
"""Words that mean another thing as an argument than over a column of results."""
_ROUGH: Final = 1.0
"""Tolerance of an example from which its figures are called rough."""
_STYLE: Final = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.5rem 4rem; background: #fff; color: {INK};
  font: 15px/1.5 {FONT}, Carlito, "Segoe UI", Helvetica, Arial, sans-serif; }}
h1 {{ margin: 0; font-size: 1.6rem; }}
h2 {{ margin: 3rem 0 1rem; padding-bottom: .25rem; border-bottom: 1px solid {INK}; font-size: 1.25rem; }}
h3 {{ margin: 2.25rem 0 .4rem; font-size: 1.05rem; font-weight: normal; }}
h3 b {{ color: {FOCAL}; }}
h4, figcaption {{ margin: .75rem 0 .25rem; font-size: .87rem; color: {GREY}; font-weight: normal; }}
p, ul {{ margin: .4rem 0; max-width: 46rem; }}
a {{ color: {CORE}; }}
code {{ font: .87em/1.4 Consolas, Menlo, "DejaVu Sans Mono", monospace; }}
.note, footer {{ color: {GREY}; font-size: .87rem; }}
nav dl {{ display: grid; grid-template-columns: 9rem 1fr; margin: 1rem 0 0; }}
nav dt {{ font-weight: bold; }}
nav dd {{ margin: 0; }}
nav a {{ margin-right: .75rem; white-space: nowrap; text-decoration: none; }}
table {{ margin: .5rem 0; border-collapse: collapse; }}
th, td {{ padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid {RULE}; }}
th {{ border-bottom-color: {INK}; }}
thead th {{ font-size: .87rem; color: {GREY}; font-weight: normal; }}
tbody th {{ min-width: 9rem; font-weight: normal; border-bottom-color: {RULE}; white-space: nowrap; }}
figure {{ margin: 1rem 0; }}
figcaption code {{ color: {INK}; }}
.example {{ display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: flex-start; }}
.sheet {{ font-size: .87rem; }}
.sheet th, .sheet td {{ padding: .05rem .5rem; border: 1px solid {RULE}; }}
.sheet th {{ min-width: 0; color: {GREY}; font-weight: normal; text-align: center; background: #F6F7F8; }}
.sheet td.typed {{ background: {INPUT_FILL}; }}
.sheet .number {{ text-align: right; font-variant-numeric: tabular-nums; }}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 9.5pt; }}
  p, ul {{ max-width: none; }}
  a {{ color: inherit; text-decoration: none; }}
  h2, h3, h4, figcaption {{ break-after: avoid; }}
  tr, figure {{ break-inside: avoid; }}
}}
@page {{ margin: 18mm 16mm; }}
"""
_INTRODUCTION: Final = """
<section id="use"><h2>How the functions work</h2>
<ul>
<li><b>Ranges in, a table out.</b> A function takes whole ranges and answers with a whole table, which spills from its
cell to the right and down. Keep those cells free, or Excel shows #SPILL!. In Excel 2019 and older, which do not spill,
select the cells of the result first and finish the formula with Ctrl+Shift+Enter.</li>
<li><b>Header in, header out.</b> With a header row the columns may stand in any order, and the result has a header too.
Without one they are read by position.</li>
<li><b>Customers</b> are what <a href="#CLV_RFM">CLV_RFM</a> returns, or the log itself: customer, date, amount.
Whole columns such as A:C may be given.</li>
<li><b>A model is cells.</b> <a href="#CLV_FIT">CLV_FIT</a> returns a table of terms and values. Point the other
functions to it, so that the model is fitted once and can be read, kept and typed over. Left out, the model is fitted
anew in each formula, which takes longer.</li>
<li><b>Units.</b> Horizons are years, rates are yearly, shares are fractions (15&nbsp;% is 0.15). The unit of a fit is
the week unless you say otherwise.</li>
<li><b>To type one</b>, click Focal, Insert function, or look under Formulas, Insert Function, in the categories that
begin with Focal. Where your Excel separates arguments by semicolons, use these.</li>
</ul>
</section>
<section id="errors"><h2>When a cell shows an error</h2>
<table><thead><tr><th>Error</th><th>Means</th></tr></thead><tbody>
<tr><th scope="row">#VALUE!</th><td>An argument or a cell is not what it must be.</td></tr>
<tr><th scope="row">#NUM!</th><td>A number lies where there is no answer, for example a rate of 15 in place of
0.15.</td></tr>
<tr><th scope="row">#N/A</th><td>The data are in order but do not suffice, for example too few customers to fit a
model.</td></tr>
</tbody></table>
<p>A wrong argument gives one error. A wrong row gives an error in its own row, and the rest is calculated.
<a href="#CLV_CHECK">CLV_CHECK</a> on the same range accounts for every row and says why rows were set aside. An error
that stands in an argument is passed on as it is.</p>
<p>#VALUE! everywhere: Excel does not reach Python. The status bar and Focal, Doctor say why. #NAME?: the add-in is not
loaded on this computer. Formulas that look for Focal in another folder: Focal, Repair links.</p>
<p>The functions need Excel for Windows. On a Mac the Refit button and the template work.</p>
</section>
"""


def help_page() -> str:
    """The page: how to use the functions, each function with a worked example, and the terms."""
    families = [
        (family, list(functions)) for family, functions in groupby(CATALOGUE.values(), key=lambda each: each.family)
    ]
    body = "".join(_family(family, functions) for family, functions in families)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Focal: functions</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n<h1>Focal: functions for Excel</h1>\n"
        f'<p class="note">Version {__version__}. Arguments in brackets may be left out.</p>\n</header>\n'
        f"<nav>\n{_contents(families)}</nav>\n<main>{_INTRODUCTION}{body}{_terms()}</main>\n</body>\n</html>\n"
    )


def _contents(families: list[tuple[str, list[Function]]]) -> str:
    """Links to every function by family."""
    links = {family: [(function.name, function.name) for function in functions] for family, functions in families}
    links["Also"] = [("use", "How they work"), ("errors", "Errors"), ("terms", "Terms")]
    text = ""
    for group, found in links.items():
        line = " ".join(f'<a href="#{anchor}">{shown}</a>' for anchor, shown in found)
        text += f"<dt>{escape(group)}</dt><dd>{line}</dd>\n"
    return f"<dl>\n{text}</dl>\n"


def _family(family: str, functions: list[Function]) -> str:
    return f"<section><h2>{escape(family)}</h2>\n{''.join(map(_function, functions))}</section>\n"


def _function(function: Function) -> str:
    name = function.name
    description = f"<p>{_prose(function.description)}</p>\n" if function.description else ""
    arguments = "".join(map(_argument, function.arguments))
    return (
        f'<article id="{name}">\n<h3><b>{name}</b>{escape(call(function).removeprefix(name))}</h3>\n'
        f"<p>{_prose(function.summary)}</p>\n{description}"
        f"<table><thead><tr><th>Argument</th><th>Meaning</th></tr></thead><tbody>\n{arguments}</tbody></table>\n"
        f"{_columns(function)}{_example(function)}</article>\n"
    )


def _argument(argument: Argument) -> str:
    name = f"[{argument.name}]" if argument.optional else argument.name
    notes = []
    if argument.kind.choices:
        notes.append(f"One of: {', '.join(argument.kind.choices)}.")
    if argument.default is not None and "left out" not in argument.meaning.lower():
        notes.append(f"Left out: {_shown(argument.default)}.")
    more = f'<br><span class="note">{escape(" ".join(notes))}</span>' if notes else ""
    return f'<tr><th scope="row"><code>{name}</code></th><td>{_prose(argument.meaning)}{more}</td></tr>\n'


def _columns(function: Function) -> str:
    """What stands over the columns of the result; found by asking the function, with headers on its ranges."""
    names = function(*(_with_header(given, argument) for given, argument in _given(function)))[0]
    meanings = {name: _AS_COLUMN.get(name) or TERMS[name].meaning for name in map(str, names) if name in TERMS}
    named = [str(name) for name in names if name not in TERMS]
    if named:
        meanings |= {", ".join(named): "Shares, one column for each, headed as in the cells."}
    lines = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{_prose(meaning)}</td></tr>\n'
        for name, meaning in meanings.items()
    )
    head = "<thead><tr><th>Returns</th><th>Meaning</th></tr></thead>"
    return f"<table>{head}<tbody>\n{lines}</tbody></table>\n"


def _given(function: Function) -> list[tuple[Any, Argument]]:
    """The arguments of the example, each with what it is."""
    return list(zip(function.example.arguments, function.arguments, strict=False))


def _with_header(given: Any, argument: Argument) -> Any:
    """A range of an example under a header, where it can have one and has none."""
    if not _is_grid(given) or argument.kind.name == "model":
        return given
    if len(given[0]) == 1:
        return ((argument.name,), *given)
    return given if isinstance(given[0][0], str) else (("frequency", "recency", "T"), *given)


# ---- examples -----------------------------------------------------------------------------------------------------


def _example(function: Function) -> str:
    """The example as somebody would type it: the cells, the formula, and what it returns."""
    typed: dict[tuple[int, int], Any] = {}
    written, column = [], 0
    for given, _ in _given(function):
        if not _is_grid(given):
            written.append(_literal(given))
            continue
        typed |= {(i, column + j): cell for i, row in enumerate(given) for j, cell in enumerate(row)}
        end = column + len(given[0]) - 1
        written.append(f"{column_letters(column + 1)}1:{column_letters(end + 1)}{len(given)}")
        column = end + 2
    formula = f"={function.name}({', '.join(written)})"
    return (
        f"<figure><figcaption>Example: <code>{escape(formula)}</code></figcaption>\n"
        f'<div class="example"><div><h4>Cells</h4>{_sheet(typed)}</div>{_result(function.example)}</div></figure>\n'
    )


def _result(example: Example) -> str:
    """What the example returns; nothing where it shows no more than the header."""
    if example.rows == 1:
        return ""
    grid = example.result if isinstance(example.result, list) else [[example.result]]
    body = "".join(f"<tr>{''.join(_cell(cell, False) for cell in row)}</tr>" for row in grid)
    title = ("First rows of the result" if example.rows else "Result") + ", roughly" * (example.tolerance >= _ROUGH)
    return f'<div><h4>{title}</h4><table class="sheet"><tbody>{body}</tbody></table></div>'


def _sheet(cells: dict[tuple[int, int], Any]) -> str:
    """Typed cells as they stand on a sheet, with the letters and numbers around them."""
    rows, columns = 1 + max(row for row, _ in cells), 1 + max(column for _, column in cells)
    head = "<th></th>" + "".join(f"<th>{column_letters(column + 1)}</th>" for column in range(columns))
    body = "".join(
        f"<tr><th>{row + 1}</th>"
        + "".join(_cell(cells.get((row, column)), (row, column) in cells) for column in range(columns))
        + "</tr>"
        for row in range(rows)
    )
    return f'<table class="sheet"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(value: Any, typed: bool) -> str:
    classes = " ".join([*(["typed"] if typed else []), *(["number"] if isinstance(value, int | float) else [])])
    return f'<td class="{classes}">{escape(_shown(value))}</td>' if classes else f"<td>{escape(_shown(value))}</td>"


def _is_grid(given: Any) -> bool:
    return isinstance(given, tuple)


def _literal(value: Any) -> str:
    """A bare value as a formula has it; nothing for an argument left out."""
    return f'"{value}"' if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    """A value as a cell shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


# ---- terms --------------------------------------------------------------------------------------------------------


def _terms() -> str:
    """Every term of the vocabulary with symbol, unit and meaning."""
    text = '<section id="terms"><h2>Terms</h2>\n<p class="note">Symbols are those of the published papers.</p>\n'
    for group, terms in GROUPS.items():
        rows = "".join(
            f'<tr><th scope="row"><code>{term.name}</code></th><td>{escape(term.symbol)}</td>'
            f"<td>{escape(term.unit)}</td><td>{_prose(term.meaning)}</td></tr>\n"
            for term in terms
        )
        text += (
            f"<h4>{escape(group)}</h4>\n<table><thead><tr><th>Term</th><th>Symbol</th><th>Unit</th><th>Meaning</th></tr>"
            f"</thead><tbody>\n{rows}</tbody></table>\n"
        )
    return text + "</section>\n"


def _prose(text: str) -> str:
    """Text of a docstring or of the vocabulary: one space between words, code in backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(text.split()), quote=False))
