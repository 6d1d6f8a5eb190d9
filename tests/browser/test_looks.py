"""The frame of each page as people see it: one headline, its name in the tab, legible in both themes, usable on a narrow screen."""

from __future__ import annotations

import pytest

from monitor.ui.navigation import SECTIONS, entries
from tests.browser.journey import SIDEWAYS, OpenPage, Server, go_to, menu, wait_until_done

PAGES = {one.url: one.title for one in entries()}
LEAST = 4.5
"""Contrast of text with what it stands on (WCAG AA)."""
LINES = "h1 => h1.getBoundingClientRect().height / parseFloat(getComputedStyle(h1).lineHeight)"
FAINT = r"""(least) => {
  const parse = (text) => {
    const found = text.match(/rgba?\(([^)]+)\)/);
    if (!found) return null;
    const parts = found[1].split(/[ ,\/]+/).map(Number);
    return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((v) => (v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ancestors = (element) => { const all = []; for (let one = element; one; one = one.parentElement) all.push(one); return all; };
  const under = (element) => ancestors(element).map((one) => parse(getComputedStyle(one).backgroundColor)).filter(Boolean)
    .reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  const faint = [];
  for (const element of document.querySelectorAll('[data-testid="stApp"] :is(p, h1, h4, span, label, button, td, th)')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!own || box.width < 2 || box.height < 2 || element.closest('svg, [data-testid="stSliderThumbValue"], :disabled')) continue;
    const opacity = ancestors(element).reduce((share, one) => share * getComputedStyle(one).opacity, 1);
    const ground = under(element), colour = parse(getComputedStyle(element).color);
    if (!colour || opacity === 0) continue;
    const ink = over([...colour.slice(0, 3), colour[3] * opacity], ground);
    const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
    const ratio = (high + .05) / (low + .05);
    if (ratio < least && ratio > 1.01) faint.push(`${element.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def server(small_server: Server) -> Server:
    return small_server


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/overview?case=shop", color_scheme=scheme)
    found = {}
    for title in PAGES.values():
        go_to(page, title)
        # Dots between page numbers, which Streamlit draws, say nothing and cannot be pressed.
        found[title] = [one for one in page.evaluate(FAINT, LEAST) if not one.startswith("…:")]
    assert found == {title: [] for title in PAGES.values()}


def test_a_narrow_page_has_one_short_headline_its_name_in_the_tab_and_nothing_beside_it(open_page: OpenPage) -> None:
    # The recorder of `open_page` fails the test when any request of its contexts goes elsewhere.
    page = open_page("/findings?case=shop", viewport=(390, 844))
    for title in PAGES.values():
        page.get_by_test_id("stExpandSidebarButton").click()
        menu(page, title).click()
        page.wait_for_function("title => document.title.includes(title)", arg=f" · {title} · ")
        wait_until_done(page)
        page.wait_for_function("document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 0")
        assert page.title() == f"Shop · {title} · Driftscope"
        assert page.get_by_test_id("stMain").locator("h1").count() == 1, title
        assert page.locator("h1").first.evaluate(LINES) < 4.5, title
        assert not page.evaluate(SIDEWAYS), title


def test_no_raw_name_of_a_page_is_shown_before_the_first_run(open_page: OpenPage) -> None:
    page = open_page("/drift?case=shop", wait=False)
    page.get_by_test_id("stSidebar").wait_for()
    assert page.get_by_test_id("stSidebarNavLink").count() == 0
    wait_until_done(page)
    assert page.get_by_test_id("stSidebarLogo").is_visible()
    links = page.get_by_test_id("stSidebar").get_by_role("link").all()
    in_menu = sorted(entries(), key=lambda one: SECTIONS.index(one.section))
    assert [one.inner_text().split("\n")[-1] for one in links] == [one.title for one in in_menu]
