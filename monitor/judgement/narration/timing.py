"""When a finding was: since when it goes on, from when to when it went, in which single window."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np

from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.dates import INSTANT, clock_span, day_span, local
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.windows import WindowNames

BRIEF = timedelta(days=3)
"""Time up to which rows that somebody sent are told by the clock."""


def when(finding: Finding, names: WindowNames) -> str:
    """Say when: "since 1 Apr", "from 15 to 28 Jun", "in the week of 5 Jul"; empty for a finding without windows or times.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> when(example(), DAYS)
    'since 1 Apr'
    """
    always = finding.kind is FindingKind.DEFECT or (finding.kind is FindingKind.GAP and finding.note != "began")
    if always or finding.kind is FindingKind.INCIDENT:  # no beginning is known of what was always so; an incident tells the minute
        return finding.note if finding.kind is FindingKind.INCIDENT else ""
    sent = finding.kind is FindingKind.ADVERSARY  # rows, of which the last is an instant; else hours without any
    by_clock = sent or (finding.kind is FindingKind.OPERATION and math.isfinite(finding.span_days))
    if by_clock and (clock := _clock(finding, names, INSTANT if sent else timedelta())):
        return clock
    if names.size.unit == "whole":
        return names.period(finding.start, finding.end)
    if single(finding):
        known = bool(finding.window) or not np.isnat(finding.start)
        return names.within(finding.start, finding.end, finding.window) if known else ""
    if finding.ongoing:
        return names.since(finding.start, finding.window)
    return names.period(finding.start, finding.end, finding.window, finding.last_window)


def of_version(finding: Finding, timed: str) -> str:
    """Say before a time of which model version's rows a finding is, where it is not of all, or with which a change of all comes.

    >>> from monitor.judgement.narration.examples import example
    >>> of_version(example(version="v2"), "since 1 Apr"), of_version(example(), "since 1 Apr")
    ('for model version v2 since 1 Apr', 'since 1 Apr')
    >>> of_version(example(with_version="v2"), "since 1 Apr")
    'with model version v2 since 1 Apr'
    """
    if finding.with_version:
        return f"with model version {clean(finding.with_version)} {timed}".rstrip()
    return f"for model version {clean(finding.version)} {timed}".rstrip() if finding.version else timed


def _clock(finding: Finding, names: WindowNames, after: timedelta) -> str:
    """Return from when to when, `after` its last moment, a finding of a few days was, by the clock; empty for longer times and for those
    that are not known."""
    first, last = local(finding.start, names.timezone), local(finding.end, names.timezone)
    if first is None or last is None or last - first > BRIEF:
        return ""
    return clock_span(first, last + after, names.year).when


def days(finding: Finding, names: WindowNames) -> str:
    """Return the days from the first to the last row of a finding; empty where they are not known.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> days(example(start=np.datetime64("2013-04-01T20:00"), end=np.datetime64("2013-04-02T10:00")), DAYS)
    'from 1 to 2 Apr'
    """
    first, last = local(finding.start, names.timezone), local(finding.end, names.timezone)
    return "" if first is None or last is None else day_span(first, last, names.year).when


def single(finding: Finding) -> bool:
    """Say whether a finding is of one window only.

    >>> from monitor.judgement.narration.examples import example
    >>> single(example())
    False
    """
    return finding.first == finding.last and finding.window == finding.last_window and finding.windows <= 1


def onset_doubt(finding: Finding, names: WindowNames) -> str:
    """Say when a finding may have begun where that is not known to the window; empty where it is.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> onset_doubt(example(onset_lower=np.datetime64("2013-04-01"), onset_upper=np.datetime64("2013-04-05")), DAYS)
    'It may have begun at any time from 1 to 4 Apr.'
    """
    lower, upper = finding.onset_lower, finding.onset_upper
    return "" if names.one(lower, upper) else f"It may have begun at any time {names.period(lower, upper)}."


def tense(finding: Finding, present: str, past: str) -> str:
    """Return the word that fits what goes on, or what is over.

    >>> from monitor.judgement.narration.examples import example
    >>> tense(example(), "is", "was")
    'is'
    """
    return present if finding.ongoing else past
