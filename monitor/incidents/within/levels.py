"""Levels under other names: spelling, blanks, prefixes, names matched by their shares; levels that no name explains."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

import numpy as np
import pandas as pd

from monitor.incidents.cause import PLACES, Cause, Hypothesis, Inverse, Proof
from monitor.incidents.scene import WINDOW
from monitor.incidents.within.areas import area_of, same_crowd
from monitor.incidents.within.ground import Area, Bools, Ground, Shown, Stretch
from monitor.judgement.finding import FindingKind

MOST_MATCHED = 12
"""Levels up to which names that have nothing in common are matched by their shares alone."""
SHARE_APART = 0.02
"""Least difference of the shares of two levels that may be matched by shares: nearer ones could be either."""
MOST_TOLD = 60
"""Levels that a map holds at most."""
PURE = 0.99
"""Share of rows at one level from which it is the only one."""
LACKING = 20.0
"""Rows that would have had another level at least: none of 20 expected ones is no chance (1 in 500 million)."""
FEWEST_MOVED = 3
"""Levels that have to change places: of two, more of the one and fewer of the other says as much."""
LEAST_APART, LEFT = 0.1, 0.2
"""Total variation from which levels may have changed places, and part of it that may be left once they are put back."""
STAYED = 0.8
"""Part of the rows of a usual window below which fewer rows may be what happened."""
MORE = 1.1
"""Times its share in the reference from which a level is one of those that became more."""
FEWER = 0.8
"""Times its share in the reference below which rows of a level may have got another name: a part of them, where some senders changed it."""
INSTEAD = 0.5
"""Part of the values that were missing and are not any more, at least, that a new level stands for, and the other way round."""
_CONCERNED = frozenset({FindingKind.UNSEEN, FindingKind.LEVEL})


def recoded(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where levels appear that the reference does not know, with the levels that they were if there is a map."""
    found: list[Hypothesis] = []
    for column in ground.levels:
        for stretch in ground.found.get(column, ()):
            if any(finding.kind in _CONCERNED for finding in stretch.findings):
                found.extend(_of_stretch(ground, column, stretch))
    return tuple(found)


def _of_stretch(ground: Ground, column: str, stretch: Stretch) -> Iterator[Hypothesis]:
    before, now = _texts(ground.before[column]), _texts(ground.now[column])
    known = frozenset(before.cat.categories)
    odd = (~now.isin(known) & now.notna()).to_numpy()
    once = before.map(before.value_counts()).eq(1).to_numpy(dtype=bool)  # how often a level is new by chance (Good 1953)
    area = area_of(ground, once, odd, inside=ground.inside(stretch), avoid=[column])
    if area is None:
        return
    old, new = shares(before[area.base]), shares(now[area.rows])
    levels, says = match(old, new)
    if levels:
        yield _recode(ground, column, area, levels, says, odd)
        return
    yield _for_missing(ground, column, area, odd) or _new_levels(ground, column, area, odd)


