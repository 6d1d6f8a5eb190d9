"""A case's own rules on when to retrain, replayed: in which windows each would have fired."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.alerts.happening import Happening
from monitor.alerts.notices import moment_of
from monitor.alerts.rules import was_about
from monitor.case import Case
from monitor.case.retraining import TriggerSection
from monitor.errors import SettingError, nearest
from monitor.handover.records import Handover, Outcome, Trained
from monitor.retraining.backtest import HALF, Backtest
from monitor.retraining.rows import MOST_ROWS, History
from monitor.retraining.triggers import Trigger, replayed
from monitor.stats.performance.binary import Binary, binary_metrics
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.regression import Numbers, regression_metrics
from monitor.vocabulary import Task
from monitor.wording import list_text, plural, window_text

Bools = NDArray[np.bool_]
SURE = 3.5
"""Standard errors by which a loss of money lies above none before a rule fires: it is looked at after every window and begins anew after
gains. Noise alone got this far in 1.4 % of 20,000 simulated years of weeks (3.0: 7.7 %; the 1.6 of a single look: 87 %)."""
VALUE = "value"
UNSEEN = "incidents were not looked for yet; the page Alerts does"


@dataclass(frozen=True, slots=True)
class _Measured:
    """Metrics of the model in charge: of the reference (position 0) and of `windows` of production (from 1), by id."""

    windows: tuple[str, ...]
    metrics: dict[str, Estimate]


def check_triggers(case: Case) -> None:
    """Check that the metrics exist that rules name, for the task of the case.

    Raises
    ------
    SettingError
        One does not, or none of its values is better than another.
    """
    known = [name for name, one in METRICS.items() if case.task in one.tasks and one.best is not None and name != VALUE]
    for rule in _rules(case):
        if rule.metric and rule.metric not in known:
            told = f"Choose one of: {', '.join(known)}."
            raise SettingError(f"The trigger '{rule.name}' names the metric '{rule.metric}'.{nearest(rule.metric, known)} {told}")


def _rules(case: Case) -> tuple[TriggerSection, ...]:
    return () if case.retraining is None else case.retraining.triggers


def needs_incidents(case: Case) -> bool:
    """Say whether a rule of a case is about incidents."""
    return any(one.when is not None for one in _rules(case))


def own_triggers(history: History, tested: Backtest | None, found: Sequence[Happening] | None) -> Iterator[Trigger]:
    """Yield each of a case's own rules with what it would have done.

    Parameters
    ----------
    found : the incidents of the case; None where nobody looked for them.

    Notes
    -----
    A rule on money or a metric is replayed by the windows that rows lie in; when their labels came is another moment (`History.delay`). A
    rule on labels fires in the window in which they came.
    """
    rules = _rules(history.case)
    measured = _measured(history) if any(one.beyond is not None or one.cost is not None for one in rules) else None
    for rule in rules:
        try:
            fired = tuple(dict.fromkeys(_fired(rule, history, measured, found)))
        except SettingError as cannot:
            yield Trigger(rule.name, (), 0, float("nan"), own=True, why=str(cannot))
            continue
        yield replace(replayed(rule.name, fired, tested), own=True, by_rows=rule.when is None and rule.labels is None)


def _fired(rule: TriggerSection, history: History, measured: _Measured | None, found: Sequence[Happening] | None) -> Iterator[str]:
    if rule.when is not None:
        if found is None:
            raise SettingError(UNSEEN)
        return _by_incident(rule, history, found)
    if rule.labels is not None:
        return _by_labels(rule.labels, history)
    assert measured is not None  # noqa: S101 - measured for such rules
    if rule.cost is not None:
        return _by_cost(rule.cost, history, measured)
    return _by_metric(rule, measured)


def _measured(history: History) -> _Measured:
    """Measure the model in charge on the rows that are learned from, of the reference and by window of production."""
    known = history.used & np.isfinite(history.score) & np.isfinite(history.label)
    windows = history.windows
    place = {name: at for at, name in enumerate(windows, start=1)}
    at = np.array(
        [place[name] if new else 0 for name, new in zip(history.window[known], history.production[known], strict=True)], dtype=int
    )
    hour = pd.Series(history.time[known]).dt.floor("h").rank(method="dense").fillna(0).to_numpy(dtype=np.int64)
    rows = Labelled(at, len(windows) + 1, hour + at * (int(hour.max(initial=0)) + 1))
    label, score, case = history.label[known], history.score[known], history.case
    if case.task is Task.REGRESSION:
        return _Measured(windows, dict(regression_metrics(Numbers(rows, label, score))))
    edge = HALF if case.roles.threshold is None else float(case.roles.threshold)
    worth = None if history.worth is None or case.roles.threshold is None else history.worth[:, known]
    return _Measured(windows, dict(binary_metrics(Binary(rows, label == 1, score >= edge, score, worth))))


def _by_metric(rule: TriggerSection, measured: _Measured) -> Iterator[str]:
    one = measured.metrics.get(rule.metric)
    if one is None or one.reason[0] != "":
        raise SettingError(f"the reference has no {METRICS[rule.metric].title} to compare with")
    before, metric = float(one.value[0]), METRICS[rule.metric]
    running = 0
    for at, name in enumerate(measured.windows, start=1):
        if one.reason[at] != "":
            continue
        now = float(one.value[at])
        bad = bool(metric.worse(before, now)) and abs(now - before) > float(rule.beyond or 0)
        running = running + 1 if bad else 0
        if running >= rule.running:
            yield name


def _by_cost(cost: float, history: History, measured: _Measured) -> Iterator[str]:
    """Yield windows in which the money lost beside the reference, since the rule last fired or was last not behind, exceeds a cost, and
    what noise brings."""
    one = measured.metrics.get(VALUE)
    if one is None or one.reason[0] != "":
        raise SettingError("what decisions are worth is not known of the reference: it takes [value], roles.threshold and a score")
    if history.production.sum() >= MOST_ROWS:
        raise SettingError(f"production has more than the {MOST_ROWS:,} rows that are read: money cannot be added up over a sample")
    lost = noise = rows = 0.0
    for at, name in enumerate(measured.windows, start=1):
        if one.reason[at] != "":
            continue
        n = float(one.n[at])
        lost, noise, rows = lost + n * float(one.value[0] - one.value[at]), noise + n**2 * float(one.variance[at]), rows + n
        reached = lost > max(cost, SURE * np.sqrt(noise + rows**2 * float(one.variance[0])))
        if reached:
            yield name
        if reached or lost < 0:
            lost = noise = rows = 0.0


def _by_labels(wanted: int, history: History) -> Iterator[str]:
    """Yield windows in which so many more labels of production had come in."""
    windows, began = _beginnings(history)
    at = history.used & history.production
    came = np.where(np.isnat(history.known_at), history.time, history.known_at)[at]
    own = np.searchsorted(np.array(windows), history.window[at].astype(str))
    when = np.where(np.isnat(came), own, np.searchsorted(began, came, side="right") - 1) if not np.isnat(began).any() else own
    reached = np.cumsum(np.bincount(np.clip(when, 0, None), minlength=len(windows))) // wanted
    for name, (before, now) in zip(windows, pairwise([0, *reached]), strict=True):
        if now > before:
            yield name


def _by_incident(rule: TriggerSection, history: History, found: Sequence[Happening]) -> Iterator[str]:
    """Yield windows at the end of which an incident was first seen that a rule is about; of rules about those that are over, last seen."""
    assert rule.when is not None  # noqa: S101 - only of such rules
    windows, began = _beginnings(history)
    only_over = set(rule.when.state) == {"over"}
    told = (one.last_seen if only_over else one.seen for one in found if was_about(rule.when, one))
    zone = ZoneInfo(history.case.timezone)
    local = sorted(np.datetime64(moment_of(one).astimezone(zone).replace(tzinfo=None), "us") for one in told if one)
    for moment in local:
        at = int(np.searchsorted(began, moment, side="left")) - 1
        if at >= 0 and not np.isnat(began).any():
            yield windows[at]


def _beginnings(history: History) -> tuple[tuple[str, ...], NDArray[np.datetime64]]:
    """Return the windows of production and when the first row of each lies, (w,)."""
    names, times = history.window[history.production], pd.Series(history.time[history.production])
    first = times.groupby(names).min().reindex(list(history.windows))
    return history.windows, np.asarray(first.to_numpy(), dtype="datetime64[us]")


@dataclass(frozen=True, slots=True)
class Learned:
    """What the last set held that was trained on with success: rows up to the window `last`, of data that went up to the window `until`."""

    last: str
    until: str

    def after(self, one: Trigger) -> int:
        """Return how often a rule would have fired since: about rows that the set did not hold, or by what was not known then."""
        return sum(name > (self.last if one.by_rows else self.until) for name in one.fired)


def last_learned(handovers: Collection[Handover], trained: Collection[Trained]) -> Learned | None:
    """Return what the last set held that was trained on with success; None where none was."""
    good = {one.set for one in trained if one.outcome is Outcome.SUCCEEDED}
    known = [one for one in handovers if one.set in good and one.last]
    return Learned(max(one.last for one in known), max(one.until or one.last for one in known)) if known else None


def trigger_text(one: Trigger, learned: Learned | None = None) -> str:
    """Say how often a rule would have fired, in which windows, and how often since a set was last trained on with success."""
    if one.why:
        return f"Rule '{one.name}' was not replayed: {one.why}."
    if not one.fired:
        return f"Rule '{one.name}' would never have fired."
    windows = list_text([window_text(name) for name in one.fired])
    since = "" if learned is None else f" ({learned.after(one)} since the last retraining)"
    return f"Rule '{one.name}' would have fired {plural(len(one.fired), 'time')}: {windows}{since}."


def delay_text(history: History) -> str:
    """Say how long after the rows of a window rules on money and metrics could have known of it; empty where labels do not come late."""
    days = history.delay / 24
    if not np.isfinite(days) or days < 1 or not any(one.cost is not None or one.beyond is not None for one in _rules(history.case)):
        return ""
    return f"Rules on money and metrics are replayed by the window of the rows; nearly all labels of one are in {days:,.0f} days after it."
