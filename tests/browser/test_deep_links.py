"""Every page by its address, as the first request that a fresh server ever gets; and a case that means harm."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from monitor.wording import JOINER
from tests.browser.journey import OpenPage, Server, StartServer, menu, wait_until_done
from tests.pages.cases import HOSTILE

PAGES = ("overview", "drift", "multivariate", "rows", "setup")
"""Pages of every kind of part; tests/pages reads the text of all of them."""


@pytest.fixture(scope="module")
def server(small_server: Server) -> Server:
    return small_server


# A server of its own is dear: tests/pages runs every page without the frame's router, these the ones that differ.
@pytest.mark.parametrize("url", ["overview", "setup"])
def test_a_fresh_server_opens_the_page_in_its_frame_with_the_choices_of_the_address(
    start_server: StartServer, small_cases: Path, open_page: OpenPage, url: str
) -> None:
    fresh = start_server(cases=small_cases)
    page = open_page(f"{fresh.url}/{url}?case=shop&win=2+days")
    main = page.get_by_test_id("stMain")
    expect(menu(page, "Set-up")).to_have_count(1)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Case")).to_have_value("Shop (shop)")
    expect(main.get_by_role("heading").first).to_be_visible()
    if url != "setup":
        expect(page.locator(".st-key-globalbar").get_by_role("combobox", name="Window")).to_have_value("2 days")
        assert parse_qs(urlsplit(page.url).query) == {"case": ["shop"], "win": ["2 days"]}


def test_names_and_values_that_mean_harm_are_only_text(open_page: OpenPage, server: Server) -> None:
    page = open_page("/findings?case=hostile")
    for url in PAGES:
        page.goto(f"{server.url}/{url}?case=hostile")
        page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        wait_until_done(page)
        assert page.locator("img[src*='evil'], a[href*='//evil']").count() == 0
        assert page.get_by_test_id("stMain").locator("script").count() == 0
        if url != "setup":
            assert HOSTILE[1] in page.get_by_test_id("stMain").inner_text().replace(JOINER, "")


def test_a_narrow_page_with_names_of_300_letters_does_not_scroll_sideways(open_page: OpenPage) -> None:
    page = open_page("/overview?case=hostile", viewport=(390, 844))
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_another_case_in_the_bar_is_another_address(open_page: OpenPage, server: Server) -> None:
    page = open_page("/drift?case=shop")
    page.get_by_role("combobox", name="Case").click()
    page.get_by_role("option").first.click()  # the hostile case, whose name nobody could read
    wait_until_done(page)
    page.wait_for_function("!location.search.includes('case=shop')")
    expect(page.get_by_test_id("stMain")).to_contain_text("10 of 10 columns changed")
