"""Build the simulated demo case: card payments with fraud scores over six months (run by `make data`).

Nothing in it is real. `--seed` draws which column, segment, date and size each incident has; README.md and truth.json, which this
script writes too, say what was drawn. January and February are the reference, March to June production; the models were trained on
months of their own, so that every score is out of sample.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import pandas as pd
from afterwards import add_serving, make_labels, make_runs
from incidents import change_concept, damage, ring_payments, served_by, unjoined_rows
from plan import END, PRODUCTION_START, START, Incident, Plan, draw_plan
from scoring import FEATURES, THRESHOLD, Models, score_by_version, score_with, train_models
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits
from world import fraud_log_odds, make_cards, make_payments, probability

HERE = Path(__file__).resolve().parent
SEED = 9
ROWS = 150_000
FEWEST_ROWS = 10_000
ROWS_PER_CARD = 25
STREAMS = ("plan", "cards", "training", "payments", "fraud", "ring", "join", "serving", "labels", "runs")
COLUMNS = [
    *("payment_id", "timestamp", "amount", "amount_ratio", "currency", "country", "merchant_category", "device", "hour", "day_of_week"),
    *("count_1h", "count_24h", "account_age_days", "is_foreign", "age_band", "card_id", "model_version", "score", "prediction"),
    *("challenger_score", "challenger_prediction", "variant", "latency_ms", "status", "cost"),
]


@dataclass(frozen=True, slots=True)
class Simulation:
    """All that was simulated; `affected` share of the payments of its time that each incident concerns."""

    seed: int
    plan: Plan
    payments: pd.DataFrame
    labels: pd.DataFrame
    runs: pd.DataFrame
    affected: dict[str, float]


def simulate(seed: int, rows: int) -> Simulation:
    """Draw everything from one seed: each part has its own stream, so that a change of one leaves the others alone."""
    draws = {name: np.random.default_rng(one) for name, one in zip(STREAMS, np.random.SeedSequence(seed).spawn(len(STREAMS)), strict=True)}
    plan = draw_plan(draws["plan"])
    cards = make_cards(draws["cards"], rows // ROWS_PER_CARD)
    models = train_models(draws["training"], cards)
    true = true_payments(draws, plan, cards, models, rows)
    unjoined = unjoined_rows(draws["join"], true, plan.incidents["nulls"])
    seen = scored(damage(true, plan, unjoined), models)
    served = add_serving(draws["serving"], true, plan)[["latency_ms", "status", "cost"]]
    return Simulation(
        seed=seed,
        plan=plan,
        payments=seen.join(served)[COLUMNS],
        labels=make_labels(draws["labels"], true, true["is_fraud"]),
        runs=make_runs(draws["runs"], true, plan),
        affected=affected_shares(plan, true, unjoined),
    )


def true_payments(draws: dict[str, np.random.Generator], plan: Plan, cards: pd.DataFrame, models: Models, rows: int) -> pd.DataFrame:
    """Return the payments as they were, the ring among them, in order of time, with `is_fraud` and `ring`."""
    ordinary = served_by(make_payments(draws["payments"], cards, START, END, rows), plan)
    log_odds = change_concept(fraud_log_odds(draws["fraud"], ordinary) + models.intercept, ordinary, plan.incidents["concept"])
    fraud = draws["fraud"].random(len(ordinary)) < probability(log_odds)
    size = round(rows * plan.incidents["ring"].size["share_of_all_rows"])
    ring = ring_payments(draws["ring"], cards, plan, models, size)
    both = pd.concat([ordinary.assign(is_fraud=fraud, ring=False), ring.assign(is_fraud=True, ring=True)])
    ordered = both.sort_values("timestamp", kind="stable", ignore_index=True)
    return ordered.assign(payment_id=[f"p{i:06d}" for i in range(1, len(ordered) + 1)])


def scored(seen: pd.DataFrame, models: Models) -> pd.DataFrame:
    """Add score and prediction of the version in charge and of the challenger in its shadow."""
    score, shadow = score_by_version(models, seen), score_with(models.by_name["challenger"], seen)
    return seen.assign(
        score=score,
        prediction=(score >= THRESHOLD).astype(int),
        challenger_score=shadow,
        challenger_prediction=(shadow >= THRESHOLD).astype(int),
    )


def affected_shares(plan: Plan, true: pd.DataFrame, unjoined: pd.Series[bool]) -> dict[str, float]:
    """Return, by incident, the share of the payments of its time that it concerns."""
    special = {"nulls": unjoined, "ring": true["ring"]}
    shares = {}
    for name, incident in plan.incidents.items():
        then = (true["timestamp"] >= incident.start) & (true["timestamp"] < incident.end)
        shares[name] = round(float(special.get(name, incident.rows(true))[then].mean()), 4)
    return shares


def truth_of(simulation: Simulation) -> dict[str, Any]:
    """Return what truth.json says."""

    def told(incident: Incident) -> dict[str, Any]:
        ends = None if incident.end == END else incident.end.isoformat()
        own = asdict(incident) | {"start": incident.start.isoformat(), "end": ends}
        return own | {"share_rows": simulation.affected[incident.name]}

    plan = simulation.plan
    return {
        "simulated": True,
        "seed": simulation.seed,
        "deployed": plan.deployed.isoformat(),
        "experiment": [plan.experiment.isoformat(), plan.deployed.isoformat()],
        "labels_exported": END.isoformat(),
        "threshold": THRESHOLD,
        "incidents": [told(incident) for incident in plan.incidents.values()],
    }


def incident_lines(truth: dict[str, Any]) -> str:
    """Return the rows of the data card's table of incidents."""
    lines = []
    for one in truth["incidents"]:
        where = ", ".join(f"{column} = {value}" for column, value in one["segment"].items()) or "all"
        size = ", ".join(f"{key.replace('_', ' ')}: {value!r}" for key, value in one["size"].items())
        columns = ", ".join(f"`{name}`" for name in (*one["columns"], *one["follows"]))
        period = f"{one['start'][:16]} to {(one['end'] or 'the end')[:16]}".replace("T00:00", "").replace("T", " ")
        lines.append(f"| {one['name']} | `{one['cause']}` | {columns} | {where} | {period} | {size} | {one['share_rows']:.2%} |")
    return "\n".join(lines)


