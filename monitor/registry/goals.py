"""The goals of a case by window: what each metric that one is set on is, of all rows."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from monitor.analyses.kpi_columns import COLUMN, EMPTY, measure_columns
from monitor.analyses.sides import Question
from monitor.engine import Workspace
from monitor.errors import ColumnMissingError, MethodError, nearest
from monitor.judgement.judged import Judged
from monitor.judgement.kpis import Tree, kpi_tree
from monitor.registry.catalogue import find_analysis
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.stats.performance.catalogue import METRICS


def goals_of(workspace: Workspace, question: Question, judge: Callable[[str], Judged]) -> Tree:
    """Return the goals of a case; `judge` asks an analysis by its name.

    Raises
    ------
    ColumnMissingError, KindError, MethodError
        A goal is set on what the case does not have, or on what is no metric.
    """
    case = workspace.case
    wanted = {one.metric for one in case.kpis}
    own = {one.id for one in case.metrics}
    columns = sorted(one for one in wanted if one.startswith((COLUMN, EMPTY)))
    unknown = sorted(wanted - set(columns) - set(METRICS) - set(OPERATIONS) - own)
    if unknown:
        known = [*METRICS, *OPERATIONS, *own]
        raise MethodError(
            f"A goal is set on '{unknown[0]}', which is no metric.{nearest(unknown[0], known)} For a column write 'column:NAME'."
        )
    parts = [measure_columns(workspace, columns, question)]
    if wanted & (set(METRICS) | own):
        if lacking := find_analysis("performance").lacks(case):
            raise ColumnMissingError(lacking)
        parts.append(_of_all(judge("performance")))
    if wanted & set(OPERATIONS):
        parts.append(_of_all(judge("operations")))
    return kpi_tree(case, pd.concat([part for part in parts if len(part)], ignore_index=True))


def _of_all(judged: Judged) -> pd.DataFrame:
    """Return what all rows of each window say; windows that wait for labels, or are cut short, are not mature."""
    table = judged.table
    rows = table[table["segment"].isna()]
    rows = rows[rows["class"].isna()] if "class" in rows else rows
    short = rows["window"].map(dict(zip(judged.windows.ids, judged.partial.tolist(), strict=True))).astype(bool)
    looked = next((rows[name] for name in ("n_labelled", "n_production") if name in rows), rows["n"])  # not what a metric is a share of
    return rows[["window", "metric", "value"]].assign(n=looked, mature=~short & rows.get("mature", True))
