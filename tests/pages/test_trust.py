"""What pages say of their own verdicts: what could have been seen, fixed thresholds, incidents, season, rows on both sides."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.cases import PRODUCTION, REFERENCE, write
from tests.pages.seen import open_page, said

MORE = """
[thresholds.drift.fixed]
"city:js" = 0.5

[[annotations]]
start = 2013-04-10T00:00:00
end = 2013-04-12T00:00:00
kind = "incident"
text = "Sensor *down*"

[[annotations]]
start = 2013-04-17T06:00:00
kind = "deploy"
text = "Model v2"
"""


@pytest.fixture(scope="module")
def shop(home: Path) -> Path:
    folder = home / "shop"
    tables = (table.assign(tare=np.random.default_rng(len(table)).normal(1, 0.1, len(table))) for table in (REFERENCE, PRODUCTION))
    write(folder, *tables, more=f'{MORE}\n[labels]\nweight = "Weight (kg)"\ntare = "Tare (kg)"')
    return folder


def charts(app: AppTest) -> list[str]:
    return [json.dumps(json.loads(one.proto.spec)) for one in app.get("vega_lite_chart")]


def test_the_close_up_says_what_could_have_been_seen(shop: Path) -> None:
    text = said(open_page("drift", query={"cell": "tare~2013-W15"}))
    assert "A shift of " in text
    assert " kg or " in text
    assert "points more missing values would have been seen here in 4 of 5 cases." in text


def test_the_table_has_a_column_of_it(shop: Path) -> None:
    table = open_page("drift", state={"drift_columns": True}).dataframe[0].value.set_index("Column")
    assert table.loc["Tare (kg)", "Could see"].endswith(" sd")
    assert table.loc["city", "Could see"].endswith(" points")


def test_a_fixed_threshold_is_marked(shop: Path) -> None:
    app = open_page("drift", query={"cell": "city~2013-W15"}, state={"drift_evidence": True, "drift_columns": True})
    text = said(app)
    assert app.dataframe[0].value.set_index("Column").loc["city", "Verdict"] == "● Stable (fixed)"
    assert "the fixed threshold is 0.5" in text
    assert "city: Jensen–Shannon distance reaches the fixed threshold of 0.5 in 0 windows of 4" in text
    assert "city (js) from 0.5, set by the analyst" in text


@pytest.mark.parametrize(("url", "least"), [("overview", 2), ("drift", 2), ("predictions", 3), ("multivariate", 1)])
def test_incidents_and_deploys_stand_on_axes_of_time(shop: Path, url: str, least: int) -> None:
    app = open_page(url)
    assert not app.exception
    assert sum("note_kind" in spec for spec in charts(app)) >= least


def test_windows_left_out_of_baselines_are_named(shop: Path) -> None:
    app = open_page("drift", query={"a": "window before"}, state={"drift_evidence": True})
    assert "week of 8 Apr 2013: marked as incidents" in said(app)
    assert "Left out of baselines" not in said(open_page("drift", state={"drift_evidence": True}))


@pytest.mark.parametrize("url", ["overview", "drift", "multivariate"])
def test_a_reference_of_one_season_is_told(shop: Path, url: str) -> None:
    told = [one.value.replace("\\", "") for one in open_page(url).caption]
    season = "production is also in April, so change of season cannot be told from drift."
    assert any("The reference covers one season, January" in one and season in one for one in told)
    assert season not in said(open_page(url, query={"a": "window before"}))


@pytest.mark.parametrize("url", ["overview", "drift", "multivariate"])
def test_rows_on_both_sides_are_told(shop: Path, url: str) -> None:
    app = open_page(url, query={"a_data": "production", "from": "2013-04-08"})
    assert "rows of A are in B too: left out of A, for rows compared with themselves would hide a change." in said(app)


def test_the_sides_have_their_own_names(shop: Path) -> None:
    app = open_page(
        "drift", query={"a_data": "production", "a_where": "city = 'Rome'", "b_where": "city = 'Paris'", "cell": "weight~2013-W15"}
    )
    text = said(app)
    assert "A: production, where city = 'Rome'" in "".join(charts(app))
    assert "city differs by choice and is left out of the verdict: a condition of one side names it." in text
    assert "'city': the sides were chosen by it" in text
    assert "differs beyond chance" in text or " differ" in app.title[0].value
    assert "since" not in app.title[0].value
    assert "eference" not in "".join(one.label for one in app.metric)
