"""A training set and its back-test in words."""

from __future__ import annotations

from monitor.judgement.narration.challengers import SHARES
from monitor.judgement.narration.figures import number, pair, share, value
from monitor.retraining.backtest import Backtest
from monitor.retraining.plan import Plan
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.paired import Paired
from monitor.wording import list_text, plural, window_text

OTHERS = ("value", "brier", "roc_auc", "mae")
"""Metrics that may say the contrary of the one that decides."""
SHORT = {"no_label": "without a label", "labels_missing": "waiting for labels", "incident": "in incidents that the case notes",
         "found": "made wrong by incidents that were found", "left_out": "left out by hand",
         "repeated_id": "with an id that was there before"}  # fmt: skip


def plan_headline(plan: Plan) -> str:
    """Say how many rows a model would learn from, and where they come from."""
    counts = plan.counts()
    return (
        f"A model could learn from {plural(plan.rows, 'row')}: "
        f"{counts['reference']['used']:,d} of the reference, {counts['production']['used']:,d} of production."
    )


def plan_doubt(plan: Plan) -> str:
    """Say what is left out, and how rows are weighed."""
    counts = plan.counts()
    out: dict[str, int] = {}
    for source in counts.values():
        for reason, n in source["left_out"].items():
            out[reason] = out.get(reason, 0) + int(n)
    told = list_text([f"{n:,d} {SHORT[reason]}" for reason, n in out.items()]) if out else ""
    weighed = ""
    if plan.weighted and plan.likeness is not None:
        weighed = f"Weighted toward the latest inputs, they count as {plan.likeness.worth:,.0f} rows."
    return " ".join(filter(None, (f"Left out: {told}." if told else "", weighed)))


def verdict(found: Paired, metric: str) -> str:
    """Return "better", "worse" or "no different" of all trials together."""
    lower, upper = float(found.lower[0]), float(found.upper[0])
    if lower <= 0 <= upper:
        return "no different"
    worse = METRICS[metric].worse(float(found.value[0]), float(found.challenger[0]))
    return "worse" if worse else "better"


def backtest_text(tested: Backtest) -> str:
    """Say whether retrained models were better on rows that they had not seen."""
    metric = tested.lead
    if not metric:
        return "Whether retraining would have helped cannot be said: too few rows tell the models apart."
    found, trials = tested.found[metric], len(tested.trials)
    told = verdict(found, metric)
    against = "the model in charge" if tested.base == "in charge" else "the same recipe on the reference alone"
    word = {"better": "would have been better than", "worse": "would have been worse than", "no different": "would have been like"}[told]
    when = f"{window_text(tested.trials[0].windows[0])} to {window_text(tested.trials[-1].windows[-1], year=False)}"
    tail = _tail(tested, metric, told)
    times = "once" if trials == 1 else f"{trials} times"
    return f"Retrained {times}, the model {word} {against} on rows after it, {when}: {figures(metric, found)}. {tail}".strip()


def _tail(tested: Backtest, metric: str, told: str) -> str:
    """Say what another metric says against the one that decides, else what the verdict means."""
    other = {"better": "worse", "worse": "better", "no different": "worse"}[told]
    against = [name for name in OTHERS if name != metric and name in tested.found and tested.found[name].reason[0] == ""]
    contrary = next((name for name in against if verdict(tested.found[name], name) == other), "")
    if contrary:
        return f"But {METRICS[contrary].title} would have been {other}: {_numbers(contrary, tested.found[contrary])}."
    return {"worse": "Retraining would have hurt.", "no different": "No gain beyond chance.", "better": ""}[told]


def figures(metric: str, found: Paired, window: int = 0) -> str:
    """Write a metric of both models with the interval of the difference."""
    return f"{METRICS[metric].title} {_numbers(metric, found, window)}"


def _numbers(metric: str, found: Paired, window: int = 0) -> str:
    one = found.at(window)
    told = pair(one["value"], one["challenger"], share if metric in SHARES else value)
    both = f"{told[1]} against {told[0]}" if told else f"{value(one['challenger'])} in both"
    low, high = (f"{'+' if end > 0 else '−' if end < 0 else ''}{number(abs(end), 2)}" for end in (one["lower"], one["upper"]))
    return f"{both} ({low} to {high})"
