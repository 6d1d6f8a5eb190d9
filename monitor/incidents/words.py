"""What an incident is called: the cause, where and when, made of typed facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from monitor.incidents.cause import MOMENTS, PLACES, TIMES, Cause, Hypothesis, Inverse
from monitor.judgement.narration.clauses import MOST_WORDS
from monitor.judgement.narration.places import clean, quoted
from monitor.stats.causes.inverses import UNITS
from monitor.wording import count_text, list_text, number_text, share_text

FEW_NAMES = 2
"""Columns that a title names; of more the first, and how many others."""
SHOWN_LEVELS = 2
SHOWN_COLUMNS = 3
PAST: Mapping[str, str] = {
    "is": "was", "are": "were", "has": "had", "have": "had", "repeats": "repeated", "repeat": "repeated", "drifts": "drifted",
    "drift": "drifted", "moves": "moved", "move": "moved",
}  # fmt: skip
_TRUTHS = frozenset({"true", "false", "yes", "no", "y", "n", "t", "f"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a claim is made of: the columns as people call them, whether they are several, what undoes the change, and the segment."""

    names: tuple[str, ...]
    inverse: Inverse
    levels: tuple[str, ...] = ()
    over: bool = False
    more: bool | None = True

    @property
    def fitted(self) -> bool:
        """Whether what undoes the change was fitted: of a cause that people gave nothing was, and no figure is told."""
        return self.inverse.kind != "none"

    @property
    def subject(self) -> str:
        """The columns as the subject of a sentence."""
        if len(self.names) <= FEW_NAMES:
            return list_text(self.names)
        return f"{self.names[0]} and {len(self.names) - 1} other columns"

    def verb(self, one: str, several: str) -> str:
        """Return the subject with the verb that agrees with it, in the past of what is over."""
        verb, _, rest = (one if len(self.names) == 1 else several).partition(" ")
        return f"{self.subject} {PAST[verb] if self.over else verb} {rest}".rstrip()

    def told(self, present: str, past: str) -> str:
        """Return the words of what lasts, or of what is over."""
        return past if self.over else present


def _together(said: Spoken) -> str:
    if len(said.names) < 2:  # what people say that they do not know, of a cause that rows alone show
        return f"{said.names[0] if said.names else 'Something'} changed"
    names = list(said.names[:SHOWN_COLUMNS])
    rest = len(said.names) - len(names)
    return f"{count_text(len(said.names))} columns changed together: {list_text([*names, f'{count_text(rest)} more'] if rest else names)}"


def _unit(said: Spoken) -> str:
    if said.inverse.is_decimal or said.inverse.value == TIMES:
        return _scaled(said)
    told = f" ({clean(said.inverse.says)})" if said.inverse.says else ""
    if said.inverse.kind == "affine" and said.inverse.scale == -1:
        turned = said.verb("is", "are") + f" turned round{told}"
        return turned if said.inverse.offset else f"{said.verb('has', 'have')} the other sign"
    return f"{said.verb('is', 'are')} in another unit{told}"


def _scaled(said: Spoken) -> str:
    if not said.fitted:
        return said.verb("is on another scale", "are on another scale")
    if said.inverse.offset:  # which way values went, the factor alone does not say
        return f"{said.verb('is', 'are')} on another scale (about {clean(said.inverse.says)})"
    factor = 1 / said.inverse.scale
    times, way = (factor, "large") if abs(factor) >= 1 else (1 / factor, "small")
    about = "" if said.inverse.is_decimal else "about "  # fitted, not known
    return f"{said.verb('is', 'are')} {about}{number_text(times)} times too {way}"


def _shifted(said: Spoken) -> str:
    if not said.fitted:
        return said.verb("is higher or lower than before", "are higher or lower than before")
    moved = -said.inverse.offset
    return f"{said.verb('is', 'are')} about {number_text(abs(moved))} {'higher' if moved > 0 else 'lower'} than before"


def _hours(said: Spoken) -> str:
    if not said.fitted:
        return said.verb("is that of another time", "are those of another time")
    hours = said.inverse.offset
    far = f"{number_text(abs(hours))} hour{'s' * (abs(hours) != 1)}"
    way = "earlier" if hours > 0 else "later"
    if said.inverse.value == MOMENTS:
        return f"{said.verb('is', 'are')} {far} {way} than before"
    return f"{said.verb('is', 'are')} that of {far} {way}"


