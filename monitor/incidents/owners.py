"""Who deals with an incident: who took it, else whom the rules name that tell of it, else who owns the data or the model, by its cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from monitor.case import Case
from monitor.case.alerting import AlertSection, WhenSection
from monitor.incidents.cause import Cause, predicate
from monitor.incidents.incident import Incident
from monitor.incidents.jobs import job_behind
from monitor.wording import list_text

OF_DATA = frozenset(
    {
        Cause.UNIT_CHANGE, Cause.SCALE_CHANGE, Cause.OFFSET, Cause.TIME_SHIFT, Cause.STUCK_VALUE, Cause.DEFAULT_FILL, Cause.CLIPPED,
        Cause.ROUNDED, Cause.MISSING_VALUES, Cause.RECODE, Cause.SWAPPED_COLUMNS, Cause.SCHEMA_CHANGE, Cause.LOST_COLUMN,
        Cause.DUPLICATED_ROWS, Cause.VOLUME_CHANGE, Cause.LABEL_DELAY, Cause.FRESHNESS, Cause.PIPELINE_FAILURE,
    }
)  # fmt: skip
"""Causes that lie in what brings the data, whatever the model does with them."""
DATA_ALONE = frozenset({"pipelines", "quality", "contract"})
"""Analyses that look at nothing but the data and what brings them."""
WITH_METRICS = frozenset({"performance", "fairness", "operations", "estimate"})
"""Analyses whose findings are about a metric; that of a group is followed by ~ and the group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What rules ask of an incident; `job`: whether a job that failed is behind it, which is a cause beside what it brought."""

    status: str
    severity: str
    cause: Cause
    job: bool = False
    columns: tuple[str, ...] = ()
    segment: Mapping[str, str]
    beside: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owns the `model` and the `data` ("": nobody is named), and the `rules` that name an owner of what they tell of."""

    model: str = ""
    data: str = ""
    rules: tuple[AlertSection, ...] = ()

    def usual(self, *, data: bool) -> str:
        """Return who deals with what is about the data, or about the model; the model's owner where nobody is named for the data."""
        return (self.data if data else "") or self.model

    def of(self, one: Incident) -> str:
        """Return who deals with an incident; of several whom rules name, all; "" where nobody is named."""
        named = "" if one.record is None else one.record.owner
        matter = matter_of(one)
        told = [rule.owner for rule in self.rules if matches(rule.when, matter)]
        return named or list_text(list(dict.fromkeys(told))) or self.usual(data=about_data(one))


def owners_in(case: Case) -> Owners:
    """Return whom a case names."""
    given = case.ownership
    model, data = ("", "") if given is None else (given.model, given.data)
    return Owners(model or case.owner, data, tuple(rule for rule in case.alerts if rule.owner))


def about_data(one: Incident) -> bool:
    """Say whether an incident lies in the data: by its cause, or, where none is known, by the analyses that alarm about it."""
    if one.cause is Cause.UNKNOWN:
        seen = {each.analysis for each in one.evidence if each.alert} or {each.analysis for each in one.evidence}
        return bool(seen) and seen <= DATA_ALONE
    return one.cause in OF_DATA and not one.hypothesis.answers


def matter_of(one: Incident) -> Matter:
    """Return what rules ask of an incident."""
    cause = one.hypothesis
    return Matter(
        status=one.status, severity=one.severity.value, cause=one.cause, job=from_job(one), columns=cause.columns, segment=cause.segment,
        beside=cause.beside, metrics=metrics_of(one),
    )  # fmt: skip


def from_job(one: Incident) -> bool:
    """Say whether a job that failed is behind an incident."""
    return job_behind(one.hypothesis, one.evidence) is not None


def metrics_of(one: Incident) -> tuple[str, ...]:
    """Return the metrics that were found worse, or otherwise, because of an incident."""
    found = (each.finding.what.partition("~")[0] for each in one.evidence if each.analysis in WITH_METRICS)
    return tuple(dict.fromkeys(found))


def matches(when: WhenSection, one: Matter) -> bool:
    """Say whether a condition holds of an incident, whatever its state."""
    return (
        one.status in when.statuses
        and _among(when.severity, (one.severity,))
        and _among(when.cause, (one.cause.value, *([Cause.PIPELINE_FAILURE.value] if one.job else [])))
        and _among(when.column, one.columns)
        and _among(when.segment, _places(one))
        and _among(when.metric, one.metrics)
    )


def _among(wanted: Collection[str], given: Iterable[str]) -> bool:
    return not wanted or bool(set(wanted) & set(given))


def _places(one: Matter) -> tuple[str, ...]:
    """Return what a rule may call the rows concerned: a column, a column with its level, the whole condition."""
    if not one.segment:
        return ()
    levels = [*one.segment.items(), *((next(iter(one.segment)), level) for level in one.beside)]
    single = [text for name, level in levels for text in (f"{name} = '{level}'", f"{name} = {level}")]
    return (*one.segment, *single, predicate(one.segment, beside=one.beside) or "")
