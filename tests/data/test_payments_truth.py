"""Each incident of the simulated case is visible by a direct look at its data, whatever the seed draws."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

PAYMENTS = Path(__file__).parents[2] / "data" / "payments"
SEEDS = range(201, 205)
ROWS = 20_000
ENOUGH = 3
BUILD = """
import runpy, sys
folder, rows, *seeds = sys.argv[1:]
for seed in seeds:
    sys.argv = ["build.py", "--seed", seed, "--rows", rows, "--out", f"{folder}/{seed}"]
    runpy.run_path("build.py", run_name="__main__")
"""
"""Builds one case for each seed; Python and what the script imports are started once."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Built:
    """One case: payments with their latest label, runs, incidents by name."""

    payments: pd.DataFrame
    runs: pd.DataFrame
    incidents: dict[str, dict[str, Any]]

    def split(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the payments in the time of an incident and all others."""
        incident, time = self.incidents[name], self.payments["timestamp"]
        inside = (time >= incident["start"]) & (time < (incident["end"] or "2025-07-01"))
        return self.payments[inside], self.payments[~inside]


def read(folder: Path) -> Built:
    parts = [folder / "reference.parquet", *sorted((folder / "production").glob("*.parquet"))]
    labels = pd.read_parquet(folder / "labels.parquet").drop_duplicates("payment_id", keep="last")
    payments = pd.concat([pd.read_parquet(part) for part in parts]).merge(labels, on="payment_id", how="left")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Built(payments, pd.read_parquet(folder / "runs.parquet"), {one["name"]: one for one in truth["incidents"]})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Built]:
    folder = tmp_path_factory.mktemp("seeds")
    subprocess.run([sys.executable, "-c", BUILD, str(folder), str(ROWS), *map(str, SEEDS)], check=True, capture_output=True, cwd=PAYMENTS)
    return [read(folder / str(seed)) for seed in SEEDS]


def segment_of(case: Built, name: str, rows: pd.DataFrame) -> pd.Series:
    """Return which rows lie in the segment of an incident."""
    (column, value), *_ = case.incidents[name]["segment"].items()
    return rows[column] == value


def cents(case: Built) -> bool:
    """Amounts of the country are some 100 times as large as before, those of the others are not."""
    during, otherwise = case.split("cents")
    (here, there), (before, before_there) = (
        [rows.loc[mask, "amount"].median() for mask in (segment_of(case, "cents", rows), ~segment_of(case, "cents", rows))]
        for rows in (during, otherwise)
    )
    return 50 < here / before < 200 and 0.7 < there / before_there < 1.4


def nulls(case: Built) -> bool:
    """Its columns are missing as often as the truth says, hardly ever otherwise, and only then every attempt of the job failed."""
    incident, (during, otherwise) = case.incidents["nulls"], case.split("nulls")
    job = case.runs[case.runs["job"] == incident["size"]["job"]].groupby("day")["status"]
    failed = job.agg(lambda status: (status == "failed").all())
    days = pd.date_range(incident["start"], incident["end"], inclusive="left")
    missing = [(during[name].isna().mean(), otherwise[name].isna().mean()) for name in incident["columns"]]
    return all(now > 0.9 * incident["share_rows"] > 0.3 and then < 0.01 for now, then in missing) and list(failed[failed].index) == list(
        days
    )


def recode(case: Built) -> bool:
    """Of the two names of the level only one is there at a time."""
    incident, (during, otherwise) = case.incidents["recode"], case.split("recode")
    ((column, old),) = incident["segment"].items()
    new = incident["size"]["to"]
    return old not in set(during[column]) and new in set(during[column]) and new not in set(otherwise[column])


def ring(case: Built) -> bool:
    """Within hours there are more payments just under the threshold in its segment than otherwise in all months, all of them fraud."""

    def crowd(rows: pd.DataFrame) -> pd.DataFrame:
        same = pd.concat([rows[column] == value for column, value in case.incidents["ring"]["segment"].items()], axis=1).all(axis=1)
        return rows[same & rows["score"].between(0.08, 0.1, inclusive="left")]

    during, otherwise = (crowd(rows) for rows in case.split("ring"))
    alike = during["amount"].quantile(0.9) / during["amount"].quantile(0.1) < 1.1
    return len(during) > 2 * len(otherwise) and bool(alike) and during["fraud"].mean() > 0.8


def concept(case: Built) -> bool:
    """Of the payments whose labels are complete, fraud became at least half as frequent again in the category and not elsewhere."""
    during, otherwise = (rows[rows["timestamp"] < "2025-05-16"] for rows in case.split("concept"))
    ratio = {}
    for inside in (True, False):
        rates = [rows.loc[segment_of(case, "concept", rows) == inside, "fraud"].mean() for rows in (during, otherwise)]
        ratio[inside] = rates[0] / rates[1]
    return ratio[True] > 1.5 and 0.6 < ratio[False] < 1.6


def latency(case: Built) -> bool:
    """The device's calls take longer by the factor that was drawn, the others' do not."""
    during, otherwise = case.split("latency")
    ratio = {}
    for inside in (True, False):
        medians = [rows.loc[segment_of(case, "latency", rows) == inside, "latency_ms"].median() for rows in (during, otherwise)]
        ratio[inside] = medians[0] / medians[1]
    return 0.85 < ratio[True] / case.incidents["latency"]["size"]["factor"] < 1.3 and 0.9 < ratio[False] < 1.2


@pytest.mark.parametrize("visible", [cents, nulls, recode, ring, concept, latency])
def test_an_incident_is_visible_on_nearly_every_seed(built: list[Built], visible: Callable[[Built], bool]) -> None:
    seen = {seed: visible(case) for seed, case in zip(SEEDS, built, strict=True)}
    assert sum(seen.values()) >= ENOUGH, seen


def test_seeds_draw_different_incidents(built: list[Built]) -> None:
    drawn = {json.dumps(case.incidents["cents"], sort_keys=True) for case in built}
    assert len(drawn) == len(built)


def test_every_seed_has_one_to_two_per_cent_fraud(built: list[Built]) -> None:
    rates = [case.payments.loc[case.payments["timestamp"] < "2025-05-16", "fraud"].mean() for case in built]
    assert all(0.01 < rate < 0.02 for rate in rates), rates


def test_the_committed_case_shows_all_of_them() -> None:
    case = read(PAYMENTS)
    assert [look.__name__ for look in (cents, nulls, recode, ring, concept, latency) if not look(case)] == []
