"""The page Set-up in Streamlit's own test harness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from monitor.case import load_case, trust_of
from monitor.case.trust import trust_file
from monitor.places import app_folder
from monitor.vocabulary import Task
from tests.pages.seen import open_page, said


def opened() -> AppTest:
    app = AppTest.from_file(str(app_folder() / "app.py"), default_timeout=30).run()
    app.switch_page("pages/setup.py").run()
    assert not app.exception
    return app


def test_answers_its_question_and_escapes_names(shop: Path) -> None:
    app = opened()
    assert app.title[0].value == r"2 features of 6 columns are watched\."
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


@pytest.mark.parametrize("role", ['timestamp = "seen_at"', 'ignore = ["x"]'])
def test_dates_of_two_readings_are_asked_and_read_as_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    case = tmp_path / "two"
    case.mkdir()
    lines = "".join(f"{1 + i % 12:02d}/{1 + i % 7:02d}/2024,{i % 5},{i}\n" for i in range(60))
    for name in ("reference", "production"):
        (case / f"{name}.csv").write_text(f"seen_at,x,n\n{lines}")
    data = '[data]\nreference = "reference.csv"\nproduction = "production.csv"\n'
    (case / "case.toml").write_text(f'[case]\nname = "two"\ntask = "none"\n{data}[roles]\n{role}\n')
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path))
    app = opened()
    asked = next(one for one in app.radio if "can be read in two ways" in one.label)
    assert asked.options == ["01/02/2025 is 1 February 2025 (%d/%m/%Y)", "01/02/2025 is 2 January 2025 (%m/%d/%Y)"]
    asked.set_value("%m/%d/%Y").run()
    next(button for button in app.button if button.label == "Read them so").click().run()
    assert not app.exception
    assert dict(load_case(case).formats) == {"seen_at": "%m/%d/%Y"}
    assert not [one for one in app.radio if "can be read in two ways" in one.label]


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


OWN = '\n[[methods]]\nid = "gap"\nfunction = "own.py:gap"\ntrust = true\n'


@pytest.fixture
def strangers(shop: Path) -> Path:
    (shop / "own.py").write_text(f"open({str(shop / 'ran')!r}, 'w').close()\ndef gap(a, b):\n    return 1.0\n")
    with (shop / "case.toml").open("a") as file:
        file.write(OWN)
    return shop


def button(app: AppTest, label: str) -> Any:
    return next(one for one in app.button if one.label == label)


def test_a_case_that_brings_no_code_is_not_asked_about(shop: Path) -> None:
    assert "trust" not in said(open_page("setup"))


def test_code_runs_once_a_person_trusts_it_and_no_more_when_that_is_taken_back(strangers: Path) -> None:
    app = open_page("setup")
    text = said(app)
    assert "Nothing of it runs: you have not trusted it. The case asks to be trusted. Code of a case runs with all your rights" in text
    assert "own.py: Python code, runs, sha256" in text
    assert "def gap(a, b)" in app.code[0].value
    open_page("overview")
    open_page("drift")
    assert not (strangers / "ran").exists()
    button(app, "I have read it and trust it").click().run()
    assert "You trust the code and model of this case" in said(app)
    open_page("drift")
    assert (strangers / "ran").exists()
    button(app, "Trust it no more").click().run()
    assert not trust_of(load_case(strangers)).given


def test_what_changed_after_it_was_shown_is_not_trusted(strangers: Path) -> None:
    app = open_page("setup")
    with (strangers / "own.py").open("a") as file:
        file.write("import os\n")
    button(app, "I have read it and trust it").click().run()
    assert "it changed since you trusted it on" in said(app)
    assert not (strangers / "ran").exists()


def test_settings_that_cannot_be_used_say_so_and_offer_nothing(strangers: Path) -> None:
    trust_file().parent.mkdir(parents=True)
    trust_file().write_text("{")
    trust_file().chmod(0o600)
    app = open_page("setup")
    assert "are damaged" in said(app)
    assert [one.label for one in app.button if "trust" in one.label] == []


def test_a_task_without_a_model_is_not_saved_while_roles_name_one(shop: Path) -> None:
    before = (shop / "case.toml").read_bytes()
    app = open_page("setup")
    next(box for box in app.selectbox if box.label == "Task").set_value(Task.NONE).run()
    button(app, "Check and save case.toml").click().run()
    assert not app.exception
    assert "watches data without a model, but names roles.score = 'score'" in app.error[0].value.replace("\\", "")
    assert (shop / "case.toml").read_bytes() == before
