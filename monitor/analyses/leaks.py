"""Columns that alone tell the label of the reference: they may be known only afterwards, and a model that learned them fails in service."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.engine import Selection, Workspace, sample
from monitor.stats.performance.ranking import midranks
from monitor.vocabulary import Kind, Role, Task

SAMPLE = 20_000
LEAKS = 0.98
"""AUC of a single column from which it knows the label."""
LEAST = 50
"""Rows of each class, and of a level that counts by itself, at least: few rows of a level tell any label by chance."""
_INPUTS = (Role.FEATURE, Role.SEGMENT, Role.PROTECTED)


def find_leaks(workspace: Workspace, reference: Selection) -> tuple[tuple[str, float], ...]:
    """Return columns that alone tell a label of two values, by their values or by where they lack one, with their AUC (0.5..1)."""
    label = workspace.case.roles.label
    if label is None or workspace.case.task is not Task.BINARY or label not in workspace.columns or workspace.kept is not None:
        return ()
    counted = workspace.counter is not None and workspace.counter.holds(reference.data)
    if counted or workspace.columns[label].late or reference.data not in workspace.columns[label].types:
        return ()
    names = [name for name, one in workspace.columns.items() if one.role in _INPUTS and reference.data in one.types and name != label]
    table = sample(workspace, reference, [label, *names], rows=SAMPLE).to_pandas()
    table = table[table[label].notna()]
    codes, levels = pd.factorize(table[label], sort=True)
    if len(levels) != 2 or min(np.bincount(codes, minlength=2)) < LEAST:
        return ()
    hits = np.asarray(codes == 1, dtype=np.bool_)
    numeric = {name for name in names if workspace.columns[name].kind is Kind.NUMERIC and pd.api.types.is_numeric_dtype(table[name])}
    found = [(name, max(_told(table[name], hits, numeric=name in numeric))) for name in names]
    return tuple(sorted(((name, auc) for name, auc in found if auc >= LEAKS), key=lambda one: -one[1]))


def _told(values: pd.Series, hit: NDArray[np.bool_], *, numeric: bool) -> Iterator[float]:
    """Yield how well a column tells the hits: by its numbers or the hits of its levels, and by where it has no value."""
    yield _auc(np.asarray(values.isna(), dtype=np.float64), hit)
    if numeric:
        yield _auc(values.to_numpy(dtype=np.float64, na_value=-np.inf), hit)
        return
    level = values.astype(str).where(values.notna(), "")
    level = level.where(level.map(level.value_counts()) >= LEAST, "")
    rates = pd.Series(hit.astype(np.float64), index=level.index).groupby(level).transform("mean")
    yield _auc(rates.to_numpy(dtype=np.float64), hit)


def _auc(values: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    """Return the probability that a hit lies above any other row, or below it, whichever is larger."""
    ranks = midranks(np.zeros(len(values), dtype=np.int64), np.where(np.isnan(values), -np.inf, values))
    many, few = int(hit.sum()), int((~hit).sum())
    auc = float((ranks[hit].sum() - many * (many + 1) / 2) / (many * few))
    return max(auc, 1 - auc)
