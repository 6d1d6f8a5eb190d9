"""What an analyst does, in a real browser on the demo: look, click, share, pin, take away."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.journey import SIDEWAYS, OpenPage, Server, StartServer, menu, wait_until_done

WAIT_MS = 30_000


def heat_cells(page: Page, *, label: str = "", window: str = "", verdict: str = "") -> Locator:
    """Return the coloured cells of the heat map."""
    parts = "".join(f'[aria-label*="{part}"]' for part in (f"Verdict: {verdict}" if verdict else "Measured by: ", label, window) if part)
    return page.locator(f'.st-key-drift_heat path[role="graphics-symbol"]{parts}')


def click_cell(page: Page, label: str, window: str) -> None:
    cell = heat_cells(page, label=f"label: {label}", window=f"window: {window}").first
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def close_up(page: Page) -> Locator:
    """Return the heading of the cell that is looked at (a rerun may still show the one before below it)."""
    return page.get_by_test_id("stMain").locator("h4").filter(has_text=re.compile(r", (week of|since)? ?\d")).first


def drift(open_page: OpenPage, address: str = "/drift?case=flights&drift_show=all", **look: object) -> Page:
    page = open_page(address, **look)  # type: ignore[arg-type]
    heat_cells(page).first.wait_for(timeout=WAIT_MS)
    wait_until_done(page)
    return page


def test_a_click_on_the_heat_map_shows_that_cell(open_page: OpenPage) -> None:
    page = drift(open_page)
    click_cell(page, "Temperature", "2013-W30")
    expect(close_up(page)).to_have_text(re.compile(r"Temperature \(°F\), \d+ [A-Z][a-z]+ to \d+ [A-Z][a-z]+ 2013"), timeout=WAIT_MS)
    page.wait_for_function("decodeURIComponent(location.search).includes('cell=temp_f~2013-W30')")
    wait_until_done(page)
    page.locator(".st-key-drift_span").get_by_text("Week of 22 Jul 2013").click()
    expect(close_up(page)).to_have_text("Temperature (°F), week of 22 Jul 2013", timeout=WAIT_MS)
    wait_until_done(page)
    click_cell(page, "Carrier", "2013-W16")
    expect(close_up(page)).to_have_text("Carrier, week of 15 Apr 2013", timeout=WAIT_MS)
    page.wait_for_function("decodeURIComponent(location.search).includes('cell=carrier~2013-W16')")


def test_a_finding_beside_the_heat_map_opens_its_run(open_page: OpenPage) -> None:
    page = drift(open_page)
    before = close_up(page).inner_text()
    page.locator(".st-key-drift_look_1").get_by_role("button").click()
    expect(close_up(page)).not_to_have_text(before, timeout=WAIT_MS)
    assert {"cell", "run"} <= set(query(page))


def test_the_table_of_every_column_opens_its_farthest_window(open_page: OpenPage) -> None:
    page = drift(open_page)
    before = close_up(page).inner_text()
    page.get_by_text(re.compile("^Every column: ")).click()
    wait_until_done(page)
    table = page.locator(".st-key-drift_table canvas").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 12, box["y"] + 38 + 35 + 17)  # the box of the second row
    expect(close_up(page)).not_to_have_text(before, timeout=WAIT_MS)
    assert "cell" in query(page)


def shown(page: Page) -> tuple[str, list[str]]:
    """Return the words of a page and what its heat map draws."""
    wait_until_done(page)
    drawn = heat_cells(page).evaluate_all("cells => cells.map(cell => cell.getAttribute('aria-label'))")
    return page.get_by_test_id("stMain").inner_text(), drawn


def test_a_shared_link_reopens_the_same_screen(open_page: OpenPage) -> None:
    rows = "from=2013-04-01&to=2013-09-30&where=origin+%3D+%27JFK%27"
    address = f"/drift?case=flights&drift_show=all&win=1+month&{rows}&drift_method=Hellinger+distance"
    first = drift(open_page, address)
    click_cell(first, "Carrier", "2013-07")
    expect(first.get_by_test_id("stMain").locator("h4").first).to_contain_text("Carrier, Jul 2013", timeout=WAIT_MS)
    first.wait_for_function("location.search.includes('cell=')")
    again = drift(open_page, first.url)
    assert query(again) == query(first)
    assert shown(again) == shown(first)


def test_dark_screens_are_dark_down_to_the_charts(open_page: OpenPage) -> None:
    page = drift(open_page, color_scheme="dark")
    label = page.locator(".st-key-drift_heat svg text").filter(has_text="Temperature").first
    assert label.evaluate("text => getComputedStyle(text).fill") == "rgb(229, 233, 240)"
    assert page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor") == "rgb(15, 23, 42)"
    fills = page.locator("svg rect, svg path").evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
    assert "rgb(255, 255, 255)" not in fills


def test_a_narrow_page_of_many_columns_does_not_scroll_sideways(open_page: OpenPage, server: Server) -> None:
    page, wide = open_page("/findings?case=flights", viewport=(390, 844)), []
    for url in ("overview", "drift", "predictions"):
        page.goto(f"{server.url}/{url}?case=flights")
        page.get_by_test_id("stMain").get_by_role("heading").first.wait_for(timeout=WAIT_MS)
        wait_until_done(page)
        wide += [url] if page.evaluate(SIDEWAYS) else []
    assert wide == []


def test_another_method_draws_another_heat_map_and_stands_in_the_address(open_page: OpenPage) -> None:
    page = drift(open_page)
    page.get_by_role("combobox", name="Method").fill("Hellinger")
    page.get_by_role("option", name="Hellinger distance").click()
    page.locator('.st-key-drift_heat path[aria-label*="Measured by: Hellinger distance"]').first.wait_for(timeout=WAIT_MS)
    assert query(page)["drift_method"] == ["Hellinger distance"]
    page.get_by_role("button", name="About the method").click()
    expect(page.get_by_text("Range: 0 to 1")).to_be_visible()


def test_the_slider_of_the_smallest_effect_changes_verdicts_at_once(open_page: OpenPage) -> None:
    page = drift(open_page, "/drift?case=flights&drift_method=Wasserstein+distance+/+reference+sd")
    alerts = heat_cells(page, verdict="Alert")
    before = alerts.count()
    assert before > 0
    page.get_by_role("slider", name="Smallest effect that matters").press("End")
    expect(alerts.nth(before - 1)).not_to_be_attached(timeout=WAIT_MS)
    assert alerts.count() < before  # what is left are facts, such as values never seen: they need no smallest effect
    page.get_by_role("slider", name="Smallest effect that matters").press("Home")
    expect(alerts.nth(before - 1)).to_be_attached(timeout=WAIT_MS)


def download(page: Page, label: str) -> tuple[str, bytes]:
    with page.expect_download(timeout=WAIT_MS) as coming:
        page.get_by_role("button", name=label, exact=True).first.click()
    path = coming.value.path()
    return coming.value.suggested_filename, Path(path).read_bytes()


def test_what_is_on_the_screen_is_downloaded(open_page: OpenPage) -> None:
    page = drift(open_page)
    page.get_by_role("button", name="Download", exact=True).click()
    name, csv = download(page, "CSV")
    table = pd.read_csv(io.BytesIO(csv))
    assert name == "drift.csv"
    assert {"column", "window", "method", "score", "limit", "run", "strength", "status"} <= set(table.columns)
    assert table["column"].nunique() == 20
    name, png = download(page, "PNG")
    assert name.endswith(".png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(png) > 10_000
    whole = json.loads(download(page, "JSON with provenance")[1])
    assert whole["provenance"]["rows"]["production"]["used"] > 200_000


def test_a_finding_is_pinned_read_and_taken_away(open_page: OpenPage, cases: Path) -> None:
    page = drift(open_page, "/drift?case=flights&win=1+month&cell=temp_f~2013-07")
    page.get_by_role("button", name="Pin this finding").click()
    wait_until_done(page)  # the form is drawn again where it opens
    page.get_by_placeholder("What do you make of it?").fill("It is summer: *not* the model.")
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_text("Pinned. It is on the page Findings.")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_placeholder("What do you make of it?")).to_be_hidden(timeout=WAIT_MS)  # it covered what was pinned
    assert len(list((cases / "flights" / ".driftscope" / "pins").glob("*.json"))) == 1

    menu(page, "Findings").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("1 finding is pinned", timeout=WAIT_MS)
    wait_until_done(page)
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("It is summer: *not* the model.")
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()

    page.get_by_role("button", name="Download", exact=True).click()
    name, markdown = download(page, "Markdown")
    assert name.endswith(".md")
    assert "It is summer: \\*not\\* the model." in markdown.decode()
    assert "Temperature (°F)" in markdown.decode()
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Open this view").click()
    expect(page.get_by_test_id("stMain").locator("h4").first).to_contain_text("Temperature (°F), ", timeout=WAIT_MS)
    assert query(page)["win"] == ["1 month"]
    assert query(page)["cell"] == ["temp_f~2013-07"]

    menu(page, "Findings").click()
    page.get_by_role("button", name="Unpin").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("No finding is pinned yet", timeout=WAIT_MS)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("1 finding is pinned", timeout=WAIT_MS)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_windows_are_the_same_on_every_clock(open_page: OpenPage, zone: str) -> None:
    page = drift(open_page, timezone_id=zone)
    click_cell(page, "Carrier", "2013-W30")
    expect(close_up(page)).to_have_text("Carrier, week of 22 Jul 2013", timeout=WAIT_MS)
    assert query(page)["cell"] == ["carrier~2013-W30"]
    wait_until_done(page)
    dates = [text for text in page.locator("svg text").all_text_contents() if re.fullmatch(r"\d+ [A-Z][a-z]{2}", text)]
    assert dates[0] == "1 Apr"
    assert dates.count("1 Apr") >= 2  # on the heat map and on the timeline
    assert "31 Mar" not in dates


def test_long_work_is_stopped_and_can_be_run_again(open_page: OpenPage, start_server: StartServer, cases: Path) -> None:
    fresh = start_server(cases=cases)  # one that has kept nothing yet
    page = open_page(f"{fresh.url}/drift?case=flights&win=2+hours", wait=False)
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="Stop").click(timeout=WAIT_MS)
    expect(main).to_contain_text("Stopped before it was done. Nothing was changed.", timeout=WAIT_MS)
    wait_until_done(page)
    expect(main.get_by_role("button", name="Run again")).to_be_visible()
    expect(main.get_by_test_id("stProgress")).to_have_count(0)
