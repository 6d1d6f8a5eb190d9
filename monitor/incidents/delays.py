"""Labels that arrive later than they did, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.asked import Asked, merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.lost import coded, most_lost
from monitor.incidents.maturity import Lateness, comparable, lateness, usual_limit
from monitor.incidents.moments import Spell, evidence, when
from monitor.incidents.places import ELSEWHERE, Localised, localise
from monitor.incidents.scene import WINDOW, Scene
from monitor.judgement.finding import Finding

Bools = NDArray[np.bool_]

OF_LABELS = frozenset({"label_share", "label_lag_days", "label_on_time_share"})
_LEAST_MORE = 0.2
"""How much more often rows of the segment are late than they were, at least: a label in five."""


def examine_delays(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return where and since when labels come later than they did."""
    label = scene.workspace.case.roles.label
    if label is None or label not in scene.production.frame or label not in scene.reference.frame:
        return ()
    if not comparable(scene):
        return ()
    limit = usual_limit(scene, label)
    then, now = (lateness(scene, side, label, limit) for side in (scene.reference, scene.production))
    if not then.due.any():
        return ()
    asked = (*stretches(scene, lambda analysis, finding: _of_labels(analysis, finding, label)), *_at_a_level(scene, then, now))
    found: list[Hypothesis] = []
    shown: list[Localised] = []
    for one in sorted(asked, key=lambda one: one.first - one.last):  # the longest first: a few days seldom say where
        inside = scene.production.within(one.first, one.last) & now.due
        if not inside.any():
            continue
        before, frame = scene.reference.frame[then.due], scene.production.frame
        place = localise(before, frame[inside], then.late[then.due], now.late[inside], side_by_side(scene, inside))
        if not place.segment:
            place = next((known for known in shown if _shows(scene, known, (then, now), inside)), place)
        shown.append(place)
        usual, rate = (part / max(place.rows, 1) for part in (place.expected, place.bad))
        spell = when(scene, evidence(now.late, usual, rate), place.are(frame) & now.due)
        if spell is not None and rate - usual >= _LEAST_MORE:
            found.append(_told(scene, place, spell, now, usual, one.evidence))
    return merged(found)


def _at_a_level(scene: Scene, then: Lateness, now: Lateness) -> Iterator[Asked]:
    """Yield the windows in which (nearly) no row of a level has its label in time, and more than half had in the reference: its rows alone
    prove it, though labels of all rows may be late as often on some days."""
    sides = scene.reference.frame, scene.production.frame
    codes = (coded(*(frame[name] for frame in sides)) for name in side_by_side(scene, now.due))
    windows = tuple(np.where(one.due, frame[WINDOW].to_numpy(), -1) for one, frame in zip((then, now), sides, strict=True))
    lost = most_lost(codes, (windows[0], windows[1]), (then.late, now.late))
    if lost is not None and lost.any():
        yield Asked(first=int(windows[1][lost].min()), last=int(windows[1][lost].max()), findings=())


def _shows(scene: Scene, place: Localised, sides: tuple[Lateness, Lateness], inside: Bools) -> bool:
    """Say whether rows of a place are late in a stretch and others hardly."""
    then, now = sides
    mine, base = place.are(scene.production.frame), place.are(scene.reference.frame)
    counted = ((now.late[inside & part], then.late[then.due & usual]) for part, usual in ((mine, base), (~mine, ~base)))
    there, elsewhere = (late.mean() - usual.mean() if len(late) and len(usual) else 0.0 for late, usual in counted)
    return bool(there >= _LEAST_MORE and elsewhere <= ELSEWHERE * there)


def _told(scene: Scene, place: Localised, spell: Spell, now: Lateness, usual: float, keys: tuple[str, ...]) -> Hypothesis:
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
        onset_lower=_earliest(scene, spell),
        onset_upper=spell.upper,
        rows=int((among & spell.inside).sum()),
        share_rows=float((among & spell.inside).sum() / max(spell.inside.sum(), 1)),
        explained=float(max(more / max(more + max(elsewhere, 0.0), 1.0), 0.0)),
        parameters=len(place.segment) + len(place.beside),
        proof=Proof(
            measure="share",
            before=float(now.late[spell.inside & now.due].mean()),
            after=float(now.late[rest].mean()) if rest.any() else usual,
            rows=int((spell.inside & now.due).sum()),
        ),
        evidence=keys,
        more=bool((among & spell.inside & scene.production.frame[label].notna()).any()),
    )


def _earliest(scene: Scene, spell: Spell) -> np.datetime64:
    """Return from when on it may have begun: where no row comes before, the start of the window of its first row."""
    starts = scene.production.windows.start
    if np.isnat(spell.start) or spell.lower < spell.start or np.isnat(starts).any():
        return spell.lower
    return np.datetime64(starts[max(int(np.searchsorted(starts, spell.start, side="right")) - 1, 0)])


def _of_labels(analysis: str, finding: Finding, label: str | None) -> bool:
    return (analysis == "operations" and finding.what in OF_LABELS) or (
        analysis == "quality" and finding.what in (label, f"missing~{label}")
    )
