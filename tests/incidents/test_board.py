"""Incidents in the words of people who decide: typed facts, no condition, no statistics."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from monitor.case import case_from
from monitor.incidents import board
from monitor.incidents.board import Terms, board_impact, board_title, cost_short, done_text, opening
from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof, Stretch
from monitor.incidents.effect import Effect, Figure, MetricEffect
from monitor.incidents.effect_rows import Extent
from monitor.incidents.effect_words import effect_texts
from monitor.incidents.evidence import Evidence
from monitor.incidents.incident import Incident
from monitor.incidents.owners import Owners
from monitor.incidents.record import By, Workflow, moved, opened
from monitor.judgement.finding import State
from monitor.registry import drafting
from monitor.registry.drafting import asked_of, next_steps
from monitor.vocabulary import Severity, Task
from tests.incidents.made import FARE, found
from tests.incidents.test_judged import CENTS, of
from tests.incidents.test_judged import judged as judged_incidents

TERMS = Terms("Fraud", "fraud", Task.BINARY, {"shop": "Kind of shop", "amount": "Amount (€)"}, "UTC", currency="EUR")
SINCE = np.datetime64("2026-04-22T00:00")
UNTIL = np.datetime64("2026-04-27T00:00")


def figure(value: float, reach: float = 0.001, n: int = 900) -> Figure:
    return Figure(value, value - reach, value + reach, n)


def metric(name: str, now: float, before: float) -> MetricEffect:
    return MetricEffect(metric=name, now=figure(now), before=figure(before), elsewhere=figure(before))


def incident(cause: Hypothesis, effect: Effect | None = None, severity: Severity = Severity.CRITICAL) -> Incident:
    state = State.ONGOING if cause.ongoing else State.OVER
    return Incident(
        id="0" * 16, hypothesis=cause, first=0, last=1, state=state, severity=severity, status="alert", evidence=(), links={}, beaten=(),
        reasons=(), claim="Concept drift: the same inputs now lead to other labels", when="since 22 Apr", effect=effect,
    )  # fmt: skip


CONCEPT = Hypothesis(
    cause=Cause.CONCEPT_CHANGE,
    segment={"shop": "grocery"},
    start=SINCE,
    rows=1200,
    share_rows=0.2,
    proof=Proof(measure="labels", before=0.004, after=0.0, rows=900),
)
DID = Effect(
    rows=1200, share_rows=0.2, metrics=(metric("base_rate", 0.0075, 0.0025), metric("recall", 0.2, 0.7)), waiting=300,
    money=Figure(-1080.0, -1890.0, -267.0, 900), currency="EUR",
)  # fmt: skip


def test_a_concept_that_changed_is_told_by_what_comes_true_and_what_of_it_is_found() -> None:
    one = incident(CONCEPT, DID)
    assert board_title(one, TERMS) == "Fraud in grocery has been missed since 22 April"
    assert board_impact(one, TERMS) == (
        "It concerns 1,200 rows, 20% of all in that time. 0.75% of 900 rows with a known outcome were fraud, 0.25% before. "
        "The model found 20% of it, 70% before. For 300 rows it is too early to know the outcome. "
        "It cost about 1,100 EUR so far (270 to 1,900)."
    )
    assert cost_short(one, TERMS) == "1,100 EUR (270 to 1,900)"


def test_a_concept_that_moved_to_and_fro_is_told_in_turn_and_that_it_may_be_a_season() -> None:
    spans = ((SINCE, UNTIL, 0.29, 0.22), (UNTIL, UNTIL + np.timedelta64(5, "D"), 0.16, 0.2))
    parts = tuple(Stretch(start=first, end=last, share=share, expected=usual, rows=900) for first, last, share, usual in spans)
    one = incident(replace(CONCEPT, segment={}, end=spans[1][1], parts=parts, known_days=(SINCE, UNTIL)), DID)
    assert board_title(one, TERMS) == "Fraud was more frequent, then rarer than expected from 22 April to 1 May"
    assert "may be a season" in board_impact(one, TERMS)


def test_what_was_missed_before_as_well_is_not_told_as_missed_since() -> None:
    as_before = replace(DID, metrics=(metric("base_rate", 0.0075, 0.0025), metric("recall", 0.0, 0.0)))
    one = incident(CONCEPT, as_before)
    assert board_title(one, TERMS) == "Fraud in grocery has been more frequent than the model says since 22 April"
    assert "The model found none of it, as before." in board_impact(one, TERMS)
    found_more = replace(DID, metrics=(metric("recall", 0.54, 0.34),))
    assert "The model found 54% of all that was fraud, 34% before." in board_impact(incident(CONCEPT, found_more), TERMS)
    rarer = incident(replace(CONCEPT, proof=Proof(measure="labels", before=-0.004, after=0.0, rows=900), end=UNTIL), as_before)
    assert board_title(rarer, TERMS) == "Fraud in grocery was rarer than the model says from 22 to 26 April"
    numbers = replace(TERMS, label="Delay", task=Task.REGRESSION)
    assert board_title(one, numbers).startswith("Delay in grocery has been answered worse since")


@pytest.mark.parametrize(
    ("cause", "title"),
    [
        (
            Hypothesis(cause=Cause.UNIT_CHANGE, columns=("amount",), segment={"shop": "17"}, inverse=Inverse(kind="affine", scale=0.01)),
            "Amount was 100 times too large where Kind of shop is 17 from 22 to 26 April",
        ),
        (
            Hypothesis(
                cause=Cause.RECODE, columns=("shop",), segment={"shop": "food"}, inverse=Inverse(kind="map", levels={"FOOD": "food"})
            ),
            "Kind of shop was spelled otherwise ('FOOD' for 'food') from 22 to 26 April",
        ),
        (
            Hypothesis(cause=Cause.ADVERSARIAL_BURST, segment={"shop": "food", "land": "GB"}),
            "A burst of nearly identical rows (food, GB) from 22 to 26 April",
        ),
        (
            Hypothesis(cause=Cause.MODEL_VERSION, segment={"version": "v2"}, version="v2"),
            "Another version of the model (v2) answered from 22 to 26 April",
        ),
    ],
)
def test_titles_hold_no_condition(cause: Hypothesis, title: str) -> None:
    assert board_title(incident(replace(cause, start=SINCE, end=UNTIL)), TERMS) == title


def test_what_no_cause_explains_is_told_in_short_and_many_places_as_a_list() -> None:
    unknown = replace(
        incident(replace(CONCEPT, cause=Cause.UNKNOWN)), claim="Worse where age >= 36", brief="Worse in one segment since May"
    )
    assert board_title(unknown, TERMS) == "Worse in one segment since May"
    several = incident(replace(CONCEPT, beside=("fuel", "food")), DID)
    assert board_title(several, TERMS).startswith("Fraud in grocery, fuel and food has been missed")


def test_what_is_open_and_severe_is_told_first_and_what_nothing_is_known_of_is_not_told() -> None:
    over = incident(replace(CONCEPT, end=UNTIL), severity=Severity.HIGH)
    assert (
        opening((incident(CONCEPT, DID), over), TERMS) == "Open and critical: Fraud in grocery has been missed since 22 April; 1 is over."
    )
    assert opening((over,), TERMS) == "No incident is open; 1 is over."
    assert opening((), TERMS) == "No incident is open."
    unsure = incident(CONCEPT, replace(DID, money=Figure(-10.0, -30.0, 10.0, 9)))
    assert cost_short(unsure, TERMS) == "not known"


def test_an_opened_record_is_nothing_done_and_a_remedy_is() -> None:
    by = By("ann", "2026-11-27T07:00:00Z")
    record = opened("shop", CONCEPT, by)
    assert done_text(record) == "Nothing is written down as done yet."
    done = replace(moved(record, Workflow.MITIGATED, by), remedy="Threshold set to .05", helped=True)
    assert done_text(done) == "Done: Threshold set to .05, and it helped. It is mitigated."


def test_what_happens_next_asks_a_decision_of_somebody_until_a_day_and_names_what_waits_to_be_closed() -> None:
    over = incident(replace(CONCEPT, end=UNTIL), severity=Severity.HIGH)
    case = case_from({"case": {"name": "x", "task": "binary"}, "data": {"reference": "a", "production": "b"}}, root=Path("/here"))
    owners = Owners("ann@example.org")
    judged: Any = SimpleNamespace(
        incidents=(incident(CONCEPT), over), result=SimpleNamespace(labels={}), names=SimpleNamespace(year=False), owners=owners
    )
    first, last = next_steps(judged, case, date(2026, 11, 27)).split("\n")
    assert first.startswith(
        "1. The outcome in grocery has been more frequent than the model says since 22 April. Decide: Let people decide"
    )
    assert first.endswith("Who: ann@example.org. Until: 4 Dec 2026 (proposed).")
    assert last.startswith("Over, to be confirmed and closed: The outcome in grocery was more frequent")
    judged.incidents = (*[incident(CONCEPT)] * 5, over, over)
    short = asked_of(judged, case, date(2026, 11, 27))
    assert "since 22 April: ann@example.org, until 4 Dec 2026." in short
    assert short.endswith("3 more are open.\nOver, to be confirmed and closed: 2 incidents.")
    assert len(short.split()) <= 60


def test_what_an_incident_accounts_for_has_no_slide_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    brier, recall = (found(name, 5, 12, analysis="performance") for name in ("brier", "recall"))
    incidents = judged_incidents(of(CENTS, FARE, brier))
    monkeypatch.setattr(drafting, "_answer", lambda judged, *_: judged.analysis)
    monkeypatch.setattr(drafting, "_finding", lambda one, *_: one.what)
    source: Any = SimpleNamespace(workspace=SimpleNamespace(case=None))

    def slides(*leading: Evidence) -> list[Any]:
        told: Any = SimpleNamespace(analysis="performance", leading=tuple(replace(one.finding, note="worse") for one in leading))
        return list(drafting._beside_incidents(told, incidents, source, "1 day"))

    keys = {one.key for one in incidents.incidents[0].evidence}
    monkeypatch.setattr(drafting, "key_of", lambda analysis, one: f"{analysis}:{one.what}")
    assert "performance:brier" in keys
    assert (slides(brier), slides(brier, recall), slides(recall, brier)) == ([], ["recall"], ["performance"])


def test_money_is_told_with_its_rows_or_with_why_it_is_not_known() -> None:
    told = incident(CONCEPT, Effect(rows=900, share_rows=0.2, money=Figure(-1130.0, -1990.0, -268.0, 880), currency="EUR"))
    assert list(effect_texts(told, {})) == [
        "Decisions on 880 labelled rows brought 1,130 EUR less than at the worth per row of the reference (268 to 1,990)."
    ]
    wrong = incident(CONCEPT, Effect(rows=900, share_rows=0.2, unpriced="amount"))
    assert list(effect_texts(wrong, {"amount": "Amount (€)"})) == [
        "What that cost cannot be told: the worth of a decision is read from Amount (€), which is wrong."
    ]


def test_rows_of_other_incidents_are_told_with_what_follows_from_them() -> None:
    clear = Effect(rows=900, share_rows=0.2, part=0.02, before=0.3, now=0.4)
    (alone,) = effect_texts(incident(CENTS, clear), {})
    without = replace(clear, shared=300, without=(Extent.of(CENTS),))
    assert list(effect_texts(incident(CENTS, without), {})) == [
        f"300 of the 900 rows there belong to another incident too, and are left out of what follows. {alone}"
    ]
    assert list(effect_texts(incident(CENTS, replace(clear, mixed=900, others=2)), {})) == [
        f"All 900 rows there belong to 2 other incidents too, and what follows cannot be told apart from what these did. {alone}"
    ]
    assert list(effect_texts(incident(CENTS, replace(without, part=0.0, before=0.3, now=0.3)), {})) == [""]


@pytest.mark.parametrize(("analysis", "said"), [("performance", ""), ("segments", " in a part of the rows")])
def test_the_model_was_worse_where_it_was_measured_to_be(analysis: str, said: str) -> None:
    over: Any = SimpleNamespace(evidence=(found("recall", 5, 12, analysis=analysis),), settled=True)
    assert board._worse(over) == f"While it lasted the model was measured to be worse{said}."
