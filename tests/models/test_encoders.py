"""Each encoded number belongs to the column that moves it; whatever mixes columns is not walked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
    TargetEncoder,
)

from monitor.models.encoders import origins, with_none

FEATURES = ["amount", "age", "country", "device", "ratio"]
NUMBERS = ["amount", "age", "ratio"]
LEVELS = ["country", "device"]

WALKED = {
    "dummies before numbers": make_column_transformer((OneHotEncoder(), LEVELS), (SimpleImputer(add_indicator=True), NUMBERS)),
    "a rest that passes": make_column_transformer((OneHotEncoder(drop="first", sparse_output=False), LEVELS), remainder="passthrough"),
    "a rest that is dropped": make_column_transformer((OrdinalEncoder(), ["device"]), ("passthrough", ["ratio"])),
    "rare levels together": make_column_transformer((OneHotEncoder(max_categories=2), LEVELS), ("drop", NUMBERS)),
    "columns by position, slice and mask": ColumnTransformer(
        [
            ("a", "passthrough", [4, 1]),
            ("b", OrdinalEncoder(), slice("country", "device")),
            ("c", "passthrough", np.array([True, False, False, False, False])),
        ]
    ),
    "columns by a selector": make_column_transformer(
        (OneHotEncoder(), make_column_selector(dtype_exclude="number")), ("passthrough", make_column_selector(dtype_include="number"))
    ),
    "a pipeline in a column": make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler(), KBinsDiscretizer(n_bins=3, quantile_method="averaged_inverted_cdf")), NUMBERS)
    ),
    "chosen columns": make_pipeline(
        make_column_transformer((TargetEncoder(cv=2), LEVELS), (SimpleImputer(), NUMBERS)), FunctionTransformer(), SelectKBest(k=3)
    ),
    "two views of the same": make_pipeline(
        make_column_transformer(("passthrough", NUMBERS)), FeatureUnion([("a", SimpleImputer()), ("b", MissingIndicator())])
    ),
}


def dense(values: Any) -> Any:
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values, dtype=np.float64)


@pytest.mark.parametrize("name", WALKED)
def test_an_encoded_number_moves_with_its_column_only(mixed_rows: pd.DataFrame, name: str) -> None:
    features = mixed_rows[FEATURES]
    step = WALKED[name].fit(features, mixed_rows["y"] > 0)
    before, found = dense(step.transform(features)), origins(step, len(FEATURES))
    assert found is not None
    assert len(found) == before.shape[1]
    for place, column in enumerate(FEATURES):
        turned = features.assign(**{column: features[column].to_numpy()[::-1]})
        moved = ~np.all(np.isclose(dense(step.transform(turned)), before, equal_nan=True), axis=0)
        assert set(np.flatnonzero(moved)) == set(np.flatnonzero(found == place)), column


@pytest.mark.parametrize("mixing", [PCA(2), PolynomialFeatures(), FunctionTransformer(np.cumsum)])
def test_what_mixes_columns_is_not_walked(mixed_rows: pd.DataFrame, mixing: Any) -> None:
    step = make_pipeline(SimpleImputer(), mixing).fit(mixed_rows[NUMBERS])
    assert origins(step, 3) is None


def test_a_transformer_of_the_same_name_elsewhere_is_not_trusted_to_be_the_same() -> None:
    strange = type("StandardScaler", (), {"__module__": "elsewhere"})()
    assert origins(strange, 2) is None


@pytest.mark.parametrize(("missing", "said"), [(None, True), (np.nan, False)])
def test_what_stands_for_missing_is_what_was_learned(missing: Any, said: bool) -> None:
    levels = pd.DataFrame({"a": pd.Series(["x", "y", missing], dtype=object)})
    assert with_none(make_pipeline(make_column_transformer((OrdinalEncoder(), ["a"]))).fit(levels)) is said
