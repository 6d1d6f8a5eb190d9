"""What is said of an experiment: how large its arms are and whether that was checked, which is the control, what they differ in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.analyses.arms import CONTROLS, Arms
from monitor.judgement.finding import FindingKind
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.sentences import headline
from monitor.stats.performance.sequential import Split
from monitor.wording import list_text, plural

FEW_DAYS = 3650
"""Days beyond which nobody waits for a decision."""


def arms_headline(judged: JudgedShadow) -> str:
    """Say what an experiment alone says."""
    arms = judged.result.arms
    if arms is not None and len(arms.rows) > 1 and not arms.pairs:
        return "Which arm is better cannot be said: to whom they were given is not kept."
    if arms is None or not arms.pairs:
        return "There is one arm only: nothing can be compared."
    found = [one for one in judged.findings if one.kind in (FindingKind.CHALLENGER, FindingKind.ARM)]
    return f"{headline(found[0], judged.names, judged.against)}." if found else "The arms do not differ beyond chance."


def arms_doubt(judged: JudgedShadow) -> Iterator[str]:
    """Yield what is to be known of an experiment: its size, whether it was split as planned, what it says, how long it takes."""
    arms = judged.result.arms
    if arms is None or not arms.pairs:
        return
    yield f"Experiment: {sizes_text(arms)}."
    yield unchecked_text(arms, judged.split, judged.thresholds.split)
    if judged.split is not None and judged.split.mismatch:
        yield "Its arms are not as large as planned: what they differ in is not to be trusted."
    bad = [one.label.lower() for one in judged.findings if one.where and one.note == "worse"]
    if bad:
        yield f"Worse in the new arm: {list_text(bad)}."
    track = next(
        (t for t in arms.pairs[0].tracks if not t.guardrail and t.looks.decided is None and t.metric in judged.result.judged), None
    )
    if track is not None and not any(one.where and one.method == track.metric for one in judged.findings):
        yield _undecided(track.meaning.title, track.days_more)


def _undecided(title: str, days: float) -> str:
    if days != days:
        return f"{title}: too few rows for a decision."
    if days == 0:
        return f"{title}: no difference that would matter."
    return f"{title}: undecided, about {plural(round(days), 'day')} more at this pace." if days < FEW_DAYS else f"{title}: undecided."


def sizes_text(arms: Arms) -> str:
    """Say how large arms are, and which is the control by what rule: "old 1,603 rows (control: it has most) and new 1,397 rows"."""
    control = arms.pairs[0].control
    named = "" if control.lower() == CONTROLS[0] else " (control, by its name)"
    rule = named if control.lower() in CONTROLS else " (control: it has most)"
    return list_text([f"{clean(name)} {plural(n, 'row')}{rule if name == control else ''}" for name, n in arms.rows.items()])


def unchecked_text(arms: Arms, split: Split | None, planned: Mapping[str, float]) -> str:
    """Say that nobody checked whether arms are as large as planned, and how to have it checked; empty where it was."""
    if split is not None or len(arms.units) < 2:
        return ""
    names = ", ".join(f"{clean(name)} = ..." for name in arms.units)
    why = f"shadow.split names {list_text([clean(one) for one in planned])}" if planned else "nobody says how large they should be"
    how = f"Set shadow.split = {{ {names} }}, the planned shares, in [thresholds]."
    return f"Whether its arms are as large as planned was not checked: {why}. {how}"
