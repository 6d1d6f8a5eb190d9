"""Runs of the pipelines behind a case: read from a table, OpenLineage events or results of dbt, one row a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.case import Case
from monitor.case.model import PipelineSection
from monitor.case.values import is_number
from monitor.engine.files import find
from monitor.errors import SourceError

COLUMNS = ("job", "run", "day", "started", "finished", "rows", "ok", "message", "status", "model_version", "reads", "writes",
           "fills")  # fmt: skip
"""`job`, `run`, `day` that it is for, `started` and `finished` local times, `rows` written, `ok` whether it succeeded, `message`, `status`
as it was written, the `model_version` that came out of it, where it trains, the data sets that it `reads` and `writes`, and the columns of
these that it `fills` (texts)."""
_NAMES: Mapping[str, tuple[str, ...]] = {
    "job": ("job", "job_name", "task", "pipeline", "name", "dag_id"),
    "run": ("run_id", "run", "dag_run_id", "id"),
    "day": ("day", "period", "date", "logical_date", "execution_date"),
    "started": ("started", "started_at", "start", "start_time", "start_date"),
    "finished": ("finished", "finished_at", "end", "end_time", "completed_at", "end_date"),
    "rows": ("rows", "row_count", "rows_written", "rows_affected"),
    "status": ("status", "state", "result", "outcome"),
    "message": ("message", "error", "reason"),
    "model_version": ("model_version", "version"),
}
_GOOD = frozenset({"ok", "success", "succeeded", "successful", "complete", "completed", "done", "pass", "passed", "true", "1",
                   "warn", "no-op"})  # fmt: skip
RUNNING = frozenset({"running", "queued", "scheduled", "pending", "requested", "waiting", "in_progress", "started", "start", "restarting",
                     "up_for_retry", "deferred", ""})  # fmt: skip
"""What orchestrators call a run that has not ended (Airflow, GitHub Actions, OpenLineage)."""
SKIPPED = frozenset({"skipped", "skip", "upstream_failed", "not_run", "omitted", "removed"})
"""What they call a run that was never tried, mostly because one before it failed (dbt, Airflow, Argo)."""
_ENDED = frozenset({"COMPLETE", "FAIL", "ABORT"})
_TIMES = ("day", "started", "finished")
_PREFIX = "[pipeline] runs: "


def read_runs(case: Case, section: PipelineSection) -> pd.DataFrame:
    """Return the runs of a case's pipelines in order of time (columns COLUMNS).

    Raises
    ------
    SourceError
        The file is not there, cannot be read, or lacks what runs need.
    """
    frames = [_READERS[section.kind](path) for path in find("[pipeline] runs", section.runs, case.root)]
    return _in_order(case, pd.concat(frames, ignore_index=True), section.runs)


def in_words(runs: pd.DataFrame, words: frozenset[str]) -> pd.Series[bool]:
    """Say of each run whether its status is one of these."""
    return runs["status"].astype(str).str.strip().str.lower().isin(words)


def read_run_records(case: Case, content: str, called: str, *, job: str, today: pd.Timestamp) -> pd.DataFrame:
    """Return runs that a text holds (columns COLUMNS): JSON objects in the form of the table of runs, OpenLineage events, results of dbt.

    Parameters
    ----------
    job, today : of objects that name no job, or no time.

    Raises
    ------
    SourceError
        It is none of these, or lacks what runs need.
    """
    found = list(_objects(content, called, lines=not content.lstrip().startswith(("[", "{")) or "\n{" in content.strip()))
    if any("eventType" in one for one in found):
        return _in_order(case, _of_events(found, called), called)
    if any("results" in one and "metadata" in one for one in found):
        return _in_order(case, _of_dbt(found, called), called)
    return _in_order(case, _of_table(pd.DataFrame([_whole(one, job, today) for one in found]), called), called)


def _whole(one: Mapping[str, Any], job: str, today: pd.Timestamp) -> dict[str, Any]:
    """Return a run with a job and a day where it says none."""
    plain = {name: value for name, value in one.items() if isinstance(value, (str, int, float)) or value is None}
    names = {str(name).lower() for name in plain}
    timed = any(names & set(_NAMES[key]) for key in _TIMES)
    return {**plain, **({} if names & set(_NAMES["job"]) else {"job": job}), **({} if timed else {"day": today})}


def read_run_table(case: Case, path: Path) -> pd.DataFrame:
    """Return the runs of a table (.csv, .parquet; columns COLUMNS).

    Raises
    ------
    SourceError
        It is not there, cannot be read, or lacks what runs need.
    """
    return _in_order(case, _table(path), path.name)


def _in_order(case: Case, found: pd.DataFrame, called: str) -> pd.DataFrame:
    """Return runs with a job and a time, on the case's clock, in order of time."""
    found = found.reindex(columns=COLUMNS)
    for name in _TIMES:
        found[name] = _local(found[name], case.timezone)
    found["day"] = found["day"].fillna(found["started"]).fillna(found["finished"]).dt.normalize()
    known = found[found["day"].notna() & found["job"].notna()]
    if known.empty:
        raise SourceError(f"{_PREFIX}'{called}' has no run with a job and a time.")
    return known.sort_values(["day", "started"], kind="stable", ignore_index=True)


