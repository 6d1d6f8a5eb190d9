"""Charts as files: Vega-Lite with its data inside, PNG and SVG."""

from __future__ import annotations

import copy
import json
from typing import Any

import vl_convert

from monitor.charts.chart import Chart
from monitor.charts.theme import palette

WIDTH = 860
"""Width in pixels of a chart that would fill its container on a screen."""


def to_vega_lite(chart: Chart) -> dict[str, Any]:
    """Return a complete Vega-Lite specification: the data inline, a fixed width, the theme's background and the alt text."""
    spec = copy.deepcopy(chart.spec)
    rows = json.loads(chart.data.to_json(orient="records", date_format="iso", double_precision=15))
    spec["data"] = {"name": "table", "values": rows}
    spec["description"] = chart.alt
    spec["background"] = palette(chart.theme).background
    spec["padding"] = 16
    spec.pop("autosize")
    if spec.get("width") == "container":
        spec["width"] = WIDTH
    return spec


def to_png(chart: Chart, scale: float = 2) -> bytes:
    """Render a chart as PNG at `scale` times its size on screen."""
    return bytes(vl_convert.vegalite_to_png(json.dumps(to_vega_lite(chart)), scale=scale))


def to_svg(chart: Chart) -> str:
    """Render a chart as SVG."""
    return str(vl_convert.vegalite_to_svg(json.dumps(to_vega_lite(chart))))
