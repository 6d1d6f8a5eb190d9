"""What an incident was not, in words: causes that explain less and why, then those that its rows rule out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.grouping import CLAIMED, link
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.record import Answer
from monitor.incidents.ruled_out import HAVE, SHOWN, RuledOut
from monitor.incidents.told import told_evidence
from monitor.incidents.words import claim, proof_text
from monitor.wording import count_text, plural, share_text

SYNONYMS = (
    frozenset({Cause.UNIT_CHANGE, Cause.SCALE_CHANGE}),
    frozenset({Cause.RECODE, Cause.NEW_LEVELS}),
    frozenset({Cause.MISSING_VALUES, Cause.LOST_COLUMN, Cause.PIPELINE_FAILURE}),
)
"""Causes that are names of one thing where they are of one column."""


def other_causes(one: Incident, judged: JudgedIncidents) -> tuple[Mapping[str, str], ...]:
    """Return what it was not (`Cause`), and why (`Why not`)."""
    labels = judged.result.labels
    told = [one.hypothesis, *one.brought, *(each.hypothesis for each in one.absorbed)]
    beaten = [each for each in one.beaten if not any(_same(each, cause, labels) for cause in told)]
    lines: dict[str, str] = {}
    for each in beaten:  # of several that read alike the one that explains most
        lines.setdefault(claim(each, labels), _less(each, one, judged))
    named = {each.cause for each in (*one.beaten, *one.brought)}
    ruled = [each for each in one.not_it if each.cause not in named and not any(_named_by(each, cause) for cause in told)]
    lines |= {_named(each, labels): _why(each) for each in ruled}
    return tuple({"Cause": cause, "Why not": why} for cause, why in lines.items())


def _same(one: Hypothesis, cause: Hypothesis, labels: Mapping[str, str]) -> bool:
    """Say whether a cause is another one in other words: its claim, be it of another place, or another name of it."""
    alike: dict[str, Any] = {"segment": {}, "beside": (), "end": cause.end, "ceased": cause.ceased, "partly": float("nan")}
    anywhere = [claim(replace(each, **alike), labels) for each in (one, cause)]
    return anywhere[0] == anywhere[1] or (_synonyms(one.cause, cause.cause) and bool(set(one.columns) & set(cause.columns)))


def _synonyms(one: Cause, other: Cause) -> bool:
    return one is other or any({one, other} <= names for names in SYNONYMS)


def _named_by(ruled: RuledOut, cause: Hypothesis) -> bool:
    return _synonyms(ruled.cause, cause.cause) and (not ruled.column or ruled.column in cause.columns)


def _less(each: Hypothesis, one: Incident, judged: JudgedIncidents) -> str:
    """Say how much of the change it explains and how much the cause, and why it is not the cause where that is no less."""
    given = one.record is not None and one.record.answer is Answer.CORRECTED  # which nobody measured
    alone, proof = one.cause is Cause.UNKNOWN or given, proof_text(each)
    mine, own = share_text(each.explained, 2), share_text(one.hypothesis.explained, 2)
    parts = [f"{mine} of the change is explained by it" + ("" if alone else f", {own} by the cause")]
    parts += [] if alone or (mine != own and each.explained < one.hypothesis.explained) else [_tied(each, one, judged)]
    return "; ".join([*parts, proof] if proof else parts)


def _tied(other: Hypothesis, one: Incident, judged: JudgedIncidents) -> str:
    """Say why a cause is beaten that explains as much of what it is about: fewer findings follow from it, or it takes more to fit it."""
    told = told_evidence(one, judged).values()
    many, mine = (sum(link(cause, each, judged.windows) >= CLAIMED for each in told) for cause in (other, one.hypothesis))
    if many < mine:
        follow = "follows" if many == 1 else "follow"
        return f"{count_text(many)} of the {plural(len(told), 'finding')} {follow} from it, {count_text(mine)} from the cause"
    more = other.parameters - one.hypothesis.parameters
    return f"it takes {plural(more, 'more free choice')}" if more > 0 else "what was found does not tell the two apart"


def _named(each: RuledOut, labels: Mapping[str, str]) -> str:
    told = each.cause.value.replace("_", " ").capitalize()
    return f"{told} in {labels.get(each.column, each.column)}" if each.column else told


def _why(each: RuledOut) -> str:
    now, before = share_text(each.now, 2), share_text(each.before, 2)
    if each.now or each.before:
        return f"{now} of its {count_text(each.rows)} rows {SHOWN[each.cause]}, {before} before"
    if each.cause in HAVE:  # "none has none" reads badly
        return f"all of its {count_text(each.rows)} rows have {HAVE[each.cause]}"
    return f"none of its {count_text(each.rows)} rows {SHOWN[each.cause]}"
