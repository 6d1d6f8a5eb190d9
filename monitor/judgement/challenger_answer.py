"""The answer of the screen Challengers: which model would have been better, in money where that is known, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.analyses.left_out import WrongRows
from monitor.analyses.shadow_tables import Part
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.challengers import money
from monitor.judgement.narration.figures import number
from monitor.judgement.narration.places import clean, inside, quoted
from monitor.judgement.narration.sentences import headline
from monitor.judgement.shadow import JudgedShadow, Row, excludes_zero, judged_metrics
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Status
from monitor.wording import list_text, plural, share_text

MOST_SEGMENTS, MOST_INCIDENTS = 3, 4
DECISIONS = {
    "worse": "Keep the model in charge.",
    "better": "This speaks for the challenger.",
    "": "Nothing speaks for a change.",
}
"""What follows, by what the challenger would have been."""
FEW_DAYS = 3650
"""Days beyond which nobody waits for a decision."""


def challengers_answer(judged: JudgedShadow) -> Answer:
    """Say which model would have been better: what decides first, in the doubt the money, where they disagree, and the experiment."""
    doubt = (*_decision(judged), wrong_text(judged.result.wrong), _otherwise(judged), *_shadow_doubt(judged), *_arms_doubt(judged))
    return Answer(_silence(judged) or _headline(judged), " ".join(filter(None, doubt)))


def wrong_text(wrong: WrongRows | None) -> str:
    """Say which rows are left out, or count, that incidents made wrong, or that nobody looked for incidents; empty where none did."""
    if wrong is None:
        return "Incidents were not looked for: rows that one made wrong count as they stand."
    if not wrong.parts:
        return ""
    shown = [f"{clean(one.title)} ({plural(one.n, 'row')})" for one in wrong.parts[:MOST_INCIDENTS]]
    more = len(wrong.parts) - MOST_INCIDENTS
    told = "; ".join([*shown, f"{plural(more, 'incident')} more"] if more > 0 else shown)
    rows, made = plural(wrong.n, "row"), "an incident" if len(wrong.parts) == 1 else "incidents"
    return f"{rows}, labelled or not, that {made} made wrong {_count(wrong)}: {told}."


def _count(wrong: WrongRows) -> str:
    """Return what is done with such rows, as it stands after them."""
    if wrong.counted:
        return "counts as it stands" if wrong.n == 1 else "count as they stand"
    return "is left out" if wrong.n == 1 else "are left out"


def _otherwise(judged: JudgedShadow) -> str:
    """Say what would be said if rows that incidents made wrong counted; empty where none is left out."""
    other = judged.with_them
    if other is None:
        return ""
    by = _beside(other, other.lead) if other.result.shadowed and other.lead not in ("", "value") else ""
    return f"With them: {' '.join(filter(None, (_silence(other) or _headline(other), _worth(other), f'{by}.' if by else '')))}"


def _silence(judged: JudgedShadow) -> str:
    """Say why nothing can be said; empty where something can."""
    if judged.with_them is not None and judged.result.wrong is not None and judged.result.wrong.n == judged.result.wrong.of:
        return "Which model is better cannot be said: incidents made every row wrong."
    if not judged.result.labelled.any():
        return "Which model is better cannot be said: no label is in."
    if not judged.result.shadowed:
        return ""
    if not judged.result.answered:
        return "Which model is better cannot be said: no row has an answer of both."
    if not judged.result.ripe:
        return "Which model is better cannot be said yet: labels are still coming in."
    return "" if judged.lead else "Which model is better cannot be said: too few rows tell them apart."


def _headline(judged: JudgedShadow) -> str:
    if not judged.result.shadowed:
        return _arms_headline(judged)
    first = _first(judged)
    if first is not None:
        return f"{headline(first, judged.names, judged.against)}."
    slight = _slight(judged)
    if slight is not None:
        way = "more" if float(slight["difference"]) > 0 else "less"
        return f"The challenger would have been worth {way}, but by less than matters."
    if judged.lead == "value":
        return "The challenger would have been worth no more and no less, beyond chance."
    return "The challenger would have been neither better nor worse beyond chance."


def _first(judged: JudgedShadow) -> Finding | None:
    """Return what the answer is made of: the finding of the metric that decides, else the first; None where the models do not differ."""
    shadow = [one for one in judged.findings if one.kind is FindingKind.CHALLENGER and not one.where]
    if _slight(judged) is not None:
        return None
    return next((one for one in shadow if one.method == judged.lead), shadow[0] if shadow else None)


def _slight(judged: JudgedShadow) -> Row | None:
    """Return what money says where it decides and differs for sure, but by less than matters."""
    worth = judged.of("value") if judged.lead == "value" else None
    return worth if worth is not None and excludes_zero(worth) and worth["status"] != Status.WARNING.value else None


def _decision(judged: JudgedShadow) -> Iterator[str]:
    """Yield what follows, and what that would be worth."""
    if not judged.result.shadowed or not judged.result.ripe:
        return
    first = _first(judged)
    yield DECISIONS.get("" if first is None else first.note, "")
    yield _worth(judged)


def _worth(judged: JudgedShadow) -> str:
    worth = judged.of("value")
    return money_text(judged, worth) if worth is not None and worth["reason"] is None else ""


def _shadow_doubt(judged: JudgedShadow) -> Iterator[str]:
    """Yield what is beside it: other metrics, where the models decide otherwise, and segments."""
    result = judged.result
    if not result.shadowed or not result.ripe:
        return
    told = [text for name in judged_metrics(result) if name != "value" and (text := _beside(judged, name))]
    yield f"{'; '.join(told)}." if told else ""
    differing = [row["differing"] for row in judged.together.to_dict("records") if row["differing"] == row["differing"]]
    if differing:
        yield f"They decide otherwise in {share_text(differing[0], 2)} of rows."
    yield from _segments(judged)


def money_text(judged: JudgedShadow, row: Row) -> str:
    """Say what a challenger would have been worth, with all amounts that fit."""
    currency = f" {clean(judged.result.currency)}" if judged.result.currency else ""
    total, low, high = (float(row[name]) * int(row["n"]) for name in ("difference", "lower", "upper"))
    more = "more" if total >= 0 else "less"
    rows = plural(int(row["n"]), "row")
    if low <= 0 <= high:  # an amount that may be a loss as well is none
        return f"What it is worth cannot be told: {_signed(low)} to {_signed(high)}{currency} in {rows} (95 %)."
    return f"Worth {money(abs(total))}{currency} {more} in {rows} (95 %: {_signed(low)} to {_signed(high)}{currency})."


def _signed(amount: float) -> str:
    return f"−{money(abs(amount))}" if amount < 0 else money(amount)


def _beside(judged: JudgedShadow, metric: str) -> str:
    row = judged.of(metric)
    if row is None or row["reason"] is not None:
        return ""
    sure = "" if row["status"] == Status.WARNING.value else " (no difference that matters)"
    return f"{METRICS[metric].title} {number(row['challenger_value'])} against {number(row['value'])}{sure}"


def _segments(judged: JudgedShadow) -> Iterator[str]:
    table = judged.table
    found = table[table["segment"].notna() & table["status"].eq(Status.WARNING.value)].to_dict("records")
    for word, wanted in (("better", False), ("worse", True)):
        some = [r["segment"] for r in found if METRICS[r["metric"]].worse(r["value"], r["challenger_value"]) is wanted]
        if some:
            yield f"It is {word} {parts_text([judged.result.parts[one] for one in some])}."


def parts_text(parts: Sequence[Part]) -> str:
    """Write segments in words, the levels of a column together.

    >>> parts_text([Part("merchant", "Merchant (type)", "fuel"), Part("merchant", "Merchant (type)", "food"), Part("land", "land", "EE")])
    "where merchant is 'fuel' or 'food', and where land is 'EE'"
    """
    levels: dict[str, list[str]] = {}
    for one in parts[:MOST_SEGMENTS]:
        levels.setdefault(inside(one.label, one.column), []).append(quoted(one.level))
    told = [f"where {name} is {' or '.join(some)}" for name, some in levels.items()]
    more = len(parts) - MOST_SEGMENTS
    return ", and ".join(told) + (f", and in {plural(more, 'segment')} more" if more > 0 else "")


def _arms_headline(judged: JudgedShadow) -> str:
    if judged.result.arms is None or not judged.result.arms.pairs:
        return "There is one arm only: nothing can be compared."
    found = [one for one in judged.findings if one.kind in (FindingKind.CHALLENGER, FindingKind.ARM)]
    return f"{headline(found[0], judged.names, judged.against)}." if found else "The arms do not differ beyond chance."


def _arms_doubt(judged: JudgedShadow) -> Iterator[str]:
    """Yield what is to be known of an experiment: its size, whether it was split as planned, what it says, how long it takes."""
    arms = judged.result.arms
    if arms is None or not arms.pairs:
        return
    sizes = list_text([f"{clean(name)} {plural(n, 'row')}" for name, n in arms.rows.items()])
    yield f"Experiment: {sizes}."
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
