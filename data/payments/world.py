"""Ordinary life, simulated: cards, payments by weekday and hour, holidays, and how fraud depends on what is known of a payment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COUNTRIES = {"DE": 0.28, "FR": 0.20, "NL": 0.14, "ES": 0.12, "IT": 0.10, "PL": 0.07, "SE": 0.05, "GB": 0.04}
CURRENCIES = {"PL": "PLN", "SE": "SEK", "GB": "GBP"}
"""Elsewhere it is EUR; `amount` is in euro everywhere."""

CATEGORIES = {
    "grocery": 0.22,
    "restaurant": 0.16,
    "clothing": 0.11,
    "electronics": 0.10,
    "fuel": 0.10,
    "digital_goods": 0.11,
    "travel": 0.08,
    "pharmacy": 0.06,
    "gambling": 0.04,
    "cash": 0.02,
}
ONLINE = ("clothing", "electronics", "digital_goods", "travel", "gambling")
EUROS = np.array([32, 28, 55, 140, 48, 16, 210, 22, 40, 120], dtype=float)
"""Median amount by category."""

CATEGORY_RISK = np.array([-0.8, -0.5, 0.1, 0.7, -0.6, 0.8, 0.4, -0.5, 0.9, 0.3])
DEVICES = {"chip": 0.23, "contactless": 0.32, "ios": 0.16, "android": 0.15, "web": 0.14}
DEVICE_RISK = np.array([-0.4, -0.6, 0.1, 0.2, 0.7])
DEVICE_SHARES = np.array([[0.40, 0.42, 0.10, 0.07, 0.01], [0.02, 0.12, 0.26, 0.27, 0.33]])
"""Shares of devices in shops and online."""

AGE_BANDS = {"18-24": 0.12, "25-34": 0.22, "35-49": 0.28, "50-64": 0.23, "65+": 0.15}
PHONE_BY_AGE = np.array([1.9, 1.6, 1.1, 0.7, 0.35])
AGE_RISK = np.array([0.1, 0.0, 0.0, 0.1, 0.4])
WEEKDAYS = np.array([0.92, 0.94, 0.97, 1.02, 1.18, 1.16, 0.81])
HOURS = np.array([3, 2, 1, 1, 1, 2, 5, 12, 22, 30, 36, 44, 52, 46, 40, 40, 46, 58, 60, 48, 34, 24, 14, 7], dtype=float)
HOLIDAYS = pd.to_datetime(["2024-12-25", "2024-12-26", "2025-01-01", "2025-04-18", "2025-04-20", "2025-04-21", "2025-05-01"])
TRAVEL_DAYS = pd.date_range("2025-04-14", "2025-04-22")
"""The week around Easter: more travel, more payments abroad."""

GROWTH = 0.06
"""Growth of the number of payments over a period of 181 days."""

AGE_EFFECT = 0.35
BASE_RATE = 0.0125


def make_cards(draw: Generator, count: int) -> pd.DataFrame:
    """Return cards: country, age band (its index), usual amount, activity, and the account's age on the first day with its lifetime."""
    lifetime = draw.uniform(300, 4000, count)
    return pd.DataFrame(
        {
            "home": draw.choice(len(COUNTRIES), count, p=list(COUNTRIES.values())),
            "band": draw.choice(len(AGE_BANDS), count, p=list(AGE_BANDS.values())),
            "usual": np.exp(draw.normal(0, 0.35, count)),
            "activity": draw.gamma(1.5, 1, count),
            "age": draw.uniform(0, 1, count) * lifetime,
            "lifetime": lifetime,
        }
    )


def make_payments(draw: Generator, cards: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, rows: int) -> pd.DataFrame:
    """Return about `rows` payments in [start, end) in order of time: features as they are, `card_id` and `age_band`."""
    hours = pd.date_range(start, end, freq="h", inclusive="left").as_unit("ms")
    weight = _traffic(draw, hours)
    at_hour = np.repeat(np.arange(len(hours)), draw.poisson(rows * weight / weight.sum()))
    n = len(at_hour)
    card = cards.iloc[draw.choice(len(cards), n, p=cards["activity"] / cards["activity"].sum())]
    time = hours[at_hour] + pd.to_timedelta(draw.integers(0, 3600, n), unit="s")
    category = _pick(draw, _category_shares(draw, hours)[at_hour])
    device = _pick(draw, _device_shares(category, card["band"].to_numpy()))
    away = draw.random(n) < np.where(time.normalize().isin(TRAVEL_DAYS), 0.13, 0.07)
    country = np.where(away, draw.choice(len(COUNTRIES), n, p=list(COUNTRIES.values())), card["home"])
    shock = draw.normal(0, 0.08, len(hours))[at_hour]
    amount = np.maximum(np.round(EUROS[category] * card["usual"].to_numpy() * np.exp(draw.normal(shock, 0.7)), 2), 0.5)
    count_24h = draw.poisson(draw.gamma(0.9, 1.2, n))
    names = np.array(list(COUNTRIES))[country]
    age = np.floor((card["age"].to_numpy() + (time - start).days) % card["lifetime"].to_numpy())
    payments = pd.DataFrame(
        {
            "timestamp": time,
            "amount": amount,
            "amount_ratio": np.round(amount / (35 * card["usual"].to_numpy()), 3),
            "currency": pd.Series(names).map(CURRENCIES).fillna("EUR").astype(str),
            "country": names,
            "merchant_category": np.array(list(CATEGORIES))[category],
            "device": np.array(list(DEVICES))[device],
            "hour": time.hour,
            "day_of_week": time.dayofweek + 1,
            "count_1h": draw.binomial(count_24h, 0.12),
            "count_24h": count_24h,
            "account_age_days": np.where(draw.random(n) < 0.005, np.nan, age),
            "is_foreign": country != card["home"].to_numpy(),
            "age_band": np.array(list(AGE_BANDS))[card["band"]],
            "card_id": card.index,
        }
    )
    return payments.sort_values("timestamp", kind="stable", ignore_index=True)


