"""Pinned findings: what somebody kept, with all that is needed to read it without the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.files import json_bytes, plain, provenance_record, records
from monitor.export.results import as_result
from monitor.export.shelf import Shelf, Unreadable, born
from monitor.export.words import both_written, check_words
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.contract import JudgedContract
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import GAP, JudgedEstimate
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.judged_adversaries import JudgedAdversaries
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.operations import JudgedOperations
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.pipelines import JudgedPipelines
from monitor.judgement.quality import JudgedQuality
from monitor.judgement.seeing import seen_text
from monitor.judgement.segments import JudgedSegments
from monitor.judgement.window_texts import text_of, with_windows
from monitor.tables import Provenance
from monitor.vocabulary import Status

FORMAT = 1
LONGEST_COMMENT = 4000
"""Letters that a comment may have."""
ANSWER = "answer"
"""Kind of a pin of what a whole analysis says, which is no finding."""
PINNED_ROWS = 100
"""Rows of data that a pin of outliers holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A finding that somebody kept, with all that is needed to read it without the data.

    `created` is UTC; `view` the query of the address that shows it again; `finding` its fields; `rows` the rows of the table behind
    it; `charts` complete Vega-Lite specifications.
    """

    id: str
    created: str
    case: str
    title: str
    sentence: str
    analysis: str
    comment: str = ""
    view: str = ""
    finding: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    charts: tuple[Mapping[str, Any], ...] = ()
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins of a case, the newest first, and the files that are not readable."""

    pins: tuple[Pin, ...]
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    used: int
    excluded: Mapping[str, int] = field(default_factory=dict)


_SHELF = Shelf("pin", TypeAdapter(Pin), FORMAT)
_PROVENANCE = TypeAdapter(Provenance)
_ROWS = TypeAdapter(dict[str, _Counted])


def drift_pin(finding: Finding, judged: JudgedDrift, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()) -> Pin:
    """Return a pin of a finding on drift; `pin` keeps it."""
    return _judged_pin(
        judged,
        judged.table[judged.table["column"] == finding.what],
        **_told_with(finding, judged, view, comment, charts),
    )


