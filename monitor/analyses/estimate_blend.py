"""Labels so far and the default estimate as the one number of windows whose labels are not all in, or few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.estimate_choice import Line
from monitor.analyses.estimate_methods import Believed
from monitor.analyses.estimate_rows import Estimated
from monitor.analyses.label_weights import CHOSEN
from monitor.stats.estimation.blending import UNKNOWN, Sums, Told, blend, ppi_ratio
from monitor.stats.estimation.expected import Ratio, ratios
from monitor.stats.estimation.losses import ROOTS, VARIANCE, losses
from monitor.stats.performance.binary import Binary
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Bools, Floats, Ints
from monitor.stats.performance.maturity import arrival
from monitor.stats.performance.multiclass import Classes
from monitor.stats.performance.regression import Numbers
from monitor.stats.performance.selective import ONLY_NEGATIVE, ONLY_POSITIVE

ONE_KIND = "labels_of_one_kind"
"""Why there is no blend: only some kinds of labels have had time to come, so that those that are in say nothing of the others."""
SEEN = 0.05
"""Part of the labels of a kind that must have had time to come."""
ALIKE = 0.5
"""Part of the share of the kind of which most have come, that of every kind must be: where one has only begun to come, its curve would have
to be known to the hour (labels come in nightly batches)."""
OLD = 0.99
"""Part of all labels after whose delay a row's label has surely come, if it ever does."""
Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Blended:
    """One metric by window, (w,) each: `value` and `variance` (nan: no blend), the `weight` that `labels` (the number of those that count)
    have in it, what these `alone` say, and the `reason` why there is no blend where labels are in ("" else)."""

    value: Floats
    variance: Floats
    weight: Floats
    labels: Ints
    alone: Floats
    reason: Objects


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a metric is made of: `said` and `true` sums of rows (n,), their `noise`, and whether its root is told."""

    said: tuple[Floats, Floats]
    true: tuple[Floats, Floats]
    noise: Floats
    root: bool = False

    def told(self, at: Ints, labelled: Bools, weight: Floats) -> Told:
        """Return what labels say of the rows `at`."""
        pairs = tuple((one[0][at], one[1][at]) for one in (self.said, self.true))
        found = ppi_ratio(Sums(pairs[0], pairs[1], labelled[at], weight[at]), self.noise[at])
        if not self.root or not found.value > 0:
            return found if not self.root else UNKNOWN
        return Told(float(np.sqrt(found.value)), found.variance / (4 * found.value))


def blended(found: Estimated, usual: Believed, lines: Mapping[str, Line], complete: Bools, trusted: Bools) -> dict[str, Blended]:
    """Return the blend of each metric in the windows whose labels are not in or are a sample, where any labels are there."""
    side = found.production
    windows = side.rows.windows
    wait = np.flatnonzero(~complete & (np.bincount(side.rows.window[side.labelled], minlength=windows) > 0))
    if not len(wait):
        return {}
    hidden = found.outcome.hidden(side.side)
    weight, counts = label_weights(found)
    labels = np.bincount(side.rows.window[counts], minlength=windows)
    parts, alone = dict(_parts(found, usual, lines)), _alone(found, counts)
    order = np.argsort(side.rows.window, kind="stable")
    ends = np.append(0, np.cumsum(side.count))
    result = {}
    for metric, line in lines.items():
        value, variance, part = (np.full(windows, np.nan) for _ in range(3))
        reason = np.full(windows, "", dtype=object)
        track = alone[metric]
        for w in wait.tolist():
            if hidden is not None or not labels[w] or found.unknown[w]:
                unlike = CHOSEN if labels[w] else ONE_KIND
                reason[w] = unlike if hidden is None else ONLY_NEGATIVE if hidden else ONLY_POSITIVE
                continue
            at = order[ends[w] : ends[w + 1]]
            plain = Told(float(track.value[w]), float(track.variance[w]))
            told = parts[metric].told(at, counts, weight) if metric in parts else plain
            one = blend(told, float(line.production.value[w]) if trusted[w] else np.nan, line.past.square)
            value[w], variance[w], part[w] = one.value, one.variance, one.weight
        result[metric] = Blended(value, variance, part, labels, track.value, reason)
    return result


def _alone(found: Estimated, counts: Bools) -> Mapping[str, Estimate]:
    """Return what the labels that count say of each metric by window."""
    side = found.production
    told = {name: one.production for name, one in found.tracks.items()}
    if np.array_equal(counts, side.labelled):
        return told
    kept = np.zeros(len(side.at), dtype=bool)
    kept[np.flatnonzero(side.at)[counts]] = True
    again = found.outcome.found(side.side, kept)
    return {name: again.get((name, ""), one) for name, one in told.items()}


def metric_sums(found: Estimated, usual: Believed, lines: Mapping[str, Line]) -> dict[str, Floats]:
    """Return what labels alone say of each metric that is a ratio of sums, by window, (w,); nan where they say nothing."""
    side = found.production
    every, counts = label_weights(found)
    window, many, weight = side.rows.window[counts], side.rows.windows, every[counts]
    told = {}
    for metric, one in _parts(found, usual, lines):
        above, below = (np.bincount(window, weight * part[counts], many) for part in one.true)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(below > 0, above / below, np.nan)
        told[metric] = np.sqrt(value) if one.root else value
    return told


def label_weights(found: Estimated) -> tuple[Floats, Bools]:
    """Return the weight of each row's label, (n,), and which labels count, (n,).

    Labels of one kind may come later than others (no fraud is known to be none before a card's claims have run out). Each label stands
    for as many as have not come yet of its kind: 1 / the share of that kind's labels that are there at its age, times what a plan of
    labels gave it (`label_weight`). Where nothing says when labels come, it stands for the rows of about its score if these have more or
    fewer labels than others. At an age at which some kind has had no time to come, or much less than another, there is nothing that
    could stand for it: the labels of such rows do not count, of a day with known frauds alone as little as of a window of such days.
    """
    side = found.production
    label = side.given.label
    timed = len(found.curve.delay) and not isinstance(side.given, Numbers)
    stands = found.known[1].weight if timed else found.stands
    weight = np.ones(side.rows.size) if stands is None else stands[side.at].copy()
    counts = side.labelled
    if not timed:
        return weight, counts
    age = found.known[1].age[side.at]
    least, most = np.ones(len(age)), np.zeros(len(age))
    for kind, delay in _delays(found).items():
        seen = np.nan_to_num(arrival(delay, np.zeros(0)).at(age), nan=1.0)
        least, most = np.minimum(least, seen), np.maximum(most, seen)
        mine = label == kind
        weight[mine] /= np.maximum(seen[mine], SEEN)
    return weight, counts & (least >= np.maximum(ALIKE * most, SEEN))


def _delays(found: Estimated) -> dict[bool | int, Floats]:
    """Return the delays of the labels of each kind, of rows so old that theirs have come."""
    old = found.curve.delay_of(OLD)
    kinds: dict[bool | int, list[Floats]] = {}
    for side, known in zip((found.reference, found.production), found.known, strict=True):
        delay, age = known.delay[side.at], known.age[side.at]
        for kind in np.unique(side.given.label[side.labelled]).tolist():
            usable = side.labelled & (side.given.label == kind) & np.isfinite(delay) & (age >= old)
            kinds.setdefault(kind, []).append(delay[usable])
    joined = {kind: np.concatenate(parts) for kind, parts in kinds.items()}
    return {kind: one for kind, one in joined.items() if len(one)}


def _parts(found: Estimated, usual: Believed, lines: Mapping[str, Line]) -> Iterator[tuple[str, _Parts]]:
    """Yield what each metric that is a ratio of sums is made of."""
    given = found.production.given
    if isinstance(given, Numbers):
        yield from _loss_parts(given, cast("Mapping[str, Floats]", usual.rows))
        return
    if isinstance(given, Classes):
        yield from _accuracy(given, cast("Floats", usual.rows))
        return
    chance = np.nan_to_num(cast("Floats", usual.rows), nan=0.5)
    for name, ratio in ratios(given.decision, given.score, given.rows.size):
        if name in lines:
            yield name, _ratio_parts(ratio, chance, given, lines[name].production.value)


def _ratio_parts(ratio: Ratio, chance: Floats, given: Binary, value: Floats) -> _Parts:
    at = np.nan_to_num(value)[given.rows.window]
    said = ratio.given(chance)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.nan_to_num(given.rows.total(said[1]) / given.rows.rows)[given.rows.window]
    moves = ((ratio.one - ratio.zero) - at * (ratio.of_one - ratio.of_zero)) / np.maximum(scale, 1e-12)
    return _Parts(said, ratio.given(given.label.astype(float)), moves**2 * chance * (1 - chance))


def _accuracy(given: Classes, chance: Floats) -> Iterator[tuple[str, _Parts]]:
    if given.decision is None:
        return
    said = np.nan_to_num(chance[np.arange(len(chance)), np.maximum(given.decision, 0)])
    ones = np.ones(len(said))
    yield "accuracy", _Parts((said, ones), ((given.label == given.decision).astype(float), ones), said * (1 - said))


def _loss_parts(given: Numbers, said: Mapping[str, Floats]) -> Iterator[tuple[str, _Parts]]:
    truth = losses(given)
    ones = np.ones(given.rows.size)
    for name, one in said.items():
        if name not in truth:
            continue
        noise = said["mse"] if name == "bias" else VARIANCE * one**2
        parts = (one, ones), (np.nan_to_num(truth[name]), ones), noise
        if name != "msle":
            yield name, _Parts(*parts)
        yield from ((root, _Parts(*parts, root=True)) for root, of in ROOTS.items() if of == name)
