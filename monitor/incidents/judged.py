"""Verdicts on incidents: how severe each is, in which state, what it is called; most severe first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from monitor.case.thresholds import IncidentThresholds
from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.dated import lasting_text, same_year
from monitor.incidents.evidence import Timing, between, timing
from monitor.incidents.grouping import PRICE, UNLIKE, Group
from monitor.incidents.implied import by_rows_alone
from monitor.incidents.incident import Incident, Severity, Weighed, shown_by_labels, weigh_incident
from monitor.incidents.memory import known_before, told_with
from monitor.incidents.owners import Owners
from monitor.incidents.parts import Part, by_hand_of, changed_by, id_of, merged
from monitor.incidents.record import Record
from monitor.incidents.titles import by_windows, when_of
from monitor.incidents.together import place_condition, told_together
from monitor.incidents.told import told_evidence
from monitor.incidents.words import claim, short_claim
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.narration.clauses import MOST_WORDS
from monitor.judgement.narration.sentences import headline, whole_claim
from monitor.judgement.run_times import NEW_WINDOWS
from monitor.profile import Windows
from monitor.tables import Contract
from monitor.vocabulary import Status

if TYPE_CHECKING:
    from monitor.incidents.result import IncidentsResult

ORDER = tuple(reversed(Severity))
LEAST_ANALYSES = 2
"""Analyses that have to warn together for an incident without any alert."""
MANY = 3
"""Columns from which what is not explained is told as their number, and not by the strongest finding alone."""
JUDGED = Contract(
    "incidents",
    ("incident",),
    {
        "incident": "id: the same while it lasts",
        "start": "when it began, UTC, as exact as the rows tell",
        "end": "when it ended, UTC; null while it lasts",
        "state": "new, ongoing or over",
        "workflow": "opened, acknowledged, mitigated, resolved or dismissed",
        "severity": "low, medium, high or critical",
        "status": "warning or alert",
        "owner": "who deals with it: who took it, else whom rules name, else who owns the data or the model, by the cause",
        "cause": "what it comes from",
        "causes": "other causes that were looked at, with what each explains, JSON, best first",
        "columns": "columns that it happened in, JSON list",
        "segment": "condition of the rows concerned, of all incidents that are told as one, null: all rows",
        "share_rows": "rows concerned of all rows in [start, end), 0..1, null where it is not known of several that are told as one",
        "effect": "what its rows add to the mean answer of all rows of its time, null: unknown",
        "title": "what it is called",
        "evidence": "findings that belong to it, JSON list",
        "known_until": "of what labels alone show and that lasts: the last that speaks for it, UTC; null: known to the end",
        "onset_lower": "it began between this, UTC,",
        "onset_upper": "and this",
        "detected": "when it could be known, UTC: the end of the first window with an alarm; null: rows alone or labels show it",
        "rows": "rows concerned; where several incidents are told as one and may share rows, how many at least",
        "explained": "share of the change that is gone when the cause is taken away, on rows that it was not fitted on, 0..1",
        "run": "id of its finding",
        "strength": "of its strongest finding; above 1 alarms",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedIncidents(Judged):
    """Judged incidents: `incidents`, `table` (one row each) and `findings` (one each) in one order, most severe first."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    result: IncidentsResult
    thresholds: IncidentThresholds
    homes: Mapping[str, str] = field(default_factory=dict)
    """Ids of incidents that are told with another one, and of that one."""
    owners: Owners = field(default_factory=Owners)

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        open_ = sum(one.state is not State.OVER for one in self.incidents)
        return {"incidents": len(self.incidents), "open": open_, "findings": sum(len(told_evidence(one, self)) for one in self.incidents)}

    @property
    def own_windows(self) -> None:
        """Incidents are of production alone."""
        return

    def incident(self, name: str) -> Incident | None:
        """Return the incident of an id, or of the first letters of one; None if there is none."""
        return next((one for one in self.incidents if name and one.id.startswith(name)), None)

    def told_as(self, name: str) -> Incident | None:
        """Return the incident that tells what an id, or the first letters of one, is about: itself, or the one that it is told with."""
        homes = (home for away, home in self.homes.items() if name and away.startswith(name))
        return self.incident(name) or self.incident(next(homes, ""))


