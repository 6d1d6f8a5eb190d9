"""Clauses of what moved: values, missing values, metrics, thresholds of the analyst's own."""

from __future__ import annotations

import math

from monitor.cells import PlaceKind
from monitor.judgement.finding import Direction, Finding, Measure
from monitor.judgement.narration.clauses import REFERENCE, Clause, elsewhere, shares_told
from monitor.judgement.narration.figures import about, pair, share, value, value_pair
from monitor.judgement.narration.places import at_place, clean, inside, name_of, quoted, rows_at
from monitor.judgement.narration.timing import tense
from monitor.wording import list_text

TEXT, TEXT_FOR_TIME = "text", "text for a time"
"""Notes of findings of missing values that rows hold as text: where numbers, or times, are due."""
DUE = {TEXT: "number", TEXT_FOR_TIME: "time"}
"""What is due where such a note is."""
LOST_COLUMN = "lost column"
"""Note of a finding of missing values of rows whose files have no such column."""
FLATTERED = "in_sample"
"""Note of a failed estimate that rests on a reference whose scores look in-sample."""
MOSTLY_TEXT = 0.95
"""Part of the missing values that are text, from which a column is said to be text rather than missing."""
_AVERAGES = {Measure.MEAN: "mean", Measure.MEDIAN: "median"}
_OPPOSITE = {
    Direction.HIGHER: Direction.LOWER,
    Direction.LOWER: Direction.HIGHER,
    Direction.WIDER: Direction.NARROWER,
    Direction.NARROWER: Direction.WIDER,
    Direction.MORE: Direction.FEWER,
    Direction.FEWER: Direction.MORE,
}
_UP = (Direction.HIGHER, Direction.WIDER, Direction.MORE)


def way(finding: Finding) -> Direction:
    """Return the direction that the figures of a finding show, where they are told: a sentence never contradicts itself.

    >>> from monitor.judgement.narration.examples import example
    >>> way(example(direction=Direction.MORE, before=0.2, after=0.1)).value
    'fewer'
    """
    direction = finding.direction
    if direction not in _OPPOSITE or math.isnan(finding.before) or math.isnan(finding.after) or finding.before == finding.after:
        return direction
    up = finding.after > finding.before
    return direction if up == (direction in _UP) else _OPPOSITE[direction]


def value_clause(finding: Finding, against: str) -> Clause:
    """Say how values moved: as a whole, in width, or in one place.

    >>> from monitor.judgement.narration.examples import example
    >>> value_clause(example(direction=Direction.HIGHER, measure=Measure.MEAN, before=38.2, after=71.3), "the reference").figures
    'mean 71 against 38'
    """
    direction = finding.direction
    if direction in (Direction.HIGHER, Direction.LOWER):
        return _shifted(finding, against)
    if direction in (Direction.WIDER, Direction.NARROWER):
        return _spread(finding, against)
    if finding.measure is Measure.LEVELS:
        return _number_of_levels(finding, against)
    if direction is not Direction.CHANGED and finding.place is not None:
        if finding.place.kind is PlaceKind.BUCKET:
            return _rare_levels(finding, against)
        to = way(finding) if finding.measure is Measure.SHARE else direction
        told = shares_told(finding, against) if finding.measure is Measure.SHARE else ""
        rows = rows_at(finding.place, finding.label, finding.what)
        return Clause(f"{'More' if to is Direction.MORE else 'Fewer'} {rows}", told)
    told = _shares_there(finding, against) or _averages(finding, against)
    return Clause(f"{clean(finding.label)} {tense(finding, 'is', 'was')} distributed differently", told)


def _number_of_levels(finding: Finding, against: str) -> Clause:
    number = "more" if way(finding) is Direction.MORE else "fewer"
    told = pair_told(finding, against)
    return Clause(f"{name_of(finding.label)} {tense(finding, 'has', 'had')} {number} levels", f"usually {told} a window" if told else "")


def _rare_levels(finding: Finding, against: str) -> Clause:
    """Rare levels are counted in parts, which have no names: the one that moved most is told."""
    claim = f"Rare levels of {inside(finding.label, finding.what)} {tense(finding, 'have', 'had')} other shares"
    told = shares_told(finding, against)
    return Clause(claim, f"a part of them {told}" if told else "")


def _shifted(finding: Finding, against: str) -> Clause:
    to = way(finding) if finding.measure in _AVERAGES else finding.direction
    told = [one for one in (_averages(finding, against) or _shares_there(finding, against), _reached(finding, to, against)) if one]
    return Clause(f"{clean(finding.label)} {tense(finding, 'is', 'was')} {to.value}", ", ".join(told))


def _reached(finding: Finding, to: Direction, against: str) -> str:
    """Say how far values went beyond the range, where they did: "up to 78.1 (reference at most 59)"."""
    up = finding.extreme > finding.bound
    if not (up or finding.extreme < finding.bound) or up != (to is Direction.HIGHER) or not math.isfinite(finding.bound):
        return ""
    bound, far = value_pair(finding.bound, finding.extreme)
    return (
        ""
        if bound == far
        else f"{'up' if up else 'down'} to {far} ({against.removeprefix('the ')} {'at most' if up else 'at least'} {bound})"
    )