def filled_levels(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where a column of several levels has one alone: it stands for the others, for as many rows arrive as did, and such as did."""
    return tuple(
        found for column in ground.levels for inside in ground.moved(column) if (found := _filled(ground, column, inside)) is not None
    )


def _filled(ground: Ground, column: str, inside: Bools) -> Hypothesis | None:
    before, now = _texts(ground.before[column]), _texts(ground.now[column])
    told = shares(now[inside])
    top = max(told, key=lambda level: told[level], default="")
    if top not in before.cat.categories:
        return None
    area = area_of(ground, before.eq(top).to_numpy(), now.eq(top).to_numpy(), inside=inside, avoid=[column])
    if area is None or not area.base.any() or not same_crowd(ground, [column], area) or _fewer(ground, area):
        return None
    old, share = shares(before[area.base]), shares(now[area.rows]).get(top, 0.0)
    usual = old.get(top, 0.0)
    if share < PURE or area.rows.sum() * (1 - usual) < LACKING:
        return None
    others = [level for level in old if level != top]
    inverse = Inverse(kind="fill", value=top, other=others[0] if len(others) == 1 else "", says=f"{top} in place of other levels")
    proof = Proof(measure="level", before=usual, after=share, rows=int(area.rows.sum()))
    explained = (share - usual) / (1 - usual)
    return ground.hypothesis(Cause.DEFAULT_FILL, [column], area, Shown(proof=proof, inverse=inverse, explained=explained))


def permuted(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where known levels have each other's shares: the same names stand for others (another hash, another order of codes)."""
    return tuple(
        found for column in ground.levels for inside in ground.moved(column) if (found := _permuted(ground, column, inside)) is not None
    )


def _permuted(ground: Ground, column: str, inside: Bools) -> Hypothesis | None:
    before, now = _texts(ground.before[column]), _texts(ground.now[column])
    old, new = shares(before), shares(now[inside])
    more = [level for level, share in new.items() if level in old and share > MORE * old[level]]
    area = area_of(ground, before.isin(more).to_numpy(), now.isin(more).to_numpy(), inside=inside, avoid=[column])
    if area is None or not area.base.any() or not same_crowd(ground, [column], area):
        return None
    rows = np.flatnonzero(area.rows)
    old, fit, held = shares(before[area.base]), shares(now.iloc[rows[::2]]), shares(now.iloc[rows[1::2]])
    if set(fit) - set(old) or len(old) < FEWEST_MOVED:
        return None
    ranked = dict(zip(sorted(fit, key=lambda level: -fit[level]), sorted(old, key=lambda level: -old[level]), strict=False))
    moved = {level: was for level, was in ranked.items() if level != was}
    undone = {ranked.get(level, level): share for level, share in held.items()}
    proof = Proof(measure="tv", before=total_variation(old, held), after=total_variation(old, undone), rows=len(rows) // 2)
    if len(moved) < FEWEST_MOVED or proof.before < LEAST_APART or proof.after > min(LEFT * proof.before, _one_level_undone(old, held)):
        return None
    inverse = Inverse(kind="map", levels=dict(list(moved.items())[:MOST_TOLD]), says=PLACES)
    shown = Shown(proof=proof, inverse=inverse, explained=1 - proof.after / proof.before, free=2)
    return ground.hypothesis(Cause.RECODE, [column], area, shown)


def _one_level_undone(old: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the least total variation that is left once one level has its old share again and all others share the rest as they do now:
    of a mix where one level became more, ranks change too, and nothing was renamed."""
    left = [inf]
    for one in (level for level, share in now.items() if share < 1):
        usual = old.get(one, 0.0)
        rest = (1 - usual) / (1 - now[one])
        left.append(total_variation(old, {level: usual if level == one else share * rest for level, share in now.items()}))
    return min(left)


def _fewer(ground: Ground, area: Area) -> bool:
    """Say whether so many fewer rows arrive in a window that the others may have stayed away."""
    before, now = (np.bincount(one) for one in (ground.before[WINDOW].to_numpy()[area.base], ground.windows[area.rows]))
    return bool(np.median(now[now > 0]) < STAYED * np.median(before[before > 0]))


def _texts(column: pd.Series) -> pd.Series:
    return column.cat.remove_unused_categories()


def shares(column: pd.Series) -> dict[str, float]:
    """Return the share of each level among the rows with one."""
    counts = column.value_counts(normalize=True)
    return {str(level): float(share) for level, share in counts.items() if share > 0}


def _recode(ground: Ground, column: str, area: Area, levels: Mapping[str, str], says: str, odd: Bools) -> Hypothesis:
    now = ground.now[column]
    mapped = now.isin(list(levels)).to_numpy() & area.rows
    held = np.flatnonzero(area.rows)[1::2]
    old, new = shares(ground.before[column][area.base]), shares(now.iloc[held])
    undone: dict[str, float] = {}
    for level, share in new.items():
        back = levels.get(level, level)
        undone[back] = undone.get(back, 0.0) + share
    proof = Proof(measure="tv", before=total_variation(old, new), after=total_variation(old, undone), rows=len(held))
    kept = dict(sorted(levels.items(), key=lambda one: -new.get(one[0], 0.0))[:MOST_TOLD])
    inverse = Inverse(kind="map", levels=kept, says=says)
    explained = _explained(proof, old, new, mapped, odd & area.rows)
    were = set(levels.values())
    segment = {**area.segment, column: next(iter(were))} if len(were) == 1 else area.segment
    telling = ground.segment_rows(area.segment)[1] & now.isin([*levels, *were]).to_numpy()  # rows of other levels say nothing of when
    earlier = np.flatnonzero(telling[: area.first])
    return ground.hypothesis(
        Cause.RECODE,
        [column],
        replace(area, before=int(earlier[-1]) if len(earlier) else -1),
        Shown(proof=proof, inverse=inverse, explained=explained, free=_free(says), rows=mapped, segment=segment),
    )


def _explained(proof: Proof, old: Mapping[str, float], new: Mapping[str, float], mapped: Bools, odd: Bools) -> float:
    """Return the share of the unknown rows that get a known level, less what the map leaves or adds among the levels."""
    unknown = 1 - sum(share for level, share in new.items() if level in old)
    reached = float(mapped.sum() / max(odd.sum(), 1))
    worse = max(proof.after - (proof.before - unknown), 0.0)
    return min(reached, 1.0) * max(1 - worse / max(unknown, 1e-9), 0.0) if unknown > 0 else 1 - proof.after / max(proof.before, 1e-9)


def _free(says: str) -> int:
    return 0 if says in _SPELLINGS else 2 if says == "other names" else 1


def _for_missing(ground: Ground, column: str, area: Area, odd: Bools) -> Hypothesis | None:
    """Return that one level stands where values were missing: there is no other new one, and it came as often as these went."""
    rows, base = odd & area.rows, area.base if area.base.any() else np.ones(len(ground.before), dtype=bool)
    told = shares(ground.now[column][rows])
    more = float(rows.sum() / max(area.rows.sum(), 1))
    gone = float(ground.before[column][base].isna().mean() - ground.now[column][area.rows].isna().mean())
    if len(told) != 1 or min(more, gone) < INSTEAD * max(more, gone):
        return None
    value = next(iter(told))
    inverse = Inverse(kind="fill", value=value, other="missing", says=f"{value} where no value was")
    proof = Proof(measure="share", before=more, after=abs(more - gone), rows=int(area.rows.sum()))
    shown = Shown(proof=proof, inverse=inverse, explained=min(more, gone) / max(more, gone), free=1, rows=rows)
    return ground.hypothesis(Cause.DEFAULT_FILL, [column], area, shown)


def _new_levels(ground: Ground, column: str, area: Area, odd: Bools) -> Hypothesis:
    rows = odd & area.rows
    share = float(rows.sum() / max(area.rows.sum(), 1))
    proof = Proof(measure="share", before=share, after=0.0, rows=int(area.rows.sum()))
    told = shares(ground.now[column][rows])
    inverse = Inverse(kind="missing", levels=dict.fromkeys(told, ""), says="levels never seen before")
    return ground.hypothesis(Cause.NEW_LEVELS, [column], area, Shown(proof=proof, inverse=inverse, explained=0.5, free=1, rows=rows))


def total_variation(old: Mapping[str, float], new: Mapping[str, float]) -> float:
    """Return half the sum of the differences of shares by level.

    >>> total_variation({"a": 1.0}, {"a": 0.5, "b": 0.5})
    0.5
    """
    return 0.5 * sum(abs(old.get(level, 0.0) - new.get(level, 0.0)) for level in {*old, *new})


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if char.isalnum())


def _number(text: str) -> str:
    found = re.fullmatch(r"\s*([+-]?)0*(\d+)(?:[.,]0*)?\s*", text)
    return f"{found[1].replace('+', '')}{found[2]}" if found else text


_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "blanks around the level": str.strip,
    "another case": str.casefold,
    "another case and blanks": lambda text: " ".join(text.casefold().split()),
    "another way to write whole numbers": _number,
    "other accents": lambda text: unicodedata.normalize("NFKC", text),
    "other signs between letters": _plain,
}
"""Ways in which spellings differ, the smallest first, and what is left of a level without that difference."""


def match(old: Mapping[str, float], new: Mapping[str, float]) -> tuple[dict[str, str], str]:
    """Return which level each new level was (now -> before), and in what the names differ; nothing where there is no map one to one.

    Parameters
    ----------
    old, new : share by level before and now.

    >>> match({"EWR": 0.5, "JFK": 0.5}, {"ewr": 0.4, "jfk": 0.6})
    ({'ewr': 'EWR', 'jfk': 'JFK'}, 'another case')
    >>> match({"EWR": 0.5, "JFK": 0.5}, {"EWR": 0.3, "JFK": 0.3, "KEWR": 0.2, "KJFK": 0.2})
    ({'KEWR': 'EWR', 'KJFK': 'JFK'}, 'a part added or cut')
    """
    unknown = [level for level in new if level not in old]
    for says, plain in _SPELLINGS.items():
        found = _by_spelling(old, unknown, plain)
        if _enough(found, unknown, new):
            return found, says
    gone = [level for level in old if level not in new]
    fewer = [level for level, share in old.items() if new.get(level, 0.0) < FEWER * share]
    affixed = _by_affix(gone, unknown) or _by_affix(fewer, unknown)
    for found, says in ((affixed, "a part added or cut"), (_by_shares(old, new, gone, unknown), "other names")):
        if _enough(found, unknown, new):
            return found, says
    return {}, ""


def _enough(found: Mapping[str, str], unknown: Sequence[str], new: Mapping[str, float]) -> bool:
    """Say whether nearly all rows at unknown levels are mapped."""
    return bool(found) and sum(new[level] for level in found) >= 0.9 * sum(new[level] for level in unknown)


def _by_spelling(old: Mapping[str, float], unknown: Sequence[str], plain: Callable[[str], str]) -> dict[str, str]:
    known: dict[str, list[str]] = {}
    for level in old:
        known.setdefault(plain(level), []).append(level)
    found = {level: known.get(plain(level), []) for level in unknown}
    return {level: levels[0] for level, levels in found.items() if len(levels) == 1 and plain(level)}


def _by_affix(gone: Sequence[str], unknown: Sequence[str]) -> dict[str, str]:
    """Return the map where all new names are old ones with one same part before or after, or the other way round."""
    for longer, shorter, turned in ((unknown, gone, False), (gone, unknown, True)):
        affixes = {_affix(one, two) for one in longer for two in shorter} - {None}
        for affix in sorted(affixes, key=str):
            found = {one: two for one in longer for two in shorter if two and _affix(one, two) == affix}
            if len(set(found.values())) == len(found) and len(found) >= max(2, 0.9 * len(unknown)):
                return {two: one for one, two in found.items()} if turned else found
    return {}


def _affix(longer: str, shorter: str) -> tuple[str, str] | None:
    """Return what stands before and after a name in another; one of them is empty."""
    if shorter and longer != shorter and longer.endswith(shorter):
        return longer[: -len(shorter)], ""
    if shorter and longer != shorter and longer.startswith(shorter):
        return "", longer[len(shorter) :]
    return None


def _by_shares(old: Mapping[str, float], new: Mapping[str, float], gone: Sequence[str], unknown: Sequence[str]) -> dict[str, str]:
    """Return the map of lost to new levels of the same rank and share, if each has one such and no other comes near."""
    if not 0 < len(unknown) <= MOST_MATCHED or len(gone) < len(unknown):
        return {}
    lost, came = sorted(gone, key=lambda level: -old[level])[: len(unknown)], sorted(unknown, key=lambda level: -new[level])
    near = all(abs(old[one] - new[two]) <= 0.25 * old[one] for one, two in zip(lost, came, strict=True))
    apart = all(old[one] - old[two] >= SHARE_APART for one, two in pairwise(lost))
    return dict(zip(came, lost, strict=True)) if near and apart else {}
