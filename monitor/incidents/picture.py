"""The one picture that proves a cause: values before, now and undone, or the number that it moves by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.cause import Cause, Hypothesis, Inverse
from monitor.incidents.maturity import lateness, usual_limit
from monitor.incidents.scene import TIME, WINDOW, Scene, Side
from monitor.judgement.narration.dates import local
from monitor.vocabulary import Kind, Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BEFORE, NOW, UNDONE = "Before", "Now", "Now, undone"
CELLS, LEVELS = 40, 12
TAIL = 0.005
"""Share of values on either side that the axis leaves out."""
WIDE = 100.0
"""Largest value beside the smallest from which cells grow with the values."""
FEWEST = 20
"""Rows of a side below which its values are not drawn."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What proves a cause: `cells` of values by side (`side, low, high, level, share, rows`), or `windows`: a number by window beside the
    reference's own (`window, value, lower, upper, reference_value, reference_low, reference_high`); `share` says whether it is one."""

    label: str
    cells: pd.DataFrame | None = None
    windows: pd.DataFrame | None = None
    share: bool = False


@dataclass(frozen=True, slots=True)
class Numbered:
    """How a number of rows by window is made: its name, whether it is a share, and (scene, side) -> one value per row."""

    label: str
    share: bool
    of: Callable[[Scene, Side], Floats] | None


def picture_of(scene: Scene, cause: Hypothesis) -> Picture | None:
    """Return what proves a cause; None where there is nothing to draw."""
    column = next((name for name in cause.columns if name in scene.workspace.columns), None)
    if cause.cause in BY_WINDOW:
        return _by_window(scene, cause)
    return None if column is None else _values(scene, cause, column)


def affected(scene: Scene, cause: Hypothesis) -> Bools:
    """Say which rows of production a cause concerns, (n,): those of its segment and time."""
    side, zone = scene.production, scene.workspace.case.timezone
    inside = side.are(place_of(cause), cause.beside)
    times = side.frame[TIME]
    if times.isna().all():
        return inside
    first, last = local(cause.start, zone), local(cause.end, zone)
    if first is not None:
        inside &= (times >= first).to_numpy()
    if last is not None:
        inside &= (times < last).to_numpy()
    return inside


def place_of(cause: Hypothesis) -> Mapping[str, str]:
    """Return the segment by columns that the cause left as they were: rows of a level that is written otherwise have another one since."""
    changed = set(cause.columns) if cause.cause in RENAMED else set()
    return {name: level for name, level in cause.segment.items() if name not in changed}


def undone(frame: pd.DataFrame, column: str, inverse: Inverse) -> pd.Series[Any] | None:
    """Return the values of a column with the change taken away; None where it cannot be."""
    values = frame[column]
    if inverse.kind == "affine":
        return values * inverse.scale + inverse.offset
    if inverse.kind == "map":
        return values.astype(object).replace(dict(inverse.levels))
    if inverse.kind in ("swap", "rename") and inverse.other in frame:
        return frame[inverse.other]
    if inverse.kind == "fill":
        filled = values == _number(inverse.value) if values.dtype == float else values.astype(str) == inverse.value
        return values.where(~filled, _number(inverse.other) if values.dtype == float else None)
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _values(scene: Scene, cause: Hypothesis, column: str) -> Picture | None:
    """Return cells of the values of a column: in the reference's same segment, now, and with the cause taken away."""
    before, after = scene.reference, scene.production
    if column not in after.frame or column not in before.frame:
        return None
    rows = after.frame[affected(scene, cause)]
    sides = {BEFORE: before.frame.loc[before.are(place_of(cause), cause.beside), column], NOW: rows[column]}
    back = None if cause.inverse is None else undone(rows, column, cause.inverse)
    if back is not None:
        sides[UNDONE] = back
    kept = {name: values.dropna() for name, values in sides.items()}
    if any(len(values) < FEWEST for values in kept.values()):
        return None
    numeric = scene.workspace.schema.info(column).kind is Kind.NUMERIC
    cells = _cells(kept) if numeric else _shares(kept)
    return Picture(label=scene.workspace.case.label(column), cells=cells)


def _cells(sides: Mapping[str, pd.Series[Any]]) -> pd.DataFrame:
    every = np.concatenate([values.to_numpy(dtype=float) for values in sides.values()])
    low, high = np.quantile(every, [TAIL, 1 - TAIL])
    spread = low > 0 and high > WIDE * low
    edges = np.geomspace(low, high, CELLS + 1) if spread else np.linspace(low, high if high > low else low + 1, CELLS + 1)
    rows = []
    for side, values in sides.items():
        counts, _ = np.histogram(np.clip(values.to_numpy(dtype=float), edges[0], edges[-1]), edges)
        rows += [_cell(side, edges[at], edges[at + 1], None, int(n), len(values)) for at, n in enumerate(counts)]
        rows.append(_cell(side, edges[-1], edges[-1], None, 0, len(values)))
    return pd.DataFrame(rows)


def _shares(sides: Mapping[str, pd.Series[Any]]) -> pd.DataFrame:
    counts = {side: values.astype(str).value_counts() for side, values in sides.items()}
    shares = pd.concat([one / max(one.sum(), 1) for one in counts.values()], axis=1).fillna(0.0)
    names = shares.max(axis=1).sort_values(ascending=False, kind="stable").index[:LEVELS]
    rows = []
    for side, found in counts.items():
        total = int(found.sum())
        rows += [_cell(side, None, None, str(name), int(found.get(name, 0)), total) for name in names]
    return pd.DataFrame(rows)


def _cell(side: str, low: float | None, high: float | None, level: str | None, count: int, total: int) -> dict[str, Any]:
    return {"side": side, "low": low, "high": high, "level": level, "share": count / max(total, 1), "rows": count}


