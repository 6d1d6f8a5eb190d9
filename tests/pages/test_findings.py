"""The page Findings in Streamlit's own test harness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import Case, load_case
from monitor.charts import volume_chart
from monitor.export.charts import to_vega_lite
from monitor.export.pin import Pin, new_pin
from monitor.export.pins import comment, list_pins, pin, unpin
from monitor.ui.findings_page import link_of
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said

CHART = to_vega_lite(volume_chart(pd.DataFrame({"window": ["2013-W14", "2013-W15"], "rows": [100, 200]}), theme="dark"))
ROW = {
    "column": "weight", "window": "2013-W15", "method": "js", "primary": True, "status": "alert", "score": 0.51, "expected": 0.12,
    "n_production": 168, "moved_cell": "> 6", "moved_from": 0.1, "moved_to": 0.7,
}  # fmt: skip


@pytest.fixture
def case(shop: Path) -> Case:
    return load_case(shop)


def kept(case: Case, title: str = "weight higher", **parts: Any) -> Pin:
    """Pin a finding on the column `weight`."""
    finding = {"column": "weight", "worst": "2013-W15", "status": parts.pop("status", "alert")}
    usual = {"sentence": "weight has been higher.", "analysis": "drift", "finding": finding, "rows": (ROW,), "charts": (CHART,)}
    own = {"created": parts.pop("created")} if "created" in parts else {}
    return pin(case, replace(new_pin(case=case.name, title=title, **{**usual, **parts}), **own))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_the_empty_page_says_how_to_pin(case: Case) -> None:
    app = open_page("findings")
    assert "Pin this finding" in said(app)
    assert not app.metric


def test_the_newest_finding_is_in_the_answer(case: Case) -> None:
    kept(case, "first")
    kept(case, "second *one*", created="2013-07-01T04:00:00Z")
    app = open_page("findings")
    assert app.title[0].value == r"2 findings are pinned\."
    assert r"The newest, of 1 Jul 2013, 00\:00\: second \*one\*\." in app.markdown[0].value


def test_a_card_shows_sentence_chart_and_figures(case: Case) -> None:
    kept(case)
    app = open_page("findings")
    assert "weight has been higher." in said(app)
    drawn = app.get("vega_lite_chart")[0].proto
    assert '"width": "container"' in drawn.spec
    table = app.dataframe[0].value
    assert table.iloc[0].to_dict() == {
        "Window": "week of 8 Apr 2013", "Rows": "168", "Method": "Jensen–Shannon distance", "Score": "0.51", "Expected up to": "0.12",
        "Verdict": "alert", "Moved most": "> 6", "Before": "10%", "Then": "70%",
    }  # fmt: skip


def test_a_comment_is_saved_in_place(case: Case) -> None:
    one = kept(case)
    app = open_page("findings")
    app.text_area[0].set_value("It is the season.\n![x](http://evil.example/p.png)").run()
    assert list_pins(case).pins[0].comment == "It is the season.\n![x](http://evil.example/p.png)"
    assert list_pins(case).pins[0].id == one.id
    assert app.text_area[0].value.startswith("It is the season.")


def test_a_comment_from_another_window_is_shown(case: Case) -> None:
    one = kept(case)
    app = open_page("findings")
    comment(case, one.id, "from elsewhere")
    assert app.run().text_area[0].value == "from elsewhere"


def test_what_is_unpinned_can_be_undone(case: Case) -> None:
    one = kept(case)
    app = press(open_page("findings"), "Unpin")
    assert list_pins(case).pins == ()
    assert "No finding is pinned yet." in said(app)
    press(app, "Undo")
    assert list_pins(case).pins == (one,)


def test_the_trash_gives_back_what_was_unpinned_earlier(case: Case) -> None:
    one = kept(case)
    unpin(case, one.id)
    app = press(open_page("findings"), "Put back")
    assert list_pins(case).pins == (one,)
    assert "1 finding is pinned" in said(app)


def test_a_pin_taken_away_in_another_window_is_told(case: Case) -> None:
    one = kept(case)
    app = open_page("findings")
    unpin(case, one.id)
    assert "taken away in another window" in press(app, "Unpin").toast[0].value


def test_a_file_that_cannot_be_read_is_named_and_left(case: Case) -> None:
    one = kept(case)
    folder = case.root / ".driftscope" / "pins"
    (folder / "![x](evil).json").write_text("not json")
    app = open_page("findings")
    assert not app.exception
    assert app.warning[0].proto.title == r"Not readable: \!\[x\]\(evil\)\.json"
    assert one.title in said(app)
    assert (folder / "![x](evil).json").read_text() == "not json"
    assert not open_page("findings", query={"present": "true"}).warning


@pytest.mark.parametrize(
    "chart",
    [
        {"mark": "bar", "data": {"url": "http://evil.example/d.json"}},
        {"mark": {"type": "image"}, "data": {"values": [{"a": 1}]}, "encoding": {"url": {"value": "http://evil.example/p.png"}}},
        {"mark": "bar", "data": {"values": [{"a": 1}]}, "transform": [{"lookup": "a", "from": {"data": {"url": "http://evil.example"}}}]},
        {"mark": "bar"},
    ],
)
def test_a_chart_that_would_load_something_is_not_drawn(case: Case, chart: dict[str, Any]) -> None:
    kept(case, charts=(chart, CHART))
    app = open_page("findings")
    assert len(app.get("vega_lite_chart")) == 1
    assert "so it is not drawn" in said(app)


def test_hand_written_rows_and_provenance_do_no_harm(case: Case) -> None:
    odd = {**ROW, "score": "![x](http://evil.example)", "expected": None, "n_production": "many", "moved_to": [1], "status": "worse"}
    kept(case, rows=(odd,), provenance={"sql": "none", "rows": {"reference": 3}}, created="yesterday", analysis="nothing", finding={})
    app = open_page("findings")
    assert not app.exception
    assert "yesterday" in said(app)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_pin_is_rendered_as_markup(case: Case, text: str) -> None:
    kept(case, text, sentence=text, comment=text, view=text, provenance={"selections": {"production": text}, "settings": {"windows": text}})
    for query in ({}, {"present": "true"}):
        app = open_page("findings", query=query)
        assert not app.exception
        assert [one for one in rendered(app) if text in one] == []
        assert text in said(app)


def test_the_most_severe_come_first_when_asked(case: Case) -> None:
    kept(case, "the alert")
    kept(case, "the warning", status="warning")
    app = open_page("findings", query={"findings_order": "most severe first"})
    assert [one.value for one in app.markdown if one.value.startswith("#### ")] == ["#### the alert", "#### the warning"]


def test_presenting_shows_findings_without_controls(case: Case) -> None:
    kept(case, comment="Seen by the team.")
    app = open_page("findings", query={"present": "true"})
    assert "> Seen by the team." in said(app)
    assert [len(app.button), len(app.text_area), len(app.get("download_button"))] == [0, 0, 0]


def test_many_findings_are_shown_by_pages(case: Case) -> None:
    for number in range(25):
        kept(case, f"finding {number}", charts=())
    app = open_page("findings")
    assert sum(one.value.startswith("#### ") for one in app.markdown) == 20
    app = open_page("findings", query={"findings_page": "2"})
    assert [one.value for one in app.markdown if one.value.startswith("#### ")][-1] == "#### finding 0"


def test_the_link_shows_the_same_view_again(case: Case) -> None:
    one = kept(case, view="where=city+%3D+%27a%26b%27&cell=weight~2013-W14&present=true&case=other")
    assert link_of(one, "shop").texts() == {"where": "city = 'a&b'", "cell": "weight~2013-W14", "case": "shop"}


def test_a_link_without_a_cell_goes_to_the_worst_window(case: Case) -> None:
    assert link_of(kept(case, view="win=1+day"), "shop").texts() == {"cell": "weight~2013-W15", "win": "1 day", "case": "shop"}


def test_the_view_of_an_older_pin_of_predictions_goes_to_its_cell(case: Case) -> None:
    one = kept(case, view="cell=score~2013-W14&run=score~x", analysis="predictions")
    assert link_of(one, "shop").texts() == {"predictions_cell": "score~2013-W14", "predictions_run": "score~x", "case": "shop"}


def test_pins_are_read_when_the_data_are_gone(case: Case) -> None:
    kept(case)
    (case.root / "production.parquet").unlink()
    app = open_page("findings")
    assert not app.error
    assert "weight has been higher." in said(app)
