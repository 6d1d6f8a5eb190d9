"""What the manifest of a capsule says of its incident beside numbers: title, cause, columns, segment and times, and whether these agree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from monitor.case import Case
from monitor.engine import Workspace
from monitor.engine.identifiers import quote
from monitor.errors import SelectionError
from monitor.export.capsule_numbers import Recipe
from monitor.incidents.cause import Cause, Hypothesis, Inverse, predicate
from monitor.incidents.condition import rows_condition
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.picture import place_of
from monitor.incidents.record import to_moment
from monitor.incidents.titles import by_windows, title_of

LONGEST, MOST = 1000, 10_000
"""Letters of a name or level, and how many of them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing of a capsule: `what`, and `wrong`, what is wrong with it ("" where it holds); `trusted`: nothing in the capsule tells, and
    it stands as it was told, neither holding nor not."""

    what: str
    wrong: str = ""
    trusted: bool = False


class Facts(BaseModel):
    """What an incident is about, as its title and its conditions are made of it; moments are ISO 8601, UTC, "" where there is none.

    `blocks` when it was where rows have no time, and `ceased` whether later ones do not show it; `partly` which share of the rows of its
    place it changed (None: nearly all, or nobody knows), `unfelt` that the model hardly uses its columns.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cause: Cause
    columns: tuple[str, ...] = Field(max_length=MOST)
    segment: dict[str, str] = Field(max_length=MOST)
    beside: tuple[str, ...] = Field(max_length=MOST)
    start: str
    end: str
    onset_lower: str
    onset_upper: str
    more: bool | None
    version: str = Field(max_length=LONGEST)
    answers: bool
    year: bool
    blocks: str = Field(default="", max_length=LONGEST)
    ceased: bool = False
    partly: float | None = None
    unfelt: bool = False

    @field_validator("start", "end", "onset_lower", "onset_upper")
    @classmethod
    def _moment(cls, text: str) -> str:
        try:
            to_moment(text)
        except SelectionError as error:
            raise ValueError(str(error)) from error
        return text

    @classmethod
    def of(cls, cause: Hypothesis, judged: JudgedIncidents) -> Facts:
        """Return what a manifest says of a cause."""
        return cls(
            cause=cause.cause, columns=cause.columns, segment=dict(cause.segment), beside=cause.beside, start=_text(cause.start),
            end=_text(cause.end), onset_lower=_text(cause.onset_lower), onset_upper=_text(cause.onset_upper), more=cause.more,
            version=cause.version, answers=cause.answers, year=judged.names.year,
            blocks=by_windows(cause, judged.windows.ids), ceased=cause.ceased,
            partly=None if isnan(cause.partly) else cause.partly, unfelt=cause.unfelt,
        )  # fmt: skip

    def hypothesis(self, inverse: Inverse | None) -> Hypothesis:
        """Return the cause, with what undoes it."""
        start, end, lower, upper = map(to_moment, (self.start, self.end, self.onset_lower, self.onset_upper))
        return Hypothesis(
            cause=self.cause, columns=self.columns, segment=self.segment, beside=self.beside, more=self.more, version=self.version,
            answers=self.answers, inverse=inverse, start=start, end=end, onset_lower=lower, onset_upper=upper,
            ceased=self.ceased, partly=float("nan") if self.partly is None else self.partly, unfelt=self.unfelt,
        )  # fmt: skip


def _text(moment: np.datetime64) -> str:
    return "" if np.isnat(moment) else f"{moment.astype('datetime64[us]')}Z"


def recipe_of(cause: Hypothesis, case: Case, capsule: Workspace) -> Recipe:
    """Return what the numbers of a cause are made of."""
    place = {name: level for name, level in place_of(cause).items() if "reference" in capsule.columns[name].types}
    return Recipe(
        concerned=rows_condition(cause, case, capsule.columns),
        meanwhile=rows_condition(replace(cause, segment={}, beside=(), columns=()), case, capsule.columns),
        before=predicate(place, quote, beside=cause.beside if place else ()),
        columns=tuple(name for name in cause.columns if name in capsule.columns),
        inverse=cause.inverse,
    )


def check_facts(facts: Facts, told: tuple[str, Recipe], capsule: Workspace) -> Iterator[Checked]:
    """Say whether title and recipe (`told`) are those that the facts of a manifest make, in this capsule."""
    title, recipe = told
    cause, case = facts.hypothesis(recipe.inverse), capsule.case
    try:
        named = title if facts.cause is Cause.UNKNOWN else title_of(cause, _labels(capsule), timezone=case.timezone, year=facts.year)
        right = f"{named} {facts.blocks}" if facts.blocks and facts.cause is not Cause.UNKNOWN else named
        again = recipe_of(cause, case, capsule)
    except (ArithmeticError, LookupError, ValueError) as error:
        yield Checked("facts", f"say nothing that can be told: {type(error).__name__}")
        return
    yield Checked("title", "" if title == right else f"is {title[:LONGEST]!r}; the facts of the manifest say {right[:LONGEST]!r}")
    other = [name for name in ("concerned", "meanwhile", "before", "columns") if getattr(recipe, name) != getattr(again, name)]
    yield Checked("conditions", f"are not those of the facts of the manifest: {', '.join(other)}" if other else "")


def check_story(story: bytes, incident: str, title: str, facts: Facts | None) -> Iterator[Checked]:
    """Say whether what is told in words (`incident.json`) is of the incident of the manifest: the same id, title, cause, columns, segment
    and times."""
    row = _row(story)
    if row is None:
        yield Checked("incident.json", "cannot be read")
        return
    mine: dict[str, Any] = {"incident": incident, "title": title}
    theirs: dict[str, Any] = {name: row.get(name) for name in mine}
    if facts is not None:
        segment = predicate(facts.segment, beside=facts.beside)
        mine |= {"cause": facts.cause.value, "columns": list(facts.columns), "segment": segment}
        mine |= {"start": _moment(facts.start), "end": _moment(facts.end)}
        theirs |= {"cause": row.get("cause"), "columns": _listed(row.get("columns")), "segment": row.get("segment")}
        theirs |= {name: _moment(row.get(name)) for name in ("start", "end")}
    for name, value in mine.items():
        wrong = "" if theirs[name] == value else f"is {_shown(value)} in the manifest, {_shown(theirs[name])} in incident.json"
        yield Checked(f"{name} as told", wrong)


def _row(story: bytes) -> Mapping[str, Any] | None:
    try:
        row = json.loads(story)["incident"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _listed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _moment(value: object) -> str:
    """Return a moment to the microsecond, however it is written; "" where there is none, the text where it is none."""
    try:
        return "" if not value else str(np.datetime64(str(value).removesuffix("Z").removesuffix("+00:00"), "us"))
    except ValueError:
        return str(value)


def _shown(value: object) -> str:
    return f"{value!r}"[:LONGEST]


def _labels(capsule: Workspace) -> Mapping[str, str]:
    return {name: capsule.case.label(name) for name in capsule.columns}
