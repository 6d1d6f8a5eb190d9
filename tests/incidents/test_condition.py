"""Which rows an incident concerns, as a condition."""

import numpy as np
import pytest

from monitor.engine.columns import ColumnInfo
from monitor.incidents.cause import Cause, Hypothesis, Inverse
from monitor.incidents.condition import rows_condition
from monitor.vocabulary import Kind, Role


class Roles:
    timestamp = "at"


class AnyCase:
    roles, timezone = Roles, "UTC"


def columns(stamp):
    types = {"at": stamp, "way": "VARCHAR", "age": "DOUBLE"}
    return {name: ColumnInfo(name, Role.FEATURE, Kind.NUMERIC, {"production": told}, "") for name, told in types.items()}


@pytest.mark.parametrize(
    ("cause", "condition"),
    [
        (Hypothesis(cause=Cause.UNIT_CHANGE, columns=("age",), segment={"way": "web"}), "\"way\" = 'web'"),
        (Hypothesis(cause=Cause.MISSING_VALUES, columns=("age",)), '"age" IS NULL'),
        (
            Hypothesis(cause=Cause.RECODE, columns=("way",), segment={"way": "web"}, inverse=Inverse(kind="map", levels={"WEB": "web"})),
            "\"way\" IN ('WEB')",
        ),
        (Hypothesis(cause=Cause.SEASON), None),
    ],
)
def test_the_condition_holds_for_the_rows_as_they_are_now(cause, condition):
    assert rows_condition(cause, AnyCase, columns("TIMESTAMP WITH TIME ZONE")) == condition


def test_times_on_the_clock_of_the_case_stand_in_it():
    one = Hypothesis(cause=Cause.SEASON, start=np.datetime64("2026-03-04T14:00"), end=np.datetime64("2026-03-05"))
    told = rows_condition(one, AnyCase, columns("TIMESTAMP"))
    assert told == "\"at\" >= '2026-03-04 14:00:00' AND \"at\" < '2026-03-05 00:00:00'"
