"""The files beside this one, made by the tools themselves: `python make.py evidently|nannyml|whylogs`, each in an environment of its own.

evidently 0.7.23, nannyml 0.13.1 (with statsmodels) and whylogs 1.6.4 (with numpy), each with pandas 2.3. The files of SageMaker, which
is a service, are written by hand after its documentation ("Capture data from real-time endpoint", "Schema for statistics", "Schema for
violations").
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
DAY = datetime(2026, 2, 2)  # noqa: DTZ001 - as these tools are given it
DRAW = np.random.default_rng(0)


def rows(start: str, count: int, shift: float) -> pd.DataFrame:
    amount = DRAW.normal(50 + shift, 10, count).round(2)
    score = 1 / (1 + np.exp(-(amount - 50) / 10))
    return pd.DataFrame(
        {
            "at": pd.date_range(start, periods=count, freq="15min"),
            "amount": amount,
            "country": DRAW.choice(["DE", "FR", "IT"], count),
            "age": np.where(DRAW.random(count) < 0.1, np.nan, DRAW.integers(18, 80, count)),
            "score": score,
            "prediction": (score > 0.5).astype(int),
            "late": (DRAW.random(count) < score).astype(int),
        }
    )


def evidently() -> None:
    os.environ["DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset, Report
    from evidently.legacy.metrics import ColumnDriftMetric, ColumnSummaryMetric, DataDriftTable
    from evidently.legacy.report import Report as Legacy
    from evidently.legacy.test_preset import DataDriftTestPreset
    from evidently.legacy.test_suite import TestSuite
    from evidently.metrics import MeanValue, MissingValueCount, UniqueValueCount, ValueDrift
    from evidently.presets import DataDriftPreset
    from evidently.ui.workspace import Workspace

    told = DataDefinition(numerical_columns=["amount", "age"], categorical_columns=["country"])
    names = ["amount", "age", "country"]
    reference, production = rows("2026-01-01", 500, 0)[names], rows("2026-02-02", 300, 8)[names]
    sides = [Dataset.from_pandas(one, told) for one in (production, reference)]
    wide = [
        DataDriftPreset(),
        MissingValueCount(column="age"),
        UniqueValueCount(column="country"),
        ValueDrift(column="amount", method="psi"),
    ]
    Report(wide, include_tests=True).run(*sides, timestamp=DAY).save_json(str(HERE / "evidently-report.json"))
    space = Workspace.create(str(HERE / "space"))
    project = space.create_project("loans")
    small = Report([MeanValue(column="amount"), ValueDrift(column="country")], include_tests=True)
    space.add_run(project.id, small.run(*sides, timestamp=DAY))
    shutil.move(next((HERE / "space").rglob("snapshots/*.json")), HERE / "evidently-snapshot.json")
    shutil.rmtree(HERE / "space")
    legacy = Legacy([DataDriftTable(columns=["amount", "country"]), ColumnSummaryMetric("age")], timestamp=DAY)
    legacy.run(reference_data=reference, current_data=production)
    (HERE / "evidently-legacy-report.json").write_text(legacy.json(), encoding="utf-8")
    one = Legacy([ColumnDriftMetric("country", stattest="jensenshannon")], timestamp=DAY)
    one.run(reference_data=reference, current_data=production)
    one.save(str(HERE / "evidently-legacy-snapshot.json"))
    suite = TestSuite([DataDriftTestPreset(columns=["amount", "country"])], timestamp=DAY)
    suite.run(reference_data=reference, current_data=production)
    (HERE / "evidently-legacy-tests.json").write_text(suite.json(), encoding="utf-8")


def nannyml() -> None:
    os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
    import nannyml as nml

    reference = rows("2026-01-01", 96 * 21, 0)
    production = pd.concat([rows("2026-01-26", 96 * 14, 0), rows("2026-02-09", 96 * 7, 9)])
    when = {"timestamp_column_name": "at", "chunk_period": "W"}
    drift = nml.UnivariateDriftCalculator(
        column_names=["amount", "country"],
        continuous_methods=["jensen_shannon", "kolmogorov_smirnov"],
        categorical_methods=["chi2"],
        **when,
    )
    found = drift.fit(reference).calculate(production)
    found.to_df().to_csv(HERE / "nannyml-drift.csv")
    found.to_df().to_parquet(HERE / "nannyml-drift.parquet")
    found.to_df(multilevel=False).to_csv(HERE / "nannyml-drift-flat.csv", index=False)
    guess = nml.CBPE(
        y_pred_proba="score", y_pred="prediction", y_true="late", metrics=["roc_auc"], problem_type="classification_binary", **when
    )
    guess.fit(reference).estimate(production).to_df().to_csv(HERE / "nannyml-cbpe.csv")


def whylogs() -> None:
    os.environ["WHYLOGS_NO_ANALYTICS"] = "True"
    import whylogs as why

    profiled = why.log(rows("2026-02-02", 200, 0)[["amount", "country", "age"]], dataset_timestamp=datetime(2026, 2, 2, tzinfo=UTC)).view()
    profiled.write(str(HERE / "whylogs-profile.bin"))
    profiled.to_pandas().drop(columns=["frequent_items/frequent_strings", "type"]).to_json(HERE / "whylogs-view.json")


if __name__ == "__main__":
    {"evidently": evidently, "nannyml": nannyml, "whylogs": whylogs}[sys.argv[1]]()