def _spread(finding: Finding, against: str) -> Clause:
    to = way(finding) if finding.measure is Measure.SD else finding.direction
    claim = f"{clean(finding.label)} {tense(finding, 'spreads', 'spread')} {'wider' if to is Direction.WIDER else 'less wide'}"
    if finding.measure is not Measure.SD:
        return Clause(claim, _shares_there(finding, against))
    told = pair_told(finding, against, "±")
    return Clause(claim, f"typically {told} around its mean" if told else "")


def _averages(finding: Finding, against: str) -> str:
    told = pair_told(finding, against) if finding.measure in _AVERAGES else ""
    return f"{_AVERAGES[finding.measure]} {told}" if told else ""


def pair_told(finding: Finding, against: str, sign: str = "") -> str:
    """Return such as "71 against 38"; empty where it is not known, or nothing moved."""
    before, after = finding.before, finding.after
    if math.isnan(after) or after == before:
        return ""
    if math.isnan(before):
        return f"{sign}{value(after)}"
    told = pair(before, after)
    return about(before, after) if told is None else f"{sign}{told[1]} against {sign}{told[0]}{elsewhere(against)}"


def _shares_there(finding: Finding, against: str) -> str:
    known = finding.measure is Measure.SHARE and finding.place is not None
    return shares_told(finding, against, at_place(finding.place, finding.label)) if known and finding.place else ""


def missing_clause(finding: Finding, against: str) -> Clause:
    """Say in how many rows a column has no value.

    >>> from monitor.judgement.narration.examples import example
    >>> missing_clause(example(direction=Direction.MORE, before=0.01, after=0.22), "the reference").claim
    'Amount is missing in 22% of rows'
    >>> said = example(before=0.0, after=0.75, note="text", note_share=1.0, carried=("8.06 mph",))
    >>> missing_clause(said, "the reference")
    Clause(claim='Amount is text and no number in 75% of rows', figures="such as '8.06 mph', against 0%", joint=', ')
    """
    claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} missing"
    to = way(finding)
    often = {Direction.MORE: "more often", Direction.FEWER: "less often"}.get(to, "in other rows")
    told = pair(finding.before, finding.after, share)
    if told is None or math.isnan(finding.before) or math.isnan(finding.after):
        return Clause(f"{claim} {often}", shares_told(finding, against))
    if finding.note == LOST_COLUMN and finding.note_share >= MOSTLY_TEXT:
        return _lost_since(finding, told[1])
    due = DUE.get(finding.note, "")
    texts = list_text([quoted(one) for one in finding.carried]) if due else ""
    whole = finding.note_share >= MOSTLY_TEXT
    if texts and whole:
        claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} text and no {due}"
    rows = {1.0: "all rows", 0.0: "no rows"}.get(finding.after, f"{'only ' if to is Direction.FEWER else ''}{told[1]} of rows")
    before = f"against {told[0]}{elsewhere(against)}"
    if texts:
        before = f"such as {texts}, {before}" if whole else f"{before}; {share(finding.note_share)} of that is text such as {texts}"
    return Clause(f"{claim} in {rows}", before, joint=", ")


def _lost_since(finding: Finding, part: str) -> Clause:
    """Say of a column that it is lost where the files of rows have none such.

    >>> from monitor.judgement.narration.examples import example
    >>> _lost_since(example(before=0.0, after=1.0, note="lost column", note_share=1.0), "100%")
    Clause(claim='Amount is lost in all rows', figures='whose files have no such column', joint=', ')
    """
    rows = "all rows" if finding.after == 1 else f"{part} of rows"
    claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} lost in {rows}"
    return Clause(claim, "whose files have no such column", joint=", ")


def metric_clause(finding: Finding, against: str) -> Clause:
    """Say how a metric of the model moved; without figures it is lower, for "fell from 15 to 28 Jun" would read like some.

    >>> from monitor.judgement.narration.examples import example
    >>> metric_clause(example(label="Recall", before=0.62, after=0.41), "the reference").claim
    'Recall fell from 0.62 to 0.41'
    """
    leveled = finding.method in LEVELS and abs(finding.after) > abs(finding.before)
    plain = finding.what == finding.method and finding.method in PLAINLY and bool(finding.note)
    if finding.carried or leveled or plain:
        make = _decided_clause if finding.carried else _level_clause if leveled else _plain_clause
        return make(finding, against)
    label, to = clean(finding.label), way(finding)
    told = None if math.isnan(finding.before) or math.isnan(finding.after) else pair(finding.before, finding.after)
    up = to is Direction.HIGHER if told is None or finding.before == finding.after else finding.after > finding.before
    if told is None and to not in (Direction.HIGHER, Direction.LOWER):
        return Clause(f"{label} {tense(finding, 'changed', 'was different')}")
    if not finding.ongoing:
        return Clause(f"{label} was {'higher' if up else 'lower'}", pair_told(finding, against))
    compared = "" if against == REFERENCE else f"compared with {against}"
    if told is None:
        return Clause(f"{label} is {'higher' if up else 'lower'}", compared, joint=", ")
    return Clause(f"{label} {'rose' if up else 'fell'} from {told[0]} to {told[1]}", compared, joint=", ")


