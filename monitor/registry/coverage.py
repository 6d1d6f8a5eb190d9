"""A report for a profile: what it asks, in its order, each with what shows it; and a table of what is asked, shown and missing.

The table is made of the sections that the report holds, so that nothing is called shown that does not stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.case import Case
from monitor.errors import SettingError, nearest
from monitor.export.first_page import OWNER
from monitor.export.report import Figures, Report, Section
from monitor.incidents.board import board_impact, done_text, opening
from monitor.judgement.judged import Judged
from monitor.judgement.kpis import kpi_headline
from monitor.registry.catalogue import find_analysis
from monitor.registry.incident_pieces import board_incidents, decision_sections, exact_incidents
from monitor.registry.live import Source, next_said
from monitor.registry.pieces import KEPT, Material, analysis_sections, brief_sections
from monitor.registry.requirements import PROFILES, Kept, Profile, Requirement
from monitor.tables import Skipped
from monitor.wording import count_text, list_text

COLUMNS = ("Asked", "By", "Covered", "Shown", "Missing")
WHOLE, PART, NONE = "shown", "in part", "missing"
INCIDENTS = "incidents"
Sections = tuple[Section, ...]


def find_profile(name: str) -> Profile:
    """Return a profile by its name.

    Raises
    ------
    SettingError
        None has it.

    Examples
    --------
    >>> find_profile("ai-act").title
    'Post-market monitoring'
    """
    if name not in PROFILES:
        raise SettingError(f"There is no profile '{name}'.{nearest(name, PROFILES)} Use {', '.join(PROFILES)}.")
    return PROFILES[name]


def with_profile(
    report: Report, profile: Profile, case: Case, found: Sequence[Judged], skipped: Sequence[Skipped] = (), source: Source | None = None
) -> Report:
    """Return a report for a profile: what is open and severe first, then what it asks in its order, and the table of what is missing.

    Parameters
    ----------
    report : of the whole case: its title, and how everything was computed, are taken; a short profile leaves the latter out.
    source : the data; without it goals are not read, and no picture proves an incident.
    """
    material = Material(case, {one.analysis: one for one in found}, skipped, source)
    body = _Body(profile, material)
    answer, doubt = _opening(material, report)
    return replace(
        report,
        answer=answer,
        doubt=doubt,
        decide=_first_lines(material),
        facts={"Written for": profile.title, "Asked by": profile.source, "Written": report.looked.get("Written", "")},
        told_by="This report",
        looked={},
        sections=body.sections,
        charts=(),
        coverage=body.table(),
        coverage_last=not profile.in_full,
        computed=report.computed if profile.in_full else {},
    )


def coverage_of(
    profile: Profile, case: Case, found: Sequence[Judged], skipped: Sequence[Skipped] = (), source: Source | None = None
) -> Figures:
    """Return what a profile asks, a row each: whether it is shown, where, and what is missing and why."""
    return _Body(profile, Material(case, {one.analysis: one for one in found}, skipped, source)).table()


def _opening(material: Material, report: Report) -> tuple[str, str]:
    """Return what is open and severe, and beside it how the goals and the model stand."""
    judged, terms, tree = material.incidents, material.terms, material.tree
    said = "" if "performance" not in material.judged else find_analysis("performance").answer(material.judged["performance"]).headline
    beside = [kpi_headline(tree) if tree is not None else "", f"Of all rows: {said}" if said else ""]
    if judged is None or terms is None:
        return report.answer, " ".join(filter(None, [report.doubt, *beside[:1]]))
    return opening(judged.incidents, terms), " ".join(filter(None, beside))


def _first_lines(material: Material) -> dict[str, str]:
    """Return the lines below the opening: what the most severe open incident did, what is done, what comes next, and who owns the model."""
    judged, terms = material.incidents, material.terms
    lines: dict[str, str] = {}
    first = next((one for one in judged.incidents if not one.settled), None) if judged is not None else None
    if judged is not None and first is not None and terms is not None:
        lines = {"What it did": board_impact(first, terms), "What is done": done_text(first.record)}
        lines["What comes next"] = next_said(first, judged, material.source)
    return {**lines, OWNER: material.case.owner or "nobody is named"}


@dataclass
class _Body:
    """The sections of a report for a profile, and what of each line of it they show."""

    profile: Profile
    material: Material
    shown: dict[str, list[str]] = field(default_factory=dict)
    """Titles of the sections that stand in the report for each analysis and each thing that is kept."""
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = [section for asked in self.profile.requirements for section in self._answer(asked)]
        self.sections: Sections = tuple(told)

    def table(self) -> Figures:
        """Return the table of what is asked, shown and missing."""
        count = [sum(row[2] == word for row in self.rows) for word in (WHOLE, PART, NONE)]
        told = f"of {len(self.rows)} lines {count[0]} are shown, {count[1]} in part, {count[2]} are missing"
        return Figures(COLUMNS, tuple(self.rows), f"{told}; that a line is shown is no verdict that it is met")

    def _answer(self, asked: Requirement) -> Sections:
        """Return the sections that a line adds, and write down what shows it: these, or those that stand further up."""
        names = [*(one.value for one in asked.kept), *asked.analyses]
        new = {name: self._sections(name) for name in names if name not in self.shown}
        for name, sections in new.items():
            self.shown[name] = [one.title for one in sections]
        self.rows.append(self._row(asked, names))
        return tuple(replace(one, asked=asked.asked) for sections in new.values() for one in sections)

    def _sections(self, name: str) -> Sections:
        made = _MADE.get(name)
        if made is not None:
            return made(self.material)
        if name == INCIDENTS:
            return exact_incidents(self.material) if self.profile.in_full else board_incidents(self.material)
        return analysis_sections(name, self.material) if self.profile.in_full else brief_sections(name, self.material)

    def _row(self, asked: Requirement, names: Sequence[str]) -> tuple[str, ...]:
        titles = [_short(title) for name in names for title in self.shown[name]]
        missing = [_why(name, self.material) for name in asked.analyses if not self.shown[name]]
        lacking = [one.value for one in asked.kept if not self.shown[one.value]]
        missing += [f"Not written down: {list_text(lacking, len(lacking))}."] if lacking else []
        missing += [f"Not shown by Driftscope: {asked.outside}."] if asked.outside else []
        covered = NONE if not titles else PART if missing else WHOLE
        return asked.asked, asked.source, covered, _listed(titles) or "–", " ".join(missing) or "–"


_MADE: Mapping[str, Callable[[Material], Sections]] = {
    **{kept.value: made for kept, made in KEPT.items()},
    Kept.DECISIONS.value: decision_sections,
}
MOST_TITLES = 3


def _short(title: str) -> str:
    """Return the name of a section as the table points to it: what stands before what was found."""
    return title.partition(":")[0]


def _listed(titles: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(titles))
    more = len(distinct) - MOST_TITLES
    rest = f"; {count_text(more)} more" if more > 0 else ""
    return "; ".join(distinct[: MOST_TITLES if more > 0 else None]) + rest


def _why(name: str, material: Material) -> str:
    row = find_analysis(name)
    refused = {one.what: one.message for one in material.skipped}
    return row.lacks(material.case) or refused.get(row.title) or f"{row.title} was not looked at."
