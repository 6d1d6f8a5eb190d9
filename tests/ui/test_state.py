"""The choices of the global bar, as widgets or an address give them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.engine import Selection
from monitor.errors import CaseError, SelectionError
from monitor.places import demo_folder
from monitor.ui.address import Address
from monitor.ui.state import View, case_titles, known_cases, read_view, window_choices


def seen(**choices: Any) -> View:
    address = Address.of({"case": "shop"} | {name: str(value) for name, value in choices.items()})
    return read_view(address, theme="light", presenting=False)


def test_without_choices_everything_is_as_in_the_case(shop: Path) -> None:
    view = seen()
    assert (view.case_id, view.against, str(view.windows)) == ("shop", "reference", "1 week")
    assert (view.production.start, view.production.end, view.reference.data) == (None, None, "reference")
    assert view.words == "Shop: *late* orders · all of production against the reference set"


def test_days_are_local_and_the_last_one_is_included(shop: Path) -> None:
    production = seen(**{"from": date(2013, 4, 2), "to": date(2013, 4, 3)}).production
    assert production.describe() == "production from 2013-04-02 04:00 to 2013-04-04 04:00 UTC"


def test_another_period_is_production(shop: Path) -> None:
    view = seen(a="another period", a_from=date(2013, 4, 1), a_to=date(2013, 4, 1))
    assert (view.reference.data, view.against) == ("production", "reference")
    assert view.words == "Shop: *late* orders · B: all of production against A: production, 1 Apr 2013"


def test_each_side_is_any_selection(shop: Path) -> None:
    a = {"a_data": "production", "a_to": date(2013, 4, 1), "a_where": "weight < 5", "a_file": "one.parquet"}
    view = seen(**a, b_data="reference", b_where="weight > 5", where="late = 1", b_file=" ")
    assert view.reference == Selection(
        "production", end=datetime(2013, 4, 2, 4, tzinfo=UTC), where="(late = 1\n)\nAND (weight < 5\n)", file="one.parquet"
    )
    assert view.production == Selection("reference", where="(late = 1\n)\nAND (weight > 5\n)")
    assert "A: production, up to 1 Apr 2013, file one.parquet, where late = 1 and weight < 5" in view.words


def test_the_window_before_is_named(shop: Path) -> None:
    view = seen(a="window before", where="late = 1")
    assert view.words.endswith("all of production against the window before, where late = 1")
    assert view.against == "previous"


def test_a_model_version_is_refused_where_there_are_none(shop: Path) -> None:
    with pytest.raises(SelectionError, match="no column of model versions, so version '2'"):
        seen(version="2")


def test_a_predicate_holds_for_both_sides(shop: Path) -> None:
    view = seen(where="weight > 5")
    assert view.reference.where == view.production.where == "weight > 5"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"from": date(2013, 5, 2), "to": date(2013, 5, 1)}, "starts on 2 May 2013 and ends on 1 May 2013"),
    ],
)
def test_a_choice_that_is_not_allowed_is_explained(shop: Path, choices: dict[str, Any], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        seen(**choices)


def test_an_unknown_case_is_explained_and_never_another_one(shop: Path) -> None:
    with pytest.raises(CaseError, match=r"There is no case 'shp'\. Did you mean 'shop'"):
        seen(case="shp")


def test_without_any_case_it_is_said_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path))
    with pytest.raises(CaseError, match="Make one on the page Set-up"):
        seen()


def test_a_changed_case_file_is_read_again(shop: Path) -> None:
    assert seen().case.owner == ""
    file = shop / "case.toml"
    file.write_text(file.read_text().replace('task = "binary"', 'task = "binary"\nowner = "ops@example.org"'))
    assert seen().case.owner == "ops@example.org"


def test_both_demos_are_cases_and_flights_is_the_first() -> None:
    assert list(known_cases(demo_folder())) == ["flights", "payments"]


def test_one_case_may_be_named_itself(shop: Path) -> None:
    assert known_cases(shop) == {"shop": shop}


def test_the_window_of_the_case_is_offered_first(shop: Path) -> None:
    file = shop / "case.toml"
    file.write_text(file.read_text().replace("1 week", "2 days"))
    assert window_choices(seen().case)[:2] == ["2 days", "1 hour"]


def test_a_case_is_called_by_its_name_and_by_its_folder_where_two_have_the_same(tmp_path: Path) -> None:
    for folder, name in (("a", "Fraud"), ("b", "Fraud"), ("c", "Delays")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "case.toml").write_text(f'[case]\nname = "{name}"\n')
    assert case_titles(known_cases(tmp_path)) == {"a": "Fraud (a)", "b": "Fraud (b)", "c": "Delays"}
