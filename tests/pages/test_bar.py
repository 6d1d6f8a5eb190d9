"""The two sides in the global bar: any selection against any other, changed over, kept and shown again."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.export.comparisons import list_comparisons
from tests.pages.cases import HOSTILE, PRODUCTION, REFERENCE, ROLES, write
from tests.pages.seen import open_page, rendered, said

PAGES = ("overview", "drift", "predictions", "multivariate")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a case with two files of production, two versions of the model and a hostile segment."""
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path / "cases"))
    folder = tmp_path / "cases" / "shop"
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
    app = open_page("drift")
    assert (box(app, "Model version of A"), box(app, "Model version of B")) == (["1"], ["1", "2"])
    assert (box(app, "File of A"), box(app, "File of B")[0]) == ([], "early.parquet")
    assert box(open_page("drift", query={"a_data": "production"}), "File of A")[0] == "early.parquet"


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"version": "2"}, "production, version 2 against the reference set"),
        ({"file": "early.parquet"}, "all of production"),  # not a name of the address: nothing is chosen
        ({"b_file": "early.parquet"}, "production, file early.parquet against the reference set"),
        ({"a_data": "production", "a_version": "1", "version": "2"}, "B: production, version 2 against A: production, version 1"),
        ({"a_data": "production", "a_where": "city = 'Rome'", "b_where": "city = 'Paris'"}, "A: production, where city = 'Rome'"),
        ({"a_from": "2013-01-07", "a_to": "2013-01-20"}, "against reference, 7 Jan 2013 to 20 Jan 2013"),
        ({"a_data": "production", "b_data": "reference"}, "B: the reference set against A: all of production"),
        ({"a": "another period", "a_from": "2013-04-01", "a_to": "2013-04-07", "from": "2013-04-08"}, "A: production, 1 Apr 2013 to 7 Apr"),
        ({"a_data": "production", "a_to": "2013-04-14", "a": "window before"}, "against the window before (from A: production, up to 14"),
    ],
)
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


def test_presenting_shows_no_buttons(shop: Path) -> None:
    assert not open_page("drift", query={"present": "true", "version": "2"}).button
