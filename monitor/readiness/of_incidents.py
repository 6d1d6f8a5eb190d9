"""Does a severe incident go on that concerns the model: of a candidate, whether it does better on the rows of one that is about answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.analyses.sides import Question
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.readiness.candidate import Bench, Sort
from monitor.readiness.check import Check, Verdict, unshown
from monitor.readiness.of_answers import for_the_better
from monitor.registry import REFUSALS, find_analysis
from monitor.registry.wrong_rows import rows_of
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Cause, Severity
from monitor.wording import count_text, list_text, number_text

NAME = "incidents"
NOT_LOOKED = "Incidents were not looked for: whether a severe one goes on is not known."
ANSWERS = frozenset({Cause.CONCEPT_CHANGE, Cause.MODEL_VERSION})
"""Causes that another model may answer better."""
SERVICE = frozenset({Cause.LATENCY, Cause.ERRORS, Cause.COST})
"""Causes that are of the service of the model in charge, and say nothing of another."""
PROVEN = ("brier", "log_loss", "mae", "accuracy")
"""Metrics by which another model answers better on the rows of an incident, the first that is known."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Concern:
    """An incident that goes on, with what a candidate does on its rows (empty where that was not asked)."""

    incident: Incident
    beside: str = ""


def check_incidents(bench: Bench) -> Check:
    """Say which incidents go on that are severe enough to fail, and which are not."""
    judged = bench.incidents()
    if not isinstance(judged, JudgedIncidents):
        return unshown(NAME, str(judged) or NOT_LOOKED)
    section = bench.given.case.readiness
    limit = Severity.CRITICAL if section is None else section.incidents
    lasting = [one for one in judged.incidents if not one.settled]
    severe = [one for one in lasting if _rank(one.severity) >= _rank(limit)]
    found = [one for one in (_concern(one, bench) for one in severe) if one is not None]
    return Check(
        name=NAME, verdict=Verdict.FAIL if found else Verdict.PASS, said=_said(found, severe, lasting, limit), figure=float(len(found)),
        of=f"incidents of severity {_and_more(limit)} that go on", n=len(judged.incidents), limit=0.0, source="[readiness] incidents",
    )  # fmt: skip


def _rank(severity: Severity) -> int:
    return list(Severity).index(severity)


def _and_more(limit: Severity) -> str:
    return limit.value if limit is Severity.CRITICAL else f"{limit.value} or more"


def _concern(one: Incident, bench: Bench) -> _Concern | None:
    """Return an incident as it concerns who is asked about; None where it does not."""
    if bench.beside is None:
        return None if _of_another_version(one, bench) else _Concern(one)
    if one.cause in SERVICE:
        return None
    if one.cause not in ANSWERS and not one.hypothesis.answers:
        return _Concern(one, f"{bench.candidate.told} would answer the same rows")
    better, told = _better_there(one, bench)
    return None if better else _Concern(one, told)


def _of_another_version(one: Incident, bench: Bench) -> bool:
    """Say whether an incident is in the rows of another version than the one that is asked about."""
    column = bench.given.case.roles.model_version
    named = None if column is None else one.hypothesis.segment.get(column)
    return bench.candidate.sort is Sort.VERSION and named is not None and named != bench.candidate.name


def _better_there(one: Incident, bench: Bench) -> tuple[bool, str]:
    """Say whether the candidate answers better on the rows of an incident beyond chance, and with which figures."""
    if bench.beside is None:
        return False, ""
    try:
        judged = find_analysis("shadow").run(bench.beside, Question(production=rows_of(one.hypothesis, bench.given)))
    except REFUSALS as error:
        return False, f"whether {bench.candidate.told} does better there cannot be said: {error}"
    rows = [judged.of(name) for name in PROVEN] if isinstance(judged, JudgedShadow) else []
    row = next((row for row in rows if row is not None and row["reason"] is None), None)
    if row is None:
        return False, f"too few of its rows have a label to say whether {bench.candidate.told} does better there"
    change, low, _ = for_the_better(row)
    figures = f"{METRICS[str(row['metric'])].title} {number_text(row['challenger_value'])} against {number_text(row['value'])}"
    told = f"{bench.candidate.told} is not better there beyond chance: {figures} on {count_text(int(row['n']))} labelled rows"
    return bool(low > 0 and change > 0), told


def _said(found: Sequence[_Concern], severe: Sequence[Incident], lasting: Sequence[Incident], limit: Severity) -> str:
    """Say which incidents go on."""
    parts = [f"{one.incident.severity.value.capitalize()} and not over: {_told(one)}." for one in found[:SHOWN]]
    parts += [f"{len(found) - SHOWN} more."] if len(found) > SHOWN else []
    if not found:
        parts.append(f"No incident of severity {_and_more(limit)} goes on" + (" that concerns it." if severe else "."))
    rest = [f"{one.title} ({one.severity.value})" for one in lasting if one not in severe]
    return " ".join([*parts, f"Less severe ones do: {list_text(rest, SHOWN)}."] if rest else parts)


def _told(one: _Concern) -> str:
    return "; ".join(filter(None, (one.incident.title, one.beside)))
