"""What an incident was not: for each other cause, the share of its rows that would have moved, and that did not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.picture import affected, place_of
from monitor.incidents.scene import TIME, Scene, Side
from monitor.vocabulary import Kind

Bools = NDArray[np.bool_]

MOVED = 0.05
"""Share of the rows concerned that a cause would have to show: below it, the far end of the interval included, it is ruled out."""
TIMES = 1.5
"""Times its usual share from which a cause is not ruled out, however rare it is."""
SURE = 2.0
"""Standard errors that the interval of a difference of shares reaches either way."""
SLOW = 0.95
"""Quantile of the reference above which a call is slow."""
_OK = frozenset({"ok", "success", "succeeded", "200"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOut:
    """A cause that it was not: `now` and `before` are the shares of rows that show it (of `column`, where it is about one), 0..1, of `rows`
    rows concerned and `usual` of the reference."""

    cause: Cause
    now: float
    before: float
    rows: int
    usual: int
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is looked at: the rows concerned (`now`, (n,)) and those of the same segment of the reference (`before`, (m,))."""

    scene: Scene
    now: Bools
    before: Bools

    @property
    def parts(self) -> tuple[tuple[Side, Bools], tuple[Side, Bools]]:
        """Both sides with their rows, the reference first."""
        return (self.scene.reference, self.before), (self.scene.production, self.now)

    def both(self, name: str | None) -> bool:
        """Say whether both sides have a column."""
        return name is not None and all(name in side.frame for side, _ in self.parts)


Shares = tuple["pd.Series[bool]", "pd.Series[bool]"]


def ruled_out(scene: Scene, cause: Hypothesis) -> tuple[RuledOut, ...]:
    """Return the causes that the rows of an incident rule out: hardly any of them shows what these would do."""
    names = [name for name in (*cause.segment, *cause.columns) if name not in scene.production.frame]
    if set(names) & set(cause.segment):
        return ()
    place = {name: level for name, level in place_of(cause).items() if name in scene.reference.frame}
    before = scene.reference.are(place, cause.beside if place else ())
    before = before if before.any() else np.ones(len(scene.reference), dtype=bool)  # a version that is new has no rows there
    look = _Look(scene=scene, now=_concerned(scene, cause), before=before)
    found = (_compared(other, column, shares) for other, column, shares in _shown(look, cause) if other is not cause.cause)
    return tuple(one for one in found if one is not None and _hardly(one))


def _concerned(scene: Scene, cause: Hypothesis) -> Bools:
    """Say which rows of production a cause concerns, (n,); of what is written otherwise only rows with such levels."""
    rows = affected(scene, cause)
    if cause.cause is Cause.RECODE and cause.inverse is not None and cause.inverse.levels:
        rows &= scene.production.frame[cause.columns[0]].isin(list(cause.inverse.levels)).to_numpy()
    return rows


def _shown(look: _Look, cause: Hypothesis) -> Iterator[tuple[Cause, str, Shares]]:
    """Yield each cause that can be looked for with the rows, before and now, that show it."""
    column = next((name for name in cause.columns if look.both(name)), "")
    if column:
        yield Cause.MISSING_VALUES, column, _each(look, lambda side: side.frame[column].isna())
        numeric = look.scene.workspace.columns[column].kind is Kind.NUMERIC
        if not numeric and look.scene.workspace.columns[column].kind is Kind.CATEGORICAL:
            known = set(look.scene.reference.frame[column].dropna().unique())
            yield Cause.NEW_LEVELS, column, _each(look, lambda side: side.frame[column].notna() & ~side.frame[column].isin(known))
        if numeric:
            yield Cause.STUCK_VALUE, column, _each(look, lambda side: _repeats(side, column))
    for other, name, rule in _OF_ROWS:
        shows = rule(look) if look.both(name(look)) else None
        if shows is not None:
            yield other, "", _each(look, shows)


def _each(look: _Look, shows: Callable[[Side], pd.Series[bool]]) -> Shares:
    (reference, before), (production, now) = look.parts
    return shows(reference)[before].dropna(), shows(production)[now].dropna()


