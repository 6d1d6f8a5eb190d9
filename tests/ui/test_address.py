"""The address as a value, the table of its parameters, and that nothing else in the screens touches the address."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from monitor.errors import SettingError
from monitor.places import app_folder
from monitor.ui.address import Address
from monitor.ui.navigation import REGISTRY
from monitor.ui.parameters import COMPARISON, LONGEST, PARAMETERS, TABLE, parameter

SCREENS = [*sorted(Path(__file__).parents[2].glob("monitor/ui/**/*.py")), *sorted((app_folder() / "pages").glob("*.py"))]
ONLY_HERE = {"query_params", "page_link", "switch_page"}


def touched(script: Path) -> set[str]:
    """Return what a script uses of Streamlit that reads, writes or leaves the address."""
    nodes = list(ast.walk(ast.parse(script.read_text(encoding="utf-8"))))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)} & ONLY_HERE
    return used | {"bind" for node in nodes if isinstance(node, ast.keyword) and node.arg == "bind"}


@pytest.mark.parametrize("script", SCREENS, ids=lambda path: path.name)
def test_one_module_alone_touches_the_address(script: Path) -> None:
    assert touched(script) == ({"query_params", "page_link"} if script.name == "here.py" else set())


def test_names_are_unique_and_their_pages_exist() -> None:
    assert len(PARAMETERS) == len(TABLE)
    assert {one.page for one in TABLE} <= {"", *(one.url for one in REGISTRY)}
    assert all(set(one.drops) <= set(PARAMETERS) for one in TABLE)


def test_a_page_cannot_ask_for_what_the_table_does_not_know() -> None:
    with pytest.raises(SettingError, match=r"no parameter 'drift_metod'\. Did you mean 'drift_method'"):
        Address().text("drift_metod")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("from", "NaN"), ("to", "2013-02-30"), ("a_from", "0001-01-01"), ("b_data", "prodction"), ("a", "window befor"), ("win", "1 wek"),
        ("win", "1\x00week"), ("where", "a" * (LONGEST + 1)), ("where", "x = '\x00'"), ("a_where", "\x1b[2J"), ("drift_floor", "nan"),
        ("drift_floor", "-1"), ("drift_floor", "1e999"), ("findings_page", "0"), ("findings_page", "²"), ("present", "perhaps"),
        ("cell", "a\x00~b"), ("drift_span", "two"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_said(name: str, text: str) -> None:
    address = Address.of({"case": "shop", name: text})
    assert address.texts() == {"case": "shop"}
    refused = address.refusals()
    assert [one.name for one in refused] == [name]
    assert parameter(name).what in refused[0].why
    assert len(refused[0].why) < 400
    assert refused[0].why.isprintable()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("from", "2013-04-01"), ("win", "5000 rows"), ("where", "city = 'Rome'\nAND weight > 5"), ("cell", "a~b~2013-W14"),
        ("drift_floor", "0.25"), ("present", "true"), ("version", "2"), ("a", "another period"), ("where", ""),
    ],
)  # fmt: skip
def test_what_can_be_read_is_not_refused(name: str, text: str) -> None:
    address = Address.of({name: text})
    assert address.refusals() == ()
    assert address.text(name) == (text or None)


def test_a_name_that_stands_there_twice_is_honoured_only_if_it_says_the_same() -> None:
    twice = Address({"case": ("shop", "flights"), "win": ("1 day", "1 day")})
    assert twice.texts() == {"win": "1 day"}
    assert [one.why for one in twice.refusals()] == ["The address names the case more than once: 'shop' and 'flights'."]


def test_a_name_that_no_page_knows_is_said_with_the_nearest() -> None:
    (one,) = Address.of({"wher": "x = 1"}).refusals()
    assert one.why == "The address says 'wher', which no page knows. Did you mean 'where'?"
    assert not one.compares_otherwise


def test_another_case_takes_along_only_what_does_not_depend_on_it() -> None:
    every = {one.name: "x" for one in TABLE} | {"case": "shop"}
    kept = set(Address.of(every).change({"case": "flights"}).values)
    assert kept == {"case"} | {one.name for one in TABLE if not one.of_case}
    assert {"where", "from", "a_version", "cell", "window", "drift_floor"}.isdisjoint(kept)
    assert {"win", "a", "drift_method", "present", "setup_tab"} <= kept


def test_the_same_case_again_drops_nothing() -> None:
    address = Address.of({"case": "shop", "where": "weight > 5"})
    assert address.change({"case": "shop"}) == address


def test_another_choice_drops_what_made_sense_only_with_the_last() -> None:
    address = Address.of({"drift_method": "A", "drift_floor": "0.1", "cell": "a~1", "run": "a~x", "drift_span": "one"})
    assert set(address.change({"drift_method": "B"}).values) == {"drift_method", "cell", "run", "drift_span"}
    assert address.change({"cell": "b~2", "run": "b~y"}).texts() == {
        "drift_method": "A", "drift_floor": "0.1", "cell": "b~2", "run": "b~y",
    }  # fmt: skip


def test_a_view_keeps_the_comparison_and_one_page() -> None:
    address = Address.of(dict.fromkeys(COMPARISON, "x") | {"cell": "a~1", "window": "2013-W14", "by": "city"})
    assert set(address.of_page("drift").values) == {*COMPARISON, "cell"}


def test_a_name_of_b_that_stands_alone_is_named_without_it() -> None:
    refused = Address({"b_from": ("2025-04-01",)}).refusals()
    assert [one.why for one in refused] == ["The address says 'b_from', which no page knows. Did you mean 'from'?"]
