"""Parity with evidently 0.7.23 on 19 column pairs (tests/golden/evidently_*)."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from monitor.errors import MethodError
from monitor.stats.compat import evidently
from monitor.vocabulary import Kind

GOLDEN = Path(__file__).parents[2] / "golden"
PAIRS: dict[str, Any] = json.loads((GOLDEN / "evidently_parity.json").read_text(encoding="utf-8"))["pairs"]
RANDOM = {"empirical_mmd", "TVD"}
CASES = [(pair, name) for pair, facts in PAIRS.items() for name, golden in facts["scores"].items() if "score" in golden]
REFUSED = [(pair, name) for pair, facts in PAIRS.items() for name, golden in facts["scores"].items() if "error" in golden]
REPAIRED = ("num_tiny", "cramer_von_mises")


@cache
def inputs() -> pd.DataFrame:
    return pd.read_parquet(GOLDEN / "evidently_inputs.parquet")


@cache
def sides(pair: str) -> tuple[NDArray[Any], NDArray[Any], Kind]:
    facts, rows = PAIRS[pair], inputs()[inputs()["pair"] == pair]
    reference, production = (rows.loc[rows["side"] == side, facts["kind"]] for side in ("ref", "cur"))
    dtype = facts["num_dtype"] or object
    return reference.to_numpy(dtype=dtype), production.to_numpy(dtype=dtype), Kind.NUMERIC if facts["kind"] == "num" else Kind.CATEGORICAL


@pytest.mark.parametrize(("pair", "name"), CASES)
def test_scores_thresholds_and_verdicts_are_evidentlys(pair: str, name: str) -> None:
    golden = PAIRS[pair]["scores"][name]
    verdict = evidently.measure(f"evidently.{name}", *sides(pair))
    tolerance = 0.05 if name in RANDOM else 1e-9 if math.isnan(float(golden["score"])) or abs(float(golden["score"])) < 1e-9 else 0.0
    assert verdict.score == pytest.approx(float(golden["score"]), rel=1e-6, abs=tolerance, nan_ok=True)
    assert (verdict.threshold, verdict.drifted) == (golden["threshold"], golden["drifted"])


@pytest.mark.parametrize("pair", PAIRS)
def test_the_default_method_and_its_score_are_evidentlys(pair: str) -> None:
    facts = PAIRS[pair]
    name = evidently.choose(*sides(pair))
    assert name == f"evidently.{facts['default_method']}"
    verdict = evidently.measure(name, *sides(pair))
    assert verdict.score == pytest.approx(facts["report_default"]["score"], rel=1e-6, abs=1e-9)
    assert verdict.drifted == (facts["report_default"]["status"] == "TestStatus.FAIL")


@pytest.mark.parametrize(("pair", "name"), [case for case in REFUSED if case != REPAIRED])
def test_what_evidently_refuses_is_refused_with_a_reason(pair: str, name: str) -> None:
    with pytest.raises(MethodError, match=f"evidently.{name}"):
        evidently.measure(f"evidently.{name}", *sides(pair))


def test_the_one_crash_of_evidently_is_answered() -> None:
    assert evidently.measure("evidently.cramer_von_mises", *sides("num_tiny")).score == pytest.approx(2 / 1001)


def test_missing_values_are_dropped_and_nothing_left_is_no_drift() -> None:
    values = np.array([1.0, 2.0, np.nan, np.inf, 3.0])
    assert evidently.measure("evidently.ks", values, values[:2], Kind.NUMERIC).score == pytest.approx(1.0)
    empty = evidently.measure("evidently.psi", values, np.array([np.nan]), Kind.NUMERIC)
    assert math.isnan(empty.score)
    assert not empty.drifted


def test_a_reference_half_of_which_is_missing_is_compared_by_its_other_half() -> None:
    """What a report of evidently 0.7.23 says of these rows; its bare test function counts every nan as another value (0.0)."""
    rng = np.random.default_rng(0)
    reference, production = (rng.choice(["a", "b"], 400, p=[one, 1 - one]).astype(object) for one in (0.5, 0.6))
    reference[::2] = np.nan
    assert evidently.measure("evidently.z", reference, production, Kind.CATEGORICAL).score == pytest.approx(0.0043611971503947355)


def test_methods_for_other_kinds_and_unknown_ones_are_refused() -> None:
    levels = np.array(["a", "b"], dtype=object)
    with pytest.raises(MethodError, match="does not serve categorical"):
        evidently.measure("evidently.ks", levels, levels, Kind.CATEGORICAL)
    with pytest.raises(MethodError, match=r"Did you mean 'evidently.psi'"):
        evidently.measure("evidently.pssi", levels, levels, Kind.CATEGORICAL)
