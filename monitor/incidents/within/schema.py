"""Columns under another name or written as text, and columns that are gone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
import pandas as pd

from monitor.engine import Wanted, read_outcomes
from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.within.areas import area_of
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Floats, Ground, Shown
from monitor.incidents.within.levels import shares, total_variation
from monitor.incidents.within.samples import usual_distance
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.moves import LOST_COLUMN
from monitor.stats.causes.inverses import ks, ks_noise
from monitor.vocabulary import Kind

ALL = 0.95
"""Share of the values of an area that are gone from a column, and that are found elsewhere or read from text."""
NEAR, NAMED_ALIKE = 1.3, 4.0
"""Times the distance that stretches of a column's values have from one another up to which other values may be its own; and under a name
like its own, which began just where it ended: then only another scale speaks against it, and no season."""
FEWEST_LETTERS, COMMON_LETTERS = 4, 0.7
"""Letters that names which begin alike have at least, and the ratio of common ones (Ratcliff and Obershelp) of others that are alike."""
MOST_TEXTS = 20_000
_WRITTEN = re.compile(r"^(\D*?)([-+]?\d[\d.,'\s]*\d|[-+]?\d)(.*)$", re.DOTALL)
"""Text before a number, the number, and text after it."""


@dataclass(frozen=True, kw_only=True)
class _Changed:
    """A column that is there in another form since an area: how, how far from the reference it lies then, and what undoes it."""

    column: str
    area: Area
    inverse: Inverse
    proof: Proof


def schema_changes(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where columns came under another name or as text, those of one release as one hypothesis, and columns that are gone."""
    emptied = list(_emptied(ground))
    changed = list(_changed(ground, emptied))
    absent, told = _absent(ground), {one.column for one in changed}
    gone = [_lost(ground, name, area) for name, area in emptied if name not in told and (name in absent or _in_no_file(ground, name))]
    return (*_releases(ground, changed), *gone)


def _changed(ground: Ground, emptied: Sequence[tuple[str, Area]]) -> Iterator[_Changed]:
    new = _new_columns(ground)
    for column, area in emptied:
        renamed = next(_renamed(ground, column, area, new), None)
        found = renamed or _retyped(ground, column, area)
        if found is not None:
            yield found


def _new_columns(ground: Ground) -> list[str]:
    """Return the columns that only production has."""
    columns = ground.scene.workspace.columns.values()
    return [one.name for one in columns if "reference" not in one.types and one.name in ground.now]


def _absent(ground: Ground) -> list[str]:
    """Return the watched columns that production does not have."""
    return [name for name in ground.watched if name in ground.before and name not in ground.now]


def _emptied(ground: Ground) -> Iterator[tuple[str, Area]]:
    """Yield the columns that lost nearly all values, with where and since when."""
    for name in _absent(ground):
        yield name, _everything(ground)
    for column, stretches in ground.found.items():
        missing = [one for one in stretches if any(finding.kind is FindingKind.MISSING for finding in one.findings)]
        if not missing or not ground.is_watched(column):
            continue
        before, now = ground.before[column].isna().to_numpy(), ground.now[column].isna().to_numpy()
        for stretch in missing:
            area = area_of(ground, before, now, inside=ground.inside(stretch), avoid=[column])
            if area is not None and now[area.rows].mean() >= ALL:
                yield column, area


def _renamed(ground: Ground, column: str, area: Area, new: Sequence[str]) -> Iterator[_Changed]:
    """Yield the new columns that hold values where a column lost them, and such values as it had."""
    for other in new:
        present = ground.now[other].notna().to_numpy()
        outside = present & ~area.rows
        had = float(ground.before[column].notna().mean())
        if present[area.rows].mean() < ALL * had or outside.mean() > 1 - ALL:
            continue
        own = [ground.before[column][area.base]]
        if column in ground.now:
            own.append(ground.now[column][~area.rows])  # as it was until then: seasons move
        times = NAMED_ALIKE if names_alike(column, other) else NEAR
        proof = next(filter(None, (_alike(before, ground.now[other][area.rows], times) for before in own)), None)
        if proof is not None:
            inverse = Inverse(kind="rename", other=other, says=f"{other} instead of {column}")
            yield _Changed(column=column, area=area, inverse=inverse, proof=proof)


def names_alike(one: str, other: str) -> bool:
    """Say whether two names are about the same: one begins with the other, but for signs, or most letters are common.

    >>> names_alike("dew_point_f", "dewPoint"), names_alike("wind_mph", "wind_speed_mph"), names_alike("age", "amount")
    (True, True, False)
    """
    first, second = (re.sub(r"[\W_]", "", name.casefold()) for name in (one, other))
    begins = min(len(first), len(second)) >= FEWEST_LETTERS and (first.startswith(second) or second.startswith(first))
    return begins or SequenceMatcher(None, first, second).ratio() >= COMMON_LETTERS


def _alike(before: pd.Series, now: pd.Series, times: float) -> Proof | None:
    """Return how near the values of a column lie to those of another in the reference; None where they are not alike."""
    numbers = [isinstance(one.dtype, np.dtype) and one.dtype.kind == "f" for one in (before, now)]
    if all(numbers):
        return near(before.dropna().to_numpy(), now.dropna().to_numpy(), times)
    if any(numbers) or not all(isinstance(one.dtype, pd.CategoricalDtype) for one in (before, now)):
        return None
    left = total_variation(shares(before), shares(now))
    return Proof(measure="tv", before=1.0, after=left, rows=int(now.notna().sum())) if left < 0.2 else None


