"""Which stretches of production are looked at, and because of which findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.cause import Hypothesis
from monitor.incidents.scene import TIME, WINDOW, Scene
from monitor.judgement.finding import Finding

ALARMS = frozenset({"warning", "alert"})
MOST = 8
"""Stretches looked at for one cause: the strongest ones."""
_SHARED = 0.5
_IN_TURN = 0.01
"""Share of rows that have another level than the row before, up to which levels of a column follow each other in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Windows `first` to `last` of production, with the findings that overlap there, the strongest first."""

    first: int
    last: int
    findings: tuple[tuple[str, Finding], ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return their keys."""
        return tuple(key for key, _ in self.findings)


def stretches(scene: Scene, wanted: Callable[[str, Finding], bool]) -> tuple[Asked, ...]:
    """Return the stretches of alarmed findings that are `wanted` (by analysis and finding): such that share most of their time are one."""
    found = [
        (key, one) for key, one in scene.findings() if one.status in ALARMS and wanted(key.split(":", 1)[0], one) and one.first <= one.last
    ]
    found.sort(key=lambda pair: -_strength(pair[1]))
    groups: list[list[tuple[str, Finding]]] = []
    for pair in found:
        home = next((group for group in groups if _same(group[0][1], pair[1])), None)
        if home is None:
            groups.append([pair])
        else:
            home.append(pair)
    return tuple(Asked(first=group[0][1].first, last=group[0][1].last, findings=tuple(group)) for group in groups[:MOST])


def meeting(scene: Scene, inside: np.ndarray, wanted: Callable[[str, Finding], bool]) -> dict[str, Finding]:
    """Return the alarmed and wanted findings, by key, that lie mostly within some rows of production."""
    window = scene.production.frame[WINDOW].to_numpy()[inside]
    if not len(window):
        return {}
    low, high = int(window.min()), int(window.max())
    return {
        key: one
        for key, one in scene.findings()
        if one.status in ALARMS and wanted(key.split(":", 1)[0], one) and _overlap(one, low, high) >= _SHARED
    }


def merged(found: Iterable[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Return hypotheses, each once: those of one cause in the same place and time are one, with the evidence of all."""
    kept: list[Hypothesis] = []
    for one in sorted(found, key=lambda each: -each.explained):
        same = next((i for i, other in enumerate(kept) if _alike(one, other)), None)
        if same is None:
            kept.append(one)
        else:
            kept[same] = replace(kept[same], evidence=tuple(dict.fromkeys((*kept[same].evidence, *one.evidence))))
    return tuple(kept)


def _alike(one: Hypothesis, other: Hypothesis) -> bool:
    if one.cause is not other.cause or (dict(one.segment), one.beside) != (dict(other.segment), other.beside):
        return False
    before = not np.isnat(one.end) and not np.isnat(other.start) and one.end <= other.start
    after = not np.isnat(other.end) and not np.isnat(one.start) and other.end <= one.start
    return not before and not after


def side_by_side(scene: Scene, inside: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the columns that may say where: levels come beside each other in time. A version after another says when."""
    frame = scene.production.frame[inside]
    order = np.argsort(frame[TIME].to_numpy(), kind="stable")
    names = [name for name in scene.places if name != scene.workspace.case.roles.status]
    codes = {name: frame[name].cat.codes.to_numpy()[order] for name in names}
    return tuple(name for name, code in codes.items() if len(code) and (np.diff(code) != 0).mean() > _IN_TURN)


def has_time(scene: Scene) -> bool:
    """Return whether rows of production have a time."""
    return bool(scene.production.frame[TIME].notna().any())


def _strength(finding: Finding) -> float:
    return finding.strength if np.isfinite(finding.strength) else 0.0


def _same(one: Finding, other: Finding) -> bool:
    return min(_overlap(one, other.first, other.last), _overlap(other, one.first, one.last)) >= _SHARED


def _overlap(finding: Finding, low: int, high: int) -> float:
    shared = min(finding.last, high) - max(finding.first, low) + 1
    return max(shared, 0) / (finding.last - finding.first + 1)
