"""Charts as files: Vega-Lite with its data inside, PNG and SVG."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any
from unicodedata import category

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


_UNDRAWN = frozenset({"Cc", "Cs", "Co", "Cn", "Cf"})
"""Unicode categories of letters that have no picture; the renderer ends the whole process at some of them."""
SHORT = 8
"""Letters of a text that is never cut. The renderer fails where it cuts a text within a letter outside the basic plane (an emoji)."""
BASIC_PLANE = 0xFFFF


def drawable(value: Any) -> Any:
    r"""Return a specification in which every text can be drawn: what has no picture is replaced.

    >>> drawable({"title": "a\x01b"})
    {'title': 'a�b'}
    """
    if isinstance(value, dict):
        return {drawable(key): drawable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [drawable(item) for item in value]
    return _drawable_text(value) if isinstance(value, str) else value


def _drawable_text(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if _undrawn(letter, short=len(text) <= SHORT) else letter for letter in text)


def _undrawn(letter: str, *, short: bool) -> bool:
    return (category(letter) in _UNDRAWN and letter not in "\n\t") or (not short and ord(letter) > BASIC_PLANE)


def svg_of(spec: Mapping[str, Any]) -> str:
    """Render a complete Vega-Lite specification as SVG."""
    return str(vl_convert.vegalite_to_svg(json.dumps(drawable(dict(spec)))))


def title_of(spec: Mapping[str, Any]) -> str:
    """Return what a chart is called."""
    title = spec.get("title", "")
    return str(title.get("text", "") if isinstance(title, Mapping) else title)


def note_of(spec: Mapping[str, Any]) -> str:
    """Return what stands below the title of a chart."""
    title = spec.get("title")
    return str(title.get("subtitle") or "") if isinstance(title, Mapping) else ""


def alt_of(spec: Mapping[str, Any]) -> str:
    """Return what a chart says to those who cannot see it: its own text, else what it is called."""
    return str(spec.get("description") or title_of(spec))


def to_png(chart: Chart, scale: float = 2) -> bytes:
    """Render a chart as PNG at `scale` times its size on screen."""
    return png_of(to_vega_lite(chart), scale)


def png_of(spec: Mapping[str, Any], scale: float = 2) -> bytes:
    """Render a complete Vega-Lite specification as PNG."""
    return bytes(vl_convert.vegalite_to_png(json.dumps(drawable(dict(spec))), scale=scale))


def to_svg(chart: Chart) -> str:
    """Render a chart as SVG."""
    return svg_of(to_vega_lite(chart))
