"""What our own charts are made of: a specification that somebody kept may hold nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

# fmt: off
KEYS = frozenset({
    "aggregate", "align", "anchor", "as", "axis", "band", "bandPosition", "baseline", "bottom", "calculate", "clamp", "clear", "color",
    "columnPadding", "columns", "condition", "constant", "contains", "cornerRadius", "cornerRadiusEnd", "date", "datum", "day",
    "direction", "domain", "dx", "dy", "encoding", "encodings", "expr", "field", "fields", "fill", "fillOpacity", "filled", "filter",
    "font", "fontSize", "fontWeight", "format", "gradientLength", "gradientThickness", "grid", "gridColor", "height", "hours",
    "interpolate", "invalid", "labelAngle", "labelColor", "labelExpr", "labelFlush", "labelFontSize", "labelLimit", "labelOverlap",
    "labelPadding", "labelSeparation", "labels", "layer", "left", "legend", "limit", "line", "mark", "minutes", "month", "name", "nice",
    "offset", "on", "op", "opacity", "order", "orient", "padding", "paddingInner", "paddingOuter", "params", "point", "range",
    "resolve", "right", "scale", "select", "shape", "size", "sort", "stack", "stroke", "strokeCap", "strokeDash", "strokeOpacity",
    "strokeWidth", "subtitle", "subtitleColor", "subtitleFontSize", "subtitlePadding", "symbolOpacity", "symbolSize",
    "symbolStrokeWidth", "symbolType", "test", "text", "thickness", "tickColor", "tickCount", "ticks", "title", "titleAnchor",
    "titleColor", "titleFontSize", "titleFontWeight", "titleLimit", "titlePadding", "toggle", "tooltip", "top", "transform", "type",
    "utc", "value", "values", "views", "width", "x", "x2", "xOffset", "y", "y2", "yOffset", "year", "zero",
})
# fmt: on
"""Keys of specifications of our charts (tests/charts draw each). Others load data, make rows, take input or embed something."""
MARKS = frozenset({"rect", "line", "rule", "point", "text", "bar", "area", "circle", "tick", "boxplot", "trail", "square"})
_TRANSFORMS = (frozenset({"filter"}), frozenset({"calculate", "as"}))
"""Keys of what our charts do to rows; others make more rows than are kept."""
_PARAMETER = frozenset({"name", "select", "views"})
"""Keys of a parameter of our charts: what is selected by a click. Any other takes input from somewhere else."""
_WORDS = frozenset({"title", "subtitle", "text", "domain", "values", "field", "fields", "sort", "datum", "as", "name", "views"})
"""Keys whose texts are words, which are drawn or looked up as they are and reach no attribute as a style."""
_EXPRESSIONS = frozenset({"calculate", "filter", "test", "expr", "labelExpr"})
_DATA = frozenset({"domain", "values", "datum"})
"""Keys whose numbers are those of data."""
_PLAIN, _FORMAT = re.compile(r"[\w ,.-]{0,60}"), re.compile(r"[\w .,%~$+:/-]{0,60}")
"""What else a text may be: a name of a way to draw, or a format. Nothing of it can call something, or be an escape of CSS."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}|(?:rgb|hsl)a?\([\d.,%/ ]{1,40}\)")
_WIDE = re.compile(r"\d{3}")
"""A format or a number of that many digits writes more letters than anybody reads."""
MOST, MOST_TICKS, DEEPEST, MOST_LAYERS, LONGEST = 100_000, 100, 20, 100, 20_000
"""Largest number of pixels and the like (a map of very many rows is high), and of ticks; parts within each other; layers of a chart;
letters of an expression. Ours stay below."""
_TOKEN = re.compile(
    r"\s+|'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\"|\d{1,5}(?:\.\d{1,5})?(?![\w.])|\.?[A-Za-z_]\w*|[-+*/<>=!&|?:.,()\[\]{}]"
)
_FUNCTIONS = frozenset({"containerSize", "format", "indexof", "isValid", "max", "min", "pow", "slice", "toNumber", "utcFormat", "utcParse"})
"""What expressions of our charts call: each takes as long as its words are."""
_NAMES = _FUNCTIONS | {"datum", "true", "false", "null", "width"}


def is_own(part: Any, key: str = "", depth: int = 0) -> bool:
    """Say whether a part of a specification, which stands under a key, has only what charts of ours have."""
    if depth > DEEPEST:
        return False
    if isinstance(part, Mapping):
        return part.keys() <= KEYS and _marked(part) and all(is_own(one, name, depth + 1) for name, one in part.items())
    if isinstance(part, (list, tuple)):
        return _listed(part, key) and all(is_own(one, key, depth + 1) for one in part)
    if isinstance(part, str):
        return _text_is_own(part, key)
    if part is None or isinstance(part, bool):
        return True
    return math.isfinite(part) and (key in _DATA or abs(part) <= (MOST_TICKS if key == "tickCount" else MOST))


def _marked(part: Mapping[str, Any]) -> bool:
    mark = part.get("mark")
    return "mark" not in part or (mark.get("type") if isinstance(mark, Mapping) else mark) in MARKS


def _listed(part: list[Any] | tuple[Any, ...], key: str) -> bool:
    able: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
        "transform": lambda one: one.keys() in _TRANSFORMS and all(isinstance(text, str) for text in one.values()),
        "params": lambda one: one.keys() <= _PARAMETER and str(one.get("name")).isidentifier(),
    }
    if key in able:
        return all(isinstance(one, Mapping) and able[key](one) for one in part)
    return key != "layer" or len(part) <= MOST_LAYERS


def _text_is_own(text: str, key: str) -> bool:
    if key in _EXPRESSIONS:
        return computes(text)
    if key in _WORDS:
        return True
    if key == "format":
        return _FORMAT.fullmatch(text) is not None and not _WIDE.search(text)
    return _PLAIN.fullmatch(text) is not None or _COLOUR.fullmatch(text) is not None


def computes(expression: str) -> bool:
    """Say whether an expression calls only what those of our charts call, and writes no longer words than it reads.

    >>> computes("datum.value <= 1 ? format(datum.value, '~g') : ''"), computes("length(split(pad('x', 99999, 'y'), ''))")
    (True, False)
    """
    if len(expression) > LONGEST:
        return False
    tokens, at = [], 0
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None:
            return False
        tokens.append(found[0])
        at = found.end()
    named = {one for one in tokens if one[0].isalpha() or one[0] == "_"}
    wide = "format" in named and any(one[0] in "'\"" and _WIDE.search(one) for one in tokens)
    return named <= _NAMES and not wide
