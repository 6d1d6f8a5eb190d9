"""Did the pipelines behind the data run, in time, as long and with as many rows as they did? By job and day."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.naming import SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.runs import RUNNING, SKIPPED, in_words, read_runs
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause
from monitor.contract.model import Terms
from monitor.engine import Cancel, Progress, Selection, Workspace, time_span
from monitor.engine.contract import count_broken
from monitor.errors import MethodError, SelectionError, SourceError, nearest
from monitor.profile import Windows
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.vocabulary import Role

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY = WindowSize(1, "day")
METRICS: Mapping[str, str] = {
    "ok": "1 where a run of the day succeeded, 0 where all failed",
    "attempts": "runs of the day",
    "duration_s": "seconds that the run took that succeeded",
    "rows": "rows that it wrote",
    "start_s": "seconds from the beginning of the day to the start of its first run",
    "finish_s": "seconds from the beginning of the day to the end of the run that succeeded",
}
HIT = 0.05
"""How much more of a column is missing on days without a good run than on others, for the column to count as hit by it."""
MEASURED = Contract(
    "pipelines",
    ("job", "metric", "window"),
    {
        "job": "the job",
        "metric": "; ".join(f"{name}: {told}" for name, told in METRICS.items()),
        "window": "the day",
        "value": "the metric, null where no run says it",
    },
    {"value": "by `metric`: a share, runs, seconds or rows"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job by day, of the judged days (w,) and of those before (r,): whether it `ran`, whether a run was good (`ok`), `attempts`,
    `seconds` and `written` rows of the good one, `started` of the first and `finished` of the good one in seconds of the day (nan: none,
    and `own_`: of the days before); days on which it was only recorded as `skipped`, or is still `open`;
    `message` of the last failure, or how it was skipped, by position; `fed` columns that it fills, as the case says, else its runs; data
    sets that it `reads` and `writes`, as its runs say."""

    name: str
    ran: Bools
    ok: Bools
    attempts: Ints
    skipped: Bools
    open: Bools
    seconds: Floats
    written: Floats
    own_ran: Bools
    own_ok: Bools
    own_seconds: Floats
    own_written: Floats
    started: Floats
    finished: Floats
    own_started: Floats
    own_finished: Floats
    message: Mapping[int, str]
    fed: tuple[str, ...]
    reads: frozenset[str]
    writes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinesResult(Result):
    """Measured pipelines: `jobs` in the order in which they run in a day; `weekday` (r + w,) of the days before and of the judged ones;
    `empty` share of missing values of each column by judged day, for what a failure hits."""

    jobs: tuple[Job, ...]
    windows: Windows
    own_windows: Windows
    weekday: Ints
    rows: Ints
    partial: Bools
    empty: Mapping[str, Floats]
    labels: Mapping[str, str]
    size: WindowSize
    timezone: str
    called: SideNames


