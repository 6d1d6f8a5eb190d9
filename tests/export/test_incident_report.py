"""The report of one incident: a first page that holds what matters, an appendix, and the same figures whatever it is written as."""

import io
import re
from dataclasses import replace
from html import unescape

import pytest
from pptx import Presentation

from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.export.html import to_html
from monitor.export.incident_report import incident_report
from monitor.export.markdown import to_markdown
from monitor.export.pptx import to_pptx
from monitor.incidents.cause import Cause
from monitor.incidents.effect import measure_effects
from monitor.incidents.ruled_out import RuledOut
from monitor.incidents.scene import Scene
from tests.export.test_capsule import CASE, rows
from tests.export.test_pptx import overlapping, words
from tests.incidents.made import FARE, SCORE, found
from tests.incidents.test_judged import CENTS, judged, of

FIGURE = re.compile(r"\d(?:[\d.,:]*\d)?%?")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    now = rows("2026-03-01", 30, 2)
    hit = now["country"].eq("FR") & now["at"].ge("2026-03-06") & now["at"].lt("2026-03-14")
    now.loc[hit, "fare"] *= 100
    rows("2026-01-01", 50, 1).to_parquet(folder / "r.parquet")
    now.to_parquet(folder / "p.parquet")
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    seen = [found(f"column {n}", 5, 12, columns=("fare",)) for n in range(30)]
    before = found("older", 1, 12, columns=("fare",))
    ruled = (RuledOut(cause=Cause.STUCK_VALUE, now=0.0123, before=0.0456, rows=789, usual=5000, column="fare"),)
    told = judged(of(CENTS, FARE, SCORE, before, *seen), not_it=(ruled,))
    with open_workspace(load_case(folder), cache=folder / "cache") as workspace:
        scene = Scene(workspace=workspace, question=Question(), judged={})
        effect = measure_effects(scene, [told.incidents[0].hypothesis])[0]
        one = replace(told.incidents[0], effect=effect)
        return incident_report(one, told, workspace.case, scene)


def as_words(report):
    """Return the words of a report in each form, without pictures, and how it was computed."""
    page = to_html(report).decode()
    page = re.sub(r"<(style|svg|details)\b.*?</\1>", " ", page, flags=re.DOTALL)
    slides = list(Presentation(io.BytesIO(to_pptx(report))).slides)
    told = "\n".join(words(one) for one in slides)
    told = re.sub(rf"^\d+ of {len(slides)}$", "", told, flags=re.MULTILINE)
    markdown = re.sub(r"\\(.)", r"\1", to_markdown(report).decode())
    parts = {"md": re.sub(r"^### \d+\. ", "", markdown, flags=re.MULTILINE), "html": unescape(re.sub(r"<[^>]+>", " ", page)), "pptx": told}
    return {name: text.split("How this was computed")[0] for name, text in parts.items()}


def test_figures_are_the_same_strings_in_every_form(report):
    told = {name: set(FIGURE.findall(text)) for name, text in as_words(report).items()}
    assert {"1.2%", "4.6%", "789"} <= told["md"]  # of what it was not
    assert told["html"] == told["md"]
    assert told["pptx"] == told["md"]


def test_each_form_holds_all_that_was_found(report):
    for text in as_words(report).values():
        assert [n for n in range(30) if f"column {n} was" not in text] == []


def test_the_first_page_holds_what_matters_and_findings_follow_in_groups(report):
    page = to_html(report).decode()
    first, _, appendix = page.partition('<div class="next">')
    places = [first.index(f"<dt>{name}</dt>") for name in ("Cause", "Failure", "Impact", "Where", "Next")]
    assert places == sorted(places)
    assert places[-1] < first.index("<svg") < first.index("What it was not") < first.index("Stuck value")
    titles = ["Belongs to it: 32 findings", "Began before it, and so not only from it: 1 finding", "Further about it"]
    assert [one.title for one in report.sections] == titles
    assert "column 7 was" in appendix
    assert "column 7 was" not in first


def test_the_first_slide_holds_all_that_people_need_and_every_other_is_marked(report):
    first, *rest = Presentation(io.BytesIO(to_pptx(report))).slides
    needed = {"Cause", "Failure", "Impact", "Where", "Began", "Severity", "Next", "Owner"}
    assert needed <= set(words(first).split("\n"))
    assert [bool(shape.has_chart) for shape in first.shapes].count(True) == 1  # which can be edited
    assert overlapping(first) == []
    assert [words(one) for one in rest if "Appendix" not in words(one)] == []
    text = to_markdown(report).decode()
    assert text.index("What it was not") < text.index("Appendix") < text.index("Further about it")
    assert "not judged" not in text.lower().split("appendix")[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a_b", '- Settings: `{"windows": "1 day", "of": ["a_b"]}`'),
        ("`<b>", '- Settings: \\{"windows": "1 day", "of": \\["\\`\\<b>"\\]\\}'),
    ],
)
def test_settings_and_times_stand_as_they_are_in_markdown(report, name, told):
    computed = {"Incidents": {"settings": {"windows": "1 day", "of": [name]}, "started": "2026-03-01T09:14:40Z", "sql": []}}
    text = to_markdown(report.with_computed(computed)).decode()
    assert told in text
    assert "- Started: 2026-03-01T09:14:40Z" in text
