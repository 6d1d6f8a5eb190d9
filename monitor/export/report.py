"""What a report says, whatever it is written in: an answer, a section per finding with its figures, and how it was computed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from monitor.charts import Chart, Theme, daily_chart, drift_heatmap_chart, statistic_timeline_chart, stored_chart
from monitor.errors import SourceError
from monitor.export.charts import to_vega_lite
from monitor.export.files import records
from monitor.export.pin import Pin
from monitor.judgement.daily import hours_table
from monitor.judgement.drawn import with_limit_line, with_strength_of_runs
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.findings import ALARMS
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.window_texts import with_windows
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.multivariate.catalogue import JOINT
from monitor.vocabulary import Status
from monitor.wording import count_text, moment_text, number_text, plural, share_text, window_text

MOST_ROWS = 40
COLUMNS = ("Window", "Rows", "Method", "Score", "Limit", "Verdict", "Moved most", "Before", "Then")
LOOKED = "What was looked at"
APPENDIX = "Appendix"
COVERAGE = "What was asked, what is shown, what is missing"
EXPECTED = "Expected up to"
"""What stands in the place of the limit in pins of earlier versions."""
WORDS = {
    Status.STABLE: "stable",
    Status.WARNING: "warning",
    Status.ALERT: "alert",
    Status.TOO_FEW_ROWS: "too few rows",
    Status.NOT_APPLICABLE: "not applicable",
    Status.NOT_JUDGED: "not judged",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """A table as people read it: texts only."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One finding: what was found, what was said about it, the figures, charts (complete Vega-Lite) and where it comes from.

    Sections that follow each other and answer the same question (`asked`) stand under it.
    """

    title: str
    sentence: str
    status: str = ""
    comment: str = ""
    figures: Figures | None = None
    charts: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] | None = None
    asked: str = ""

    @property
    def told(self) -> str:
        """What was found, with its status."""
        return f"{self.status.capitalize()}. {self.sentence}" if self.status else self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report: `doubt` is what is uncertain of the answer, `decide` (lines of name and text, one with the `address` of what is told) and
    `charts` are its first page, `facts` further lines, under the heading `told_by`, `looked` what was looked at; `coverage` what was asked
    of it, with what is shown and what is missing, before the sections or after them (`coverage_last`); `skipped` what was not judged and
    why; `computed` the provenance of each part, by its title.

    `one_page`: the lines to `decide` by and the first chart are one page with the `facts`, and one slide without these; all that follows is
    marked as an appendix.
    """

    title: str
    answer: str
    doubt: str = ""
    decide: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    facts: Mapping[str, str]
    told_by: str = "What each page says"
    looked: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Section, ...]
    charts: tuple[Mapping[str, Any], ...] = ()
    coverage: Figures | None = None
    coverage_last: bool = False
    one_page: bool = False
    skipped: tuple[str, ...] = ()
    computed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def further(self, title: str) -> str:
        """Return the title of what follows the first page."""
        return f"{APPENDIX}: {title}" if self.one_page else title

    def with_computed(self, computed: Mapping[str, Mapping[str, Any]]) -> Report:
        """Return the report with other words on how it was computed."""
        return replace(self, computed=computed)


def pins_report(pins: Sequence[Pin], *, title: str) -> Report:
    """Return the report of pinned findings, in the order given."""
    return Report(
        title=title,
        answer=f"{plural(len(pins), 'finding')} kept." if pins else "No finding was kept.",
        facts={"Written": written()},
        sections=tuple(pinned_section(one) for one in pins),
    )


def drift_facts(judged: JudgedDrift) -> dict[str, str]:
    """Return what was compared with what, for people."""
    provenance = judged.provenance
    used = {side: count_text(int(rows["used"])) for side, rows in provenance.rows.items()}
    return {
        "Looked at": f"{provenance.selections['production']}, {used['production']} rows, windows of {provenance.settings['windows']}",
        "Compared with": f"{provenance.selections['reference']} ({judged.against}), {used['reference']} rows",
        "False alarms to expect": f"at most {number_text(judged.expected_false_alarms, 2)} of {plural(judged.family, 'column')}",
    }


def written() -> str:
    """Return the moment at which a report is written, for people."""
    return f"{moment_text(datetime.now(UTC))} UTC"


