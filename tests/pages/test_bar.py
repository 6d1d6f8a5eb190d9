"""The two sides in the global bar: any selection against any other, changed over, kept and shown again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.export.comparisons import list_comparisons
from tests.pages.cases import HOSTILE, PRODUCTION, REFERENCE, ROLES, write
from tests.pages.seen import open_page, rendered, said

PAGES = ("overview", "drift", "predictions", "multivariate")


@pytest.fixture(scope="module")
def shop(home: Path) -> Path:
    """Return a case with two files of production, two versions of the model and a hostile segment."""
    folder = home / "shop"
    half = len(PRODUCTION) // 2
    versions = ["1"] * half + ["2"] * half
    write(folder, REFERENCE.assign(build="1"), PRODUCTION, roles=f'{ROLES}\nmodel_version = "build"')
    toml = folder / "case.toml"
    toml.write_text(toml.read_text().replace('"production.parquet"', '"live/*.parquet"'))
    (folder / "production.parquet").unlink()
    (folder / "live").mkdir()
    tables = PRODUCTION.assign(build=versions)
    tables.iloc[:half].to_parquet(folder / "live" / "early.parquet")
    tables.iloc[half:].to_parquet(folder / "live" / f"late {HOSTILE[1].replace('/', '')}.parquet")
    return folder


def box(app: AppTest, label: str) -> list[str]:
    return next((list(one.options) for one in app.selectbox if one.label == label), [])


def test_versions_and_files_of_the_data_are_offered(shop: Path) -> None:
    # Whichever data set a side is: both can be changed before they are applied together.
    app = open_page("drift")
    assert (box(app, "Model version of A"), box(app, "Model version of B")) == (["1", "2"], ["1", "2"])
    assert (box(app, "File of A")[0], box(app, "File of B")[0]) == ("early.parquet", "early.parquet")


SIDES = (
    ({"version": "2"}, "production, version 2 against the reference set"),
    ({"file": "early.parquet"}, "all of production"),  # not a name of the address: nothing is chosen
    ({"b_file": "early.parquet"}, "production, file early.parquet against the reference set"),
    ({"a_data": "production", "a_version": "1", "version": "2"}, "B: production, version 2 against A: production, version 1"),
    ({"a_data": "production", "a_where": "city = 'Rome'", "b_where": "city = 'Paris'"}, "A: production, where city = 'Rome'"),
    ({"a_from": "2013-01-07", "a_to": "2013-01-20"}, "against reference, 7 Jan to 20 Jan 2013"),
    ({"a_data": "production", "b_data": "reference"}, "B: the reference set against A: all of production"),
    ({"a": "another period", "a_from": "2013-04-01", "a_to": "2013-04-07", "from": "2013-04-08"}, "A: production, 1 Apr to 7 A"),
    ({"a_data": "production", "a_to": "2013-04-14", "a": "window before"}, "against the window before (from A: production, up to 14"),
)
"""What is asked, and what the bar says of it: the bar is the same on each page, so each asks some of them."""


@pytest.mark.parametrize(("url", "query", "words"), [(PAGES[place % len(PAGES)], *one) for place, one in enumerate(SIDES)])
def test_any_selection_is_compared_with_any_other(shop: Path, url: str, query: dict[str, str], words: str) -> None:
    app = open_page(url, query=query)
    assert not app.exception
    assert [one.value for one in app.error] == []
    assert words in said(app)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"version": "3"}, "Nothing is selected"),
        ({"b_file": HOSTILE[1]}, "The production has no file"),
        ({"a_data": "production"}, "Both sides hold the same rows"),
        ({"a_where": "city = 'Rome' OR"}, "is not a condition"),
        ({"a_where": "city = 'Rome') OR (1 = 1", "where": "weight > 0"}, "is not a condition"),
    ],
)
def test_what_cannot_be_compared_is_explained(shop: Path, query: dict[str, str], message: str) -> None:
    app = open_page("drift", query=query)
    assert not app.exception
    assert app.error
    assert message in said(app)
    assert [text for text in rendered(app) if HOSTILE[1] in text] == []


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def field(app: AppTest, key: str) -> Any:
    return next(one for kind in (app.selectbox, app.text_input, app.segmented_control, app.multiselect) for one in kind if one.key == key)


def test_several_changes_of_the_sides_are_applied_at_once(shop: Path) -> None:
    app = open_page("drift")
    before = said(app)
    field(app, "a_data").set_value("production")
    field(app, "a_version").set_value("1")
    field(app, "version").set_value("2")
    field(app, "b_where").set_value("weight > 1")
    assert "a_version" not in app.query_params
    press(app, "Apply")
    assert "B: production, version 2, where weight > 1 against A: production, version 1" in said(app)
    assert {name: app.query_params[name] for name in ("a_data", "a_version", "version", "b_where")} == {
        "a_data": "production", "a_version": "1", "version": "2", "b_where": "weight > 1",
    }  # fmt: skip
    assert "a" not in app.query_params
    assert "B: production" not in before


def test_a_comparison_is_chosen_by_its_name(shop: Path) -> None:
    app = open_page("drift")
    offered = box(app, "Compare")
    assert offered[0] == "All of production against the reference"
    assert "Version 2 against version 1" in offered
    field(app, "comparison_preset").set_value("22 Apr 2013 to 28 Apr 2013 against the period before").run()
    assert "B: production, 22 Apr to 28 Apr 2013 against A: production, 15 Apr to 21 Apr 2013" in said(app)
    assert field(app, "comparison_preset").value is None


def test_values_are_picked_from_a_list_and_taken_back_by_their_chip(shop: Path) -> None:
    app = open_page("drift", query={"where": "weight > 1"})
    field(app, "pick_column").set_value("city").run()
    assert [one.split(" (")[0] for one in field(app, "pick_values").options] == ["Rome", "Paris"]  # the most frequent first
    field(app, "pick_values").set_value(["Rome"]).run()
    assert app.query_params["where"] == "weight > 1"
    next(one for one in app.button if one.key == "pick_apply").click().run()
    assert app.query_params["where"] == "\"city\" IN ('Rome') AND (weight > 1)"
    assert not app.error
    assert field(open_page("drift", query={"where": app.query_params["where"]}, state={"pick_column": "city"}), "pick_values").value == [
        "Rome"
    ]
    press(app, "city is Rome")
    assert app.query_params["where"] == "weight > 1"
    press(app, "weight \\> 1")
    assert "where" not in app.query_params


def test_values_of_one_side_only(shop: Path) -> None:
    app = open_page("drift", state={"pick_column": "city", "pick_of": "only B"})
    field(app, "pick_values").set_value(["Paris"]).run()
    next(one for one in app.button if one.key == "pick_apply").click().run()
    assert app.query_params["b_where"] == "\"city\" IN ('Paris')"
    assert "B\\: city is Paris" in [one.label for one in app.button]


@pytest.mark.parametrize(("query", "offered"), [({}, ["1 week", "whole"]), ({"win": "1 day"}, ["1 week", "whole", "1 day"])])
def test_only_windows_that_fit_are_offered(shop: Path, query: dict[str, str], offered: list[str]) -> None:
    # Four weeks of hourly rows: an hour or a day holds too few rows to be judged, a month is longer than the data.
    assert box(open_page("drift", query=query), "Window") == offered


def test_sides_change_places_and_back(shop: Path) -> None:
    query = {"a_data": "production", "a_version": "1", "version": "2", "from": "2013-04-10", "b_where": "weight > 1"}
    app = open_page("drift", query=query)
    before = app.caption[0].value
    press(app, "Swap A and B")
    assert not app.exception
    assert "A: production, from 10 Apr 2013 on, version 2, where weight > 1" in said(app)
    assert "B: production, version 1 against" in said(app)
    assert press(app, "Swap A and B").caption[0].value == before


def test_a_comparison_is_pinned_shown_again_and_unpinned(shop: Path) -> None:
    app = open_page(
        "drift", query={"b_where": "city = 'Rome'", "win": "1 day", "from": "2013-04-03"}, state={"comparison_name": HOSTILE[1]}
    )
    press(app, "Pin this comparison")
    kept = list_comparisons(load_case(shop)).kept[0]
    assert kept.choices == {
        "a_data": "reference",
        "b_data": "production",
        "a": "all of A",
        "b_where": "city = 'Rome'",
        "win": "1 day",
        "from": "2013-04-03",
    }
    again = open_page("drift", state={"comparison": HOSTILE[1]})
    assert "all of production against the reference set" in said(again)
    press(again, "Show it")
    assert "production, from 3 Apr 2013 on, where city = 'Rome' against the reference set" in said(again)
    assert next(one.value for one in again.selectbox if one.label == "Window") == "1 day"
    assert [text for text in rendered(again) if HOSTILE[1] in text] == []
    press(again, "Unpin")
    assert list_comparisons(load_case(shop)).kept == ()
    assert "Its file moved to the trash folder" in said(again)


def test_a_name_that_is_taken_is_told(shop: Path) -> None:
    app = open_page("drift", state={"comparison_name": "Rome"})
    press(app, "Pin this comparison")
    app.session_state["comparison_name"] = "Rome"
    press(app, "Pin this comparison")
    assert "There is a comparison called 'Rome'" in said(app)


def test_presenting_shows_no_buttons_but_those_of_slides(shop: Path) -> None:
    assert not open_page("drift", query={"present": "true", "version": "2", "drift_show": "all"}).button
    assert {one.key for one in open_page("drift", query={"present": "true", "version": "2"}).button} <= WAYS


WAYS = {"slide_back", "slide_next", "slide_leave"}


@pytest.fixture(scope="module")
def never(home: Path) -> Path:
    """Return a case of which one row of production has a time that Python does not know."""
    folder = home / "never"
    write(folder, REFERENCE, PRODUCTION)
    table = pq.read_table(folder / "production.parquet")
    times = table["time"].to_numpy().astype("datetime64[us]").copy()
    times[7] = np.datetime64("10000-01-01", "us")
    at = table.schema.get_field_index("time")
    pq.write_table(table.set_column(at, "time", pa.array(times)), folder / "production.parquet")
    return folder


@pytest.mark.parametrize("page", ["overview", "drift", "quality", "rows"])
def test_one_time_beyond_all_years_stops_no_page(never: Path, page: str) -> None:
    app = open_page(page, query={"case": never.name})
    assert [one.value for one in app.exception] == []
    if page in ("drift", "quality"):
        assert "1 row of production has a time before 1678 or after 2261, and lies in no window." in said(app)
