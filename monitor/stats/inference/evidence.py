"""From series of a screen to evidence: what is noise, which runs go beyond it, how surprising they are.

A series is a number per window: the reference's windows first, then the judged ones. All series of a screen are put on one scale (their
sampling standard deviation in a usual window is 1), so that how windows vary is learned from all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.kurtosis import effect_kurtosis, standardised
from monitor.stats.inference.learning import learned, usual_effect
from monitor.stats.inference.noise import Grid, Noise, make_grid
from monitor.stats.inference.null import TAIL, Null, Reference, simulate
from monitor.stats.inference.panel import Panel
from monitor.stats.inference.runs import MOST_RUNS, Run, as_ever, best_run, trimmed
from monitor.stats.inference.scan import all_runs, farthest, length_class
from monitor.stats.inference.seasonal import remove_profiles
from monitor.stats.inference.tails import FEW, Record, heavy

FARTHER = np.geomspace(1.0, 1e6, 241)
"""How many times as far as the farthest of the reference windows may lie: the steps at which the scale of a record is turned round."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNSURE = 128.0
"""Times as improbable a single window has to be beside a record of fewer than FEW windows, whose tail nobody knows. Beside three and
five windows with effects of .5 sd and a memory of .6 or .9, 6 of 240 screens without change alarm (benchmarks/verdict, tuning seeds; 16 of
240 at 16), and a shift of 5 sd of rows is seen in half of the cases beside five days that differ by .2 sd, in all beside seven."""
JUMP = 3.0
"""Times as far from the reference a window has to lie as its neighbour to begin a run of its own: a season climbs by less from one window
to the next, a fault of any size that matters does not (tests/stats/inference/test_evidence.py)."""
FEWEST = 3
"""Windows below which there is no record of how far they go."""
HEAVY_KURTOSIS = 1.5
"""Excess kurtosis (that of t with 8 degrees of freedom) from which a series has heavy tails."""


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run of one series: its windows, how far its `mean` lies from the reference's, in standard errors (`t`), and its p-value with all
    runs of the series allowed for."""

    run: Run
    mean: float
    t: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A panel with what is known of its noise: `nulls` by class and `group` (s,), the class of each series (1: a pattern of weekdays or
    hours was taken out of it); `records` of the series that are on normal scores; `p_value` (s,) of the best run of each series; `effect`
    (s,), the variance of the effect of a judged window of usual length."""

    panel: Panel
    noise: Noise
    effect: Floats
    nulls: Mapping[int, Null]
    group: Ints
    records: Mapping[int, Record]
    p_value: Floats
    searched: dict[tuple[int, int, int], tuple[ScoredRun, ...]] = field(default_factory=dict, compare=False, repr=False)

    def stretch(self, series: int) -> Floats:
        """Return how many times as widely as a usual window each judged one varies by itself, (w,)."""
        variance = self.panel.variance[series, self.panel.reference :]
        tau2 = self.noise.tau2[series]
        return np.asarray(np.sqrt((tau2 + np.where(np.isfinite(variance), variance, 1.0)) / (tau2 + 1.0)))

    def distance(self, series: int, scored: Floats, stretch: Floats | float = 1.0) -> Floats:
        """Return how far windows have to lie from the reference, (w,), to be `scored` (w,) away on the scale of the panel; `stretch` (w,)
        of windows by themselves, which are on the scale of their own."""
        if series not in self.records:
            return scored
        sd = float(np.sqrt(self.noise.tau2[series] + 1.0))
        known = self.records[series].largest * np.append(0.0, FARTHER)
        on_scale = _scored(known, self.records[series], self.reference(series), self.usual_error(series), sd, self.panel.windows)
        return np.asarray(stretch * np.interp(scored / stretch, on_scale, known * sd, right=np.inf))

    def usual_error(self, series: int) -> float:
        """Return the standard error of a usual judged window alone."""
        return float(np.sqrt(self.effect[series] + 1.0 + self.noise.mu_variance[series]))

    def reference(self, series: int) -> Reference:
        """Return the null distribution that a series is read off."""
        return self.nulls[int(self.group[series])].of(float(self.noise.tau2[series]))

    def by_reference(self, part: slice) -> Iterator[tuple[Reference, Ints]]:
        """Yield each null distribution with the series of a part, counted from its first, that are read off it."""
        for group, null in self.nulls.items():
            series = np.flatnonzero(self.group[part] == group)
            place = np.searchsorted(null.edges, self.noise.tau2[part][series])
            yield from ((reference, mine) for b, reference in enumerate(null.bins) if len(mine := series[place == b]))

    def reaches(self, part: slice, p: Floats) -> Floats:
        """Return the |t| from which a window alone of each series has a p-value of at most `p` (s,), (s,)."""
        found = np.zeros(len(p))
        for reference, mine in self.by_reference(part):
            found[mine] = reference.reaches(p[mine])
        return found

    def away(self, series: int) -> tuple[Floats, Floats]:
        """Return how far each judged window lies from the reference, (w,), and its weight u = 1 / (tau^2 + v), (w,)."""
        r = self.panel.reference
        variance = self.panel.variance[series, r:]
        seen = np.isfinite(variance)
        weight = np.where(seen, 1.0 / (self.noise.tau2[series] + np.where(seen, variance, 1.0)), 0.0)
        return np.where(seen, self.panel.x[series, r:] - self.noise.mu[series], 0.0), weight

    def error(self, series: int, weight: Floats, sampling: Floats, span: float) -> float:
        """Return the standard error of the mean of windows of that weight and sampling variance (l,), `span` reference windows long."""
        total = float(weight.sum())
        between = float(self.noise.posterior[series] @ self.noise.grid.mean_variance(np.array([span]))[:, 0])
        seen = np.where(np.isfinite(sampling), sampling, 0.0)
        uneven = max(float((weight**2).sum()) / total**2 - 1 / max(len(weight), 1), 0.0)
        variance = between + float(self.noise.lonely[series]) * uneven + float((weight**2 * seen).sum()) / total**2
        return float(np.sqrt(variance + self.noise.mu_variance[series]))

    def score(self, series: int, run: Run) -> ScoredRun:
        """Return a run with its evidence."""
        away, weight = self.away(series)
        part = slice(run.first, run.last + 1)
        if not weight[part].sum():
            return ScoredRun(run, 0.0, 0.0, 1.0)
        mean = float(weight[part] @ away[part] / weight[part].sum())
        usual = float(self.panel.span.mean())
        error = self.error(series, weight[part], self.panel.variance[series, self.panel.reference :][part], run.length * usual)
        t = mean / error
        p = self.reference(series).p_value(np.array([abs(t)]), length_class(np.array([run.length])))
        return ScoredRun(run, mean, t, float(p[0]))

    def single_error(self, series: int) -> Floats:
        """Return the standard error of each judged window alone, (w,)."""
        return np.asarray(self.single_errors(slice(series, series + 1))[0])

    def single_errors(self, part: slice) -> Floats:
        """Return the standard error of each judged window alone, (s, w)."""
        variance = self.panel.variance[part, self.panel.reference :]
        known = self.effect[part] + self.noise.mu_variance[part]
        return np.asarray(np.sqrt(known[:, None] + np.where(np.isfinite(variance), variance, 1.0)))

    def singles(self, part: slice) -> Floats:
        """Return each judged window's distance in standard errors of a window alone, (s, w); 0 where it says nothing."""
        r = self.panel.reference
        away = self.panel.x[part, r:] - self.noise.mu[part, None]
        return np.where(np.isfinite(self.panel.variance[part, r:]), away / self.single_errors(part), 0.0)

    def runs(self, series: int, level: float) -> list[ScoredRun]:
        """Return the disjoint runs of a series whose p-value is at most `level`, in time order; neighbours of one direction are one."""
        found = sorted(self._search(series, level, 0, self.panel.windows, MOST_RUNS), key=lambda one: one.run.first)
        return self._joined(series, found, level)

    def _search(self, series: int, level: float, start: int, end: int, room: int) -> Iterator[ScoredRun]:
        if end <= start or room <= 0:
            return
        scored = next((one for one in self._best(series, start, end) if one.p_value <= level), None)
        if scored is not None:
            scored = self._apart(series, level, scored, start, end)
            yield scored
            yield from self._search(series, level, start, scored.run.first, room - 1)
            yield from self._search(series, level, scored.run.last + 1, end, room - 1)

    def _apart(self, series: int, level: float, one: ScoredRun, start: int, end: int) -> ScoredRun:
        """Return a run without what lies behind or before a stretch within it that is as ever; as it is where no part says enough alone."""
        away, weight = self.away(series)
        gap = as_ever(away, weight, one.run)
        if gap is None:
            return one
        sides = [(start, gap[1] + 1), (gap[0], end)]
        parts = [(part, side) for side in sides for part in self._best(series, *side)[:1] if part.p_value <= level]
        if not parts:
            return one
        part, side = min(parts, key=lambda both: both[0].p_value)
        return self._apart(series, level, part, *side)

    def _best(self, series: int, start: int, end: int) -> tuple[ScoredRun, ...]:
        """Return the run of most likelihood and that of largest |t| within some windows; whatever the level, they are looked for once."""
        key = (series, start, end)
        if key not in self.searched:
            away, weight = self.away(series)
            found = (best_run(away[start:end], weight[start:end]), self._farthest(series, start, end))
            told = [one for one in found if one is not None and (weight[start + one.first : start + one.last + 1] > 0).any()]
            self.searched[key] = tuple(self.score(series, trimmed(_moved(one, start), weight)) for one in told)
        return self.searched[key]

    def _farthest(self, series: int, start: int, end: int) -> Run | None:
        """Return the run of largest |t|, which effects with a memory can make another than that of most likelihood."""
        one, r = slice(series, series + 1), self.panel.reference
        noise = _part(self.noise, one)
        best, ends = 0.0, None
        for runs in all_runs(
            self.panel.x[one, r + start : r + end], self.panel.variance[one, r + start : r + end], noise, self._span(start, end)
        ):
            at = int(np.argmax(np.abs(runs.t[0])))
            if abs(runs.t[0, at]) > best:
                best, ends = float(abs(runs.t[0, at])), (at, at + runs.length - 1)
        return None if ends is None else Run.known(*ends)

    def _span(self, start: int, end: int) -> Floats:
        return self.panel.span[start:end]

    def _joined(self, series: int, found: list[ScoredRun], level: float) -> list[ScoredRun]:
        """Join runs of one direction with at most one window between them, if what lies between does not speak against one run.

        Where the second begins with a jump, or the first ends with one, they are two things: a fault that begins within a season. A single
        window before a jump is the one in which the fault began.
        """
        joined: list[ScoredRun] = []
        for one in found:
            neighbours = bool(joined) and one.run.first - joined[-1].run.last <= 2 and (one.mean > 0) == (joined[-1].mean > 0)
            neighbours = neighbours and not self._jumps(series, level, joined[-1].run, one.run)
            both = self.score(series, _from_to(joined[-1].run, one.run)) if neighbours else None
            if both is not None and both.p_value <= level:
                joined[-1] = both
            else:
                joined.append(one)
        return joined

    def _jumps(self, series: int, level: float, before: Run, after: Run) -> bool:
        """Say whether of the windows where two runs meet one lies JUMP times as far from the reference as the other, by more than alarms
        alone, and the nearer run is longer than one window."""
        away = np.abs(self.away(series)[0])
        (near, length, _), (far, _, at) = sorted(
            (float(away[at]), run.length, at) for run, at in ((before, before.last), (after, after.first))
        )
        alone = self.reference(series).reach(level, 1) * float(self.single_error(series)[at])
        return length > 1 and far > JUMP * near and far - near > alone


