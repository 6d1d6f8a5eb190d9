"""Numbers that are cut off at a bound, filled with one value, or rounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import WINDOW
from monitor.incidents.within.areas import area_of, stretch_of
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Bools, Floats, Ground, Ints, Shown
from monitor.incidents.within.samples import samples_of, weights_of
from monitor.incidents.within.stuck import stuck_at
from monitor.stats.causes.inverses import STEPS, ks, on_step, piled_step

MOST_COUNTED = 20_000_000
"""Values times windows that are counted; of more, hardly any value is shared by rows."""
MORE = 0.02
"""Share of rows by which one value has to be more frequent than it was."""
NEW_ROWS = 20
"""Rows with one value that stands for none and never was in the reference, from which it is looked at, however few these are."""
DOUBT = 0.01
"""How likely a missing value is while something is filled in, beside usual times."""
GONE = 0.3
"""Part of the missing values of the reference that may still be missing where something is filled in."""
MOST_ATOMS = 3
SPRUNG = 5.0
"""Times its share in the reference by which a value amid the others became more frequent, at least, where it stands for any of them: what
goes on as before comes and goes by less."""
BEYOND = 0.01
"""Share of the reference that lies beyond a bound that values are cut off at."""
STRAYS = 0.002
"""Share of values of an area that may lie beyond the bound all the same."""
ALIKE = 2.0
"""Times the distance that the best way of rounding leaves up to which another may have been it as well."""
UNPROVED = 0.8
"""What is explained by a value that stands for others, where nobody can count those that it stands for."""
PILED = 0.005
"""Share of all rows with one value that the reference never had, though it lies amid its values, from which a column of which nothing was
found is asked whether values are cut off there: it varies by more from day to day."""
SPREAD = 5
"""Windows in which that value is the largest (or smallest) of all: the hours of one day may share their largest value."""
PURE = 0.98
"""Share of an area that has one value, or lies on a step, where all of it is meant to."""


def cut_or_filled(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where one value became frequent because others beyond it are gone, or because it stands for none."""
    found = [each for column, inside in _places(ground) for each in _by_atom(ground, column, inside)]
    moved = {column for column, _ in _places(ground)}
    return (*found, *(each for column in ground.numbers if column not in moved for each in _unfound(ground, column)))


def _unfound(ground: Ground, column: str) -> Iterator[Hypothesis]:
    """Yield that values of a column of which nothing was found are cut off at one that the reference never had and many rows have now."""
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    values, counts = np.unique(now[np.isfinite(now)], return_counts=True)
    new = values[(counts >= max(PILED * len(now), FEWEST_ROWS)) & ~np.isin(values, before)]
    for atom in new[np.argsort(-counts[np.isin(values, new)], kind="stable")][:MOST_ATOMS]:
        windows = ground.windows[now == atom]
        inside = (ground.windows >= windows.min()) & (ground.windows <= windows.max())
        area = area_of(ground, before == atom, now == atom, inside=inside, avoid=[column])
        if area is not None:
            yield from (one for one in _cut(ground, column, area, float(atom)) if one.explained == 1.0)


def _places(ground: Ground) -> Iterator[tuple[str, Bools]]:
    for column in ground.numbers:
        yield from ((column, inside) for inside in ground.moved(column))


def _by_atom(ground: Ground, column: str, inside: Bools) -> Iterator[Hypothesis]:
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    for atom in _atoms(ground, before, now[inside], len(np.unique(ground.windows[inside]))):
        area = area_of(ground, before == atom, now == atom, inside=inside, avoid=[column])
        if area is None:
            continue
        if _mostly(now[area.rows], atom) > PURE:
            yield from stuck_at(ground, column, area, atom)
            continue
        cut = list(_cut(ground, column, area, atom))
        yield from cut
        if not cut:
            yield from _filled(ground, column, area, atom)


