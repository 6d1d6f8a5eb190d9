"""The answers of judged screens: their findings and what could not be judged, handed to the words. The registry says which is whose."""

from __future__ import annotations

from monitor.judgement.drift import JudgedDrift
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.answers import Answer, answer, predictions_answer
from monitor.judgement.narration.sentences import headline
from monitor.vocabulary import Status
from monitor.wording import count_text, plural

UNJUDGED = (Status.TOO_FEW_ROWS.value, Status.NOT_JUDGED.value, Status.NOT_APPLICABLE.value)


def inputs_answer(judged: JudgedDrift) -> Answer:
    """Say the state of the columns: one headline, and the doubt about it."""
    unjudged, why = _unjudged(judged)
    chance = judged.expected_false_alarms
    return answer(judged.findings, columns=columns_judged(judged), names=judged.names, unjudged=unjudged, why=why, false_alarms=chance)


def outputs_answer(judged: JudgedDrift) -> Answer:
    """Say the state of what the model answers, of all rows before those of segments."""
    unjudged, why = _unjudged(judged)
    whole = [one for one in judged.found if not judged.result.sides.part(one.what).segment]
    chance = judged.expected_false_alarms
    return predictions_answer(
        whole or judged.found, outputs=columns_judged(judged), names=judged.names, unjudged=unjudged, why=why, false_alarms=chance
    )


def columns_judged(judged: JudgedDrift) -> int:
    """Return how many columns a screen looks at, lost and new ones among them."""
    return int(judged.table["column"].nunique())


def _unjudged(judged: JudgedDrift) -> tuple[int, str]:
    """Return how many columns could not be judged in any window, and why."""
    primary = judged.primary
    judged_columns = set(primary.loc[~primary["status"].isin(UNJUDGED), "column"])
    silent = primary[~primary["column"].isin(judged_columns)]
    if silent.empty:
        return 0, ""
    few = bool(silent["status"].eq(Status.TOO_FEW_ROWS).all())
    why = f"every window has fewer than {plural(judged.thresholds.min_rows, 'row')}" if few else "no change could have been seen"
    return int(silent["column"].nunique()), why


def joint_answer(judged: JudgedMultivariate) -> Answer:
    """Say whether columns still belong together as they did."""
    table = judged.table
    silent = bool(len(table)) and bool(table["status"].isin(UNJUDGED).all())
    few = silent and bool(table["status"].eq(Status.TOO_FEW_ROWS).all())
    why = (
        f"every window has fewer than {plural(judged.thresholds.min_rows, 'row')}"
        if few
        else f"{judged.result.called.a} has too few windows of its own to say what is usual"
    )
    if silent or table.empty:
        return answer((), columns=1, names=judged.names, noun="table", unjudged=1, why=why)
    looked = len(judged.result.pairs) + table["method"].nunique()
    told = answer(judged.findings, columns=looked, names=judged.names, noun="relation", false_alarms=judged.expected_false_alarms)
    if not judged.findings:
        return told
    changed = f"{count_text(len({one.what for one in judged.findings}))} of {plural(looked, 'relation')} changed."
    return Answer(f"{headline(judged.findings[0], judged.names)}.", f"{changed} {told.doubt}".rstrip())
