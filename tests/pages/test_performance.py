"""Performance: the tab stands in the address, cutting rows apart changes the picture, a finding can be pinned, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitor.case import load_case
from monitor.export.pins import list_pins
from tests.pages.seen import open_page, said

Use = Callable[[str], Path]


def test_the_tab_of_the_address_is_open(use: Use) -> None:
    use("shop")
    usual, ranking = (open_page("performance", query=query) for query in ({}, {"performance_tab": "Ranking"}))
    drawn = "**Ranking: recall at each false positive rate**"
    assert drawn not in said(usual)
    assert drawn in said(ranking)
    assert ranking.query_params["performance_tab"] == "Ranking"
    assert "There is no 'Rankin' here for the tab" in said(open_page("performance", query={"performance_tab": "Rankin"}))


def test_rows_that_are_cut_apart_are_drawn_beside_all_together(use: Use) -> None:
    use("shop")
    whole, apart = (open_page("performance", query=query) for query in ({}, {"performance_by": "answer"}))
    assert len(apart.get("vega_lite_chart")) > len(whole.get("vega_lite_chart"))
    assert "**answer = '" in said(apart)


def test_a_finding_is_pinned_once(use: Use) -> None:
    case = load_case(use("shop"))
    before = len(list_pins(case).pins)
    app = open_page("performance")
    for _ in range(2):
        next(one for one in app.button if one.label == "Pin").click().run()
        assert not app.exception
    assert len(list_pins(case).pins) == before + 1
    assert list_pins(case).pins[0].analysis == "performance"
    assert app.session_state["performance_pin"] is False, "what asked for it is closed"
