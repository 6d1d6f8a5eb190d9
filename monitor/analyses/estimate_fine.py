"""What labels say beyond the default estimate, in shorter windows: where a reference has few long ones, these say whether it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.estimate_methods import Believed
from monitor.analyses.estimate_rows import Estimated, SideRows
from monitor.case import WindowSize
from monitor.engine import NO_TIME, finer
from monitor.profile import Windows
from monitor.stats.estimation.expected import Beliefs, expected_metrics
from monitor.stats.performance.binary import Binary, binary_metrics
from monitor.stats.performance.labelled import Bools, Floats, Ints, Labelled

DAY_US = 86_400_000_000
MANY_WINDOWS, ROWS_IN_DAY = 30, 100
"""Reference windows from which they alone say how estimates fail, and labelled rows of a usual day from which days can."""
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a day of the local clock


@dataclass(frozen=True, slots=True)
class Gap:
    """What labels say beyond the estimate, by day, and its variance: of the reference's days (r,), of production's (f,), of which also
    what was `realised`, and on how many rows `n` that rests."""

    own: Floats
    own_variance: Floats
    value: Floats
    variance: Floats
    realised: Floats
    n: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGaps:
    """Gaps by metric, in days: `place` (f,) the window that each of the days `windows` lies in, `labelled` (f,) rows with a label; `day`
    (n,) that of each row of the `side`, and what is believed of it (`belief`)."""

    gaps: Mapping[str, Gap]
    windows: Windows
    size: WindowSize
    place: Ints
    labelled: Ints
    side: SideRows
    belief: Floats
    day: Ints

    def pooled(self, metric: str, kept: Bools) -> tuple[float, float]:
        """Return what was estimated of the labelled rows of the days `kept` (f,) together, and what labels say of them."""
        beyond, _, realised, _ = _gap(self.side, np.where(kept[self.day], self.belief, np.nan), np.zeros_like(self.day), 1)[metric]
        return float((realised - beyond)[0]), float(realised[0])


def fine_gaps(found: Estimated, usual: Believed, size: WindowSize, timezone: str, metrics: frozenset[str]) -> FineGaps | None:
    """Compare labels with the default estimate by day, where windows are longer and the reference has few; None elsewhere."""
    sides = found.reference, found.production
    shorter = finer(size) if size.calendar else None
    clock = found.outcome.answers.timestamp
    if shorter is None or str(shorter) != "1 day" or clock is None or len(found.reads.own) >= MANY_WINDOWS:
        return None
    if not isinstance(sides[1].given, Binary):
        return None
    beliefs = cast("Floats", usual.reference_rows), cast("Floats", usual.rows)
    days = [_days(side, clock) for side in sides]
    labelled = np.bincount(days[1][1][sides[1].labelled], minlength=len(days[1][0]))
    if float(np.median(labelled)) < ROWS_IN_DAY or len(days[0][0]) <= len(found.reads.own):
        return None
    told = [_gap(side, belief, day, len(known)) for side, belief, (known, day) in zip(sides, beliefs, days, strict=True)]
    place = np.zeros(len(days[1][0]), dtype=np.int64)
    place[days[1][1]] = sides[1].rows.window
    return FineGaps(
        gaps={name: Gap(*told[0][name][:2], *told[1][name]) for name in metrics if name in told[0] and name in told[1]},
        windows=_windows(days[1][0], timezone),
        size=shorter,
        place=place,
        labelled=labelled,
        side=sides[1],
        belief=beliefs[1],
        day=days[1][1],
    )


def _days(side: SideRows, clock: str) -> tuple[Ints, Ints]:
    """Return the days of a side (in days since 1970) and the position of each row's among them."""
    moment = side.side.known.read.moments[clock][side.at]
    known = np.where(moment == NO_TIME, 0, moment)
    days, day = np.unique(known // DAY_US, return_inverse=True)
    return days, day.astype(np.int64)


def _gap(side: SideRows, belief: Floats, day: Ints, days: int) -> dict[str, tuple[Floats, Floats, Floats, Floats]]:
    """Return what labels say beyond the estimate of the labelled rows, by day, its variance, and what was realised in how many rows."""
    given = cast("Binary", side.given)
    kept: Bools = side.labelled & np.isfinite(belief)
    rows = Labelled(day[kept], days, side.rows.block[kept])
    decision = None if given.decision is None else given.decision[kept]
    score = None if given.score is None else given.score[kept]
    realised = dict(binary_metrics(Binary(rows, given.label[kept], decision, score)))
    expected = dict(expected_metrics(Beliefs(rows, belief[kept], decision, score)))
    both = {name: (realised[name], one) for name, one in expected.items() if name in realised}
    return {name: (true.value - one.value, one.noise, true.value, true.n) for name, (true, one) in both.items()}


def _windows(days: Ints, timezone: str) -> Windows:
    zone = ZoneInfo(timezone)
    local = [EPOCH + timedelta(days=int(day)) for day in days]
    bounds = [
        [at.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for at in side]
        for side in (local, [at + timedelta(days=1) for at in local])
    ]
    ids = tuple(at.strftime("%Y-%m-%d") for at in local)
    start, end = (np.array(side, dtype="datetime64[us]") for side in bounds)
    return Windows(ids, cast("NDArray[np.datetime64]", start), cast("NDArray[np.datetime64]", end))