def _local(column: Any, timezone: str) -> pd.Series[pd.Timestamp]:
    """Return times on the case's clock; naive ones are on it."""
    given = pd.Series(column)
    texts = pd.api.types.is_string_dtype(given) or pd.api.types.is_object_dtype(given)
    # Each as it is written: a time with parts of a second has another form than the others.
    zoned = pd.to_datetime(given, errors="coerce", utc=True, format="mixed" if texts else None)
    naive = pd.api.types.is_datetime64_any_dtype(given) and getattr(given.dt, "tz", None) is None
    if naive or not given.astype(str).str.contains(r"Z$|[+-]\d\d:?\d\d$", regex=True).any():
        return zoned.dt.tz_localize(None).dt.as_unit("us")
    return zoned.dt.tz_convert(timezone).dt.tz_localize(None).dt.as_unit("us")


def _table(path: Path) -> pd.DataFrame:
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    readers: dict[str, Callable[[Path], Any]] = {".parquet": pd.read_parquet, ".csv": pd.read_csv, ".csv.gz": pd.read_csv}
    if suffix.lower() not in readers:
        raise SourceError(f'{_PREFIX}\'{path.name}\' must end in {", ".join(readers)}, or say kind = "openlineage" or "dbt".')
    try:
        raw: pd.DataFrame = readers[suffix.lower()](path)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise SourceError(f"{_PREFIX}'{path}' cannot be read: {error}") from error
    return _of_table(raw, path.name)


def _of_table(raw: pd.DataFrame, called: str) -> pd.DataFrame:
    """Return runs of a table whose columns are called as people call them."""
    raw = raw.reset_index(drop=True)  # that of a frame that was put together names rows twice
    lower = {str(name).lower(): name for name in raw.columns}
    at = {key: next((lower[one] for one in names if one in lower), None) for key, names in _NAMES.items()}
    for key in ("job", "status"):
        if at[key] is None:
            raise SourceError(f"{_PREFIX}'{called}' has no column for {key}. Call it one of {', '.join(_NAMES[key])}.")
    if all(at[key] is None for key in _TIMES):
        raise SourceError(f"{_PREFIX}'{called}' has no time. Call a column one of {', '.join(_NAMES['started'])}.")
    told = {key: raw[name] if name is not None else pd.Series([None] * len(raw), dtype=object) for key, name in at.items()}
    good = told["status"].astype(str).str.strip().str.lower().isin(_GOOD)
    return pd.DataFrame({**told, "rows": pd.to_numeric(told["rows"], errors="coerce"), "ok": good})


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a JSON file: one, a list, or one a line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{_PREFIX}'{path}' cannot be read as JSON: {error}") from error
    return _objects(text, str(path), lines=not (text.lstrip().startswith("[") or path.suffix.lower() == ".json"))


def _objects(text: str, called: str, *, lines: bool) -> Iterator[Mapping[str, Any]]:
    try:
        found = [_loaded(line) for line in text.splitlines() if line.strip()] if lines else _loaded(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"{_PREFIX}'{called}' cannot be read as JSON: {error}") from error
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, dict):
            raise SourceError(f"{_PREFIX}'{called}' holds {type(one).__name__} where an object should be.")
        yield one


def _loaded(text: str) -> Any:
    """Read JSON; halves of letters, which no text can hold, are replaced."""
    found = json.loads(text)
    return json.loads(json.dumps(found, ensure_ascii=False).encode(errors="replace")) if "\\ud" in text.lower() else found


