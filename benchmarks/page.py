"""How long the app takes to answer, in a real browser: a slider, a click into the heat map, another page and back.

Beside them a floor of the same run: going between two pages that show hardly anything, which is what the browser, the server and the
frame of every page cost on this machine at that time.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from tests.browser.journey import CHROMIUM_ARGS, chromium_on_this_machine

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SLIDER = '[data-testid="stSlider"] input'
MAP = ":is(.st-key-drift_heat, .st-key-predictions_heat) :is(svg, canvas).marks"
PATIENCE = 900_000
FLOOR = "floor: a page that shows hardly anything"
QUIET = ("Findings", "Fairness")
"""Pages that show hardly anything, where nothing is pinned and no column is protected."""
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
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.wait_for_selector(READY, timeout=PATIENCE)
        page.wait_for_selector(SLIDER, timeout=PATIENCE)
        page.evaluate(WATCH)
        print("| input | median | 95 % within | median / floor | repeats |\n|---|---:|---:|---:|---:|")
        acts = (("page change", _between("Overview", "Drift")), ("slider", _move_slider), ("heat map click", _click_heat_map))
        floor = 0.0
        for name, act in ((FLOOR, _between(*QUIET)), *acts):
            ms = timed(page, act, repeats + repeats % 2)  # an even number of page changes ends where the next act begins: on Drift
            floor = floor or median(ms)
            print(_line(name, ms, floor), flush=True)


def timed(page: Page, act: Callable[[Page, int], None], repeats: int) -> list[float]:
    """Return milliseconds from the input to the end of the rerun, without the first two."""
    for turn in range(repeats + 2):
        done = page.evaluate("window.__runs.length")
        act(page, turn)
        page.wait_for_function("count => window.__runs.length > count", arg=done, timeout=PATIENCE)
        page.wait_for_timeout(400)
    return [float(ms) for ms in page.evaluate("window.__runs")[-repeats:]]


def _move_slider(page: Page, turn: int) -> None:
    page.locator(SLIDER).first.focus()
    page.keyboard.press("ArrowRight" if turn % 2 else "ArrowLeft")


def _click_heat_map(page: Page, turn: int) -> None:
    """Click into the map of columns and windows, which is drawn as shapes or, where it is large, as one picture."""
    box = page.locator(MAP).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * (0.5 + 0.08 * (turn % 4)), box["y"] + box["height"] * 0.4)


def _between(*names: str) -> Callable[[Page, int], None]:
    """Return what goes to pages in turn."""

    def go(page: Page, turn: int) -> None:
        page.get_by_test_id("stSidebar").get_by_role("link", name=names[turn % len(names)], exact=True).click()

    return go


def _line(name: str, ms: list[float], floor: float) -> str:
    return f"| {name} | {median(ms):.0f} ms | {quantiles(ms, n=20)[-1]:.0f} ms | {median(ms) / floor:.1f} | {len(ms)} |"