def set_lines(simulation: Simulation) -> str:
    """Return the rows of the data card's table of data sets; fraud and AUC of the months whose labels were all known."""
    payments, latest = simulation.payments, simulation.labels.drop_duplicates("payment_id", keep="last")
    known = payments.merge(latest, on="payment_id", how="left").assign(month=payments["timestamp"].dt.strftime("%Y-%m"))
    lines = []
    for month, rows in known.groupby("month"):
        name = "reference.parquet" if rows["timestamp"].iloc[0] < PRODUCTION_START else f"production/{month}.parquet"
        lines.append(
            f"| `{name}` {month} | {len(rows):,} | {rows['prediction'].mean():.2%} | {_known_words(rows.dropna(subset='fraud'), rows)} |"
        )
    return "\n".join(lines)


def _known_words(seen: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Return share of labels known, fraud among them and AUC; the latter two only of a month that is complete."""
    share = len(seen) / len(rows)
    if share < 1:
        return f"{share:.1%} | | "
    return f"all | {seen['fraud'].mean():.2%} | {roc_auc_score(seen['fraud'].astype(int), seen['score']):.3f}"


def write(simulation: Simulation, out: Path) -> None:
    """Write every file of the case into a folder."""
    (out / "production").mkdir(parents=True, exist_ok=True)
    payments = simulation.payments
    early = payments["timestamp"] < PRODUCTION_START
    write_table(payments[early], out / "reference.parquet")
    for month, rows in payments[~early].groupby(payments["timestamp"].dt.strftime("%Y-%m")):
        write_table(rows, out / "production" / f"{month}.parquet")
    write_table(simulation.labels, out / "labels.parquet")
    write_table(simulation.runs, out / "runs.parquet")
    truth = truth_of(simulation)
    write_text(json.dumps(truth, indent=2) + "\n", out / "truth.json")
    words = {
        "seed": simulation.seed,
        "deployed": simulation.plan.deployed.date(),
        "experiment": simulation.plan.experiment.date(),
        "threshold": THRESHOLD,
        "features": ",\n".join(f'    "{name}"' for name in FEATURES),
        "incidents": incident_lines(truth),
        "sets": set_lines(simulation),
        "rows": f"{len(payments):,}",
    }
    for name in ("case.toml", "README.md"):
        template = Template((HERE / "templates" / name).read_text(encoding="utf-8"))
        write_text(template.substitute(words), out / name)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one Parquet file with narrow whole numbers; a text column without a value is text all the same."""
    narrow = {name: "int8" for name in ("hour", "day_of_week", "prediction", "challenger_prediction", "fraud") if name in table}
    stamps = {name: "datetime64[ms]" for name in table.columns if str(table[name].dtype).startswith("datetime64")}
    texts = {name: "str" for name in table.columns if table[name].dtype == object}
    table.astype(narrow | stamps | texts).to_parquet(path, index=False, compression="zstd", compression_level=19)
    print(f"{path.name}: {len(table):,} rows, {path.stat().st_size / 1e6:.2f} MB")


def write_text(text: str, path: Path) -> None:
    """Write a text file that is the same on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build the simulated payments case.")
    parser.add_argument("--seed", type=int, default=SEED, help=f"what everything is drawn from (the committed case: {SEED})")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"about how many payments (the committed case: {ROWS})")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the case")
    asked = parser.parse_args()
    if asked.rows < FEWEST_ROWS or asked.seed < 0:
        parser.error(f"--rows must be at least {FEWEST_ROWS} and --seed not negative (seen: {asked.rows}, {asked.seed}).")
    return asked


def main() -> None:
    """Build the case."""
    asked = arguments()
    # One thread: sums in another order could change the last digit.
    with threadpool_limits(limits=1):
        simulation = simulate(asked.seed, asked.rows)
    write(simulation, asked.out)


if __name__ == "__main__":
    main()