def cell_pin(
    cell: tuple[str, str], judged: JudgedDrift, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a column in a window without a finding: that it did not change, and what could have been seen.

    Raises
    ------
    SelectionError
        There is no such cell on the screen.
    """
    column, window = cell
    rows = judged.table[(judged.table["column"] == column) & (judged.table["window"] == window)]
    speaking = rows[rows["primary"]]
    if speaking.empty:
        raise SelectionError(f"There is no column '{column}' in window '{window}' on this screen.")
    row = speaking.iloc[0]
    said = "was not judged" if row["status"] != Status.STABLE else "did not change beyond chance"
    title = f"{row['label']} {said} in {text_of(judged, window)}"
    return _judged_pin(
        judged,
        rows,
        title=title,
        sentence=f"{title}. {seen_text(row, judged.against)}".strip(),
        finding={"what": column, "label": str(row["label"]), "status": str(row["status"]), "window": window, "worst": window},
        **_kept_with(view, comment, charts),
    )


def joint_pin(
    finding: Finding, judged: JudgedMultivariate, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on joint drift, a pair of columns or a method; `pin` keeps it."""
    return _judged_pin(
        judged,
        judged.of(finding.method),
        **_told_with(finding, judged, view, comment, charts),
    )


def metric_pin(
    finding: Finding, judged: JudgedPerformance, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on performance; `pin` keeps it."""
    table = judged.table
    rows = table[table["metric"] == finding.method].assign(score=table["value"], method=table["metric"], n_production=table["n_labelled"])
    return _judged_pin(
        judged,
        rows,
        **_told_with(finding, judged, view, comment, charts),
    )


def gap_pin(
    finding: Finding, judged: JudgedFairness, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on fairness; `pin` keeps it."""
    track, table = judged.track(finding.what), judged.table
    rows = table[(table["attribute"] == track.attribute) & (table["metric"] == track.metric) & (table["group"] == track.group)]
    return _judged_pin(
        judged,
        rows.assign(score=rows["ratio"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def shadow_pin(
    finding: Finding, judged: JudgedShadow, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on a challenger or an experiment; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["difference"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def operation_pin(
    finding: Finding, judged: JudgedOperations, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on operations; `pin` keeps it."""
    rows = judged.rows_of(finding.what)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def quality_pin(
    finding: Finding, judged: JudgedQuality, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on data quality; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["check"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def contract_pin(
    finding: Finding, judged: JudgedContract, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a broken clause of the contract; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["check"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def pipeline_pin(
    finding: Finding, judged: JudgedPipelines, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on pipelines; `pin` keeps it."""
    rows = judged.rows_of(finding)
    return _judged_pin(
        judged,
        rows.assign(score=rows["value"], method=rows["metric"]),
        **_told_with(finding, judged, view, comment, charts),
    )


def incident_pin(
    finding: Finding, judged: JudgedIncidents, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of an incident; `pin` keeps it."""
    rows = judged.table[judged.table["incident"] == finding.what]
    return _judged_pin(
        judged,
        rows.assign(score=rows["explained"], method=rows["cause"], window=finding.window),
        **_told_with(finding, judged, view, comment, charts),
    )


def estimate_pin(
    finding: Finding, judged: JudgedEstimate, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on estimates; `pin` keeps it."""
    table = judged.table
    rows = table[(table["metric"] == finding.what.removesuffix(GAP)) & table["default"]].assign(score=table["estimated"])
    return _judged_pin(
        judged,
        rows,
        **_told_with(finding, judged, view, comment, charts),
    )


def segment_pin(
    finding: Finding, judged: JudgedSegments, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a segment; `pin` keeps it."""
    table = judged.table
    rows = table[table["label"] == finding.what].assign(score=table["value"], method=table["metric"])
    return _judged_pin(
        judged,
        rows,
        **_told_with(finding, judged, view, comment, charts),
    )


def adversary_pin(
    finding: Finding, judged: JudgedAdversaries, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a sign of concerted behaviour, with the ids of its rows; `pin` keeps it."""
    table = judged.table
    return _judged_pin(
        judged,
        table[table["run"] == finding.id].assign(method=finding.method),
        **_told_with(finding, judged, view, comment, charts),
    )


def concept_pin(
    finding: Finding, judged: JudgedConcept, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on concept drift; `pin` keeps it."""
    table = judged.table
    return _judged_pin(
        judged,
        table[table["run"] == finding.id],
        **_told_with(finding, judged, view, comment, charts),
    )


def outlier_pin(
    finding: Finding, judged: JudgedOutliers, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on outliers with the rows that lie farthest out of its windows; `pin` keeps it."""
    inside = judged.windows.ids[finding.first : finding.last + 1]
    rows = judged.table[judged.table["window"].isin(inside) & judged.table["method"].eq(finding.method)]
    return _judged_pin(judged, rows.head(PINNED_ROWS), **_told_with(finding, judged, view, comment, charts))


def explanation_pin(
    finding: Finding, judged: JudgedExplanations, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on attributions; `pin` keeps it."""
    table = judged.table
    rows = table[table["run"] == finding.id].assign(score=table["contribution"], method=finding.method)
    return _judged_pin(judged, rows, **_told_with(finding, judged, view, comment, charts))


def _kept_with(view: str, comment: str, charts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"view": view, "comment": comment, "charts": tuple(charts)}


def _told_with(finding: Finding, judged: Judged, view: str, comment: str, charts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what every pin of a finding says of it."""
    told = {part: write(finding, judged.names, judged.against) for part, write in (("title", headline), ("sentence", sentence))}
    return {**told, "finding": plain(asdict(finding)), **_kept_with(view, comment, charts)}


def _judged_pin(judged: Judged, rows: pd.DataFrame, **parts: Any) -> Pin:
    """Return a pin of rows of a judged screen; each says what its window is called."""
    result = as_result(judged)
    kept = tuple(records(with_windows(rows, judged)))
    provenance = provenance_record(result.provenance)
    return new_pin(case=result.case, analysis=result.analysis, rows=kept, provenance=provenance, **parts)


def subject_of(kept: Pin) -> str:
    """Return the column, pair or method that a pin is about; pins of earlier versions call it otherwise."""
    return str(kept.finding.get("what") or kept.finding.get("column") or kept.finding.get("method") or "")


def new_pin(**parts: Any) -> Pin:
    """Return a pin with an id and a time of its own; `parts` are its other fields."""
    now = born()
    return Pin(id=now.id, created=now.created, **parts)


def pin(case: Case, kept: Pin) -> Pin:
    """Keep a pin (or replace the one with its id).

    Raises
    ------
    SourceError
        When it cannot be written.
    """
    _SHELF.keep(case, kept)
    return kept


def keep_once(case: Case, new: Pin) -> Pin:
    """Keep a pin; where one says the same of the same rows, renew that one instead: its id stays, and its comment
    stands before the new one (two that are too long together stay two pins).

    Raises
    ------
    SourceError
        When it cannot be written.
    """
    before = next((one for one in list_pins(case).pins if _said(one) == _said(new)), None)
    if before is None:
        return pin(case, new)
    comment = "\n\n".join(dict.fromkeys(text for one in (before, new) if (text := one.comment.strip())))
    if len(comment) > LONGEST_COMMENT:
        return pin(case, new)
    return pin(case, replace(new, id=before.id, created=before.created, comment=comment))


def _said(one: Pin) -> tuple[str, ...]:
    """Return what makes a pin the one it is: what it says, and of which rows, cut how."""
    settings, selections = one.provenance.get("settings"), one.provenance.get("selections")
    cut = [str(settings.get(name)) for name in ("windows", "against")] if isinstance(settings, Mapping) else []
    return one.analysis, subject_of(one), one.title, one.sentence, str(selections), *cut


def list_pins(case: Case, *, trashed: bool = False) -> Pins:
    """Return the pins of a case (or those that were taken away), the newest first."""
    found, unreadable = _SHELF.every(case, trashed=trashed)
    return Pins(tuple(reversed(found)), tuple(unreadable))


def comment(case: Case, pin_id: str, text: str, *, before: str | None = None) -> Pin:
    """Write a comment on a pin, in place of the one it has; where the writer saw another one (`before`), both stand there.

    Raises
    ------
    SelectionError
        When there is no such pin, or both are too long together.
    SourceError
        When its file cannot be read or written.
    """

    def commented(one: Pin) -> Pin:
        if before is None:
            return replace(one, comment=text)
        said = both_written(before, one.comment, text)
        check_words(said)
        return replace(one, comment=said)

    return _SHELF.change(case, pin_id, commented)


def unpin(case: Case, pin_id: str) -> Path:
    """Take a pin away: its file moves to the trash folder beside it; return where it is now.

    Raises
    ------
    SelectionError
        When there is no such pin.
    SourceError
        When it cannot be moved.
    """
    return _SHELF.take_away(case, pin_id)


def put_back(case: Case, pin_id: str) -> Path:
    """Put a pin back that was taken away; return where it is now.

    Raises
    ------
    SelectionError
        When it is not in the trash, or is back already.
    SourceError
        When it cannot be moved.
    """
    return _SHELF.put_back(case, pin_id)


def provenance_of(kept: Pin) -> Provenance | None:
    """Return where a pin's numbers come from; None when it does not say so, or not as this version writes it."""
    sql = kept.provenance.get("sql", ())
    steps = [(one.get("step"), one.get("sql")) for one in sql if isinstance(one, Mapping)] if isinstance(sql, Sequence) else []
    try:
        _ROWS.validate_python(kept.provenance.get("rows"))
        return _PROVENANCE.validate_python({**kept.provenance, "sql": steps})
    except ValidationError:
        return None


def pins_json(pins: Sequence[Pin]) -> bytes:
    """Return pins as one JSON file, everything inside."""
    return json_bytes({"pins": [plain(asdict(one)) for one in pins]})