def near(base: Floats, values: Floats, times: float = NEAR) -> Proof | None:
    """Return how near values lie to those of before; None where that is `times` as far as stretches of these are from one another."""
    if min(len(base), len(values)) < FEWEST_ROWS:
        return None
    usual = max(usual_distance(base, len(values)), ks_noise(len(base), len(values)))
    left = ks(values, base)
    return Proof(measure="ks", before=1.0, after=left, rows=len(values)) if left <= times * usual else None


def _retyped(ground: Ground, column: str, area: Area) -> _Changed | None:
    """Return a column of numbers whose values came as text round a number."""
    info = ground.scene.workspace.columns[column]
    if info.kind is not Kind.NUMERIC or not any(one.kind is FindingKind.TYPE for one in _findings(ground, column)):
        return None
    texts = _texts(ground, column)
    written = [found.groups() for text in texts if (found := _WRITTEN.match(text))]
    if not written or len(written) < ALL * len(texts):
        return None
    (before, after), often = Counter((one[0], one[2]) for one in written).most_common(1)[0]
    values = numbers_of([one[1] for one in written if (one[0], one[2]) == (before, after)])
    proof = near(ground.before[column][area.base].dropna().to_numpy(), values)
    if proof is None or often < ALL * len(written):
        return None
    around = f"{before}...{after}"
    return _Changed(column=column, area=area, inverse=Inverse(kind="retype", value=around, says=f"text like '{around}'"), proof=proof)


def _texts(ground: Ground, column: str) -> list[str]:
    """Return the text of the rows of production in which a column of numbers has one that is none by itself."""
    scene = ground.scene
    read = read_outcomes(scene.workspace, scene.question.production, scene.size, Wanted(levels=(column,))).levels[column]
    text = np.array([not _is_number(one) for one in read.names], dtype=bool)
    code = read.code[(read.code >= 0) & np.append(text, False)[read.code]]
    return [read.names[one] for one in code[:: -(-len(code) // MOST_TEXTS) or 1]]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_numbers(values: pd.Series) -> Floats:
    """Return numbers out of text that stands round them, (n,); nan where there is none.

    >>> read_numbers(pd.Series(["12.5 mph", None, "7"]))
    array([12.5,  nan,  7. ])
    """
    found = [_WRITTEN.match(str(one)) if isinstance(one, str) else None for one in values]
    return np.array([float("nan") if one is None else _number(one.group(2)) for one in found], dtype=np.float64)


def numbers_of(texts: Sequence[str]) -> Floats:
    """Return numbers as people write them: a comma that is followed by other than three figures, or the last of both signs, is decimal.

    >>> numbers_of(["1,234.5", "7,25", "12"])
    array([1234.5 ,    7.25,   12.  ])
    """
    return np.array([_number(text) for text in texts], dtype=np.float64)


def _number(text: str) -> float:
    plain = re.sub(r"[\s']", "", text)
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma > point and (point >= 0 or len(plain) - comma != 4):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        return float(plain.replace(",", ""))
    except ValueError:
        return float("nan")


def _findings(ground: Ground, column: str) -> Iterator[Finding]:
    for stretch in ground.found.get(column, ()):
        yield from stretch.findings


def _releases(ground: Ground, changed: Sequence[_Changed]) -> Iterator[Hypothesis]:
    """Yield one hypothesis of all columns that changed in the same rows."""
    groups: dict[tuple[object, ...], list[_Changed]] = {}
    for one in changed:
        groups.setdefault((one.area.first, one.area.last, str(one.area.segment)), []).append(one)
    for group in groups.values():
        farthest = max(group, key=lambda one: one.proof.after)
        says = "; ".join(one.inverse.says for one in group)
        shown = Shown(proof=farthest.proof, inverse=replace(group[0].inverse, says=says), explained=1 - farthest.proof.after / 2)
        yield ground.hypothesis(Cause.SCHEMA_CHANGE, [one.column for one in group], group[0].area, shown)


def _in_no_file(ground: Ground, column: str) -> bool:
    """Say whether the files of rows that lack values have no such column."""
    return any(one.note == LOST_COLUMN for one in _findings(ground, column))


def _lost(ground: Ground, column: str, area: Area) -> Hypothesis:
    proof = Proof(measure="share", before=1.0, after=0.0, rows=int(area.rows.sum()))
    shown = Shown(proof=proof, inverse=Inverse(kind="missing", says="no such column"), explained=1.0)
    return ground.hypothesis(Cause.LOST_COLUMN, [column], area, shown)


def _everything(ground: Ground) -> Area:
    now, before = (np.ones(len(frame), dtype=bool) for frame in (ground.now, ground.before))
    return Area(rows=now, base=before, first=0, last=len(now) - 1, opens=True, lasts=True)


def not_only_missing(found: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Return hypotheses without those of missing values that came under another name or as text, or whose column is lost."""
    moved = {column for one in found if one.cause in (Cause.SCHEMA_CHANGE, Cause.LOST_COLUMN) for column in one.columns}
    kept = []
    for one in found:
        columns = tuple(name for name in one.columns if one.cause is not Cause.MISSING_VALUES or name not in moved)
        if columns:
            kept.append(replace(one, columns=columns))
    return tuple(kept)
