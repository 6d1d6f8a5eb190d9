"""The report of a whole case: first what people who decide need, then every finding of every analysis, then how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.case import Case
from monitor.export.charts import to_vega_lite
from monitor.export.files import provenance_record
from monitor.export.first_page import first_page, page_address
from monitor.export.pin import Pin
from monitor.export.report import Report, Section, drift_facts, drift_overview, pinned_section, written
from monitor.export.results import as_result
from monitor.incidents.answer import incidents_doubt
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.narration.answers import Answer
from monitor.tables import Skipped
from monitor.wording import list_text, plural

Picture = Mapping[str, Any]
"""A complete Vega-Lite specification."""
INPUTS = "drift"
"""The analysis that says what was compared with what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one analysis adds: its `title`, what was judged with its `answer`, how one of its findings becomes a `section`, and what the
    address of its page says to `look` at it."""

    title: str
    judged: Judged
    answer: Answer
    section: Callable[[Finding, Any], Section]
    look: Callable[[Finding], Mapping[str, str | None]]


def case_report(
    parts: Sequence[Part],
    case: Case,
    pins: Sequence[Pin] = (),
    skipped: Sequence[Skipped] = (),
    *,
    app: str = "",
    proof: Callable[[Finding, Judged], Picture | None],
) -> Report:
    """Return the report of a case: `parts` in the order of what matters most; incidents lead where one is open, else the first; pins with
    their comments; `skipped` are analyses that could not be asked; `app` is the address at which the receiver's app is reached (empty: not
    known), and `proof` draws what proves the finding that leads."""
    parts = sorted(parts, key=lambda one: not _is_open(one.judged))
    lead, judged, once = parts[0], [part.judged for part in parts], _once(parts)
    inputs = next((one for one in judged if isinstance(one, JudgedDrift) and one.analysis == INPUTS), None)
    leading = _leading(parts)
    told = None if leading is None else (leading[0].judged, *leading[1:])
    return _without_place(
        Report(
            title=case.name,
            answer=lead.answer.headline,
            doubt=incidents_doubt(lead.judged) if isinstance(lead.judged, JudgedIncidents) else lead.answer.doubt,
            decide=first_page(case, told, pins, app=app),
            address="" if told is None else page_address(case, told, app),
            facts={one.title: _told(one, sum(part is one for part, _ in once)) for one in parts},
            looked={**({} if inputs is None else drift_facts(inputs)), "Told below": _counted(pins, once), "Written": written()},
            sections=(*(pinned_section(one) for one in pins), *(one.section(finding, one.judged) for one, finding in once)),
            charts=_pictures(leading, inputs, proof),
            skipped=tuple(dict.fromkeys(f"{one.what}: {one.message}" for one in [*skipped, *_skips(parts)])),
            computed={one.title: provenance_record(as_result(one.judged).provenance) for one in parts},
        ),
        str(case.root),
    )


def _leading(parts: Sequence[Part]) -> tuple[Part, Finding, Mapping[str, str | None]] | None:
    """Return the finding that leads; None where nothing was found."""
    for one in parts:
        if one.judged.findings:
            finding = _first(one.judged)
            return one, finding, one.look(finding)
    return None


def _is_open(judged: Judged) -> bool:
    return isinstance(judged, JudgedIncidents) and not all(one.settled for one in judged.incidents)


def _first(judged: Judged) -> Finding:
    """Return the finding of an analysis that is told first: of incidents one that is open."""
    if isinstance(judged, JudgedIncidents):
        lasting = {one.id for one in judged.incidents if not one.settled}
        return next((one for one in judged.findings if one.what in lasting), judged.leading[0])
    return judged.leading[0]


def _once(parts: Sequence[Part]) -> list[tuple[Part, Finding]]:
    """Return the findings of all parts; what two analyses find alike stands once."""
    found: dict[tuple[str, FindingKind], tuple[Part, Finding]] = {}
    for one in parts:
        for finding in one.judged.findings:
            found.setdefault((finding.id, finding.kind), (one, finding))
    return list(found.values())


def _skips(parts: Sequence[Part]) -> list[Skipped]:
    return [one for part in parts for one in part.judged.skipped]


def _told(part: Part, below: int) -> str:
    """Return the answer of an analysis, and how many of its findings stand `below`: what two analyses find alike stands under the first."""
    if not below:
        return part.answer.headline
    return f"{part.answer.headline} {plural(below, 'incident' if isinstance(part.judged, JudgedIncidents) else 'finding')} below."


def _counted(pins: Sequence[Pin], told: Sequence[tuple[Part, Finding]]) -> str:
    """Say how many sections a report has, and of what."""
    incidents = sum(isinstance(part.judged, JudgedIncidents) for part, _ in told)
    parts = {"pinned statement": len(pins), "incident": incidents, "finding": len(told) - incidents}
    return list_text([plural(n, noun) for noun, n in parts.items() if n]) or "nothing was found"


def _pictures(
    leading: tuple[Part, Finding, Mapping[str, str | None]] | None,
    inputs: JudgedDrift | None,
    proof: Callable[[Finding, Judged], Picture | None],
) -> tuple[Picture, ...]:
    """Return what the first page shows: what proves the finding that leads, and the map of what changed in the inputs."""
    mapped = inputs is not None and inputs.primary["window"].nunique() > 1
    found: list[Picture] = []
    if leading is not None and not (mapped and leading[0].judged is inputs):  # the map says it of columns
        part, finding, _ = leading
        proven = proof(finding, part.judged)
        found += [] if proven is None else [proven]
    if inputs is not None and mapped:
        found.append(to_vega_lite(drift_overview(inputs)))
    return tuple(found)


def _without_place(report: Report, root: str) -> Report:
    """Leave the folder of the author's machine out of how things were computed."""

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(root, ".")
        if isinstance(value, Mapping):
            return {key: cleaned(part) for key, part in value.items()}
        return [cleaned(part) for part in value] if isinstance(value, (list, tuple)) else value

    return report.with_computed(cleaned(report.computed))