def _by_window(scene: Scene, cause: Hypothesis) -> Picture | None:
    """Return what a cause moves, by window, in its segment, beside the reference's own windows."""
    how, column = BY_WINDOW[cause.cause], next(iter(cause.columns), "")
    before, now = (_numbers(scene, side, cause, how, column) for side in (scene.reference, scene.production))
    if before is not None and not np.isfinite(before).any():  # the reference has no row of the segment
        before = _numbers(scene, scene.reference, replace(cause, segment={}, beside=()), how, column)
    if before is None or now is None or not np.isfinite(now).any():
        return None
    known = before[np.isfinite(before)]
    usual, low, high = (float(np.quantile(known, at)) if len(known) else float("nan") for at in (0.5, 0.0, 1.0))
    table = pd.DataFrame({"window": list(scene.production.windows.ids), "value": now})
    table = table.assign(lower=table["value"], upper=table["value"], reference_value=usual, reference_low=low, reference_high=high)
    label = how.label if cause.segment else how.label.removesuffix(OF_SEGMENT)
    if how is _MISSING:
        label = f"Share of rows without {scene.workspace.case.label(column)}"
    share, case = how.share, scene.workspace.case
    if how is _LABEL and case.task is Task.BINARY:  # whose mean is the share of what comes true
        label, share = f"Share of {case.label(case.roles.label or '')}", True
    return Picture(label=label, windows=table, share=share)


def _numbers(scene: Scene, side: Side, cause: Hypothesis, how: Numbered, column: str) -> Floats | None:
    """Return the number of each window, (w,); None where the side lacks what it is made of."""
    inside = side.are(cause.segment, cause.beside)
    window, width = side.frame[WINDOW].to_numpy(), len(side.windows)
    if how.of is None:
        counted = np.asarray(np.bincount(window[inside], minlength=width), dtype=np.float64)
        return counted / np.maximum(np.bincount(window, minlength=width), 1) if how.share else counted
    values = _missing(side, column) if how is _MISSING else how.of(scene, side)
    if values is None:
        return None
    used = inside & np.isfinite(values)
    rows = np.bincount(window[used], minlength=width).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = np.bincount(window[used], weights=values[used], minlength=width) / rows
    return np.where(rows > 0, means, np.nan)


def _missing(side: Side, column: str) -> Floats | None:
    return np.asarray(side.frame[column].isna(), dtype=np.float64) if column in side.frame else np.ones(len(side))


def _positive(scene: Scene, side: Side) -> Floats:
    """Return 1 where the label is the positive class (or the label itself, where it is a number), nan where it is not known, or the row so
    young that others like it still wait: what comes first (chargebacks) is not what most labels are."""
    name = scene.workspace.case.roles.label or ""
    if name not in side.frame:
        return np.full(len(side), np.nan)
    limit = usual_limit(scene, name)
    due = lateness(scene, side, name, limit).due if limit > 0 else np.ones(len(side), dtype=bool)
    values = side.frame[name].where(due)
    if values.dtype == float:
        return values.to_numpy(dtype=float)
    positive = scene.workspace.case.roles.positive_class
    told = values.astype(object)
    largest = str(positive) if positive is not None else max((str(one) for one in told.dropna().unique()), default="")
    return np.asarray(np.where(told.isna(), np.nan, told.astype(str) == largest), dtype=np.float64)


def _unlabelled(scene: Scene, side: Side) -> Floats:
    name = scene.workspace.case.roles.label or ""
    return np.asarray(side.frame[name].isna(), dtype=np.float64) if name in side.frame else np.full(len(side), np.nan)


def _of_role(role: str) -> Callable[[Scene, Side], Floats]:
    def values(scene: Scene, side: Side) -> Floats:
        name = getattr(scene.workspace.case.roles, role)
        known = isinstance(name, str) and name in side.frame and side.frame[name].dtype == float
        return side.frame[name].to_numpy(dtype=float) if known else np.full(len(side), np.nan)

    return values


OF_SEGMENT = " of the segment"
_ROWS = Numbered(f"Rows{OF_SEGMENT}", share=False, of=None)
_LABEL = Numbered(f"Mean label{OF_SEGMENT}", share=False, of=_positive)
_MISSING = Numbered("Share of rows without a value", share=True, of=_positive)
RENAMED = frozenset({Cause.RECODE, Cause.NEW_LEVELS})
"""Causes after which a column no longer has the levels by which its rows were known."""
BY_WINDOW: Mapping[Cause, Numbered] = {
    Cause.MISSING_VALUES: _MISSING,
    Cause.LOST_COLUMN: _MISSING,
    Cause.PIPELINE_FAILURE: _MISSING,
    Cause.DUPLICATED_ROWS: _ROWS,
    Cause.VOLUME_CHANGE: _ROWS,
    Cause.TRAFFIC_BURST: _ROWS,
    Cause.ADVERSARIAL_BURST: _ROWS,
    Cause.MIX_CHANGE: Numbered("Share of all rows", share=True, of=None),
    Cause.LABEL_DELAY: Numbered("Share of rows without a label", share=True, of=_unlabelled),
    Cause.LABEL_CHANGE: _LABEL,
    Cause.CONCEPT_CHANGE: _LABEL,
    Cause.MODEL_VERSION: Numbered("Mean score", share=False, of=_of_role("score")),
    Cause.LATENCY: Numbered("Mean latency (ms)", share=False, of=_of_role("latency_ms")),
    Cause.COST: Numbered("Mean cost", share=False, of=_of_role("cost")),
    Cause.FRESHNESS: _ROWS,
    Cause.ERRORS: _ROWS,
}
"""What is drawn by window, by cause; of all others the values of their column are."""