def _recoded(said: Spoken) -> str:
    pairs = [f"{quoted(now)} for {quoted(before)}" for now, before in said.inverse.levels.items()][:SHOWN_LEVELS]
    how = said.verb("has levels that", "have levels that") + " changed places" if said.inverse.says == PLACES else ""
    return (how or said.verb("is written otherwise", "are written otherwise")) + (f" ({', '.join(pairs)})" if pairs else "")


def _new_levels(said: Spoken) -> str:
    names = [f"'{clean(level)}'" for level in said.inverse.levels]
    what = "a level" if len(names) == 1 else "levels"
    others = f" and {len(names) - SHOWN_LEVELS:,} more" if len(names) > SHOWN_LEVELS else ""
    told = f" ({', '.join(names[:SHOWN_LEVELS])}{others})" if names else ""
    return f"{said.verb('has', 'have')} {what} never seen before{told}"


def _filled(said: Spoken) -> str:
    if not said.fitted:
        return said.verb("has a default in place of other values", "have a default in place of other values")
    instead = f"instead of {clean(said.inverse.other)}" if said.inverse.other else "in place of other values"
    if not said.inverse.value:
        return f"{said.verb('has', 'have')} one value each {instead}"
    return f"{said.verb('is', 'are')} {clean(said.inverse.value)} {instead}"


def _clipped(said: Spoken) -> str:
    bound = number_text(said.inverse.offset, 6) if said.inverse.kind == "clip" else "a bound"
    return f"{said.verb('is', 'are')} cut off at {bound}"


def _rounded(said: Spoken) -> str:
    way = f"{said.inverse.value} to multiples of {number_text(said.inverse.scale)}" if said.inverse.kind == "round" else "rounded"
    return f"{said.verb('is', 'are')} {way}"


def _schema(said: Spoken) -> str:
    if said.inverse.kind == "rename" and said.inverse.other:
        return f"{said.names[0]} {said.told('is now', 'was')} called {clean(said.inverse.other)}"
    if said.inverse.kind == "retype" and len(said.names) == 1:
        around = f" ({clean(said.inverse.value)})" if said.inverse.value.strip() else ""
        return f"{said.verb('is', 'are')} text{around} instead of numbers"
    return f"{said.verb('has', 'have')} another name or type"


def _threshold(said: Spoken) -> str:
    now, before = (number_text(one, 3) for one in (said.inverse.offset, said.inverse.scale))
    instead = f" ({now} instead of {before})" if said.fitted else ""
    return f"{said.told('Decisions follow', 'Decisions followed')} another threshold{instead}"


def _swapped(said: Spoken) -> str:
    others = said.names if len(said.names) > 1 else (*said.names, "another column")  # of which nobody said which it is
    return f"{list_text(others)} changed places"


def _plain(one: str, several: str) -> Callable[[Spoken], str]:
    return lambda said: said.verb(one, several)


def _fixed(present: str, past: str) -> Callable[[Spoken], str]:
    return lambda said: said.told(present, past)


def _version(said: Spoken) -> str:
    if not said.levels:
        return said.told("The same rows get other answers", "The same rows got other answers")
    return f"Version {said.levels[0]} {said.told('scores', 'scored')} rows"


def _mix(said: Spoken) -> str:
    if said.more is None:
        return said.told("The mix of rows is another one", "The mix of rows was another one")
    return f"{'More' if said.more else 'Fewer'} of the rows {said.told('are', 'were')} those"


def _late(said: Spoken) -> str:
    if said.more is False:
        return said.told("No label has arrived", "No label arrived")
    return said.told("Labels arrive later", "Labels arrived later")


def _more_or_less(said: Spoken) -> str:
    many = "Another number of" if said.more is None else "More" if said.more else "Fewer"
    return f"{many} rows {said.told('arrive', 'arrived')}"


def _job(said: Spoken) -> str:
    return f"A job that fills {said.subject} {said.told('fails', 'failed')}" if said.names else said.told("A job fails", "A job failed")


