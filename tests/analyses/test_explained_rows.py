"""Any row is explained as the sampled ones are: the same numbers, whichever way they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monitor.analyses.explained_rows import row_explainer, sampled_rows
from monitor.analyses.explanations import measure_explanations
from monitor.case import load_case
from monitor.engine import Selection, open_workspace, places_of
from tests.judgement.test_explanations import brought, modelled


@pytest.mark.parametrize("made", [modelled, brought])
def test_a_row_that_is_asked_for_has_the_numbers_that_it_has_among_the_sampled_ones(tmp_path: Path, made: object) -> None:
    with open_workspace(load_case(made(tmp_path / "case"))) as workspace:  # type: ignore[operator]
        sampled = sampled_rows(result := measure_explanations(workspace, rows=200))
        asked = row_explainer(workspace, rows=200).rows("production", result.sides[1].place[5:8])
        np.testing.assert_allclose(asked.attributions.values, sampled.attributions.values[5:8], atol=1e-9)
        np.testing.assert_allclose(asked.told(), sampled.told()[5:8], atol=1e-5)  # brought scores are rounded
        assert [name for name, _ in asked.parts(0)] == [name for name, _ in sampled.parts(5)]


def test_a_row_is_found_by_its_id(tmp_path: Path) -> None:
    with open_workspace(load_case(modelled(tmp_path / "case"))) as workspace:
        assert places_of(workspace, Selection(), "row", "17").tolist() == [[0, 17]]
        assert places_of(workspace, Selection(where="row > 20"), "row", "17").shape == (0, 2)
        assert places_of(workspace, Selection(), "row", "no' such").shape == (0, 2)
