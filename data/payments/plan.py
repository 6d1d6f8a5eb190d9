"""What happens in the simulated months and when: every column, segment, date and size is drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from numpy.random import Generator
from world import CATEGORIES, COUNTRIES, DEVICES, ONLINE

START = pd.Timestamp("2025-01-01")
PRODUCTION_START = pd.Timestamp("2025-03-01")
END = pd.Timestamp("2025-07-01")
"""First moment after the data, and the moment at which the labels were exported."""

EXPERIMENT_DAYS = 21
JOINS = {
    "join_accounts": ("account_age_days",),
    "join_velocity": ("count_1h", "count_24h"),
    "join_devices": ("device",),
}
"""Which features each daily join delivers."""

MERCHANT_CODES = dict(zip(CATEGORIES, range(5411, 5411 + 7 * len(CATEGORIES), 7), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident: `segment` column -> value (empty: all rows), [`start`, `end`) (END: goes on), `size` what was drawn besides."""

    name: str
    cause: str
    columns: tuple[str, ...]
    start: pd.Timestamp
    end: pd.Timestamp = END
    segment: dict[str, str] = field(default_factory=dict)
    follows: tuple[str, ...] = ()
    size: dict[str, Any] = field(default_factory=dict)

    def rows(self, payments: pd.DataFrame) -> pd.Series[bool]:
        """Return which payments lie in its time and segment."""
        inside = (payments["timestamp"] >= self.start) & (payments["timestamp"] < self.end)
        for column, value in self.segment.items():
            inside &= payments[column] == value
        return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The day on which v2 was deployed, the start of the experiment before it, and the incidents by name."""

    deployed: pd.Timestamp
    experiment: pd.Timestamp
    incidents: dict[str, Incident]


def draw_plan(draw: Generator) -> Plan:
    """Draw everything that happens."""
    deployed = _day(draw, 50, 70)
    cents = _draw_cents(draw)
    concept = _draw_concept(draw)
    recode = _draw_recode(draw, concept.segment["merchant_category"])
    taken = {cents.segment["country"], concept.segment["merchant_category"], *recode.segment.values()}
    drawn = [cents, _draw_nulls(draw), recode, _draw_ring(draw, taken), concept, _draw_latency(draw, deployed, taken)]
    return Plan(
        deployed=deployed,
        experiment=deployed - pd.Timedelta(days=EXPERIMENT_DAYS),
        incidents={incident.name: incident for incident in drawn},
    )


def _day(draw: Generator, first: int, last: int) -> pd.Timestamp:
    """Draw a day of production, counted from its start."""
    return PRODUCTION_START + pd.Timedelta(days=int(draw.integers(first, last + 1)))


def _days_after(draw: Generator, start: pd.Timestamp, fewest: int, most: int) -> pd.Timestamp:
    return start + pd.Timedelta(days=int(draw.integers(fewest, most + 1)))


def _draw_cents(draw: Generator) -> Incident:
    start = _day(draw, 7, 100)
    return Incident(
        name="cents",
        cause="unit_change",
        columns=("amount",),
        follows=("amount_ratio",),
        segment={"country": str(draw.choice(list(COUNTRIES)))},
        start=start,
        end=_days_after(draw, start, 3, 8),
        size={"factor": 100},
    )


def _draw_nulls(draw: Generator) -> Incident:
    job, start = str(draw.choice(list(JOINS))), _day(draw, 75, 110)
    return Incident(
        name="nulls",
        cause="missing_values",
        columns=JOINS[job],
        start=start,
        end=_days_after(draw, start, 2, 5),
        size={"job": job, "share_of_cards": round(float(draw.uniform(0.5, 1.0)), 2)},
    )


def _draw_recode(draw: Generator, kept: str) -> Incident:
    """Draw a level that gets another name for two to five weeks; `kept` stays as it is."""
    column = str(draw.choice(["merchant_category", "device"]))
    shares = CATEGORIES if column == "merchant_category" else DEVICES
    level = str(draw.choice([name for name, share in shares.items() if share >= 0.05 and name != kept]))
    codes = [level.upper(), f"{level} ", f"MCC{MERCHANT_CODES[level]}" if level in MERCHANT_CODES else f"dev_{level[:2]}"]
    start = _day(draw, 10, 80)
    return Incident(
        name="recode",
        cause="recode",
        columns=(column,),
        segment={column: level},
        start=start,
        end=_days_after(draw, start, 14, 35),
        size={"to": str(draw.choice(codes))},
    )


def _draw_ring(draw: Generator, taken: set[str]) -> Incident:
    """Draw a ring whose country, category and device no other incident changes."""
    segment = {
        "country": str(draw.choice([name for name in COUNTRIES if name not in taken])),
        "merchant_category": str(draw.choice([name for name in CATEGORIES if name in ONLINE and name not in taken])),
        "device": str(draw.choice([name for name in ("ios", "android", "web") if name not in taken])),
    }
    start = _day(draw, 20, 70) + pd.Timedelta(hours=int(draw.integers(0, 24)))
    return Incident(
        name="ring",
        cause="adversarial_burst",
        columns=("score",),
        segment=segment,
        start=start,
        end=start + pd.Timedelta(hours=int(draw.integers(6, 31))),
        size={"share_of_all_rows": round(float(draw.uniform(0.0006, 0.0012)), 5)},
    )


def _draw_concept(draw: Generator) -> Incident:
    return Incident(
        name="concept",
        cause="concept_change",
        columns=("merchant_category", "account_age_days"),
        segment={"merchant_category": str(draw.choice([name for name, share in CATEGORIES.items() if share >= 0.08]))},
        start=_day(draw, 20, 50),
        size={"fraud_rate_times": round(float(draw.uniform(2.5, 4.0)), 2)},
    )


def _draw_latency(draw: Generator, deployed: pd.Timestamp, taken: set[str]) -> Incident:
    """Draw a device that goes by its own name all the time."""
    return Incident(
        name="latency",
        cause="latency",
        columns=("latency_ms",),
        segment={"device": str(draw.choice([name for name in DEVICES if name not in taken]))},
        start=deployed,
        end=_days_after(draw, deployed, 10, 30),
        size={"factor": round(float(draw.uniform(1.7, 3.0)), 2)},
    )
