"""Pinned findings: what somebody kept, with all that is needed to read it without the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.case import Case
from monitor.export.files import json_bytes, plain, provenance_record, records
from monitor.export.results import as_result
from monitor.export.shelf import Shelf, Unreadable, born
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import Finding
from monitor.judgement.joint_findings import JointFinding, joint_sentence, joint_when
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.sentences import baseline_words, headline, sentence
from monitor.tables import Provenance

FORMAT = 1


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
    rows = judged.table[judged.table["column"] == finding.column]
    result = as_result(judged)
    return new_pin(
        case=result.case,
        title=headline(finding),
        sentence=sentence(finding, against=baseline_words(judged)),
        analysis=result.analysis,
        comment=comment,
        view=view,
        finding=plain(asdict(finding)),
        rows=tuple(records(rows)),
        provenance=provenance_record(result.provenance),
        charts=tuple(charts),
    )


def joint_pin(
    finding: JointFinding, judged: JudgedMultivariate, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on joint drift; `pin` keeps it."""
    result = as_result(judged)
    return new_pin(
        case=result.case,
        title=f"{finding.title} {joint_when(finding)}",
        sentence=joint_sentence(finding),
        analysis=result.analysis,
        comment=comment,
        view=view,
        finding=plain(asdict(finding)),
        rows=tuple(records(judged.of(finding.method).assign(expected=judged.of(finding.method)["upper"]))),
        provenance=provenance_record(result.provenance),
        charts=tuple(charts),
    )


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


def list_pins(case: Case, *, trashed: bool = False) -> Pins:
    """Return the pins of a case (or those that were taken away), the newest first."""
    found, unreadable = _SHELF.every(case, trashed=trashed)
    return Pins(tuple(reversed(found)), tuple(unreadable))


def comment(case: Case, pin_id: str, text: str) -> Pin:
    """Write a comment on a pin, in place of the one it has.

    Raises
    ------
    SelectionError
        When there is no such pin.
    SourceError
        When its file cannot be read or written.
    """
    return pin(case, replace(_SHELF.one(case, pin_id), comment=text))


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
