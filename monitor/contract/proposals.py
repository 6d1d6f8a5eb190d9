"""What a contract would have to say so that rows that break it keep it: the smallest change of one term."""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitor.contract.clauses import Check, Clause
from monitor.contract.model import MOST_LEVELS, DataContract, NeverTogether, RangeBy, RowRule, Terms
from monitor.wording import list_text, number_text, share_text

SeenValues = tuple[tuple[str, ...], float, float]
"""Values of broken rows, the commonest first; smallest and largest of numbers."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a contract in words, and the contract that it makes."""

    text: str
    contract: DataContract


def change_for(clause: Clause, contract: DataContract, share: float, seen: SeenValues | None) -> Change | None:
    """Return the change that lets rows keep a clause; None where the contract has none for it.

    Parameters
    ----------
    share : the largest share of a window that breaks it.
    """
    if clause.rule is not None:
        return _of_rule(clause.rule, contract, share)
    terms = contract.columns.get(clause.column, Terms())
    told = _of_terms(clause, terms, share, seen)
    if told is None:
        return None
    text, changes = told
    return Change(f"{clause.column}: {text}", contract.with_terms(clause.column, **changes))


def _of_terms(clause: Clause, terms: Terms, share: float, seen: SeenValues | None) -> tuple[str, dict[str, object]] | None:
    check = clause.check
    plain: dict[Check, tuple[str, dict[str, object]]] = {
        Check.REQUIRED: ("is required no more", {"required": False}),
        Check.NEW_COLUMN: ("is named, and nothing is asked of it yet", {"required": False}),
        Check.TYPE: ("its type is asked no more", {"type": None}),
        Check.UNIQUE: ("values may repeat", {"unique": False}),
        Check.CONSTANT: ("may vary", {"constant": False}),
        Check.MONOTONE: ("may rise and fall", {"monotone": ""}),
        Check.MISSING: (f"missing up to {share_text(_above(share), 3)}", {"missing": _above(share)}),
        Check.PATTERN: (f"{share_text(_above(share), 3)} may be written otherwise", {"outside": _above(share)}),
        Check.SHIFT: (f"a level's share may move by {share_text(_above(share), 3)}", {"shift": _above(share)}),
    }
    if check in plain:
        return plain[check]
    if check is Check.LEVELS and seen is not None:
        return _with_levels(terms, share, seen[0])
    return _wider(terms, seen) if check is Check.RANGE and seen is not None else None


def _with_levels(terms: Terms, share: float, values: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    levels = tuple(dict.fromkeys([*(terms.levels or ()), *values]))
    if len(levels) > MOST_LEVELS:
        return f"{share_text(_above(share), 3)} may be at other levels", {"outside": _above(share)}
    return f"add {list_text(list(values), 5)} to its levels", {"levels": levels}


def _wider(terms: Terms, seen: SeenValues) -> tuple[str, dict[str, object]] | None:
    _, low, high = seen
    changes: dict[str, object] = {}
    if terms.min is not None and low < terms.min and math.isfinite(low):
        changes["min"] = low
    if terms.max is not None and high > terms.max and math.isfinite(high):
        changes["max"] = high
    old = {"min": terms.min, "max": terms.max}
    said = [f"{end} {number_text(old[end], 6)} becomes {number_text(float(str(value)), 6)}" for end, value in changes.items()]
    return (list_text(said), changes) if changes else None


def _of_rule(rule: RowRule | NeverTogether | RangeBy, contract: DataContract, share: float) -> Change:
    """Return the change of a rule of rows: so many may break it, or it is taken out."""
    if isinstance(rule, NeverTogether):
        kept = tuple(one for one in contract.never if one.id != rule.id)
        return Change(f"take the rule on {' and '.join(rule.columns)} out", contract.model_copy(update={"never": kept}))
    allowed = _above(share)
    text = f"{rule.id}: {share_text(allowed, 3)} may break it"
    part = "rules" if isinstance(rule, RowRule) else "ranges"
    changed = tuple(one.model_copy(update={"outside": allowed}) if one.id == rule.id else one for one in getattr(contract, part))
    return Change(text, contract.model_copy(update={part: changed}))


def _above(share: float) -> float:
    """Return the next thousandth above a share."""
    return min(math.ceil(share * 1000 + 1e-9) / 1000, 1.0) if math.isfinite(share) else 1.0
