"""What a profile asks, what of it a report shows, and what is missing: told of each line, also where nothing is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from monitor.case import Case
from monitor.contract.file import CONTRACT_FILE
from monitor.errors import SettingError, nearest
from monitor.export.incident_records import list_incidents
from monitor.export.pins import list_pins
from monitor.export.report import Figures, Report
from monitor.export.story import list_stories
from monitor.judgement.judged import Judged
from monitor.registry.catalogue import find_analysis
from monitor.registry.requirements import PROFILES, Kept, Profile, Requirement
from monitor.tables import Skipped
from monitor.wording import list_text

COLUMNS = ("Asked", "By", "Covered", "Shown", "Missing")
WHOLE, PART, NONE = "shown", "in part", "missing"
_KEEPS: Mapping[Kept, Callable[[Case], bool]] = {
    Kept.OWNER: lambda case: bool(case.owner),
    Kept.DESCRIPTION: lambda case: bool(case.description.strip()),
    Kept.GOALS: lambda case: bool(case.kpis),
    Kept.VALUE: lambda case: case.value is not None,
    Kept.MODEL: lambda case: case.model is not None,
    Kept.CONTRACT: lambda case: (case.root / CONTRACT_FILE).is_file(),
    Kept.NOTES: lambda case: bool(case.annotations),
    Kept.PINS: lambda case: bool(list_pins(case).pins),
    Kept.COMMENTS: lambda case: any(one.comment.strip() for one in list_pins(case).pins),
    Kept.INCIDENTS: lambda case: bool(list_incidents(case).records),
    Kept.REMEDIES: lambda case: any(one.remedy for one in list_incidents(case).records),
    Kept.STORY: lambda case: bool(list_stories(case).stories),
}


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


def with_profile(report: Report, profile: Profile, case: Case, found: Sequence[Judged], skipped: Sequence[Skipped] = ()) -> Report:
    """Return a report for a profile: with the table of what is asked, shown and missing; a short one leaves out how it was computed."""
    table = coverage_of(profile, case, found, skipped)
    facts = {"Written for": profile.title, "Asked by": profile.source, **report.facts}
    wide = replace(report, coverage=table, facts=facts)
    return wide if profile.in_full else replace(wide, computed={}, sections=tuple(replace(one, provenance=None) for one in wide.sections))


def coverage_of(profile: Profile, case: Case, found: Sequence[Judged], skipped: Sequence[Skipped] = ()) -> Figures:
    """Return what a profile asks, a row each: whether it is shown, by what, and what is missing and why."""
    judged = {one.analysis: find_analysis(one.analysis).answer(one).headline for one in found}
    refused = {one.what: one.message for one in skipped}
    kept = {one for one, has in _KEEPS.items() if has(case)}
    rows = [_row(one, case, judged, refused, kept) for one in profile.requirements]
    count = [sum(row[2] == word for row in rows) for word in (WHOLE, PART, NONE)]
    told = f"of {len(rows)} lines {count[0]} are shown, {count[1]} in part, {count[2]} are missing"
    note = f"{told}; that a line is shown is no verdict that it is met"
    return Figures(COLUMNS, tuple(rows), note)


def _row(asked: Requirement, case: Case, judged: Mapping[str, str], refused: Mapping[str, str], kept: Collection[Kept]) -> tuple[str, ...]:
    shown = [f"{find_analysis(name).title}: {judged[name]}" for name in asked.analyses if name in judged]
    shown += [_sentence(one.value) for one in asked.kept if one in kept]
    missing = [_why(name, case, refused) for name in asked.analyses if name not in judged]
    lacking = [one.value for one in asked.kept if one not in kept]
    missing += [f"Not written down: {list_text(lacking, len(lacking))}."] if lacking else []
    missing += [f"Not shown by Driftscope: {asked.outside}."] if asked.outside else []
    covered = NONE if not shown else PART if missing else WHOLE
    return asked.asked, asked.source, covered, " ".join(shown) or "–", " ".join(missing) or "–"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _why(name: str, case: Case, refused: Mapping[str, str]) -> str:
    row = find_analysis(name)
    return row.lacks(case) or refused.get(row.title) or f"{row.title} was not looked at."
