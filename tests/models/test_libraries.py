"""Files of other libraries: the same answers as the library, attributions exact. Skipped where a library is not installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.errors import ExtensionMissingError, ModelError
from monitor.models import Model, explain, load_model
from monitor.models.explaining import PERMUTATIONS, TREES
from monitor.models.libraries import _spelled, library
from tests.models.conftest import CaseOf
from tests.stats.explanation.brute_force import shapley

FEATURES = ["amount", "age", "country", "device", "ratio"]
NUMBERS = ["amount", "age", "ratio"]
LEVELS = ["country", "device"]


def target(rows: pd.DataFrame, task: str) -> Any:
    if task == "regression":
        return rows["y"]
    return np.digitize(rows["y"], [-1.0, 0.5]) if task == "multiclass" else (rows["y"] > 0).astype(int)


def agrees(model: Model, rows: pd.DataFrame, raw: Any, explainer: str) -> None:
    """Check the margin against the library's own, and the attributions against all coalitions."""
    assert np.ravel(model.raw(rows)) == pytest.approx(np.ravel(raw), abs=1e-5)
    background = rows.iloc[100:110].reset_index(drop=True)
    found = explain(model, rows.iloc[:5], background)
    assert found.explainer == explainer
    if explainer == TREES:
        expected = shapley(model.raw, rows[FEATURES].iloc[:5], background[FEATURES])
        assert found.values.reshape(expected.shape) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_lightgbm(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame, task: str) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    typed = mixed_rows[FEATURES].astype(dict.fromkeys(LEVELS, "category"))
    fitted = kind(n_estimators=8, num_leaves=6, min_data_per_group=5, cat_smooth=1, verbose=-1).fit(typed, target(mixed_rows, task))
    fitted.booster_.save_model(tmp_path / "model.txt")
    scores = {"score": {"0": "a", "1": "b", "2": "c"}} if task == "multiclass" else {}
    agrees(load_model(case_of(task, "model.txt", **scores)), mixed_rows, fitted.booster_.predict(typed, raw_score=True), TREES)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("name", ["model.json", "model.ubj"])
def test_xgboost(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame, task: str, name: str) -> None:
    xgboost = pytest.importorskip("xgboost")
    kind = xgboost.XGBRegressor if task == "regression" else xgboost.XGBClassifier
    typed = mixed_rows[FEATURES].astype(dict.fromkeys(LEVELS, "category"))
    fitted = kind(n_estimators=6, max_depth=3, enable_categorical=True, n_jobs=1).fit(typed, target(mixed_rows, task))
    fitted.get_booster().save_model(tmp_path / name)
    scores = {"score": {"0": "a", "1": "b", "2": "c"}} if task == "multiclass" else {}
    raw = fitted.predict(typed, output_margin=True)
    agrees(load_model(case_of(task, name, **scores)), mixed_rows, raw, TREES)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_catboost(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame, task: str) -> None:
    catboost = pytest.importorskip("catboost")
    kind = catboost.CatBoostRegressor if task == "regression" else catboost.CatBoostClassifier
    texts = mixed_rows[FEATURES].assign(**{name: mixed_rows[name].astype(object).fillna("nan") for name in LEVELS})
    fitted = kind(iterations=8, depth=3, verbose=False, allow_writing_files=False).fit(texts, target(mixed_rows, task), cat_features=LEVELS)
    fitted.save_model(str(tmp_path / "model.cbm"))
    model = load_model(case_of(task, "model.cbm"))
    agrees(model, mixed_rows, fitted.predict(texts, prediction_type="RawFormulaVal"), PERMUTATIONS)


