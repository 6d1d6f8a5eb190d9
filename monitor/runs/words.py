"""The fleet in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monitor.runs.fleet import Row, Stand, counts_of, last_run
from monitor.wording import day_text, list_text, plural, share_text

WORDS = {
    Stand.ALERT: "Alert",
    Stand.FAILED: "Run failed",
    Stand.WARNING: "Warning",
    Stand.NEVER: "Never judged",
    Stand.STABLE: "Stable",
}


def fleet_headline(rows: Sequence[Row]) -> str:
    """Say how a fleet stands, in a sentence."""
    counts, many = counts_of(rows), plural(len(rows), "case")
    if not rows:
        return "There are no cases here."
    if counts[Stand.ALERT]:
        verb = "needs" if counts[Stand.ALERT] == 1 else "need"
        return f"{counts[Stand.ALERT]} of {many} {verb} attention."
    if counts[Stand.FAILED]:
        return f"{counts[Stand.FAILED]} of {many} could not be judged."
    if counts[Stand.NEVER] == len(rows):
        return f"None of {many} was judged by a run yet."
    return f"No alert goes on in {plural(len(rows) - counts[Stand.NEVER], 'judged case')}."


def fleet_doubt(rows: Sequence[Row]) -> str:
    """Say what of that is doubtful."""
    counts = counts_of(rows)
    stale = sum(one.stale for one in rows)
    parts = [
        "As their last runs left them; nothing is computed here.",
        f"{plural(counts[Stand.FAILED], 'run')} failed." if counts[Stand.FAILED] else "",
        f"{plural(counts[Stand.NEVER], 'case')} never judged: 'driftscope run CASE' does." if counts[Stand.NEVER] else "",
        f"{plural(stale, 'case')} not looked at lately." if stale else "",
    ]
    return " ".join(filter(None, parts))


def incidents_text(row: Row) -> str:
    """Say how many incidents are open, and how many of them nobody took."""
    if row.run is None or not row.run.judged:
        return ""
    found = row.run.incidents
    waiting = sum(not one.acknowledged for one in found)
    return "0" if not found else f"{len(found)}" if waiting == len(found) else f"{len(found)} ({waiting} not taken)"


def new_text(row: Row) -> str:
    """Say which open incidents are new."""
    return "" if row.run is None or not row.run.new else list_text([one.title for one in row.run.new], 2)


def labels_text(row: Row) -> str:
    """Say how many labels are in, and until when (UTC) windows have those that will come."""
    run = row.run
    if run is None or run.label_share is None:
        return ""
    until = f", all in until {day_text(datetime.fromisoformat(run.labels_until).date())}" if run.labels_until else ", none complete"
    return f"{share_text(run.label_share)} labelled{until}"


def ago_text(row: Row, now: datetime | None = None) -> str:
    """Say how long ago a run could judge.

    >>> ago_text(Row(folder="a", name="A", owner="", stand=Stand.NEVER, run=None))
    'never'
    """
    last = last_run(row)
    if last is None:
        return "never"
    passed = (now or datetime.now(UTC)) - last
    if passed < timedelta(hours=1):
        return f"{max(int(passed / timedelta(minutes=1)), 0)} min ago"
    return f"{int(passed / timedelta(hours=1))} h ago" if passed < timedelta(days=2) else f"{passed.days} days ago"
