"""Findings of one column that only say again what another of them says: levels that are gone leave their rows to others."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.judgement.finding import Finding, FindingKind, Measure

REPLACED = 0.5
"""Part of the rows of levels that are gone that new ones must have to be what came in their place."""


def without_echoes(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings of a column without those of levels that are gone which another says (new ones came in their place; one value
    is all that is left; a stronger finding names the same levels), and without others that had more rows because of it."""
    return [one for one in found if not any(_says(other, one) for other in found if other is not one)]


def _says(other: Finding, one: Finding) -> bool:
    together = min(other.last, one.last) - max(other.first, one.first) + 1
    if 2 * together <= one.last - one.first + 1:
        return False
    if _gone(one):
        return _says_gone(other, one)
    of_share = one.kind is FindingKind.VALUE and one.measure is Measure.SHARE
    return of_share and _gone(other) and abs(one.after - one.before) <= other.before - other.after


def _gone(one: Finding) -> bool:
    return one.kind is FindingKind.LEVEL and not one.levels


def _says_gone(other: Finding, one: Finding) -> bool:
    """Say whether another finding of the same windows says that these levels are gone."""
    if other.kind in (FindingKind.UNSEEN, FindingKind.REVIVED):
        return other.after >= REPLACED * (one.before - one.after)
    if _gone(other):
        return set(one.levels_lost) <= set(other.levels_lost) and (-other.strength, other.first) < (-one.strength, one.first)
    return other.kind is FindingKind.CONSTANT or other.measure is Measure.LEVELS
