"""What a chart is: a Vega-Lite spec without data, the table it draws, its title and its text for those who cannot see it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import altair as alt
import numpy as np
import pandas as pd
from altair.utils import schemapi

from monitor.charts.theme import PRODUCTION, REFERENCE, Theme, config
from monitor.errors import ContractError

Spec = dict[str, Any]


class Drawable(Protocol):
    """Anything Altair can write as Vega-Lite."""

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return the Vega-Lite specification."""


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A picture with the data behind it.

    `spec` is Vega-Lite without data (everything in it refers to columns of `data` by name); `data` is what is drawn and what
    a download holds; `title` says what is seen, `alt` says it with figures.
    """

    spec: Spec
    data: pd.DataFrame
    title: str
    alt: str
    theme: Theme


SIDE_BY_SIDE = 36
"""Letters of two names that a legend has room for in one line."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the two sides are called: any selection can be compared with any other."""

    reference: str = REFERENCE
    production: str = PRODUCTION

    @property
    def columns(self) -> int:
        """How many of them a legend has room for side by side."""
        return 2 if len(self.reference) + len(self.production) <= SIDE_BY_SIDE else 1

    @property
    def inside(self) -> Names:
        """The same names as they stand inside a sentence: "reference", but "A: production, Jul 2013"."""
        return Names(*(name.lower() if name in (REFERENCE, PRODUCTION) else name for name in (self.reference, self.production)))


NO_DATA = alt.NamedData("table")
"""What specs are built on: the real table travels beside the spec."""


def unchecked() -> None:
    """Let Altair put charts together without checking each part by its schema, which tests do: a tenth of a page's first run."""
    schemapi.disable_debug_mode()


def bare_spec(chart: Drawable, theme: Theme) -> Spec:
    """Write an Altair chart as a spec without data, with the theme's configuration and the width of its container."""
    spec = chart.to_dict(validate=schemapi.DEBUG_MODE)
    _strip_data(spec)
    return on_screen(spec, theme)


def on_screen(spec: Spec, theme: Theme) -> Spec:
    """Give a spec the theme's configuration and the width of its container."""
    spec["config"] = config(theme)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["padding"] = {"left": 2, "top": 4, "right": 18, "bottom": 4}
    return spec


def _strip_data(spec: Spec) -> None:
    spec.pop("data", None)
    spec.pop("datasets", None)
    for part in spec.get("layer", []):
        _strip_data(part)


def finish(spec: Spec, data: pd.DataFrame, *, title: str, alt: str, theme: Theme, note: str = "", height: int | None = None) -> Chart:
    """Put a memoised spec, its table and its words together; the spec itself stays untouched."""
    own = copy.deepcopy(spec)
    own["title"] = {"text": title, "subtitle": note} if note else {"text": title}
    if height is not None:
        own["height"] = height
    return Chart(own, data.reset_index(drop=True), title, alt, theme)


def require(table: pd.DataFrame, columns: Sequence[str], chart: str) -> pd.DataFrame:
    """Return a copy of the table if it has the columns a chart draws, else say which are lost."""
    lost = [name for name in columns if name not in table.columns]
    if lost:
        raise ContractError(f"The {chart} needs the columns {lost}; the table has {list(table.columns)}.")
    if table.empty:
        raise ContractError(f"The {chart} has no row to draw. Show an empty state that says why.")
    return table.copy()


def each(values: pd.Series[Any], function: Callable[[str], Any]) -> Any:
    """Return an array of `function` of each value as text, called once per distinct value (a table has few of them)."""
    codes, distinct = pd.factorize(values)
    results = [function(str(value)) for value in distinct]
    if results and isinstance(results[0], str):
        return np.array(results, dtype=object)[codes]
    return pd.Series(results).to_numpy()[codes]


def highest(table: pd.DataFrame, by: str) -> pd.Series[Any]:
    """Return the row with the largest value of a column that has at least one."""
    return table.iloc[int(np.nanargmax(table[by].to_numpy(float)))]


def lowest(table: pd.DataFrame, by: str) -> pd.Series[Any]:
    """Return the row with the smallest value of a column that has at least one."""
    return table.iloc[int(np.nanargmin(table[by].to_numpy(float)))]


def field_tooltip(**titles: tuple[str, str, str]) -> list[alt.Tooltip]:
    """Return tooltip lines: column = (type letter, title, d3 format or empty)."""
    types = {"Q": "quantitative", "N": "nominal"}
    lines = []
    for name, (letter, title, form) in titles.items():
        extra = {"format": form} if form else {}
        lines.append(alt.Tooltip(field=name, type=cast(Any, types[letter]), title=title, **cast(Any, extra)))
    return lines


def named(part: alt.Chart, name: str) -> alt.Chart:
    """Return a layer whose rows all carry `name` in the field `side`, so that layers share one legend."""
    return part.transform_calculate(side=json.dumps(name))
