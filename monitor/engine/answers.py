"""How scores and predictions fit together: rows at or above the threshold, rows predicted positive, rows where the two disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.case import WindowSize
from monitor.engine.counting import find_windows
from monitor.engine.rows import select_rows
from monitor.engine.running import Watch, fetch
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace
from monitor.profile import Ints, Windows


@dataclass(frozen=True, slots=True)
class Rule:
    """When a score means positive: `score` and `prediction` are columns, `positive` the level of the positive class."""

    score: str
    threshold: float
    prediction: str | None = None
    positive: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Rows by window, (w,) each: with a score, at or above the threshold, with both a score and a prediction, and of these the ones
    where the prediction is not what the threshold says."""

    windows: Windows
    scored: Ints
    above: Ints
    both: Ints
    differing: Ints


def count_answers(workspace: Workspace, selection: Selection, rule: Rule, *, windows: WindowSize) -> AnswerCounts:
    """Count them in one pass over two columns.

    Raises
    ------
    SelectionError
        As `profile`.
    """
    names = [rule.score, *([rule.prediction] if rule.prediction is not None else [])]
    rows = select_rows(workspace, selection, windows, names)
    measured = {m.name: workspace.schema.sql(m, selection.data) for m in workspace.measured(names)}
    score, answer = measured[rule.score], measured.get(str(rule.prediction), "CAST(NULL AS VARCHAR)")
    # A score kept as a short float is compared as one: 0.35 there is a little less than the threshold as it is written.
    short = workspace.schema.info(rule.score).types[selection.data] == "FLOAT"
    limit = f"CAST(CAST({float(rule.threshold)!r} AS FLOAT) AS DOUBLE)" if short else repr(float(rule.threshold))
    sql = (
        "SELECT w, count(x0), count(*) FILTER (WHERE x0), count(*) FILTER (WHERE x0 IS NOT NULL AND x1 IS NOT NULL), "
        f"count(*) FILTER (WHERE x0 <> x1) FROM {rows.select([_above(score, limit), f'{answer} = ?'])} GROUP BY w ORDER BY w"
    )
    with workspace.cursor() as cursor:
        found, _, _ = find_windows(cursor, workspace, rows, windows, Watch())
        table = fetch(cursor, sql, [rule.positive, *rows.parameters], text="comparing predictions with the threshold")
    scored, above, both, differing = (np.asarray(table.column(i).to_numpy(), dtype=np.int64) for i in (1, 2, 3, 4))
    return AnswerCounts(found, scored, above, both, differing)


def _above(score: str, limit: str) -> str:
    return f"CASE WHEN {score} IS NOT NULL AND NOT isnan({score}) THEN {score} >= {limit} END"
