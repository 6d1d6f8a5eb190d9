"""The frame: registry of pages, texts, statuses."""

from __future__ import annotations

import re
import tomllib

import pytest

from monitor.errors import SettingError
from monitor.places import app_folder
from monitor.ui.navigation import REGISTRY, SECTIONS, entries, entry
from monitor.ui.shell import DARK_INK
from monitor.ui.status import LOOKS
from monitor.ui.text import md_escape
from monitor.vocabulary import Status
from monitor.wording import JOINER


def test_every_page_in_the_folder_is_registered() -> None:
    scripts = {path.stem for path in (app_folder() / "pages").glob("*.py")}
    assert scripts == {one.url for one in entries()}


def test_every_page_starts_with_the_guard() -> None:
    for one in entries():
        lines = (app_folder() / one.path).read_text().splitlines()
        assert "shell.page_guard()" in lines, one.path


def test_pages_have_their_own_address_and_a_section_of_the_sidebar() -> None:
    addresses = [address for one in REGISTRY for address in one.addresses]
    assert len(set(addresses)) == len(addresses)
    assert {one.section for one in REGISTRY} <= set(SECTIONS)


def test_a_page_stands_where_the_menu_says_and_where_links_that_were_given_away_lead() -> None:
    assert entry("challengers") is entry("shadow")
    assert entry("challengers").addresses == ("challengers", "shadow")
    assert {one.address for one in REGISTRY} >= {"joint-drift", "estimated", "drift", "set-up"}


def test_every_page_asks_a_question() -> None:
    assert all(one.question.endswith("?") for one in REGISTRY)


def test_an_unknown_page_has_a_hint() -> None:
    with pytest.raises(SettingError, match="Did you mean 'drift'"):
        entry("drif")


def test_every_status_has_its_own_word_and_an_icon_that_is_local() -> None:
    assert set(LOOKS) == set(Status)
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)
    assert all(look.icon.startswith(":material/") for look in LOOKS.values())


@pytest.mark.parametrize("hostile", ["![x](http://evil/p.png)", ":red[a]", "$x$", "a\n# b", "<b>", "`a`", "[a](b)", "https://evil.example"])
def test_no_markup_survives(hostile: str) -> None:
    escaped = md_escape(hostile)
    assert escaped.replace("\\", "").replace(JOINER, "") == hostile.replace("\n", " ")
    assert all(escaped[i - 1] == "\\" for i, letter in enumerate(escaped) if letter in "![]()$<>`:#")


@pytest.mark.parametrize(
    "turned", ["HTTPS://a.b", "www.a.b", "a@b.c", ":material/home:", ":smile:", "a -> b", "a <- b", "a -- b", "a >= b"]
)
def test_what_streamlit_turns_into_something_else_is_broken_up(turned: str) -> None:
    assert JOINER in md_escape(turned)


@pytest.mark.parametrize("plain", ["12:00:30", "a: b", "5-7", "x@", "Temperature (°F): 3", "-1.5"])
def test_ordinary_text_gets_no_invisible_letter(plain: str) -> None:
    assert JOINER not in md_escape(plain)


def test_code_is_legible_on_a_dark_page() -> None:
    dark = tomllib.loads((app_folder() / ".streamlit" / "config.toml").read_text())["theme"]["dark"]["secondaryBackgroundColor"]
    inks = re.findall(r"\.token:is\([^)]*\) \{ color: (#\w{6})", DARK_INK)
    assert len(inks) == 2
    assert min(contrast(ink, dark) for ink in inks) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
