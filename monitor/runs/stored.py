"""What the last run of a case judged, in one file beside it: what others read without computing anything."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from monitor.alerts.happening import Happening
from monitor.case import CASE_FILE
from monitor.errors import SelectionError
from monitor.export.files import json_bytes, write_whole
from monitor.export.openmetrics import Family, Sample, families_named
from monitor.incidents.record import to_moment
from monitor.judgement.finding import State
from monitor.runs.own_files import read_own, run_folders
from monitor.vocabulary import Severity, Status

FORMAT = 1
NAME, NUMBERS, FINDINGS = "run.json", "run-numbers.json", "run-findings.json"
_LABEL = re.compile(r"[a-z][a-z_]*")
ORDER = tuple(Severity)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident that was open when the case was looked at last. `acknowledged`: somebody deals with it."""

    id: str
    title: str
    severity: Severity
    state: State
    start: str = ""
    acknowledged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A sample of a family; the value is text, for JSON knows no infinity. `at` is seconds since 1970."""

    family: str
    labels: tuple[tuple[str, str], ...]
    value: str
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers that a judgement with that `key` left."""

    key: str
    numbers: tuple[Number, ...]

    def __post_init__(self) -> None:
        """Refuse what no run writes: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        known = families_named()
        for one in self.numbers:
            if one.family not in known or not all(_LABEL.fullmatch(label) for label, _ in one.labels):
                raise SelectionError(f"'{one.family}' is no number that is exported.")
            try:
                float(one.value)
            except ValueError as error:
                raise SelectionError(f"'{one.value}' is no number.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the last run of a case left. Moments are ISO 8601 in UTC, "" where there is none.

    Parameters
    ----------
    key : what the judgement depends on; "" where nothing was judged yet.
    case_hash : sha256 of the case.toml that was judged.
    judged, seconds : when it was judged, and how long that took; `looked` when a run last found nothing new, or judged.
    error, failed : why the last run could not judge, and when; "" where it could.
    status : the worst that goes on.
    answer, doubt : the state of the model in a line each.
    untold : why nobody is told of what fires, though a rule names somebody; "" where somebody is, or none does.
    fired : alert rules times incidents that fired (without rules: what `check` says).
    grouped : whether incidents were looked for; `incidents` are open ones.
    label_share : labelled rows over rows of production, in [0, 1]; None where labels are not looked at.
    labels_until : end of the last window whose labels are in.
    numbers : that are exported; in a file of their own, for a fleet is read without them.
    """

    format: int = FORMAT
    key: str = ""
    case: str
    owner: str = ""
    case_hash: str = ""
    judged: str = ""
    looked: str = ""
    seconds: float = 0.0
    error: str = ""
    failed: str = ""
    status: Status = Status.NOT_JUDGED
    answer: str = ""
    doubt: str = ""
    untold: str = ""
    fired: int = 0
    findings: int = 0
    grouped: bool = False
    not_judged: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    label_share: float | None = None
    labels_until: str = ""
    numbers: tuple[Number, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no run writes: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        for moment in (self.judged, self.looked, self.failed, self.labels_until):
            to_moment(moment)
        if self.label_share is not None and not 0 <= self.label_share <= 1:
            raise SelectionError("A share of labels lies in [0, 1].")
        if not math.isfinite(self.seconds):
            raise SelectionError("A run takes a finite time.")

    @property
    def new(self) -> tuple[Incident, ...]:
        """Open incidents that are new."""
        return tuple(one for one in self.incidents if one.state is State.NEW)

    def families(self) -> tuple[Family, ...]:
        """Return what is exported of it; the case is called as it is called here, whatever its numbers say."""
        kept: dict[str, list[Sample]] = {name: [] for name in families_named()}
        for one in self.numbers:
            labels = {"case": self.case, **{label: text for label, text in one.labels if label != "case"}}
            kept[one.family].append(Sample(labels, float(one.value), one.at))
        return tuple(Family(one.name, one.help, tuple(kept[one.name]), one.type, one.unit) for one in families_named().values())


_ADAPTER, _OF_NUMBERS = TypeAdapter(Stored), TypeAdapter(Numbers)


def numbers_of(families: Iterable[Family]) -> tuple[Number, ...]:
    """Return families as a stored run holds them."""
    return tuple(
        Number(family=one.name, labels=tuple(sample.labels.items()), value=repr(float(sample.value)), at=sample.at)
        for one in families
        for sample in one.samples
    )


def open_incidents(found: Iterable[Happening]) -> tuple[Incident, ...]:
    """Return the open incidents of a case, the most severe first, then the newest."""
    opened = [one for one in found if one.open]
    rows = (
        Incident(id=one.id, title=one.title, severity=one.severity, state=one.state, start=one.start, acknowledged=one.workflow != "opened")
        for one in sorted(opened, key=lambda one: (one.state is State.NEW, one.start), reverse=True)
    )
    return tuple(sorted(rows, key=lambda one: -ORDER.index(one.severity)))


def case_hash(root: Path) -> str:
    """Return the sha256 hex of a case.toml; "" where it cannot be read."""
    try:
        return hashlib.sha256((root / CASE_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


def keep_run(folder: Path, one: Stored) -> None:
    """Keep what a run left.

    Raises
    ------
    SourceError
        It cannot be written.
    """
    write_whole(folder / NUMBERS, json_bytes({"key": one.key, "numbers": [asdict(each) for each in one.numbers]}))
    write_whole(folder / NAME, json_bytes(asdict(replace(one, numbers=()))))


def stored_run(root: Path, *, numbers: bool = False) -> Stored | None:
    """Return what the last run of a case left, on request with its numbers (none, where they are not those of that run); None where there
    was none, or its file is not what this program writes."""
    found = [(one, folder) for folder in run_folders(root) if (one := _read(folder / NAME, _ADAPTER)) is not None]
    if not found:
        return None
    run, folder = max(found, key=lambda one: max(one[0].looked, one[0].failed))
    beside = _read(folder / NUMBERS, _OF_NUMBERS) if numbers else None
    return None if run.format > FORMAT else run if beside is None or beside.key != run.key else replace(run, numbers=beside.numbers)


def _read(path: Path, adapter: TypeAdapter[T]) -> T | None:
    content = read_own(path)
    try:
        return None if content is None else adapter.validate_json(content)
    except (ValidationError, SelectionError, RecursionError):
        return None