def provenance_lines(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how something was computed as lines of name and text: rows, data, settings, seed, versions and when, without its SQL."""
    rows = provenance.get("rows", {})
    lines = [(str(side), _used(provenance, str(side), rows[side])) for side in rows]
    lines += [("Data", f"{side} {print_}") for side, print_ in provenance.get("fingerprints", {}).items()]
    return lines + [(key.capitalize(), _json(provenance.get(key))) for key in ("settings", "seed", "versions", "started")]


def _used(provenance: Mapping[str, Any], side: str, counted: Mapping[str, Any]) -> str:
    excluded = "".join(f"; {n} left out: {reason}" for reason, n in counted.get("excluded", {}).items())
    return f"{provenance.get('selections', {}).get(side, side)}: {counted.get('used')} rows used{excluded}"


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def drift_section(finding: Finding, judged: JudgedDrift) -> Section:
    """Return the section of a finding on drift: its windows and its method's timeline."""
    of_column = judged.table["column"] == finding.what
    own = judged.table[of_column & (judged.table["method"] == finding.method)]
    inside = judged.windows.ids[finding.first : finding.last + 1]
    return Section(
        title=headline(finding, judged.names, judged.against),
        sentence=sentence(finding, judged.names, judged.against),
        status=WORDS[Status(finding.status)],
        figures=figures(records(with_windows(own[own["window"].isin(inside)], judged))),
        charts=tuple(to_vega_lite(one) for one in _drift_charts(own, finding, judged)),
    )


def _drift_charts(own: pd.DataFrame, finding: Finding, judged: JudgedDrift) -> Iterator[Chart]:
    """Yield the method by window; where another hour of the day is what moved, both sides by hour."""
    if finding.kind is FindingKind.CLOCK:
        yield daily_chart(hours_table(judged.result, finding), label=finding.label)
    elif len(own) > 1:
        yield _timeline(own, finding, judged)


def pinned_section(kept: Pin) -> Section:
    """Return the section of what somebody pinned, with the comment."""
    said = kept.sentence if not kept.view else f"{kept.sentence} View: ?{kept.view.removeprefix('?')}"
    status = str(kept.finding.get("status", ""))
    return Section(
        title=kept.title,
        sentence=said,
        status=WORDS[Status(status)] if status in set(Status) else "",
        comment=kept.comment,
        figures=pin_figures(kept),
        charts=tuple(to_vega_lite(one) for one in pin_charts(kept, theme="light")[0]),
        provenance=kept.provenance or None,
    )


def pin_figures(kept: Pin) -> Figures:
    """Return the figures behind a pin."""
    return figures([row for row in kept.rows if row.get("primary", True)])


def pin_charts(kept: Pin, *, theme: Theme) -> tuple[tuple[Chart, ...], tuple[str, ...]]:
    """Return a pin's charts in the colours of a theme, and why others of them are not drawn."""
    drawn: list[Chart] = []
    refused: list[str] = []
    for one in kept.charts:
        try:
            drawn.append(stored_chart(one, theme=theme))
        except SourceError as error:
            refused.append(str(error))
    return tuple(drawn), tuple(refused)


def figures(rows: Sequence[Mapping[str, Any]]) -> Figures:
    """Return the figures of judged rows: the alarmed ones by window, of more than 40 those with the highest scores."""
    ordered = sorted(rows, key=lambda row: str(row.get("window", "")))
    alarmed = [row for row in ordered if row.get("status") in ALARMS] or ordered
    largest = sorted(range(len(alarmed)), key=lambda i: -_size(alarmed[i]))[:MOST_ROWS]
    shown = [alarmed[i] for i in sorted(largest)]
    note = f"{plural(len(alarmed), 'window')} of {len(rows)} with an alarm" if len(alarmed) < len(rows) else ""
    if len(shown) < len(alarmed):
        note = f"the {len(shown)} largest of {plural(len(alarmed), 'row')}"
    limited = any("limit" in row for row in shown) or not shown
    columns = COLUMNS if limited else tuple(EXPECTED if name == "Limit" else name for name in COLUMNS)
    return Figures(columns, tuple(_figure_row(row) for row in shown), note)


def _size(row: Mapping[str, Any]) -> float:
    score = _number(row, "score")
    return -1.0 if score is None else abs(score)


def _figure_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    method, status = str(row.get("method", "")), str(row.get("status", ""))
    return (
        str(row.get("when") or window_text(str(row.get("window", "")))),
        count_text(int(row["n_production"])) if isinstance(row.get("n_production"), int) else "–",
        _title(method),
        number_text(_number(row, "score")),
        number_text(_limit(row)),
        WORDS[Status(status)] if status in set(Status) else status,
        str(row.get("moved_cell") or ""),
        share_text(_number(row, "moved_from"), 2),
        share_text(_number(row, "moved_to"), 2),
    )


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) else None


def _limit(row: Mapping[str, Any]) -> float | None:
    """Return the limit that counts: of the run where the window belongs to one; pins of earlier versions have what was expected."""
    if "limit" not in row:
        return _number(row, "expected")
    run = _number(row, "run_limit")
    return _number(row, "limit") if run is None else run


def _timeline(rows: pd.DataFrame, finding: Finding, judged: JudgedDrift) -> Chart:
    table = with_windows(with_limit_line(rows, judged.result), judged)
    return statistic_timeline_chart(table, label=finding.label, method=_title(finding.method))


def drift_overview(judged: JudgedDrift) -> Chart:
    """Draw the row that speaks for each column and window."""
    table = with_windows(with_strength_of_runs(judged.primary, judged.findings), judged)
    measured = table.assign(measured=[_title(str(method)) for method in table["method"]])
    order = [one.what for one in judged.found]
    return drift_heatmap_chart(measured.assign(found=len(judged.findings)), method="Strength", order=order)


def _title(method: str) -> str:
    if method in JOINT:
        return JOINT[method].title
    return CATALOGUE.method(method).title if method in CATALOGUE.ids else method
