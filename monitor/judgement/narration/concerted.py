"""Clauses of concerted behaviour: how many rows, what they share, where their scores lie, and how many chance would have."""

from __future__ import annotations

import math
from collections.abc import Mapping

from monitor.analyses.adversary_fragility import NEAR, Fragility
from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.places import EMPTY, clean
from monitor.judgement.narration.timing import tense
from monitor.wording import count_text, list_text, number_text, plural, share_text

CLAIMS: Mapping[str, str] = {
    "near_duplicates": "{rows} {are} nearly alike",
    "probing": "{rows} {try} values of {column} on both sides of the threshold",
    "new_combinations": "{rows} {have} new combinations of levels",
    "score_flips": "{rows} {are} decided otherwise than rows nearly alike",
}
CROWD = "{rows} {crowd} just {side} the threshold"
MOMENTS: Mapping[str, str] = {
    "concentration": "{rows} {come} in a rush",
    "concentration~level": "{rows} with {levels} {come} in a rush",
    "concentration~value": "{rows} {are} of {first}",
    "concentration~id": "{rows} {have} one and the same id",
}
MOSTLY = 0.8
"""Share of the rows just across the threshold from which it is said."""
TOLD = 3
SMALL = 0.05
"""The change of a number by which decisions are called fragile: past such a share of the reference's rows."""


def adversary_clause(finding: Finding, against: str) -> Clause:
    """Say what rows have in common.

    >>> from monitor.judgement.narration.examples import example
    >>> from dataclasses import replace
    >>> from monitor.judgement.finding import FindingKind
    >>> ring = dict(what="near_duplicates", method="near_duplicates", rows=102, before=0.0, carried=("country GB",), note="below")
    >>> one = example(FindingKind.ADVERSARY, label="Near-duplicates", note_share=1.0, **ring)
    >>> adversary_clause(replace(one, bound=4.8), "the reference").figures.rpartition("; ")[2]
    'none expected of their kind, 5 rows alike in a usual window'
    >>> adversary_clause(one, "the reference").claim, adversary_clause(one, "the reference").figures
    ('102 rows are nearly alike', 'country GB; all score just below the threshold; none expected')
    """
    what = finding.what.partition("#")[0]
    form = CROWD if finding.method == "threshold_crowding" else MOMENTS.get(what) or CLAIMS.get(finding.method) or MOMENTS["concentration"]
    words = {
        "rows": plural(finding.rows, "row"),
        "column": clean(finding.carried[0]) if finding.carried else "a column",
        "first": clean(finding.carried[0]) if finding.carried else "one and the same",
        "levels": clean(list_text(list(finding.carried))) if finding.carried else "one level",
        "side": finding.note or "at",
        "are": tense(finding, "are", "were"),
        "have": tense(finding, "have", "had"),
        "come": tense(finding, "come", "came"),
        "crowd": tense(finding, "lie", "lay"),
        "try": tense(finding, "try", "tried"),
    }
    return Clause(form.format(**words), "; ".join(one for one in (_shared(finding, what), _scores(finding), _expected(finding)) if one))


def _shared(finding: Finding, what: str) -> str:
    """Say which levels all rows share, or which new combinations they have."""
    if finding.levels:
        return list_text([f"{clean(name) or EMPTY} ({count_text(rows)})" for name, rows in list(finding.levels.items())[:TOLD]])
    if finding.method == "probing" or what == "concentration~level":
        return ""
    return ", ".join(clean(one) for one in finding.carried[what == "concentration~value" :])


def _scores(finding: Finding) -> str:
    """Say that most rows score just across the threshold, where it is no part of the claim."""
    if finding.method in ("threshold_crowding", "score_flips") or not finding.note or not finding.note_share >= MOSTLY:
        return ""
    part = "all" if finding.note_share >= 1 else share_text(finding.note_share)
    return f"{part} score just {finding.note} the threshold"


def _expected(finding: Finding) -> str:
    """Say how many rows chance would have."""
    if math.isnan(finding.before):
        return ""
    if finding.before < 0.5:
        return (
            f"none expected of their kind, {plural(round(finding.bound), 'row')} alike in a usual window"
            if finding.bound >= 1
            else "none expected"
        )
    return f"{number_text(float(f'{finding.before:.0f}') if finding.before >= 10 else finding.before, 2)} expected"


def fragility_text(fragility: Fragility, labels: Mapping[str, str]) -> str:
    """Say how little must change before decisions do; `labels` of columns."""
    if not fragility.asked:
        near = fragility.tried(NEAR)
        said = [
            f"{share_text(near[decision, 'production'][1])} of the rows decided {decision} score just {side} the threshold"
            + (f" ({share_text(near[decision, 'reference'][1])} in the reference)" if (decision, "reference") in near else "")
            for decision, side in (("positive", "above"), ("negative", "below"))
            if (decision, "production") in near
        ]
        return f"{' and '.join(said)}." if said else ""
    said = [
        f"{share_text(share)} of {plural(n, 'sampled row')} decided {decision}"
        for (decision, _), (n, share) in fragility.tried(SMALL).items()
    ]
    columns = fragility.columns[fragility.columns["share"] > 0].head(TOLD)["column"].astype(str)
    turning = [clean(labels.get(one, one)) for one in columns]
    by = f" {list_text(turning)} turn{'s' if len(turning) == 1 else ''} most." if turning else ""
    claim = f"would be decided otherwise if one number moved past {share_text(SMALL)} of the reference's rows."
    return f"{' and '.join(said)} {claim}{by}" if said else ""
