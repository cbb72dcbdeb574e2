"""What Excel refuses in a formula as a file holds it; a part of the lint."""

import re

_FUTURE = ("BYCOL|BYROW|CHOOSECOLS|CONCAT|DROP|EXPAND|HSTACK|IFS|LAMBDA|LET|MAKEARRAY|MAP|MAXIFS|MINIFS|REDUCE|SCAN|"
           "SEQUENCE|SORTBY|SWITCH|TAKE|TEXTJOIN|TEXTSPLIT|TOCOL|UNIQUE|VSTACK|XLOOKUP|XMATCH")  # fmt: skip
_BRACKETS = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
NOT_A_NAME = re.compile(r"[RrCc]|[A-Za-z]{1,3}\d{1,7}|[Rr]\d*[Cc]\d*")


def formula_issues(formula: str) -> list[str]:
    """What Excel does not accept in a formula as a file holds it."""
    bare = re.sub(r'"[^"]*"', '""', formula)
    outside = re.sub(r"\{[^}]*\}|'[^']*'!", "", _BRACKETS.sub("", bare))
    issues = []
    if formula.startswith("="):
        issues.append("leading =")
    if len(formula) > 8192:
        issues.append("longer than 8192 characters")
    if formula.count('"') % 2:
        issues.append("unbalanced quotes")
    if _unbalanced(_BRACKETS.sub("", re.sub(r"'[^']*'!", "", bare))):
        issues.append("unbalanced parentheses")
    if ";" in outside:
        issues.append("semicolon as separator")
    if "[@" in bare:
        issues.append("@ short form; a file holds [#This Row]")
    whole = re.sub(r"\w+\[(?:[^\[\]]|\[[^\]]*\])*\]", "", bare)
    if re.search(r"(?<![\w\]])\[(\[|@|#|[A-Za-z_])", whole):
        issues.append("structured reference without its table")
    issues += [f"{m[1]} without _xlfn." for m in re.finditer(rf"(?<![\w.])({_FUTURE})\(", bare)]
    issues += [f"{m[1]} without _xlfn._xlws." for m in re.finditer(r"(?<!_xlws\.)\b(FILTER|SORT)\(", bare)]
    return issues + _parameter_issues(bare)


def _unbalanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return True
    return depth != 0


def _parameter_issues(formula: str) -> list[str]:
    """LET and LAMBDA parameters: names ignore case and must not look like references."""
    spelled: dict[str, set[str]] = {}
    for parameter in re.findall(r"_xlpm\.(\w+)", formula):
        spelled.setdefault(parameter.casefold(), set()).add(parameter)
    issues = [f"parameters differ only in case: {sorted(v)}" for v in spelled.values() if len(v) > 1]
    return issues + [f"parameter looks like a reference: {p}" for p in spelled if NOT_A_NAME.fullmatch(p)]
