"""Any selection against any other, in a real browser on the demo: choose both sides, swap, pin, share the link."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.journey import OpenPage, wait_until_done
from tests.browser.test_journeys import WAIT_MS, heat_cells, query

WORDS = "B: production, where origin = 'EWR' against A: production, where origin = 'JFK'"
SWAPPED = "B: production, where origin = 'JFK' against A: production, where origin = 'EWR'"


def open_comparison(page: Page) -> None:
    page.locator(".st-key-compare button").first.click()
    page.get_by_role("button", name="Swap A and B").wait_for(timeout=WAIT_MS)


def says(page: Page, words: str) -> None:
    expect(page.get_by_test_id("stCaptionContainer").filter(has_text=words).first).to_be_visible(timeout=WAIT_MS)
    wait_until_done(page)


def test_segments_are_chosen_swapped_pinned_and_linked(open_page: OpenPage, cases: Path) -> None:
    page = open_page("/drift?case=flights&win=1+month")
    open_comparison(page)
    page.get_by_role("radiogroup", name="Data set of A").get_by_text("production").click()
    page.get_by_role("textbox", name="Segment of A").fill("origin = 'JFK'")
    page.get_by_role("textbox", name="Segment of B").fill("origin = 'EWR'")
    page.get_by_role("textbox", name="Segment of B").press("Enter")
    says(page, WORDS)
    assert {name: query(page)[name] for name in ("a_data", "a_where", "b_where")} == {
        "a_data": ["production"], "a_where": ["origin = 'JFK'"], "b_where": ["origin = 'EWR'"],
    }  # fmt: skip

    page.get_by_role("textbox", name="Name of this comparison").fill("JFK against Newark")
    page.get_by_role("button", name="Pin this comparison").click()
    expect(page.get_by_text("Pinned: JFK against Newark")).to_be_visible(timeout=WAIT_MS)
    assert len(list((cases / "flights" / ".driftscope" / "pins" / "comparisons").glob("*.json"))) == 1

    page.get_by_role("button", name="Swap A and B").click()
    says(page, SWAPPED)
    assert query(page)["a_where"] == ["origin = 'EWR'"]

    again = open_page(page.url)
    heat_cells(again).first.wait_for(timeout=WAIT_MS)
    says(again, SWAPPED)
    assert query(again) == query(page)

    fresh = open_page("/drift?case=flights")
    open_comparison(fresh)
    fresh.get_by_role("combobox", name="Pinned comparisons").click()
    fresh.get_by_role("option", name="JFK against Newark").click()
    fresh.get_by_role("button", name="Show it").click()
    says(fresh, WORDS)
    assert query(fresh)["win"] == ["1 month"]
    fresh.get_by_role("button", name="Unpin").click()
    expect(fresh.get_by_text("Unpinned: JFK against Newark")).to_be_visible(timeout=WAIT_MS)
    assert list((cases / "flights" / ".driftscope" / "pins" / "comparisons").glob("*.json")) == []


def test_an_old_link_to_another_period_still_means_production(open_page: OpenPage) -> None:
    page = open_page("/drift?case=flights&a=another+period&a_from=2013-04-01&a_to=2013-04-30&from=2013-06-01&to=2013-06-30")
    says(page, "B: production, 1 Jun to 30 Jun 2013 against A: production, 1 Apr to 30 Apr 2013")
    assert query(page)["a"] == ["another period"]
    open_comparison(page)
    page.get_by_role("radiogroup", name="Data set of A").get_by_text("reference").click()
    page.get_by_role("button", name="Apply").first.click()
    # The reference holds no April: the page says so, and the bar still says what was asked.
    expect(page.get_by_role("button", name=re.compile("against reference, 1 Apr to 30 Apr"))).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="These rows cannot be selected")).to_be_visible()
    assert "a" not in query(page)


def test_rows_on_both_sides_are_told(open_page: OpenPage) -> None:
    page = open_page("/drift?case=flights&win=1+month&a_data=production&from=2013-07-01&to=2013-07-31&columns=carrier")
    says(page, "left out of A, for rows compared with themselves would hide a change")
