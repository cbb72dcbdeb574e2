"""Settings: every assumption once, typed by the user, with unit, allowed values and meaning."""

from pyfuncs.analysis.assumptions import SETTINGS
from pyfuncs.workbook.parts import Choice, Part, Sheet, Text, setting_name

FIRST = 7
REASONS = "H"
"""Column of the user's notes and sources."""
_AT_ONCE = {"margin": "At once, intervals on refit", "cac": "At once, payback on refit"}
_HEADS = ("Assumption", "Value", "Unit", "Allowed", "What it does", "Takes effect", "Your note or source")
_LINES = {"known_at_acquisition": 4}  # of a value that lists headers


def _parts() -> tuple[Part, ...]:
    parts: list[Part] = [Text(f"{'BCDEFGH'[i]}{FIRST - 1}", head, "head") for i, head in enumerate(_HEADS)]
    row, group = FIRST, ""
    for setting in SETTINGS:
        if setting.group != group:
            group = setting.group
            parts.append(Text(f"B{row}", group, "section", span=7))
            row += 1
        parts += [
            Text(f"B{row}", setting.label, "label"),
            Choice(setting_name(setting.name), f"C{row}", setting.name),
            Text(f"D{row}", setting.unit, "note"),
            Text(f"E{row}", setting.allowed, "note"),
            Text(f"F{row}", setting.meaning, "note"),
            Text(f"G{row}", _AT_ONCE.get(setting.name, "At once") if setting.live else "On refit", "note"),
            Text(f"{REASONS}{row}", "", "in:wrap"),
        ]
        row += 1
    return tuple(parts)


def _heights() -> dict[int, float]:
    heights: dict[int, float] = {}
    row, group = FIRST, ""
    for setting in SETTINGS:
        if setting.group != group:
            group, row = setting.group, row + 1
            heights[row - 1] = 21
        lines = max(
            -(-len(setting.meaning) // 84),
            -(-len(setting.allowed) // 28),
            -(-len(setting.unit) // 21),
            2 * (setting.name in _AT_ONCE),
            _LINES.get(setting.name, 1),
        )
        heights[row] = 4.0 + 12.5 * max(1, lines)
        row += 1
    return heights


SHEET = Sheet(
    "Settings", "input", "Settings",
    "Every assumption stands here once. Change the blue cells, then refit; the Cover says STALE until you do.",
    widths=(24, 24, 17, 22, 62, 15, 26),
    parts=_parts(), heights={FIRST - 1: 18} | _heights(), freeze=f"A{FIRST}", repeat_rows=(2, FIRST - 1),
)  # fmt: skip
