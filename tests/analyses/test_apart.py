"""No row stands on both sides of a comparison."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.apart import take_apart
from monitor.analyses.drift import measure_drift
from monitor.analyses.multivariate import measure_multivariate
from monitor.analyses.sides import Question
from monitor.engine import SHARED, Selection, Workspace, open_tables
from monitor.errors import SelectionError

APRIL, ALL = Selection.parse("2024-04"), Selection()


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    draw = np.random.default_rng(0)
    ts = pd.date_range("2024-04-01", periods=61 * 24, freq="1h").as_unit("us")
    production = pd.DataFrame(
        {"ts": ts, "x": draw.normal(size=len(ts)), "y": draw.normal(size=len(ts)), "city": draw.choice(["a", "b"], len(ts))}
    )
    with open_tables(production, production, roles={"timestamp": "ts"}, windows="1 week", task="binary") as opened:
        yield opened


def test_shared_rows_leave_the_reference(workspace: Workspace) -> None:
    asked = Question(reference=ALL, production=APRIL)
    found = take_apart(workspace, asked)
    assert (found.reference.without, found.production) == (APRIL, APRIL)
    assert take_apart(workspace, found) == found


def test_a_reference_inside_production_leaves_production(workspace: Workspace) -> None:
    found = take_apart(workspace, Question(reference=APRIL, production=ALL))
    assert (found.reference, found.production.without) == (APRIL, APRIL)


def test_other_rows_stay_as_they_are(workspace: Workspace) -> None:
    for asked in (Question(), Question(reference=Selection(where="city = 'a'"), production=Selection(where="city = 'b'"))):
        assert take_apart(workspace, asked) == asked


def test_the_same_rows_cannot_be_compared(workspace: Workspace) -> None:
    with pytest.raises(SelectionError, match="Both sides hold the same rows"):
        take_apart(workspace, Question(reference=Selection(where="city = 'a'"), production=Selection(where="city IN ('a')")))


@pytest.mark.parametrize("measure", [measure_drift, measure_multivariate])
def test_every_analysis_says_how_many_rows_it_left_out(workspace: Workspace, measure: object) -> None:
    found = measure(workspace, Question(reference=ALL, production=APRIL))  # type: ignore[operator]
    assert found.provenance.rows["reference"]["excluded"] == {SHARED: 720}
    assert found.provenance.rows["reference"]["used"] == 744


def test_a_segment_against_the_rest(workspace: Workspace) -> None:
    found = measure_drift(workspace, Question(reference=ALL, production=Selection(where="city = 'a'"), windows="whole"))
    city = found.table[found.table["column"] == "city"]
    assert set(city["moved_from"].round(3)) <= {0.0, 1.0}
    assert (found.table["n_reference"] + found.table["n_production"]).eq(61 * 24).all()
