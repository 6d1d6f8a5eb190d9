"""The page Set-up in Streamlit's own test harness."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case
from monitor.places import app_folder
from tests.pages.seen import open_page


def opened() -> AppTest:
    app = AppTest.from_file(str(app_folder() / "app.py"), default_timeout=30).run()
    app.switch_page("pages/setup.py").run()
    assert not app.exception
    return app


def test_answers_its_question_and_escapes_names(shop: Path) -> None:
    app = opened()
    assert app.title[0].value == r"Shop\: \*late\* orders\: 2 features of 6 columns are watched"
    assert [metric.value for metric in app.metric[:2]] == ["300", "600"]


def test_saving_writes_what_was_edited_and_keeps_comments(shop: Path) -> None:
    app = opened()
    next(box for box in app.text_input if box.label == "Owner, who is told").set_value("ops@example.org")
    next(button for button in app.button if button.label == "Check and save case.toml").click().run()
    assert not app.exception
    assert load_case(shop).owner == "ops@example.org"
    assert (shop / "case.toml").read_text().startswith("# kept")


def test_a_wrong_time_zone_is_not_saved(shop: Path) -> None:
    before = (shop / "case.toml").read_bytes()
    app = opened()
    next(box for box in app.text_input if box.label == "Time zone").set_value("Mars/Olympus")
    next(button for button in app.button if button.label == "Check and save case.toml").click().run()
    assert "Mars/Olympus" in app.error[0].value.replace("\\", "")
    assert (shop / "case.toml").read_bytes() == before


def test_a_broken_case_says_what_is_wrong(shop: Path) -> None:
    (shop / "case.toml").write_text('[case]\nname = "x"\ntask = "binary"\nownr = "y"\n')
    app = opened()
    assert "ownr" in app.error[0].value


def test_a_lost_file_is_named(shop: Path) -> None:
    (shop / "production.parquet").unlink()
    assert "production" in opened().error[0].value


def test_no_case_opens_the_form_for_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path))
    app = opened()
    assert any(button.label == "Read the files and guess" for button in app.button)


def test_a_case_is_made_from_paths(shop: Path) -> None:
    app = open_page("setup", query={"setup_tab": "A new case"})
    app.text_input(key="new_name").set_value("Second shop")
    app.text_input(key="new_reference_place").set_value(str(shop / "reference.parquet"))
    app.text_input(key="new_production_place").set_value(str(shop / "production.parquet"))
    app.button(key="new_create").click().run()
    assert not app.exception
    assert load_case(shop.parent / "second-shop").roles.timestamp == "time"
    assert app.selectbox(key="case").value == "second-shop"
