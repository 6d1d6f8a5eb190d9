"""Clauses of where and why a model is wrong: segments beside other rows, and concept drift: inputs that lead to other labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.figures import pair
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.wording import number_text

_FIT = {
    "brier": (("Scores fit labels worse", "Scores fitted labels worse"), ("Scores fit labels better", "Scores fitted labels better")),
    "log_loss": (("Scores fit labels worse", "Scores fitted labels worse"), ("Scores fit labels better", "Scores fitted labels better")),
    "mae": (("Predictions are further off", "Predictions were further off"), ("Predictions are closer", "Predictions were closer")),
    "accuracy": (("Fewer answers are right", "Fewer answers were right"), ("More answers are right", "More answers were right")),
}
_NAMES = {"brier": "Brier score", "log_loss": "log loss", "mae": "mean absolute error", "accuracy": "accuracy", "bias": "mean error"}


def segment_clause(finding: Finding, against: str) -> Clause:
    """Say what a metric does in a segment, beside what other rows and the segment's own past let expect.

    >>> from monitor.judgement.finding import FindingKind
    >>> from monitor.judgement.narration.examples import example
    >>> found = example(FindingKind.SEGMENT, method="bias", label="city = 'Rome'", before=-0.002, after=-0.08)
    >>> segment_clause(found, "the reference")
    Clause(claim="Predictions are too low where city = 'Rome'", figures='mean error -0.08, expected -0.002', joint=': ')
    """
    if finding.method == "bias":
        far = "too low" if finding.after < finding.before else "too high"
        claim = f"Predictions {tense(finding, 'are', 'were')} {far}"
        if abs(finding.after) < abs(finding.before):
            claim = f"Predictions {tense(finding, 'are', 'were')} nearer"
    elif finding.method not in _FIT:
        claim = f"Answers {tense(finding, 'are', 'were')} {'worse' if finding.note == 'worse' else 'different'}"
    else:
        now, past = _FIT[finding.method][0 if finding.note == "worse" else 1]
        claim = tense(finding, now, past)
    told = None if math.isnan(finding.before) or math.isnan(finding.after) else pair(finding.before, finding.after)
    figures = f"{_NAMES.get(finding.method, 'metric')} {told[1]}, expected {told[0]}" if told else ""
    return Clause(f"{claim} where {clean(finding.label)}", figures)


def listed(labels: Sequence[str], shown: int = 2) -> str:
    """Name the first of some things and count the others.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c", "d"])
    ('a', 'a and b', 'a, b and 2 more')
    """
    told = [clean(one) for one in labels[:shown]]
    rest = [f"{len(labels) - shown} more"] if len(labels) > shown else []
    *first, last = [*told, *rest]
    return f"{', '.join(first)} and {last}" if first else last


def _relation(finding: Finding) -> str:
    """Say what depends on inputs otherwise: of a change of the model itself how far it is off."""
    if finding.with_version:
        return "Errors depend on inputs otherwise"
    return f"The relation of inputs to {'errors' if finding.note in _NAMES else 'labels'} changed"


def _cell_figures(finding: Finding) -> str:
    """Return how far labels (of classes, a loss) of the cell that moved most lie from what inputs let expect, beside those of all rows:
    ": labels there 0.24 above what inputs let expect, 0.08 above over all rows"."""
    here, everywhere = finding.pair
    if math.isnan(here):
        return ""
    told = pair(everywhere, here)
    if told is None:
        return ""
    beside = f"{_off(told[0], everywhere)} over all rows"
    return f": {_NAMES.get(finding.note, 'labels')} there {_off(told[1], here)} what inputs let expect, {beside}"


def _off(told: str, away: float) -> str:
    return f"{told.lstrip('-−')} {'above' if away > 0 else 'below'}"


def concept_headlines(finding: Finding, when: str, labels: Sequence[str]) -> list[str]:
    """Return what a headline may say of columns that labels depend on otherwise, the longest first; `labels` are what the first of them may
    be called.

    >>> from monitor.judgement.finding import FindingKind
    >>> from monitor.judgement.narration.examples import example
    >>> found = example(FindingKind.CONCEPT, method="residual", note="labels", carried=("Carrier", "Origin"))
    >>> concept_headlines(found, "since 1 Apr", ["Carrier"])[0]
    'The relation of inputs to labels changed since 1 Apr, most for Carrier and Origin'
    """
    bare = _relation(finding)
    dated = f"{bare} {when}".rstrip()
    names = (listed(finding.carried), *labels)
    return [*(f"{dated}, most for {few}" for few in names), dated, *(f"{bare}, most for {few}" for few in names)]


def _relation_claim(finding: Finding, label: str) -> str:
    """Say what the relation did to the model; "better" only where the model was better."""
    total = finding.pair[0]
    if finding.note == "better" and (math.isnan(total) or (total > 0) != (finding.after > 0)):
        return f"{label} {tense(finding, 'is', 'was')} better than inputs let expect"
    if finding.note == "worse" and (total > 0) != (finding.after > 0) and not math.isnan(total):
        return f"{label} {tense(finding, 'is', 'was')} worse than inputs let expect"
    if finding.with_version:
        return f"{label} {tense(finding, 'is', 'was')} {finding.note} than inputs let expect"
    return f"Concept drift {tense(finding, 'makes', 'made')} the model {'worse' if finding.note == 'worse' else 'better'}"


def _relation_figures(finding: Finding, label: str) -> str:
    """Return what of the change of a metric is concept drift, and what is inputs: "Brier score by 0.1: 0.08 of it, 0.02 of inputs"."""
    relation, inputs, total = (number_text(one, 2) for one in (finding.after, finding.pair[1], finding.pair[0]))
    return f"{label} by {total}: {relation} of it, {inputs} of inputs"


def concept_clause(finding: Finding, against: str) -> Clause:
    """Say what changed in how labels depend on columns.

    >>> from monitor.judgement.finding import FindingKind
    >>> from monitor.judgement.narration.examples import example
    >>> found = example(FindingKind.CONCEPT, method="residual", note="accuracy", carried=("Carrier", "Origin", "Hour"))
    >>> concept_clause(found, "the reference")
    Clause(claim='The relation of inputs to errors changed', figures='most for Carrier, Origin and 1 more', joint=', ')
    """
    if finding.carried:
        cell = f"; most where {clean(finding.where)}{_cell_figures(finding)}" if finding.where else ""
        return Clause(_relation(finding), f"most for {listed(finding.carried)}{cell}", joint=", ")
    label, more = clean(finding.label), finding.after > finding.before
    shown = None if math.isnan(finding.before) or math.isnan(finding.after) else pair(finding.before, finding.after)
    claims = {
        "prior": f"Labels {tense(finding, 'are', 'were')} {'higher' if more else 'lower'}",
        "level": f"Labels {tense(finding, 'are', 'were')} {'above' if more else 'below'} what inputs let expect",
        "calibration_slope": f"Scores {tense(finding, 'separate', 'separated')} labels {'more' if more else 'less'}",
        "calibration_intercept": f"Scores {tense(finding, 'are', 'were')} too {'low' if more else 'high'} beside labels",
        "concept": _relation_claim(finding, label),
    }
    if finding.method == "concept" and not math.isnan(finding.pair[0]):
        return Clause(claims["concept"], _relation_figures(finding, label))
    names = {"prior": "mean", "level": "by", "concept": f"{label} by"}
    told = names.get(finding.method, label)
    other = f"{label} {tense(finding, 'is', 'was')} {'higher' if more else 'lower'}"
    beside = "" if shown is None or finding.method == "level" else f" against {shown[0]}"  # where 0 is usual
    return Clause(claims.get(finding.method, other), f"{told} {shown[1]}{beside}" if shown else "")
