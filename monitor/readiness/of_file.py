"""Does a model file say what was logged: on rows of all of production, and on the latest that were served?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.analyses.attributions import MODEL, Outputs
from monitor.analyses.attributions_by_model import ByModel
from monitor.analyses.explanation_rows import SampledSide, Sampling
from monitor.case import Case
from monitor.engine import Selection, Workspace
from monitor.errors import ColumnMissingError, DriftscopeError, ModelError
from monitor.models.loading import load_model
from monitor.models.model import Model
from monitor.models.reproduce import ENOUGH_EQUAL, Reproduction
from monitor.readiness.candidate import Bench, Candidate, Sort
from monitor.readiness.check import Check, Verdict, unshown
from monitor.stats.inference.intervals import wilson
from monitor.wording import count_text, number_text, share_text, the_window

ROWS = 20_000
"""Rows of production that a model is asked again."""
LATEST = 4
"""Windows at the end that are the live sample."""
FEWEST = 100
"""Rows from which it is said that a model reproduces what was logged: fewer say nothing of a thousandth."""


def check_file(bench: Bench) -> tuple[Check, Check]:
    """Return both checks."""
    case, candidate = bench.given.case, bench.candidate
    try:
        rows = bench.alone if candidate.sort is Sort.VERSION else bench.given
        model, outputs = _model(case, candidate), _logged(rows, candidate)
        side = _side(rows, model, outputs, bench.seed)
    except DriftscopeError as error:
        return unshown("reproduces", str(error)), unshown("skew", str(error))
    last = side.window >= side.window.max(initial=0) - LATEST + 1
    plan = ByModel(model, outputs, MODEL, float("nan"), bench.seed)
    live = replace(side, frame=side.frame.loc[last].reset_index(drop=True), window=side.window[last])
    return _check("reproduces", plan, side), _check("skew", plan, live)


def _model(case: Case, candidate: Candidate) -> Model:
    if candidate.sort is Sort.LOGGED:
        raise ModelError("The candidate is known by its logged answers only: name its model file instead to see whether it gives them.")
    return load_model(case) if candidate.model is None else candidate.model


def _logged(workspace: Workspace, candidate: Candidate) -> Outputs:
    """Return what the model logged: of a candidate's file the answers of the challenger."""
    if candidate.sort in (Sort.IN_CHARGE, Sort.VERSION):
        return Outputs.of(workspace)
    roles = workspace.case.roles
    scores, prediction = roles.challenger_score, roles.challenger_prediction
    named = scores if isinstance(scores, dict) else {} if scores is None else {"": scores}
    if not named and prediction is None:
        raise ModelError("Nothing that the candidate served was logged: let it run in shadow and name challenger_score in [roles].")
    return Outputs(named, prediction, workspace.case.task)


def _side(workspace: Workspace, model: Model, outputs: Outputs, seed: int) -> SampledSide:
    columns = tuple(dict.fromkeys((*model.columns, *outputs.columns)))
    lacking = [name for name in model.columns if name not in workspace.columns]
    if lacking:
        raise ColumnMissingError(f"The model reads '{lacking[0]}', which the rows do not have, so that it cannot be asked again.")
    return Sampling(workspace, columns, ROWS, seed).production(Selection("production"), workspace.case.windows)


def _check(name: str, plan: ByModel, side: SampledSide) -> Check:
    try:
        found = plan.reproduced(side) if side.n else None
    except DriftscopeError as error:
        return unshown(name, str(error))
    if found is None or not found.n:
        return unshown(name, "Nothing was logged that the model gives too: name score or prediction in [roles].")
    low, high = (float(end) for end in wilson(np.round(found.share_equal * found.n), found.n))
    enough = found.n >= FEWEST
    verdict = Verdict.UNSHOWN if found.reproduced and not enough else Verdict.PASS if found.reproduced else Verdict.FAIL
    return Check(
        name=name, verdict=verdict, said=_said(found, enough=enough), of=f"rows with the logged {found.what}", figure=found.share_equal,
        lower=low, upper=high, n=found.n, limit=ENOUGH_EQUAL, source="usual limit: the rest may have been corrected later",
    )  # fmt: skip


def _said(found: Reproduction, *, enough: bool) -> str:
    told = f"The file gives the logged {found.what} in {share_text(found.share_equal, 4)} of {count_text(found.n)} rows."
    if found.reproduced:
        return told if enough else f"{told} {FEWEST} rows are needed to say so."
    far = "" if np.isnan(found.largest_difference) else f", at most {number_text(found.largest_difference)} apart"
    alike = " Scores go together as those of sister models do: another version may have served these rows." if found.alike else ""
    return f"{told} The first others are in {the_window(str(found.window))}{far}.{alike}"
