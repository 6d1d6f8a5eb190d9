"""A drill in words."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.drill.running import Cell, Drill, Drilled
from monitor.judgement.narration.answers import Answer
from monitor.wording import list_text, plural, share_text

SHOWN = 8


def kind_text(one: Drilled) -> str:
    """Return what an incident is called, for people."""
    return one.kind.cause.value.replace("_", " ")


def drill_answer(drill: Drill) -> Answer:
    """Say how many of the incidents would be seen, and which would not; in the doubt what was done and what could not be."""
    put = [one for one in drill.drilled if one.cells]
    seen = sum(one.seen for one in put)
    if not put:
        return Answer("Nothing could be drilled here.", _lacking(drill))
    headline = f"{seen} of {plural(len(put), 'incident')} would be seen."
    unseen = [_sized(one, drill) for one in put if one.invisible]
    if unseen:
        headline = f"{headline} Invisible: {list_text(unseen, limit=SHOWN)}."
    return Answer(headline, " ".join(filter(None, (_untold(drill, put), _held(drill, put), _scored(drill), _blind(put), _lacking(drill)))))


def _untold(drill: Drill, put: Sequence[Drilled]) -> str:
    """Say of which incidents nobody can tell, for monitors alarmed of the same before."""
    blind = [_sized(one, drill) for one in put if one.blind]
    if not blind:
        return ""
    return f"Nobody can tell of {list_text(blind, limit=SHOWN)}: the monitors that could see it alarmed of the same before."


def _sized(one: Drilled, drill: Drill) -> str:
    sizes = {each.size for each in drill.drilled}
    return f"{kind_text(one)} in {share_text(one.size)} of rows" if len(sizes) > 1 else kind_text(one)


def _held(drill: Drill, put: Sequence[Drilled]) -> str:
    where = "".join(f", where {name} is {level}" for name, level in drill.segment.items())
    last = (
        "the last windows of the reference, in which nothing is known to be wrong"
        if drill.on == "reference"
        else "the last windows of production whose labels are in"
        if drill.waiting
        else "the end of production"
    )
    soon = [cell.windows for one in put for cell in one.cells if cell.fired]
    once = f" {sum(w == 1 for w in soon)} of {plural(len(soon), 'alarm')} came within the first window." if soon else ""
    left = f" The {plural(drill.waiting, 'window')} after these wait for labels and are left away." if drill.waiting else ""
    return f"Each was put into {last}{where}, for {plural(drill.windows, 'window')} of {drill.size}.{left}{once}"


def _scored(drill: Drill) -> str:
    if drill.rescores:
        return ""
    return "No model file could be asked: answers to changed inputs stay as they were logged, so that monitors of answers were not asked."


def _blind(put: Sequence[Drilled]) -> str:
    blind = sorted({cell.monitor for one in put for cell in one.cells if cell.already})
    return f"Alarmed of the same before, and so blind to some: {list_text(blind)}." if blind else ""


def _lacking(drill: Drill) -> str:
    lacking = {kind_text(one): one.why for one in drill.drilled if one.why}
    if not lacking:
        return ""
    return f"Not drilled: {list_text([f'{name} ({why})' for name, why in lacking.items()], limit=SHOWN)}."


def cell_text(one: Cell) -> str:
    """Write what a monitor made of an incident in a few letters: the windows after which it fired, or why it is silent."""
    if one.why:
        return "not asked"
    return f"after {one.windows}" if one.fired else "alarmed before" if one.already else "silent"
