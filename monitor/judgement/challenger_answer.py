"""The answer of the screen Challengers: which model would have been better, in money where that is known, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.analyses.left_out import WrongRows
from monitor.analyses.shadow_tables import Part
from monitor.judgement.challenger_arms import arms_doubt, arms_headline
from monitor.judgement.challenger_bursts import bursts_text, hangs, signed, without_text
from monitor.judgement.challenger_versions import asked_of, deciding, note_of, others_of, together_text, undecided, version_headline
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.judged_shadow import JudgedShadow, Row, excludes_zero, judged_metrics
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.challengers import money
from monitor.judgement.narration.figures import number
from monitor.judgement.narration.places import clean, inside, quoted
from monitor.judgement.narration.sentences import headline
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, plural, share_text

MOST_SEGMENTS, MOST_INCIDENTS, MOST_VERSIONS = 3, 4, 2
DECISIONS = {
    "worse": "Keep the model in charge.",
    "better": "This speaks for the challenger.",
    "": "Nothing speaks for a change.",
}
"""What follows, by what the challenger would have been."""


def challengers_answer(judged: JudgedShadow) -> Answer:
    """Say which model would have been better: what decides first, in the doubt the money, where they disagree, and the experiment."""
    doubt = " ".join(filter(None, (decision_text(judged), *rests_on(judged))))
    return Answer(_silence(judged) or _headline(judged), doubt)


def decision_text(judged: JudgedShadow) -> str:
    """Say what follows, and what that would be worth beside each version that served."""
    return " ".join(filter(None, (*_decision(judged), *_versions(judged))))


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a challenger should take over, and why."""

    go: bool
    why: str


def decide(judged: JudgedShadow) -> Decision | None:
    """Propose whether a challenger takes over: where it is better for sure, not by rows of bursts alone, and nothing is worse in its arm;
    None without one."""
    if not judged.result.shadowed:
        return None
    quiet = _silence(judged)
    bad = [one.label.lower() for one in judged.findings if one.where and one.note == "worse"]
    split = judged.split is not None and judged.split.mismatch
    go = not quiet and _note(judged) == "better" and not bad and not split
    why = (quiet or _headline(judged), "" if quiet else _worth(judged), f"Worse in the new arm: {list_text(bad)}." if bad else "")
    return Decision(go, " ".join(filter(None, why)))


def rests_on(judged: JudgedShadow) -> tuple[str, ...]:
    """Return what an answer rests on, each by itself: rows that are left out or may decide, other metrics, segments, an experiment."""
    rows = (left_out_text(judged), _otherwise(judged), _of_bursts(judged))
    return tuple(filter(None, (*rows, " ".join(filter(None, _shadow_doubt(judged))), " ".join(filter(None, arms_doubt(judged))))))


def left_out_text(judged: JudgedShadow) -> str:
    """Say which rows are left out, or count, that incidents made wrong, and how many of those have labels that count."""
    return wrong_text(judged.result.wrong, _labelled(judged))


def _labelled(judged: JudgedShadow) -> int | None:
    """Return how many rows that are left out would have been compared; None where nothing is left out of the same rows: a profile store
    compares all rows, and without some of them what it has of whole rows, a sample."""
    other, wrong = judged.with_them, judged.result.wrong
    if other is None or wrong is None or int(other.result.rows.sum()) - int(judged.result.rows.sum()) != wrong.n:
        return None
    return other.result.ripe - judged.result.ripe


def wrong_text(wrong: WrongRows | None, labelled: int | None = None) -> str:
    """Say which rows are left out, or count, that incidents made wrong, or that nobody looked for incidents; empty where none did.

    Parameters
    ----------
    labelled : rows that are left out and would have been compared; None where that is not known.
    """
    if wrong is None:
        return "Incidents were not looked for: rows that one made wrong count as they stand."
    if not wrong.parts:
        return ""
    shown = [f"{clean(one.title)} ({plural(one.n, 'row')})" for one in wrong.parts[:MOST_INCIDENTS]]
    more = len(wrong.parts) - MOST_INCIDENTS
    told = "; ".join([*shown, f"{plural(more, 'incident')} more"] if more > 0 else shown)
    rows, made = plural(wrong.n, "row"), "an incident" if len(wrong.parts) == 1 else "incidents"
    held = "" if labelled is None else f", {_held_text(labelled, wrong.n)},"
    return f"{rows} that {made} made wrong{held} {_count(wrong)}: {told}."


def _count(wrong: WrongRows) -> str:
    """Return what is done with such rows, as it stands after them."""
    if wrong.counted:
        return "counts as it stands" if wrong.n == 1 else "count as they stand"
    return "is left out" if wrong.n == 1 else "are left out"


def _held_text(labelled: int, rows: int) -> str:
    if labelled in (0, rows):
        return f"{'all' if labelled else 'none'} with a label that counts"
    return f"{count_text(labelled)} with a label that counts and {count_text(rows - labelled)} without"


def _otherwise(judged: JudgedShadow) -> str:
    """Say what would be said if rows that incidents made wrong counted; empty where none is left out."""
    other = judged.with_them
    if other is None:
        return ""
    return f"With them{_in_short(other, judged)}"


