"""What is known of a column in every window whatever the method, and the cell whose share moved most."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.analyses.sides import Sides
from monitor.cells import PlaceKind, group_places, place_label
from monitor.profile import Cells
from monitor.stats.counts.comparison import Comparison
from monitor.vocabulary import OTHER


def facts_by_window(sides: Sides, name: str, comparison: Comparison) -> dict[str, Any]:
    """Return what is known of a column in every window, whatever the method, (w,) each."""
    production, windows = sides.production.columns[name], sides.production.windows
    before, after = comparison.reference, comparison.production
    return {
        "column": np.full(len(windows), name, dtype=object),
        "kind": np.full(len(windows), production.cells.kind.value, dtype=object),
        "window": np.array(windows.ids, dtype=object),
        "window_start": windows.start,
        "window_end": windows.end,
        "n_reference": np.broadcast_to(before.rows.astype(np.int64), len(windows)),
        "n_production": production.rows,
        **moved_cells(production.cells, comparison),
        "missing_share_reference": np.broadcast_to(_share(before.missing, before.rows), len(windows)),
        "missing_share_production": _share(after.missing, after.rows),
    }


def _share(part: Any, whole: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return part / whole


def moved_cells(cells: Cells, comparison: Comparison) -> dict[str, Any]:
    """Return the coarse cell whose share changed most in each window, with its share before and after."""
    names = np.array(group_labels(cells, comparison.layout.groups), dtype=object)
    before, after = comparison.grouped
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = before / before.sum(axis=1, keepdims=True), after / after.sum(axis=1, keepdims=True)
    before = np.broadcast_to(before, after.shape)
    most = np.argmax(np.nan_to_num(np.abs(after - before)), axis=1)
    rows = np.arange(len(after))
    return {"moved_cell": names[most], "moved_from": before[rows, most], "moved_to": after[rows, most]}


def group_labels(cells: Cells, groups: Any) -> list[str]:
    """Return a readable name of every coarse group of cells: for people only, `group_places` says what each is."""
    places, sizes = group_places(cells, groups), np.bincount(groups)
    found = []
    for i, place in enumerate(places):
        alike = [j for j, other in enumerate(places[:-2]) if other.kind is place.kind]
        label = f"{sizes[i]} {place_label(place)}" if place.kind is PlaceKind.REST else place_label(place)
        if place.kind in (PlaceKind.REST, PlaceKind.BUCKET) and i in alike and len(alike) > 1:
            label = f"{label}, part {alike.index(i) + 1} of {len(alike)}"
        found.append(OTHER if i == len(places) - 2 and cells.buckets else label)
    return found
