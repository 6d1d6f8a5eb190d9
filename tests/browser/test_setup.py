"""The page Set-up in a real browser."""

from __future__ import annotations

from tests.browser.journey import OpenPage


def test_a_new_case_says_what_is_missing(open_page: OpenPage) -> None:
    page = open_page("/setup")
    page.get_by_role("tab", name="A new case").click()
    page.get_by_role("button", name="Read the files and guess").click()
    page.get_by_text("The reference data are missing").wait_for(timeout=10_000)
