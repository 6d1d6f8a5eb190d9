"""What people know of an incident, and what is remembered when it is found again."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.errors import SelectionError
from monitor.incidents import record as of
from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.memory import record_of, remembered, similar, told_with
from monitor.incidents.record import Answer, By, Workflow, incident_id, opened

NOON = By("ann", "2026-03-05T12:00:00Z")
LATER = By("bob", "2026-03-06T08:30:00Z")


def found(**given):
    usual = {
        "cause": Cause.UNIT_CHANGE,
        "columns": ("amount",),
        "segment": {"country": "EE"},
        "start": np.datetime64("2026-03-04T14:00"),
        "end": np.datetime64("2026-03-06T02:00"),
        "share_rows": 0.12,
    }
    return Hypothesis(**usual | given)


RECORD = opened("pay", found(), NOON)


def test_a_record_opens_with_what_was_found():
    assert (RECORD.cause, RECORD.columns, RECORD.segment, RECORD.start) == (
        Cause.UNIT_CHANGE,
        ("amount",),
        {"country": "EE"},
        "2026-03-04T14:00:00Z",
    )
    assert (RECORD.workflow, RECORD.reached, RECORD.open) == (Workflow.OPENED, {Workflow.OPENED: NOON.at}, True)


@pytest.mark.parametrize(
    "other",
    [
        {"cause": Cause.SCALE_CHANGE},
        {"columns": ("fee",)},
        {"segment": {"country": "LV"}},
        {"segment": {}},
        {"beside": ("LV",)},
        {"start": np.datetime64("2026-03-05T14:00")},
    ],
)
def test_the_id_is_of_what_it_is_and_when_it_began(other):
    assert incident_id("pay", found(**other)) != RECORD.id
    assert incident_id("other", found()) != RECORD.id


@pytest.mark.parametrize("other", [{"end": np.datetime64("NaT")}, {"start": np.datetime64("2026-03-04T16:00")}, {"share_rows": 0.5}])
def test_the_id_stays_while_the_incident_goes_on(other):
    assert incident_id("pay", found(**other)) == RECORD.id
    assert len(RECORD.id) == of.ID_LENGTH


def test_states_keep_the_time_they_were_first_reached():
    acknowledged = of.moved(RECORD, Workflow.ACKNOWLEDGED, NOON)
    again = of.moved(of.moved(acknowledged, Workflow.RESOLVED, LATER), Workflow.ACKNOWLEDGED, LATER)
    assert again.reached == {Workflow.OPENED: NOON.at, Workflow.ACKNOWLEDGED: NOON.at, Workflow.RESOLVED: LATER.at}
    assert [(line.who, line.what, line.before, line.after) for line in again.history] == [
        ("ann", "workflow", "opened", "acknowledged"),
        ("bob", "workflow", "acknowledged", "resolved"),
        ("bob", "workflow", "resolved", "acknowledged"),
    ]
    assert not of.moved(RECORD, Workflow.RESOLVED, LATER).open


def test_what_does_not_change_has_no_line():
    assert of.owned(of.owned(RECORD, "ann", NOON), " ann ", LATER).history == of.owned(RECORD, "ann", NOON).history


def test_a_cause_is_confirmed_corrected_or_dismissed():
    corrected = of.corrected(RECORD, Cause.SCALE_CHANGE, NOON, reason="a new sensor")
    assert (corrected.answer, corrected.told_cause, corrected.cause) == (Answer.CORRECTED, Cause.SCALE_CHANGE, Cause.UNIT_CHANGE)
    assert of.confirmed(corrected, LATER).told_cause is Cause.UNIT_CHANGE
    gone = of.dismissed(RECORD, "a test of ours", LATER)
    assert (gone.workflow, gone.answer, gone.reason, gone.open) == (Workflow.DISMISSED, Answer.DISMISSED, "a test of ours", False)
    with pytest.raises(SelectionError, match="Say why"):
        of.dismissed(RECORD, "  ", LATER)


def test_a_corrected_cause_stays_when_the_incident_is_measured_again():
    known = of.corrected(RECORD, Cause.OFFSET, NOON)
    for again in (found(), found(cause=Cause.SCALE_CHANGE, start=np.datetime64("2026-03-05T01:00"))):
        record = record_of("pay", again, [known])
        assert record is known
        renewed = of.measured(record, again)
        assert (renewed.id, renewed.told_cause, renewed.cause) == (known.id, Cause.OFFSET, again.cause)
        assert remembered(again, record).cause is Cause.OFFSET
    assert remembered(found(), RECORD).cause is Cause.UNIT_CHANGE
    assert remembered(found(), None).cause is Cause.UNIT_CHANGE


@pytest.mark.parametrize(
    "other",
    [
        {"columns": ("fee",)},
        {"segment": {"country": "LV"}},
        {"segment": {}},
        {"start": np.datetime64("2026-03-09T14:00")},
        {"start": np.datetime64("NaT")},
    ],
)
def test_another_place_or_time_is_another_incident(other):
    assert record_of("pay", found(cause=Cause.SCALE_CHANGE, **other), [RECORD]) is None
    assert record_of("other", found(), [RECORD]) is None


def test_an_onset_that_is_not_known_well_may_move_further():
    late = found(cause=Cause.SLOW_DRIFT, start=np.datetime64("2026-03-10T00:00"))
    assert record_of("pay", replace(late, onset_lower=np.datetime64("2026-03-01T00:00")), [RECORD]) is RECORD
    assert record_of("pay", late, [RECORD]) is None


def test_similar_incidents_of_the_past_come_with_what_helped():
    past = opened("pay", found(start=np.datetime64("2026-01-10T08:00"), end=np.datetime64("2026-01-11T20:00")), NOON)
    past = of.remedied(past, "divide by 100 upstream", LATER, helped=True)
    elsewhere = opened("pay", found(start=np.datetime64("2026-02-01"), end=np.datetime64("2026-02-03"), segment={"country": "LV"}), NOON)
    other = opened("pay", found(cause=Cause.LATENCY, columns=("latency_ms",), segment={}, start=np.datetime64("2026-02-02")), NOON)
    future = opened("pay", found(start=np.datetime64("2026-05-01"), end=np.datetime64("2026-05-02")), NOON)
    got = similar(RECORD, [RECORD, other, elsewhere, past, future])
    assert [one.record.id for one in got] == [past.id, elsewhere.id]
    assert got[0].likeness == pytest.approx(1.0)
    assert set(got[0].shared) == {"cause", "columns", "segment", "shape"}
    assert "segment" not in got[1].shared
    assert got[0].record.helped


def test_incidents_are_told_together_and_apart_again():
    second, third = (opened("pay", found(columns=(name,)), NOON) for name in ("fee", "tax"))
    joined = [of.merged(second, RECORD, NOON), of.merged(third, second, NOON), RECORD]
    assert told_with(joined) == {second.id: RECORD.id, third.id: RECORD.id}
    assert not joined[0].open
    assert of.parted(joined[0], LATER).open
    with pytest.raises(SelectionError, match="cannot be told with"):
        of.merged(RECORD, RECORD, NOON)
    with pytest.raises(SelectionError, match="cannot be told with"):
        of.merged(RECORD, joined[0], NOON)
    circle = [replace(second, merged_into=third.id), replace(third, merged_into=second.id)]
    assert set(told_with(circle).values()) <= {""}


def test_findings_are_split_off_once():
    apart = of.split(of.split(RECORD, ("drift:a", "drift:b"), NOON), ("drift:b", "drift:c"), LATER)
    assert apart.split_off == ("drift:a", "drift:b", "drift:c")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "https://", "https://a b", "wiki", "http://[", "https://x\n"]
)
def test_a_link_leads_to_a_page(link):
    with pytest.raises(SelectionError, match="no link to a page"):
        of.linked(RECORD, f"{link}\x00" if link.endswith("\n") else link, NOON)


def test_notes_links_and_remedies_are_kept():
    told = of.noted(of.linked(of.linked(RECORD, "https://wiki.example/7", NOON), "https://wiki.example/7", NOON), " seen ", LATER)
    assert (told.links, [note.text for note in told.notes]) == (("https://wiki.example/7",), ["seen"])
    assert of.explained(told, "campaign", LATER).known_as == "campaign"
    with pytest.raises(SelectionError, match="empty"):
        of.noted(RECORD, " ", NOON)
    with pytest.raises(SelectionError, match="longer than"):
        of.noted(RECORD, "x" * 5000, NOON)
