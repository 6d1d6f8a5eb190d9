"""The findings of an incident as people are told them, each once; what counts them counts these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.incidents.evidence import Evidence, Timing, timing
from monitor.judgement.narration.sentences import sentence

if TYPE_CHECKING:
    from monitor.incidents.incident import Incident
    from monitor.incidents.judged import JudgedIncidents


def told_evidence(one: Incident, judged: JudgedIncidents) -> dict[str, Evidence]:
    """Return what belongs to an incident by its sentence, each once though several analyses found it: what shows the cause first, and what
    began before it or lasts longer last."""
    told: dict[str, Evidence] = {}
    for each in sorted(one.evidence, key=lambda each: list(Timing).index(time_of(each, one, judged))):
        told.setdefault(sentence(each.finding, judged.names, judged.against), each)
    return told


def time_of(each: Evidence, one: Incident, judged: JudgedIncidents) -> Timing:
    """Say how the time of a finding lies to that of the incident that it is told with."""
    return timing(each, one.told, judged.windows)