NAME_LEVELS = frozenset({Cause.RECODE, Cause.NEW_LEVELS})
"""Causes whose claim names the levels of its column, which are not told again as the place."""
CLAIMS: Mapping[Cause, Callable[[Spoken], str]] = {
    Cause.UNKNOWN: _together,
    Cause.UNIT_CHANGE: _unit,
    Cause.SCALE_CHANGE: _scaled,
    Cause.OFFSET: _shifted,
    Cause.TIME_SHIFT: _hours,
    Cause.STUCK_VALUE: _plain("repeats its last value", "repeat their last value"),
    Cause.DEFAULT_FILL: _filled,
    Cause.CLIPPED: _clipped,
    Cause.ROUNDED: _rounded,
    Cause.MISSING_VALUES: _plain("is missing", "are missing"),
    Cause.RECODE: _recoded,
    Cause.NEW_LEVELS: _new_levels,
    Cause.SWAPPED_COLUMNS: _swapped,
    Cause.SCHEMA_CHANGE: _schema,
    Cause.LOST_COLUMN: _plain("is gone", "are gone"),
    Cause.DUPLICATED_ROWS: _fixed("Rows arrive more than once", "Rows arrived more than once"),
    Cause.VOLUME_CHANGE: _more_or_less,
    Cause.TRAFFIC_BURST: _fixed("A burst of rows unlike any before", "A burst of rows unlike any before"),
    Cause.ADVERSARIAL_BURST: _fixed("A burst of nearly alike rows", "A burst of nearly alike rows"),
    Cause.LABEL_DELAY: _late,
    Cause.LABEL_CHANGE: _fixed("Labels change whatever the inputs", "Labels changed whatever the inputs"),
    Cause.CONCEPT_CHANGE: _fixed(
        "Concept drift: the same inputs now lead to other labels", "Concept drift: the same inputs led to other labels"
    ),
    Cause.THRESHOLD_CHANGE: _threshold,
    Cause.MIX_CHANGE: _mix,
    Cause.SLOW_DRIFT: _plain("drifts slowly", "drift slowly"),
    Cause.SEASON: _plain("moves with the season", "move with the season"),
    Cause.MODEL_VERSION: _version,
    Cause.LATENCY: _fixed("Answers take longer", "Answers took longer"),
    Cause.ERRORS: _fixed("More calls fail", "More calls failed"),
    Cause.COST: _fixed("Answers cost more", "Answers cost more"),
    Cause.FRESHNESS: _fixed("Data arrive late", "Data arrived late"),
    Cause.PIPELINE_FAILURE: _job,
}


def claim(cause: Hypothesis, labels: Mapping[str, str]) -> str:
    """Say what happened and where, without a time: "Air pressure is in another unit (inHg for mbar) where origin is EWR"."""
    names = tuple(clean(labels.get(name, name)) for name in cause.columns)
    levels = (clean(cause.version),) if cause.version else ()
    segment = {name: level for name, level in cause.segment.items() if not cause.version or level != cause.version}
    told = CLAIMS[cause.cause](Spoken(names, cause.inverse or Inverse(kind="none"), levels, over=not cause.ongoing, more=cause.more))
    segment = {name: level for name, level in segment.items() if name not in cause.columns or cause.cause not in NAME_LEVELS}
    told = told if math.isnan(cause.partly) else f"{told} in {share_text(cause.partly, 2)} of rows"
    where = segment_text(segment, labels, cause.beside)
    return f"{told} where {where}" if where else told


_BY_NAME = frozenset(one.says for one in UNITS if " for " in one.says and not one.name.startswith("x"))
"""Units that are told as one for another."""
SHORTER: Mapping[Cause, str] = {Cause.CONCEPT_CHANGE: "Concept drift"}
"""What claims of many words are called where there is no room for them."""


def short_claim(cause: Hypothesis, labels: Mapping[str, str], most: int = MOST_WORDS) -> str:
    """Say the same in at most so many words, else in at most MOST_WORDS: without units and spellings, then without the place.

    >>> origin = {"origin": "Newark Liberty International Airport"}
    >>> moved = Inverse(kind="affine", scale=33.86, says="inches of mercury for millibars")
    >>> short_claim(Hypothesis(cause=Cause.UNIT_CHANGE, columns=("pressure",), segment=origin, inverse=moved), {})
    'pressure is in another unit where origin is Newark Liberty International Airport'
    >>> two = Hypothesis(cause=Cause.UNIT_CHANGE, columns=("a", "b"), segment={"country": "FR"}, inverse=moved)
    >>> short_claim(two, {"a": "Amount of the payment", "b": "Amount by the usual amount of the same card"})
    'Amount of the payment and another column are in another unit where country is FR'
    >>> short_claim(Hypothesis(cause=Cause.MISSING_VALUES, columns=("pulse",), segment={"device": "Beurer"}, partly=0.5), {})
    'pulse is missing in 50% of rows where device is Beurer'
    """
    forms = _forms(cause, labels)
    if len(cause.columns) == 2:  # half of a pair is none: the second goes by no name
        forms = (*forms, *_forms(cause, {**labels, cause.columns[1]: "another column"}))
    forms = forms if math.isnan(cause.partly) else (*forms, *_forms(replace(cause, partly=float("nan")), labels))
    return next((text for room in (most, MOST_WORDS) for text in forms if len(text.split()) <= room), forms[-1])


