"""What was handed over and what came back: files beside the case, one for each set and target, and one for each run that trained."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.engine.store import digest
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable
from monitor.incidents.record import to_moment
from monitor.retraining.writing import ID_LETTERS

FORMAT = 1
MOST = 100
"""Attempts that a record keeps, the last ones."""
LONGEST = 1000
_IDS = re.compile(rf"[0-9a-f]{{{ID_LETTERS}}}")


class Outcome(StrEnum):
    """How a run that trains stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to hand a set over: at a moment (ISO 8601, UTC), by whom, under which name of a run; `done` whether it got there, `error`
    why not ("" while it is not known: the attempt was cut off), `answer` what was answered."""

    at: str
    who: str
    run: str
    done: bool = False
    error: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What one target was given of one set: `fingerprint` of its manifest, its `rows`, its `last` window of production ("": none), the last
    one that there was when it was built (`until`), and where the manifest lay."""

    id: str
    case: str
    set: str
    target: str
    place: str
    fingerprint: str
    manifest: str
    rows: int
    last: str = ""
    until: str = ""
    created: str
    attempts: tuple[Attempt, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no record can hold: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        _check((self.case, self.set, self.target, self.place, self.manifest, self.last, self.until))
        _check(text for one in self.attempts for text in (one.who, one.run, one.error, one.answer))
        if len(self.attempts) > MOST:
            raise SelectionError(f"A training set was handed to one target at most {MOST} times.")
        for moment in (self.created, *(one.at for one in self.attempts)):
            to_moment(moment)

    @property
    def done(self) -> Attempt | None:
        """The last attempt that got there; None where none did."""
        return next((one for one in reversed(self.attempts) if one.done), None)

    @property
    def times(self) -> int:
        """How often it was handed over to be trained anew: each has a name of its own."""
        return len({one.run for one in self.attempts})

    def with_attempt(self, one: Attempt) -> Handover:
        """Return it with a further attempt, or with the end of the one under way."""
        under_way = bool(self.attempts) and self.attempts[-1] == replace(one, done=False, error="", answer="")
        before = self.attempts[:-1] if under_way else self.attempts
        return replace(self, attempts=(*before, one)[-MOST:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A run that trained on a set, as it was told last. Moments are ISO 8601 in UTC, "" where nobody said them; `source` who told."""

    id: str
    case: str
    set: str
    run: str
    job: str
    outcome: Outcome
    status: str
    started: str = ""
    finished: str = ""
    rows: int | None = None
    message: str = ""
    model_version: str = ""
    told: str
    who: str
    source: str
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no record can hold.

        Raises
        ------
        SelectionError
        """
        _check((self.case, self.set, self.run, self.job, self.status, self.message, self.model_version, self.who, self.source))
        for moment in filter(None, (self.started, self.finished, self.told)):
            to_moment(moment)

    @property
    def when(self) -> str:
        """When it ended, else when it began, else when it was told."""
        return self.finished or self.started or self.told


def _check(texts: Iterable[str]) -> None:
    if max(map(len, texts), default=0) > LONGEST:
        raise SelectionError(f"Records of retraining have texts of at most {LONGEST:,} letters.")


_HANDOVERS = Shelf("handover", TypeAdapter(Handover), FORMAT, "handovers", _IDS)
_TRAINED = Shelf("training run", TypeAdapter(Trained), FORMAT, "training", _IDS)


def handover_id(case: Case, set_id: str, target: str) -> str:
    """Return what the record of a set and a target is called."""
    return digest("handover", case.name, set_id, target)[:ID_LETTERS]


def trained_id(case: Case, set_id: str, run: str) -> str:
    """Return what the record of a run is called: what is told of it later replaces what was."""
    return digest("trained", case.name, set_id, run)[:ID_LETTERS]


def list_handovers(case: Case) -> tuple[tuple[Handover, ...], tuple[Unreadable, ...]]:
    """Return what was handed over, the last first, and the files that are not readable."""
    found, unreadable = _HANDOVERS.every(case)
    return tuple(sorted(found, key=lambda one: (one.created, one.id), reverse=True)), tuple(unreadable)


def list_trained(case: Case) -> tuple[tuple[Trained, ...], tuple[Unreadable, ...]]:
    """Return the runs that trained and were told of, the last first, and the files that are not readable."""
    found, unreadable = _TRAINED.every(case)
    return tuple(sorted(found, key=lambda one: (one.when, one.id), reverse=True)), tuple(unreadable)


def keep_handover(case: Case, one: Handover) -> Handover:
    """Keep a record (or replace the one with its id).

    Raises
    ------
    SourceError
        It cannot be written.
    """
    _HANDOVERS.keep(case, one)
    return one


def keep_trained(case: Case, one: Trained) -> Trained:
    """Keep a record (or replace the one with its id).

    Raises
    ------
    SourceError
        It cannot be written.
    """
    _TRAINED.keep(case, one)
    return one
