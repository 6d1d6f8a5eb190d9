"""Which causes explain what was found: a greedy cover of the evidence by hypotheses, and what no hypothesis explains by itself.

A cause claims what it was found by, what is about its columns, and what follows from it: a change of rows moves every column, a change of a
column moves answers, errors and relations. What follows has to lie within the time of the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.evidence import HARMFUL, INPUTS, SEGMENTS, Evidence, between, without_labels
from monitor.incidents.implied import EARLY, FELT, OUTCOMES, PROVEN, SILENT, WHOLE_ROWS, WITHIN, by_rows_alone, not_implied, within_any
from monitor.incidents.jobs import failed, may_bring
from monitor.profile import Windows

CROWDS = frozenset({Cause.DUPLICATED_ROWS, Cause.TRAFFIC_BURST, Cause.ADVERSARIAL_BURST})
"""Of these, rows that come together and that bring labels of their own."""
DEPLOYED = SILENT - {Cause.FRESHNESS}
"""What the service does otherwise that a version may bring."""
OWN, ABOUT, ROWS, AFTER, BESIDE = 1.0, 0.9, 0.7, 0.6, 0.3
"""How surely a finding belongs to a cause: it was found by it, is about its column, moves because other rows came, because answers follow
from inputs, or began and ended with it. An alert about another input follows from none: two things can happen at once."""
CLAIMED = 0.2
"""From which a cause claims a finding."""
PRICE = 0.02
"""What each free choice of a cause costs of what it explains."""
OF_OUTCOMES = HARMFUL | {"estimate", "concept"}
"""Analyses of labels beside answers: what they find no season explains away, and nothing else follows from labels."""
WHY = "explanations"
"""The analysis of what columns give to answers."""
OF_ANSWERS = frozenset({"predictions", WHY})
NEARLY_ALL = 0.9
"""Share of rows that a version scores from which whatever it does worse is its own."""
MOST = 0.5
"""Share of rows beyond which a condition names no place: what happened to all rows is seen there first."""
OUTLIERS = "outliers"
"""The analysis that counts rows which are unlike the reference."""
UNLIKE, FILLED = frozenset({"multivariate", OUTLIERS}), 0.75
"""Analyses of how unlike the reference rows are as a whole: any change of inputs moves them, and their runs bridge quiet windows between
two. Part of the windows of such a run from which changes that are known fill it."""
LEAST = 0.3
"""What a cause has to explain not to be only one that was looked at."""
SOLID = 0.6
"""What a cause has to explain for a finding of another's to be its own: twice what lets it stand."""
TOGETHER = 0.5
"""Overlap of the windows (of their union) from which unexplained findings are one incident."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """What belongs together: the cause (None: unknown), the evidence by its key with how surely it belongs, causes that were beaten."""

    hypothesis: Hypothesis | None
    evidence: tuple[Evidence, ...]
    links: Mapping[str, float] = field(default_factory=dict)
    beaten: tuple[Hypothesis, ...] = ()
    brought: tuple[Hypothesis, ...] = ()
    """What came with it: other answering times, failures or costs of a version that was deployed."""

    @property
    def lead(self) -> Evidence:
        """What evidence without a cause is called by: the strongest alert of something worse, else alert, else all."""
        return max(self.evidence, key=lambda one: (one.alert and one.finding.note != "better", one.alert))

    @property
    def weight(self) -> float:
        """How much speaks for it."""
        return sum(one.weight * self.links.get(one.key, 1.0) for one in self.evidence)


Claim = tuple[Hypothesis, tuple[Evidence, ...], dict[str, float]]
"""A cause that stands, the findings that it claims, and how surely each belongs to it, by key."""


def group(hypotheses: Sequence[Hypothesis], evidence: Sequence[Evidence], windows: Windows, *, few_days: bool = False) -> tuple[Group, ...]:
    """Explain evidence by causes, those that explain most first; then what is left, by time.

    Parameters
    ----------
    few_days : whether the reference holds too few days to know weathers, and the luck of segments: what is only unlike it as a whole, or
        worse in a segment alone, is no incident then; and rows alone prove only what their order does.

    Notes
    -----
    In each step the cause wins whose share of explained change times the weight of the evidence that is not yet claimed, less a price for
    each free choice, is largest. A cause whose own evidence was all claimed by others is one of theirs that was beaten.
    """
    hypotheses = not_implied(hypotheses, evidence, windows)
    links = [{one.key: link(cause, one, windows) for one in evidence} for cause in hypotheses]
    left = {one.key: one for one in evidence}
    won: list[Claim] = []
    beaten: list[Hypothesis] = []
    waiting = list(range(len(hypotheses)))
    while waiting:
        best = max(waiting, key=lambda at: (gain(hypotheses[at], links[at], left.values()), hypotheses[at].explained))
        waiting.remove(best)
        mine = {key: value for key, value in links[best].items() if value >= CLAIMED}
        claimed = tuple(one for key, one in left.items() if key in mine)
        own = any(mine[one.key] >= BESIDE for one in claimed if one.analysis not in UNLIKE)
        own = own or (
            any(mine[one.key] >= BESIDE for one in claimed) and not _same_thing(hypotheses[best], [cause for cause, _, _ in won], windows)
        )
        proven = not few_days or hypotheses[best].cause in PROVEN
        alone = proven and _alone(hypotheses[best], [cause for cause, _, _ in won], windows)
        stands = hypotheses[best].explained >= LEAST and (own or alone)
        if not stands:
            beaten.append(hypotheses[best])
            continue
        won.append((hypotheses[best], claimed, mine))
        left = {key: one for key, one in left.items() if key not in mine}
    nearest = _nearest(won)
    beaten += [cause for (cause, claimed, _), (_, kept, _) in zip(won, nearest, strict=True) if claimed and not kept]
    won = [now for before, now in zip(won, nearest, strict=True) if now[1] or not before[1]]
    causes = [cause for cause, _, _ in won]
    shared = {key: home for key, one in left.items() if (home := _of_several(one, causes, windows)) is not None}
    for key, home in shared.items():
        cause, claimed, mine = won[home]
        won[home] = (cause, (*claimed, left.pop(key)), {**mine, key: BESIDE})
    known = [
        Group(hypothesis=cause, evidence=claimed, links=mine, beaten=tuple(one for one in beaten if _rivals(cause, one, windows)))
        for cause, claimed, mine in won
    ]
    return (*_with_deploys(known, windows), *_unexplained(tuple(left.values()), few_days=few_days))


def _nearest(won: Sequence[Claim]) -> list[Claim]:
    """Return causes with each finding at the one of them that it belongs to most surely, of those that explain SOLID what they are about
    (less counts for less): what explains most is asked first, and would keep what only began with another."""
    every = [one for _, claimed, _ in won for one in claimed]
    solid = [min(cause.explained / SOLID, 1.0) for cause, _, _ in won]
    homes = {one.key: max(range(len(won)), key=lambda at: solid[at] * won[at][2].get(one.key, 0.0)) for one in every}
    return [(cause, tuple(one for one in every if homes[one.key] == at), mine) for at, (cause, _, mine) in enumerate(won)]


def _of_several(one: Evidence, won: Sequence[Hypothesis], windows: Windows) -> int | None:
    """Return which cause holds most of a finding on rows as a whole whose windows several causes fill; None where they do not."""
    if one.analysis not in UNLIKE:
        return None
    spans = [between(windows, cause.start, cause.end) if cause.columns and _follows(cause, one) else None for cause in won]
    held = [set() if span is None else set(range(max(span[0], one.first), min(span[1], one.last) + 1)) for span in spans]
    if len(set().union(*held)) < FILLED * one.length:
        return None
    return max(range(len(won)), key=lambda at: len(held[at]))


def _with_deploys(known: Sequence[Group], windows: Windows) -> tuple[Group, ...]:
    """Return the groups with what a version brought told as its own: answers that take longer, fail or cost more since it serves."""
    versions = [one for one in known if one.hypothesis is not None and one.hypothesis.cause is Cause.MODEL_VERSION]
    homes = {id(one): home for one in known if (home := next((each for each in versions if _came_with(one, each, windows)), None))}
    taken = {id(home): [one for one in known if homes.get(id(one)) is home] for home in versions}
    return tuple(_joined(one, taken.get(id(one), [])) for one in known if id(one) not in homes)


def _came_with(one: Group, version: Group, windows: Windows) -> bool:
    """Say whether what the service does otherwise began with a version, in its rows or in those of all."""
    cause, deployed = one.hypothesis, version.hypothesis
    if cause is None or deployed is None or cause.cause not in DEPLOYED:
        return False
    ends = [between(windows, each.start, each.end) for each in (cause, deployed)]
    if ends[0] is None or ends[1] is None:
        return False
    own = dict(cause.segment) == dict(deployed.segment)
    return (own or not cause.segment) and abs(ends[0][0] - ends[1][0]) <= EARLY


def _joined(one: Group, brought: Sequence[Group]) -> Group:
    more = [each for each in brought if each.hypothesis is not None]
    return replace(
        one,
        evidence=(*one.evidence, *(finding for each in more for finding in each.evidence)),
        links={**one.links, **{key: value for each in more for key, value in each.links.items() if key not in one.links}},
        brought=tuple(each.hypothesis for each in more if each.hypothesis is not None),
    )


def gain(cause: Hypothesis, links: Mapping[str, float], left: Iterable[Evidence]) -> float:
    """Return what a cause explains of the evidence that is left."""
    covered = sum(one.weight * links[one.key] for one in left if links[one.key] >= CLAIMED)
    return covered * max(0.0, cause.explained - PRICE * cause.parameters)


def link(cause: Hypothesis, one: Evidence, windows: Windows) -> float:
    """Return how surely a finding belongs to a cause, 0..1."""
    ends = between(windows, cause.start, cause.end)
    if ends is None:
        return 0.0
    kind, shared = _kind(cause, one, ends), min(ends[1], one.last) - max(ends[0], one.first) + 1
    if shared <= 0 or shared < WITHIN * one.length or _latest(one, windows) < ends[0] - _early(cause, one, kind, ends, windows):
        return 0.0
    passing = cause.cause is Cause.SEASON and one.analysis not in INPUTS  # what follows from a season need not last as long
    union = shared if passing else max(ends[1], one.last) - min(ends[0], one.first) + 1
    followed = kind < ABOUT or (kind < OWN and one.analysis not in INPUTS)
    reach = min(1.0, cause.share_rows / FELT) ** 2 if followed and np.isfinite(cause.share_rows) else 1.0
    reach = 1.0 if _names_place(cause, one) or _holds_odd_rows(cause, one) else reach
    return kind * reach * (shared / one.length) * (1 + shared / union) / 2


def _names_place(cause: Hypothesis, one: Evidence) -> bool:
    """Say whether a finding is of the segment of a cause, or of a part of its description."""
    return one.analysis == SEGMENTS and bool(one.columns) and one.columns <= set(cause.segment)


def _holds_odd_rows(cause: Hypothesis, one: Evidence) -> bool:
    """Say whether a finding counts rows that are unlike the reference, and a cause concerns most of those beyond the usual."""
    finding = one.finding
    if one.analysis != OUTLIERS or not finding.after:
        return False
    return bool(cause.rows >= WITHIN * finding.rows * max(1 - finding.before / finding.after, 0.0))


def _latest(one: Evidence, windows: Windows) -> int:
    """Return the last window that a finding may have begun in: metrics of few rows begin a few windows earlier or later by chance."""
    last = between(windows, one.finding.onset_upper, one.finding.onset_upper + np.timedelta64(1, "us"))
    return one.first if last is None or np.isnat(one.finding.onset_upper) else max(one.first, min(last[0], one.last))


def _early(cause: Hypothesis, one: Evidence, kind: float, ends: tuple[int, int], windows: Windows) -> float:
    """Return how many windows before its cause a finding may begin: what is about it may be a longer run, what follows from it has to wait
    until it may have begun."""
    if kind >= ABOUT or cause.cause is Cause.SEASON:
        return max(EARLY, (1 - WITHIN) * one.length)
    began = None if np.isnat(cause.onset_lower) else between(windows, cause.onset_lower, cause.end)
    return EARLY + (0 if began is None else max(ends[0] - began[0], 0))


def _kind(cause: Hypothesis, one: Evidence, ends: tuple[int, int]) -> float:
    if one.key in cause.evidence and not (cause.cause is Cause.MODEL_VERSION and _elsewhere(cause, one)):
        return OWN
    if not _follows(cause, one):
        return 0.0
    if one.columns & set(cause.columns) or _names_place(cause, one):
        return ABOUT
    if cause.cause in WHOLE_ROWS:
        return ROWS
    if cause.cause is not Cause.SEASON and one.analysis not in INPUTS:
        placed = cause.everywhere and one.analysis == SEGMENTS  # what is worst there and then has a cause of its own place
        return 0.0 if one.finding.note == "better" else BESIDE if placed else AFTER  # what is better follows from no damage
    return BESIDE if cause.cause is Cause.SEASON or (not one.alert and _spans(one, ends)) else 0.0


def _spans(one: Evidence, ends: tuple[int, int]) -> bool:
    """Say whether a finding began and ended with a cause."""
    return abs(one.first - ends[0]) <= EARLY and abs(one.last - ends[1]) <= EARLY


def _follows(cause: Hypothesis, one: Evidence) -> bool:
    """Say whether a finding can be about a cause, or come from it, at all."""
    if _elsewhere(cause, one) or (cause.unfelt and one.analysis in OF_OUTCOMES | {"predictions"}):
        return False
    about = bool(one.columns & set(cause.columns)) and cause.cause is not Cause.CONCEPT_CHANGE  # whose columns did not move themselves
    if about or (failed(one) and may_bring(one, cause)):
        return True
    if cause.cause is Cause.VOLUME_CHANGE and not cause.segment:  # all rows alike move no shares
        return one.serving
    if cause.cause is Cause.SEASON:
        return not one.serving and one.analysis not in OF_OUTCOMES
    if cause.cause in OUTCOMES:
        estimated = without_labels(one.analysis, one.finding)
        of_answers = cause.cause is Cause.MODEL_VERSION and (one.analysis in OF_ANSWERS or estimated)
        return of_answers or (one.analysis in OF_OUTCOMES and not estimated)
    return cause.cause not in SILENT and (not one.serving or cause.cause in WHOLE_ROWS)


def _elsewhere(cause: Hypothesis, one: Evidence) -> bool:
    """Say whether a finding is of a segment that has nothing to do with the cause: of other columns, or of another level of its place."""
    serves_all = bool(cause.version) and cause.share_rows >= NEARLY_ALL
    everywhere = serves_all or cause.everywhere or (not cause.segment and (cause.cause in WHOLE_ROWS or cause.answers))
    no_place = not cause.segment and one.finding.share_rows > MOST
    if one.analysis != SEGMENTS or not one.columns or everywhere or no_place:
        return False
    other = any(
        re.search(rf"{re.escape(name)}\"? = '(?!(?:{'|'.join(map(re.escape, (level, *cause.beside)))})')", one.finding.what)
        for name, level in cause.segment.items()
    )
    return other or not one.columns & {*cause.columns, *cause.segment}


def _alone(cause: Hypothesis, won: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether a cause without evidence of its own stands: it is sure, and no other cause holds its columns or rows at its time."""
    held = any((_rivals(one, cause, windows) and _covers(one, cause, windows)) or _brought_by_rows(one, cause) for one in won)
    return by_rows_alone(cause) and not cause.answers and not held


