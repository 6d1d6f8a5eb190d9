"""Rows that came twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.asked import merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.moments import evidence, when
from monitor.incidents.places import localise
from monitor.incidents.scene import WINDOW, Scene, Side
from monitor.judgement.finding import Direction, Finding, FindingKind

Bools = NDArray[np.bool_]

REPEATS = frozenset({"duplicate_rows", "duplicate_ids", "duplicates_share"})


def examine_rows(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return where and when rows came twice."""
    asked = stretches(scene, _repeats)
    if not asked:
        return ()
    now, then = _copies(scene, scene.production), _copies(scene, scene.reference)
    found = []
    for one in asked:
        inside = scene.production.within(one.first, one.last)
        frame = scene.production.frame[inside]
        place = localise(scene.reference.frame, frame, then.any, now.any[inside], side_by_side(scene, inside))
        among = place.are(scene.production.frame)
        spell = when(scene, evidence(now.any, float(then.any.mean()), place.bad / max(place.rows, 1)), among)
        if spell is None:
            continue
        hit = among & spell.inside
        extra = int((now.extra & hit).sum())
        rest = float((now.extra & ~hit & inside).sum())
        found.append(
            Hypothesis(
                cause=Cause.DUPLICATED_ROWS,
                columns=now.columns,
                segment=place.segment,
                beside=place.beside,
                start=spell.start,
                end=spell.end,
                onset_lower=spell.lower,
                onset_upper=spell.upper,
                rows=extra,
                share_rows=extra / max(int(spell.inside.sum()), 1),
                explained=extra / max(extra + rest, 1.0),
                parameters=len(place.segment) + len(place.beside),
                proof=Proof(
                    measure="share",
                    before=float(now.extra[spell.inside].mean()),
                    after=float((now.extra & ~among)[spell.inside].mean()),
                    rows=int(spell.inside.sum()),
                ),
                evidence=one.evidence,
            )
        )
    return merged(found)


class _Copies:
    """Which rows there are twice: `any` copy of them, and the `extra` ones."""

    def __init__(self, columns: tuple[str, ...], keys: pd.Series[int], known: Bools) -> None:
        self.columns = columns
        self.any: Bools = keys.duplicated(keep=False).to_numpy() & known
        self.extra: Bools = keys.duplicated().to_numpy() & known


def _repeats(_: str, finding: Finding) -> bool:
    more = finding.direction in (Direction.MORE, Direction.HIGHER)
    return more and finding.kind in (FindingKind.QUALITY, FindingKind.OPERATION) and finding.what in REPEATS


def _copies(scene: Scene, side: Side) -> _Copies:
    name = scene.workspace.case.roles.id
    if name is not None and name in side.frame:
        codes = side.frame[name].cat.codes
        return _Copies((name,), codes, codes.to_numpy() >= 0)
    frame = side.frame.drop(columns=[WINDOW])
    keys = pd.Series(pd.util.hash_pandas_object(frame, index=False).to_numpy(), dtype="uint64")
    return _Copies((), keys, np.ones(len(frame), dtype=bool))
