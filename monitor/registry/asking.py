"""Statements of many pins computed again, each of the rows that its own address names; what two of them share is measured once."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from monitor.analyses.chosen_sides import ChosenSides, chosen_sides
from monitor.analyses.sides import Question
from monitor.engine import Workspace
from monitor.export.deck import Statement
from monitor.export.pin import Pin
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.judged import Judged
from monitor.registry.catalogue import find_analysis
from monitor.registry.live import Source, statement_again
from monitor.registry.running import REFUSALS, revised, run_analysis
from monitor.registry.wrong_rows import INCIDENTS


def refresher(workspace: Workspace) -> Callable[[Pin], Statement]:
    """Return what computes a pinned statement again, of the data that a workspace holds."""
    known: dict[tuple[ChosenSides, str], Judged] = {}

    def refresh(kept: Pin) -> Statement:
        sides = chosen_sides(dict(parse_qsl(kept.view.removeprefix("?"))), workspace.case)
        asked = Question(reference=sides.reference, production=sides.production, windows=sides.windows, against=sides.against)

        def judge(name: str) -> Judged:
            if (sides, name) not in known:
                known[sides, name] = found = run_analysis(row := find_analysis(name), workspace, asked)
                if row.without_wrong and (incidents := _incidents(judge)) is not None:
                    known[sides, name] = revised(found, incidents, lambda one, **given: run_analysis(one, workspace, asked, **given))
            return known[sides, name]

        return statement_again(kept, Source(workspace, asked, judge))

    return refresh


def _incidents(judge: Callable[[str], Judged]) -> JudgedIncidents | None:
    """Return the incidents of the same rows; None where they cannot be looked for."""
    try:
        found = judge(INCIDENTS)
    except REFUSALS:
        return None
    return found if isinstance(found, JudgedIncidents) else None