def measure_pipelines(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PipelinesResult:
    """Measure the runs of the pipelines of a case by day: those since production began, beside those before.

    Parameters
    ----------
    question : only its seed and its names count: runs belong to days, whatever rows are chosen.
    methods : names of jobs, or "default" or "all".

    Raises
    ------
    MethodError
        The case names no runs, they cannot be read, or there is no job of that name.
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    question, section = question or Question(), workspace.case.pipeline
    if section is None:
        raise MethodError('Pipelines needs [pipeline] in case.toml: runs = "runs.parquet".')
    try:
        every = read_runs(workspace.case, section)
    except SourceError as error:  # the data can be looked at without them
        raise MethodError(str(error)) from error
    runs = _chosen(every, methods)
    first = _beginning(workspace, runs)
    days = pd.date_range(runs["day"].min(), runs["day"].max(), freq="D")
    judged, before = days[days >= first], days[days < first]
    windows, own = (_windows(part, workspace.case.timezone) for part in (judged, before))
    order = runs.groupby("job")["started"].apply(lambda times: (times - times.dt.normalize()).median()).sort_values(na_position="last")
    newest = every["day"].max()
    by_job = {str(name): _Runs.of(runs[runs["job"] == name], newest) for name in order.index}
    jobs = tuple(_job(one, name, judged, before, section.feeds.get(name, ())) for name, one in by_job.items())
    empty, skipped = _empty(workspace, judged, cancel)
    return PipelinesResult(
        analysis="pipelines",
        case=workspace.case.name,
        table=MEASURED.check(pd.concat([_rows(one, windows) for one in jobs], ignore_index=True)),
        skipped=skipped,
        provenance=_provenance(question, section.runs, len(runs), (began, time.perf_counter() - clock)),
        jobs=jobs,
        windows=windows,
        own_windows=own,
        weekday=np.asarray(days.day_of_week, dtype=np.int64),
        rows=np.sum([one.attempts for one in jobs], axis=0),
        partial=np.zeros(len(judged), dtype=bool),
        empty=empty,
        labels={name: workspace.case.label(name) for name in workspace.columns},
        size=DAY,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def _chosen(runs: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    if {"default", "all"} & set(methods):
        return runs
    known = sorted(runs["job"].astype(str).unique())
    wrong = next((name for name in methods if name not in known), None)
    if wrong is not None:
        raise MethodError(f"There is no job '{wrong}'.{nearest(wrong, known)} Jobs: {', '.join(known)}.")
    return runs[runs["job"].isin(list(methods))]


def _beginning(workspace: Workspace, runs: pd.DataFrame) -> pd.Timestamp:
    """Return the day on which production began; without a time, or where no run is as new, that of the first run."""
    timed = workspace.case.roles.timestamp is not None and workspace.schema.time("production") is not None
    span = time_span(workspace, "production") if timed else None
    first = pd.Timestamp(runs["day"].min())
    if span is None:
        return first
    start = pd.Timestamp(span[0])
    naive = start.tz_convert(workspace.case.timezone).tz_localize(None) if start.tzinfo else start
    return naive.normalize() if naive.normalize() <= runs["day"].max() else first


def _windows(days: pd.DatetimeIndex, timezone: str) -> Windows:
    def utc(part: pd.DatetimeIndex) -> NDArray[np.datetime64]:
        local = part.tz_localize(timezone, ambiguous=np.ones(len(part), dtype=bool), nonexistent="shift_forward")
        return np.asarray(local.tz_convert("UTC").tz_localize(None).to_numpy(), dtype="datetime64[us]")

    return Windows(tuple(f"{day:%Y-%m-%d}" for day in days), utc(days), utc(days + pd.Timedelta(days=1)))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of one job: those that were `tried` and have ended, those `skipped`, and those of the newest day of all that are `open`."""

    tried: pd.DataFrame
    skipped: pd.DataFrame
    open: pd.DataFrame

    @classmethod
    def of(cls, runs: pd.DataFrame, newest: pd.Timestamp) -> _Runs:
        """Tell runs apart by their status."""
        skipped = in_words(runs, SKIPPED)
        waiting = in_words(runs, RUNNING) & runs["finished"].isna() & runs["day"].eq(newest)
        return cls(runs[~skipped & ~waiting], runs[skipped], runs[waiting])


def _job(given: _Runs, name: str, judged: pd.DatetimeIndex, before: pd.DatetimeIndex, fed: Sequence[str]) -> Job:
    runs = given.tried
    good = runs[runs["ok"].astype(bool)].drop_duplicates("day", keep="last").set_index("day")
    seconds = (good["finished"] - good["started"]).dt.total_seconds()
    attempts = runs.groupby("day").size()
    started, finished = _of_day(runs.groupby("day")["started"].min()), _of_day(good["finished"])
    idle = given.skipped[~given.skipped["day"].isin(runs["day"])]
    said = pd.concat([runs[~runs["ok"].astype(bool)], idle.assign(message=idle["message"].fillna(idle["status"]))])
    bad = said[said["message"].notna()].drop_duplicates("day", keep="last").set_index("day")["message"]
    return Job(
        name=name,
        ran=np.asarray(judged.isin(attempts.index)),
        ok=np.asarray(judged.isin(good.index)),
        skipped=np.asarray(judged.isin(idle["day"])),
        open=np.asarray(judged.isin(given.open["day"])),
        attempts=np.asarray(attempts.reindex(judged, fill_value=0), dtype=np.int64),
        seconds=np.asarray(seconds.reindex(judged), dtype=np.float64),
        written=np.asarray(good["rows"].reindex(judged), dtype=np.float64),
        own_ran=np.asarray(before.isin(attempts.index)),
        own_ok=np.asarray(before.isin(good.index)),
        own_seconds=np.asarray(seconds.reindex(before), dtype=np.float64),
        own_written=np.asarray(good["rows"].reindex(before), dtype=np.float64),
        started=np.asarray(started.reindex(judged), dtype=np.float64),
        finished=np.asarray(finished.reindex(judged), dtype=np.float64),
        own_started=np.asarray(started.reindex(before), dtype=np.float64),
        own_finished=np.asarray(finished.reindex(before), dtype=np.float64),
        message={i: str(bad[day]) for i, day in enumerate(judged) if day in bad.index},
        fed=tuple(fed) or tuple(dict.fromkeys(_told(runs["fills"]))),
        reads=frozenset(_told(runs["reads"])),
        writes=tuple(dict.fromkeys(_told(runs["writes"]))),
    )


def _of_day(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Return moments by day in seconds from its beginning."""
    return (moments - moments.index.to_series()).dt.total_seconds()


def _told(sets: pd.Series[Any]) -> list[str]:
    """Return the data sets of all runs, with repetitions."""
    return [name for names in sets.dropna() for name in names]


def _empty(workspace: Workspace, judged: pd.DatetimeIndex, cancel: Cancel | None) -> tuple[dict[str, Floats], tuple[Skipped, ...]]:
    """Return the share of missing values of each input by judged day, nan on days without rows."""
    names = [name for name, one in workspace.columns.items() if one.role is Role.FEATURE and "production" in one.types]
    asked = [Clause(column=name, check=Check.MISSING, terms=Terms(missing=0.0)) for name in names]
    try:
        counted = count_broken(workspace, Selection("production"), DAY, asked, cancel=cancel)
    except SelectionError as error:
        return {}, (Skipped("hit", "no_days", f"Which columns a failed run leaves empty is not known: {error}"),)
    place = {name: i for i, name in enumerate(counted.windows.ids)}
    at = np.array([place.get(f"{day:%Y-%m-%d}", -1) for day in judged])
    found = {}
    for one in asked:
        broken = counted.counts[one.id]
        share = np.append(broken.hits / np.maximum(broken.known, 1), np.nan)
        found[one.column] = share[at]
    return found, ()


def _rows(one: Job, windows: Windows) -> pd.DataFrame:
    values = {
        "ok": np.where(one.ran, one.ok.astype(float), np.nan),
        "attempts": one.attempts.astype(float),
        "duration_s": one.seconds,
        "rows": one.written,
        "start_s": one.started,
        "finish_s": one.finished,
    }
    parts = [
        pd.DataFrame(
            {
                "job": one.name,
                "metric": metric,
                "window": windows.ids,
                "value": value,
                "window_start": windows.start,
                "window_end": windows.end,
            }
        )
        for metric, value in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _provenance(question: Question, file: str, runs: int, timed: tuple[datetime, float]) -> Provenance:
    return Provenance(
        fingerprints={},
        selections={"runs": file},
        settings={"windows": str(DAY)},
        seed=question.seed,
        versions=versions(),
        sql=(),
        rows={"runs": {"used": runs, "excluded": {}}},
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
