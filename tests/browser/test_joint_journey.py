"""The page Joint drift in a real browser: an address for every side of a window, and rows behind a rectangle of the map."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.journey import OpenPage, wait_until_done

WAIT_MS = 60_000
WEEK = "/multivariate?case=flights&window=2013-W29"
PARTS = {
    "Columns": "make most of the distance",
    "Pairs": "Pairs that changed most",
    "Cells": "of rows are in the cell",
    "Map": "Drag a rectangle on the map",
    "Rules": "rules of two columns broken, most often:",
    "Components": "moved most, by",
}


def main(page: Page) -> Locator:
    return page.get_by_test_id("stMain")


def look_at(page: Page, part: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(part, exact=True).click()
    expect(main(page)).to_contain_text(PARTS[part], timeout=WAIT_MS)
    wait_until_done(page)


def drag(page: Page, chart: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the mouse over a chart, from and to places given as shares of its width and height."""
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    (x0, y0), (x1, y1) = ((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end))
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=5)
    page.mouse.move(x1, y1, steps=5)
    page.mouse.up()


def test_an_address_holds_method_window_and_side(open_page: OpenPage) -> None:
    page = open_page(f"{WEEK}&multivariate_method=Shares+of+cells&multivariate_part=Pairs")
    expect(main(page).locator("h4").first).to_have_text("Week of 15 Jul 2013", timeout=WAIT_MS)
    expect(main(page)).to_contain_text("Shares of cells: no window beyond its limit")
    expect(main(page)).to_contain_text(PARTS["Pairs"])
    look_at(page, "Rules")
    page.wait_for_function("location.search.includes('multivariate_part=Rules')")
    query = parse_qs(urlsplit(page.url).query)
    assert (query["window"], query["multivariate_method"]) == (["2013-W29"], ["Shares of cells"])


def test_a_rectangle_on_the_map_shows_its_rows(open_page: OpenPage) -> None:
    page = open_page(f"{WEEK}&multivariate_part=Map")
    chart = page.locator(".st-key-joint_map_2013-W29 .marks").first
    expect(chart).to_be_visible(timeout=WAIT_MS)
    drag(page, chart, (0.1, 0.15), (0.9, 0.85))
    found = main(page).get_by_text(re.compile(r"^[\d,]+ rows of the window on the map in the rectangle"))
    expect(found).to_be_visible(timeout=WAIT_MS)
    many = int(re.sub(r"\D", "", found.inner_text().split(" rows")[0]))
    assert 500 < many <= 1500
    wait_until_done(page)
    chart.dblclick()
    expect(main(page)).to_contain_text(PARTS["Map"], timeout=WAIT_MS)
    wait_until_done(page)
    drag(page, chart, (0.12, 0.55), (0.3, 0.8))  # cold and dry: no row of July
    expect(main(page)).to_contain_text("lies in the rectangle", timeout=WAIT_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_side_fits_a_telephone(open_page: OpenPage, scheme: str) -> None:
    page, wide = open_page(WEEK, viewport=(390, 844), color_scheme=scheme), []
    expect(main(page).locator("h4").first).to_have_text("Week of 15 Jul 2013", timeout=WAIT_MS)
    for part in PARTS:
        look_at(page, part)
        if page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
            wide.append(part)
    assert wide == []