def judge_incidents(
    result: IncidentsResult, judged_by: tuple[IncidentThresholds, tuple[Record, ...], Owners] = (IncidentThresholds(), (), Owners())
) -> JudgedIncidents:
    """Judge grouped evidence: one incident for each cause that an alert, or warnings of LEAST_ANALYSES analyses, speak for.

    Parameters
    ----------
    judged_by : how severe incidents are, and what people said of those that were found before: a cause given by hand, what was merged,
        split off, dismissed, or is known; and who owns what.
    """
    thresholds, records, owners = judged_by
    parts = merged(by_hand_of(result, records), records, result.case)
    found = [_incident(one, result, thresholds) for one in parts if any(_counts(each.group) for each in (one, *one.absorbed))]
    found = [replace(one, known_before=known_before(one.hypothesis, records)) if one.record is None else one for one in found]
    incidents = tuple(sorted((one for one in found if not _passed(one)), key=_urgency))
    rows = [row_of(one, result, owners) for one in incidents]
    return JudgedIncidents(
        table=JUDGED.check(pd.DataFrame(rows, columns=list(JUDGED.columns))),
        findings=tuple(_finding(one, result) for one in incidents),
        incidents=incidents,
        result=result,
        thresholds=thresholds,
        owners=owners,
        homes={away: home for away, home in told_with(records).items() if home in {one.id for one in incidents}},
    )


def _counts(one: Group) -> bool:
    return _alarms(one) or len({each.analysis for each in one.evidence}) >= LEAST_ANALYSES


def _alarms(one: Group) -> bool:
    """Say whether an alert speaks for a group, or rows prove its cause whatever analyses saw of it."""
    by_rows = one.hypothesis is not None and by_rows_alone(one.hypothesis)
    return by_rows or any(each.alert for each in one.evidence)


def _incident(part: Part, result: IncidentsResult, thresholds: IncidentThresholds) -> Incident:
    home, *others = (_alone(each, result, thresholds) for each in (part, *part.absorbed))
    year = names_of(result.windows, result.size, result.timezone).year
    return told_together(home, tuple(others), result.timezone, year=year)


def _alone(part: Part, result: IncidentsResult, thresholds: IncidentThresholds) -> Incident:
    one, cause = part.group, part.cause
    first, last = cause.held or between(result.windows, cause.start, cause.end) or (0, len(result.windows) - 1)
    alert = _alarms(one)
    names = names_of(result.windows, result.size, result.timezone)
    told = cause.cause is not Cause.UNKNOWN or len(changed_by(one)) >= MANY or not one.evidence
    when = when_of(cause, result.timezone, year=names.year) or by_windows(cause, result.windows.ids)
    until = _known_until(part, result)
    return Incident(
        id=id_of(part, result.case),
        hypothesis=cause,
        first=first,
        last=last,
        state=_state(cause, first, len(result.windows)),
        **_severity(part, result.windows, thresholds, alert=alert, waits=not np.isnat(until)),
        status=(Status.ALERT if alert else Status.WARNING).value,
        evidence=tuple(sorted(one.evidence, key=lambda each: (each.key not in cause.evidence, each.unserved, -each.weight))),
        links=one.links,
        beaten=tuple(sorted(one.beaten, key=lambda each: -_worth(each))),
        claim=claim(cause, result.labels) if told else whole_claim(one.lead.finding, names, result.called.told_a),
        when=when if told else "",
        brief=short_claim(cause, result.labels, MOST_WORDS - len(when.split()))
        if told
        else headline(one.lead.finding, names, result.called.told_a),
        effect=part.effect,
        record=part.record,
        brought=one.brought,
        not_it=part.not_it,
        detected=_detected(one, cause, result),
        known_until=until,
        lasts=lasting_text(until, result.timezone, year=names.year and not same_year(cause.start, until, result.timezone)),
    )


def _known_until(part: Part, result: IncidentsResult) -> np.datetime64:
    """Return up to when labels show that something lasts which they alone show; NaT where it ended, or where none is awaited."""
    cause, end = part.cause, result.labelled_until
    if not cause.ongoing or np.isnat(end) or not shown_by_labels(cause, part.group.evidence):
        return np.datetime64("NaT")
    found = max((result.windows.end[one.last] for one in part.group.evidence), default=end) if cause.cause is Cause.UNKNOWN else end
    return min(end, found, end if np.isnat(cause.shown_until) else cause.shown_until)


def _passed(one: Incident) -> bool:
    """Say whether findings that no cause explains are over, moved no answer and made nothing worse (a holiday): they stay findings of their
    analyses, and nobody has to look into an incident. Of rows that were only unlike the reference as a whole however many these were."""
    harmless = one.severity is Severity.LOW or all(each.analysis in UNLIKE for each in one.evidence)
    return one.cause is Cause.UNKNOWN and one.state is State.OVER and harmless and one.record is None


