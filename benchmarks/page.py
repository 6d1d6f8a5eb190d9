"""How long a page of the app takes to answer, in a real browser: a change of a widget, and a click into the heat map."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from tests.browser.journey import CHROMIUM_ARGS, chromium_on_this_machine

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
# From the key or mouse button going down to the script having ended again.
WATCH = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.__input = null; window.__runs = [];
  for (const kind of ['keydown', 'mousedown']) addEventListener(kind, () => { window.__input = performance.now(); }, true);
  new MutationObserver(() => {
    if (app.dataset.testScriptState === 'notRunning' && window.__input !== null) {
      window.__runs.push(performance.now() - window.__input); window.__input = null;
    }
  }).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
}"""


def report(url: str, repeats: int) -> None:
    """Print the milliseconds of reruns on the page at `url` of a server that runs."""
    with sync_playwright() as driver, driver.chromium.launch(executable_path=chromium_on_this_machine(), args=CHROMIUM_ARGS) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.wait_for_selector(READY, timeout=120_000)
        page.wait_for_selector("[role=slider]", timeout=120_000)
        page.evaluate(WATCH)
        for name, act in (("widget", _move_slider), ("heat map click", _click_heat_map)):
            print(_line(name, timed(page, act, repeats)), flush=True)


def timed(page: Page, act: Callable[[Page, int], None], repeats: int) -> list[float]:
    """Return milliseconds from the input to the end of the rerun, without the first two."""
    for turn in range(repeats + 2):
        done = page.evaluate("window.__runs.length")
        act(page, turn)
        page.wait_for_function("count => window.__runs.length > count", arg=done, timeout=60_000)
        page.wait_for_timeout(400)
    return [float(ms) for ms in page.evaluate("window.__runs")[-repeats:]]


def _move_slider(page: Page, turn: int) -> None:
    page.locator("[role=slider]").first.focus()
    page.keyboard.press("ArrowRight" if turn % 2 else "ArrowLeft")


def _click_heat_map(page: Page, turn: int) -> None:
    box = page.locator('[data-testid="stVegaLiteChart"] canvas').first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * (0.5 + 0.08 * (turn % 4)), box["y"] + box["height"] * 0.3)


def _line(name: str, ms: list[float]) -> str:
    return f"| {name} | {median(ms):.0f} ms | {quantiles(ms, n=20)[-1]:.0f} ms | {len(ms)} |"