def _from_to(a: Run, b: Run) -> Run:
    return replace(a, last=b.last, last_from=b.last_from, last_to=b.last_to)


def _moved(run: Run, by: int) -> Run:
    ends = (run.first, run.last, run.first_from, run.first_to, run.last_from, run.last_to)
    return Run(*(end + by for end in ends))


def _part(noise: Noise, rows: slice) -> Noise:
    parts = (noise.posterior, noise.mu, noise.mu_variance, noise.tau2, noise.lonely)
    return Noise(noise.grid, *(part[rows] for part in parts))


def gather_evidence(panel: Panel, *, seed: int = 0) -> Evidence:
    """Learn how windows vary without change, and read off how surprising the farthest run of each series is.

    Parameters
    ----------
    seed : of the simulated null distributions.
    """
    if not len(panel.x):
        return _of_nothing(panel)
    profiles = remove_profiles(panel.x, panel.season, panel.reference)
    panel = replace(panel, x=profiles.x).compared()
    r = panel.reference
    grid = make_grid(panel.x[:, :r], panel.variance[:, :r])
    noise, share = learned(panel, grid)
    group = profiles.known.astype(np.int64)
    nulls = {g: _null(panel, share, noise, g, seed=seed) for g in np.unique(group).tolist()}
    first = _tamed(Evidence(panel, noise, usual_effect(panel, noise), nulls, group, {}, np.ones(len(panel.x))))
    return replace(first, p_value=_p_values(first))


