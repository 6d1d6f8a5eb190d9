"""What is chosen stands in the address on every page; what the address asks for and cannot be honoured is said with a way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from monitor.ui.navigation import WITHOUT_BAR, entries
from tests.pages.cases import PRODUCTION, REFERENCE, ROLES, write
from tests.pages.seen import open_page, said

PAGES = [one.url for one in entries()]
WITHOUT_SIDES = ("fairness", "explanations", "imported")
COMPARING = [one.url for one in entries() if one.title not in WITHOUT_BAR and one.url not in WITHOUT_SIDES]
"""Pages that compare two sides of the shop, which has no protected column and imported nothing. What is said here comes from the frame
that all pages share, and Explanations learns a stand-in each time that it opens: its own choices are tried below, its content in
test_every_page.py."""


def shared(pages: list[str], asked: int) -> list[tuple[str, int]]:
    """Return pages with what to ask them: all of it asked once in turn, on every page something. The frame answers, the same on each."""
    return [(pages[place % len(pages)], place % asked) for place in range(max(len(pages), asked))]


CHOICES = {
    "case": "shop", "win": "2 days", "where": "weight > 1", "from": "2013-04-02", "a_to": "2013-02-20", "b_where": "city = 'Rome'",
    "drift_method": "Hellinger distance", "drift_floor": "0.2", "cell": "weight~2013-04-05", "drift_span": "one",
    "predictions_method": "Hellinger distance", "multivariate_method": "Rank correlations", "multivariate_part": "Map",
    "multivariate_matrix": "Now", "findings_order": "most severe first", "setup_tab": "This case",
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(home: Path) -> Path:
    """Return a folder of two cases, of which the second has columns of its own."""
    write(home / "shop", REFERENCE, PRODUCTION)
    own = [table.rename(columns={"weight": "height"}) for table in (REFERENCE, PRODUCTION)]
    write(home / "stall", *own, roles=ROLES, name="Stall")
    return home


def address(app: AppTest) -> dict[str, str]:
    return {name: "".join(said) for name, said in app.query_params.items()}


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


@pytest.mark.parametrize("url", PAGES)
def test_every_page_keeps_every_choice_in_the_address_and_its_links_take_them_along(cases: Path, url: str) -> None:
    app = open_page(url, query=CHOICES)
    assert not app.exception
    assert address(app) == CHOICES
    links = app.get("page_link")
    assert len(links) >= len(PAGES)
    looking = {"drift_span"} if url in ("overview", "incidents") else set()  # "See it" looks at another cell
    assert [one.proto.page for one in links if any(f"{name}=" not in one.proto.query_string for name in set(CHOICES) - looking)] == []


@pytest.mark.parametrize("url", ["overview", "drift", "findings", "setup"])
def test_the_case_is_always_in_the_address(cases: Path, url: str) -> None:
    assert address(open_page(url)) == {"case": "shop"}


OF_A_CASE = [url for url in PAGES if url != "fleet"]
"""Pages about one case; Fleet is about all of a folder, whichever the address names."""
UNKNOWN = ({"case": "shp"}, {"case": "../shop"}, {"case": "\x00"}, {"case": "x" * 9000})


@pytest.mark.parametrize(("url", "place"), shared(OF_A_CASE, len(UNKNOWN)))
def test_an_unknown_case_is_never_another_one(cases: Path, url: str, place: int) -> None:
    query = UNKNOWN[place]
    app = open_page(url, query=query)
    assert not app.exception
    assert len(app.title) == 1
    assert len(app.error) == 1
    assert {"Open shop", "Open stall"} <= {button.label for button in app.button}
    assert address(app) == query


@pytest.mark.parametrize("query", UNKNOWN)
def test_a_click_leads_from_an_unknown_case_to_one_that_there_is(cases: Path, query: dict[str, str]) -> None:
    app = press(open_page("drift", query=query), "Open stall")
    assert address(app) == {"case": "stall"}
    assert not app.error


def test_an_unknown_case_is_named_with_the_nearest(cases: Path) -> None:
    assert "There is no case 'shp'. Did you mean 'shop'?" in said(open_page("drift", query={"case": "shp"}))


REFUSED = (
    ({"where": "a" * 10_000}, "has 10,000 letters", "Clear the condition"),
    ({"where": "weight > \x00"}, "letters that cannot be shown", "Clear the condition"),
    ({"where": "heigth > 5"}, "heigth", "Clear the condition"),
    ({"from": "NaN"}, "'NaN' is not a day", "Take all days"),
    ({"from": "2013-04-08", "to": "2013-04-01"}, "swap the two days", "Take all days"),
    ({"version": "7"}, "names no column of model versions", "Any version and file"),
    ({"b_data": "prodction"}, "Did you mean 'production'", "The usual two sides"),
    ({"a": "yesterday"}, "There is no 'yesterday'", "The usual two sides"),
    ({"win": "1 wek"}, "'1 wek' is not understood", "The case's own windows"),
)
"""What is asked, what is said of it, and the way back."""


@pytest.mark.parametrize(("url", "place"), shared(COMPARING, len(REFUSED)))
def test_a_comparison_that_cannot_be_made_is_said_and_one_click_takes_it_back(cases: Path, url: str, place: int) -> None:
    query, message, way = REFUSED[place]
    app = open_page(url, query={"case": "shop", **query})
    assert not app.exception
    assert message in said(app)
    assert len(app.title) == 1
    assert address(app) == {"case": "shop", **query}
    assert address(press(app, way)) == {"case": "shop"}
    assert not app.error


@pytest.mark.parametrize(
    ("url", "query", "message"),
    [
        ("drift", {"drift_method": "Hellinge"}, "There is no 'Hellinge' here for the method: 'Verdict' is shown."),
        ("drift", {"drift_floor": "NaN"}, "'NaN' is not a number"),
        ("drift", {"drift_floor": "99"}, "at most 0.5 here and not '99'"),
        ("drift", {"cell": "nix~2013-W14"}, "nix in week of 1 Apr 2013 is not on this screen any more"),
        ("drift", {"cell": "weight~2013-W15", "run": "no~run"}, "The run that the address asks for is not found any more"),
        ("drift", {"cell": "nonsense"}, "does not name a cell"),
        ("drift", {"wher": "weight > 5"}, "which no page knows. Did you mean 'where'?"),
        ("predictions", {"by": "planet"}, "There is no 'planet' here for the column that cuts rows apart"),
        ("predictions", {"predictions_cell": "weight~2013-W14"}, "weight in week of 1 Apr 2013 is not on this screen any more"),
        ("multivariate", {"multivariate_method": "Magic"}, "There is no 'Magic' here for the method"),
        ("multivariate", {"window": "2031-W01"}, "is not on this screen any more"),
        ("multivariate", {"multivariate_part": "Inside"}, "There is no 'Inside' here for the side of the window"),
        ("findings", {"findings_page": "9"}, "the address asks for page 9"),
        ("findings", {"findings_order": "best"}, "There is no 'best' here for the order of findings"),
        ("setup", {"setup_tab": "Cellar"}, "There is no 'Cellar' here for the tab"),
        ("overview", {"present": "perhaps"}, "There is no 'perhaps'"),
    ],
)
def test_a_choice_of_a_page_that_is_not_there_is_said_and_left_out_by_one_click(
    cases: Path, url: str, query: dict[str, str], message: str
) -> None:
    app = open_page(url, query={"case": "shop", **query})
    assert not app.exception
    assert message in said(app)
    assert address(app) == {"case": "shop", **query}
    press(app, "Leave it out")
    assert message not in said(app)
    assert len(address(app)) == len(query)


def test_another_pages_cell_is_no_matter_of_this_page(cases: Path) -> None:
    app = open_page("predictions", query={"case": "shop", "cell": "weight~2013-W15", "window": "2031-W01", "drift_floor": "NaN"})
    assert not app.warning
    assert "drift_floor" in address(app)


def test_a_choice_by_hand_is_in_the_address_at_once_and_drops_what_it_replaces(cases: Path) -> None:
    app = open_page("drift", query={"case": "shop", "drift_method": "Hellinger distance", "drift_floor": "0.2"})
    app.selectbox(key="drift_method").set_value("Jensen–Shannon distance").run()
    assert address(app) == {"case": "shop", "drift_method": "Jensen–Shannon distance"}
    app.slider(key="drift_floor").set_value(0.1).run()
    assert address(app)["drift_floor"] == "0.1"
    app.selectbox(key="drift_method").set_value("Verdict").run()
    assert address(app) == {"case": "shop"}


def test_another_case_by_hand_leaves_behind_what_belongs_to_the_last(cases: Path) -> None:
    app = open_page("drift", query=CHOICES)
    app.selectbox(key="case").set_value("stall").run()
    assert not app.exception
    assert not app.error
    assert set(address(app)) == {
        "case", "win", "drift_method", "predictions_method", "multivariate_method", "multivariate_part", "multivariate_matrix",
        "findings_order", "setup_tab",
    }  # fmt: skip
    assert "Stall" in said(app)


def test_a_method_of_the_last_case_alone_is_left_behind(cases: Path) -> None:
    app = open_page("drift", query={"case": "shop", "drift_method": "Own to shop"})
    app.selectbox(key="case").set_value("stall").run()
    assert address(app) == {"case": "stall"}


def test_an_error_offers_what_was_shown_before(cases: Path) -> None:
    app = open_page("drift", query={"case": "shop", "where": "weight > 1"})
    app.text_input(key="where").set_value("weight >").run()
    assert app.error
    press(app, "Undo: show what was shown before")
    assert not app.error
    assert address(app) == {"case": "shop", "where": "weight > 1"}


@pytest.mark.parametrize("url", ["drift", "predictions"])
def test_presenting_shows_what_the_link_asks_for(cases: Path, url: str) -> None:
    app = open_page(url, query={"case": "shop", "present": "true", f"{url}_method": "Hellinger distance"})
    assert "Hellinger distance" in said(app)
    assert "Hellinger distance" not in said(open_page(url, query={"case": "shop", "present": "true"}))
