"""The models: trained on months of their own, before the data of the case; only their scores are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from world import BASE_RATE, Floats, fraud_log_odds, make_payments, probability, shift_to_rate

TRAIN_START = pd.Timestamp("2024-09-01")
TRAIN_END = pd.Timestamp("2025-01-01")
TRAIN_ROWS = {"v1": 60_000, "v2": 90_000, "challenger": 60_000}
THRESHOLD = 0.1
NUMBERS = ["amount", "amount_ratio", "hour", "count_1h", "count_24h", "account_age_days", "is_foreign"]
CATEGORICAL = ["currency", "country", "merchant_category", "device", "day_of_week"]
FEATURES = NUMBERS + CATEGORICAL


@dataclass(frozen=True, slots=True)
class Models:
    """The trained models by name, and the intercept of the fraud that they learned from."""

    by_name: dict[str, Pipeline]
    intercept: float


def booster(leaves: int, rounds: int) -> Pipeline:
    """Return an untrained booster on ordinal codes (levels never seen -1, missing -2)."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    columns = ColumnTransformer([("numbers", "passthrough", NUMBERS), ("categories", codes, CATEGORICAL)])
    trees = HistGradientBoostingClassifier(
        learning_rate=0.08,
        max_iter=rounds,
        max_leaf_nodes=leaves,
        min_samples_leaf=80,
        l2_regularization=2.0,
        early_stopping=False,
        random_state=0,
    )
    return Pipeline([("columns", columns), ("model", trees)])


def logistic() -> Pipeline:
    """Return an untrained logistic regression."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    levels = make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(handle_unknown="ignore"))
    columns = ColumnTransformer([("numbers", numbers, NUMBERS), ("categories", levels, CATEGORICAL)])
    return Pipeline([("columns", columns), ("model", LogisticRegression(max_iter=500))])


def prepared(payments: pd.DataFrame) -> pd.DataFrame:
    """Return the features as the models read them."""
    features = payments[FEATURES].astype({"is_foreign": float, "day_of_week": str})
    return features.assign(**{name: features[name].astype(object).where(features[name].notna(), None) for name in CATEGORICAL})


def train_models(draw: Generator, cards: pd.DataFrame) -> Models:
    """Simulate a training period for each model and train it; all have the same truth."""
    untrained = {"v1": booster(8, 60), "v2": booster(12, 80), "challenger": logistic()}
    intercept, trained = None, {}
    for name, model in untrained.items():
        payments = make_payments(draw, cards, TRAIN_START, TRAIN_END, TRAIN_ROWS[name])
        log_odds = fraud_log_odds(draw, payments)
        intercept = shift_to_rate(log_odds, BASE_RATE) if intercept is None else intercept
        fraud = draw.random(len(payments)) < probability(log_odds + intercept)
        trained[name] = model.fit(prepared(payments), fraud)
    return Models(trained, float(intercept or 0.0))


def score_with(model: Pipeline, payments: pd.DataFrame) -> Floats:
    """Return the probability of fraud, (n,), to five decimals."""
    fraud: Floats = model.predict_proba(prepared(payments))[:, 1]
    return np.round(fraud, 5)


def score_by_version(models: Models, payments: pd.DataFrame) -> Floats:
    """Return the score of each payment by the model version that served it, (n,)."""
    scores = np.full(len(payments), np.nan)
    for version, rows in payments.groupby("model_version"):
        scores[payments.index.get_indexer(rows.index)] = score_with(models.by_name[str(version)], rows)
    return scores
