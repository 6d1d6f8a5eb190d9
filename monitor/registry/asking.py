"""Statements of many pins computed again, each of the rows that its own address names; what two of them share is measured once."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from monitor.analyses.chosen_sides import ChosenSides, chosen_sides
from monitor.analyses.sides import Question
from monitor.engine import Workspace
from monitor.export.deck import Statement
from monitor.export.pins import Pin
from monitor.judgement.judged import Judged
from monitor.registry.catalogue import find_analysis
from monitor.registry.live import Source, statement_again
from monitor.registry.running import run_analysis


def refresher(workspace: Workspace) -> Callable[[Pin], Statement]:
    """Return what computes a pinned statement again, of the data that a workspace holds."""
    known: dict[tuple[ChosenSides, str], Judged] = {}

    def refresh(kept: Pin) -> Statement:
        sides = chosen_sides(dict(parse_qsl(kept.view.removeprefix("?"))), workspace.case)
        asked = Question(reference=sides.reference, production=sides.production, windows=sides.windows, against=sides.against)

        def judge(name: str) -> Judged:
            if (sides, name) not in known:
                known[sides, name] = run_analysis(find_analysis(name), workspace, asked)
            return known[sides, name]

        return statement_again(kept, Source(workspace, asked, judge))

    return refresh
