"""An incident: one cause with all that speaks for it, how severe it is, and in which state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from monitor.incidents.cause import OF_LABELS, Cause, Hypothesis
from monitor.incidents.evidence import HARMFUL, SEGMENTS, Evidence
from monitor.incidents.grouping import OF_OUTCOMES
from monitor.incidents.record import Record, Workflow
from monitor.judgement.finding import NO_TIME, State
from monitor.vocabulary import Severity

if TYPE_CHECKING:
    from monitor.incidents.effect import Effect
    from monitor.incidents.ruled_out import RuledOut

__all__ = ["ANSWERS", "UNBROKEN", "Incident", "Severity", "Weighed", "became_worse", "shown_by_labels", "weigh_incident"]

MOVED: Mapping[str, str] = {
    "predictions": "its answers moved",
    "concept": "the same inputs lead to other labels",
    "estimate": "its estimated errors moved",
}
"""What analyses of answers show, the surest first."""
GOES_ON = "it goes on"
ANSWERS = frozenset(MOVED)
"""Analyses of what it says, and of how right that is thought to be; what a column gives to answers may move while these stay."""
UNBROKEN = frozenset({Cause.MODEL_VERSION, Cause.MIX_CHANGE, Cause.COST})
"""Causes that break nothing by themselves."""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What happened, of one case.

    Parameters
    ----------
    hypothesis : the cause; of an unknown one its columns, time and rows are those of the evidence.
    first, last : positions of production windows.
    evidence, links : what speaks for it, and how surely each belongs to it, 0..1.
    beaten : other causes that were looked at, and explain less.
    reasons : why it is as severe as it is, in words.
    claim, when : what it is called, and its time as people write it.
    effect : what it did; None of an unknown cause.
    record : what people said of it; None while nobody did.
    brief : the claim in at most MOST_WORDS words.
    brought : what came with it and is told as its own. `not_it`: causes that its rows rule out.
    detected : when it could be known, UTC; NaT where rows alone show it.
    known_before : the record of an earlier one, of the same cause and place, that is known as no fault.
    absorbed : incidents that people tell with it, each as it would be told alone.
    alone : where others are told with it: the one whose cause it has, as it would be told alone; `hypothesis` is of that one too.
    span : the cause as it is told of all, from the first to the last and with the rows of all; `at_least` whether there may be more rows.
    own : the cause of the incident that others were told with, by which its record is found again.
    known_until : of what labels alone show and that did not end where they do, the last that speaks for it, UTC (NaT: known to the end),
        and `lasts` the same in words.
    """

    id: str
    hypothesis: Hypothesis
    first: int
    last: int
    state: State
    severity: Severity
    status: str
    evidence: tuple[Evidence, ...]
    links: Mapping[str, float]
    beaten: tuple[Hypothesis, ...]
    reasons: tuple[str, ...]
    claim: str
    when: str
    effect: Effect | None = None
    record: Record | None = None
    brief: str = ""
    brought: tuple[Hypothesis, ...] = ()
    not_it: tuple[RuledOut, ...] = ()
    detected: np.datetime64 = NO_TIME
    known_before: Record | None = None
    absorbed: tuple[Incident, ...] = ()
    alone: Incident | None = None
    span: Hypothesis | None = None
    at_least: bool = False
    own: Hypothesis | None = None
    known_until: np.datetime64 = NO_TIME
    lasts: str = ""

    @property
    def told(self) -> Hypothesis:
        """Its cause as it is told: of all incidents that are told with it, from the first to the last of them."""
        return self.span or self.hypothesis

    @property
    def recorded(self) -> Hypothesis:
        """Its cause as its record holds it."""
        return self.own or self.hypothesis

    @property
    def workflow(self) -> Workflow:
        """How far people dealt with it."""
        return Workflow.OPENED if self.record is None else self.record.workflow

    @property
    def settled(self) -> bool:
        """Whether nobody has to do anything: it is over, resolved, dismissed, or known as something that is no fault."""
        done = self.record is not None and (not self.record.open or bool(self.record.known_as))
        return done or self.state is State.OVER

    @property
    def cause(self) -> Cause:
        """What it comes from."""
        return self.hypothesis.cause

    @property
    def weight(self) -> float:
        """How much speaks for it."""
        return sum(one.weight * self.links.get(one.key, 1.0) for one in self.evidence)

    @property
    def title(self) -> str:
        """What it is called, with its time."""
        return f"{self.claim} {self.when}".rstrip()


def worst_of(some: tuple[Incident, ...]) -> Incident | None:
    """Return the most severe of some incidents, the first of several; None of none."""
    return max(some, key=lambda each: tuple(Severity).index(each.severity), default=None)


def shown_by_labels(cause: Hypothesis, evidence: Sequence[Evidence]) -> bool:
    """Say whether labels alone show something, so that nobody knows more of it than they tell."""
    unknown = cause.cause is Cause.UNKNOWN and bool(evidence)
    return cause.cause in OF_LABELS or (unknown and all(one.analysis in OF_OUTCOMES for one in evidence))


def became_worse(evidence: Sequence[Evidence]) -> bool:
    """Say whether the model was seen to become worse: by a metric of all, or by segments for half as long as anything lasts at least."""
    longest = max((one.length for one in evidence), default=0)
    harmful = (one for one in evidence if one.analysis in HARMFUL and one.finding.note != "better")
    return any(one.analysis != SEGMENTS or 2 * one.length >= longest for one in harmful)


@dataclass(frozen=True, slots=True)
class Weighed:
    """How severe an incident is, and why."""

    severity: Severity
    reasons: tuple[str, ...]


def weigh_incident(
    cause: Hypothesis, evidence: tuple[Evidence, ...], *, alert: bool, much: float, most: float, waits: bool = False
) -> Weighed:
    """Say how severe an incident is.

    Parameters
    ----------
    alert : whether any of its evidence is one.
    much, most : shares of all rows from which it concerns many, and nearly all.
    waits : whether it lasts as far as labels are in, and nobody knows more yet.

    Notes
    -----
    Two points where the model was seen to become worse, one where its answers moved; one for `much` of the rows and another for `most`; one
    while it lasts. From one point it is medium, from three high, from four critical; warnings alone and seasons are low, and what breaks
    nothing by itself is medium at most where the model was not seen to become worse.
    """
    reasons, points = [], 0
    worse = became_worse(evidence)
    if worse:
        reasons, points = ["the model became worse"], 2
    elif moved := [told for name, told in MOVED.items() if any(one.analysis == name for one in evidence)]:
        reasons, points = moved[:1], 1
    points += int(cause.share_rows >= much) + int(cause.share_rows >= most)
    if cause.share_rows >= much:
        reasons.append("it concerns most rows" if cause.share_rows >= most else "it concerns many rows")
    if cause.ongoing:
        reasons.append("no labels show its end" if waits else GOES_ON)
        points += 1
    if not alert or cause.cause is Cause.SEASON:
        return Weighed(Severity.LOW, (*reasons, "it is expected" if cause.cause is Cause.SEASON else "only warnings speak for it"))
    if cause.cause in UNBROKEN and not worse:
        points = min(points, 1)
    level = (Severity.LOW, Severity.MEDIUM, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)[min(points, 4)]
    return Weighed(level, tuple(reasons))
