"""The page Set-up in a real browser."""

from __future__ import annotations

from tests.browser.journey import OpenPage, menu


def test_a_deep_link_on_a_fresh_server_opens_the_page_in_its_frame(open_page: OpenPage) -> None:
    page = open_page("/setup?case=flights")
    assert menu(page, "Set-up").count() == 1
    assert page.get_by_role("combobox", name="Case").count() == 1
    assert page.get_by_text("Page not found").count() == 0
    assert "What are the data, and what does each column mean?" in page.get_by_test_id("stMain").inner_text()


def test_a_new_case_says_what_is_missing(open_page: OpenPage) -> None:
    page = open_page("/setup")
    page.get_by_role("tab", name="A new case").click()
    page.get_by_role("button", name="Read the files and guess").click()
    page.get_by_text("The reference data are missing").wait_for(timeout=10_000)