def _atoms(ground: Ground, before: Floats, now: Floats, windows: int) -> list[float]:
    """Return the values that became more frequent than in any `windows` on end of the reference, or where fewer are missing."""
    values, counts = np.unique(now[np.isfinite(now)], return_counts=True)
    if not len(values):
        return []
    new = [float(v) for v in values[counts >= NEW_ROWS] if _stands_for_none(before, float(v))]
    frequent = (counts >= MORE * len(now)) & ~np.isin(values, new)
    shares = {float(v): n / len(now) for v, n in zip(values[frequent], counts[frequent], strict=True)}
    more = {v: share - float((before == v).mean()) for v, share in shares.items()}
    come_back = np.isnan(now).mean() < GONE * np.isnan(before).mean()
    usual = {v: 0.0 if come_back else _most_often(ground, before == v, windows) for v in shares}
    record = _record(before, ground.before[WINDOW].to_numpy())
    known = [v for v in sorted(more, key=lambda one: -more[one]) if more[v] >= MORE and shares[v] > usual[v] + record]
    return [*new, *known][:MOST_ATOMS]


def _record(values: Floats, windows: Ints) -> float:
    """Return by how large a share any value was more frequent in one window of the reference than in all others: where rows share their
    values (flights of a destination and day), some value is most frequent on each day."""
    known = np.isfinite(values)
    found, code = np.unique(values[known], return_inverse=True)
    width = int(windows.max(initial=0)) + 1
    if width < 2 or not len(found) or width * len(found) > MOST_COUNTED:
        return 0.0
    table = np.bincount(windows[known] * len(found) + code, minlength=width * len(found)).reshape(width, len(found))
    share = np.sort(table / np.maximum(table.sum(axis=1), 1)[:, None], axis=0)
    return float((share[-1] - share[-2]).max())


