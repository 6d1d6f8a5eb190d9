"""A stand-in follows the logged scores, says how well, and is explained exactly."""

from __future__ import annotations

import json
import threading

import numpy as np
import pandas as pd
import pytest

from monitor.errors import CancelledError, ModelError
from monitor.models import explain, fit_surrogate, packed, unpacked
from monitor.models.explaining import TREES
from tests.models.conftest import CaseOf

FEATURES = ["amount", "age", "country", "device", "ratio"]


def score(rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-(rows["age"] - 40) / 10 - (rows["country"] == "EE"))))


def test_it_follows_scores_that_depend_on_the_columns(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    rows = pd.concat([mixed_rows] * 3, ignore_index=True).sample(frac=1, random_state=0)
    found = fit_surrogate(rows[FEATURES], score(rows), case_of(threshold=0.3), block=np.arange(len(rows)) // 100)
    assert 0.95 < found.fidelity <= 1
    assert (found.n, found.folds) == (900, 5)
    assert np.abs(found.model.probability(rows) - score(rows)).mean() < 0.02
    assert set(found.model.predict(rows)) == {0, 1}
    explained = explain(found.model, rows[:20], rows[500:540])
    assert (explained.explainer, explained.additivity_error < 1e-9) == (TREES, True)
    assert {explained.columns[i] for i in np.abs(explained.values).mean(axis=0).argsort()[-2:]} == {"age", "country"}


def test_scores_that_depend_on_nothing_have_no_fidelity(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    noise = np.random.default_rng(0).random(len(mixed_rows))
    assert fit_surrogate(mixed_rows[FEATURES], noise, case_of()).fidelity < 0.1


def test_scores_of_several_classes(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    first = score(mixed_rows) / 2
    scores = np.column_stack([first, 0.5 - first / 2, 0.5 - first / 2])
    case = case_of("multiclass", score={"low": "a", "mid": "b", "high": "c"})
    found = fit_surrogate(mixed_rows[FEATURES], scores, case)
    assert found.model.classes == ("low", "mid", "high")
    assert explain(found.model, mixed_rows[:5], mixed_rows[50:80]).values.shape == (5, 5, 3)
    arrays, facts = packed(found)
    again = unpacked(arrays, json.loads(json.dumps(facts)), case)
    assert (again.fidelity, again.n, again.folds, again.model.columns) == (found.fidelity, found.n, found.folds, tuple(FEATURES))
    np.testing.assert_array_equal(again.model.margin(mixed_rows), found.model.margin(mixed_rows))


def test_odd_columns_are_read(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    odd = mixed_rows[["age"]].assign(
        at=pd.date_range("2024-01-01", periods=300).where(mixed_rows["age"] > 20),
        nothing=None,
        constant=1,
        flag=mixed_rows["age"] > 40,
        gap=(mixed_rows["age"] > 40).astype(object).where(mixed_rows["age"] > 20),
        far=np.where(mixed_rows["age"] > 60, np.inf, 1.0),
        **{"<b>'; --": [f"level {i}" for i in range(300)]},
    )
    found = fit_surrogate(odd, score(mixed_rows), case_of())
    assert found.fidelity > 0.5
    assert explain(found.model, odd[:5], odd[50:80]).additivity_error < 1e-9


@pytest.mark.parametrize("constant", [0.0, 0.3])
def test_a_constant_score_has_no_fidelity_to_tell(case_of: CaseOf, mixed_rows: pd.DataFrame, constant: float) -> None:
    assert np.isnan(fit_surrogate(mixed_rows[FEATURES], np.full(300, constant), case_of()).fidelity)


def test_too_few_rows_are_said(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    some = np.where(np.arange(300) < 30, score(mixed_rows), np.nan)
    with pytest.raises(ModelError, match=r"from 30 rows with a score and 5 columns; it takes 200 rows"):
        fit_surrogate(mixed_rows[FEATURES], some, case_of())


def test_it_may_be_called_off(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    off = threading.Event()
    off.set()
    with pytest.raises(CancelledError, match="learning the logged scores"):
        fit_surrogate(mixed_rows[FEATURES], score(mixed_rows), case_of(), cancel=off)