def _traffic(draw: Generator, hours: pd.DatetimeIndex) -> Floats:
    """Return the expected number of payments of each hour, up to a factor; every hour has luck of its own."""
    grown = 1 + GROWTH * np.arange(len(hours)) / (24 * 181)
    holiday = np.where(hours.normalize().isin(HOLIDAYS), 0.7, 1.0)
    before = np.where((hours.normalize() + pd.Timedelta(days=1)).isin(HOLIDAYS), 1.25, 1.0)
    luck = draw.gamma(30, 1 / 30, len(hours))
    return np.asarray(WEEKDAYS[hours.dayofweek] * HOURS[hours.hour] * grown * holiday * before * luck, dtype=float)


def _category_shares(draw: Generator, hours: pd.DatetimeIndex) -> Floats:
    """Return shares of categories, (hours, categories): by time of day, holiday, and luck that the payments of an hour share."""
    shares = np.tile(list(CATEGORIES.values()), (len(hours), 1))
    position = {name: i for i, name in enumerate(CATEGORIES)}
    evening, night = (hours.hour >= 18) & (hours.hour <= 22), (hours.hour >= 22) | (hours.hour < 6)
    shares[:, position["restaurant"]] *= np.where(evening, 1.6, 1.0)
    shares[:, position["gambling"]] *= np.where(night, 3.0, 1.0)
    shares[:, position["grocery"]] *= np.where(hours.dayofweek == 6, 0.4, 1.0)
    shares[:, position["travel"]] *= np.where(hours.normalize().isin(TRAVEL_DAYS), 1.8, 1.0)
    shares[:, [position[name] for name in ONLINE]] *= np.exp(draw.normal(0, 0.12, (len(hours), 1)))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=float)


def _device_shares(category: NDArray[np.int64], band: NDArray[np.int64]) -> Floats:
    """Return shares of devices, (n, devices): by place of sale, phones by the age of the holder."""
    online = np.isin(np.array(list(CATEGORIES))[category], ONLINE).astype(int)
    shares = DEVICE_SHARES[online]
    shares[:, 2:4] *= PHONE_BY_AGE[band][:, None]
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=float)


def _pick(draw: Generator, shares: Floats) -> NDArray[np.int64]:
    """Draw one column of each row of `shares`, (n,)."""
    return np.asarray((draw.random((len(shares), 1)) > shares.cumsum(axis=1)[:, :-1]).sum(axis=1))


def age_term(payments: pd.DataFrame) -> Floats:
    """Return what the age of the account adds to the log-odds before its sign, (n,); an unknown age counts as two years."""
    return np.log1p(payments["account_age_days"].fillna(730).to_numpy(dtype=float) / 60)


def fraud_log_odds(draw: Generator, payments: pd.DataFrame) -> Floats:
    """Return the log-odds of fraud without the intercept, (n,); part of it is nothing that anybody recorded."""
    category = CATEGORY_RISK[payments["merchant_category"].map({name: i for i, name in enumerate(CATEGORIES)})]
    device = DEVICE_RISK[payments["device"].map({name: i for i, name in enumerate(DEVICES)})]
    band = AGE_RISK[payments["age_band"].map({name: i for i, name in enumerate(AGE_BANDS)})]
    foreign = payments["is_foreign"].to_numpy(dtype=float)
    remote = (payments["device"] == "web").to_numpy(dtype=float)
    night = payments["hour"].lt(6).to_numpy(dtype=float)
    counts = 0.6 * payments["count_1h"].clip(upper=4) + 0.13 * payments["count_24h"].clip(upper=10)
    known = category + device + band + 0.8 * foreign + 0.6 * foreign * remote + 0.5 * night + counts.to_numpy()
    money = 0.5 * np.log(payments["amount_ratio"].clip(lower=0.01).to_numpy())
    return np.asarray(known + money - AGE_EFFECT * age_term(payments) + draw.normal(0, 0.5, len(payments)), dtype=float)


def shift_to_rate(log_odds: Floats, rate: float) -> float:
    """Return the constant that, added to the log-odds, makes the mean probability `rate`; by bisection."""
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(log_odds + middle).mean() < rate else (low, middle)
    return low


def probability(log_odds: Floats) -> Floats:
    """Turn log-odds into probabilities."""
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=float)
