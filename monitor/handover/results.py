"""What came of a training set: runs that are told by hand, answered by a target, or stand among those of the pipelines of a case."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from monitor.alerts.message import plain_line
from monitor.analyses.runs import RUNNING, read_run_records, read_run_table, read_runs
from monitor.case import Case
from monitor.case.values import is_number
from monitor.errors import SelectionError, SourceError, nearest
from monitor.export.files import moment_iso
from monitor.handover.records import Handover, Outcome, Trained, list_handovers, list_trained, trained_id
from monitor.retraining.writing import ID_LETTERS

JOB = "retraining"
"""What a job is called that says no name."""
MOST_BYTES = 5_000_000
"""Size from which a text is no record of runs."""
_SET = re.compile(rf"(?<![0-9a-f])[0-9a-f]{{{ID_LETTERS}}}(?![0-9a-f])")
_TABLES = (".csv", ".parquet", ".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who tells of runs: `who`, from which `source`; `sets` whose ids are known, and the `set` that runs are of which name none."""

    who: str
    source: str
    sets: Collection[str]
    set: str = ""


def known_sets(case: Case) -> tuple[str, ...]:
    """Return the ids of the sets that were handed over, the last first."""
    return tuple(dict.fromkeys(one.set for one in list_handovers(case)[0]))


def told_runs(case: Case, text: str, teller: Teller, called: str) -> tuple[Trained, ...]:
    """Return the runs of a text that trained on sets of a case. Nothing is kept.

    Raises
    ------
    SourceError
        The text holds no runs.
    SelectionError
        None of them names a set that was handed over.
    """
    if len(text) > MOST_BYTES:
        raise SourceError(f"'{called}' has {len(text) / 1e6:.0f} MB; records of runs have at most {MOST_BYTES / 1e6:.0f}. Is it one?")
    today = pd.Timestamp(datetime.now(ZoneInfo(case.timezone)).replace(tzinfo=None)).normalize()
    with _of_a_result():
        frame = read_run_records(case, text, called, job=JOB, today=today)
    return _found(case, frame, teller, called)


def runs_of_file(case: Case, file: Path, teller: Teller) -> tuple[Trained, ...]:
    """Return the runs of a file that trained on sets of a case: a table (.csv, .parquet) or JSON. Nothing is kept.

    Raises
    ------
    SourceError
        The file cannot be read, or holds no runs.
    SelectionError
        None of them names a set that was handed over.
    """
    if file.suffix.lower() in _TABLES:
        with _of_a_result():
            return _found(case, read_run_table(case, file), teller, file.name)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"'{file}' cannot be read: {error}.") from error
    return told_runs(case, text, teller, file.name)


@contextmanager
def _of_a_result() -> Iterator[None]:
    """Say what is wrong with runs without naming the key of case.toml that they do not come from."""
    try:
        yield
    except SourceError as error:
        raise SourceError(str(error).removeprefix("[pipeline] runs: ")) from error


def _found(case: Case, frame: pd.DataFrame, teller: Teller, called: str) -> tuple[Trained, ...]:
    found = tuple(_trained(case, frame, teller))
    if found:
        return found
    named = _SET.findall(" ".join(str(one) for one in frame["run"]))
    close = nearest(named[0], teller.sets) if named else ""
    known = f"Handed over were: {', '.join(list(teller.sets)[:5])}." if teller.sets else "None was handed over yet."
    raise SelectionError(
        f"No run of '{called}' names a training set of the case '{case.name}'.{close} Write the name of the run that was asked for into "
        f"'run', or give --set ID. {known}"
    )


def _trained(case: Case, frame: pd.DataFrame, teller: Teller) -> Iterator[Trained]:
    for row in frame.to_dict("records"):
        of = next((one for one in _SET.findall(f"{row['run']} {row['job']} {row['message']}") if one in teller.sets), teller.set)
        if of:
            yield _one(case, {str(key): value for key, value in row.items()}, of, teller)


def _one(case: Case, row: Mapping[str, Any], of: str, teller: Teller) -> Trained:
    run, status, now = _text(row["run"]), _text(row["status"]), moment_iso(datetime.now(UTC).replace(microsecond=0))
    return Trained(
        id=trained_id(case, of, run), case=plain_line(case.name), set=of, run=run, job=_text(row["job"]),
        outcome=_outcome(status, ok=bool(row["ok"])), status=status, started=_moment(case, row["started"]),
        finished=_moment(case, row["finished"]), rows=int(row["rows"]) if is_number(row["rows"]) else None, message=_text(row["message"]),
        model_version=_text(row["model_version"]), told=now, who=plain_line(teller.who, 200),
        source=plain_line(teller.source, 200),
    )  # fmt: skip


def _outcome(status: str, *, ok: bool) -> Outcome:
    if ok:
        return Outcome.SUCCEEDED
    return Outcome.RUNNING if status.strip().lower() in RUNNING else Outcome.FAILED


def _text(value: Any) -> str:
    missing = value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NaT
    return "" if missing else plain_line(value)


def _moment(case: Case, value: Any) -> str:
    return "" if pd.isna(value) else moment_iso(case.utc(pd.Timestamp(value).to_pydatetime()).replace(microsecond=0))


def answered_runs(case: Case, returned: Mapping[str, Any], handover: Handover, text: str) -> tuple[Trained, ...]:
    """Return the run that a target answered with: only an object that names the run that was asked for is one; "ok" alone is none."""
    run = handover.attempts[-1].run
    if run not in (returned.get(name) for name in ("run", "run_id", "dag_run_id")):
        return ()
    teller = Teller(who="", source=f"answer of '{handover.target}'", sets=(handover.set,), set=handover.set)
    try:
        return told_runs(case, text, teller, teller.source)
    except (SourceError, SelectionError):
        return ()


def list_all_trained(case: Case) -> tuple[Trained, ...]:
    """Return every run that trained on a set that was handed over, the last first: those that were told, and those among the runs of the
    case's pipelines, which know better how a run ended that was told to be under way."""
    kept = {one.id: one for one in list_trained(case)[0]}
    for one in _of_pipelines(case):
        if one.id not in kept or kept[one.id].outcome is Outcome.RUNNING:
            kept[one.id] = one
    return tuple(sorted(kept.values(), key=lambda one: (one.when, one.id), reverse=True))


def _of_pipelines(case: Case) -> Iterable[Trained]:
    sets = known_sets(case)
    if case.pipeline is None or not sets:
        return ()
    try:
        frame = read_runs(case, case.pipeline)
    except SourceError:  # the page Pipelines says what is wrong with them
        return ()
    return tuple(_trained(case, frame, Teller(who="", source="runs of the pipelines", sets=sets)))
