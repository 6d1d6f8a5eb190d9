"""Attributions are exact: they equal the sum over all coalitions, and add up to what the model says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from monitor.errors import ModelError
from monitor.models import explain
from monitor.models.estimators import model_of
from monitor.models.explaining import LINEAR, PERMUTATIONS, SHAP_TREES, TREES
from tests.models.conftest import CaseOf
from tests.stats.explanation.brute_force import shapley

LEVELS = ["country", "device"]
NUMBERS = ["amount", "age", "ratio"]
FEATURES = ["amount", "age", "country", "device", "ratio"]
CLOSE = 1e-9


def booster(kind: type[Any] = HistGradientBoostingClassifier, **settings: Any) -> Any:
    return kind(max_iter=15, max_leaf_nodes=8, min_samples_leaf=5, early_stopping=False, **settings)


def ordinal(final: Any) -> Any:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return make_pipeline(make_column_transformer(("passthrough", NUMBERS), (codes, LEVELS)), final)


def dummies(final: Any) -> Any:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(make_column_transformer((levels, LEVELS), (numbers, NUMBERS)), final)


def target(rows: pd.DataFrame, task: str) -> Any:
    if task == "regression":
        return rows["y"]
    return pd.qcut(rows["y"], 3, labels=["low", "mid", "high"]).astype(str) if task == "multiclass" else (rows["y"] > 0).astype(int)


@pytest.mark.parametrize(
    ("task", "estimator", "explainer"),
    [
        ("binary", ordinal(booster()), TREES),
        ("binary", dummies(booster()), TREES),
        ("multiclass", ordinal(booster()), TREES),
        ("regression", ordinal(booster(HistGradientBoostingRegressor)), TREES),
        ("binary", booster(), TREES),
        ("multiclass", booster(), TREES),
        ("regression", booster(HistGradientBoostingRegressor), TREES),
        ("binary", dummies(LogisticRegression()), LINEAR),
        ("multiclass", dummies(LogisticRegression()), LINEAR),
        ("binary", GridSearchCV(dummies(LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2), LINEAR),
        ("multiclass", GridSearchCV(ordinal(booster()), {"histgradientboostingclassifier__max_depth": [2, 3]}, cv=2), TREES),
    ],
)
def test_exact_explainers_equal_all_coalitions(
    case_of: CaseOf, mixed_rows: pd.DataFrame, task: str, estimator: Any, explainer: str
) -> None:
    features = mixed_rows[FEATURES]
    if isinstance(estimator, (HistGradientBoostingClassifier, HistGradientBoostingRegressor)):
        features = features.astype(dict.fromkeys(LEVELS, "category"))
    model = model_of(estimator.fit(features, target(mixed_rows, task)), case_of(task))
    found = explain(model, features.iloc[:6], features.iloc[100:112])
    expected = shapley(model.raw, features.iloc[:6], features.iloc[100:112])
    assert found.explainer == explainer
    assert found.additivity_error < CLOSE
    assert found.values.reshape(expected.shape) == pytest.approx(expected, abs=CLOSE)
    assert np.ravel(found.base) == pytest.approx(np.ravel(model.raw(features.iloc[100:112]).mean(axis=0)), abs=CLOSE)


def test_the_positive_class_may_be_the_first(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    features, fitted = mixed_rows[FEATURES], ordinal(booster()).fit(mixed_rows[FEATURES], target(mixed_rows, "binary"))
    one, other = (model_of(fitted, case_of(positive_class=positive)) for positive in (1, 0))
    assert other.classes == (1, 0)
    assert other.probability(features) == pytest.approx(1 - one.probability(features))
    assert explain(other, features[:5], features[9:]).values == pytest.approx(-explain(one, features[:5], features[9:]).values)


def test_a_forest_is_left_to_shap(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    forest = dummies(RandomForestClassifier(10, max_depth=4, random_state=0)).fit(mixed_rows[FEATURES], target(mixed_rows, "binary"))
    found = explain(model_of(forest, case_of()), mixed_rows[:5], mixed_rows[50:70])
    assert (found.explainer, found.note) == (SHAP_TREES, "")
    assert found.additivity_error < 1e-6


def test_permutations_add_up_and_say_their_error(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    model = model_of(ordinal(booster()).fit(mixed_rows[FEATURES], target(mixed_rows, "binary")), case_of())
    rows, background = mixed_rows[:40], mixed_rows[100:130]
    exact, estimated = explain(model, rows, background), explain(replace(model, encoding=None), rows, background, seed=1)
    off = float(np.sqrt(np.square(exact.values - estimated.values).mean()))
    assert (estimated.explainer, estimated.additivity_error < CLOSE) == (PERMUTATIONS, True)
    assert 0 < off < 3 * estimated.sampling_error


def test_nothing_to_explain_is_said(case_of: CaseOf, mixed_rows: pd.DataFrame) -> None:
    model = model_of(ordinal(booster()).fit(mixed_rows[FEATURES], target(mixed_rows, "binary")), case_of())
    with pytest.raises(ModelError, match="no rows, or no background"):
        explain(model, mixed_rows[:0], mixed_rows)


@pytest.mark.parametrize(
    ("task", "estimator"),
    [
        ("binary", CalibratedClassifierCV(dummies(booster()), cv=2)),
        ("binary", VotingClassifier([("trees", dummies(booster())), ("line", dummies(LogisticRegression()))], voting="soft")),
        ("multiclass", StackingClassifier([("line", dummies(LogisticRegression()))], cv=2)),
        ("regression", TransformedTargetRegressor(dummies(booster(HistGradientBoostingRegressor)))),
    ],
)
def test_estimators_that_take_texts_themselves_are_explained_from_outside(
    case_of: CaseOf, mixed_rows: pd.DataFrame, task: str, estimator: Any
) -> None:
    features = mixed_rows[FEATURES]
    model = model_of(estimator.fit(features, target(mixed_rows, task)), case_of(task))
    found = explain(model, features.iloc[:3], features.iloc[100:104])
    assert found.explainer == PERMUTATIONS
    assert found.additivity_error < CLOSE


@pytest.mark.parametrize(
    "wrap", [lambda one: CalibratedClassifierCV(one, cv=2), lambda one: VotingClassifier([("one", one)], voting="soft")]
)
def test_a_missing_text_is_to_an_estimator_in_another_what_it_learned_from(case_of: CaseOf, mixed_rows: pd.DataFrame, wrap: Any) -> None:
    taught = mixed_rows[FEATURES].astype(dict.fromkeys(LEVELS, object))
    taught[LEVELS] = taught[LEVELS].where(taught[LEVELS].notna(), None)
    estimator = wrap(dummies(LogisticRegression())).fit(taught, target(mixed_rows, "binary"))
    model = model_of(estimator, case_of("binary"))
    rows = taught.assign(**{name: taught[name].where(taught[name].notna(), np.nan) for name in LEVELS})
    assert taught[LEVELS].isna().any(axis=None)
    assert model.probability(rows) == pytest.approx(estimator.predict_proba(taught)[:, 1])
