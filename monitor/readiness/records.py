"""What somebody signed: all checks with their figures, hashes of what they rest on, versions. Records are added, never changed.

They lie beside the pins of a case, one JSON file each (`monitor.export.shelf`). A file may come from a stranger: types and lengths are
checked, and nothing in it is run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.case.readiness import CHECKS
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable, born
from monitor.export.words import check_words
from monitor.readiness.check import Check, Readiness, Verdict

FORMAT = 1
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A check as it was signed; a number that there was not is null."""

    name: str
    verdict: Verdict
    said: str
    of: str = ""
    figure: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int = 0
    limit: float | None = None
    source: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """A record: `who` signed what about `candidate` ("" the model in charge, called `told`), with a `note`; moments are ISO 8601, UTC."""

    id: str
    created: str
    case: str
    candidate: str
    told: str
    who: str
    note: str
    ready: bool
    checks: tuple[Signed, ...]
    prints: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no record can hold.

        Raises
        ------
        SelectionError
        """
        check_words(self.who, self.note, self.told, self.candidate, self.case, *(one.said + one.of + one.source for one in self.checks))
        if len(self.checks) > len(CHECKS) or max(len(self.prints), len(self.versions)) > 100:
            raise SelectionError(f"A record of readiness holds at most {len(CHECKS)} checks. It was not written by Driftscope.")
        if self.ready == bool(self.blocking):
            raise SelectionError("The record says something else of the whole than its checks do. It was changed by hand.")

    @property
    def blocking(self) -> tuple[str, ...]:
        """Names of the checks that it was not ready for."""
        return tuple(one.name for one in self.checks if one.verdict is Verdict.FAIL or (one.required and one.verdict is Verdict.UNSHOWN))


_SHELF = Shelf("record of readiness", TypeAdapter(SignOff), FORMAT, "readiness")


def sign(case: Case, found: Readiness, who: str, note: str = "") -> SignOff:
    """Write a record of what was found, and return it.

    Raises
    ------
    SelectionError
        Nobody is named, or a model that is not ready is signed without a word why.
    SourceError
        The record cannot be written.
    """
    name = who.strip()
    if not name or len(name) > LONGEST_NAME:
        raise SelectionError(f"Say who signs, in at most {LONGEST_NAME} letters: --sign NAME.")
    if not found.ready and not note.strip():
        raise SelectionError("It is not ready. Whoever signs it all the same says why: --note TEXT.")
    new = born()
    record = SignOff(
        id=new.id, created=new.created, case=case.name, candidate=found.candidate, told=found.told, who=name, note=note.strip(),
        ready=found.ready, checks=tuple(map(_signed, found.checks)), prints=dict(found.prints), versions=dict(found.versions),
    )  # fmt: skip
    _SHELF.keep(case, record)
    return record


def list_records(case: Case) -> tuple[Sequence[SignOff], Sequence[Unreadable]]:
    """Return what was signed, in order, and the files that are not readable."""
    return _SHELF.every(case)


def _signed(one: Check) -> Signed:
    return Signed(
        name=one.name, verdict=one.verdict, said=one.said, of=one.of, figure=_number(one.figure), lower=_number(one.lower),
        upper=_number(one.upper), n=one.n, limit=_number(one.limit), source=one.source, required=one.required,
    )  # fmt: skip


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
