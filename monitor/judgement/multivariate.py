"""Verdicts on joint drift: methods and pairs of columns are series like any other, judged by their runs of windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.multivariate import MultivariateResult
from monitor.analyses.sides import cut_short
from monitor.case import MultivariateThresholds
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.joint_screen import EVENTS, JointScreen
from monitor.judgement.joint_table import JUDGED, method_rows, profile_rows
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.metric_series import judge_scores
from monitor.judgement.narration.windows import WindowNames
from monitor.profile import Windows
from monitor.vocabulary import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMultivariate(Judged):
    """Judged joint drift. `table` has the documented columns and `center`, the usual score; `pairs` the associations with their
    q-values and whether a run of theirs holds the window; `findings` what a person reads: alerts first, among them changed pairs
    and rules."""

    table: pd.DataFrame
    pairs: pd.DataFrame
    findings: tuple[Finding, ...]
    result: MultivariateResult
    thresholds: MultivariateThresholds
    expected_false_alarms: float

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: how many methods and pairs chance alone would name at most."""
        return {"expected_false_alarms": self.expected_false_alarms}

    @property
    def own_windows(self) -> Windows | None:
        """The windows of the reference; None where windows are compared with those before them."""
        return None if self.result.sides.sliding else self.result.sides.reference_windows

    @property
    def windows(self) -> Windows:
        """The windows of production."""
        return self.result.sides.windows

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which windows are cut short, (w,)."""
        return cut_short(self.result.sides.production.size, self.result.sides.production.rows)

    @property
    def names(self) -> WindowNames:
        """How the windows of the screen are called."""
        return names_of(self.windows, self.result.sides.production.size, self.result.timezone, self.own_windows, called=self.called)

    @property
    def against(self) -> str:
        """What the windows are compared with, inside a sentence."""
        return self.result.called.told_a if not self.result.sides.sliding else self.result.sides.against

    def of(self, method: str) -> pd.DataFrame:
        """Return the rows of one method, in time order."""
        return self.table[self.table["method"] == method]


def judge_multivariate(result: MultivariateResult, thresholds: MultivariateThresholds | None = None) -> JudgedMultivariate:
    """Judge measured joint drift.

    Notes
    -----
    Each method, and each pair of columns, is a series: the reference's own windows say how much it varies. It is named when its farthest
    run of windows survives Holm's correction (over methods, and over pairs, at half of `q` each) and its mean score over the run reaches
    the floor of the method. Rows of another tool's profile carry that tool's own limits and verdict.
    """
    screen = JointScreen(result, thresholds or MultivariateThresholds())
    table, findings = _methods(screen)
    merged = result.table.merge(table, on=["window", "method"], how="left", validate="one_to_one")
    return JudgedMultivariate(
        table=JUDGED.check(merged if len(merged) else merged.reindex(columns=list(dict.fromkeys([*JUDGED.columns, *merged.columns])))),
        pairs=_pairs(screen, findings),
        findings=tuple(sorted(findings, key=order)),
        result=result,
        thresholds=screen.thresholds,
        expected_false_alarms=screen.thresholds.q,
    )


def _methods(screen: JointScreen) -> tuple[pd.DataFrame, list[Finding]]:
    """Judge methods and pairs: return the rows of the methods, and the findings of both."""
    series = {name: one for name, one in screen.result.series.items() if one.limits is None}
    facts = {name: screen.event(one) for name, one in series.items() if name in EVENTS}
    found = judge_scores({name: screen.whole(one) for name, one in series.items()}, q=screen.level, seed=screen.seed, facts=facts)
    findings = screen.related()
    parts = []
    for name, one in series.items():
        mine = screen.moved(name, one, found[name])
        findings += mine
        speaking = findings if name == "correlation" else mine
        parts.append(method_rows(screen, one, found[name], [said for said in speaking if said.method == name]))
    parts += [profile_rows(one, screen.windows.ids) for one in screen.result.series.values() if one.limits is not None]
    return (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(JUDGED.columns))), findings


def _pairs(screen: JointScreen, findings: list[Finding]) -> pd.DataFrame:
    """Return the associations with the q-value of their pair and whether a run of theirs holds the window."""
    empty = pd.DataFrame(columns=["window", "first_label", "second_label", "p_value", "change"])
    table = screen.result.evidence.get("associations", empty)
    ids = screen.windows.ids
    changed = {(one.what, window) for one in findings if one.kind is FindingKind.RELATION for window in ids[one.first : one.last + 1]}
    names = [f"{a} with {b}" for a, b in zip(table["first_label"], table["second_label"], strict=True)]
    q = [screen.pairs[name].q_value if name in screen.pairs else np.nan for name in names]
    return table.assign(q_value=q, changed=[key in changed for key in zip(names, table["window"], strict=True)])


def order(finding: Finding) -> tuple[Any, ...]:
    """Put alerts first, among them pairs and rules, which name what changed."""
    named = finding.kind in (FindingKind.RELATION, FindingKind.RULE)
    return (finding.status != Status.ALERT.value, not named, -finding.strength)