def estimate_gap_clause(finding: Finding, _against: str) -> Clause:
    """Say where labels contradict what was estimated without them, and what that means.

    >>> from monitor.judgement.narration.examples import example
    >>> estimate_gap_clause(example(label="Recall", before=0.62, after=0.41), "the reference").figures
    '0.41, not 0.62: estimate and labels disagree'
    """
    known = not math.isnan(finding.before) and not math.isnan(finding.after)
    to = "higher" if (finding.after > finding.before if known else finding.direction is Direction.HIGHER) else "lower"
    told = pair(finding.before, finding.after) if known else None
    claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} {to} than estimated"
    disagree = "the reference looks in-sample" if finding.note == FLATTERED else "estimate and labels disagree"
    why = "" if finding.with_version else "concept drift" if relation_moved(finding) else disagree
    figures = [] if told is None else [f"{told[1]}, not {told[0]}"]
    return Clause(claim, ": ".join((*figures, *filter(None, (why,)))), joint=", " if figures else ": ")


UNFAMILIAR = 0.05
"""Share of rows with inputs that the reference does not know from which these may be why an estimate is wrong."""


def relation_moved(finding: Finding) -> bool:
    """Say whether a failed estimate shows that the same inputs lead to other labels: it was too good, and inputs and the model are as
    they were.

    >>> from monitor.judgement.narration.examples import example
    >>> relation_moved(example(note="worse", note_share=0.01)), relation_moved(example(note="worse", note_share=0.3))
    (True, False)
    """
    return finding.note == "worse" and finding.note_share <= UNFAMILIAR and not finding.with_version


PLAINLY = {
    "roc_auc": ("The model {} cases {}", ("ranks", "ranked"), ("better", "worse")),
    "roc_auc_ovr_macro": ("The model {} classes {}", ("ranks", "ranked"), ("better", "worse")),
    "log_loss": ("Scores {} labels {}", ("fit", "fitted"), ("better", "worse")),
    "brier": ("Scores {} labels {}", ("fit", "fitted"), ("better", "worse")),
    "mae": ("Predictions {} {}", ("are", "were"), ("closer", "further off")),
    "rmse": ("Predictions {} {}", ("are", "were"), ("closer", "further off")),
}
"""What metrics mean for people: a sentence, its verb while it lasts and afterwards, and its end where the metric is better or worse."""


def _plain_clause(finding: Finding, against: str) -> Clause:
    """Say what a metric means before its name and figures."""
    form, (now, past), (better, worse) = PLAINLY[finding.method]
    claim = form.format(tense(finding, now, past), worse if finding.note == "worse" else better)
    told = pair_told(finding, against)
    return Clause(claim, f"{clean(finding.label)} {told}" if told else "")


def _decided_clause(finding: Finding, against: str) -> Clause:
    """Say that all rows were decided alike, and what this does to a metric.

    >>> from monitor.judgement.narration.examples import example
    >>> one = example(label="Recall", method="recall", before=0.494, after=0.0, carried=("selection_rate",))
    >>> _decided_clause(one, "the reference")
    Clause(claim='No row is decided positive', figures='recall 0 against 0.49', joint=': ')
    """
    every = "Every row" if finding.after == 1 else "No row"
    label = clean(finding.label)
    told = pair_told(finding, against)
    return Clause(f"{every} {tense(finding, 'is', 'was')} decided positive", f"{label[:1].lower()}{label[1:]} {told}" if told else "")


LEVELS = {"bias": "Predictions", "calibration_intercept": "Scores"}
"""Metrics of level, best at 0, and what is wrong by them. A bias above 0: predictions are too high. An intercept above 0: scores are too
low, by so much their log-odds would have to be raised."""


def _level_clause(finding: Finding, against: str) -> Clause:
    """Say which way a model is wrong on average."""
    bias = finding.method == "bias"
    high = (finding.after > 0) == bias
    what, are = LEVELS[finding.method], tense(finding, "are", "were")
    before, after = value_pair(finding.before, finding.after)
    by = f" by {after.lstrip('−-')}" if bias else ""
    name = "mean error" if bias else "calibration intercept"
    return Clause(f"{what} {are} too {'high' if high else 'low'}{by}", f"{name} {after} against {before}{elsewhere(against)}", joint="; ")


def fixed_clause(finding: Finding, against: str) -> Clause:
    """Say that a threshold which an analyst set was reached.

    >>> from monitor.judgement.narration.examples import example
    >>> fixed_clause(example(score=0.31, limit=0.25), "the reference").figures
    '0.31, set at 0.25'
    """
    claim = f"{clean(finding.label)} reached the threshold set for it"
    told = pair(finding.limit, finding.score)
    known = told is not None and math.isfinite(finding.limit) and math.isfinite(finding.score)
    return Clause(claim, f"{told[1]}, set at {told[0]}" if known and told else "")
