"""Parts of a report that a profile chooses from: what an analysis found, or what a case and its people keep, each as sections that show it.

A part without a section is not shown, and nothing says that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from monitor.case import Case
from monitor.contract.clauses import contract_summary
from monitor.contract.file import load_contract
from monitor.errors import ColumnMissingError, DriftscopeError, KindError, MethodError
from monitor.export.first_page import STATES
from monitor.export.incident_records import list_incidents
from monitor.export.pin import Pin
from monitor.export.pins import list_pins
from monitor.export.report import WORDS, Figures, Section, pinned_section
from monitor.export.story import list_stories
from monitor.incidents.board import Terms, board_claim, board_title, terms_of
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.owners import OF_DATA, owners_in
from monitor.incidents.record import Record
from monitor.judgement.judged import Judged
from monitor.judgement.kpis import State, Tree, kpi_headline
from monitor.judgement.narration.places import name_of
from monitor.judgement.narration.sentences import headline
from monitor.registry.catalogue import find_analysis
from monitor.registry.goals import goals_of
from monitor.registry.live import Source, answer_statement, goal_chart_spec
from monitor.registry.requirements import Kept
from monitor.retraining.found import wrong_rows
from monitor.tables import Skipped
from monitor.vocabulary import Status
from monitor.wording import count_text, day_text, number_text, plural

MOST_FINDINGS, MOST_PINS, MOST_NOTES = 8, 5, 12
NOTHING = "–"
STANDS: Mapping[State, str] = {State.MET: "met", State.CLOSE: "nearly met", State.MISSED: "missed", State.UNKNOWN: "not known"}
"""How a goal stands, in a cell of a table."""


@dataclass(frozen=True)
class Material:
    """What a report is made of: the case, what was judged by name, what could not be, and, where it is at hand, the data (`source`)."""

    case: Case
    judged: Mapping[str, Judged]
    skipped: Sequence[Skipped] = ()
    source: Source | None = None

    @property
    def incidents(self) -> JudgedIncidents | None:
        """What was found of incidents; None where they were not looked for."""
        found = self.judged.get("incidents")
        return found if isinstance(found, JudgedIncidents) else None

    @cached_property
    def terms(self) -> Terms | None:
        """What the case calls things; None where no incidents were looked for."""
        return None if self.incidents is None else terms_of(self.case, self.incidents)

    @cached_property
    def tree(self) -> Tree | None:
        """The goals of the case; None where it has none, or they cannot be read, which their page says."""
        if not self.case.kpis or self.source is None:
            return None
        try:
            return goals_of(self.source.workspace, self.source.question, self.source.judge)
        except (ColumnMissingError, KindError, MethodError):
            return None

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """What people said of incidents."""
        return list_incidents(self.case).records

    @cached_property
    def pins(self) -> tuple[Pin, ...]:
        """What people pinned."""
        return list_pins(self.case).pins

    def name_of(self, record: Record) -> str:
        """Return what the incident of a record is called."""
        found = None if self.incidents is None else self.incidents.incident(record.id)
        if found is None or self.terms is None:
            return f"{record.told_cause.value.replace('_', ' ').capitalize()}, {record.start[:10]}".rstrip(", ")
        return board_claim(found, self.terms)


def analysis_sections(name: str, material: Material) -> tuple[Section, ...]:
    """Return what an analysis says, its strongest findings as a table, and the picture of what its answer is about."""
    judged = material.judged.get(name)
    if judged is None:
        return ()
    told, row = answer_statement(judged, material.case), find_analysis(name)
    found = judged.leading[:MOST_FINDINGS]
    rows = tuple((headline(one, judged.names, judged.against), WORDS[Status(one.status)], STATES[one.state]) for one in found)
    more = len(judged.findings) - len(found)
    table = Figures(("Finding", "How it was judged", "State"), rows, f"{plural(more, 'finding')} more" if more > 0 else "")
    status = WORDS[Status(told.status)] if judged.findings else ""
    charts = () if told.chart is None else (told.chart,)
    return (
        Section(
            title=f"{row.title}: {told.title}",
            sentence=told.sentence,
            status=status,
            charts=charts,
            figures=table if len(rows) > 1 else None,
        ),
    )


def brief_sections(name: str, material: Material) -> tuple[Section, ...]:
    """Return what an analysis says, in words alone, with a picture where it says whether the model is right or another would be better."""
    pictured = name in ("performance", "shadow")
    return tuple(replace(one, figures=None, charts=one.charts if pictured else ()) for one in analysis_sections(name, material))


def goal_sections(material: Material) -> tuple[Section, ...]:
    """Return how each goal stands, what a miss costs and who owns it, with the course of the first that is missed."""
    tree = material.tree
    if tree is None:
        return ()
    rows = tuple(
        (
            one.section.name,
            STANDS[one.state],
            NOTHING if one.latest is None else one.write(one.values[one.latest]),
            tree.asked(one).removeprefix("the goal is "),
            tree.cost(one) or NOTHING,
            one.section.owner or NOTHING,
        )
        for one in tree.goals
    )
    drawn = goal_chart_spec(tree)
    table = Figures(("Goal", "State", "Now", "Asked", "What misses cost", "Owner"), rows)
    charts = () if drawn is None else (drawn,)
    return (Section(title=f"Goals: {kpi_headline(tree)}", sentence=_money_doubt(material), figures=table, charts=charts),)


def _money_doubt(material: Material) -> str:
    """Say which incidents made values wrong that money is made of; empty where none did."""
    judged, terms, value = material.incidents, material.terms, material.case.value
    if judged is None or terms is None or value is None:
        return ""
    wrong = [
        one for one in judged.incidents if set(one.hypothesis.columns) & set(value.columns()) and wrong_rows([one], material.case.timezone)
    ]
    return "\n".join(f"Money counts {count_text(one.hypothesis.rows)} rows as they stand: {board_title(one, terms)}." for one in wrong)


def value_sections(material: Material) -> tuple[Section, ...]:
    """Return what decisions are worth, in a sentence."""
    value = material.case.value
    if value is None:
        return ()
    missed = f"a missed {material.terms.outcome}" if material.terms is not None and material.terms.label else "a missed one"
    names = ("a right alarm", "a false alarm", missed, "a right all-clear")
    parts = [(name, part) for name, part in zip(names, value.parts(), strict=True) if part]
    told = "; ".join(f"{name} {_worth(part, material.case)}" for name, part in parts)
    return (Section(title="What decisions are worth", sentence=f"{told[:1].upper()}{told[1:]}."),)


def _worth(part: float | str, case: Case) -> str:
    unit = f" {case.value.currency}" if case.value is not None and case.value.currency else ""
    if isinstance(part, str):
        return f"{'costs' if part.startswith('-') else 'brings'} its {name_of(case.label(part.removeprefix('-')))}"
    return f"{'costs' if part < 0 else 'brings'} {number_text(abs(part))}{unit}"


def owner_sections(material: Material) -> tuple[Section, ...]:
    """Return who answers for what."""
    case, owners = material.case, material.case.ownership
    told = {"Model": case.owner or (owners.model if owners else "")}
    if owners is not None:
        told |= {"What it decides": owners.business, "Data": owners.data, "On call, in turns": ", ".join(owners.oncall)}
        told |= {"Runbook": owners.runbook}
    rows = tuple((name, who) for name, who in told.items() if who)
    return (Section(title="Who answers for what", sentence="", figures=Figures(("For", "Who"), rows)),) if rows else ()


def record_sections(material: Material) -> tuple[Section, ...]:
    """Return how far people dealt with incidents: state, owner, notes."""
    owners = owners_in(material.case)
    rows = tuple(
        (material.name_of(one), one.workflow.value, one.owner or owners.usual(data=one.told_cause in OF_DATA) or NOTHING, _last(one))
        for one in material.records
    )
    columns = ("Incident", "State", "Owner", "Last said")
    return (Section(title="Records of incidents", sentence="", figures=Figures(columns, rows)),) if rows else ()


def _last(record: Record) -> str:
    note = next(iter(record.notes[-1:]), None)
    return f"{note.who}: {note.text}" if note is not None else record.reason or NOTHING


def remedy_sections(material: Material) -> tuple[Section, ...]:
    """Return what was done about incidents, and whether it helped."""
    helped = {None: "not known yet", True: "yes", False: "no"}
    rows = tuple((material.name_of(one), one.remedy, helped[one.helped]) for one in material.records if one.remedy)
    return (Section(title="What was done", sentence="", figures=Figures(("Incident", "Done", "Did it help?"), rows)),) if rows else ()


def _pins(material: Material) -> tuple[Section, ...]:
    shown = tuple(replace(pinned_section(one), figures=None) for one in material.pins[:MOST_PINS])
    more = len(material.pins) - len(shown)
    rest = (Section(title=f"{plural(more, 'pinned statement')} more", sentence="They stand on the page Findings."),) if more > 0 else ()
    return shown + rest


def _comments(material: Material) -> tuple[Section, ...]:
    rows = tuple((one.title, " ".join(one.comment.split())) for one in material.pins if one.comment.strip())[:MOST_NOTES]
    title = "What people made of pinned statements"
    return (Section(title=title, sentence="", figures=Figures(("Statement", "Comment"), rows)),) if rows else ()


def _stories(material: Material) -> tuple[Section, ...]:
    rows = tuple((one.title, one.for_whom or NOTHING, count_text(len(one.slides))) for one in list_stories(material.case).stories)
    return (Section(title="Stories", sentence="", figures=Figures(("Title", "For whom", "Slides"), rows)),) if rows else ()


def _notes(material: Material) -> tuple[Section, ...]:
    notes = material.case.annotations[-MOST_NOTES:]
    rows = tuple((day_text(one.start), "" if one.end is None else day_text(one.end), one.kind, one.text) for one in notes)
    columns = ("From", "To", "Kind", "What")
    return (Section(title="Deploys and events", sentence="", figures=Figures(columns, rows)),) if rows else ()


def _description(material: Material) -> tuple[Section, ...]:
    told = " ".join(material.case.description.replace("**", "").split())
    return (Section(title="The model and its use", sentence=told),) if told else ()


def _model(material: Material) -> tuple[Section, ...]:
    model = material.case.model
    if model is None:
        return ()
    told = f"The file {model.path} can be asked again." if model.path else "What each column added is kept with each answer."
    return (Section(title="The model itself", sentence=told),)


def _contract(material: Material) -> tuple[Section, ...]:
    try:
        contract = load_contract(material.case.root)
    except DriftscopeError:  # its page says what is wrong with it
        return ()
    if contract is None:
        return ()
    told = contract_summary(contract)
    return (Section(title="Contract of the inputs", sentence=told),)


KEPT: Mapping[Kept, Callable[[Material], tuple[Section, ...]]] = {
    Kept.OWNER: owner_sections,
    Kept.DESCRIPTION: _description,
    Kept.GOALS: goal_sections,
    Kept.VALUE: value_sections,
    Kept.MODEL: _model,
    Kept.CONTRACT: _contract,
    Kept.NOTES: _notes,
    Kept.PINS: _pins,
    Kept.COMMENTS: _comments,
    Kept.INCIDENTS: record_sections,
    Kept.REMEDIES: remedy_sections,
    Kept.STORY: _stories,
}
"""What shows each thing that a case or its people keep."""