def _of_nothing(panel: Panel) -> Evidence:
    """Return the evidence on a screen without series: nothing is simulated for it."""
    none, grid = np.zeros(0), Grid(np.zeros(1), np.zeros(1))
    return Evidence(panel, Noise(grid, np.zeros((0, 1)), none, none, none, none), none, {}, np.zeros(0, dtype=np.int64), {}, none)


def _tamed(evidence: Evidence) -> Evidence:
    """Return evidence in which series with heavy tails are read off their own records.

    An effect on a column that is normal is not so on what it bends (the share of a tail, of a level, missing values).
    """
    panel, noise = evidence.panel, evidence.noise
    z, sd = standardised(panel, noise, slice(None))
    own = z[:, : panel.reference]
    x, records = panel.x.copy(), {}
    for series in np.flatnonzero(heavy(own, effect_kurtosis(panel, noise), HEAVY_KURTOSIS) | _bent(panel, noise)).tolist():
        record = Record.of(own[series])
        error = evidence.usual_error(series)
        usual = float(np.sqrt(noise.tau2[series] + 1.0))
        size = _scored(np.abs(z[series]), record, evidence.reference(series), error, usual, panel.windows)
        known = np.isfinite(z[series])
        x[series, known] = noise.mu[series] + (np.sign(z[series]) * size * sd[series] / usual)[known]
        records[series] = record
    return replace(evidence, panel=replace(panel, x=x), records=records)


