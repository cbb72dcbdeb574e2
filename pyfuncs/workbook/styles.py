"""How cells look: one font, few colours, and a small grammar of style names.

A style is a number format, optionally prefixed by a role: ``in:pct`` is an input, ``x:money`` a figure linked from
another sheet, ``total:int`` a total, ``key:money`` a headline.  Colours are those of WORKBOOK.md; meaning is never told
by colour alone.
"""

from typing import Any

INK, GREY, RULE = "#1F2933", "#6B7785", "#D5DAE0"
FOCAL, BORDERLINE, CORE, LIGHT = "#0B6E4F", "#D98E04", "#3B7EA1", "#B8C0C8"
INPUT_INK, INPUT_FILL, LINK_INK = "#0000CC", "#FFFBE6", "#0B6E4F"
AMBER, BRICK = "#9A6400", "#B23A2E"
TAB_COLOURS = {
    "foundation": INK,
    "input": "#E6C229",
    "presentation": FOCAL,
    "workings": CORE,
    "control": GREY,
}
FONT = "Calibri"

MONEY = "[>=1000]#,##0;[<=-1000]-#,##0;#,##0.00"
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {},
    "say": {"indent": 1},
    "say_wrap": {"indent": 1, "text_wrap": True},
    "id": {"num_format": "@"},
    "wrap": {"text_wrap": True},
    "int": {"num_format": "#,##0"},
    "num1": {"num_format": "#,##0.0"},
    "num2": {"num_format": "#,##0.00"},
    "num3": {"num_format": "0.000"},
    "q": {"num_format": '[<0.0005]"<0.001";0.000'},
    "num4": {"num_format": "#,##0.0000"},
    "num6": {"num_format": "#,##0.000000"},
    "sci": {"num_format": "0.0E+00"},
    "money": {"num_format": MONEY},
    "pct": {"num_format": "0.0%"},
    "pct0": {"num_format": "0%"},
    "gap": {"num_format": "+0%;-0%;"},  # a difference, blank where there is none
    "date": {"num_format": "dd-mmm-yyyy"},
    "unit": {"align": "right"},
    "verdict": {"bold": True, "align": "center"},
}
_ROLES: dict[str, dict[str, Any]] = {
    "in": {"font_color": INPUT_INK, "bg_color": INPUT_FILL, "border": 1, "border_color": RULE, "locked": False},
    "x": {"font_color": LINK_INK},
    "total": {"bold": True, "top": 1, "top_color": INK},
    "key": {"bold": True, "font_size": 18, "align": "left", "valign": "vcenter"},
    "left": {"align": "left"},
    "right": {"align": "right"},  # words in a column of numbers
}
_HEAD: dict[str, Any] = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "bottom_color": INK}
_ABOVE: dict[str, Any] = {"font_size": 9, "font_color": GREY, "text_wrap": True, "valign": "bottom"}
_WHOLE: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "shows": {"font_size": 9, "font_color": GREY},
    "section": {"bold": True, "font_size": 11, "bottom": 1, "bottom_color": INK},
    "head": _HEAD,
    "head_say": _HEAD | {"align": "left", "indent": 1},
    "head_center": _HEAD | {"align": "center"},
    "head_right": _HEAD | {"align": "right"},
    "above": _ABOVE,
    "above_right": _ABOVE | {"align": "right"},
    "label": {},
    "state": {"bold": True, "align": "left"},
    "note": {"font_size": 9, "font_color": GREY, "text_wrap": True, "indent": 1},
    "aside": {"font_size": 9, "font_color": GREY, "indent": 1},
    "tile_label": {"font_size": 9, "font_color": GREY, "top": 2, "top_color": FOCAL},
    "tile_note": {"font_size": 9, "font_color": GREY, "text_wrap": True, "valign": "top"},
    "says": {"font_size": 9, "text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "link": {"font_color": CORE, "underline": 1},
    "typed": {"font_color": INPUT_INK, "bg_color": INPUT_FILL, "border": 1, "border_color": RULE},
    "chip_link": {"font_color": LINK_INK},
    "chip_focal": {"font_color": "#FFFFFF", "bg_color": FOCAL, "bold": True},
    "chip_borderline": {"font_color": INK, "bg_color": BORDERLINE, "bold": True},
    "chip_core": {"font_color": "#FFFFFF", "bg_color": CORE, "bold": True},
    "chip_light": {"font_color": INK, "bg_color": LIGHT, "bold": True},
}
_WHOLE |= {f"chip_{kind}": {"bg_color": colour} for kind, colour in TAB_COLOURS.items()}
HIGHLIGHTS: dict[str, dict[str, Any]] = {
    "good": {"font_color": FOCAL, "bold": True},
    "warn": {"font_color": AMBER, "bold": True},
    "fail": {"font_color": "#FFFFFF", "bg_color": BRICK, "bold": True},
    "stale": {"font_color": "#FFFFFF", "bg_color": BRICK, "bold": True},
    "focal": {"font_color": FOCAL, "bold": True},
    "core": {"font_color": CORE},
    "light": {"font_color": GREY},
}
RIGHT_ALIGNED = frozenset(name for name, form in _FORMATS.items() if "num_format" in form and name != "id")


def properties(style: str) -> dict[str, Any]:
    """XlsxWriter format properties of a style name; raises KeyError for a name outside the grammar."""
    base: dict[str, Any] = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
    if style in _WHOLE:
        return base | _WHOLE[style]
    role, _, form = style.rpartition(":")
    return base | _FORMATS[form] | (_ROLES[role] if role else {})


def is_number(style: str) -> bool:
    """Whether cells of this style hold numbers or dates."""
    return style.rpartition(":")[2] in RIGHT_ALIGNED


def header(style: str, base: str = "head") -> str:
    """Style of the header over cells of a style: on the right over numbers, otherwise as the text stands."""
    if is_number(style):
        return f"{base}_right"
    if style == "verdict":
        return f"{base}_center"
    return "head_say" if base == "head" and style.startswith("say") else base