def _within(value: Any, *names: str) -> Any:
    """Return what lies within objects, by the name in each; None where one is missing or is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _each(value: Any, *names: str) -> list[Any]:
    """Return what lies within each object of a list, as `_within` does."""
    return [_within(one, *names) for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _openlineage(path: Path) -> pd.DataFrame:
    return _of_events(_lines(path), path.name)


def _of_events(events: Iterable[Mapping[str, Any]], called: str) -> pd.DataFrame:
    """Read run events: a run began at its START and ended with COMPLETE, FAIL or ABORT; one that never ended did not succeed. It belongs to
    the day of its nominal time, as that is written: the load of yesterday that fails after midnight is yesterday's."""
    runs: dict[str, dict[str, Any]] = {}
    for event in events:
        name, run = _within(event, "job", "name"), _within(event, "run", "runId")
        if not name or not run:
            continue
        known = runs.setdefault(str(run), dict.fromkeys(COLUMNS) | {"job": str(name), "run": str(run), "ok": False})
        kind, time = str(event.get("eventType", "")).upper(), event.get("eventTime")
        known["status"] = known["status"] if known["status"] in _ENDED else kind
        known |= {
            key: tuple(dict.fromkeys((*(known[key] or ()), *_sets(event, side))))
            for key, side in (("reads", "inputs"), ("writes", "outputs"))
        }
        known["fills"] = tuple(dict.fromkeys((*(known["fills"] or ()), *_columns(event))))
        known["day"] = known["day"] or _nominal_day(event)
        if kind in _ENDED:
            known |= {"finished": time, "ok": kind == "COMPLETE", "message": _message(event), "rows": _written(event)}
            known["model_version"] = _version(event)
        if kind == "START" or known["started"] is None:
            known["started"] = time
    if not runs:
        raise SourceError(f"{_PREFIX}'{called}' has no run event of OpenLineage (job.name, run.runId, eventType).")
    found = pd.DataFrame(list(runs.values()))
    return found.assign(rows=pd.to_numeric(found["rows"], errors="coerce"))


def _sets(event: Mapping[str, Any], side: str) -> tuple[str, ...]:
    """Return the data sets that an event names on a side: all events of a run tell of them together."""
    return tuple(str(name) for name in _each(event.get(side), "name") if name)


def _columns(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of what an event writes (the facet of OpenLineage that tells schemas)."""
    tables = _each(event.get("outputs"), "facets", "schema", "fields")
    return tuple(str(name) for fields in tables for name in _each(fields, "name") if name)


def _nominal_day(event: Mapping[str, Any]) -> str | None:
    """Return the date of the time that a run is for; None where none is said."""
    told = _within(event, "run", "facets", "nominalTime", "nominalStartTime")
    return told[:10] if isinstance(told, str) else None


def _message(event: Mapping[str, Any]) -> str | None:
    told = _within(event, "run", "facets", "errorMessage", "message")
    return None if told is None else str(told)


def _written(event: Mapping[str, Any]) -> float | None:
    found = _each(event.get("outputs"), "outputFacets", "outputStatistics", "rowCount")
    known = [float(one) for one in found if is_number(one)]
    return sum(known) if known else None


def _version(event: Mapping[str, Any]) -> str | None:
    """Return the version of the first output that has one (the facet of OpenLineage that versions data sets)."""
    found = _each(event.get("outputs"), "facets", "version", "datasetVersion")
    return next((str(one) for one in found if one is not None), None)


def _dbt(path: Path) -> pd.DataFrame:
    return _of_dbt(_lines(path), path.name)


def _of_dbt(answers: Iterable[Mapping[str, Any]], called: str) -> pd.DataFrame:
    """Read run_results.json of dbt."""
    rows = []
    for answer in answers:
        when = _within(answer, "metadata", "generated_at")
        for one in _each(answer.get("results")):
            timing: dict[str, Any] = next((part for part in _each(one.get("timing")) if part.get("name") == "execute"), {})
            rows.append(
                {
                    "job": one.get("unique_id"), "run": _within(answer, "metadata", "invocation_id"), "day": None,
                    "started": timing.get("started_at") or when, "finished": timing.get("completed_at") or when,
                    "rows": _within(one, "adapter_response", "rows_affected"),
                    "ok": str(one.get("status")).lower() in _GOOD, "message": one.get("message"), "status": one.get("status"),
                }
            )  # fmt: skip
    if not rows:
        raise SourceError(f"{_PREFIX}'{called}' has no results of dbt (run_results.json).")
    found = pd.DataFrame(rows)
    return found.assign(rows=pd.to_numeric(found["rows"], errors="coerce"))


_READERS = {"table": _table, "openlineage": _openlineage, "dbt": _dbt}
