"""Reports by profile: what is asked, what is shown, what is missing; model cards."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pptx import Presentation

from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.errors import SettingError
from monitor.export.html import to_html
from monitor.export.markdown import to_markdown
from monitor.export.modelcard import model_card
from monitor.export.pptx import to_pptx
from monitor.export.report import COVERAGE, Report
from monitor.registry import REGISTRY, find_analysis, judge_each, report_of, run_analysis
from monitor.registry.coverage import coverage_of, find_profile, with_profile
from monitor.registry.live import Source
from monitor.registry.requirements import PROFILES
from monitor.tables import Skipped


def test_every_line_names_its_source_and_analyses_that_exist() -> None:
    lines = [line for profile in PROFILES.values() for line in profile.requirements]
    assert all(line.source and (line.analyses or line.kept or line.outside) for line in lines)
    assert {name for line in lines for name in line.analyses} <= set(REGISTRY)


def test_what_is_missing_is_told_with_its_reason(shop: Path) -> None:
    case = load_case(shop)
    rows = {
        row[0]: row for row in coverage_of(PROFILES["business"], case, (), (Skipped("Operations", "not_applicable", "too few rows"),)).rows
    }
    assert "Fairness needs a column with the role protected" in rows["Is anybody treated apart?"][4]
    asked = "What happened, since when, to which customers, and what did it cost?"
    assert rows[asked][2:] == ("missing", "–", "Incidents was not looked at.")
    assert "an owner of the model" in rows["Who deals with it, and what was done?"][4]
    owned = coverage_of(PROFILES["business"], replace(case, owner="a@example.org"), ())
    assert next(row for row in owned.rows if row[0].startswith("Who deals"))[2:4] == ("in part", "Who answers for what")


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


GOALS = '\n[value]\nfp = -1\nfn = "-weight"\n\n[[kpis]]\nname = "Weights known"\nmetric = "missing:weight"\ntarget = 0.1\n'


@pytest.fixture
def told(shop: Path) -> dict[str, Report]:
    """Return the reports of a case for two profiles, by their names."""
    (shop / "case.toml").write_text((shop / "case.toml").read_text() + GOALS)
    case = load_case(shop)
    with open_workspace(case) as workspace:
        rows = [find_analysis(name) for name in ("drift", "quality")]
        every = judge_each(rows, lambda row, **given: run_analysis(row, workspace, **given))
        found = {one.analysis: one for one in every.judged}
        source = Source(workspace, Question(), found.__getitem__)
        base = report_of(every.judged, case)
        return {name: with_profile(base, PROFILES[name], case, every.judged, source=source) for name in ("business", "model-risk")}


def test_what_the_table_calls_shown_stands_in_the_report_and_what_does_not_is_missing(told: dict[str, Report]) -> None:
    for report in told.values():
        titles = {one.title.partition(":")[0] for one in report.sections}
        assert report.coverage is not None
        for asked, _, covered, shown, missing in report.coverage.rows:
            assert (covered == "missing") == (not any(one.asked == asked for one in report.sections) and shown == "–")
            assert {one for one in shown.split("; ") if one not in ("–",) and not one.endswith(" more")} <= titles
            assert (covered == "shown") == (missing == "–")


def test_slides_hold_every_section_that_the_table_calls_shown(told: dict[str, Report]) -> None:
    report = told["model-risk"]
    many = replace(report, sections=tuple(replace(one, title=f"{n} {one.title}") for n in range(8) for one in report.sections))
    texts = "\n".join(
        shape.text_frame.text for slide in Presentation(io.BytesIO(to_pptx(many))).slides for shape in slide.shapes if shape.has_text_frame
    )
    assert [one.title for one in many.sections if one.title not in texts] == []


def test_each_profile_holds_what_it_asks_in_its_own_order_and_no_more(told: dict[str, Report]) -> None:
    for name, report in told.items():
        asked = [one.asked for one in report.sections]
        order = [one.asked for one in PROFILES[name].requirements]
        assert asked == sorted(asked, key=order.index)
    assert [one.title.partition(":")[0] for one in told["model-risk"].sections if one.asked.startswith("Ongoing")] == ["Drift", "Quality"]
    assert not {"Drift", "Quality"} & {one.title.partition(":")[0] for one in told["business"].sections}
    assert (told["business"].computed, told["business"].coverage_last) == ({}, True)
    assert told["model-risk"].computed
    goals = next(one for one in told["business"].sections if one.title.startswith("Goals:"))
    assert goals.figures is not None
    assert goals.figures.rows[0][:2] == ("Weights known", "met")
    assert "a missed one costs its " in next(one.sentence for one in told["business"].sections if one.title.startswith("What decisions"))
