"""What a report says, whatever it is written in: an answer, a section per finding with its figures, and how it was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from monitor.case import Case
from monitor.charts import Chart, Theme, drift_heatmap_chart, statistic_timeline_chart, stored_chart
from monitor.errors import SourceError
from monitor.export.charts import to_vega_lite
from monitor.export.files import provenance_record, records
from monitor.export.pins import Pin
from monitor.export.results import as_result
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import ALARMS, Finding, find_drift
from monitor.judgement.sentences import answer, baseline_words, headline, sentence
from monitor.stats.catalogue import CATALOGUE
from monitor.stats.multivariate.catalogue import JOINT
from monitor.vocabulary import Status
from monitor.wording import count_text, moment_text, number_text, plural, share_text, window_text

MOST_ROWS = 40
COLUMNS = ("Window", "Rows", "Method", "Score", "Expected up to", "Verdict", "Moved most", "Before", "Then")
_WORDS = {
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
    """One finding: what was found, what was said about it, the figures, charts (complete Vega-Lite) and where it comes from."""

    title: str
    sentence: str
    status: str = ""
    comment: str = ""
    figures: Figures | None = None
    charts: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report: `facts` are lines of name and text; `skipped` what was not judged and why."""

    title: str
    answer: str
    facts: Mapping[str, str]
    sections: tuple[Section, ...]
    charts: tuple[Mapping[str, Any], ...] = ()
    skipped: tuple[str, ...] = ()
    provenance: Mapping[str, Any] | None = None


def drift_report(judged: JudgedDrift, case: Case) -> Report:
    """Return the report of judged drift: every finding, the most severe first."""
    provenance = provenance_record(as_result(judged).provenance)
    found = find_drift(judged)
    many = judged.primary["window"].nunique() > 1
    return Report(
        title=f"Drift of {case.name}",
        answer=answer(judged),
        facts=_facts(judged, case),
        sections=tuple(_section(one, judged) for one in found),
        charts=(to_vega_lite(_heatmap(judged, found)),) if many else (),
        skipped=tuple(f"{one.what}: {one.message}" for one in judged.skipped),
        provenance=provenance,
    )


def pins_report(pins: Sequence[Pin], *, title: str) -> Report:
    """Return the report of pinned findings, in the order given."""
    return Report(
        title=title,
        answer=f"{plural(len(pins), 'finding')} kept." if pins else "No finding was kept.",
        facts={"Written": _now()},
        sections=tuple(_pinned(one) for one in pins),
    )


def _facts(judged: JudgedDrift, case: Case) -> dict[str, str]:
    provenance = judged.provenance
    used = {side: count_text(int(rows["used"])) for side, rows in provenance.rows.items()}
    facts = {
        "Production": f"{provenance.selections['production']}, {used['production']} rows, windows of {provenance.settings['windows']}",
        "Compared with": f"{provenance.selections['reference']} ({baseline_words(judged)}), {used['reference']} rows",
        "False alarms to expect": f"at most {number_text(judged.expected_false_alarms, 2)} of {plural(judged.family, 'look')}",
        "Owner": case.owner,
        "Written": _now(),
    }
    return {name: text for name, text in facts.items() if text}


def _now() -> str:
    return f"{moment_text(datetime.now(UTC))} UTC"


def _section(finding: Finding, judged: JudgedDrift) -> Section:
    primary = judged.primary
    own = judged.table[(judged.table["column"] == finding.column) & (judged.table["method"] == finding.method)]
    return Section(
        title=headline(finding),
        sentence=sentence(finding, against=baseline_words(judged)),
        status=_WORDS[Status(finding.status)],
        figures=figures(records(primary[primary["column"] == finding.column])),
        charts=(to_vega_lite(_timeline(own, finding)),) if len(own) > 1 else (),
    )


def _pinned(kept: Pin) -> Section:
    said = kept.sentence if not kept.view else f"{kept.sentence} View: ?{kept.view.removeprefix('?')}"
    status = str(kept.finding.get("status", ""))
    return Section(
        title=kept.title,
        sentence=said,
        status=_WORDS[Status(status)] if status in set(Status) else "",
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
    note = f"{plural(len(alarmed), 'window')} of {len(rows)} left the expectation" if len(alarmed) < len(rows) else ""
    if len(shown) < len(alarmed):
        note = f"the {len(shown)} largest of {plural(len(alarmed), 'row')}"
    return Figures(COLUMNS, tuple(_figure_row(row) for row in shown), note)


def _size(row: Mapping[str, Any]) -> float:
    score = _number(row, "score")
    return -1.0 if score is None else abs(score)


def _figure_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    method, status = str(row.get("method", "")), str(row.get("status", ""))
    return (
        window_text(str(row.get("window", ""))),
        count_text(int(row["n_production"])) if isinstance(row.get("n_production"), int) else "–",
        _title(method),
        number_text(_number(row, "score")),
        number_text(_number(row, "expected")),
        _WORDS[Status(status)] if status in set(Status) else status,
        str(row.get("moved_cell") or ""),
        share_text(_number(row, "moved_from"), 2),
        share_text(_number(row, "moved_to"), 2),
    )


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) else None


def _timeline(rows: pd.DataFrame, finding: Finding) -> Chart:
    return statistic_timeline_chart(rows.assign(threshold=float("nan")), label=finding.label, method=_title(finding.method))


def _heatmap(judged: JudgedDrift, found: Sequence[Finding]) -> Chart:
    """Draw the commonest method by which columns are judged, with the verdict that stands for each column and window."""
    method = str(judged.primary["method"].mode().iloc[0])
    verdicts = judged.primary[["column", "window", "status"]]
    table = judged.table[judged.table["method"] == method].drop(columns="status").merge(verdicts, on=["column", "window"])
    return drift_heatmap_chart(table, method=_title(method), order=[one.column for one in found])


def _title(method: str) -> str:
    if method in JOINT:
        return JOINT[method].title
    return CATALOGUE.method(method).title if method in CATALOGUE.ids else method
