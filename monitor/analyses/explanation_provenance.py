"""Where explanations come from: the rows that were sampled, the seed, how well the model says what was logged, and what was explained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from monitor.analyses.attributions import Attributions
from monitor.analyses.explanation_result import OfClass
from monitor.analyses.explanation_rows import SampledSide
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Workspace
from monitor.models import Reproduction
from monitor.stats.explanation.attributed import Attributed
from monitor.stats.explanation.ranking import ndcg, ndcg_p_value
from monitor.tables import Provenance


def provenance_of(
    workspace: Workspace, question: Question, sides: tuple[SampledSide, SampledSide], size: WindowSize, timed: tuple[datetime, float],
    what: tuple[Attributions, Sequence[OfClass], tuple[Reproduction | None, Reproduction | None]],
) -> Provenance:  # fmt: skip
    """Return it of both sides, `timed` (when it began, seconds that it took), and of `what` was explained, by class, and reproduced."""
    found, classes, reproductions = what
    chosen = {"reference": question.reference, "production": question.production}
    lead = max(classes, key=lambda one: abs(one.fall.change))
    more = {} if len(classes) == 1 else {"classes": {one.klass: summary_of(one, question.seed) for one in classes}}
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings={"windows": str(size), "model": found.source, "columns": list(found.columns)},
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"sample the {name}", side.sql) for name, side in zip(chosen, sides, strict=True)),
        rows={
            name: {"used": int(side.held.sum()), "excluded": {**side.excluded, "not sampled": int(side.held.sum()) - side.n}}
            for name, side in zip(chosen, sides, strict=True)
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
        summary={
            **summary_of(lead, question.seed),
            **more,
            "n": sides[0].n + sides[1].n,
            "n_reference": sides[0].n,
            "n_production": sides[1].n,
            "explainer": found.explainer,
            "background": found.background,
            "unit": found.unit,
            "additivity_error": found.error,
            "fidelity": found.fidelity,
            "reproduction": {side: reproduction_of(one) for side, one in zip(chosen, reproductions, strict=True)},
        },
    )


def reproduction_of(one: Reproduction | None) -> dict[str, Any] | None:
    """Return how the model's answers compare with the logged ones; `alike` are scores such as out-of-fold ones."""
    if one is None:
        return None
    return {
        "compared": one.what, "n": one.n, "share_equal": one.share_equal, "largest_difference": one.largest_difference,
        "correlation": one.correlation, "first_window": one.window, "reproduced": one.reproduced, "alike": one.alike,
    }  # fmt: skip


def summary_of(told: OfClass, seed: int) -> dict[str, Any]:
    """Return the figures of one class over all judged windows."""
    fall, (reference, production) = told.fall, told.raw
    importance = [side.pooled(absolute=True).value for side in told.raw]
    chance = None if told.probability is None else told.told_fall()
    return {
        "ndcg": ndcg(importance[0], importance[1]),
        "ndcg_p_value": _shuffled(reference, production, seed),
        "mean_reference": fall.before,
        "mean_production": fall.after,
        "delta_prediction": fall.change,
        "residual": fall.residual,
        "probability_reference": None if chance is None else chance.before,
        "probability_production": None if chance is None else chance.after,
        "delta_probability": None if chance is None else chance.change,
    }


def _shuffled(reference: Attributed, production: Attributed, seed: int) -> float:
    """Return the permutation p-value of NDCG: whole stretches of time change sides."""
    totals, rows = [], []
    for side in (reference, production):
        known, place = np.unique(side.block, return_inverse=True)
        weight = side.weight / side.weight.mean()
        totals.append(np.array([np.bincount(place, weight * column, len(known)) for column in np.abs(side.values).T]).T)
        rows.append(np.bincount(place, weight, len(known)))
    live = np.repeat([False, True], [len(one) for one in rows])
    return ndcg_p_value(np.concatenate(totals), np.concatenate(rows), live, seed=seed)
