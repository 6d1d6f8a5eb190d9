"""Counted sides are measured without a workspace."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.analyses.drift import measure_counted
from monitor.analyses.drift_result import MEASURED
from monitor.errors import MethodError
from monitor.stats.methods.catalogue import CATALOGUE
from tests.judgement.counted_sides import levels, normal, sides

RNG = np.random.default_rng(0)
SIDES = sides(
    {
        "x": (normal(RNG, 10), normal(RNG, 4, mean=1.0)),
        "kind": (levels(RNG, 10, {"a": 0.7, "b": 0.3}), levels(RNG, 4, {"a": 0.7, "b": 0.3})),
    }
)


def test_every_column_window_and_method_has_a_row() -> None:
    table = measure_counted(SIDES, methods=["js", "psi", "ks"]).table
    assert list(table.columns) == list(MEASURED.columns)
    assert table.groupby("column")["method"].unique().map(set).to_dict() == {"x": {"js", "psi", "ks"}, "kind": {"js", "psi"}}
    assert table.groupby(["column", "method"]).size().eq(4).all()
    assert set(table["basis"]) == {"cells"}


def test_scores_are_those_of_the_method() -> None:
    result = measure_counted(SIDES, methods=["psi"], labels={"x": "Size"})
    mine = result.table[result.table["column"] == "x"]
    assert (mine["score"] > 0.2).all()
    assert (result.table.loc[result.table["column"] == "kind", "score"] < 0.05).all()
    assert result.labels == {"x": "Size", "kind": "kind"}
    assert result.provenance.rows["production"]["used"] == 1_200


def test_methods_that_need_every_value_are_refused() -> None:
    exact = next(one.id for one in CATALOGUE if one.on_cells is None and one.on_values is not None)
    with pytest.raises(MethodError, match=f"'{exact}' needs every value"):
        measure_counted(SIDES, methods=[exact])
