"""What the model answers by window, beside what it answered in the reference's own windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift_result import DriftResult
from monitor.analyses.naming import PLAIN
from monitor.analyses.threshold import Answers, positive_level
from monitor.case import Case
from monitor.engine import AnswerCounts
from monitor.profile import ColumnCounts
from monitor.stats.counts.grouping import group_counts
from monitor.stats.counts.quantiles import cell_quantiles
from monitor.stats.inference.intervals import Z, wilson
from monitor.tables import Contract
from monitor.units import MEASURED_AS
from monitor.vocabulary import WHOLE, Role, Task
from monitor.wording import plural

OUTPUT = Contract(
    "model output",
    ("column", "measure", "window"),
    {
        "column": "prediction or score",
        "measure": "what is measured of it, such as 'mean', 'share of 1', 'share ≥ 0.35' or 'median'",
        "window": "id of the window, or 'whole' for the reference",
        "n": "rows with a value",
        "value": "share in 0..1, or mean or quantile in the unit of the column",
        "lower": "95 % interval of independent rows",
        "upper": "95 % interval of independent rows",
        "reference_value": "the same in the reference",
        "reference_low": "the smallest of the reference's own windows",
        "reference_high": "the largest of the reference's own windows",
        "place": "where the window lies among the reference's own windows, in words",
    },
    dict.fromkeys(("value", "lower", "upper", "reference_value", "reference_low", "reference_high"), MEASURED_AS),
)
DECILES = Contract(
    "deciles of a score",
    ("window", "decile"),
    {
        "window": "id of the production window",
        "decile": "1 the lowest tenth of the reference's scores",
        "lower": "lower bound of the score, excluded",
        "upper": "upper bound of the score",
        "n": "production rows with a score in the window",
        "share_reference": "share of the reference's scores, about 0.1 (ties cannot be parted)",
        "share_production": "share of the window's scores",
    },
    {"decile": "rank, 1 lowest", "lower": "that of the score", "upper": "that of the score"},
)
CLASSES = 8
"""Predicted classes that are followed one by one; the others together."""
QUANTILES = {"10 % quantile": 0.1, "median": 0.5, "90 % quantile": 0.9}
FULL = 0.25
"""Share of the usual rows from which a window says where it lies; the ends of a period are often cut short."""


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Series:
    measure: str
    value: NDArray[Any]
    n: NDArray[Any]
    lower: NDArray[Any]
    upper: NDArray[Any]


def summarise_output(result: DriftResult, case: Case, answers: Answers | None = None) -> pd.DataFrame:
    """Return what the model answers by window (contract OUTPUT): shares of predicted classes, means of scores, quantiles of values.

    With `answers` also the share of scores at or above the threshold.
    """
    sides, rows = result.sides, []
    served_first = sorted(sides.production.columns.items(), key=lambda one: sides.part(one[0]).column in result.shadows)
    for name, production in served_first:
        blocks, output = sides.blocks.columns[name], sides.part(name).column
        whole, own = blocks.take([range(len(blocks.counts))]), blocks.take(sides.groups)
        three = (_series(counts, case, output) for counts in (production, whole, own))
        rows += [_rows(name, result, *same) for same in zip(*three, strict=True)]
    if answers is not None:
        rows.append(
            _rows(answers.rule.score, result, *(_above(answers, part) for part in (answers.production, answers.whole, answers.windows)))
        )
    return OUTPUT.check(pd.concat(rows, ignore_index=True)) if rows else pd.DataFrame(columns=list(OUTPUT.columns))


def _above(answers: Answers, part: AnswerCounts) -> _Series:
    return _shares(f"share ≥ {answers.rule.threshold:g}", part.above, part.scored)


def _rows(name: str, result: DriftResult, series: _Series, whole: _Series, own: _Series) -> pd.DataFrame:
    """Put a series of production beside the reference: `whole` has one window, `own` the reference's own windows."""
    ids = result.sides.production.windows.ids
    full = own.n >= FULL * np.median(own.n[own.n > 0]) if (own.n > 0).any() else own.n > 0
    known = own.value[full & np.isfinite(own.value)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)
    short = series.n < FULL * np.median(own.n[full]) if full.any() else np.ones(len(series.n), dtype=bool)
    windows = own_windows(result, len(known))
    return pd.DataFrame(
        {
            "column": name,
            "measure": series.measure,
            "window": list(ids) if len(ids) == len(series.n) else [WHOLE],
            "n": series.n,
            "value": series.value,
            "lower": series.lower,
            "upper": series.upper,
            "reference_value": float(whole.value[0]),
            "reference_low": low,
            "reference_high": high,
            "place": [place_words(v, low, high, windows, short=bool(s)) for v, s in zip(series.value, short, strict=True)],
        }
    )


def own_windows(result: DriftResult, count: int) -> str:
    """Name that many windows of side A: "13 reference weeks", or "13 weeks of A" where A is not the reference."""
    sides, a = result.sides, result.called.a
    odd = sides.size.unit in ("whole", "rows") or sides.size.count > 1
    unit = "window" if odd else sides.size.unit
    return plural(count, f"reference {unit}") if a == PLAIN.a else f"{plural(count, unit)} of {a}"


