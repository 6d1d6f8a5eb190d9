"""Runs of the pipelines behind a case: read from a table, OpenLineage events or results of dbt, one row a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.case import Case
from monitor.case.model import PipelineSection
from monitor.engine.files import find
from monitor.errors import SourceError

COLUMNS = ("job", "run", "day", "started", "finished", "rows", "ok", "message")
"""`job`, `run`, `day` that it is for, `started` and `finished` local times, `rows` written, `ok` whether it succeeded, `message`."""
_NAMES: Mapping[str, tuple[str, ...]] = {
    "job": ("job", "job_name", "task", "pipeline", "name"),
    "run": ("run_id", "run", "id"),
    "day": ("day", "period", "date", "logical_date", "execution_date"),
    "started": ("started", "started_at", "start", "start_time"),
    "finished": ("finished", "finished_at", "end", "end_time", "completed_at"),
    "rows": ("rows", "row_count", "rows_written", "rows_affected"),
    "status": ("status", "state", "result", "outcome"),
    "message": ("message", "error", "reason"),
}
_GOOD = frozenset({"ok", "success", "succeeded", "successful", "complete", "completed", "done", "pass", "passed", "true", "1", "warn"})
_ENDED = frozenset({"COMPLETE", "FAIL", "ABORT"})


def read_runs(case: Case, section: PipelineSection) -> pd.DataFrame:
    """Return the runs of a case's pipelines in order of time (columns COLUMNS).

    Raises
    ------
    SourceError
        The file is not there, cannot be read, or lacks what runs need.
    """
    frames = [_READERS[section.kind](path) for path in find("[pipeline] runs", section.runs, case.root)]
    found = pd.concat(frames, ignore_index=True)
    for name in ("day", "started", "finished"):
        found[name] = _local(found[name], case.timezone)
    found["day"] = found["day"].fillna(found["started"]).fillna(found["finished"]).dt.normalize()
    known = found[found["day"].notna() & found["job"].notna()]
    if known.empty:
        raise SourceError(f"[pipeline] runs: '{section.runs}' has no run with a job and a time.")
    return known.sort_values(["day", "started"], kind="stable", ignore_index=True)[list(COLUMNS)]


def _local(column: Any, timezone: str) -> pd.Series[pd.Timestamp]:
    """Return times on the case's clock; naive ones are on it."""
    given = pd.Series(column)
    zoned = pd.to_datetime(given, errors="coerce", utc=True)
    naive = pd.api.types.is_datetime64_any_dtype(given) and getattr(given.dt, "tz", None) is None
    if naive or not given.astype(str).str.contains(r"Z$|[+-]\d\d:?\d\d$", regex=True).any():
        return zoned.dt.tz_localize(None).dt.as_unit("us")
    return zoned.dt.tz_convert(timezone).dt.tz_localize(None).dt.as_unit("us")


def _table(path: Path) -> pd.DataFrame:
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    readers: dict[str, Callable[[Path], Any]] = {".parquet": pd.read_parquet, ".csv": pd.read_csv, ".csv.gz": pd.read_csv}
    if suffix.lower() not in readers:
        raise SourceError(f'[pipeline] runs: \'{path.name}\' must end in {", ".join(readers)}, or say kind = "openlineage" or "dbt".')
    try:
        raw: pd.DataFrame = readers[suffix.lower()](path)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise SourceError(f"[pipeline] runs: '{path}' cannot be read: {error}") from error
    lower = {str(name).lower(): name for name in raw.columns}
    at = {key: next((lower[one] for one in names if one in lower), None) for key, names in _NAMES.items()}
    for key in ("job", "status"):
        if at[key] is None:
            raise SourceError(f"[pipeline] runs: '{path.name}' has no column for {key}. Call it one of {', '.join(_NAMES[key])}.")
    if at["day"] is None and at["started"] is None:
        raise SourceError(f"[pipeline] runs: '{path.name}' has no time. Call a column one of {', '.join(_NAMES['started'])}.")
    told = {key: raw[name] if name is not None else pd.Series([None] * len(raw), dtype=object) for key, name in at.items()}
    good = told.pop("status").astype(str).str.strip().str.lower().isin(_GOOD)
    return pd.DataFrame({**told, "rows": pd.to_numeric(told["rows"], errors="coerce"), "ok": good})


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a JSON file: one, a list, or one a line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        whole = text.lstrip().startswith("[") or path.suffix.lower() == ".json"
        found = json.loads(text) if whole else [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"[pipeline] runs: '{path}' cannot be read as JSON: {error}") from error
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, dict):
            raise SourceError(f"[pipeline] runs: '{path}' holds {type(one).__name__} where an object should be.")
        yield one


def _openlineage(path: Path) -> pd.DataFrame:
    """Read run events: a run began at its START and ended with COMPLETE, FAIL or ABORT; one that never ended did not succeed."""
    runs: dict[str, dict[str, Any]] = {}
    for event in _lines(path):
        name = (event.get("job") or {}).get("name")
        run = (event.get("run") or {}).get("runId")
        if not name or not run:
            continue
        known = runs.setdefault(str(run), dict.fromkeys(COLUMNS) | {"job": str(name), "run": str(run), "ok": False})
        kind, time = str(event.get("eventType", "")).upper(), event.get("eventTime")
        if kind in _ENDED:
            known |= {"finished": time, "ok": kind == "COMPLETE", "message": _message(event), "rows": _written(event)}
        if kind == "START" or known["started"] is None:
            known["started"] = time
    if not runs:
        raise SourceError(f"[pipeline] runs: '{path.name}' has no run event of OpenLineage (job.name, run.runId, eventType).")
    found = pd.DataFrame(list(runs.values()))
    return found.assign(rows=pd.to_numeric(found["rows"], errors="coerce"))


def _message(event: Mapping[str, Any]) -> str | None:
    facets = (event.get("run") or {}).get("facets") or {}
    told = (facets.get("errorMessage") or {}).get("message")
    return None if told is None else str(told)


def _written(event: Mapping[str, Any]) -> float | None:
    found = [((one.get("outputFacets") or {}).get("outputStatistics") or {}).get("rowCount") for one in event.get("outputs") or ()]
    known = [float(one) for one in found if one is not None]
    return sum(known) if known else None


def _dbt(path: Path) -> pd.DataFrame:
    """Read run_results.json of dbt."""
    rows = []
    for answer in _lines(path):
        when = (answer.get("metadata") or {}).get("generated_at")
        for one in answer.get("results") or ():
            timing: Mapping[str, Any] = next((part for part in one.get("timing") or () if part.get("name") == "execute"), {})
            rows.append(
                {
                    "job": one.get("unique_id"), "run": (answer.get("metadata") or {}).get("invocation_id"), "day": None,
                    "started": timing.get("started_at") or when, "finished": timing.get("completed_at") or when,
                    "rows": (one.get("adapter_response") or {}).get("rows_affected"),
                    "ok": str(one.get("status")).lower() in _GOOD, "message": one.get("message"),
                }
            )  # fmt: skip
    if not rows:
        raise SourceError(f"[pipeline] runs: '{path.name}' has no results of dbt (run_results.json).")
    found = pd.DataFrame(rows)
    return found.assign(rows=pd.to_numeric(found["rows"], errors="coerce"))


_READERS = {"table": _table, "openlineage": _openlineage, "dbt": _dbt}