def _same_thing(cause: Hypothesis, won: Sequence[Hypothesis], windows: Windows) -> bool:
    """Say whether a cause that stands has all columns of another one, in its place and time: only rows that are unlike are left to it."""
    alike = [one for one in won if one.segment == cause.segment and set(cause.columns) <= set(one.columns)]
    return bool(cause.columns) and within_any(cause, alike, windows)


def _covers(one: Hypothesis, other: Hypothesis, windows: Windows) -> bool:
    """Say whether a cause may be what another one is, and not a part of it: it is about most of its columns, in most of its windows."""
    of_rows = bool({one.cause, other.cause} & (WHOLE_ROWS | OUTCOMES)) or not one.columns
    of_columns = of_rows or len(set(one.columns) & set(other.columns)) >= WITHIN * len(other.columns)
    return of_columns and within_any(other, [one], windows)


def _brought_by_rows(one: Hypothesis, other: Hypothesis) -> bool:
    """Say whether labels that are otherwise are those of rows that came together: of their time, and of no other level of their place."""
    if one.cause not in CROWDS or other.cause not in OUTCOMES or any(np.isnat(end) for end in (one.start, one.end, other.start, other.end)):
        return False
    apart = any(other.segment[name] != level for name, level in one.segment.items() if name in other.segment)
    shared = min(one.end, other.end) - max(one.start, other.start)
    return not apart and bool(shared >= WITHIN * (other.end - other.start))


