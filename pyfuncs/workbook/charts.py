"""Draw a declared chart as a native Excel chart in the house style."""

from typing import Any

from pyfuncs.workbook.parts import Chart, Series
from pyfuncs.workbook.styles import FONT, GREY, INK, RULE

_TYPES = {
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "bar": {"type": "bar", "subtype": "stacked"},
    "line": {"type": "line"},
    "scatter": {"type": "scatter", "subtype": "straight"},
}
_MARKS = ("diamond", "long_dash", "square")
_SMALL = {"name": FONT, "size": 9, "color": GREY}


def add_chart(book: Any, page: Any, part: Chart) -> None:
    """Insert `part` into `page`: titles, axis titles with units, quiet gridlines, alternative text."""
    chart = book.add_chart(_TYPES[part.kind])
    for series in part.series:
        if series.kind != "marker":
            chart.add_series(_series(part, series))
    marks = [series for series in part.series if series.kind == "marker"]
    if marks:
        over = book.add_chart({"type": "line"})
        for series, shape in zip(marks, _MARKS, strict=False):
            over.add_series(_mark(series, shape))
        chart.combine(over)
    chart.set_title(
        {
            "name": part.title,
            "name_font": {"name": FONT, "size": 11, "bold": True, "color": INK},
            "overlay": False,
            "layout": {"x": 0.02, "y": 0.02},
        }
    )
    category = _axis(part.x_axis, part.x_format) | {"major_gridlines": {"visible": False}}
    value = _axis(part.y_axis, part.y_format) | {
        "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}}
    }
    if part.y_max is not None:
        value |= {"max": part.y_max, "min": 0}
    if part.x_max is not None:
        category |= {"max": part.x_max, "min": 0}
    if part.kind == "bar":  # the first on top, the names left of what falls short, the scale below
        category |= {"reverse": True, "label_position": "low"}
        value |= {"label_position": "high"}
    if part.x_interval is not None:
        category |= {"interval_unit": part.x_interval}
    if part.labels_below:
        category |= {"label_position": "low"}
    lying = part.kind == "bar"  # its categories stand on the vertical axis
    chart.set_x_axis(value if lying else category)
    chart.set_y_axis(category if lying else value)
    if len(part.series) == 1:
        chart.set_legend({"none": True})
    else:
        chart.set_legend({"position": "bottom", "font": _SMALL})
    chart.set_chartarea({"border": {"none": True}})
    chart.show_blanks_as("gap")
    chart.set_size({"width": part.size[0], "height": part.size[1]})
    page.insert_chart(part.at, chart, {"description": part.alt, "object_position": 1})


def _axis(name: str, number_format: str | None) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "name": name,
        "name_font": _SMALL | {"bold": False},
        "num_font": _SMALL,
        "line": {"color": RULE},
        "major_tick_mark": "none",
        "minor_tick_mark": "none",
    }
    return axis | ({"num_format": number_format} if number_format else {})


def _mark(series: Series, shape: str) -> dict[str, Any]:
    return {
        "name": series.name,
        "categories": series.categories,
        "values": series.values,
        "line": {"none": True},
        "marker": {"type": shape, "size": 9, "fill": {"color": series.colour}, "border": {"color": series.colour}},
    }


def _series(part: Chart, series: Series) -> dict[str, Any]:
    drawn: dict[str, Any] = {"name": series.name, "categories": series.categories, "values": series.values}
    if part.kind in ("line", "scatter"):
        line: dict[str, Any] = {"color": series.colour, "width": 2.25 if series.kind == "main" else 1.5}
        if series.kind == "dashed":
            line["dash_type"] = "dash"
        return drawn | {"line": line, "marker": {"type": "none"}}
    return drawn | {
        "fill": {"color": series.colour},
        "border": {"none": True},
        "gap": 40,
        "overlap": 0 if part.kind == "column" else 100,
    }
