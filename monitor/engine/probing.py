"""Groups of rows in which one column varies while all others stay as they are, and the score crosses the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.case import WindowSize
from monitor.engine.columns import Measured
from monitor.engine.counting import find_windows
from monitor.engine.rows import PLACE, select_rows
from monitor.engine.running import Cancel, Watch, fetch
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.profile import Ints

FEWER = 0.05
"""Part of the rows of a probe that score on the other side of the threshold at least: one row among many that look alike is none."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Rows (k,) of such groups: `window` position, `column` that varied (position among the measured), `group` number, `place` (k, 2)."""

    window: Ints
    column: Ints
    group: Ints
    place: Ints


def find_probes(
    workspace: Workspace,
    selection: Selection,
    size: WindowSize,
    measured: Sequence[Measured],
    rule: tuple[Measured, float],
    *,
    least: int,
    cancel: Cancel | None = None,
) -> Probes:
    """Return the rows of groups that hold at least `least` values of one column, equal in all others, with scores on both sides.

    Parameters
    ----------
    rule : the score, and the threshold from which the model says positive.

    Raises
    ------
    SelectionError, CancelledError
    """
    watch, (score, threshold) = Watch(cancel=cancel), rule
    selected = select_rows(workspace, selection, size, [*(one.column for one in measured), score.column], ordered=True)
    values = [workspace.schema.sql(one, selection.data) for one in measured]
    hashes = [f"hash({value}, {i})" for i, value in enumerate(values)]
    halves = [f"hash({', '.join(hashes[start::2])})" for start in (0, 1)]
    parts = [
        workspace.schema.sql(score, selection.data),
        *PLACE,
        *halves,
        *hashes,
    ]
    able = " UNION ALL ".join(_HALF.format(half=half, least=int(least)) for half in ("x3", "x4"))
    found = []
    with workspace.cursor() as cursor:
        _, keys, _ = find_windows(cursor, workspace, selected, size, Watch(cancel=cancel))
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE hashed AS SELECT * FROM {selected.select(parts)}", selected.parameters)
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE probed AS SELECT DISTINCT hashed.* FROM hashed, ({able}) AS a WHERE {_ABLE}")
        for i in range(len(measured)):
            watch.tell(i / len(measured), "looking for probes")
            sql = _SQL.format(part=FEWER, column=f"x{i + 5}", others=_others(i, len(measured)))
            found.append(fetch(cursor, sql, [least, threshold, threshold], text="looking for probes"))
        cursor.execute("DROP TABLE probed")
        cursor.execute("DROP TABLE hashed")
    windows, columns, groups, files, rows, many = [], [], [], [], [], 0
    for i, table in enumerate(found):
        w, files_, rows_ = (table.column(k).to_pylist() for k in range(3))
        for window, file, row in zip(w, files_, rows_, strict=True):
            windows += [int(np.searchsorted(keys, window))] * len(row)
            columns += [i] * len(row)
            groups += [many] * len(row)
            files += file
            rows += row
            many += 1
    place = np.array([files, rows], dtype=np.int64).T.reshape(-1, 2)
    return Probes(np.array(windows, dtype=np.int64), np.array(columns, dtype=np.int64), np.array(groups, dtype=np.int64), place)


def _others(column: int, many: int) -> str:
    return ", ".join(f"x{k + 5}" for k in range(many) if k != column)


_HALF = "SELECT w, '{half}' AS half, {half} AS h FROM hashed GROUP BY w, {half} HAVING count(*) >= {least}"
"""Rows of a probe are equal in all columns but one, so in one half of the columns."""
_ABLE = "a.w = hashed.w AND (a.half = 'x3' AND a.h = hashed.x3 OR a.half = 'x4' AND a.h = hashed.x4)"
_SQL = """SELECT w, list(x1), list(x2) FROM probed GROUP BY w, hash({others})
HAVING count(DISTINCT {column}) >= ? AND least(count(*) FILTER (x0 < ?), count(*) FILTER (x0 >= ?)) >= greatest(1, {part} * count(*))"""
