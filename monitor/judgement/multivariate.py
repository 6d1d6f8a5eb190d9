"""Verdicts on joint drift: methods and pairs of columns are series like any other, judged by their runs of windows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.joint_methods import Series
from monitor.analyses.multivariate import MultivariateResult
from monitor.analyses.naming import SideNames
from monitor.analyses.sides import cut_short
from monitor.case import MultivariateThresholds
from monitor.judgement.column_evidence import ScreenEvidence
from monitor.judgement.column_findings import times
from monitor.judgement.facts import Fact
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.joint_causes import changed_columns
from monitor.judgement.narration.places import name_of
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.series import series_screen
from monitor.profile import Windows
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.multiplicity import Selection, holm
from monitor.stats.inference.runs import Run
from monitor.stats.multivariate.catalogue import JOINT
from monitor.tables import Contract, Provenance, Skipped
from monitor.vocabulary import Status

Floats = NDArray[np.float64]

QUIET = (Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value)
EVENTS: Mapping[str, float] = {"rules": 0.02}
"""Methods whose score is a share of rows that comes with single events, and the share that a window may have had all the same: what is
less is novelty, not yet a break."""
FAMILIES = 2
"""Methods and pairs are two families of the screen; each has its half of the error probability."""
PAIR_MARGIN = 1.25
"""How much farther than its calibrated limit a pair has to go: an association of one day rests on a few hours that differ, and how many do
differs from day to day, which no variance by rows knows (days of the demo shared out at random went 7 % too far in 1 of 2 draws)."""
PAIR_FLOOR = 0.05
"""Smallest change of an association that matters: a twentieth of the way from none to a perfect one."""
JUDGED = Contract(
    "multivariate",
    ("window", "method"),
    {
        "window": "id of the production window",
        "method": "id of the method",
        "columns": "JSON list of the columns that changed; null: all",
        "moved": "higher, lower or empty",
        "score": "what the method says, in its unit",
        "lower": "score below which a window alone alarms (two-sided methods), null: none",
        "upper": "score above which a window alone alarms",
        "limit": "the one of both that is on the score's side",
        "strength": "how many times as far as it had to be from the usual score; above 1 alarms",
        "p_value": "probability of the farthest run of the method, all its runs allowed for",
        "q_value": "Holm-adjusted over the methods",
        "n_production": "rows of the window",
        "status": "verdict: that of the strongest run that the window belongs to",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMultivariate:
    """Judged joint drift. `table` has the documented columns and `center`, the usual score, and `run`; `pairs` the associations with their
    q-values and whether a run of theirs holds the window; `findings` what a person reads: changed pairs and rules first."""

    table: pd.DataFrame
    pairs: pd.DataFrame
    findings: tuple[Finding, ...]
    result: MultivariateResult
    thresholds: MultivariateThresholds
    expected_false_alarms: float

    @property
    def analysis(self) -> str:
        """Its name in the registry."""
        return self.result.analysis

    @property
    def case(self) -> str:
        """Name of the case."""
        return self.result.case

    @property
    def called(self) -> SideNames:
        """How the sides are called."""
        return self.result.called

    @property
    def settings(self) -> Mapping[str, Any]:
        """Thresholds, as plain values."""
        return asdict(self.thresholds)

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: how many methods and pairs chance alone would name at most."""
        return {"expected_false_alarms": self.expected_false_alarms}

    @property
    def own_windows(self) -> Windows | None:
        """The windows of the reference; None where windows are compared with those before them."""
        return None if self.result.sides.sliding else self.result.sides.reference_windows

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not run and why."""
        return self.result.skipped

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.result.provenance

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
        windows = self.result.sides.windows
        none = np.datetime64("NaT")
        first, last = (windows.start[0], windows.end[-1]) if len(windows) else (none, none)
        return WindowNames.spanning(self.result.sides.production.size, self.result.timezone, first, last)

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
    thresholds = thresholds or MultivariateThresholds()
    judge = _Judge(result, thresholds)
    own = {name: one for name, one in result.series.items() if one.limits is None}
    table, findings = judge.methods(own)
    pairs, related = judge.pairs()
    table = _with_pairs(table, related, result.sides.windows.ids)
    peers = [_profile_rows(one, result.sides.windows.ids) for one in result.series.values() if one.limits is not None]
    every = pd.concat([part for part in (table, *peers) if len(part)], ignore_index=True) if len(table) or peers else table
    merged = result.table.merge(every, on=["window", "method"], how="left", validate="one_to_one")
    return JudgedMultivariate(
        table=JUDGED.check(merged if len(merged) else merged.reindex(columns=list(dict.fromkeys([*JUDGED.columns, *merged.columns])))),
        pairs=pairs,
        findings=tuple(sorted([*related, *findings], key=_order)),
        result=result,
        thresholds=thresholds,
        expected_false_alarms=thresholds.q,
    )


def _with_pairs(table: pd.DataFrame, related: list[Finding], ids: tuple[str, ...]) -> pd.DataFrame:
    """Give the rows of `correlation` the verdict of the strongest changed pair of their window, and the columns of all of them."""
    if table.empty:
        return table
    told = {name: table[name].to_numpy(dtype=object, copy=True) for name in ("status", "run", "strength", "columns")}
    for row in np.flatnonzero((table["method"] == "correlation").to_numpy()).tolist():
        at = ids.index(str(table["window"].iloc[row]))
        held = sorted((one for one in related if one.first <= at <= one.last), key=lambda one: -one.strength)
        if held and told["status"][row] not in QUIET:
            names = list(dict.fromkeys(name for one in held for name in one.levels_lost))
            told["status"][row], told["run"][row], told["strength"][row] = held[0].status, held[0].id, held[0].strength
            told["columns"][row] = json.dumps(names)
    return table.assign(**{**told, "strength": told["strength"].astype(float)})


def _order(finding: Finding) -> tuple[Any, ...]:
    first = finding.kind is FindingKind.RELATION or finding.method == "rules"
    return (not first, finding.status != Status.ALERT.value, -finding.strength)


class _Judge:
    """One screen of joint drift."""

    def __init__(self, result: MultivariateResult, thresholds: MultivariateThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        self.windows = result.sides.windows
        self.rows = result.sides.production.rows
        self.usable = self.rows >= thresholds.min_rows
        self.partial = cut_short(result.sides.production.size, self.rows)
        self.seed = result.provenance.seed
        self.level = thresholds.q / FAMILIES

    def methods(self, series: Mapping[str, Series]) -> tuple[pd.DataFrame, list[Finding]]:
        """Judge the methods."""
        screen = series_screen({name: (self._whole(one),) for name, one in series.items()}, seed=self.seed)
        events = {name: self._event(one) for name, one in series.items() if name in EVENTS}
        selection = holm({name: events[name].least if name in events else screen.p_value(name) for name in series}, self.level)
        parts, findings = [], []
        for name, one in series.items():
            level = self._level(selection, name)
            found = self._event_runs(events[name], level) if name in events else self._runs(screen, name, level, one)
            runs = [run for run in found if abs(run.score) >= self.thresholds.floor_of(name)]
            parts.append(self._rows(screen, name, one, selection, level, runs))
            findings += [self._finding(name, one, run, selection) for run in runs]
        return (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(JUDGED.columns))), findings

    def _event(self, one: Series) -> Fact:
        """Return the share of rows that do what the reference hardly does, as a fact."""
        rows = np.nan_to_num(one.score) * one.rows * ~self.partial
        own = np.nan_to_num(one.reference)
        largest = np.full(len(rows), max(float(own.max(initial=0.0)), EVENTS[one.method]))
        known = float(one.reference_rows.sum())
        broken = float(own @ one.reference_rows)
        return Fact(FindingKind.RELATION, one.method, rows, one.rows.astype(float), broken, known, own, largest)

    def _event_runs(self, event: Fact, level: float) -> list[_Run]:
        found = []
        for one in event.stretches:
            part = slice(one.first, one.last + 1)
            if one.p_value <= level:
                share = float(event.rows[part].sum() / event.of[part].sum())
                run = Run.known(one.first, one.last)
                strength = event.strength(one, level)
                found.append(_Run(ScoredRun(run, share, strength, one.p_value), share, strength))
        return found

    def _whole(self, one: Series) -> Series:
        """Leave windows that were cut short out: one day is no small week to relations of columns."""
        return replace(one, score=np.where(self.partial, np.nan, one.score)) if self.partial.any() else one

    def _level(self, selection: Selection, name: str) -> float:
        return selection.level if name in selection.named else self.level / max(len(selection.adjusted) - len(selection.named), 1)

    def _runs(self, screen: ScreenEvidence, name: str, level: float, one: Series) -> list[_Run]:
        series = screen.things[name].first
        if screen.p_value(name) > level:
            return []
        found = []
        for run in screen.evidence.runs(series, level):
            if run.mean < 0 and not one.two_sided:
                continue
            part = one.score[run.run.first : run.run.last + 1]
            reach = screen.evidence.reference(series).reach(level, run.run.length)
            if np.isfinite(part).any():
                found.append(_Run(run, float(np.nanmean(part)), abs(run.t) / reach))
        return found

    def _rows(self, screen: ScreenEvidence, name: str, one: Series, selection: Selection, level: float, runs: list[_Run]) -> pd.DataFrame:
        ids = self.windows.ids
        series = screen.things[name].first
        center, lower, upper = _band(screen, series, one, level)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(screen.evidence.singles(slice(series, series + 1))[0]) / screen.evidence.reference(series).reach(level)
        ratio = ratio if one.two_sided else np.where(one.score > center, ratio, 0.0)
        floor = self.thresholds.floor_of(name)
        ratio = np.where(np.abs(one.score) >= floor, ratio, np.minimum(ratio, 1.0))
        status = np.full(len(ids), Status.STABLE.value, dtype=object)
        run, strength, columns = np.full(len(ids), None, dtype=object), ratio.copy(), np.full(len(ids), None, dtype=object)
        for found in sorted(runs, key=lambda found: found.strength):
            part = slice(found.scored.run.first, found.scored.run.last + 1)
            status[part] = self._status(found)
            run[part], strength[part] = f"{name}~{ids[part.start]}", np.maximum(strength[part], found.strength)
            for at in range(part.start, part.stop):
                told = changed_columns(self.result, name, ids[at])
                columns[at] = json.dumps(told) if told else None
        quiet = [
            (self.rows < max(self.thresholds.min_rows, self.thresholds.least_rows(name)), Status.TOO_FEW_ROWS.value),
            (~np.isfinite(one.score), Status.NOT_APPLICABLE.value),
            (self.partial | (np.isfinite(one.reference).sum() < 2), Status.NOT_JUDGED.value),
        ]
        status = np.select([rule for rule, _ in quiet], [said for _, said in quiet], status)
        silent = np.isin(status, [said for _, said in quiet])
        moved = np.where(one.score > center, Direction.HIGHER.value, Direction.LOWER.value)
        return pd.DataFrame(
            {
                "window": ids,
                "method": name,
                "columns": columns,
                "moved": np.where(run.astype(bool), moved, ""),
                "center": center,
                "lower": lower,
                "upper": upper,
                "limit": np.where(one.score < center, lower, upper),
                "run": run,
                "strength": np.where(silent, 0.0, np.nan_to_num(strength)),
                "p_value": screen.p_value(name),
                "q_value": selection.adjusted[name],
                "status": status,
            }
        )

    def _status(self, found: _Run) -> str:
        return Status.ALERT.value if found.strength >= self.thresholds.alert else Status.WARNING.value

    def _finding(self, name: str, one: Series, found: _Run, selection: Selection) -> Finding:
        run = found.scored.run
        usual = float(np.nanmedian(one.reference))
        worst = self.windows.ids[run.first + int(np.nanargmax(np.abs(one.score[run.first : run.last + 1] - usual)))]
        return Finding(
            what=name,
            label=JOINT[name].title,
            kind=FindingKind.METRIC,
            status=self._status(found),
            first=run.first,
            last=run.last,
            judged=int(self.usable.sum()),
            direction=Direction.HIGHER if found.scored.mean > 0 else Direction.LOWER,
            measure=Measure.SCORE,
            before=usual,
            after=found.score,
            rows=int(self.rows[run.first : run.last + 1].sum()),
            share_rows=float(self.rows[run.first : run.last + 1].sum() / max(self.rows.sum(), 1)),
            method=name,
            score=found.score,
            limit=found.score / max(found.strength, 1e-9),
            strength=found.strength,
            p_value=found.scored.p_value,
            q_value=selection.adjusted[name],
            worst=worst,
            **times(self.windows, self.usable, run),
        )

    def pairs(self) -> tuple[pd.DataFrame, list[Finding]]:
        """Judge pairs of columns."""
        empty = pd.DataFrame(columns=["window", "first_label", "second_label", "p_value", "change"])
        table = self.result.evidence.get("associations", empty)
        series = {f"{a} with {b}": (one, (a, b)) for (a, b), one in self.result.pairs.items()}
        screen = series_screen({name: (self._whole(one),) for name, (one, _) in series.items()}, seed=self.seed)
        selection = holm({name: screen.p_value(name) for name in series}, self.level)
        findings, changed = [], set()
        for name, (one, pair) in series.items():
            if name not in selection.named:
                continue
            for run in self._runs(screen, name, selection.level, one):
                found = replace(run, strength=run.strength / PAIR_MARGIN)
                finding = self._pair_finding(name, one, found, selection)
                if found.strength >= 1 and abs(finding.after - finding.before) >= PAIR_FLOOR:
                    findings.append(replace(finding, levels_lost=tuple(self.result.names.get(label, label) for label in pair)))
                    changed |= {(pair, window) for window in self.windows.ids[found.scored.run.first : found.scored.run.last + 1]}
        keys = list(zip(table["first_label"], table["second_label"], table["window"], strict=True))
        q = [selection.adjusted.get(f"{a} with {b}", np.nan) for a, b, _ in keys]
        return table.assign(q_value=q, changed=[((a, b), window) in changed for a, b, window in keys]), findings

    def _pair_finding(self, name: str, one: Series, found: _Run, selection: Selection) -> Finding:
        known = one.reference[np.isfinite(one.reference)]
        before, after = float(np.tanh(known.mean())), float(np.tanh(found.score))
        finding = self._finding_of(name, one, found, selection)
        direction = Direction.MORE if abs(after) > abs(before) else Direction.FEWER
        return replace(finding, before=before, after=after, direction=direction, score=after - before, kind=FindingKind.RELATION)

    def _finding_of(self, name: str, one: Series, found: _Run, selection: Selection) -> Finding:
        finding = self._finding("correlation", one, found, replace(selection, adjusted={"correlation": selection.adjusted[name]}))
        first, _, second = name.partition(" with ")
        limit = abs(np.tanh(found.score)) / max(found.strength, 1e-9)
        return replace(finding, what=name, label=f"{name_of(first)} and {name_of(second)}", limit=float(limit))


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of a series with its mean `score` and its `strength`."""

    scored: ScoredRun
    score: float
    strength: float


