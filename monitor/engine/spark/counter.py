"""The profile of a selection, counted by Spark: one job per part of the data, what was counted of a part is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.case import WindowSize
from monitor.engine.assembling import Counting, plan_counting, profile_of, survey_of
from monitor.engine.cells import cells_key
from monitor.engine.columns import Measured
from monitor.engine.counter import Survey
from monitor.engine.partial import ADDED, KEYS, SCHEMA, added
from monitor.engine.selection import Selection
from monitor.engine.spark.reading import Part, file_parts
from monitor.engine.spark.session import complaints
from monitor.engine.spark.tables import Table
from monitor.engine.store import digest
from monitor.engine.workspace import Workspace
from monitor.errors import CancelledError, SourceError
from monitor.profile import Cells, Profile
from monitor.watch import Watch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PART_BYTES = 2**29
"""Bytes of files that are counted by one job, for each task that runs at a time: what is lost when a run is broken off."""
POLL_SECONDS = 0.2
WHOLE = WindowSize(1, "whole")


@dataclass(frozen=True, slots=True)
class SparkCounter:
    """Counts selections of a workspace on a session; `tables` are the data sets that only Spark reads."""

    session: SparkSession
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def described(self) -> str:
        """What counts, for people."""
        context = self.session.sparkContext
        return f"Spark {context.version} on {context.master}"

    def count(self, workspace: Workspace, selection: Selection, cells: Mapping[str, Cells], windows: WindowSize, watch: Watch) -> Profile:
        """Count a selection on `cells` by window; parts that were counted before are not read again.

        Raises
        ------
        SelectionError
            Nothing is selected, or a row alone does not tell where it is counted.
        SourceError
            Spark cannot read the data, or they changed meanwhile.
        CancelledError
            The work was called off.
        """
        plan = plan_counting(workspace, selection, cells, windows)
        counted = self._counted(workspace, selection.data, plan, watch)
        with workspace.cursor() as cursor:
            return profile_of(cursor, counted, plan, Watch(cancel=watch.cancel))

    def holds(self, data: str) -> bool:
        """Say whether a data set's rows are nowhere else: DuckDB has a sample of them."""
        return data in self.tables

    def survey(self, workspace: Workspace, measured: Sequence[Measured]) -> Survey:
        """Look at all values of a reference that it holds: they are counted on no cells at all."""
        cells = {m.name: Cells(m.name, m.kind, np.array([]), ()) for m in measured}
        plan = plan_counting(workspace, Selection("reference"), cells, WHOLE)
        return survey_of(self._counted(workspace, "reference", plan, Watch()), plan)

    def _counted(self, workspace: Workspace, data: str, plan: Counting, watch: Watch) -> pa.Table:
        parts = self._parts(workspace, data, [name for name, _ in plan.task.types])
        shares = [watch.part(i / len(parts), (i + 1) / len(parts)) for i in range(len(parts))]
        return added([self._part(workspace, plan, part, share) for part, share in zip(parts, shares, strict=True)])

    def _parts(self, workspace: Workspace, data: str, wanted: Sequence[str]) -> Sequence[Part]:
        most, source = PART_BYTES * self.session.sparkContext.defaultParallelism, workspace.source(data)
        if data not in self.tables:
            return file_parts(source, wanted, partitions=workspace.case.data.partitions, most_bytes=most)
        read = next((name for name in wanted if name in workspace.readings), None)
        if read is not None:
            raise SourceError(f"{data}: '{read}' is text that stands for something else. Cast it in a view, and name that.")
        return self.tables[data].parts(most)

    def _part(self, workspace: Workspace, plan: Counting, part: Part, watch: Watch) -> pa.Table:
        content = part.key
        path = workspace.store.path("part", digest(content, plan_key(plan)), ".parquet")
        kept = _kept(path) if content is not None else None
        if kept is not None:
            watch.tell(1.0, "reading a part that was counted before")
            return kept
        counted = self._run(part, plan, watch)
        if part.key != content:
            raise SourceError("The data change while they are counted. Wait until they are written, then start again.")
        if content is not None:
            workspace.store.write(path, lambda temporary: pq.write_table(counted, temporary))
        return counted

    def _run(self, part: Part, plan: Counting, watch: Watch) -> pa.Table:
        """Run one job; while it runs, report its tasks, and cancel it when it is called off."""
        group = f"driftscope-{uuid.uuid4().hex}"
        context = self.session.sparkContext

        def job() -> pa.Table:
            context.setJobGroup(group, "driftscope: counting", interruptOnCancel=True)
            with complaints("counting rows"):
                return summed(part.counted(self.session, plan.task)).toArrow().cast(SCHEMA)

        with ThreadPoolExecutor(max_workers=1) as pool:
            work = pool.submit(job)
            try:
                while not work.done():
                    watch.tell(self._share_done(group), "counting on Spark")
                    try:
                        return work.result(timeout=POLL_SECONDS)
                    except NotYet:
                        continue
            except (CancelledError, KeyboardInterrupt):
                while not work.done():  # a job that has not begun yet is not cancelled
                    context.cancelJobGroup(group)
                    wait([work], POLL_SECONDS)
                raise
            return work.result()

    def _share_done(self, group: str) -> float:
        """Return the share of tasks that are done, 0..1."""
        tracker = self.session.sparkContext.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
        stages = [tracker.getStageInfo(stage) for job in jobs if job is not None for stage in job.stageIds]
        known = [one for one in stages if one is not None]
        return float(sum(one.numCompletedTasks for one in known) / max(sum(one.numTasks for one in known), 1))


def summed(counts: DataFrame) -> DataFrame:
    """Return the sums of what workers counted, which are integers."""
    from pyspark.sql import functions

    how = {"sum": functions.sum, "min": functions.min, "max": functions.max}
    return counts.groupBy(*KEYS).agg(*(how[one](name).alias(name) for name, one in ADDED.items()))


def plan_key(plan: Counting) -> str:
    """Return a digest of all that the counts of a part depend on but its rows."""
    task, rows = plan.task, plan.task.rows
    names = [m.name for m in (*plan.numbers, *plan.levels)]
    asked = [task.types, rows.conditions, rows.key, rows.local, task.numbers, task.levels, task.timezone, names]
    return digest("counts of a part", asked, cells_key(task.cells))


def _kept(path: Path) -> pa.Table | None:
    """Return what was counted before; a damaged file is as good as none."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return None
    return table if table.schema.equals(SCHEMA) else None
