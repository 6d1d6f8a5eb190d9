"""Options beside each other: what each brings more than the one that takes the cause away, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.remedies.gains import Gain, gains_of
from monitor.remedies.ground import Ground
from monitor.remedies.option import Option, Tried


def side_by_side(ground: Ground, options: Sequence[Option]) -> list[Option]:
    """Return options, each with what it brings beside the one that takes the cause away, and without the answers that this was told of."""
    remover = next((one.answers for one in options if one.removes), None)
    return [replace(one, beside=None if one.removes else _beside(ground, one.answers, remover), answers=None) for one in options]


def _beside(ground: Ground, one: Tried | None, other: Tried | None) -> Gain | None:
    if one is None or other is None:
        return None
    rows = one.rows & other.rows
    found = gains_of(ground.truth(rows), other.answered.take(rows), one.answered.take(rows))
    return found[0] if found else None
