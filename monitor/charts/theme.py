"""Colours, glyphs and number formats of every chart, for light and dark screens.

Reference is always grey, production always blue. Magnitude runs along a cividis-like ramp from the background
to the far end; direction runs from blue over neutral to orange. Status never rests on colour alone.
Contrast of marks against the background is at least 3:1, of text at least 4.5:1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from monitor.vocabulary import Status

Theme = Literal["light", "dark"]

REFERENCE, PRODUCTION = "Reference", "Production"

STATUS_WORDS: Mapping[Status, str] = {
    Status.STABLE: "Stable",
    Status.WARNING: "Warning",
    Status.ALERT: "Alert",
    Status.TOO_FEW_ROWS: "Too few rows",
    Status.NOT_APPLICABLE: "Not applicable",
    Status.NOT_JUDGED: "Not judged",
}

SLASH = "M-0.8,0.8L0.8,-0.8"
"""Path of the stroke that marks a cell without a verdict."""

STATUS_SHAPES: Mapping[Status, str] = {
    Status.STABLE: "circle",
    Status.WARNING: "triangle-up",
    Status.ALERT: "diamond",
    Status.TOO_FEW_ROWS: "circle",
    Status.NOT_APPLICABLE: SLASH,
    Status.NOT_JUDGED: SLASH,
}

SHARE = ".3~p"
COUNT = ",d"
NUMBER = ",.3~r"
EXACT = ",.6~g"
"""d3 formats: shares as percent, counts, at most 3 significant digits, and the value on hover."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as hex."""

    background: str
    ink: str
    quiet: str
    grid: str
    reference: str
    production: str
    band: str
    status: Mapping[Status, str]
    magnitude: tuple[str, ...]
    direction: tuple[str, ...]
    strength: tuple[str, str, str, str]
    """Grey for what does not alarm (none at all, nearly), then one hue for what does (just, most)."""


_PALETTES: Mapping[Theme, Palette] = {
    "light": Palette(
        background="#FFFFFF",
        ink="#1F2933",
        quiet="#5B6672",
        grid="#E6E9ED",
        reference="#777777",
        production="#0072B2",
        band="#B9BFC6",
        status={
            Status.STABLE: "#777777",
            Status.WARNING: "#B45F06",
            Status.ALERT: "#D1350F",
            Status.TOO_FEW_ROWS: "#777777",
            Status.NOT_APPLICABLE: "#777777",
            Status.NOT_JUDGED: "#777777",
        },
        magnitude=("#F3F1EA", "#DCD7C3", "#B8B194", "#8A8779", "#5D6474", "#35496D", "#00204D"),
        direction=("#08519C", "#4292C6", "#9ECAE1", "#F2F2F2", "#FDBE85", "#E6721B", "#A63603"),
        strength=("#F4F5F7", "#C9CED6", "#FBBF8A", "#8F2A04"),
    ),
    "dark": Palette(
        background="#0F172A",
        ink="#E5E9F0",
        quiet="#A3AEBD",
        grid="#273349",
        reference="#A0A4AB",
        production="#56B4E9",
        band="#4A5568",
        status={
            Status.STABLE: "#A0A4AB",
            Status.WARNING: "#F0B429",
            Status.ALERT: "#FF7B54",
            Status.TOO_FEW_ROWS: "#A0A4AB",
            Status.NOT_APPLICABLE: "#A0A4AB",
            Status.NOT_JUDGED: "#A0A4AB",
        },
        magnitude=("#1B2740", "#2B3D63", "#48567A", "#6E7380", "#9A9676", "#CBBA69", "#FEE838"),
        direction=("#7CC4F5", "#4292C6", "#22577F", "#1E293B", "#8A4B14", "#E6842A", "#FFB570"),
        strength=("#182338", "#43506A", "#8F4312", "#FFC48A"),
    ),
}


def palette(theme: Theme) -> Palette:
    """Return the colours of a theme."""
    return _PALETTES[theme]


def translation(theme: Theme) -> Mapping[str, str]:
    """Return what each colour of the other theme is in this one.

    >>> translation("dark")["#0072B2"]
    '#56B4E9'
    """
    other = palette("light" if theme == "dark" else "dark")
    return dict(zip(_colours(other), _colours(palette(theme)), strict=True))


def _colours(one: Palette) -> tuple[str, ...]:
    single = (one.background, one.ink, one.quiet, one.grid, one.reference, one.production, one.band)
    return (*one.status.values(), *one.magnitude, *one.direction, *one.strength, *single)


FONT = "'Source Sans', 'Source Sans 3', 'Segoe UI', Helvetica, Arial, 'Liberation Sans', sans-serif"


def config(theme: Theme) -> dict[str, Any]:
    """Return the Vega-Lite configuration of every chart: calm axes, transparent background."""
    colours = palette(theme)
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None, "continuousHeight": 220},
        "title": {
            "anchor": "start",
            "color": colours.ink,
            "fontSize": 14,
            "fontWeight": 600,
            "offset": 10,
            "subtitleColor": colours.quiet,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "frame": "bounds",
        },
        "axis": {
            "labelColor": colours.quiet,
            "titleColor": colours.quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": 400,
            "gridColor": colours.grid,
            "domainColor": colours.grid,
            "tickColor": colours.grid,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "titlePadding": 8,
            "labelFlush": False,
        },
        "legend": {
            "labelColor": colours.ink,
            "titleColor": colours.quiet,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": 400,
            "orient": "top",
            "direction": "horizontal",
            "offset": 6,
            "columnPadding": 16,
            "symbolSize": 80,
        },
    }


def status_text(status: str) -> str:
    """Write a status as a word for people.

    >>> status_text("too_few_rows")
    'Too few rows'
    """
    return STATUS_WORDS[Status(status)]