def _in_unit(cause: Hypothesis, labels: Mapping[str, str]) -> str:
    """Say in which unit values are, in few words: "weight is in pounds for kilograms"; "" of what is no unit by its name."""
    says = "" if cause.inverse is None or cause.inverse.value == TIMES else cause.inverse.says
    if cause.cause is not Cause.UNIT_CHANGE or says not in _BY_NAME:
        return ""
    names = tuple(clean(labels.get(name, name)) for name in cause.columns)
    share = "" if math.isnan(cause.partly) else f" in {share_text(cause.partly, 2)} of rows"
    return f"{Spoken(names, Inverse(kind='none'), over=not cause.ongoing).verb('is', 'are')} in {says}{share}"


def _forms(cause: Hypothesis, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return ever shorter claims: without units and spellings, then without the columns of the place, then without it."""
    plain = replace(cause, inverse=None if cause.inverse is None else replace(cause.inverse, says="", levels={}))
    alone = claim(replace(plain, segment={}, beside=()), labels)
    levels = [clean(level) for level in (*cause.segment.values(), *cause.beside)]
    unit = _in_unit(cause, labels)
    telling = all(level[:1].isalpha() and level.lower() not in _TRUTHS for level in levels)  # without their column too
    placed = f" ({', '.join(levels)})" if telling and levels else ""
    shorter = [f"{alone}{placed}"] if placed else []
    inside = [f"{unit}{placed}"] if unit and (placed or not levels) else []
    name, where = SHORTER.get(cause.cause, ""), segment_text(cause.segment, labels, cause.beside)
    named = [f"{name} where {where}" if where else name] if name else []
    return (
        claim(cause, labels),
        *inside,
        claim(plain, labels),
        *named,
        *shorter,
        f"{name or alone} in one segment" if levels else name or alone,
    )


def segment_text(segment: Mapping[str, str], labels: Mapping[str, str], beside: tuple[str, ...] = ()) -> str:
    """Say where: "origin is EWR and carrier is US"; `beside`, further levels of the only column; empty of all rows."""
    parts = [f"{clean(labels.get(name, name))} is {' or '.join(clean(one) for one in (level, *beside))}" for name, level in segment.items()]
    return " and ".join(parts)


def proof_text(cause: Hypothesis) -> str:
    """Say what is left of the change when the cause is taken away: "KS .91 -> .02 on 1,200 rows that it was not fitted on"."""
    proof = cause.proof
    if proof is None or math.isnan(proof.before) or math.isnan(proof.after):
        return ""
    if proof.measure == "share" and cause.cause is Cause.SEASON:  # of columns, not of rows
        return ""
    return PROOFS[proof.measure].format(
        before=number_text(proof.before, 2),
        after=number_text(proof.after, 2),
        share_before=share_text(proof.before, 2),
        share_after=share_text(proof.after, 2),
        came=share_text(proof.share, 2),
        expected=share_text(proof.share - proof.before, 2),
        explained=share_text(proof.share - proof.after, 2),
        rows=f"{proof.rows:,}",
    )


_EXPECTED = "expected were {expected} without the change and {explained} with it"
_HELD_OUT = "{before} → {after} on {rows} rows that it was not fitted on"
PROOFS: Mapping[str, str] = {
    "ratio": "{before} times as many rows as expected",
    "share": "{share_before} of {rows} rows show it, {share_after} with it taken away",
    "values": "{share_before} of {rows} rows have a value that the reference never had, {share_after} once the unit is undone",
    "level": "{share_before} of the rows before, {share_after} of {rows} rows now",
    "labels": f"{{came}} of {{rows}} labelled rows are positive; {_EXPECTED}",
    "errors": f"{{came}} of the answers to {{rows}} labelled rows are wrong; {_EXPECTED}",
    "mean": "mean {before} → {after} on {rows} rows",
    "ks": f"KS {_HELD_OUT}",
    "tv": f"total variation {_HELD_OUT}",
    "auc": f"AUC {_HELD_OUT}",
}
"""What a proof says, by its measure."""
