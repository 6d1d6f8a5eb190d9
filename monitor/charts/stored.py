"""Charts that were kept as complete Vega-Lite, drawn again in the theme of today's screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from monitor.charts.chart import Chart, on_screen
from monitor.charts.own import is_own
from monitor.charts.theme import Theme, translation
from monitor.errors import SourceError

_SCHEMA = "https://vega.github.io/schema/vega-lite/"
_WORDS = frozenset({"title", "domain", "field", "text"})
"""Keys whose texts are words, even if a word looks like a colour."""


def stored_chart(kept: Mapping[str, Any], *, theme: Theme) -> Chart:
    """Return a chart that `to_vega_lite` wrote, in the colours of a theme and with the width of its container.

    Raises
    ------
    SourceError
        When its data are not inside, or it would load something from elsewhere.
    """
    rows = kept.get("data", {}).get("values") if isinstance(kept.get("data"), Mapping) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise SourceError("This chart was not kept with its data inside, so it is not drawn.")
    bare = {key: part for key, part in kept.items() if key not in ("data", "description", "background")}
    shown = {key: part for key, part in bare.items() if key not in ("config", "autosize", "padding", "$schema")}
    if not (str(kept.get("$schema", _SCHEMA)).startswith(_SCHEMA) and is_own(shown)):
        raise SourceError("This chart is not one that the workbench writes (it would load something or ask for input), so it is not drawn.")
    spec: dict[str, Any] = on_screen(_recoloured(bare, translation(theme)), theme)
    spec["width"] = "container"
    title = kept.get("title")
    spec["title"] = title if isinstance(title, Mapping) else {"text": str(title or "")}
    words = str(spec["title"].get("text", ""))
    return Chart(spec, _table(rows, _times(bare)), words, str(kept.get("description") or words), theme)


def _recoloured(part: Any, colours: Mapping[str, str]) -> Any:
    if isinstance(part, Mapping):
        return {key: one if key in _WORDS and not isinstance(one, Mapping) else _recoloured(one, colours) for key, one in part.items()}
    if isinstance(part, (list, tuple)):
        return [_recoloured(one, colours) for one in part]
    return colours.get(part, part) if isinstance(part, str) else part


def _times(part: Any) -> set[str]:
    """Return the fields that are drawn as times."""
    if isinstance(part, Mapping):
        own = {str(part["field"])} if part.get("type") == "temporal" and "field" in part else set()
        return own.union(*(_times(one) for one in part.values()))
    return set().union(*(_times(one) for one in part)) if isinstance(part, (list, tuple)) else set()


def _table(rows: list[Any], times: set[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    return table.assign(**{name: pd.to_datetime(table[name], utc=True, errors="coerce") for name in times if name in table})
