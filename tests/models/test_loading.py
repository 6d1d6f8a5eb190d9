"""A model file can do nothing but predict: not by its path, its format, its types or a line in its case."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from monitor.case import ModelSection, trust_case
from monitor.case.trust import brought
from monitor.errors import ModelError
from monitor.models import Audit, audit_model, callable_model, load_model
from monitor.models.loading import PICKLES
from monitor.ui.new_case import SUFFIXES
from tests.models.conftest import CaseOf


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the trust given in a test out of the user's settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


@pytest.fixture
def fitted() -> LogisticRegression:
    frame = pd.DataFrame({"a": np.linspace(-1, 1, 40), "b": np.cos(np.arange(40))})
    return LogisticRegression().fit(frame, (frame["a"] > 0).astype(int))


@pytest.mark.parametrize("name", ["model.pkl", "model.pickle", "model.joblib"])
def test_a_pickle_that_nobody_trusts_never_runs(case_of: CaseOf, tmp_path: Path, name: str) -> None:
    case = case_of(model=name)
    (tmp_path / name).write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(ModelError, match=r"is a pickle, which runs code when it is loaded, and you have not trusted it.*driftscope trust"):
        load_model(case)
    assert not (tmp_path / "ran").exists()


def test_a_case_that_asks_for_trust_has_none(case_of: CaseOf, tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    case = case_of(model="model.pkl")
    assert case.model is not None
    object.__setattr__(case, "model", ModelSection(path="model.pkl", trust=True))
    with pytest.raises(ModelError, match="Nothing of it was loaded"):
        load_model(case)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("ending", [".skops", ".onnx", ".txt", ".json", ".ubj", ".cbm"])
def test_a_pickle_under_another_ending_never_runs(case_of: CaseOf, tmp_path: Path, ending: str) -> None:
    if ending != ".skops":
        pytest.importorskip({".onnx": "onnxruntime", ".txt": "lightgbm", ".cbm": "catboost"}.get(ending, "xgboost"))
    (tmp_path / f"model{ending}").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(ModelError, match=f"model{ending}' cannot be loaded as"):
        load_model(case_of(model=f"model{ending}"))
    assert not (tmp_path / "ran").exists()


def test_a_pickle_changed_after_it_was_trusted_never_runs(case_of: CaseOf, tmp_path: Path, fitted: LogisticRegression) -> None:
    case = case_of(model="model.pkl")
    joblib.dump(fitted, tmp_path / "model.pkl")
    trust_case(case)
    assert load_model(case).description == "LogisticRegression"
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(ModelError, match="it changed since you trusted it"):
        load_model(case)
    assert not (tmp_path / "ran").exists()


def test_a_model_is_told_in_a_few_lines(case_of: CaseOf, fitted: LogisticRegression) -> None:
    model = callable_model(lambda frame: np.zeros(len(frame)), case_of(), columns=("a",))
    assert len(repr(replace(model, trees=cast("Any", np.zeros(10_000)), estimator=fitted, native=list(range(999))))) < 400


def test_no_screen_takes_a_model() -> None:
    assert not {ending.removeprefix(".") for ending in (*PICKLES, ".skops", ".onnx", ".ubj", ".cbm")} & set(SUFFIXES)


def test_types_that_trust_allows_are_loaded_then(case_of: CaseOf, tmp_path: Path, fitted: LogisticRegression) -> None:
    strange = make_pipeline(FunctionTransformer(func=pd.isna), fitted)
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(strange))
    case = case_of(features=["a", "b"])
    with pytest.raises(ModelError, match=r"harmless: .*isna"):
        load_model(case)
    assert "types of other packages" in "".join(brought(trust_case(case).content))
    assert load_model(case).columns == ("a", "b")


def test_a_model_outside_the_case_is_not_read(case_of: CaseOf, tmp_path: Path) -> None:
    (tmp_path.parent / "outside.skops").write_bytes(b"x")
    with pytest.raises(ModelError, match="leads out of the case folder"):
        load_model(case_of(model="../outside.skops"))
    (tmp_path / "link.skops").symlink_to(tmp_path.parent / "outside.skops")
    with pytest.raises(ModelError, match="leads out of the case folder"):
        load_model(case_of(model="link.skops"))


def test_strange_types_in_skops_are_named_and_not_loaded(case_of: CaseOf, tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(FunctionTransformer(func=Path.touch)))
    with pytest.raises(ModelError, match=r"types that are not known to be harmless: .*touch.* Nothing of it was loaded"):
        load_model(case_of())


def test_the_audit_names_all_types_and_loads_nothing(case_of: CaseOf, tmp_path: Path) -> None:
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=2).fit(pd.DataFrame({"a": [0.0, 1.0, 2.0]}), [0, 1, 1])
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(tree))
    assert audit_model(case_of()) == Audit("model.skops", ("sklearn.tree._tree.Tree",), ())
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(FunctionTransformer(func=Path.touch)))
    found = audit_model(case_of())
    assert found is not None
    assert [one.rpartition(".")[2] for one in found.others] == ["touch"]
    (tmp_path / "model.skops").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"model\.skops"):
        audit_model(case_of())
    assert audit_model(case_of(model="model.onnx")) is None


def test_skops_tells_which_types_it_needed(case_of: CaseOf, tmp_path: Path) -> None:
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=2).fit(pd.DataFrame({"a": [0.0, 1.0, 2.0]}), [0, 1, 1])
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(tree))
    model = load_model(case_of())
    assert model.types_found == ("sklearn.tree._tree.Tree",)
    assert model.predict(pd.DataFrame({"a": [0.0, 2.0]})).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("task", "content", "message"),
    [
        ("binary", StandardScaler(), "predicts nothing"),
        ("binary", LinearRegression().fit([[0.0], [1.0]], [0, 1]), "predicts numbers, not classes"),
        ("regression", LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "tells classes apart"),
        ("binary", LogisticRegression().fit([[0.0], [1.0], [2.0]], [0, 1, 2]), "knows 3 classes"),
        ("binary", LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "does not know the names of its columns"),
    ],
)
def test_a_model_that_does_not_fit_the_case_is_said(case_of: CaseOf, tmp_path: Path, task: str, content: Any, message: str) -> None:
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(content))
    with pytest.raises(ModelError, match=message):
        load_model(case_of(task))


def test_a_positive_class_that_the_model_never_saw_is_said(case_of: CaseOf, tmp_path: Path, fitted: LogisticRegression) -> None:
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(fitted))
    with pytest.raises(ModelError, match=r"positive_class is 'yes', but the classes of the model are 0, 1"):
        load_model(case_of(positive_class="yes"))


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04broken"])
def test_a_damaged_file_is_said(case_of: CaseOf, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(ModelError, match=r"model.skops' cannot be loaded as skops"):
        load_model(case_of())


def test_a_zip_without_a_schema_is_said(case_of: CaseOf, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.skops", "w") as archive:
        archive.writestr("other.txt", "nothing")
    with pytest.raises(ModelError, match="cannot be loaded as skops"):
        load_model(case_of())


def test_what_is_not_there_or_of_no_known_kind_is_said(case_of: CaseOf) -> None:
    with pytest.raises(ModelError, match=r"The model 'model.skops' is not there"):
        load_model(case_of())
    with pytest.raises(ModelError, match=r"ends in '\.h5'\. Readable are \.cbm, \.joblib"):
        load_model(case_of(model="model.h5"))


def test_a_function_is_a_model(case_of: CaseOf) -> None:
    model = callable_model(lambda rows: rows["a"] / 10, case_of(threshold=0.3), columns=["a"])
    rows = pd.DataFrame({"a": [1.0, 3.0]})
    assert model.probability(rows).tolist() == [0.1, 0.3]
    assert model.predict(rows).tolist() == [0, 1]