def place_words(value: float, low: float, high: float, windows: str, *, short: bool = False) -> str:
    """Say where a value lies among a side's own `windows`, which reach from low to high.

    >>> place_words(0.014, 0.096, 0.31, "13 reference weeks"), place_words(0.2, 0.096, 0.31, "13 reference weeks")
    ('below all 13 reference weeks', 'within the 13 reference weeks')
    """
    if not (np.isfinite(value) and np.isfinite(low)):
        return "nothing to compare with"
    if short:
        return "too few rows to say"
    return f"{'below all' if value < low else 'above all' if value > high else 'within the'} {windows}"


def _series(counts: ColumnCounts, case: Case, output: str) -> list[_Series]:
    if not counts.cells.numeric:
        return _classes(counts, case)
    predicted = case.roles.of(output) in (Role.PREDICTION, Role.CHALLENGER_PREDICTION)
    return [_mean(counts), *([_quantile(counts, name, at) for name, at in QUANTILES.items()] if predicted else [])]


def _mean(counts: ColumnCounts) -> _Series:
    n = counts.finite
    with np.errstate(invalid="ignore", divide="ignore"):
        half = Z * counts.sd / np.sqrt(n)
    return _Series("mean", counts.mean, n, counts.mean - half, counts.mean + half)


def _quantile(counts: ColumnCounts, name: str, at: float) -> _Series:
    """Return a quantile with the interval of the order statistics that enclose it in 95 % of samples."""
    n = counts.finite
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.nan_to_num(Z * np.sqrt(at * (1 - at) / n))
    shares = np.stack([np.full(len(n), at), at - half, at + half], axis=1)
    cells = counts.cells
    found = cell_quantiles(counts.counts[:, : cells.size], cells.edges, counts.low, counts.high, shares)
    return _Series(name, found[:, 0], n, found[:, 1], found[:, 2])


def _classes(counts: ColumnCounts, case: Case) -> list[_Series]:
    """Return the share of the positive class of a binary task, of the eight commonest classes (and the others) of a multiclass one."""
    n = counts.counts[:, :-1].sum(axis=1)
    levels = counts.cells.levels
    if case.task is Task.BINARY:
        positive = positive_level(levels, case)
        return [_shares(f"share of {positive}", _rows_of(counts, positive), n)] if positive is not None else []
    shown = levels[:CLASSES]
    found = [_shares(f"share of {level}", counts.counts[:, i], n) for i, level in enumerate(shown)]
    rest = n - counts.counts[:, : len(shown)].sum(axis=1)
    return [*found, _shares("share of other classes", rest, n)] if len(levels) > CLASSES else found


def _rows_of(counts: ColumnCounts, level: str) -> NDArray[Any]:
    if level in counts.cells.levels:
        return counts.counts[:, counts.cells.levels.index(level)]
    return np.array([new.get(level, 0) for new in counts.new_levels], dtype=np.int64)


def _shares(measure: str, k: NDArray[Any], n: NDArray[Any]) -> _Series:
    lower, upper = wilson(k, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Series(measure, k / n, n, lower, upper)


def _tenths(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Return the tenth of each cell, (k,): a tenth ends at the cell edge that is nearest to where it should."""
    shares = np.cumsum(counts) / max(float(counts.sum()), 1.0)
    after = np.searchsorted(shares, np.arange(1, 10) / 10)
    before = np.where(after > 0, after - 1, 0)
    before = np.where(shares[before] > 0, before, after)
    nearer = np.abs(shares[before] - np.arange(1, 10) / 10) < np.abs(shares[after] - np.arange(1, 10) / 10)
    # Cells without a row of the reference stay with what comes after them.
    ends = np.unique(np.searchsorted(shares, shares[np.where(nearer, before, after)]))
    ends = ends[shares[ends] < 1]
    return np.asarray(np.searchsorted(ends, np.arange(len(counts))), dtype=np.int64)


def score_deciles(result: DriftResult, column: str) -> pd.DataFrame:
    """Return the shares of each window's scores in the tenths of the reference's scores (contract DECILES).

    Tenths end where cells do and ties stay together, so that there may be fewer, and `share_reference` says how heavy each is.
    """
    sides = result.sides
    reference, production = sides.blocks.columns[column], sides.production.columns[column]
    cells = production.cells
    groups = _tenths(reference.counts[:, : cells.size].sum(axis=0))
    lower, upper = cells.bounds
    first = np.searchsorted(groups, np.arange(int(groups.max()) + 1))
    last = np.append(first[1:], cells.size) - 1
    before, after = (group_counts(side.counts[:, : cells.size], groups) for side in (reference, production))
    before = before.sum(axis=0)
    rows = after.sum(axis=1)
    windows, tenths = len(rows), len(before)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = after / rows[:, None]
    return DECILES.check(
        pd.DataFrame(
            {
                "window": np.repeat(np.array(sides.production.windows.ids, dtype=object), tenths),
                "decile": np.tile(np.arange(1, tenths + 1), windows),
                "lower": np.tile(lower[first], windows),
                "upper": np.tile(upper[last], windows),
                "n": np.repeat(rows.astype(np.int64), tenths),
                "share_reference": np.tile(before / max(float(before.sum()), 1.0), windows),
                "share_production": shares.ravel(),
            }
        )
    )