def _in_short(other: JudgedShadow, judged: JudgedShadow) -> str:
    """Say what other rows would say: the headline where it is another one, and the figures behind it."""
    said, mine = _silence(other) or _headline(other), _silence(judged) or _headline(judged)
    by = _beside(other, other.lead) if other.result.shadowed and other.lead not in ("", "value") else ""
    together = [*_versions(other)][-1:]
    if said == mine:
        figures = together or [_worth(other), f"{by}." if by else ""]
        return f" the same is said. {' '.join(filter(None, figures))}".rstrip()
    return f": {' '.join(filter(None, (said, _worth(other), *together, f'{by}.' if by else '')))}"


def _of_bursts(judged: JudgedShadow) -> str:
    """Say what rows of bursts, which count, do to the answer: they are few and may decide."""
    other, wrong = judged.without_bursts, judged.result.wrong
    if other is None or wrong is None:
        return ""
    told = "; ".join(f"{clean(one.title)} ({plural(one.n, 'row')})" for one in wrong.bursts[:MOST_INCIDENTS])
    return f"Rows that nobody wants count, for somebody sent them: {told}. Without those{_in_short(other, judged)}"


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
        return arms_headline(judged)
    if asked_of(judged):
        return version_headline(judged, _slightly(judged))
    first = _first(judged)
    if first is not None:
        return f"{headline(first, judged.names, judged.against)}."
    if slight := _slightly(judged):
        return f"The challenger would have been worth {slight}, but by less than matters."
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
    worth = deciding(judged, "value") if judged.lead == "value" else None
    return worth if worth is not None and excludes_zero(worth) and worth["status"] != Status.WARNING.value else None


def _slightly(judged: JudgedShadow) -> str:
    """Return which way money differs for sure, but by less than matters: "more", "less", or ""."""
    slight = _slight(judged)
    return "" if slight is None else "more" if float(slight["difference"]) > 0 else "less"


def _decision(judged: JudgedShadow) -> Iterator[str]:
    """Yield what follows, and what that would be worth."""
    if not judged.result.shadowed or not judged.result.ripe:
        return
    if undecided(judged):
        yield "Nothing can be decided: too few of its rows have a label that counts."
        return
    yield DECISIONS[_note(judged)]
    yield _worth(judged)


def _note(judged: JudgedShadow) -> str:
    """Return what the challenger would have been: "better", "worse", or "" where that is not beyond chance, or only with rows of bursts."""
    first, row = _first(judged), deciding(judged, judged.lead)
    if row is not None and hangs(judged, row):
        return ""
    return note_of(judged) if asked_of(judged) else "" if first is None else first.note


def _worth(judged: JudgedShadow) -> str:
    worth = deciding(judged, "value")
    return money_text(judged, worth) if worth is not None and worth["reason"] is None else ""


def _versions(judged: JudgedShadow) -> Iterator[str]:
    """Yield what rows of other versions say, and all together, where several served."""
    if not asked_of(judged) or not judged.lead:
        return
    for name in others_of(judged)[:MOST_VERSIONS]:
        yield _beside_version(judged, clean(name), judged.of_version(name, judged.lead))
    if len(judged.result.versions) > 1:
        yield _beside_version(judged, together_text(judged), judged.of(judged.lead))


def _beside_version(judged: JudgedShadow, name: str, row: Row | None) -> str:
    if row is None or row["reason"] is not None:
        return ""
    if judged.lead == "value":
        return f"Beside {name}: {_lower(money_text(judged, row))}"
    low, high = (number(row[one]) for one in ("lower", "upper"))
    figures = f"{METRICS[judged.lead].title} {number(row['challenger_value'])} against {number(row['value'])}"
    return f"Beside {name}: {figures} (95 % of the difference: {low} to {high}; {plural(int(row['n']), 'row')})."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


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
    without = without_text(judged, row)
    if low <= 0 <= high:  # an amount that may be a loss as well is none
        return f"What it is worth cannot be told: {signed(low)} to {signed(high)}{currency} in {rows} (95 %){without}."
    return f"Worth {money(abs(total))}{currency} {more} in {rows} (95 %: {signed(low)} to {signed(high)}{currency}){without}."


def _beside(judged: JudgedShadow, metric: str) -> str:
    row = deciding(judged, metric)
    if row is None or row["reason"] is not None:
        return ""
    sure = "" if row["status"] == Status.WARNING.value else " (no difference that matters)"
    return f"{METRICS[metric].title} {number(row['challenger_value'])} against {number(row['value'])}{sure}"


def _segments(judged: JudgedShadow) -> Iterator[str]:
    table = judged.table
    found = table[table["segment"].notna() & table["status"].eq(Status.WARNING.value)].to_dict("records")
    found = [row for row in found if not judged.result.is_version(row["segment"])]
    for word, wanted in (("better", False), ("worse", True)):
        some = [r["segment"] for r in found if METRICS[r["metric"]].worse(r["value"], r["challenger_value"]) is wanted]
        if some:
            yield f"It is {word} {parts_text([judged.result.parts[one] for one in some])}."
    if judged.hanging:
        yield f"Only with {bursts_text(judged)} does it differ {parts_text([judged.result.parts[one] for one in judged.hanging])}."


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
