"""What the threshold of a binary task says of the scores, and whether the predictions say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from monitor.analyses.apart import take_apart
from monitor.analyses.drift_result import DriftResult
from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.engine import AnswerCounts, Rule, Workspace, count_answers
from monitor.profile import Windows
from monitor.vocabulary import Kind, Role, Task
from monitor.wording import plural, share_text, window_text

OPPOSITE = {"0": "1", "false": "true", "1": "1", "true": "true"}
"""The positive level of predictions that only ever had one level."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Scores beside the threshold and the predictions: in production by window, in the whole reference and in its own windows."""

    rule: Rule
    production: AnswerCounts
    whole: AnswerCounts
    windows: AnswerCounts

    @property
    def table(self) -> pd.DataFrame:
        """Rows by production window: `window, n, differing, share` of rows whose prediction is not what the threshold says."""
        n, differing = self.production.both, self.production.differing
        with np.errstate(invalid="ignore", divide="ignore"):
            share = differing / n
        return pd.DataFrame({"window": self.production.windows.ids, "n": n, "differing": differing, "share": share})


def rule_of(workspace: Workspace) -> Rule | str:
    """Return the rule that turns scores into predictions, or why there is none."""
    case, roles = workspace.case, workspace.case.roles
    if case.task is not Task.BINARY:
        return f"A threshold belongs to a binary task; this one is {case.task}."
    scores = [m.name for m in workspace.measured(roles=(Role.SCORE,))]
    if len(scores) != 1:
        return "The case names no score. Name the column in [roles] of case.toml."
    if roles.threshold is None:
        return "The case names no threshold. Write, say, threshold = 0.5 in [roles] of case.toml."
    predictions = [m.name for m in workspace.measured(roles=(Role.PREDICTION,)) if m.kind is not Kind.NUMERIC]
    return Rule(scores[0], float(roles.threshold), predictions[0] if predictions else None)


def measure_answers(workspace: Workspace, result: DriftResult, question: Question) -> Answers | None:
    """Count scores at or above the threshold and predictions that differ from it, in the windows of a result; None without a threshold."""
    rule = rule_of(workspace)
    if isinstance(rule, str) or rule.score not in result.sides.production.columns:
        return None
    sides, question = result.sides, take_apart(workspace, question)
    positive = None
    if rule.prediction in sides.production.columns:
        column = sides.production.columns[str(rule.prediction)]
        new = [level for levels in column.new_levels for level in levels]
        positive = positive_level([*column.cells.levels, *new], workspace.case)
    rule = Rule(rule.score, rule.threshold, rule.prediction if positive is not None else None, positive)
    blocks = count_answers(workspace, question.reference, rule, windows=sides.block_size)
    return Answers(
        rule,
        count_answers(workspace, question.production, rule, windows=sides.size),
        _added(blocks, [range(len(blocks.scored))]),
        _added(blocks, sides.groups),
    )


def _added(blocks: AnswerCounts, groups: Sequence[Sequence[int]]) -> AnswerCounts:
    start, end = blocks.windows.start, blocks.windows.end
    names = [field.name for field in fields(AnswerCounts) if field.name != "windows"]
    added = {name: np.array([getattr(blocks, name)[list(g)].sum() for g in groups], dtype=np.int64) for name in names}
    first, last = (np.array([ends[list(g)[at]] for g in groups], dtype="datetime64[us]") for ends, at in ((start, 0), (end, -1)))
    return AnswerCounts(Windows(tuple(str(i) for i in range(len(groups))), first, last), **added)


def positive_level(levels: Sequence[str], case: Case) -> str | None:
    """Return the level that means positive: the one that was named, else the larger or true one; None where that cannot be told."""
    named = case.roles.positive_class
    if named is None:
        known = sorted(set(levels))
        return known[-1] if len(known) > 1 else OPPOSITE.get(known[0]) if known else None
    texts = [str(named).lower() if isinstance(named, bool) else str(named)]
    if isinstance(named, float) and named.is_integer():
        texts.append(str(int(named)))
    if str(named) in ("0", "1", "True", "False"):
        texts += [{"0": "false", "1": "true", "True": "1", "False": "0"}[str(named)]]
    return next((text for text in texts if text in levels), texts[0])


def disagreement(answers: Answers | None) -> str | None:
    """Say where predictions are not what the threshold says: how many rows, and in which window most; None where they agree."""
    if answers is None or answers.rule.prediction is None:
        return None
    table = answers.table
    rows, n = int(table["differing"].sum()), int(table["n"].sum())
    if not rows:
        return None
    worst = table.iloc[int(np.nanargmax(table["share"].to_numpy(dtype=float)))]
    whole = answers.whole
    before = int(whole.differing.sum()) / max(int(whole.both.sum()), 1)
    return (
        f"The prediction is not what the threshold {answers.rule.threshold:g} says in {plural(rows, 'row')} ({share_text(rows / n)}), "
        f"most in {window_text(str(worst['window']))} ({share_text(float(worst['share']))}); {share_text(before)} in the reference."
    )
