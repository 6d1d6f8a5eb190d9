"""What is done first promises nothing that labels could not bear, and follows from remedies where they were tried."""

from types import SimpleNamespace

import pytest

from monitor.incidents.cause import TIMES, Hypothesis, Inverse
from monitor.incidents.effect import NOT_KNOWN, Effect, Figure, MetricEffect
from monitor.incidents.next_step import next_step
from monitor.vocabulary import Cause

FEW = "Let people decide where it matters, and retrain once more rows have a label:"


def incident(cause=Cause.CONCEPT_CHANGE, inverse=None, **metrics):
    told = tuple(
        MetricEffect(metric=name, now=Figure(value, value, value, n), before=NOT_KNOWN, elsewhere=NOT_KNOWN)
        for name, (value, n) in metrics.items()
    )
    return SimpleNamespace(
        cause=cause, hypothesis=Hypothesis(cause=cause, inverse=inverse), effect=Effect(rows=9000, share_rows=0.2, metrics=told)
    )


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"base_rate": (0.0075, 3444)}, f"{FEW} 3,444 since the onset have one that counts, 26 of the rarer class, too few"),
        ({"base_rate": (0.3, 150)}, FEW),
        ({"base_rate": (0.98, 4000)}, "See what retraining with rows since the onset would bring, and until then another threshold"),
        ({"base_rate": (float("nan"), 0)}, f"{FEW} none since the onset has one that counts yet, too few"),
        ({"mae": (3.0, 900), "bias": (1.0, 900)}, "See what retraining with rows since the onset would bring, and until then calibrating"),
        ({"mae": (3.0, 120)}, f"{FEW} 120 since the onset have one that counts, too few to retrain."),
        ({}, f"{FEW} none since the onset"),
    ],
)  # fmt: skip
def test_retraining_is_named_where_labels_can_bear_it_and_a_threshold_where_there_are_decisions(metrics, told):
    said = next_step(incident(**metrics))
    assert said.startswith(told)
    assert "threshold" not in said or "mae" not in metrics


def test_of_other_causes_the_first_step_is_that_of_the_cause():
    assert next_step(incident(Cause.RECODE)).startswith("Map the new spelling back")


@pytest.mark.parametrize(
    ("cause", "inverse", "told"),
    [
        (Cause.UNIT_CHANGE, Inverse(kind="affine", scale=0.45359237, says="pounds for kilograms"), "Convert back (divide by 2.2046) at"),
        (Cause.UNIT_CHANGE, Inverse(kind="affine", scale=0.01, says="a hundred times the value"), "Convert back (divide by 100) at"),
        (Cause.UNIT_CHANGE, Inverse(kind="affine", scale=1 / 1.8, offset=-32 / 1.8, says="Fahrenheit for Celsius"),
         "Convert back (take 32 away, then divide by 1.8) at"),
        (Cause.UNIT_CHANGE, Inverse(kind="affine", scale=1 / 2.2154, value=TIMES), "Convert back (divide by about 2.22) at"),
        (Cause.UNIT_CHANGE, Inverse(kind="affine", scale=-1, says="the sign turned round"), "Convert back at"),
        (Cause.SCALE_CHANGE, Inverse(kind="affine", scale=1.4, says="the value times .71"), "Multiply by about 1.4 before the model"),
        (Cause.SCALE_CHANGE, None, "Divide by the factor before the model"),
    ],
)  # fmt: skip
def test_what_brings_values_back_is_told_with_its_figure_where_there_is_one(cause, inverse, told):
    assert next_step(incident(cause, inverse)).startswith(told)
