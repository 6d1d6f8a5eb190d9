"""A verdict on a model in words."""

from __future__ import annotations

from monitor.judgement.narration.answers import Answer
from monitor.readiness.check import Check, Readiness, Verdict
from monitor.readiness.records import SignOff
from monitor.wording import count_text, list_text, number_text, plural

CHANGED = {
    "reference": "the reference", "production": "production", "case": "the case file", "model": "the model file",
    "candidate": "the candidate",
}  # fmt: skip


def readiness_answer(one: Readiness) -> Answer:
    """Say whether it may go live, and why not; in the doubt what could not be shown."""
    passed = sum(each.verdict is Verdict.PASS for each in one.checks)
    subject = one.told[0].upper() + one.told[1:]
    why = list_text([f"{each.name} ({each.verdict.value})" for each in one.blocking], limit=6)
    headline = f"{subject} is ready." if one.ready else f"{subject} is not ready: {why}."
    unseen = [each.name for each in one.checks if each.verdict is Verdict.UNSHOWN]
    doubt = [f"{passed} of {plural(len(one.checks), 'check')} passed."]
    doubt += [f"Not shown: {list_text(unseen, limit=len(unseen))}."] if unseen else []
    doubt += ["Of very many rows a sample was scored."] if one.sampled else []
    return Answer(headline, " ".join(doubt))


def figure_text(one: Check) -> str:
    """Write the figure of a check with its interval and rows; empty where it has none."""
    if one.figure != one.figure:
        return ""
    known = one.lower == one.lower and one.upper == one.upper
    between = f" ({number_text(one.lower)} to {number_text(one.upper)})" if known else ""
    return f"{number_text(one.figure)}{between}, n = {count_text(one.n)}"


def limit_text(one: Check) -> str:
    """Write what a figure is held against, and where that comes from."""
    limit = "" if one.limit != one.limit else number_text(one.limit)
    return ": ".join(filter(None, (limit, one.source)))


def record_text(one: SignOff) -> str:
    """Say what somebody signed."""
    state = "ready" if one.ready else f"not ready ({list_text(list(one.blocking), limit=4)})"
    return f"{one.created}: {one.who} signed {one.told} as {state}. {one.note}".strip()


def changed_text(one: SignOff, now: dict[str, str] | str) -> str:
    """Say what changed since somebody signed; empty if nothing did."""
    if isinstance(now, str):
        return f"The candidate cannot be looked at any more: {now}"
    names = [CHANGED.get(name, name) for name in dict.fromkeys((*one.prints, *now)) if one.prints.get(name) != now.get(name)]
    return f"Changed since: {list_text(names, limit=5)}." if names else ""
