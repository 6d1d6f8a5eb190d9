"""The bench of known incidents: what it counts as told."""

from zoneinfo import ZoneInfo

import pytest

from benchmarks.truth_answers import Answer, Measured, compare

ZONE = ZoneInfo("Europe/Tallinn")
ANSWER = {
    "cause": "unit_change",
    "base": "split",
    "columns": ["amount"],
    "follows": ["score"],
    "segment": {"country": "EE"},
    "start": "2026-03-04 14:00:00",
    "end": "2026-03-09 00:00:00",
    "onset_tolerance_days": 1.0,
    "remedy_id": "patch",
}
TOLD = {
    "cause": "Unit change",
    "columns": '["amount"]',
    "segment": "country = 'EE'",
    "start": "2026-03-04T12:10:00Z",
    "end": None,
    "status": "alert",
}
DRIFT = {"column": "amount", "window": "2026-03-05", "status": "alert", "primary": True}


def compared(*incidents, drift=(DRIFT,), **answer):
    return compare(Answer.read(ANSWER | answer), Measured.of({"incidents": incidents, "drift": drift}, ZONE))


def test_what_was_told_in_full_holds():
    assert compared(TOLD).holds


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ({"cause": "offset"}, "cause"),
        ({"columns": '["score"]'}, "columns"),
        ({"segment": "country = 'LV'"}, "segment"),
        ({"segment": None}, "segment"),
        ({"start": "2026-03-06T12:10:00Z"}, "onset"),
    ],
)
def test_a_wrong_part_is_named(said, part):
    one = compared(TOLD | said)
    assert getattr(one, part) is False
    assert not one.holds


def test_second_is_not_first_but_on_top_of_a_season():
    other = TOLD | {"cause": "season"}
    assert compared(other, TOLD).cause is False
    assert compared(other, TOLD, base="natural").cause is True


def test_one_innocent_column_is_borne_and_two_are_not():
    innocent = [DRIFT | {"column": name} for name in ("fee", "device")]
    assert compared(TOLD, drift=innocent[:1]).silent
    assert not compared(TOLD, drift=innocent).silent
    assert not compared(TOLD, drift=[DRIFT | {"window": "2026-03-20"}, innocent[0]]).silent


def test_a_control_bears_one_alarm():
    none = {"cause": "none"}
    assert compared(drift=[DRIFT], **none).silent
    assert not compared(TOLD, drift=[DRIFT], **none).silent


def test_a_remedy_is_asked_where_one_is_proposed():
    assert compared(TOLD).remedy is None
    assert compared(TOLD | {"remedy": "patch"}).remedy is True
    assert compared(TOLD | {"remedy": "retrain"}).remedy is False
