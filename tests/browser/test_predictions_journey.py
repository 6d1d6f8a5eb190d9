"""Predictions by levels in a real browser: choose a column, click a level's week, share the view."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.journey import OpenPage, wait_until_done

WAIT_MS = 30_000


def cells(page: Page, *parts: str) -> Locator:
    chosen = "".join(f'[aria-label*="{part}"]' for part in ("Measured by: ", *parts))
    return page.locator(f'.st-key-predictions_heat path[role="graphics-symbol"]{chosen}')


def click(page: Page, cell: Locator) -> None:
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def close_up(page: Page) -> Locator:
    return page.get_by_test_id("stMain").locator("h4").filter(has_text=re.compile(r", (week of|since)? ?\d")).first


def choose(page: Page, key: str, option: str) -> None:
    wait_until_done(page)
    picker = page.locator(f".st-key-{key}").get_by_role("combobox")
    wanted = page.get_by_role("option", name=option, exact=True)
    for patience in (5_000, 5_000, WAIT_MS):  # the list closes when the page scrolls, as it does while charts above it are drawn
        picker.evaluate("element => element.scrollIntoView({block: 'center'})")
        picker.fill(option)
        try:
            wanted.click(timeout=patience)
        except PlaywrightTimeout:
            continue
        return
    raise AssertionError(f"'{option}' cannot be chosen")


def test_choosing_a_column_and_clicking_a_level_is_a_view_that_can_be_shared(open_page: OpenPage) -> None:
    page = open_page("/predictions?case=flights", viewport=(1440, 900))
    cells(page).first.wait_for(timeout=WAIT_MS)
    choose(page, "by", "Carrier")
    cells(page, "Carrier = EV").first.wait_for(timeout=WAIT_MS)
    wait_until_done(page)
    click(page, cells(page, "Carrier = EV", "2013-W18").first)
    heading = re.compile(r"Probability of a late arrival · Carrier = EV, ")
    expect(close_up(page)).to_have_text(heading, timeout=WAIT_MS)
    page.wait_for_function("decodeURIComponent(location.search).includes('cell=score') && location.search.includes('by=Carrier')")
    wait_until_done(page)
    shared = open_page(page.url, viewport=(1440, 900))
    expect(close_up(shared)).to_have_text(heading, timeout=WAIT_MS)
    wait_until_done(shared)
    assert shared.get_by_test_id("stMain").inner_text() == page.get_by_test_id("stMain").inner_text()


def test_a_click_on_the_deciles_looks_at_that_week(open_page: OpenPage) -> None:
    page = open_page("/predictions?case=flights", viewport=(1440, 900))
    tenth = page.locator('.st-key-predictions_tenths path[role="graphics-symbol"][aria-label*="2013-W50"]').first
    tenth.wait_for(timeout=WAIT_MS)
    click(page, tenth)
    expect(close_up(page)).to_have_text("Probability of a late arrival, week of 9 Dec 2013", timeout=WAIT_MS)


def test_it_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page("/predictions?case=flights&by=Carrier", viewport=(390, 844))
    page.locator(".st-key-predictions_heat").first.wait_for(timeout=WAIT_MS)
    wait_until_done(page)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
