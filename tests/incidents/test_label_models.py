"""Which model says what labels show: labels turned round whatever the inputs, or a relation of their own to one input."""

import numpy as np
import pytest

from monitor.incidents.expected_labels import Expected
from monitor.incidents.label_models import BOUND, likelihood, related, turned_round

DAYS, A_DAY, WEATHER = 20, 80, 30


def labels(kind: str, seed: int) -> Expected:
    """20 days of rows whose chance follows `hour`, beside 30 numbers that are the same for all rows of a day, as weather is."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(DAYS), A_DAY)
    hour = rng.uniform(0, 1, len(day))
    luck = rng.normal(0, 0.5, DAYS)[day]
    chance = 1 / (1 + np.exp(-(3 * hour - 2 + luck)))
    shown = {"turned": 0.3 + 0.4 * chance, "reversed": 1 / (1 + np.exp(-(3 * (1 - hour) - 2 + luck)))}[kind]
    return Expected(
        known=np.ones(len(day), dtype=bool),
        happened=rng.random(len(day)) < shown,
        chance=chance,
        plain=chance,
        inputs=np.column_stack([hour, rng.normal(0, 1, (DAYS, WEATHER))[day]]),
        names=("hour", *(f"weather {number}" for number in range(WEATHER))),
        categorical=(False,) * (WEATHER + 1),
        of_label=True,
        windows=day,
    )


@pytest.mark.parametrize("seed", [2, 3])
def test_the_relation_to_one_input_that_is_reversed_beats_labels_turned_round_beside_the_weather_of_few_days(seed: int) -> None:
    """A linear model of all inputs alone learns those days: it gains 86 and 65."""
    assert _gain(labels("reversed", seed)) > 90


@pytest.mark.parametrize("seed", range(3))
def test_labels_turned_round_leave_nothing_to_the_inputs(seed: int) -> None:
    assert _gain(labels("turned", seed)) < 5


def _gain(expected: Expected) -> float:
    """Return what the relation says more than labels turned round, as log likelihood."""
    (up, down), turned = turned_round(expected.chance, expected.happened)
    now = np.clip(expected.chance * (1 - down) + (1 - expected.chance) * up, BOUND, 1 - BOUND)
    told = related(expected, now, (expected.known, expected.known))
    return likelihood(told, expected.happened) - likelihood(expected.chance, expected.happened) - turned
