"""The map and what is looked at are seen together, and Vega has nothing to warn of."""

from __future__ import annotations

from tests.browser.journey import OpenPage, wait_until_done
from tests.browser.test_journeys import WAIT_MS, heat_cells

BOTTOM = "one => one.getBoundingClientRect().bottom"


def test_map_and_close_up_are_seen_without_scrolling(open_page: OpenPage) -> None:
    page = open_page("/drift?case=flights", viewport=(1440, 900))
    warned: list[str] = []
    page.on("console", lambda message: warned.append(message.text) if "Infinite extent" in message.text else None)
    page.reload()
    heat_cells(page).first.wait_for(timeout=WAIT_MS)
    wait_until_done(page)
    assert page.locator(".st-key-drift_heat").evaluate(BOTTOM) <= 900
    assert page.locator(".st-key-drift_close_up").get_by_test_id("stVegaLiteChart").first.evaluate(BOTTOM) <= 900
    assert warned == []
