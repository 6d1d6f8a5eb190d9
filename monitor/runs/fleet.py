"""All cases of a folder by what their last runs left: nothing is opened, counted or judged, so hundreds take less than a second."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from monitor.case import CASE_FILE
from monitor.errors import CaseError
from monitor.runs.stored import ORDER, Stored, case_hash, stored_run
from monitor.vocabulary import Status

STALE = timedelta(hours=36)
"""After this a case that a daily schedule should have looked at was left out once, with half a day for a slow night."""


class Stand(StrEnum):
    """How a case stands, the most pressing first."""

    ALERT = "alert"
    FAILED = "failed"
    WARNING = "warning"
    NEVER = "never judged"
    STABLE = "stable"


_PRESSING = tuple(Stand)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A case in the fleet. `note` says what makes its state doubtful: it failed, is stale, or changed since; "" where nothing does."""

    folder: str
    name: str
    owner: str
    stand: Stand
    run: Stored | None
    note: str = ""
    stale: bool = False

    @property
    def pressing(self) -> bool:
        """Whether somebody has to look at it."""
        return self.stand in (Stand.ALERT, Stand.FAILED) or self.stale


def fleet_of(folder: Path, *, now: datetime | None = None, stale: timedelta = STALE) -> tuple[Row, ...]:
    """Return the cases of a folder (or the one case that it is), the most pressing first.

    Parameters
    ----------
    now : the moment it is looked at, aware; default this one.

    Raises
    ------
    CaseError
        There is no such folder.
    """
    if not folder.is_dir():
        raise CaseError(f"There is no folder '{folder}'. Name a folder of cases.")
    at = now or datetime.now(UTC)
    folders = [folder] if (folder / CASE_FILE).is_file() else [path.parent for path in sorted(folder.glob(f"*/{CASE_FILE}"))]
    return tuple(sorted((_row(one, at, stale) for one in folders), key=_rank))


def _rank(row: Row) -> tuple[int, int, int, str]:
    found = () if row.run is None else row.run.incidents
    worst = max((ORDER.index(one.severity) for one in found), default=-1)
    return (_PRESSING.index(row.stand), -worst, -len(() if row.run is None else row.run.new), row.name)


def _row(root: Path, now: datetime, stale: timedelta) -> Row:
    run = stored_run(root.resolve())
    if run is not None and run.case_hash and run.case_hash == case_hash(root):
        return _dated(Row(folder=root.name, name=run.case, owner=run.owner, stand=_stand(run), run=run, note=_doubt(run)), now, stale)
    name, owner, problem = named_in(root)
    if problem:
        return Row(folder=root.name, name=name, owner=owner, stand=Stand.FAILED, run=None, note=problem)
    if run is None:
        return Row(folder=root.name, name=name, owner=owner, stand=Stand.NEVER, run=None)
    changed = "" if not run.judged else "case.toml changed since it was judged."
    note = " ".join(filter(None, (_doubt(run), changed)))
    return _dated(Row(folder=root.name, name=name, owner=owner, stand=_stand(run), run=run, note=note), now, stale)


def _stand(run: Stored) -> Stand:
    """Return how a case stands: by its open incidents where such were looked for, for one cause is one thing, else by its findings."""
    if run.error:
        return Stand.FAILED
    if not run.judged:
        return Stand.NEVER
    if run.status is Status.ALERT and run.fired + len(run.incidents) > 0:
        return Stand.ALERT
    return Stand.WARNING if run.status in (Status.ALERT, Status.WARNING) else Stand.STABLE


def _doubt(run: Stored) -> str:
    failed = f"The last run failed: {run.error}" if run.error else ""
    return " ".join(filter(None, (failed, f"Nobody is told of it: {run.untold}." if run.untold else "")))


def _dated(row: Row, now: datetime, stale: timedelta) -> Row:
    last = last_run(row)
    if last is None or now - last <= stale:
        return row
    note = f"No run since {int((now - last) / timedelta(hours=1))} hours."
    return replace(row, stale=True, note=" ".join(filter(None, (row.note, note))))


def last_run(row: Row) -> datetime | None:
    """Return when a run last looked at the case and could judge it, aware; None where none did."""
    return datetime.fromisoformat(row.run.looked) if row.run is not None and row.run.looked else None


def named_in(root: Path) -> tuple[str, str, str]:
    """Return name and owner as case.toml has them, and what is wrong with it; it is not checked further."""
    try:
        content = tomllib.loads((root / CASE_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return root.name, "", f"case.toml cannot be read: {error}"
    case, ownership = _section(content, "case"), _section(content, "ownership")
    return str(case.get("name", root.name)), str(ownership.get("model") or case.get("owner", "")), ""


def _section(content: dict[str, Any], name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def counts_of(rows: Sequence[Row]) -> dict[Stand, int]:
    """Return how many cases stand how."""
    return {stand: sum(one.stand is stand for one in rows) for stand in Stand}
