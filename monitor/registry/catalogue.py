"""All analyses, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from monitor.errors import MethodError, nearest
from monitor.judgement.judged import Judged
from monitor.judgement.narration.answers import Answer
from monitor.registry import act, explore, investigate, operate, performance, why
from monitor.registry.analysis import Analysis

REGISTRY: Mapping[str, Analysis] = {
    row.name: row for section in (explore, performance, why, investigate, operate, act) for row in section.ROWS
}
"""The analyses, by name, in the order in which they are offered."""


def find_analysis(name: str, *, known: Collection[Analysis] = tuple(REGISTRY.values())) -> Analysis:
    """Return an analysis by its name.

    Raises
    ------
    MethodError
        None has it.

    Examples
    --------
    >>> find_analysis("drift").title
    'Drift'
    """
    found = next((one for one in known if one.name == name), None)
    if found is None:
        names = [one.name for one in known]
        raise MethodError(f"There is no analysis '{name}'.{nearest(name, names)} Use {', '.join(names)}.")
    return found


def screen_answer(judged: Judged) -> Answer:
    """Say the state of a judged analysis: one headline, and the doubt about it."""
    return find_analysis(judged.analysis).answer(judged)
