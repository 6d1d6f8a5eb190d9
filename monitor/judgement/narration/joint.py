"""Clauses of joint drift: relations of two columns, broken rules, scores of all columns together."""

from __future__ import annotations

import math
from collections.abc import Mapping

from monitor.judgement.finding import Direction, Finding, Measure
from monitor.judgement.narration.clauses import Clause, shares_told
from monitor.judgement.narration.figures import share, value
from monitor.judgement.narration.moves import pair_told
from monitor.judgement.narration.places import clean, name_of
from monitor.judgement.narration.timing import tense
from monitor.wording import list_text

LITTLE_RELATED = 0.1
"""Correlation up to which a sign means nothing."""
RULE_WORDS = 9
"""Words of a breach that a claim can hold; a longer one is told after the figures."""
MOST = 0.5
"""Part of the rows that break rules from which one breach stands for all."""
SQUARED = frozenset({"hotelling_t2"})
"""Methods whose score is a squared distance."""
MUCH = 1_000
"""Times from which on nobody wants to know how many."""
CLAIMS: Mapping[str, tuple[str, str, str]] = {
    "hotelling_t2": ("The columns", "move together away from {against}", "moved together away from {against}"),
    "gaussian_distance": ("The columns", "differ more from {against}", "differed more from {against}"),
    "correlation": ("Columns", "are related differently", "were related differently"),
    "cell_shares": ("Typical combinations of values", "are as common no longer", "were more or less common"),
    "sliced_wasserstein": ("The rows as a whole", "lie farther from {against}", "lay farther from {against}"),
    "domain_classifier": ("Rows", "can be told apart from {against}", "could be told apart from {against}"),
}
"""What a score says that has risen: of whom, while it lasts, when it is over."""
FIT = {Direction.HIGHER: "less well", Direction.LOWER: "more closely"}


def relation_clause(finding: Finding, against: str) -> Clause:
    """Say how two columns belong together (`label` names both: "temperature and humidity").

    >>> from monitor.judgement.narration.examples import example
    >>> relation_clause(example(label="A and B", before=0.71, after=0.02), "the reference").claim
    'A and B are related less closely'
    """
    if finding.measure is Measure.ORDER:
        more = "More" if finding.after > finding.before else "Fewer"
        return Clause(f"{more} rows with {clean(finding.label)}", shares_told(finding, against))
    known = abs(finding.before) <= 1 and abs(finding.after) <= 1
    told = pair_told(finding, against) if known else ""
    claim = f"{clean(finding.label)} {tense(finding, 'are', 'were')} related {_how_related(finding, known)}"
    return Clause(claim, f"correlation {told}" if told else "")


def _how_related(finding: Finding, known: bool) -> str:
    before, after = finding.before, finding.after
    if not known or before == after:
        return "differently"
    if min(abs(before), abs(after)) > LITTLE_RELATED and (before > 0) != (after > 0):
        return "the other way round"
    return "more closely" if abs(after) > abs(before) else "less closely"


def rule_clause(finding: Finding, against: str) -> Clause:
    """Say in what share of rows rules are broken, and how most of them do; where that is half of them or more, it is what is claimed.

    >>> from monitor.judgement.narration.examples import example
    >>> clause = rule_clause(example(note="seats above 105 where carrier = EV", note_share=0.02, before=0.0, after=0.03), "the reference")
    >>> clause.claim, clause.figures
    ('Rule broken by seats above 105 where carrier = EV', '2% of rows; 3% break any rule, against 0%')
    """
    breach, part = clean(finding.note), finding.note_share
    if not (math.isfinite(finding.after) and 0 <= finding.after <= 1 and 0 <= part <= finding.after and breach):
        return Clause(f"Rules of two columns {tense(finding, 'are', 'were')} broken", shares_told(finding, against))
    verb = tense(finding, "break", "broke")
    if part >= MOST * finding.after and len(breach.split()) <= RULE_WORDS and "," not in breach:
        every = shares_told(finding, against).replace(" of rows", f" {verb} any rule,", 1)
        return Clause(f"Rule broken by {breach}", f"{share(part)} of rows; {every}" if every else f"{share(part)} of rows")
    claim = f"Rules of two columns {tense(finding, 'are', 'were')} broken"
    told = [shares_told(finding, against), f"most often {breach}, in {share(part)}"]
    return Clause(claim, "; ".join(filter(None, told)))


def joint_clause(finding: Finding, against: str) -> Clause:
    """Say what a score of all columns together means, how many times the usual it is, and which columns it comes from.

    >>> from monitor.judgement.narration.examples import example
    >>> moved = example(method="hotelling_t2", before=0.25, after=1.0, carried=("Dew point (°F)", "Age"))
    >>> joint_clause(moved, "the reference").figures
    '2 times as far as usual, mostly Dew point and Age'
    """
    if finding.method in CLAIMS and finding.direction is not Direction.LOWER:
        who, now, past = CLAIMS[finding.method]
        claim = f"{who} {tense(finding, now, past)}".format(against=against)
    else:
        how = FIT.get(finding.direction, "in another way")
        claim = f"The columns {tense(finding, 'fit', 'fitted')} together {how}"
    names = f"mostly {list_text([name_of(clean(label)) for label in finding.carried])}" if finding.carried else ""
    return Clause(claim, ", ".join(part for part in (_how_far(finding), names) if part))


def _how_far(finding: Finding) -> str:
    before, after = finding.before, finding.after
    if not (math.isfinite(before) and math.isfinite(after) and before > 0 and after > 0):
        return ""
    if finding.method == "domain_classifier":
        return f"the newer of two rows is recognised in {share(min(after, 1.0))} of cases"
    times = math.sqrt(after / before) if finding.method in SQUARED else after / before
    if finding.method in ("hotelling_t2", "sliced_wasserstein"):
        return f"{_times(times)} as far as usual"
    what = "error of the fit" if finding.method not in CLAIMS else "difference"
    return f"{what} {_times(times)} the usual"


def _times(factor: float) -> str:
    return f"more than {MUCH:,} times" if factor > MUCH else f"{value(factor, 2)} times"