def _compared(cause: Cause, column: str, shares: Shares) -> RuledOut | None:
    before, now = shares
    if not len(now) or not len(before):
        return None
    return RuledOut(cause=cause, now=float(now.mean()), before=float(before.mean()), rows=len(now), usual=len(before), column=column)


def _hardly(one: RuledOut) -> bool:
    """Say whether the difference lies below MOVED, the far end of its interval included, and is not surely more than what was usual by more
    than TIMES: of what is rare a few points are much."""
    error = np.sqrt(sum((share * (1 - share) + 1 / n) / n for share, n in ((one.now, one.rows), (one.before, one.usual))))
    much = one.now > TIMES * one.before and one.now - SURE * error > one.before
    return bool(abs(one.now - one.before) + SURE * error < MOVED and not much)


def _repeats(side: Side, column: str) -> pd.Series[bool]:
    """Say which values are those of the row before it in time."""
    ordered = side.frame[column].iloc[np.argsort(side.frame[TIME].to_numpy(), kind="stable")]
    return (ordered == ordered.shift()).reindex(side.frame.index)


def _again(look: _Look) -> Callable[[Side], pd.Series[bool]]:
    name = look.scene.workspace.case.roles.id
    return lambda side: side.frame[name].duplicated() & side.frame[name].notna()


def _new_version(look: _Look) -> Callable[[Side], pd.Series[bool]]:
    name = str(look.scene.workspace.case.roles.model_version)
    known = set(look.scene.reference.frame[name].dropna().unique())
    return lambda side: side.frame[name].notna() & ~side.frame[name].isin(known)


def _slow(look: _Look) -> Callable[[Side], pd.Series[bool]]:
    name = str(look.scene.workspace.case.roles.latency_ms)
    top = look.scene.reference.frame[name].quantile(SLOW)
    return lambda side: side.frame[name] > top


def _failed(look: _Look) -> Callable[[Side], pd.Series[bool]]:
    name = str(look.scene.workspace.case.roles.status)
    levels = look.scene.reference.frame[name].value_counts()
    fine = {level for level in levels.index if str(level).lower() in _OK} or set(levels.index[:1])
    return lambda side: side.frame[name].notna() & ~side.frame[name].isin(fine)


def _no_label(look: _Look) -> Callable[[Side], pd.Series[bool]]:
    name = str(look.scene.workspace.case.roles.label)
    return lambda side: side.frame[name].isna()


_OF_ROWS: tuple[tuple[Cause, Callable[[_Look], str | None], Callable[[_Look], Callable[[Side], pd.Series[bool]] | None]], ...] = (
    (Cause.DUPLICATED_ROWS, lambda look: look.scene.workspace.case.roles.id, _again),
    (Cause.MODEL_VERSION, lambda look: look.scene.workspace.case.roles.model_version, _new_version),
    (Cause.LATENCY, lambda look: look.scene.workspace.case.roles.latency_ms, _slow),
    (Cause.ERRORS, lambda look: look.scene.workspace.case.roles.status, _failed),
    (Cause.LABEL_DELAY, lambda look: look.scene.workspace.case.roles.label, _no_label),
)
"""Causes of whole rows: what is looked for, the column that it needs, and which rows show it."""
SHOWN: Mapping[Cause, str] = {
    Cause.MISSING_VALUES: "have no value",
    Cause.NEW_LEVELS: "have a level never seen before",
    Cause.STUCK_VALUE: "repeat the value of the row before",
    Cause.DUPLICATED_ROWS: "have an id that came before",
    Cause.MODEL_VERSION: "were scored by a version that the reference lacks",
    Cause.LATENCY: "took longer than 95 % of the reference",
    Cause.ERRORS: "failed",
    Cause.LABEL_DELAY: "have no label yet",
}
"""What rows would do, by cause."""
HAVE: Mapping[Cause, str] = {Cause.MISSING_VALUES: "a value", Cause.LABEL_DELAY: "a label"}
"""What rows lack that show a cause."""