def test_the_positive_class_of_a_library_may_be_0(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    fitted = lightgbm.LGBMClassifier(n_estimators=4, verbose=-1).fit(mixed_rows[NUMBERS], target(mixed_rows, "binary"))
    fitted.booster_.save_model(tmp_path / "model.txt")
    one, other = (load_model(case_of("binary", "model.txt", positive_class=positive)) for positive in (1, 0))
    assert other.probability(mixed_rows) == pytest.approx(1 - one.probability(mixed_rows))
    assert explain(other, mixed_rows[:4], mixed_rows[9:]).values == pytest.approx(-explain(one, mixed_rows[:4], mixed_rows[9:]).values)


ABROAD = {"de": "dé", "fr": "süd", "uk": "日本", "us": "Ø"}


def abroad(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose countries are written in letters beyond ASCII."""
    named = rows["country"].astype(object).map(lambda level: ABROAD.get(level, f"{level} ö"), na_action="ignore")
    return rows.assign(country=named)


def test_lightgbm_reads_levels_beyond_ascii(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    rows = abroad(mixed_rows)
    typed = rows[FEATURES].astype(dict.fromkeys(LEVELS, "category"))
    fitted = lightgbm.LGBMRegressor(n_estimators=8, min_data_per_group=5, cat_smooth=1, verbose=-1).fit(typed, rows["y"])
    fitted.booster_.save_model(tmp_path / "model.txt")
    assert np.ravel(load_model(case_of("regression", "model.txt")).raw(rows)) == pytest.approx(fitted.predict(typed), abs=1e-5)


def test_catboost_reads_levels_beyond_ascii(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame) -> None:
    catboost = pytest.importorskip("catboost")
    rows = abroad(mixed_rows)
    texts = rows[FEATURES].assign(**{name: rows[name].astype(object).fillna("nan") for name in LEVELS})
    fitted = catboost.CatBoostRegressor(iterations=8, verbose=False, allow_writing_files=False).fit(texts, rows["y"], cat_features=LEVELS)
    fitted.save_model(str(tmp_path / "model.cbm"))
    assert np.ravel(load_model(case_of("regression", "model.cbm")).raw(rows)) == pytest.approx(fitted.predict(texts), abs=1e-5)


def test_xgboost_with_levels_beyond_ascii_is_refused(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame) -> None:
    xgboost = pytest.importorskip("xgboost")
    rows = abroad(mixed_rows)
    typed = rows[FEATURES].astype(dict.fromkeys(LEVELS, "category"))
    fitted = xgboost.XGBRegressor(n_estimators=6, enable_categorical=True, n_jobs=1).fit(typed, rows["y"])
    fitted.get_booster().save_model(tmp_path / "model.json")
    with pytest.raises(ModelError, match=r"'country' as a category whose levels have letters beyond ASCII"):
        load_model(case_of("regression", "model.json"))


def test_levels_of_xgboost_are_cut_where_it_says_and_refused_where_it_cut_them() -> None:
    plain = {"values": list(b"nordost"), "offsets": [0, 4, 7]}
    assert _spelled(plain, "region", "model.json") == ["nord", "ost"]
    assert _spelled({"values": [3, 5]}, "region", "model.json") == [3, 5]
    cut = {"values": [97, 115, -61, -68, 100, 122], "offsets": [0, 1, 4, 6]}  # as 3.2 saves a, süd, zö
    with pytest.raises(ModelError, match=r"'region' as a category .* cannot be told\. Train it on levels in ASCII"):
        _spelled(cut, "region", "model.json")


@pytest.mark.parametrize("zipped", [True, False])
def test_onnx(case_of: CaseOf, tmp_path: Path, mixed_rows: pd.DataFrame, zipped: bool) -> None:
    pytest.importorskip("onnxruntime")
    skl2onnx = pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LogisticRegression

    rows = mixed_rows[NUMBERS].fillna(0.0)
    fitted = LogisticRegression().fit(rows.to_numpy(), target(mixed_rows, "binary"))
    shape = [("rows", skl2onnx.common.data_types.FloatTensorType([None, 3]))]
    graph = skl2onnx.convert_sklearn(fitted, initial_types=shape, options={"zipmap": zipped})
    (tmp_path / "model.onnx").write_bytes(graph.SerializeToString())
    model = load_model(case_of("binary", "model.onnx", features=NUMBERS))
    assert model.probability(rows) == pytest.approx(fitted.predict_proba(rows.to_numpy())[:, 1], abs=1e-5)
    assert explain(model, rows[:5], rows[100:110]).explainer == PERMUTATIONS


def test_a_missing_library_names_its_extra() -> None:
    with pytest.raises(ExtensionMissingError, match=r"pip install 'driftscope\[no_such_library\]'"):
        library("no_such_library")
