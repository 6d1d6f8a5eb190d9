"""Reports by profile: what is asked, what is shown, what is missing; model cards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.errors import SettingError
from monitor.export.html import to_html
from monitor.export.markdown import to_markdown
from monitor.export.modelcard import model_card
from monitor.export.report import COVERAGE, Report
from monitor.registry import REGISTRY
from monitor.registry.coverage import coverage_of, find_profile, with_profile
from monitor.registry.requirements import PROFILES
from monitor.tables import Skipped


def test_every_line_names_its_source_and_analyses_that_exist() -> None:
    lines = [line for profile in PROFILES.values() for line in profile.requirements]
    assert all(line.source and (line.analyses or line.kept or line.outside) for line in lines)
    assert {name for line in lines for name in line.analyses} <= set(REGISTRY)


def test_what_is_missing_is_told_with_its_reason(shop: Path) -> None:
    case = load_case(shop)
    rows = {
        row[0]: row for row in coverage_of(PROFILES["business"], case, (), (Skipped("Segments", "not_applicable", "too few rows"),)).rows
    }
    assert "Fairness needs a column with the role protected" in rows["Is anybody treated apart?"][4]
    assert rows["What happened, since when, to which customers?"][2:] == ("missing", "–", "Incidents was not looked at. too few rows")
    assert "an owner of the model" in rows["Who deals with it, and what was done?"][4]
    owned = coverage_of(PROFILES["business"], replace(case, owner="a@example.org"), ())
    assert next(row for row in owned.rows if row[0].startswith("Who deals"))[2:4] == ("in part", "An owner of the model.")


def test_the_table_stands_in_every_form_and_an_unknown_profile_is_told(shop: Path) -> None:
    report = with_profile(Report(title="t", answer="a", facts={}, sections=()), PROFILES["ai-act"], load_case(shop), ())
    asked = "A post-market monitoring plan, part of the technical documentation"
    assert COVERAGE in to_html(report).decode()
    assert asked in to_html(report).decode()
    assert "of 11 lines" in to_html(report).decode().lower()
    assert "post-market monitoring plan" in to_markdown(report).decode()
    with pytest.raises(SettingError, match=r"no profile 'ai-akt'. Did you mean 'ai-act'"):
        find_profile("ai-akt")


def test_a_model_card_keeps_to_the_schema(shop: Path) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    case = replace(load_case(shop), owner="a@example.org", description="Late orders.")
    content = model_card(case, {}, (Skipped("Fairness", "not_applicable", "no groups"),))
    assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
    card = json.loads(content)["components"][0]["modelCard"]
    assert card["considerations"]["technicalLimitations"] == ["Not looked at: Fairness: no groups"]
