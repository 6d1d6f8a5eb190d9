"""Runs on the screens: grouped by where they stand in time, looked at whole or by one window, pinned, and so is silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.export.pins import list_pins
from tests.pages.cases import REFERENCE, rows, write
from tests.pages.seen import open_page, rendered, said

Use = Callable[[str], Path]


@pytest.fixture(scope="module")
def came_back(home: Path) -> Path:
    """Return a case whose weight is higher in the second and third of six weeks, the last of which is cut short."""
    production = rows("2013-04-01", 5 * 168 + 50)
    inside = production["time"].between("2013-04-08 05:00", "2013-04-22 03:00")
    production["weight"] += 2.0 * inside
    write(home / "back", REFERENCE, production)
    return home / "back"


def headings(app: AppTest) -> list[str]:
    return [text.replace("\\", "") for text in rendered(app) if text.startswith("#### ")]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_the_overview_groups_what_goes_on_and_what_is_over(use: Use, came_back: Path) -> None:
    assert any(one.startswith("#### Over (") for one in headings(open_page("overview")))
    use("shop")
    assert any(one.startswith("#### Going on (") for one in headings(open_page("overview")))


def test_a_run_is_shown_whole_and_by_one_window(came_back: Path) -> None:
    app = open_page("drift", query={"cell": "weight~2013-W16"})
    assert headings(app) == ["#### weight, 8 to 21 Apr 2013"]
    options = next(one for one in app.segmented_control if one.key == "drift_span").options
    assert [str(getattr(one, "content", one)) for one in options] == ["All 2 weeks", "Week of 15 Apr 2013"]
    app.segmented_control(key="drift_span").set_value("Week of 15 Apr 2013").run()
    assert headings(app) == ["#### weight, week of 15 Apr 2013"]


def test_a_finding_of_the_list_stands_in_the_address(came_back: Path) -> None:
    app = press(open_page("drift", query={"cell": "city~2013-W14"}), "See it")
    assert "".join(app.query_params["run"]).startswith("weight~")
    assert headings(app)[0].startswith("#### weight, ")


def test_a_run_in_the_address_that_is_not_there_is_left_aside(came_back: Path) -> None:
    app = open_page("drift", query={"cell": "weight~2013-W16", "run": "![x](http://evil.example/p.png)"})
    assert not app.exception
    assert headings(app) == ["#### weight, 8 to 21 Apr 2013"]


def test_that_nothing_changed_is_pinned(came_back: Path) -> None:
    app = press(open_page("drift", query={"cell": "city~2013-W14"}), "Pin")
    assert not app.exception
    kept = list_pins(load_case(came_back)).pins[0]
    assert kept.title == "city did not change beyond chance in week of 1 Apr 2013"
    assert "would have been seen here" in said(open_page("findings"))


def test_a_window_that_is_cut_short_is_no_key_figure(came_back: Path) -> None:
    whole, short = "week of 29 Apr 2013", "week of 6 May 2013"
    figures = [*open_page("overview").metric, *open_page("predictions").metric]
    told = "".join(f"{one.label} {one.proto.help}" for one in figures)
    assert whole in told
    assert short not in told
    assert f"Faint bars: cut short ({short})" in said(open_page("overview"))


@pytest.mark.parametrize(("size", "word"), [("2 weeks", "first: 2 weeks from 25 Mar 2013"), ("3 days", "3 days from ")])
def test_windows_are_called_by_their_size(use: Use, size: str, word: str) -> None:
    use("shop")
    text = said(open_page("drift", query={"win": size}))
    assert word in text
    assert "week of" not in text


def test_a_pin_of_an_earlier_version_still_opens(came_back: Path) -> None:
    folder = came_back / ".driftscope" / "pins"
    folder.mkdir(parents=True)
    old = """{"id": "20240101T000000000000-00000000", "created": "2024-01-01T00:00:00Z", "case": "Shop", "title": "weight higher",
        "sentence": "weight has been higher.", "analysis": "drift", "view": "win=1+week", "format": 1,
        "finding": {"column": "weight", "label": "weight", "status": "alert", "onset": "2013-W15", "last": "2013-W16", "worst": "2013-W16",
                    "direction": "higher", "windows_alarmed": 2, "windows_judged": 5, "ongoing": false, "score": 0.5, "expected": 0.1},
        "rows": [{"column": "weight", "window": "2013-W16", "method": "js", "primary": true, "status": "alert", "score": 0.5,
                  "expected": 0.1, "threshold": 0.05, "phi": 1.2, "n_production": 168}]}"""
    (folder / "20240101T000000000000-00000000.json").write_text(old, encoding="utf-8")
    app = open_page("findings")
    assert not app.exception
    assert not app.warning
    assert app.dataframe[0].value["Expected up to"].tolist() == ["0.1"]
