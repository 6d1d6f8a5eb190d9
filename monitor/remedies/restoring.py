"""The threshold set back from which rows were decided, where decisions follow another one than they did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.incidents.cause import THRESHOLD
from monitor.remedies.gains import gains_of
from monitor.remedies.ground import FEWEST, Ground
from monitor.remedies.kinds import Basis, Remedy, Why
from monitor.remedies.option import Option, Tried


def restore(ground: Ground) -> Option:
    """Return what deciding the rows concerned from the earlier threshold on would have brought."""
    plain = Option(remedy=Remedy.RESTORE, basis=Basis.NONE, removes=True)
    edge = _earlier(ground)
    if not ground.binary or edge is None:
        return plain.because(Why.NO_OLD_THRESHOLD if ground.binary else Why.NO_THRESHOLD)
    plain, score = replace(plain, told=f"{edge:.3g}"), ground.history.score
    rows = ground.hit & ground.used & np.isfinite(score)
    if rows.sum() < FEWEST:
        return plain.because(Why.FEW_LABELS)
    then = ground.decided(score, threshold=edge)
    found = plain.tried(Basis.SIMULATED, gains_of(ground.truth(rows), ground.served.take(rows), then.take(rows))[:1])
    return replace(found, answers=Tried(rows, then))


def _earlier(ground: Ground) -> float | None:
    """Return the threshold that decisions followed before, as it was found; else the one of the case."""
    inverse = ground.cause.inverse
    if inverse is not None and inverse.kind == THRESHOLD:
        return float(inverse.scale)
    named = ground.history.case.roles.threshold
    return None if named is None else float(named)
