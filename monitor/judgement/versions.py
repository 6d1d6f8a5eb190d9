"""What new versions of the model answer is told as a finding of the output itself, in place of what that explains of all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.assessment import Assessment
from monitor.judgement.finding import Finding
from monitor.stats.counts.grouping import group_counts

Floats = NDArray[np.float64]

EXPLAINED = 0.5
"""Part of a change that the rows of other versions show, up to which the new version explains it."""


def of_outputs(assessment: Assessment, found: Sequence[Finding]) -> list[Finding]:
    """Return findings in which those of the rows of a new version are findings of the output, without those of all rows that such a one
    explains."""
    versions = [one for one in found if assessment.sides.part(one.what).version]
    whole = [one for one in found if not any(_explains(assessment, other, one) for other in versions)]
    return [_of_output(assessment, one) if one in versions else one for one in whole]


def _of_output(assessment: Assessment, one: Finding) -> Finding:
    part, rows = assessment.sides.part(one.what), int(assessment.sides.production.rows.sum())
    label = assessment.result.labels.get(part.column, part.column)
    return replace(one, what=part.column, label=label, version=part.version, segment=part.told, share_rows=one.rows / max(rows, 1))


def _explains(assessment: Assessment, version: Finding, one: Finding) -> bool:
    """Say whether a finding of all rows of an output is one of a new version, of which more than half of its windows speak: the others'
    rows alone lie less than half as far from the reference."""
    part = assessment.sides.part(version.what)
    together = min(version.last, one.last) - max(version.first, one.first) + 1
    if part.column != one.what or 2 * together <= one.last - one.first + 1 or one.kind is not version.kind:
        return False
    counted, windows = assessment.columns[one.what], [range(one.first, one.last + 1)]
    every, own = (assessment.columns[name].production.take(windows).counts for name in (one.what, version.what))
    before, after, rest = (group_counts(counts, counted.layout.groups)[0] for counts in (counted.reference.counts, every, every - own))
    return not rest.any() or _apart(before, rest) <= EXPLAINED * _apart(before, after)


def _apart(before: Floats, after: Floats) -> float:
    """Return the total variation of two rows of counts."""
    shares = [one / max(float(one.sum()), 1.0) for one in (before, after)]
    return float(np.abs(shares[0] - shares[1]).sum()) / 2
