"""What a capsule tells of its incident beside its title: severity, owner, impact and what comes next, made anew of typed facts and of rows.

The manifest holds what lines are made of: findings with their sentences, what decides severity and owner, what it did. Each line of
`incident.json` is made of these again; what it did, and how many rows it concerns, is also measured again on the slices.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from monitor.case import Case
from monitor.case.alerting import AlertSection
from monitor.case.thresholds import IncidentThresholds
from monitor.engine import Workspace
from monitor.errors import DriftscopeError, SelectionError
from monitor.export.capsule_effects import Measured, alike, effect_of, measured_on, proof_of
from monitor.export.capsule_facts import Checked, Facts
from monitor.export.files import plain
from monitor.incidents.cause import Hypothesis, Stretch
from monitor.incidents.evidence import Evidence, Timing
from monitor.incidents.incident import Incident, Severity, Weighed, weigh_incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.owners import Owners
from monitor.incidents.record import to_moment, to_text
from monitor.incidents.story import Around, lines_of, whole_windows, windows_text
from monitor.incidents.told import time_of, told_evidence
from monitor.judgement.finding import Finding, FindingKind, State
from monitor.vocabulary import Status

MOST, LONGEST = 10_000, 4000
LINES = ("Cause", "Failure", "Impact", "Began", "Severity", "Owner", "Next")
"""Lines of a story that are made anew; what people said and did, and what the case notes beside it, stands as it was told."""
USUAL = IncidentThresholds()
UNCHECKED = "sentences of findings, when it was detected, how strong its evidence is, and what people said and did"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Seen(_Told):
    """A finding that belongs to an incident: its sentence, and what lines are made of."""

    sentence: str = Field(max_length=LONGEST)
    key: str = Field(max_length=LONGEST)
    analysis: str = Field(max_length=LONGEST)
    what: str = Field(max_length=LONGEST)
    status: str = Field(max_length=100)
    note: str = Field(max_length=LONGEST)
    method: str = Field(max_length=LONGEST)
    start: str = Field(max_length=100)
    windows: int
    columns: tuple[str, ...] = Field(max_length=MOST)
    timing: Timing
    beyond: bool

    @classmethod
    def of(cls, sentence: str, one: Evidence, incident: Incident, judged: JudgedIncidents) -> Seen:
        """Return what a manifest says of a finding that belongs to an incident."""
        found = one.finding
        return cls(
            sentence=sentence, key=one.key, analysis=one.analysis, what=found.what, status=found.status, note=found.note,
            method=found.method, start=to_text(found.start), windows=found.windows, columns=tuple(sorted(one.columns)),
            timing=time_of(one, incident, judged), beyond=bool(whole_windows([one], incident, judged)),
        )  # fmt: skip

    @property
    def evidence(self) -> Evidence:
        """The finding as lines are made of it."""
        found = Finding(
            what=self.what, label="", kind=FindingKind.VALUE, status=self.status, state=State.ONGOING, first=0, last=0, window="",
            last_window="", start=to_moment(self.start), windows=self.windows, judged=0, method=self.method, note=self.note,
        )  # fmt: skip
        return Evidence(
            key=self.key, analysis=self.analysis, finding=found, first=0, last=0, columns=frozenset(self.columns), weight=0.0
        )  # fmt: skip


class Rule(_Told):
    """A rule of the case that names an owner of what it is about."""

    owner: str = Field(max_length=LONGEST)
    when: dict[str, Any] = Field(max_length=100)


class Turn(_Told):
    """What came true in a stretch of time of a relation of labels."""

    start: str = Field(max_length=100)
    end: str = Field(max_length=100)
    share: float
    expected: float
    rows: int

    @classmethod
    def of(cls, one: Stretch) -> Turn:
        """Return what a manifest says of a stretch."""
        return cls(start=to_text(one.start), end=to_text(one.end), share=one.share, expected=one.expected, rows=one.rows)

    @property
    def stretch(self) -> Stretch:
        """The stretch as lines are made of it."""
        return Stretch(start=to_moment(self.start), end=to_moment(self.end), share=self.share, expected=self.expected, rows=self.rows)


class Telling(_Told):
    """What lines are made of.

    `status` warning or alert, `much` and `most` shares of rows from which an incident concerns many, and nearly all; `known_as` what it is
    known as; `size` what whole windows are called, `lasts` how long labels tell that it lasts, `parts` what came true in turn;
    `taken` who took it, `model` and `data` who owns these; `effect` what
    it did, up to `moment` (microseconds), `measured` and `counted` whether the slices give that, and its rows, again.
    """

    rows: int
    share_rows: float | None
    explained: float
    proof: dict[str, Any] | None = Field(max_length=10)
    status: str = Field(max_length=100)
    much: float
    most: float
    known_as: str = Field(max_length=LONGEST)
    seen: tuple[Seen, ...] = Field(max_length=MOST)
    size: str = Field(max_length=100)
    lasts: str = Field(max_length=100)
    parts: tuple[Turn, ...] = Field(max_length=100)
    taken: str = Field(max_length=LONGEST)
    model: str = Field(max_length=LONGEST)
    data: str = Field(max_length=LONGEST)
    rules: tuple[Rule, ...] = Field(max_length=1000)
    effect: dict[str, Any] | None = Field(max_length=100)
    moment: int | None
    measured: bool
    counted: bool

    @classmethod
    def of(cls, one: Incident, judged: JudgedIncidents, found: Measured) -> Telling:
        """Return what a manifest says of an incident."""
        cause, owners, record = one.hypothesis, judged.owners, one.record
        return cls(
            rows=cause.rows,
            share_rows=cause.share_rows if math.isfinite(cause.share_rows) else None,
            explained=cause.explained,
            proof=None if cause.proof is None else plain(asdict(cause.proof)),
            status=one.status,
            much=judged.thresholds.much,
            most=judged.thresholds.most,
            known_as="" if record is None else record.known_as,
            seen=tuple(Seen.of(text, each, one, judged) for text, each in told_evidence(one, judged).items()),
            size=windows_text(judged),
            lasts=one.lasts,
            parts=tuple(Turn.of(each) for each in cause.parts),
            taken="" if record is None else record.owner,
            model=owners.model,
            data=owners.data,
            rules=tuple(Rule(owner=rule.owner, when=rule.when.model_dump(mode="json")) for rule in owners.rules),
            effect=None if one.effect is None else plain(asdict(one.effect)),
            moment=found.moment,
            measured=found.effect is not None and one.effect is not None and alike(found.effect, one.effect),
            counted=found.rows == cause.rows,
        )

    def incident(self, name: str, title: str, cause: Hypothesis) -> Incident:
        """Return the incident as lines are made of it."""
        proof = None if self.proof is None else proof_of(self.proof)
        share = math.nan if self.share_rows is None else self.share_rows
        parts = tuple(each.stretch for each in self.parts)
        cause = replace(cause, rows=self.rows, share_rows=share, explained=self.explained, proof=proof, parts=parts)
        evidence = tuple(each.evidence for each in self.seen)
        weighed = self._weighed(cause, tuple(each.evidence for each in self.seen if each.timing is not Timing.BEFORE))
        return Incident(
            id=name, hypothesis=cause, first=0, last=0, state=State.ONGOING if cause.ongoing else State.OVER, severity=weighed.severity,
            status=self.status, evidence=evidence, links={}, beaten=(), reasons=weighed.reasons, lasts=self.lasts, when="",
            claim=title,
            effect=None if self.effect is None else effect_of(self.effect),
        )  # fmt: skip

    def _weighed(self, cause: Hypothesis, evidence: tuple[Evidence, ...]) -> Weighed:
        if self.known_as:
            return Weighed(Severity.LOW, (f"it is known as {self.known_as}",))
        return weigh_incident(
            cause, evidence, alert=self.status == Status.ALERT.value, much=self.much, most=self.most, waits=bool(self.lasts)
        )

    def owner(self, one: Incident) -> str:
        """Return who deals with an incident, by who took it, rules, and its cause."""
        rules = tuple(AlertSection.model_validate({"name": "rule", "owner": rule.owner, "when": rule.when}) for rule in self.rules)
        return self.taken or Owners(self.model, self.data, rules).of(one)


def check_telling(
    told: tuple[Facts, Telling], named: tuple[str, str], story: bytes, capsule: Workspace, rows: int | None, cause: Hypothesis
) -> Iterator[Checked]:
    """Say whether severity, owner and lines of a story are those that the manifest makes (`told`, and `named`: id and title), and whether
    the slices give again how many rows are concerned (`rows`) and what was done to them."""
    facts, telling = told
    try:
        one = telling.incident(*named, cause)
        owner, lines = telling.owner(one), _lines(one, telling, facts, capsule.case)
    except (ArithmeticError, DriftscopeError, LookupError, TypeError, ValueError) as error:
        yield Checked("story", f"is made of facts that say nothing that can be told: {type(error).__name__}")
        return
    row, said = _read(story)
    cause = one.hypothesis
    right: dict[str, Any] = {
        "severity": one.severity.value, "owner": owner or None, "status": telling.status, "rows": telling.rows,
        "explained": telling.explained, "effect": None if one.effect is None else _null(one.effect.part),
    }  # fmt: skip
    for name, value in right.items():
        yield Checked(f"{name} as told", _differs(value, row.get(name)))
    for name, moment in (("onset_lower", cause.onset_lower), ("onset_upper", cause.onset_upper)):
        yield Checked(f"{name} as told", "" if _moment(row.get(name)) == to_text(moment) else f"is {str(row.get(name))[:100]!r}")
    ended = row.get("state") == State.OVER.value
    yield Checked("state as told", "" if ended is not cause.ongoing else f"is {str(row.get('state'))[:100]!r}")
    if (telling.much, telling.most) != (USUAL.much, USUAL.most):
        yield Checked(f"severity: its case says that {telling.much:g} of rows are many, and {telling.most:g} most", trusted=True)
    yield Checked(UNCHECKED, trusted=True)
    for name in LINES:
        yield Checked(f"{name.lower()} in words", _differs(lines.get(name, ""), said.get(name, "")))
    if telling.model:
        yield Checked("owner of the case", _differs(capsule.case.owner, telling.model))
    yield from _again(telling, one, capsule, rows)


def _lines(one: Incident, telling: Telling, facts: Facts, case: Case) -> Mapping[str, str]:
    labels = {name: case.label(name) for name in {*facts.columns, *facts.segment}}
    around = Around(
        labels=labels,
        timezone=case.timezone,
        year=facts.year,
        owner=telling.owner(one),
        times={each.sentence: each.timing for each in telling.seen},
        beyond=frozenset(each.sentence for each in telling.seen if each.beyond),
        windows=telling.size,
    )
    return lines_of(one, {each.sentence: found for each, found in zip(telling.seen, one.evidence, strict=True)}, around)


def _again(telling: Telling, one: Incident, capsule: Workspace, rows: int | None) -> Iterator[Checked]:
    """Yield what the slices say of rows and of what was done to them."""
    if telling.counted:
        wrong = "" if rows == telling.rows else f"are {rows} in the slices; the manifest says {telling.rows}"
        yield Checked("rows that are told", wrong)
    else:
        yield Checked("rows that are told: the slices do not give them", trusted=True)
    if one.effect is None:
        return
    if not telling.measured:
        yield Checked("what it did: the slices do not give it", trusted=True)
        return
    found = measured_on(capsule, one.hypothesis, telling.moment, one.effect.without)
    yield Checked("what it did", "" if found is not None and alike(found, one.effect) else "is not what the slices give")


def _read(story: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        told = json.loads(story)
        row, said = told["incident"], told["story"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return {}, {}
    return (row if isinstance(row, dict) else {}), (said if isinstance(said, dict) else {})


def _null(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _moment(text: object) -> str:
    """Return a moment of a row of incidents as records write it; "" where there is none, or no moment."""
    try:
        return to_text(to_moment("" if text is None else str(text)))
    except SelectionError:
        return "?"


def _differs(right: object, told: object) -> str:
    return "" if right == told else f"is {str(told)[:LONGEST]!r}; the facts of the manifest make {str(right)[:LONGEST]!r}"


def count_of(numbers: Mapping[str, float]) -> int | None:
    """Return how many rows are concerned, of the numbers of a capsule; None where none says."""
    value = numbers.get("Rows concerned")
    return None if value is None or not np.isfinite(value) else round(value)
