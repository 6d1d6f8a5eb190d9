"""Records of incidents as files: kept, changed, found again, and checked as input from a stranger."""

import json

import numpy as np
import pytest

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.incident_records import by, change_incident, found_again, keep_incident, list_incidents
from monitor.export.shelf import pins_folders
from monitor.incidents import record as of
from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.record import Workflow

FOUND = Hypothesis(
    cause=Cause.UNIT_CHANGE, columns=("amount",), segment={"city": "Rome"}, beside=("Paris",), start=np.datetime64("2026-03-04T14:00")
)


def kept(case: Case) -> of.Record:
    return keep_incident(case, found_again(list_incidents(case), case, FOUND, by("ann")))


def test_a_record_comes_back_as_it_was_kept(case: Case) -> None:
    record = of.noted(of.linked(kept(case), "https://wiki.example/7", by("ann")), "seen", by("ann"))
    record = of.corrected(of.moved(record, Workflow.MITIGATED, by("bob")), Cause.OFFSET, by("bob"), reason="a sensor")
    keep_incident(case, record)
    assert list_incidents(case).records == (record,)
    assert list_incidents(case).of(record.id) == record
    assert list_incidents(case).of("nothing") is None


def test_the_same_incident_is_found_again_and_keeps_what_was_said(case: Case) -> None:
    first = change_incident(case, kept(case).id, lambda one: of.corrected(one, Cause.OFFSET, by("ann")))
    again = found_again(list_incidents(case), case, FOUND, by("job"))
    assert (again.id, again.told_cause, again.history) == (first.id, Cause.OFFSET, first.history)
    keep_incident(case, again)
    assert len(list_incidents(case).records) == 1


def test_a_change_is_made_to_the_file_as_it_is(case: Case) -> None:
    record = kept(case)
    change_incident(case, record.id, lambda one: of.owned(one, "ann", by("ann")))
    changed = change_incident(case, record.id, lambda one: of.moved(one, Workflow.ACKNOWLEDGED, by("bob")))
    assert (changed.owner, changed.workflow) == ("ann", Workflow.ACKNOWLEDGED)


@pytest.mark.parametrize("record_id", ["", "../../etc", "0123456789abcdeg", "0123456789abcdef0"])
def test_an_id_is_no_path(case: Case, record_id: str) -> None:
    with pytest.raises(SelectionError, match="is not the id of a record of an incident"):
        change_incident(case, record_id, lambda one: one)


@pytest.mark.parametrize(
    "damage",
    [
        {"links": ["javascript:alert(1)"]},
        {"cause": "magic"},
        {"workflow": "gone"},
        {"start": "now"},
        {"start": "2026-02-31T00:00:00Z"},
        {"reason": "x" * 10_000},
        {"history": [{"at": "", "who": "x", "what": "y", "before": "", "after": ""}] * 1001},
        {"format": 99},
        {"notes": "text"},
        {"segment": {"city": 3}},
    ],
)
def test_a_file_of_a_stranger_is_checked(case: Case, damage: dict[str, object]) -> None:
    record = kept(case)
    path = pins_folders(case)[0] / "incidents" / f"{record.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    read = list_incidents(case)
    assert read.records == ()
    assert "was left as it is" in read.unreadable[0].message.lower()
    assert path.exists()