def _band(screen: ScreenEvidence, series: int, one: Series, level: float) -> tuple[Floats, Floats, Floats]:
    """Return the usual score of each window and the scores from which it alone alarms, on the scale of the method, (w,) each."""
    evidence = screen.evidence
    reach = evidence.reference(series).reach(level) * evidence.single_error(series)
    own = np.isfinite(one.reference) & (one.reference_rows > 0)
    y = np.log(np.maximum(one.reference[own], 1e-300)) if one.shape == "distance" else one.reference[own]
    if len(y) < 2:
        nothing = np.full(len(one.score), np.nan)
        return nothing, nothing, nothing
    sd = float(np.std(y, ddof=1)) or 1.0
    usual = float(np.median(one.reference_rows[own]))
    shift = np.log(np.maximum(usual / np.maximum(one.rows, 1), 1.0)) if one.shape == "distance" else 0.0
    middle = float(y.mean()) + sd * float(evidence.noise.mu[series]) + shift
    back = np.exp if one.shape == "distance" else np.asarray
    with np.errstate(over="ignore"):
        lower = back(middle - reach * sd) if one.two_sided else np.full(len(one.score), np.nan)
        return np.asarray(np.broadcast_to(back(middle), len(one.score))), np.asarray(lower), np.asarray(back(middle + reach * sd))


def _profile_rows(series: Series, ids: tuple[str, ...]) -> pd.DataFrame:
    limits, verdict = np.asarray(series.limits), np.asarray(series.verdict)
    center = limits.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.abs(series.score - center) / (limits[:, 1] - center)
    return pd.DataFrame(
        {
            "window": ids,
            "method": series.method,
            "columns": None,
            "moved": "",
            "center": center,
            "lower": limits[:, 0],
            "upper": limits[:, 1],
            "limit": np.where(series.score < center, limits[:, 0], limits[:, 1]),
            "run": None,
            "strength": np.nan_to_num(strength),
            "p_value": np.nan,
            "q_value": np.nan,
            "status": np.where(verdict, Status.ALERT.value, Status.STABLE.value),
        }
    )
