"""One screen of joint drift: which runs of its methods and of its pairs of columns matter, and what they are told as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.joint_pooled import pooled_association
from monitor.analyses.joint_series import Series
from monitor.analyses.multivariate import MultivariateResult
from monitor.analyses.sides import cut_short
from monitor.case import MultivariateThresholds
from monitor.judgement.fact import Fact
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.joint_causes import carrying_labels, worst_breach
from monitor.judgement.metric_series import Found, judge_scores
from monitor.judgement.narration.places import inside, name_of
from monitor.judgement.run_times import times
from monitor.profile import Windows
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.multivariate.catalogue import JOINT
from monitor.vocabulary import Status

EVENTS: Mapping[str, float] = {"rules": 0.02}
"""Methods whose score is a share of rows that comes with single events, and the share that a window may have had all the same: what is
less is novelty, not yet a break."""
FAMILIES = 2
"""Methods and pairs are two families of the screen; each has its half of the error probability."""
PAIR_MARGIN = 1.25
"""How much farther than its calibrated limit a pair has to go: an association of one day rests on a few hours that differ, and how many do
differs from day to day, which no variance by rows knows (days of the demo shared out at random went 7 % too far in 1 of 2 draws)."""
PAIR_FLOOR = 0.1
"""Smallest change of an association, over all rows of a run, that matters: q, the difference on Fisher's scale, of a small effect (Cohen
1988, Statistical Power Analysis, ch. 4). From .87 to .82 is more than from .1 to .15: more of what belonged together does not."""
ORDER_FLOOR = 0.2
"""The same of a share of rows in a seldom order: h, the difference of arcsines, of a small effect (Cohen 1988, ch. 6)."""
CLOSEST = 0.999
"""Association from which on a closer one is none: its arctanh has no end."""


@dataclass(frozen=True)  # without slots, so that the pairs are judged once
class JointScreen:
    """A measured screen, how it is judged, and what that says of its pairs."""

    result: MultivariateResult
    thresholds: MultivariateThresholds

    @property
    def windows(self) -> Windows:
        """The windows of production."""
        return self.result.sides.windows

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of each of them, (w,)."""
        return self.result.sides.production.rows

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which are cut short, (w,)."""
        return cut_short(self.result.sides.production.size, self.rows)

    @property
    def seed(self) -> int:
        """Of what is simulated."""
        return self.result.provenance.seed

    @property
    def level(self) -> float:
        """Error probability of a family."""
        return self.thresholds.q / FAMILIES

    def whole(self, one: Series) -> Series:
        """Leave windows that were cut short out: one day is no small week to relations of columns."""
        return replace(one, score=np.where(self.partial, np.nan, one.score)) if self.partial.any() else one

    def event(self, one: Series) -> Fact:
        """Return the share of rows that do what the reference hardly does, as a fact."""
        rows = np.nan_to_num(one.score) * one.rows * ~self.partial
        own = np.nan_to_num(one.reference)
        largest = np.full(len(rows), max(float(own.max(initial=0.0)), EVENTS[one.method]))
        known = float(one.reference_rows.sum())
        broken = float(own @ one.reference_rows)
        return Fact(FindingKind.RELATION, one.method, rows, one.rows.astype(float), broken, known, own, largest)

    def moved(self, name: str, one: Series, found: Found) -> list[Finding]:
        """Return the runs of a method that matter."""
        floor, told = self.thresholds.floor_of(name), []
        for run, strength in found.runs:
            score, usual = _mean(one.score, run), _mean(found.center, run)
            far = (score - usual) * np.sign(run.mean) > 0 and (run.mean > 0 or one.two_sided)
            if far and abs(score) >= floor:
                limit = max(score / strength if name in EVENTS else usual + (score - usual) / strength, floor if score > usual else -np.inf)
                finding = self._finding(name, one, found, run, (score - usual) / (limit - usual))
                told.append(self._told(name, replace(finding, score=score, before=usual, after=score, limit=limit)))
        return told

    def _told(self, name: str, finding: Finding) -> Finding:
        """Return the finding of a method with what a sentence says of it: columns, or the rule that is broken."""
        windows = self.windows.ids[finding.first : finding.last + 1]
        finding = replace(finding, label=JOINT[name].title, method=name)
        if name == "rules":
            breach = worst_breach(self.result, windows)
            finding = replace(finding, kind=FindingKind.RULE, measure=Measure.SHARE, note=breach.text, note_share=breach.share)
            return replace(finding, after=breach.any_share) if breach.text else finding
        return replace(finding, kind=FindingKind.JOINT, carried=carrying_labels(self.result, name, windows))

    @cached_property
    def pairs(self) -> Mapping[str, Found]:
        """What is found of each pair of columns: of its association, and of the order of its numbers."""
        series = {f"{a} with {b}": self.whole(one) for (a, b), one in self.result.pairs.items()}
        orders = {one.method: self.whole(one) for one in self.result.orders.values()}
        return judge_scores({**series, **orders}, q=self.level, seed=self.seed)

    def related(self) -> list[Finding]:
        """Return the runs of pairs that matter; of one pair the stronger of association and order speaks."""
        kept: list[Finding] = []
        for one in sorted([*self._associated(), *self._ordered()], key=lambda one: -one.strength):
            if not any(set(one.levels_lost) == set(other.levels_lost) and _meet(one, other) for other in kept):
                kept.append(one)
        return kept

    def _ordered(self) -> list[Finding]:
        """Return the runs of pairs whose numbers stand in a seldom order more or less often."""
        told = []
        for pair, one in self.result.orders.items():
            for run, far in self.pairs[one.method].runs:
                part = slice(run.run.first, run.run.last + 1)
                before = float(np.nansum(one.reference * one.reference_rows) / max(one.reference_rows.sum(), 1))
                after = float(np.nansum(one.score[part] * one.rows[part]) / max(one.rows[part].sum(), 1))
                change = (np.arcsin(np.sqrt(after)) - np.arcsin(np.sqrt(before))) * 2 * np.sign(run.mean)
                strength = min(far / PAIR_MARGIN, float(change) / ORDER_FLOOR)
                if strength >= 1:
                    finding = self._pair(pair, (before, after), self._finding("", one, self.pairs[one.method], run, strength))
                    names = [inside(label, self.result.names.get(label, label)) for label in pair]
                    told.append(replace(finding, measure=Measure.ORDER, label=" above ".join(names)))
        return told

    def _associated(self) -> list[Finding]:
        """Return the runs of pairs whose association changed."""
        told = []
        for pair, one in self.result.pairs.items():
            found = self.pairs[f"{pair[0]} with {pair[1]}"]
            for run, far in found.runs:
                before, after = pooled_association(self.result.sides, pair, run.run.first, run.run.last)
                change = _effect(before, after) * np.sign(run.mean)
                strength = min(far / PAIR_MARGIN, change / PAIR_FLOOR)
                if strength >= 1:
                    told.append(self._pair(pair, (before, after), self._finding("", one, found, run, strength)))
        return told

    def _pair(self, pair: tuple[str, str], pooled: tuple[float, float], finding: Finding) -> Finding:
        """Return a finding as one of a pair whose association in the pooled rows was the first figure, and is the second."""
        before, after = pooled
        return replace(
            finding,
            what=f"{pair[0]} with {pair[1]}",
            label=f"{name_of(pair[0])} and {name_of(pair[1])}",
            kind=FindingKind.RELATION,
            direction=Direction.MORE if abs(after) > abs(before) else Direction.FEWER,
            before=before,
            after=after,
            levels_lost=tuple(self.result.names.get(label, label) for label in pair),
            method="correlation",
            score=after - before,
            limit=(after - before) / finding.strength,
        )

    def _finding(self, what: str, one: Series, found: Found, scored: ScoredRun, strength: float) -> Finding:
        """Return what methods and pairs have in common."""
        run, usable = scored.run, self.rows >= self.thresholds.min_rows
        part, usual = slice(run.first, run.last + 1), float(np.nanmedian(one.reference))
        return Finding(
            what=what,
            label=what,
            kind=FindingKind.METRIC,
            status=(Status.ALERT if strength >= self.thresholds.alert else Status.WARNING).value,
            first=run.first,
            last=run.last,
            judged=int(usable.sum()),
            direction=Direction.HIGHER if scored.mean > 0 else Direction.LOWER,
            measure=Measure.SCORE,
            before=usual,
            rows=int(self.rows[part].sum()),
            share_rows=float(self.rows[part].sum() / max(self.rows.sum(), 1)),
            strength=strength,
            p_value=scored.p_value,
            q_value=max(found.q_value, scored.p_value),
            worst=self.windows.ids[run.first + int(np.nanargmax(np.abs(one.score[part] - usual)))],
            **times(self.windows, usable, run),
        )


def _meet(one: Finding, other: Finding) -> bool:
    return min(one.last, other.last) >= max(one.first, other.first)


def _mean(values: NDArray[np.float64], run: ScoredRun) -> float:
    """Return the mean of windows (w,) over a run."""
    part = values[run.run.first : run.run.last + 1]
    return float(np.nanmean(part)) if np.isfinite(part).any() else float("nan")


def _effect(before: float, after: float) -> float:
    """Return Cohen's q of two associations.

    >>> round(_effect(0.87, 0.82), 2), round(_effect(0.1, 0.15), 2)
    (-0.18, 0.05)
    """
    return float(np.arctanh(np.clip(after, -CLOSEST, CLOSEST)) - np.arctanh(np.clip(before, -CLOSEST, CLOSEST)))
