"""The remedy bench as a table: one row per option, the preferred one first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from monitor.remedies.bench import Bench
from monitor.remedies.gains import Gain
from monitor.remedies.kinds import Basis, Remedy
from monitor.remedies.option import Option
from monitor.remedies.words import assumes, reason, title
from monitor.tables import Contract
from monitor.units import METRIC

REMEDIES = Contract(
    "remedies",
    ("remedy",),
    {
        "remedy": "nothing, patch, restore (the threshold set back), rethreshold, recalibrate, rollback or retrain",
        "rank": "order in which they are worth it, 1 is preferred",
        "title": "what is done, for people",
        "reason": "why it stands there",
        "removes": "whether it takes the cause away, or treats what follows",
        "pays": "whether it brings more than chance, and more than it would have before the incident",
        "basis": "simulated (the rows concerned, answered otherwise), on the reference (damage done to rows whose values are known), "
        "beside other rows (what is compared are not the same rows), or not tried",
        "why": "why it was not tried, null where it was",
        "metric": "what decides: value (money a row, by [value]), decision_loss (wrong decisions a row; at threshold t a false alarm "
        "weighs t, a miss 1 - t), mae, latency_ms, cost or error_share",
        "now": "of the rows as they were answered",
        "then": "of the same rows with the option",
        "gain": "how much better that is a row, in units of the metric; above 0: better",
        "lower": "its interval, which holds for all options together with 95 %: blocks of time drawn anew,",
        "upper": "to",
        "n": "rows that it rests on",
        "blocks": "stretches of time that they lie in",
        "brier_gain": "the same of the squared error of scores, null where there is none",
        "brier_lower": "its interval",
        "brier_upper": "to",
        "beyond": "gain beside the same option as it could have been had before the incident, null where that is the same",
        "beyond_lower": "its interval",
        "beyond_upper": "to",
        "after": "gain on rows of the place after the incident, where the option stays, null where there are none",
        "after_lower": "its interval",
        "after_upper": "to",
        "beside": "gain more than that of the option that takes the cause away, on the rows that both answered; null of that option, and "
        "where they answered other rows",
        "beside_lower": "its interval",
        "beside_upper": "to",
        "beside_n": "rows that both answered",
        "money": "gain over the n rows, null where the case does not say what decisions are worth",
        "money_lower": "its interval",
        "money_upper": "to",
        "currency": "of money",
        "moved": "mean distance between the answers",
        "assumes": "what the figures assume",
    },
    {"moved": "that of the prediction", "blocks": "stretches of time", "after": METRIC},
)


def remedies_table(bench: Bench) -> pd.DataFrame:
    """Return the options as rows."""
    return REMEDIES.check(pd.DataFrame([_row(bench, at + 1, one) for at, one in enumerate(bench.options)]))


def _row(bench: Bench, rank: int, one: Option) -> Mapping[str, Any]:
    gain = one.gain
    metric = None if gain is None else gain.metric
    return {
        "remedy": one.remedy.value,
        "rank": rank,
        "title": title(one, bench),
        "reason": reason(one, bench),
        "removes": one.removes,
        "pays": one.pays,
        "basis": one.basis.value if one.remedy is not Remedy.NOTHING else None,
        "why": one.why.value or None,
        "metric": metric,
        "now": float("nan") if gain is None else gain.now,
        "then": float("nan") if gain is None else gain.then,
        **_ends(gain, "gain", "lower", "upper"),
        "n": 0 if gain is None else gain.n,
        "blocks": 0 if gain is None else gain.blocks,
        **_ends(_of(one.gains, "brier"), "brier_gain", "brier_lower", "brier_upper"),
        **_ends(_of(one.beyond, metric), "beyond", "beyond_lower", "beyond_upper"),
        **_ends(_of(one.after, metric), "after", "after_lower", "after_upper"),
        **_ends(one.beside, "beside", "beside_lower", "beside_upper"),
        "beside_n": 0 if one.beside is None else one.beside.n,
        **_money(gain),
        "currency": bench.currency or None,
        "moved": one.moved,
        "assumes": assumes(one, bench) or None,
    }


def _of(gains: tuple[Gain, ...], metric: str | None) -> Gain | None:
    return next((one for one in gains if one.metric == metric), None)


def _ends(gain: Gain | None, *names: str) -> Mapping[str, float]:
    values = (np.nan,) * 3 if gain is None else (gain.gain, gain.lower, gain.upper)
    return dict(zip(names, values, strict=True))


def _money(gain: Gain | None) -> Mapping[str, float]:
    """Return a gain in money over all its rows; what is compared with other rows is told as if these had been answered so."""
    priced = gain is not None and gain.metric in ("value", "cost")
    values = (gain.gain * gain.n, gain.lower * gain.n, gain.upper * gain.n) if gain is not None and priced else (np.nan,) * 3
    return dict(zip(("money", "money_lower", "money_upper"), values, strict=True))


def tried(bench: Bench) -> tuple[Option, ...]:
    """Return the options whose gain is known."""
    return tuple(one for one in bench.options if one.basis is not Basis.NONE and one.gain is not None)
