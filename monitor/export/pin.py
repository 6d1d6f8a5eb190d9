"""A pin: a finding with all that is needed to read it without the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.export.files import json_bytes, plain
from monitor.export.shelf import born
from monitor.tables import Provenance

FORMAT = 1
ANSWER = "answer"
"""Kind of a pin of what a whole analysis says, which is no finding."""
REMEDY = "remedy"
"""Kind of a pin of what would help with an incident, which it names."""


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
class _Counted:
    used: int
    excluded: Mapping[str, int] = field(default_factory=dict)


_PROVENANCE = TypeAdapter(Provenance)
_ROWS = TypeAdapter(dict[str, _Counted])


def subject_of(kept: Pin) -> str:
    """Return the column, pair or method that a pin is about; pins of earlier versions call it otherwise."""
    return str(kept.finding.get("what") or kept.finding.get("column") or kept.finding.get("method") or "")


def new_pin(**parts: Any) -> Pin:
    """Return a pin with an id and a time of its own; `parts` are its other fields."""
    now = born()
    return Pin(id=now.id, created=now.created, **parts)


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
