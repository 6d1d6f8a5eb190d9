"""What goes wrong in what the model sees, and the ring that plays against it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from plan import Incident, Plan
from scoring import THRESHOLD, Models, score_by_version
from world import AGE_BANDS, CURRENCIES, Floats, age_term, make_payments, probability, shift_to_rate

TREATED = 5
"""Every fifth card is in the treatment arm."""

RING_CANDIDATES = 20_000
RING_BAND = 0.8
"""Payments of the ring score between this share of the threshold and the threshold."""


def change_concept(log_odds: Floats, payments: pd.DataFrame, incident: Incident) -> Floats:
    """Return log-odds, (n,), after which old accounts are the risky ones in the segment, at a multiple of the rate before."""
    rows = incident.rows(payments).to_numpy()
    before = probability(log_odds[rows]).mean()
    moved = log_odds[rows] + 0.5 * age_term(payments)[rows]
    changed = log_odds.copy()
    changed[rows] = moved + shift_to_rate(moved, incident.size["fraud_rate_times"] * before)
    return changed


def unjoined_rows(draw: Generator, payments: pd.DataFrame, nulls: Incident) -> pd.Series[bool]:
    """Return which payments the failed join left without its columns: those of part of the cards."""
    hit = draw.random(int(payments["card_id"].max()) + 1) < nulls.size["share_of_cards"]
    unjoined: pd.Series[bool] = nulls.rows(payments) & hit[payments["card_id"]]
    return unjoined


def damage(payments: pd.DataFrame, plan: Plan, unjoined: pd.Series[bool]) -> pd.DataFrame:
    """Return the payments as they reached the model: cents, nulls and another name for a level."""
    seen = payments.copy()
    cents, nulls, recode = (plan.incidents[name] for name in ("cents", "nulls", "recode"))
    rows = cents.rows(payments)
    for column in ("amount", "amount_ratio"):
        seen.loc[rows, column] = (payments.loc[rows, column] * cents.size["factor"]).round(3)
    seen.loc[recode.rows(payments), recode.columns[0]] = recode.size["to"]
    for column in nulls.columns:
        seen[column] = seen[column].astype(object if column == "device" else float).where(~unjoined)
    return seen


def served_by(payments: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add the arm (null outside the experiment) and the model version of each payment."""
    treated = payments["card_id"] % TREATED == 0
    after = payments["timestamp"] >= plan.deployed
    tried = (payments["timestamp"] >= plan.experiment) & ~after
    arm = pd.Series(np.where(treated, "treatment", "control"), payments.index, dtype=object).where(tried, None)
    version = np.where(after | (tried & treated), "v2", "v1")
    return payments.assign(variant=arm, model_version=version)


def ring_payments(draw: Generator, cards: pd.DataFrame, plan: Plan, models: Models, count: int) -> pd.DataFrame:
    """Return `count` near-duplicates whose scores lie just under the threshold."""
    ring = plan.incidents["ring"]
    candidates = make_payments(draw, cards, ring.start, ring.end, RING_CANDIDATES).assign(**ring.segment)
    candidates = served_by(candidates.assign(currency=CURRENCIES.get(ring.segment["country"], "EUR")), plan)
    scores = score_by_version(models, candidates)
    below = np.flatnonzero(scores < THRESHOLD)
    best = below[np.argsort(-scores[below], kind="stable")]
    found, missing = [], count
    for place in best[:200]:
        copies = _near_copies(draw, cards, candidates.iloc[place], plan, 4 * count)
        scores = score_by_version(models, copies)
        near = copies[(scores >= RING_BAND * THRESHOLD) & (scores < THRESHOLD)].head(missing)
        found.append(near)
        missing -= len(near)
        if missing == 0:
            return pd.concat(found, ignore_index=True)
    raise RuntimeError(f"Only {count - missing} of {count} payments of the ring score just under {THRESHOLD}. Take another seed.")


def _near_copies(draw: Generator, cards: pd.DataFrame, one: pd.Series, plan: Plan, count: int) -> pd.DataFrame:
    """Return copies of a payment within the ring's hours: other cards, amount within 2 %, age of the account within two days."""
    ring = plan.incidents["ring"]
    copies = pd.DataFrame([one] * count).reset_index(drop=True).infer_objects()
    seconds = int((ring.end - ring.start).total_seconds())
    copies["timestamp"] = (ring.start + pd.to_timedelta(draw.integers(0, seconds, count), unit="s")).as_unit("ms")
    copies["hour"], copies["day_of_week"] = copies["timestamp"].dt.hour, copies["timestamp"].dt.dayofweek + 1
    ratio = one["amount_ratio"] / one["amount"]
    copies["amount"] = np.round(one["amount"] * draw.uniform(0.98, 1.02, count), 2)
    copies["amount_ratio"] = np.round(copies["amount"] * ratio, 3)
    copies["account_age_days"] = np.maximum(one["account_age_days"] + draw.integers(-2, 3, count), 0)
    copies["card_id"] = draw.choice(draw.choice(len(cards), max(count // 20, 2), replace=False), count)
    copies["age_band"] = np.array(list(AGE_BANDS))[cards["band"].to_numpy()[copies["card_id"]]]
    return served_by(copies, plan)
