"""Labels in any writing: one truth gives one accuracy, and what nobody can know is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.sides import Question
from monitor.engine import Workspace, open_tables
from monitor.errors import MethodError
from monitor.registry import find_analysis
from tests.corpus.reading import Refused, check_refused

N = 200
RNG = np.random.default_rng(0)
SCORE = RNG.random(N)
LABEL = (RNG.random(N) < SCORE).astype(int)
SAID = (SCORE > 0.5).astype(int)
RIGHT = float((LABEL == SAID).mean())
TIMES = pd.date_range("2024-01-01", periods=N, freq="3h")


def opened(label: Any, other: Any = None, said: Any = SAID, task: str = "binary", **roles: Any) -> Workspace:
    def side(labels: Any) -> pd.DataFrame:
        return pd.DataFrame({"at": TIMES, "s": SCORE, "y": labels, "p": said})

    named = {"timestamp": "at", "score": "s", "label": "y", "prediction": "p", **roles}
    return open_tables(side(label), side(label if other is None else other), roles=named, task=task, windows="whole")


def metric(name: str, workspace: Workspace) -> Any:
    """Return a metric of the whole production."""
    with workspace:
        row = find_analysis("performance")
        table = row.judge(row.assess(row.measure(workspace, Question(), methods=("default",))), row.thresholds(workspace.case)).table
    return table[(table["metric"] == name) & table["segment"].isna()]["value"].iloc[0]


def words(no: str, yes: str) -> np.ndarray[Any, Any]:
    return np.where(LABEL, yes, no)


WRITTEN: list[tuple[str, Any]] = [
    ("whole", LABEL), ("broken", LABEL.astype(float)), ("truth", LABEL.astype(bool)), ("digits", LABEL.astype(str)),
    ("nullable", pd.array(LABEL, dtype="Int64")), ("levels", pd.Categorical(LABEL)), ("8 bits", LABEL.astype("u1")),
    ("yes and no", words("no", "yes")), ("Yes and No", words("No", "Yes")), ("words of truth", words("false", "true")),
    ("True and False", words("False", "True")), ("1.0 and 0.0 as text", words("0.0", "1.0")), ("Y and N", words("N", "Y")),
    ("1 and 2", LABEL + 1), ("-1 and 1", 2 * LABEL - 1), ("neg and pos", words("neg", "pos")),
]  # fmt: skip


@pytest.mark.parametrize("label", [one[1] for one in WRITTEN], ids=[one[0] for one in WRITTEN])
def test_the_label_may_be_written_in_any_way(label: Any) -> None:
    assert metric("accuracy", opened(label)) == pytest.approx(RIGHT)


@pytest.mark.parametrize("other", [LABEL.astype(float), LABEL.astype(bool), LABEL.astype(str), words("0.0", "1.0")])
def test_the_sides_may_write_it_in_two_ways(other: Any) -> None:
    assert metric("accuracy", opened(LABEL, other)) == pytest.approx(RIGHT)
    assert metric("base_rate", opened(other, LABEL)) == pytest.approx(LABEL.mean())


def test_a_class_in_words_is_named_and_answers_of_0_and_1_are_it() -> None:
    assert metric("accuracy", opened(words("good", "bad"), positive_class="bad")) == pytest.approx(RIGHT)
    assert metric("selection_rate", opened(words("good", "bad"), positive_class="bad")) == pytest.approx(SAID.mean())
    said = np.where(SAID, "bad", "good")
    assert metric("base_rate", opened(words("good", "bad"), said=said, positive_class="bad")) == pytest.approx(LABEL.mean())


ASKED: list[tuple[str, dict[str, Any], str]] = [
    ("words beside 0 and 1", {"label": words("good", "bad")}, "nothing says which of them mean the same. Name positive_class"),
    ("words beside other words", {"label": words("good", "bad"), "said": np.where(SAID, "reject", "accept")}, "mean the same"),
    ("a class that there is not", {"label": LABEL, "positive_class": 7}, "positive_class is '7', but 'y' has the values '0' and '1'"),
    ("a class in other letters", {"label": words("good", "bad"), "positive_class": "BAD"}, "but 'y' has the values 'bad' and 'good'"),
    ("three values", {"label": np.arange(N) % 3}, "has 3 values ('0', '1', '2') in a binary task"),
    ("a probability as answer", {"label": LABEL, "said": SCORE}, "a probability has the role score"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "told"), [one[1:] for one in ASKED], ids=[one[0] for one in ASKED])
def test_what_nobody_can_know_is_asked(given: dict[str, Any], told: str) -> None:
    check_refused(lambda: metric("accuracy", opened(**given)), Refused(MethodError, told))


@pytest.mark.parametrize(("label", "rate"), [(np.ones(N, int), 1.0), (np.zeros(N, int), 0.0), (np.ones(N, bool), 1.0)])
def test_one_class_alone_is_a_rate_and_no_curve(label: Any, rate: float) -> None:
    assert metric("base_rate", opened(label)) == rate
    assert pd.isna(metric("roc_auc", opened(label)))


def test_labels_that_are_not_there_count_for_nothing() -> None:
    half = pd.Series(LABEL, dtype="Int64").mask(pd.Series(np.arange(N) % 2 == 0))
    kept = np.arange(N) % 2 == 1
    assert metric("accuracy", opened(half)) == pytest.approx(float((LABEL == SAID)[kept].mean()))
    assert metric("accuracy", opened(np.full(N, np.nan))) is None or pd.isna(metric("accuracy", opened(np.full(N, np.nan))))


def test_three_classes_and_numbers() -> None:
    classes = np.array(["a", "b", "c"])[np.arange(N) % 3]
    assert metric("accuracy", opened(classes, said=classes, task="multiclass", score=None)) == 1.0
    assert metric("mae", opened(SCORE * 10, said=SCORE * 9, task="regression", score=None)) == pytest.approx(SCORE.mean())
    text = [f"{value:.3f}".replace(".", ",") for value in SCORE * 10]
    assert metric("mae", opened(text, said=SCORE * 9, task="regression", score=None)) == pytest.approx(SCORE.mean(), abs=0.001)
