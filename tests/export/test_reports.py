from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote_plus

import pytest

from monitor.case import Case
from monitor.export.finding_pins import drift_pin
from monitor.export.html import to_html
from monitor.export.markdown import escape, pins_markdown, to_markdown
from monitor.export.report import MOST_ROWS, Report, figures
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.narration.sentences import headline
from monitor.registry import report_of


@pytest.fixture
def report(judged: JudgedDrift, case: Case) -> Report:
    return report_of([judged], case)


def test_a_report_has_a_section_per_finding(report: Report, judged: JudgedDrift) -> None:
    assert [section.title for section in report.sections] == [headline(one, judged.names) for one in judged.findings]
    assert report.answer.startswith("1 of 2 columns changed")
    assert "false alarm" in report.doubt
    assert report.decide["Owner"] == "someone@example.org"


def test_the_first_page_says_what_since_when_how_bad_and_where(report: Report, judged: JudgedDrift) -> None:
    assert list(report.decide) == ["What", "Since when", "How bad", "Where to see it", "What we do", "Owner"]
    finding = judged.leading[0]
    assert report.decide["Since when"] == "22 Apr 2024 (going on)"
    address = report.decide["Where to see it"]
    assert re.match(r"Start Driftscope \(driftscope app \S+\), then open http://localhost:8501/drift\?case=", address)
    assert f"run={quote_plus(finding.id)}" in address
    assert "nothing is written down" in report.decide["What we do"]
    text = to_markdown(report).decode()
    assert text.index("Since when") < text.index("## What each page says") < text.index("## What was looked at") < text.index("## 1.")
    assert set(report.facts) == {"Drift"}, "what was looked at, and when it was written, is nothing that a page says"
    assert report.looked["Told below"] == "1 finding"


def test_markdown_links_the_page_as_it_is_typed(report: Report) -> None:
    assert f"then open <{report.address}>" in to_markdown(report).decode()
    assert report.address.startswith("http://localhost:8501/drift?case=")


def test_an_app_whose_address_is_known_is_linked(judged: JudgedDrift, case: Case) -> None:
    assert (
        report_of([judged], case, app="https://drift.example.org/").decide["Where to see it"].startswith("https://drift.example.org/drift?")
    )


def test_what_is_said_of_a_pin_is_what_is_done(judged: JudgedDrift, case: Case) -> None:
    told = drift_pin(judged.findings[0], judged, comment="Sensor is exchanged on Monday.")
    assert report_of([judged], case, [told]).decide["What we do"].startswith("Sensor is exchanged on Monday. (")


def test_markdown_says_sentence_figures_and_provenance(report: Report) -> None:
    text = to_markdown(report).decode()
    assert "higher since 22 Apr" in text
    assert re.search(r"\| week of 22 Apr 2024 \| 280 \|.*\| alert \|", text)
    assert "## How this was computed" in text
    assert "```sql\nSELECT" in text
    assert "2,240 rows" in text


def test_markdown_shows_hostile_names_letter_by_letter(report: Report) -> None:
    text = to_markdown(report).decode().split("```sql")[0]
    assert r"\=age \| \<b>\`x\`\</b> \[l\](http\://e.org) is higher" in text
    assert not re.search(r"(?<!\\)<b>", text)
    assert "](http:" not in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("7.5 (°F)", "7.5 (°F)"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("# head\n\nnext", r"\# head next"),
        ("a|b", r"a\|b"),
        ("www.e.org", r"www\.e.org"),
        ("http://e.org mailto:me", r"http\://e.org mailto\:me"),
        ("me@e.org @me (@you)", r"me@e.org \@me (\@you)"),
        ("city: Paris, a:b, case.toml", "city: Paris, a:b, case.toml"),
        ("$x$ ~y~", r"\$x\$ \~y\~"),
        ("since 14:00, plane_age > 4 & up -> next", "since 14:00, plane_age > 4 & up -> next"),
        ("_x_ __init__ :100: &amp; #12 > q", r"\_x\_ \_\_init\_\_ \:100: \&amp; \#12 > q"),
        ("> quoted", r"\> quoted"),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_sql_with_backticks_stays_inside_its_fence(report: Report) -> None:
    hostile = {**report.computed["Drift"], "sql": [{"step": "s", "sql": "SELECT '\n```\n<script>'"}]}
    text = to_markdown(replace(report, computed={"Drift": hostile})).decode()
    assert "````sql\nSELECT '\n```\n<script>'\n````" in text


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]


def test_html_is_self_contained_and_runs_nothing(report: Report) -> None:
    text = to_html(report).decode()
    seen = _Seen()
    seen.feed(text)
    assert not {"script", "iframe", "link", "b", "img", "object"} & set(seen.tags)
    assert seen.addresses == []
    assert seen.tags.count("svg") == 2
    assert "=age | &lt;b&gt;`x`&lt;/b&gt; [l](http://e.org) is higher" in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_pinned_findings_carry_their_comment_and_provenance(judged: JudgedDrift) -> None:
    kept = drift_pin(judged.findings[0], judged, comment="Look:\n<img src=x onerror=alert(1)>", view="?case=small")
    text = pins_markdown([kept]).decode()
    assert r"> \<img src=x onerror=alert(1)>" in text
    assert "1 finding kept." in text
    assert "View: ?case=small" in text
    assert text.count("```sql") == 2


def test_no_pins_say_so() -> None:
    assert "No finding was kept." in pins_markdown([]).decode()


def test_of_many_windows_the_largest_are_shown_in_order() -> None:
    rows = [{"window": f"rows-{i:06d}", "status": "alert", "score": float(i % 7), "n_production": 5} for i in range(MOST_ROWS + 5)]
    shown = figures(rows)
    assert len(shown.rows) == MOST_ROWS
    assert shown.note == "the 40 largest of 45 rows"
    assert [row[0] for row in shown.rows] == sorted((row[0] for row in shown.rows), key=lambda text: int(text.split()[1]))
