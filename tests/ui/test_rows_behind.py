"""A finding leads to its own rows: as many as it counted, and no others of their windows."""

from __future__ import annotations

import pandas as pd
import pytest

from monitor.analyses.adversaries import measure_adversaries
from monitor.analyses.drift import measure_drift
from monitor.analyses.outliers import measure_outliers
from monitor.cells import CellPlace, PlaceKind
from monitor.engine import Selection, Workspace, open_tables, page_of_rows, place_condition
from monitor.errors import SelectionError
from monitor.judgement.adversaries import judge_adversaries
from monitor.judgement.drift import judge_drift
from monitor.judgement.finding import FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.outliers import judge_outliers
from monitor.ui.rows_behind import finding_asked, rows_behind, rows_link
from tests.judgement.test_adversaries import ROLES, rows, with_ring
from tests.judgement.test_outliers import rows as outlier_rows

ORDER, SHOPS = {"id": "order"}, {"timestamp": "at", "id": "order", "segments": ["shop"]}
ODD = pd.Timestamp("2024-02-15")


@pytest.fixture(scope="module")
def opened() -> Workspace:
    """Return a ring on 10 February and a city in capitals from the 15th on."""
    now = with_ring()
    now.loc[(now["at"] >= ODD) & now["city"].eq("Oslo"), "city"] = "OSLO"
    return open_tables(rows("2024-01-01", 28, 0), now, roles=ROLES, task="binary", windows="1 week")


def shown(workspace: Workspace, judged: Judged, name: str) -> pd.DataFrame:
    behind = rows_behind(workspace, judged, finding_asked(judged, name))
    page = page_of_rows(
        workspace,
        behind.narrowed(Selection()),
        ["order", "at", "shop", "city" if "city" in workspace.columns else "day"],
        among=behind.places,
        most=5_000,
    )
    assert page.total == len(page.place) == behind.counted
    return pd.DataFrame(page.table.to_pandas())


def test_a_ring_leads_to_its_rows_and_not_to_its_week(opened: Workspace) -> None:
    found = judge_adversaries(measure_adversaries(opened))
    ring = found.findings[0]
    assert rows_link(opened, found, ring)["rows_finding"] == f"adversaries/{ring.id}"
    assert set(shown(opened, found, ring.id)["order"]) == set(found.behind[ring.id].ids)
    with pytest.raises(SelectionError, match="there is no finding 'x'"):
        finding_asked(found, "x")


def test_outliers_of_a_segment_lead_to_its_flagged_rows_of_their_days() -> None:
    before = outlier_rows("2026-01-01", 40, seed=0, per_day=300)
    now = outlier_rows("2026-03-01", 20, seed=1, odd="global", odd_from=12, per_day=300)
    opened = open_tables(before.rename(columns=ORDER), now.rename(columns=ORDER), roles=SHOPS, windows="1 day")
    found = judge_outliers(measure_outliers(opened))
    one = next(one for one in found.findings if one.what == "shop = b")
    mine = shown(opened, found, one.id)
    assert set(mine["shop"]) == {"b"}
    assert mine["at"].min() >= pd.Timestamp("2026-03-13")


def test_a_level_that_was_never_there_leads_to_its_rows_in_words_that_can_be_changed(opened: Workspace) -> None:
    found = judge_drift(measure_drift(opened))
    one = next(one for one in found.findings if one.kind is FindingKind.UNSEEN)
    link = rows_link(opened, found, one)
    assert link["rows_where"] == "\"city\" = 'OSLO'"
    assert (link["rows_from"], link["rows_to"], link["rows_finding"]) == (one.window, one.last_window, None)
    assert set(shown(opened, found, one.id)["city"]) == {"OSLO"}


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (CellPlace(PlaceKind.BELOW, upper=20.0), lambda age: age < 20),
        (CellPlace(PlaceKind.BETWEEN, 20.0, 30.0), lambda age: (age > 20) & (age <= 30)),
        (CellPlace(PlaceKind.VALUE, 33.0, 33.0), lambda age: age == 33),
        (CellPlace(PlaceKind.ABOVE, lower=70.0), lambda age: age > 70),
        (CellPlace(PlaceKind.MISSING), lambda age: age.isna()),
    ],
)
def test_a_place_is_a_condition(opened: Workspace, place: CellPlace, wanted: object) -> None:
    where = place_condition(opened, "age", place, "production")
    assert page_of_rows(opened, Selection(where=where), ["age"]).total == int(wanted(with_ring()["age"]).sum())  # type: ignore[operator]
