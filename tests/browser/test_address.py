"""One view, one address: what is chosen survives another page, a reload, a share into a fresh browser, back and a second tab."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import OpenPage, Server, go_to, wait_until_done

WAIT_MS = 30_000
TITLES = ("Predictions", "Set-up", "Drift")
"""Pages of every kind; tests/pages asks all of them."""


@pytest.fixture(scope="module")
def server(small_server: Server) -> Server:
    return small_server


def query(page: Page) -> dict[str, str]:
    return {name: " ".join(said) for name, said in parse_qs(urlsplit(page.url).query).items()}


def wait_for(page: Page, **said: str) -> None:
    """Wait until the address says something and the page is done."""
    asked = "([name, text]) => new URLSearchParams(location.search).get(name) === text"
    for name, text in said.items():
        page.wait_for_function(asked, arg=[name, text], timeout=WAIT_MS)
    wait_until_done(page)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).fill(option)
    page.get_by_role("option", name=option).first.click()


def shown(page: Page) -> tuple[str, str, str]:
    """Return what the page says on top, the window of the bar and the method."""
    wait_until_done(page)
    words = page.get_by_test_id("stMain").locator("h1").inner_text()
    window = page.locator(".st-key-globalbar").get_by_role("combobox", name="Window").input_value()
    return words, window, page.get_by_role("combobox", name="Method").input_value()


def choose_all(open_page: OpenPage) -> Page:
    """Choose by hand everything that a page of drift has to choose."""
    page = open_page("/drift?case=shop")
    choose(page, "Window", "1 day")
    wait_for(page, win="1 day")
    page.get_by_role("button", name="All rows").click()
    page.get_by_role("textbox", name="Only rows where").fill("weight > 1")
    page.keyboard.press("Enter")
    wait_for(page, where="weight > 1")
    page.keyboard.press("Escape")
    choose(page, "Method", "Hellinger distance")
    wait_for(page, drift_method="Hellinger distance")
    page.get_by_role("slider", name="Smallest effect that matters").press("ArrowRight")
    page.wait_for_function("location.search.includes('drift_floor=')", timeout=WAIT_MS)
    wait_until_done(page)
    page.locator(".st-key-drift_look_0").get_by_role("button").click()
    page.wait_for_function("location.search.includes('run=')", timeout=WAIT_MS)
    wait_until_done(page)
    return page


def test_every_choice_survives_pages_reload_share_and_a_second_tab(open_page: OpenPage) -> None:
    page = choose_all(open_page)
    chosen, said = query(page), shown(page)
    assert set(chosen) == {"case", "win", "where", "drift_method", "drift_floor", "cell", "run"}
    for title in TITLES:
        go_to(page, title)
        assert query(page) == chosen, title
    assert shown(page) == said
    page.reload()
    wait_until_done(page)
    assert (query(page), shown(page)) == (chosen, said)
    fresh = open_page(page.url)
    assert (query(fresh), shown(fresh)) == (chosen, said)
    tab = page.context.new_page()
    tab.goto(page.url)
    wait_until_done(tab)
    choose(tab, "Method", "Jensen–Shannon distance")
    wait_for(tab, drift_method="Jensen–Shannon distance")
    assert (query(page), shown(page)) == (chosen, said)


def test_back_returns_to_each_choice_and_forward_goes_on(open_page: OpenPage) -> None:
    page = open_page("/drift?case=shop")
    first = shown(page)
    choose(page, "Method", "Hellinger distance")
    wait_for(page, drift_method="Hellinger distance")
    second = shown(page)
    go_to(page, "Findings")
    page.go_back()
    page.get_by_role("combobox", name="Method").wait_for(timeout=WAIT_MS)
    assert (query(page).get("drift_method"), shown(page)) == ("Hellinger distance", second)
    page.go_back()
    expect(page.get_by_role("combobox", name="Method")).to_have_value("Verdict", timeout=WAIT_MS)
    assert (query(page), shown(page)) == ({"case": "shop"}, first)
    page.go_forward()
    expect(page.get_by_role("combobox", name="Method")).to_have_value("Hellinger distance", timeout=WAIT_MS)
    assert shown(page) == second


def test_an_address_without_a_case_gets_one_and_back_leads_out_again(open_page: OpenPage) -> None:
    page = open_page("/findings?case=shop")
    home = page.url.split("/findings")[0]
    page.goto(f"{home}/")
    wait_for(page, case="hostile")
    page.go_back()
    wait_until_done(page)
    page.go_back()
    page.wait_for_url("**/findings?case=shop", timeout=WAIT_MS)


def test_another_case_leaves_behind_what_belonged_to_the_last(open_page: OpenPage) -> None:
    page = open_page("/drift?case=shop&win=2+days&where=weight+%3E+1&cell=weight~2013-04-05&drift_method=Hellinger+distance")
    choose(page, "Case", "no-labels")
    wait_for(page, case="no-labels")
    assert query(page) == {"case": "no-labels", "win": "2 days", "drift_method": "Hellinger distance"}
    page.go_back()
    wait_for(page, case="shop")
    assert query(page)["where"] == "weight > 1"


def test_an_unknown_case_is_an_error_with_a_way_back(open_page: OpenPage) -> None:
    page = open_page("/drift?case=shp&win=2+days")
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("There is no case 'shp'. Did you mean 'shop'?")
    assert query(page) == {"case": "shp", "win": "2 days"}
    main.get_by_role("button", name="Open shop").click()
    wait_for(page, case="shop")
    assert query(page) == {"case": "shop", "win": "2 days"}
    expect(page.get_by_role("combobox", name="Method")).to_be_visible(timeout=WAIT_MS)


HOSTILE = (
    "case=shop&where=" + "a" * 10_000, "case=shop&where=weight+%3E+1&where=weight+%3E+2", "case=shop&where=%00%1b%5B2J",
    "case=shop&where=%ED%A0%80", "case=shop&cell=%F0%9F%98%80~%00", "case=shop&drift_method=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "case=%00",
)  # fmt: skip
"""What a browser writes in a way of its own; the rest of what an address may ask for is tried in tests/pages/test_address.py."""


def test_a_hostile_address_is_a_message_with_a_headline(open_page: OpenPage, server: Server) -> None:
    page = open_page("/findings?case=shop")
    main = page.get_by_test_id("stMain")
    for hostile in HOSTILE:
        page.goto(f"{server.url}/drift?{hostile}")
        expect(main.get_by_test_id("stAlert").first).to_be_visible(timeout=WAIT_MS)
        wait_until_done(page)
        expect(main.locator("h1")).to_have_count(1)
        assert main.get_by_role("button").filter(has_text="Leave it out").or_(page.locator(".st-key-way_back button")).count() > 0, hostile