def _scored(size: Floats, record: Record, null: Reference, error: float, sd: float, windows: int) -> Floats:
    """Return how far (t,) windows lie on the scale of the panel that are `size` (t,) standard deviations away.

    On normal scores; where all windows together would hardly have one so far, at the quantile of the null distribution, which knows by
    itself that noise is an estimate and must not widen what the record has widened already.
    """
    scored = np.abs(record.scores(size)) * sd
    if record.windows < FEWEST:
        return scored
    alone = record.p_value(size) * windows * (UNSURE if record.windows < FEW else 1.0)
    rare = np.flatnonzero((size > record.largest) & (alone <= TAIL))
    far = null.tails[0].reaches_beyond(alone[rare]) * error
    scored[rare] = np.maximum(scored[rare], far)
    return scored


def _bent(panel: Panel, noise: Noise) -> NDArray[np.bool_]:
    """Say which series ask in a bent way of a column on which effects of windows show more likely than not in any question, (s,)."""
    if panel.traits is None or not len(panel.x):
        return np.zeros(len(panel.x), dtype=bool)
    none = noise.posterior @ (noise.grid.tau == 0)
    varied = np.zeros(int(panel.traits.column.max()) + 1, dtype=bool)
    np.logical_or.at(varied, panel.traits.column, none < 0.5)
    return np.asarray(panel.traits.bent & varied[panel.traits.column])


def _null(panel: Panel, share: Floats, noise: Noise, group: int, *, seed: int) -> Null:
    return simulate(panel.design(), share, noise.grid, seed=seed, season=panel.season if group else None)


def _p_values(evidence: Evidence) -> Floats:
    """Return the p-value of the farthest run of each series, (s,)."""
    panel, r = evidence.panel, evidence.panel.reference
    p = np.ones(len(panel.x))
    if not panel.windows or not len(panel.x):
        return p
    far = farthest(panel.x[:, r:], panel.variance[:, r:], evidence.noise, panel.span)
    for reference, mine in evidence.by_reference(slice(None)):
        p[mine] = reference.p_value(far[mine].T.ravel(), np.repeat(np.arange(far.shape[1]), len(mine))).reshape(-1, len(mine)).min(axis=0)
    return p
