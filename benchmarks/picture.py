"""The picture of README.md, taken from a server that runs: `python -m benchmarks picture URL`."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.page import READY
from tests.browser.journey import CHROMIUM_ARGS, chromium_on_this_machine

PICTURE = Path(__file__).parents[1] / "docs" / "screenshot.png"
SIZE = {"width": 1440, "height": 900}


def take(url: str) -> None:
    """Open the Overview at `url` and write what is seen of it to docs/screenshot.png."""
    with sync_playwright() as driver, driver.chromium.launch(executable_path=chromium_on_this_machine(), args=CHROMIUM_ARGS) as browser:
        page = browser.new_page(viewport=SIZE)
        page.goto(url)
        page.wait_for_selector(READY, timeout=120_000)
        page.wait_for_selector("h1", timeout=120_000)
        page.wait_for_timeout(2_000)  # charts are drawn after the script has ended
        page.screenshot(path=PICTURE)
