"""The VBA of the add-in, parsed, and a scanner for what a VBA compiler would refuse.

There is no VBA compiler outside Office.  pyOpenVBA's parser refuses blocks that do not close and statements that are
none; the scanner here adds the names: every one must be declared, as `Option Explicit` demands, every procedure
called must exist and take that many arguments, and every label jumped to must stand in the procedure.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyopenvba.interpreter import parse_module

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "addin" / "vba"
LANGUAGE = frozenset(
    """abs array asc cbool cbyte ccur cdate cdbl chr cint clng cstr csng cvar cverr date dateadd datediff datepart
    dateserial datevalue day dir doevents environ eof err error filelen fix format freefile getattr hex hour iif
    inputbox instr instrrev int isarray isdate isempty iserror ismissing isnull isnumeric isobject join lbound lcase
    left len lenb lof ltrim mid minute month msgbox now oct replace right rnd round rtrim second sgn space split sqr
    str strcomp strconv strptr string strreverse time timer timeserial timevalue trim typename ubound ucase val
    varptr vartype weekday year objptr choose switch createobject getobject""".split()
)
EXCEL = frozenset(
    """application activeworkbook activesheet activecell selection thisworkbook workbooks worksheets range cells
    intersect union evaluate""".split()
)
TYPES = frozenset(
    "boolean byte integer long longptr single double currency date string object variant iribboncontrol range"
    " workbook worksheet".split()
)


@dataclass
class Scope:
    """What a procedure may name, and what may be called with how many arguments."""

    names: set[str] = field(default_factory=set)
    calls: dict[str, tuple[int, int]] = field(default_factory=dict)


def sources(folder: Path = FOLDER) -> dict[str, str]:
    """Every module of the add-in by name."""
    return {path.stem: path.read_text(encoding="ascii") for path in sorted(folder.glob("*.bas"))}


def public_subs(texts: dict[str, str]) -> dict[str, list[str]]:
    """Public Subs of the modules, each with its parameters as written: type after `As`."""
    return {
        procedure.name: [f"{parameter.name} As {parameter.declared}" for parameter in procedure.params]
        for text in texts.values()
        for procedure in parse_module(text).procedures
        if procedure.kind == "sub" and procedure.scope == "public"
    }


def problems(texts: dict[str, str]) -> list[str]:
    """What a compiler would refuse in modules that make up a project; pyOpenVBA raises on what it cannot parse."""
    modules = {name: parse_module(text) for name, text in texts.items()}
    shared = Scope()
    for module in modules.values():
        _declare(shared, module, public_only=True)
    found = []
    for name, module in modules.items():
        if module.options[:1] != ["Explicit"]:
            found.append(f"{name}: Option Explicit is not the first option")
        own = Scope(set(shared.names), dict(shared.calls))
        _declare(own, module, public_only=False)
        for procedure in module.procedures:
            found += [f"{name}.{procedure.name}: {problem}" for problem in _in_procedure(procedure, own)]
    return found


def _declare(scope: Scope, module: Any, *, public_only: bool) -> None:
    for procedure in module.procedures:
        if not public_only or procedure.scope == "public":
            least = sum(not (one.optional or one.param_array) for one in procedure.params)
            scope.calls[procedure.name.lower()] = (least, len(procedure.params))
    if not public_only:
        for declare in module.declares:
            scope.calls[declare.name.lower()] = (len(declare.params), len(declare.params))
    for group in module.constants:
        if not public_only or group.scope == "public":
            scope.names |= {name.lower() for name, _, _ in group.names}
    if not public_only:
        scope.names |= {one.name.lower() for group in module.variables for one in group.decls}


def _in_procedure(procedure: Any, scope: Scope) -> Iterator[str]:
    nodes = list(_nodes(procedure.body))
    local = {procedure.name.lower()} | {one.name.lower() for one in procedure.params}
    local |= {one.name.lower() for node in nodes if _is(node, "Dim") for one in node.decls}
    local |= {name.lower() for node in nodes if _is(node, "ConstDecl") for name, _, _ in node.names}
    labels = {node.name.lower() for node in nodes if _is(node, "Label")}
    declared = [one for node in nodes if _is(node, "Dim") for one in node.decls]
    for one in (*procedure.params, *declared):
        if one.declared.lower() not in TYPES:
            yield f"type {one.declared} is not known"
    for node in nodes:
        if _is(node, "Name") and not _known(node.name, local, scope):
            yield f"line {node.line}: {node.name} is not declared"
        if _is(node, "Index", "CallStmt"):
            yield from _arity(node, local, scope)
        label = getattr(node, "label", "").lower()
        if label and label not in labels:
            yield f"line {node.line}: there is no label {label}"


def _arity(node: Any, local: set[str], scope: Scope) -> Iterator[str]:
    """A call of one of our procedures with as many arguments as it takes."""
    callee = node.callee if _is(node, "CallStmt") else node.target
    name = _plain(callee.name) if _is(callee, "Name") else ""
    if name in scope.calls and name not in local and (node.args or _is(node, "CallStmt")):
        least, most = scope.calls[name]
        if not least <= len(node.args) <= most:
            yield f"line {node.line}: {name} takes {least} to {most} arguments, not {len(node.args)}"


def _known(name: str, local: set[str], scope: Scope) -> bool:
    plain = _plain(name)
    ours = plain in local or plain in scope.names or plain in scope.calls
    return ours or plain in LANGUAGE or plain in EXCEL or plain.startswith(("vb", "xl"))


def _plain(name: str) -> str:
    return name.rstrip("$%&!#@").lower()


def _is(node: Any, *kinds: str) -> bool:
    return type(node).__name__ in kinds


def _nodes(part: Any) -> Iterator[Any]:
    """Every statement and expression of a parsed body."""
    if isinstance(part, list | tuple):
        for each in part:
            yield from _nodes(each)
    elif dataclasses.is_dataclass(part):
        yield part
        for each in dataclasses.fields(part):
            yield from _nodes(getattr(part, each.name))
