"""Clauses of pipelines: jobs that failed, did not run, take longer or write fewer rows."""

from __future__ import annotations

import math

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.figures import pair, value
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.wording import list_text, plural

LOST, SILENT = "lost", "silent"
"""Names of what happened: no run of a day succeeded; no run was tried."""
MEDIANS = ("duration_s", "rows")
CLOCK = ("start_s", "finish_s")
"""Numbers that are times of day, in seconds."""


def run_clause(finding: Finding, _against: str) -> Clause:
    """Say what a job did: `rows` attempts, `note` what the last said, `carried` columns that are emptier then.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="join", method="lost", windows=4, rows=12, note="other keys", carried=("Age",))
    >>> run_clause(said, "the reference")
    Clause(claim="Job 'join' fails", figures='4 days, 12 attempts, "other keys"; Age is emptier then', joint=': ')
    """
    job = f"Job '{clean(finding.label)}'"
    if finding.method == LOST:
        return Clause(f"{job} {tense(finding, 'fails', 'failed')}", _loss(finding))
    if finding.method == SILENT:
        return Clause(f"{job} {tense(finding, 'does', 'did')} not run", _loss(finding))
    claim = f"{job} {moved_word(finding)}"
    if finding.method == "duration_s":
        return Clause(
            claim, "" if math.isnan(finding.before + finding.after) else f"{_time(finding.after)} against {_time(finding.before)}"
        )
    if finding.method in CLOCK:
        return Clause(claim, f"at {_clock(finding.after)} against {_clock(finding.before)}")
    told = pair(finding.before, finding.after, value)
    return Clause(claim, "" if told is None else f"{told[1]} a day against {told[0]}")


def moved_word(finding: Finding) -> str:
    """Say how runs that succeed are not as they were.

    >>> from monitor.judgement.narration.examples import example
    >>> moved_word(example(method="duration_s", before=60.0, after=180.0))
    'takes longer'
    """
    up = finding.after > finding.before
    if finding.method == "duration_s":
        return f"{tense(finding, 'takes', 'took')} {'longer' if up else 'less time'}"
    if finding.method in CLOCK:
        word = tense(finding, *{"start_s": ("starts", "started"), "finish_s": ("ends", "ended")}[finding.method])
        return f"{word} {'later' if up else 'earlier'}"
    return f"{tense(finding, 'writes', 'wrote')} {'more' if up else 'fewer'} rows"


def _loss(finding: Finding) -> str:
    parts = [plural(finding.windows, "day")]
    if finding.rows:
        parts.append(plural(finding.rows, "attempt"))
    if note := clean(finding.note):
        parts.append(f'"{note}"')
    said = ", ".join(parts)
    names = list_text([clean(one) for one in finding.carried])
    return f"{said}; {names} {'is' if len(finding.carried) == 1 else 'are'} emptier then" if names else said


def _clock(seconds: float) -> str:
    """Write a time of day, of another day than that of the run as well.

    >>> _clock(7260), _clock(90_000), _clock(-3600), _clock(176_400)
    ('02:01', '01:00 of the next day', '23:00 of the day before', '01:00 2 days later')
    """
    days, left = divmod(round(seconds / 60), 1440)
    time = f"{left // 60:02d}:{left % 60:02d}"
    if days in (-1, 0, 1):
        return time + {-1: " of the day before", 0: "", 1: " of the next day"}[days]
    return f"{time} {plural(abs(days), 'day')} {'later' if days > 0 else 'before'}"


def _time(seconds: float) -> str:
    """Write a duration.

    >>> _time(90), _time(240), _time(9000)
    ('90 s', '4 min', '2.5 h')
    """
    size, unit = next(((size, unit) for size, unit in ((3600, "h"), (60, "min")) if seconds >= 2 * size), (1, "s"))
    return f"{value(seconds / size, 2)} {unit}"
