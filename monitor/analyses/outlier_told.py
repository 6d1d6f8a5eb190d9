"""The rows that lie farthest out: kept while all are read, then told one by one, and drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.outlier_reasons import Reason
from monitor.analyses.outlier_rows import Learned, plain_rows
from monitor.engine import Matrix, MatrixRows, Workspace, rows_at
from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.ensemble import Scored
from monitor.stats.outliers.members import MEMBERS
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENSEMBLE = "ensemble"
MOST_KEPT = 10_000
"""Rows that are told one by one."""
DRAWN, DRAWN_BEHIND = 500, 1_500
"""Rows on the map, and reference rows behind them."""


@dataclass(frozen=True, slots=True)
class MapPoints:
    """Coordinates along the first two components: `reference` (m, 2), and `kept` (k, 2) of the kept rows in their order."""

    reference: Floats
    kept: Floats


@dataclass(slots=True)
class Kept:
    """Rows that lie far out, at most MOST_KEPT, the farthest first once all are read; `left_over` had no room."""

    batches: list[tuple[MatrixRows, Scored]] = field(default_factory=list)
    left_over: int = 0

    def add(self, batch: MatrixRows, scored: Scored, out: Bools) -> None:
        """Keep the rows of a batch that lie out; those that lie least far give way where there are too many."""
        if out.any():
            self.batches.append((_rows(batch, out), _scores(scored, out)))
        if sum(len(one.p_values) for _, one in self.batches) > 4 * MOST_KEPT:
            self._put_together()

    def ended(self) -> Kept:
        """Return the rows in order."""
        self._put_together()
        return self

    def _put_together(self) -> None:
        if not self.batches:
            return
        rows = _joined([one for one, _ in self.batches])
        scored = _scores_joined([one for _, one in self.batches])
        order = np.lexsort((rows.place[:, 1], rows.place[:, 0], -scored.together))
        self.left_over += max(len(order) - MOST_KEPT, 0)
        best = order[:MOST_KEPT]
        self.batches = [(_rows(rows, best), _scores(scored, best))]

    @property
    def empty(self) -> bool:
        """Whether no row lies out."""
        return not self.batches

    @property
    def place(self) -> Ints:
        """File and row of each, (k, 2)."""
        return np.zeros((0, 2), dtype=np.int64) if self.empty else self.batches[0][0].place

    @property
    def window(self) -> Ints:
        """Position of the window of each, (k,)."""
        return np.zeros(0, dtype=np.int64) if self.empty else self.batches[0][0].window

    @property
    def scored(self) -> Scored:
        """Their scores."""
        return Scored(np.zeros((0, 4)), np.zeros((0, 4)), np.zeros(0), np.zeros(0)) if self.empty else self.batches[0][1]

    def as_rows(self, learned: Learned, production: Matrix) -> Rows:
        """Return them for formulas."""
        part = learned.rows.take(np.zeros(0, dtype=np.int64))
        return part if self.empty else plain_rows(self.batches[0][0], production, learned.names)


def _rows(batch: MatrixRows, index: Any) -> MatrixRows:
    block = batch.block[index] if len(batch.block) else batch.block
    return MatrixRows(batch.numeric[index], batch.categorical[index], batch.window[index], block, batch.place[index])


def _scores(scored: Scored, index: Any) -> Scored:
    return Scored(scored.members[index], scored.member_p_values[index], scored.together[index], scored.p_values[index])


def _joined(parts: Sequence[MatrixRows]) -> MatrixRows:
    names = ("numeric", "categorical", "window", "block", "place")
    return MatrixRows(*(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def _scores_joined(parts: Sequence[Scored]) -> Scored:
    names = ("members", "member_p_values", "together", "p_values")
    return Scored(*(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def rows_table(workspace: Workspace, production: Matrix, learned: Learned, kept: Kept, reasons: Sequence[Reason]) -> pd.DataFrame:
    """Return the kept rows with all their scores, one line per row and method, those of one row together."""
    scored, n = kept.scored, len(kept.window)
    methods = (ENSEMBLE, *MEMBERS)
    told = {
        **_who(workspace, production.selection.data, kept.place),
        "window": np.array(production.windows.ids, dtype=object)[kept.window],
        "kind": np.array([one.kind.value for one in reasons], dtype=object),
        "columns": np.array([json.dumps([learned.names[part.label] for part in one.parts]) for one in reasons], dtype=object),
        "alone": np.array([one.alone for one in reasons], dtype=bool),
        "file": kept.place[:, 0],
        "row": kept.place[:, 1],
    }
    table = pd.DataFrame({name: np.repeat(values, len(methods)) for name, values in told.items()})
    return table.assign(
        method=np.tile(np.array(methods, dtype=object), n),
        score=np.column_stack([scored.together, scored.members]).ravel(),
        p_value=np.column_stack([scored.p_values, scored.member_p_values]).ravel(),
    )


def _who(workspace: Workspace, data: str, place: Ints) -> dict[str, Any]:
    """Return id, as text, and time (UTC) of rows; null where the case names no such column."""
    roles, n = workspace.case.roles, len(place)
    held = [name for name in (roles.id, roles.timestamp) if name is not None and data in workspace.columns[name].types] if n else []
    found = dict(zip(held, rows_at(workspace, data, place, held).columns, strict=True)) if held else {}
    told = found[roles.id].to_pylist() if roles.id in found else [None] * n
    ids = np.array([None if one is None else str(one) for one in told], dtype=object)
    moment = np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
    if roles.timestamp in found and workspace.columns[str(roles.timestamp)].kind is Kind.DATETIME:
        moment = _utc(pd.Series(found[roles.timestamp].to_pandas()), workspace.case.timezone)
    return {"id": ids, "timestamp": moment}


def _utc(local: pd.Series[Any], timezone: str) -> NDArray[np.datetime64]:
    """Turn moments of the case's clock into UTC; of an hour that a clock shows twice the first is meant."""
    first = np.ones(len(local), dtype=bool)
    placed = pd.to_datetime(local).dt.tz_localize(timezone, ambiguous=first, nonexistent="shift_forward")
    return np.asarray(placed.dt.tz_convert("UTC").dt.tz_localize(None), dtype="datetime64[us]")


def map_points(learned: Learned, kept: Kept) -> MapPoints:
    """Return where rows lie along the first two components of the reference: the rows that are drawn of it, and the kept ones."""
    members = learned.ensemble.members
    step = max(len(learned.rows) // DRAWN_BEHIND, 1)
    behind = learned.rows.take(np.arange(0, len(learned.rows), step))
    parts = [] if kept.empty else [kept.batches[0][0]]
    reference = members.relations.project(members.encoded(behind.numeric, behind.categorical))
    own = [members.relations.project(members.encoded(one.numeric, one.categorical)) for one in parts]
    return MapPoints(reference, own[0] if own else np.zeros((0, 2)))


__all__ = ["ENSEMBLE", "Kept", "MapPoints", "map_points", "rows_table"]
