"""Joint drift through the whole path: tables in DuckDB, sums by window, scores, verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.joint_rules import _p_of_blocks
from monitor.analyses.multivariate import measure_multivariate, rows_behind
from monitor.analyses.sides import Question
from monitor.engine import Selection, Workspace, build_cells, open_matrix, open_tables
from monitor.errors import MethodError
from monitor.judgement.multivariate import judge_multivariate
from monitor.stats.multivariate.catalogue import DEFAULT, JOINT
from monitor.stats.multivariate.rows import Rows

GOLDEN = Path(__file__).parents[1] / "golden"
DEFAULTS = [one for one in DEFAULT if one != "rules"]


def together(days: int, seed: int, *, start: str = "2024-01-01", broken_from: int | None = None) -> pd.DataFrame:
    """Return 100 rows a day of two numbers and a category that go together; from a day on half of the rows lose it, margins unchanged."""
    draw = np.random.default_rng(seed)
    n = days * 100
    a = draw.normal(size=n)
    b = 0.8 * a + 0.6 * draw.normal(size=n)
    kind = np.where(a + 0.5 * draw.normal(size=n) > 0, "high", "low")
    lost = (np.arange(n) >= n if broken_from is None else np.arange(n) >= broken_from * 100) & (draw.random(n) < 0.5)
    b[lost] = draw.permutation(b[lost])
    kind[lost] = draw.permutation(kind[lost])
    return pd.DataFrame(
        {"at": pd.date_range(start, periods=n, freq="864s"), "a": a, "b": b, "kind": kind, "free": draw.choice(["u", "v"], n), "same": 1.0}
    )


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = {"roles": {"timestamp": "at"}, "windows": "1 week", "cache": tmp_path_factory.mktemp("cache"), "labels_text": {"a": "Size (m)"}}
    production = together(56, 2, start="2024-03-25", broken_from=28)
    with open_tables(together(84, 1), production, **made) as workspace:
        yield workspace


def test_joint_permutation_is_caught_and_the_weeks_before_are_not(moved: Workspace) -> None:
    judged = judge_multivariate(measure_multivariate(moved, methods=("default", "domain_classifier")))
    alarmed = judged.table.assign(alarm=judged.table["status"].isin(["alert", "warning"])).pivot(
        index="window", columns="method", values="alarm"
    )
    assert alarmed.iloc[4:][["gaussian_distance", "correlation", "domain_classifier"]].to_numpy().all()
    assert not alarmed.iloc[:4].to_numpy().any()
    changed = judged.pairs[judged.pairs["changed"]]
    assert set(zip(changed["first_label"], changed["second_label"], strict=True)) == {
        ("Size (m)", "b"),
        ("Size (m)", "kind"),
        ("b", "kind"),
    }


def test_no_drift_is_quiet(tmp_path: Path) -> None:
    made = {"roles": {"timestamp": "at"}, "windows": "1 week", "cache": tmp_path}
    with open_tables(together(84, 3), together(56, 4, start="2024-03-25"), **made) as workspace:
        judged = judge_multivariate(measure_multivariate(workspace))
    assert set(judged.table["status"]) == {"stable"}
    assert judged.findings == ()
    assert judged.expected_false_alarms == 0.05


@pytest.mark.parametrize("name", ["car_loan", "car_price"])
def test_the_nannyml_profile_gives_the_peers_numbers_and_verdicts(tmp_path: Path, name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}_pca.json").read_text())
    columns, expected = golden["meta"]["columns"], golden["results"]["reconstruction_error"]
    frames = [pd.read_parquet(GOLDEN / f"{name}_{part}.parquet") for part in ("reference", "analysis")]
    kinds = dict.fromkeys(golden["meta"]["internals"]["categorical"], "categorical")
    kinds |= {column: "numeric" for column in columns if column not in kinds}
    made = {"windows": f"{golden['meta']['chunking']['chunk_size']} rows", "cache": tmp_path, "kinds": kinds}
    with open_tables(*(frame[columns] for frame in frames), roles={"features": columns}, **made) as workspace:
        judged = judge_multivariate(measure_multivariate(workspace, methods=["nannyml"]))
    later = np.array(golden["chunks"]["period"]) == "analysis"
    np.testing.assert_allclose(judged.table["score"], np.array(expected["value"])[later], rtol=1e-6)
    np.testing.assert_allclose(judged.table["upper"], np.array(expected["upper_threshold"])[later], rtol=1e-6)
    np.testing.assert_allclose(judged.table["lower"], np.array(expected["lower_threshold"])[later], rtol=1e-6)
    assert (judged.table["status"] == "alert").tolist() == np.array(expected["alert"])[later].tolist()


def test_evidence_names_columns_and_rows(moved: Workspace) -> None:
    result = measure_multivariate(moved)
    parts = result.evidence["contributions"]
    total = parts.groupby("window", sort=False)["value"].sum()
    scores = result.table[result.table["method"] == "pca_reconstruction"].set_index("window")["score"]
    np.testing.assert_allclose(total, scores[total.index])
    assert set(parts["column"]) == {"a", "b", "kind", "free"}
    assert [(one.what, one.reason) for one in result.skipped] == [("same", "constant")]
    points = result.evidence["map"]
    own = points[points["window"] == "2024-W16"].head(5)
    rows = rows_behind(moved, result, own)
    assert rows["at"].between("2024-04-15", "2024-04-22").all()
    shares = result.evidence["cells"].groupby("window")["value"].sum()
    np.testing.assert_allclose(shares, 1.0)


def test_other_baselines_and_selections(moved: Workspace) -> None:
    before = measure_multivariate(moved, Question(against="previous"))
    assert [one.what for one in before.skipped if one.what in JOINT] == []
    judged = judge_multivariate(before)
    for method in ("gaussian_distance", "correlation"):
        status = judged.of(method).set_index("window")["status"]
        assert status.isin(["alert", "warning"]).tolist() == [False] * 4 + [True] + [False] * 3
    assert set(judged.pairs.loc[judged.pairs["changed"], "window"]) == {"2024-W17"}
    swapped = Question(reference=Selection.parse("..2024-04-22"), production=Selection("reference"))
    assert set(judge_multivariate(measure_multivariate(moved, swapped, methods=DEFAULTS)).table["status"]) == {"stable"}


def test_where_nothing_could_be_measured_the_reason_remains(moved: Workspace) -> None:
    judged = judge_multivariate(measure_multivariate(moved, Question(against="previous"), methods=["nannyml"]))
    assert judged.table.empty
    assert any("compares with the whole reference only" in one.message for one in judged.skipped)


def test_few_reference_windows_are_cut_into_shorter_ones(moved: Workspace) -> None:
    result = measure_multivariate(moved, Question(windows="1 month"), methods=["gaussian_distance"])
    assert result.sides.count == 12
    assert set(judge_multivariate(result).table["window"]) == {"2024-03", "2024-04", "2024-05"}


def test_what_cannot_be_measured_is_said(moved: Workspace) -> None:
    with pytest.raises(MethodError, match="at least 2 columns that vary"):
        measure_multivariate(moved, Question(columns=("a", "same")))
    with pytest.raises(MethodError, match="Did you mean 'correlation'"):
        measure_multivariate(moved, methods=["corelation"])


def test_numbers_do_not_depend_on_the_run(tmp_path: Path) -> None:
    made = {"roles": {"timestamp": "at"}, "windows": "3 days", "cache": tmp_path}
    with open_tables(together(12, 1), together(6, 2, start="2024-01-13"), **made) as workspace:
        first, second = (measure_multivariate(workspace, methods=["all"]).table for _ in range(2))
    assert set(first["method"]) >= {*JOINT}
    assert first["score"].notna().any()
    pd.testing.assert_frame_equal(first, second)


def test_a_sample_is_about_as_large_as_asked_and_lies_in_its_windows(moved: Workspace) -> None:
    question = Question()
    matrix = open_matrix(moved, question.production, build_cells(moved), windows=moved.case.windows)
    rows = matrix.sample(100)
    counts = np.bincount(rows.window)
    assert ((counts > 60) & (counts < 140)).all()
    assert [len(np.unique(rows.block[rows.window == one])) for one in range(8)] == [7] * 8
    assert sum(len(batch.window) for batch in matrix.batches()) == 5600


def test_rows_of_one_block_are_one_witness() -> None:
    draw = np.random.default_rng(0)
    block = np.repeat(np.arange(200), 20)
    rows = Rows(draw.normal(size=(4000, 1)), ("a",), np.zeros((4000, 0), dtype=int), {}, block, block // 10, 20)
    one, spread = np.zeros(4000, dtype=bool), np.zeros(4000, dtype=bool)
    one[3000:3020] = True  # the whole of one block of the sixteenth window
    spread[3000:3200:10] = True  # as many rows, in all of its blocks
    assert _p_of_blocks(rows, one, 10)[5] > 0.01
    assert _p_of_blocks(rows, spread, 10)[5] < 1e-6


def test_a_column_of_rare_levels_is_not_called_constant() -> None:
    draws = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"a": draws.normal(size=1500), "b": draws.normal(size=1500), "user": draws.integers(0, 700, 1500).astype(str)})
        for _ in range(2)
    ]
    with open_tables(*frames, windows="whole", kinds={"user": "categorical"}) as workspace:
        [one] = measure_multivariate(workspace).skipped
    assert (one.what, one.reason) == ("user", "rare_levels")
    assert "constant" not in one.message
