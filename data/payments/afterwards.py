"""What is recorded besides the payments: labels that arrive late, how the model was served, the runs of the pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from plan import END, JOINS, START, Plan

CHARGEBACK_DAYS = (3, 45)
GOOD_DAYS = 45
REVERSED_SHARE = 0.04
LATE_SHARE = 0.0004
SLOW_MS = 250.0
JOBS = {"ingest": 60, **{job: 90 + 15 * i for i, job in enumerate(JOINS)}, "load_scores": 160, "load_labels": 360}
"""Minute of the day at which each job starts."""


def make_labels(draw: Generator, payments: pd.DataFrame, fraud: pd.Series[bool]) -> pd.DataFrame:
    """Return `payment_id`, `fraud` and `label_known_at` of all that was known at the export; a restated label has two rows."""
    n, (soonest, latest) = len(payments), CHARGEBACK_DAYS
    chargeback = soonest + np.floor((latest - soonest + 1) * draw.beta(1.4, 2.0, n))
    first = pd.DataFrame({"payment_id": payments["payment_id"], "fraud": fraud.astype(int), "days": np.where(fraud, chargeback, GOOD_DAYS)})
    withdrawn = fraud & (draw.random(n) < REVERSED_SHARE)
    late = ~fraud & (draw.random(n) < LATE_SHARE)
    again = first.assign(fraud=late.astype(int), days=first["days"] + draw.integers(7, 31, n))[withdrawn | late]
    labels = pd.concat([first, again])
    known_at = payments["timestamp"].dt.normalize().loc[labels.index] + pd.to_timedelta(labels["days"], unit="D") + pd.Timedelta(hours=6)
    exported: pd.DataFrame = labels.assign(label_known_at=known_at).loc[known_at < END, ["payment_id", "fraud", "label_known_at"]]
    return exported.sort_values(["payment_id", "label_known_at"], ignore_index=True)


def add_serving(draw: Generator, payments: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add latency_ms, status and cost (euro) of each call; a timeout is an answer that came too late."""
    n, incident = len(payments), plan.incidents["latency"]
    hour = payments["timestamp"].dt.floor("h")
    load = payments.groupby(hour)["amount"].transform("size") / max(payments.groupby(hour).size().max(), 1)
    v2 = (payments["model_version"] == "v2").to_numpy()
    milliseconds = draw.lognormal(np.log(38), 0.35, n) * (1 + 0.4 * load.to_numpy()) * np.where(v2, 1.05, 1.0)
    milliseconds *= np.where(draw.random(n) < 0.004, draw.uniform(3, 9, n), 1.0)
    milliseconds *= np.where(incident.rows(payments), incident.size["factor"], 1.0)
    latency = np.round(milliseconds, 1)
    status = np.where(latency > SLOW_MS, "timeout", np.where(draw.random(n) < 0.002, "error", "ok"))
    cost = np.where(v2, 0.0014, 0.0011) + np.where(payments["is_foreign"].astype(bool), 0.0006, 0.0)
    return payments.assign(latency_ms=latency, status=status, cost=np.round(cost, 4))


def make_runs(draw: Generator, payments: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the nightly runs of each job: its name, attempt, times, status, message and `rows`, those of the day before."""
    counted = payments["timestamp"].dt.normalize().value_counts()
    runs = []
    for day in pd.date_range(START + pd.Timedelta(days=1), END, inclusive="left"):
        for job, minute in JOBS.items():
            runs += _runs_of(draw, plan, (job, day, minute), int(counted.get(day - pd.Timedelta(days=1), 0)))
    table = pd.DataFrame(runs)
    table.insert(1, "run_id", [f"r{i:06d}" for i in range(len(table))])
    return table


def _runs_of(draw: Generator, plan: Plan, planned: tuple[str, pd.Timestamp, int], rows: int) -> list[dict[str, object]]:
    """Return the attempts of one job (`planned`: name, day, minute of the day), an hour apart, three at most."""
    (job, day, minute), nulls = planned, plan.incidents["nulls"]
    broken = job == nulls.size["job"] and nulls.start <= day < nulls.end
    failures = 3 if broken else int(draw.random() < 0.004)
    found: list[dict[str, object]] = []
    for attempt in range(1, min(failures, 2) + 2):
        failed = attempt <= failures
        started = day + pd.Timedelta(minutes=minute + 60 * (attempt - 1), seconds=int(draw.integers(0, 40)))
        seconds = int(draw.integers(5, 30)) if failed else int(60 + 0.05 * rows + draw.integers(0, 90))
        reason = "join keys of another format" if broken else "connection reset"
        found.append(
            {
                "job": job,
                "day": day,
                "attempt": attempt,
                "started": started,
                "finished": started + pd.Timedelta(seconds=seconds),
                "rows": 0 if failed else rows,
                "status": "failed" if failed else "ok",
                "message": reason if failed else None,
            }
        )
    return found