def _rivals(one: Hypothesis, other: Hypothesis, windows: Windows) -> bool:
    first, second = (between(windows, cause.start, cause.end) for cause in (one, other))
    if first is None or second is None or min(first[1], second[1]) < max(first[0], second[0]):
        return False
    one_place = not one.segment or not other.segment or one.segment == other.segment
    akin = one_place and any({one.cause, other.cause} <= family for family in (WHOLE_ROWS, OUTCOMES))
    of_its_rows = one_place and one.cause in WHOLE_ROWS and other.cause in OUTCOMES and first[0] <= second[0] and second[1] <= first[1]
    if one.everywhere or other.everywhere:  # which is about labels of all rows, and about no column
        return akin and not one.segment and not other.segment
    return akin or of_its_rows or not one.columns or not other.columns or bool(set(one.columns) & set(other.columns))


def _unexplained(left: Sequence[Evidence], *, few_days: bool) -> list[Group]:
    """Return what no cause claims, by time, and by column where it began together; warnings alone are no incident, and neither is that a
    column gives more or less to answers which stay as they were. What is better needs no explanation. Beside few days, warnings beside rows
    that are only unlike these days are no more than warnings."""
    groups: list[list[Evidence]] = []
    for one in (each for each in left if each.finding.note != "better"):
        home = next((group for group in groups if _overlap(group[0], one) >= TOGETHER or _began_as(group[0], one)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    alone = {WHY, *((*UNLIKE, SEGMENTS) if few_days else ())}
    told = [group for group in groups if any(one.alert for one in group) and any(one.analysis not in alone for one in group)]
    told = [group for group in told if not few_days or any(one.alert and one.analysis not in alone for one in group)]
    return [Group(hypothesis=None, evidence=tuple(group)) for group in told]


def _began_as(one: Evidence, other: Evidence) -> bool:
    return abs(one.first - other.first) <= EARLY and bool(one.columns & other.columns)


def _overlap(one: Evidence, other: Evidence) -> float:
    shared = min(one.last, other.last) - max(one.first, other.first) + 1
    return float(np.clip(shared, 0, None)) / (max(one.last, other.last) - min(one.first, other.first) + 1)