def _most_often(ground: Ground, hit: Bools, length: int) -> float:
    """Return the largest share of rows in question in so many windows of the reference on end, half of it at most."""
    windows = ground.before[WINDOW].to_numpy()
    sums = np.cumsum(np.column_stack((np.bincount(windows), np.bincount(windows, hit))), axis=0)
    sums = np.vstack((np.zeros(2), sums))
    span = min(length, max((len(sums) - 1) // 2, 1))
    rows, hits = (sums[span:] - sums[:-span]).T
    return float((hits / np.maximum(rows, 1)).max())


def _cut(ground: Ground, column: str, area: Area, bound: float) -> Iterator[Hypothesis]:
    for says, cut, beyond in (("upper", np.minimum, np.greater), ("lower", np.maximum, np.less)):
        exact = _reshaped(ground, column, area, partial(cut, bound))
        samples = None if exact is None else samples_of(ground, column, exact)
        if exact is None or samples is None:
            continue
        values = ground.now[column].to_numpy()
        gone = float(beyond(samples.base, bound).mean())
        if gone < BEYOND or float(beyond(values[exact.rows], bound).mean()) > STRAYS or _mostly(values[exact.rows], bound) > PURE:
            continue
        left = samples.left(partial(cut, bound))
        piled = float((values[exact.rows] == bound).mean())
        usual = max(samples.usual, samples.noise)
        sure = not (ground.before[column] == bound).any() and len(np.unique(ground.windows[exact.rows & (values == bound)])) >= SPREAD
        if max(left / usual, gone / 2 / max(piled, 1e-9)) > 1 or not _varied(samples.base, samples.held, bound, beyond):
            continue
        proof = Proof(measure="ks", before=samples.apart, after=left, rows=len(samples.held))
        inverse = Inverse(kind="clip", offset=bound, says=f"values cut off at {bound:.6g}", value=says)
        yield ground.hypothesis(
            Cause.CLIPPED,
            [column],
            exact,
            Shown(
                proof=proof,
                inverse=inverse,
                explained=1.0 if sure else _of(samples.apart, left, samples.usual, samples.noise),
                rows=exact.rows & (values == bound),
                free=1,
            ),
        )


def _of(apart: float, left: float, usual: float, noise: float) -> float:
    """Return the share of a distance that is gone; where that was no unusual distance, what is left beside chance."""
    floor = min(max(usual, noise), apart / 2)
    return float(np.clip(1 - max(left - floor, 0.0) / max(apart - floor, 1e-9), 0.0, 1.0))


def _mostly(values: Floats, one: float) -> float:
    return float((values == one).sum() / max(np.isfinite(values).sum(), 1))


def _reshaped(ground: Ground, column: str, area: Area, forward: Callable[[Floats], Floats]) -> Area | None:
    """Return when values most likely went through a map, among the rows of the segment of an area and near it."""
    samples = samples_of(ground, column, area)
    if samples is None:
        return None
    rows = ground.segment_rows(area.segment)[1] & ground.around(area.rows)
    weights = weights_of(ground.now[column].to_numpy()[rows], samples.base, forward(samples.base))
    positive = weights[weights > 0]
    return stretch_of(ground, area.segment, rows, weights, quiet=float(len(positive) / max(len(weights), 1)) or np.inf)


def _varied(base: Floats, held: Floats, bound: float, beyond: np.ufunc) -> bool:
    """Say whether the values that were not cut off are as various as they are: hours of steady values pile up on their largest too."""
    apart = base[:: max(len(base) // len(held), 1)][: len(held)]
    known, seen = (len(np.unique(one[~beyond(one, bound)])) for one in (apart, held))
    return seen >= known / 2


def _filled(ground: Ground, column: str, area: Area, value: float) -> Iterator[Hypothesis]:
    """Yield that a value stands where none stood, where another stood, for any other (it was seldom), or for none by custom, and all others
    are as they were."""
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    base = before[area.base] if area.base.any() else before
    if _mostly(now[area.rows], value) > PURE or area.rows.sum() < FEWEST_ROWS:
        return
    had = float(np.isnan(base).mean())
    instead = _vanish(now[area.rows], had)
    exact = _filling(ground, column, area, value, instead)
    rows = exact.rows & (now == value)
    more, gone = float(rows.sum() / exact.rows.sum() - (base == value).mean()), had - float(np.isnan(now[exact.rows]).mean())
    instead = _vanish(now[exact.rows], had) and gone / 2 <= more <= gone * 2
    lost, fewer = (np.nan, 0.0) if instead else _given_way(base, now[exact.rows], value, more)
    known = instead or np.isfinite(lost)
    custom, sprung = _stands_for_none(base, value), more >= SPRUNG * (base == value).mean()
    if more < MORE / 2 or not (known or custom or sprung) or not _others_stay(ground, column, exact, value, lost):
        return
    left = gone if instead else fewer
    explained = min(left / more, more / left) if known else UNPROVED
    proof = Proof(measure="share", before=more, after=abs(more - left) if known else 0.0, rows=int(exact.rows.sum()))
    stood = "no value was" if instead else f"{lost:.6g} was" if known else "others were"
    other = "missing" if instead else f"{lost:.12g}" if known else ""
    inverse = Inverse(kind="fill", value=f"{value:.12g}", other=other, says=f"{value:.6g} where {stood}")
    yield ground.hypothesis(
        Cause.DEFAULT_FILL, [column], exact, Shown(proof=proof, inverse=inverse, explained=explained, free=1, rows=rows)
    )


def _given_way(base: Floats, now: Floats, value: float, more: float) -> tuple[float, float]:
    """Return the one value that is less frequent by as much as `value` is more, within half of it, and by how much; nan if none is: several
    values gave way, or none."""
    values, counts = np.unique(base[np.isfinite(base) & (base != value)], return_counts=True)
    if not len(values):
        return np.nan, 0.0
    likely = np.argsort(-counts)[:MOST_ATOMS]
    fewer = [float(counts[at] / len(base) - (now == values[at]).mean()) for at in likely]
    best = int(np.argmax(fewer))
    return (float(values[likely[best]]), fewer[best]) if more / 2 <= fewer[best] <= more * 2 else (np.nan, 0.0)


def _vanish(values: Floats, had: float) -> bool:
    """Say whether values are hardly missing any more, of which a share `had` was."""
    return bool(np.isnan(values).mean() <= GONE * had and had * len(values) >= 10)


def _stands_for_none(base: Floats, value: float) -> bool:
    """Say whether a value outside all of the reference is one that programs write for none, or lies far outside."""
    known = base[np.isfinite(base)]
    if not len(known) or known.min() <= value <= known.max():
        return False
    custom = value in (-1.0, 0.0) or re.fullmatch(r"-?9+", f"{value:.12g}") is not None
    return custom or min(abs(value - known.min()), abs(value - known.max())) > np.ptp(known) > 0


def _others_stay(ground: Ground, column: str, area: Area, value: float, lost: float = np.nan) -> bool:
    """Say whether the other values of an area, but for one that gave way, are distributed as those of the reference are."""
    now = ground.now[column].to_numpy()
    samples = samples_of(ground, column, area, rows=area.rows & (now != value) & (now != lost))
    if samples is None:
        return True
    base = samples.base[(samples.base != value) & (samples.base != lost)]
    return not len(base) or ks(samples.held, base) <= 1.3 * max(samples.usual, samples.noise)


def _filling(ground: Ground, column: str, area: Area, value: float, instead: bool) -> Area:
    """Return when a value stood where none stood: rows without a value speak against it."""
    rows = ground.segment_rows(area.segment)[1] & ground.around(area.rows)
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()[rows]
    base = before[area.base] if area.base.any() else before
    within = float(np.clip((ground.now[column].to_numpy()[area.rows] == value).mean(), 1e-3, 1 - 1e-3))
    usual = float(np.clip((base == value).mean(), 1e-4, within / 1.01))
    for_it, against = float(np.log(within / usual)), float(np.log((1 - within) / (1 - usual)))
    weights = against + (for_it - against) * (now == value)
    weights[np.isnan(now) & instead] = np.log(DOUBT)
    return stretch_of(ground, area.segment, rows, weights, quiet=-np.log1p(-within)) or area


def rounded(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where numbers lie on coarser steps than they did."""
    return tuple(found for column, inside in _places(ground) for found in _by_step(ground, column, inside))


def _by_step(ground: Ground, column: str, inside: Bools) -> Iterator[Hypothesis]:
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    known = before[np.isfinite(before)]
    if not len(known) or np.ptp(known) == 0:
        return
    own = piled_step(before, now[inside])
    for step in sorted({*STEPS, *([own] if own > 0 else [])}, reverse=True):
        if step > np.ptp(known) / 2:
            continue
        on_before, on_now = _on(before, step), _on(now, step)
        if on_before[np.isfinite(before)].mean() > 0.6:
            return
        if on_now[inside].mean() < on_before.mean() + MORE:
            continue
        area = area_of(ground, on_before, on_now, inside=inside, avoid=[column])
        found = None if area is None else _on_steps(ground, column, area, step, (on_before, on_now))
        if found is not None:
            yield found
            return


def _on(values: Floats, step: float) -> Bools:
    finite = np.isfinite(values)
    on = np.zeros(len(values), dtype=bool)
    on[finite] = on_step(values[finite], step)
    return on


def _to_steps(how: Callable[[Floats], Floats], step: float, values: Floats) -> Floats:
    return how(values / step) * step


def _on_steps(ground: Ground, column: str, area: Area, step: float, on: tuple[Bools, Bools]) -> Hypothesis | None:
    samples = samples_of(ground, column, area)
    values = ground.now[column].to_numpy()
    here = area.rows & np.isfinite(values)
    share = float(on[1][here].mean()) if here.any() else 0.0
    if samples is None or share < PURE or len(np.unique(samples.held)) < 3:
        return None
    usual = float(_on(samples.base, step).mean())
    ways: dict[str, Callable[[Floats], Floats]] = {
        "rounded": np.round,
        "cut off": np.trunc,
        "rounded down": np.floor,
        "rounded up": np.ceil,
    }
    left = {way: samples.left(partial(_to_steps, one, step)) for way, one in ways.items()}
    usual_distance = max(samples.usual, samples.noise)
    best = min(left, key=lambda one: left[one])
    if left[best] > 1.3 * usual_distance:
        return None
    alike = [one for one, far in left.items() if far <= min(ALIKE * left[best], usual_distance)]
    way = best if len(alike) <= 1 else "rounded or cut off"  # where steps are small beside the values
    proof = Proof(measure="share", before=share - usual, after=1 - share, rows=int(here.sum()))
    inverse = Inverse(kind="round", scale=step, value=way, says=f"values {way} to multiples of {step:g}")
    return ground.hypothesis(
        Cause.ROUNDED, [column], area, Shown(proof=proof, inverse=inverse, explained=(share - usual) / (1 - usual), free=1, rows=here)
    )
