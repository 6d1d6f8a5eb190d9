"""Labels that arrive later than they did, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.asked import merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.moments import Spell, evidence, when
from monitor.incidents.places import Localised, localise
from monitor.incidents.scene import TIME, Scene, Side
from monitor.judgement.finding import Finding

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

OF_LABELS = frozenset({"label_share", "label_lag_days", "label_on_time_share"})
LATE = 0.98
"""Share of the reference's labels that are there after the time from which a row is said to be late."""
_DAY = 86_400e6
"""Microseconds."""
_LEAST_MORE = 0.2
"""How much more often rows of the segment are late than they were, at least: a label in five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Late:
    """Which rows are old enough to be judged (`due`), and which of them are `late`."""

    due: Bools
    late: Bools


def examine_delays(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return where and since when labels come later than they did."""
    label = scene.workspace.case.roles.label
    asked = stretches(scene, lambda analysis, finding: _of_labels(analysis, finding, label))
    if label is None or not asked or label not in scene.production.frame or label not in scene.reference.frame:
        return ()
    limit = _limit(scene, scene.reference, label)
    then, now = (_late(scene, side, label, limit) for side in (scene.reference, scene.production))
    if not then.due.any():
        return ()
    found = []
    for one in asked:
        inside = scene.production.within(one.first, one.last) & now.due
        if not inside.any():
            continue
        before, frame = scene.reference.frame[then.due], scene.production.frame
        place = localise(before, frame[inside], then.late[then.due], now.late[inside], side_by_side(scene, inside))
        usual, rate = (part / max(place.rows, 1) for part in (place.expected, place.bad))
        spell = when(scene, evidence(now.late, usual, rate), place.are(frame) & now.due)
        if spell is not None and rate - usual >= _LEAST_MORE:
            found.append(_told(scene, place, spell, now, usual, one.evidence))
    return merged(found)


def _told(scene: Scene, place: Localised, spell: Spell, now: _Late, usual: float, keys: tuple[str, ...]) -> Hypothesis:
    among = place.are(scene.production.frame)
    hit, rest = among & spell.inside & now.due, ~among & spell.inside & now.due
    more, elsewhere = float((now.late & hit).sum()) - usual * hit.sum(), float((now.late & rest).sum()) - usual * rest.sum()
    label = scene.workspace.case.roles.label or ""
    return Hypothesis(
        cause=Cause.LABEL_DELAY,
        columns=(label,),
        segment=place.segment,
        beside=place.beside,
        start=spell.start,
        end=spell.end,
        onset_lower=spell.lower,
        onset_upper=spell.upper,
        rows=int((among & spell.inside).sum()),
        share_rows=float((among & spell.inside).sum() / max(spell.inside.sum(), 1)),
        explained=max(more / max(more + max(elsewhere, 0.0), 1.0), 0.0),
        parameters=len(place.segment) + len(place.beside),
        proof=Proof(
            measure="share",
            before=float(now.late[spell.inside & now.due].mean()),
            after=float(now.late[rest].mean()) if rest.any() else usual,
            rows=int((spell.inside & now.due).sum()),
        ),
        evidence=keys,
    )


def _of_labels(analysis: str, finding: Finding, label: str | None) -> bool:
    return (analysis == "operations" and finding.what in OF_LABELS) or (
        analysis == "quality" and finding.what in (label, f"missing~{label}")
    )


def _limit(scene: Scene, reference: Side, label: str) -> float:
    """Return the days after which nearly all labels of the reference were known; 0 where the moment is not kept."""
    lag = _lag(scene, reference)
    known = lag[np.isfinite(lag) & reference.frame[label].notna().to_numpy()]
    return float(np.quantile(known, LATE)) if len(known) else 0.0


def _lag(scene: Scene, side: Side) -> Floats:
    """Return the days from a row to its label, nan where either moment is unknown."""
    stamp = scene.workspace.case.roles.label_timestamp
    if stamp is None or stamp not in side.frame:
        return np.full(len(side), np.nan)
    lag = side.frame[stamp].to_numpy() - side.frame[TIME].to_numpy()
    return np.where(np.isnat(lag), np.nan, lag.astype("timedelta64[us]").astype(np.float64) / _DAY)


def _late(scene: Scene, side: Side, label: str, limit: float) -> _Late:
    """Say which rows are late: without a label though old enough, or with one that came after the limit."""
    time, lag = side.frame[TIME].to_numpy(), _lag(scene, side)
    seen = _seen(scene, side)
    age = (
        np.zeros(len(side))
        if np.isnat(seen)
        else np.where(np.isnat(time), np.inf, (seen - time).astype("timedelta64[us]").astype(np.float64) / _DAY)
    )
    missing = side.frame[label].isna().to_numpy()
    return _Late(due=np.asarray(age >= limit), late=np.asarray(missing | (lag > limit)))


def _seen(scene: Scene, side: Side) -> np.datetime64:
    """Return the last moment that the data of a side know of: up to it labels could arrive."""
    stamp = scene.workspace.case.roles.label_timestamp
    moments = [side.frame[name] for name in (TIME, stamp) if name is not None and name in side.frame]
    latest = [moment.max() for moment in moments if moment.notna().any()]
    return np.datetime64(max(latest), "us") if latest else np.datetime64("NaT")