def _detected(one: Group, cause: Hypothesis, result: IncidentsResult) -> np.datetime64:
    """Return when it could be known: the end of the first window since it began that was alarmed about.

    NaT: rows alone show it, or labels do, of which nobody kept how many were there then.
    """
    if cause.cause in (Cause.CONCEPT_CHANGE, Cause.LABEL_CHANGE, Cause.LABEL_DELAY):
        return np.datetime64("NaT")
    ends = [result.windows.end[each.first] for each in one.evidence]
    later = [end for end in ends if np.isnat(cause.start) or end > cause.start]
    return min((end for end in later if not np.isnat(end)), default=np.datetime64("NaT"))


def _severity(part: Part, windows: Windows, thresholds: IncidentThresholds, *, alert: bool, waits: bool) -> dict[str, Any]:
    known = "" if part.record is None else part.record.known_as
    timely = tuple(one for one in part.group.evidence if timing(one, part.cause, windows) is not Timing.BEFORE)
    weighed = weigh_incident(part.cause, timely, alert=alert, much=thresholds.much, most=thresholds.most, waits=waits)
    weighed = Weighed(Severity.LOW, (f"it is known as {known}",)) if known else weighed
    return {"severity": weighed.severity, "reasons": weighed.reasons}


def _worth(cause: Hypothesis) -> float:
    return cause.explained - PRICE * cause.parameters


def _state(cause: Hypothesis, first: int, windows: int) -> State:
    if not cause.ongoing:
        return State.OVER
    return State.NEW if windows - first <= NEW_WINDOWS < windows else State.ONGOING


_FITTED = frozenset({Cause.OFFSET, Cause.SCALE_CHANGE})
"""Causes whose number was fitted to the rows: a week of low pressure is an offset too, and no unit."""


def _urgency(one: Incident) -> tuple[int, bool, int, int, float]:
    """Return what orders incidents: the most severe first; of these what goes on before what is over, a known cause before one whose number
    was fitted and that before an unknown one, many rows before few; then the weight of the evidence."""
    doubt = 2 if one.cause is Cause.UNKNOWN else int(one.cause in _FITTED)
    return ORDER.index(one.severity), one.state is State.OVER, doubt, -one.hypothesis.rows, -one.weight


def row_of(one: Incident, result: IncidentsResult, owners: Owners) -> Mapping[str, Any]:
    """Return an incident as a row of the table."""
    cause = one.told
    return {
        "incident": one.id,
        "start": cause.start,
        "end": cause.end,
        "state": one.state.value,
        "workflow": one.workflow.value,
        "severity": one.severity.value,
        "status": one.status,
        "owner": owners.of(one) or None,
        "cause": cause.cause.value,
        "causes": json.dumps([{"cause": each.cause.value, "explained": round(each.explained, 3)} for each in one.beaten]),
        "columns": json.dumps(list(cause.columns)),
        "segment": place_condition(one),
        "share_rows": cause.share_rows,
        "effect": _effect(one),
        "title": one.title,
        "evidence": json.dumps([each.key for each in one.evidence]),
        "known_until": one.known_until,
        "onset_lower": cause.onset_lower,
        "onset_upper": cause.onset_upper,
        "detected": one.detected,
        "rows": cause.rows,
        "explained": cause.explained,
        "run": _finding(one, result).id,
        "strength": max((each.finding.strength for each in one.evidence), default=float("nan")),
    }


def _direction(cause: Hypothesis) -> Direction:
    if cause.cause is not Cause.VOLUME_CHANGE or cause.more is None:
        return Direction.CHANGED
    return Direction.MORE if cause.more else Direction.FEWER


def _effect(one: Incident) -> float:
    return float("nan") if one.effect is None or one.hypothesis.unfelt else one.effect.part


def _finding(one: Incident, result: IncidentsResult) -> Finding:
    cause, ids = one.told, result.windows.ids
    return Finding(
        what=one.id,
        label=one.claim,
        brief=one.brief,
        kind=FindingKind.INCIDENT,
        status=Status.WARNING.value if one.settled and one.state is not State.OVER else one.status,
        state=one.state,
        first=one.first,
        last=one.last,
        window=ids[one.first],
        last_window=ids[one.last],
        start=cause.start,
        end=cause.end,
        onset_lower=cause.onset_lower,
        onset_upper=cause.onset_upper,
        windows=one.last - one.first + 1,
        judged=len(ids),
        direction=_direction(cause),
        measure=Measure.SCORE,
        rows=cause.rows,
        share_rows=cause.share_rows,
        method=cause.cause.value,
        strength=max((each.finding.strength for each in one.evidence), default=float("nan")),
        impact=_effect(one),
        note=one.when,
        carried=one.reasons,
    )
