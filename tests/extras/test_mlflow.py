"""Runs and registered models of MLflow, in a real store of SQLite; without the extra `mlflow` they are skipped, and say so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("mlflow", reason="mlflow-skinny is not installed: pip install 'driftscope[mlflow]'")
pytest.importorskip("sqlalchemy", reason="sqlalchemy is not installed: pip install 'driftscope[mlflow]'")

from monitor.case import load_case
from monitor.cli.measuring import Options
from monitor.cli.mlflow import export_mlflow, import_mlflow
from monitor.engine import open_workspace
from monitor.errors import SelectionError, SettingError, SourceError
from monitor.export.mlflow_store import Store, open_store
from monitor.imports.mlflow_model import compare_model

TOML = """
[case]
name = "Loans"
task = "binary"
[data]
reference = "reference.parquet"
production = "production.parquet"
[roles]
timestamp = "at"
score = "score"
threshold = 0.5
model_version = "version"
[windows]
size = "1 week"
"""


def rows(start: str, shift: float) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    age = draw.integers(18, 80, 400).astype(float)
    age[::10] = np.nan
    return pd.DataFrame(
        {
            "at": pd.date_range(start, periods=400, freq="1h").as_unit("us"),
            "amount": draw.normal(50 + shift, 10, 400),
            "age": age,
            "country": draw.choice(["DE", "FR"], 400),
            "score": draw.random(400),
            "version": draw.choice(["1", "champion", "v9"], 400),
        }
    )


@pytest.fixture
def loans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")  # what the environment says is not asked
    folder = tmp_path / "loans"
    folder.mkdir()
    rows("2026-01-05", 0).to_parquet(folder / "reference.parquet")
    rows("2026-02-02", 20).to_parquet(folder / "production.parquet")
    (folder / "case.toml").write_text(TOML, encoding="utf-8")
    return folder


def register(store: Store, folder: Path, *columns: dict[str, Any]) -> None:
    """Register a version as MLflow does, with the description that it writes itself."""
    from mlflow.models import Model, ModelSignature
    from mlflow.types import Schema

    folder.mkdir()
    Model(signature=ModelSignature(inputs=Schema.from_json(json.dumps(columns)))).save(str(folder / "MLmodel"))
    if not [one for one in store.client.search_registered_models() if one.name == "loans"]:
        store.client.create_registered_model("loans")
    store.client.create_model_version("loans", folder.as_uri())


def column(name: str, kind: str, *, required: bool = True) -> dict[str, Any]:
    return {"type": kind, "name": name, "required": required}


def test_a_run_holds_numbers_findings_report_and_case(loans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export_mlflow(loans, str(tmp_path / "mlflow.db"), "", Options(quiet=True))
    store = open_store(str(tmp_path / "mlflow.db"), new=False)
    run = store.client.get_run(capsys.readouterr().out.strip())
    assert run.info.status == "FINISHED"
    assert run.data.tags["driftscope.case"] == "Loans"
    assert any(name.startswith("driftscope_drift") and "amount" in name for name in run.data.metrics)
    assert store.client.get_experiment(run.info.experiment_id).name == "Loans"
    kept = {path.name for path in (tmp_path / "mlartifacts").rglob("*") if path.is_file()}
    assert kept == {"report.html", "findings.json", "case.toml"}
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_registered_model_is_compared_column_by_column(loans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'mlflow.db'}", new=True)
    register(store, tmp_path / "one", column("amount", "double"))
    register(
        store, tmp_path / "two", column("amount", "double"), column("age", "long"), column("country", "string"),
        column("income", "double"), column("note", "string", required=False),
    )  # fmt: skip
    store.client.set_registered_model_alias("loans", "champion", "2")
    with open_workspace(load_case(loans)) as workspace:
        newest, first = (compare_model(store, "loans", workspace, version) for version in ("champion", "1"))
        with pytest.raises(SelectionError, match=r"no version '7'\. Registered: 1, 2/champion"):
            compare_model(store, "loans", workspace, "7")
        with pytest.raises(SelectionError, match="Did you mean 'loans'"):
            compare_model(store, "loan", workspace)
    verdicts = dict(zip(newest.table["column"], newest.table["verdict"], strict=True))
    assert verdicts == {"amount": "fits", "age": "type", "country": "fits", "income": "missing", "note": "missing_optional"}
    assert not newest.fits
    assert first.fits
    assert set(first.table.loc[first.table["verdict"] == "extra", "column"]) == {"age", "country"}
    assert newest.logged == {"1": "1", "champion": "2", "v9": None}
    assert import_mlflow(loans, "loans", str(tmp_path / "mlflow.db"), "", str(tmp_path / "fit.csv"), quiet=True) == 1
    said = capsys.readouterr().out
    assert "loans 2/champion: 2 of 5 columns fit, by 400 rows of production." in said
    assert "income (double): production has no such column" in said
    assert "Production names the version 'v9', which is no version, alias or run of this model." in said
    assert (tmp_path / "fit.csv").stat().st_size > 100


def test_no_other_machine_is_asked_unless_the_settings_name_it(loans: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is not on this machine"):
        open_store("https://mlflow.example.org", new=True)
    with pytest.raises(SourceError, match="no store of that name"):
        open_store("team", new=False)
    store = open_store(str(tmp_path / "mlflow.db"), new=True)
    store.client.create_experiment("away", artifact_location="s3://bucket/somewhere")
    with pytest.raises(SettingError, match=r"keeps artifacts at s3://bucket, which is not on this machine"):
        export_mlflow(loans, str(tmp_path / "mlflow.db"), "away", Options(quiet=True))
    settings = tmp_path / "config" / "driftscope"
    settings.mkdir(parents=True)
    (settings / "mlflow.toml").write_text(f'[team]\nuri = "sqlite:///{tmp_path / "mlflow.db"}"\n', encoding="utf-8")
    assert open_store("team", new=False).place("s3://bucket/x") is None
    (settings / "mlflow.toml").write_text('[team]\nurl = "x"\n', encoding="utf-8")
    with pytest.raises(SettingError, match=r"mlflow\.toml': team"):
        open_store("team", new=False)


def test_a_file_that_is_no_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(SourceError, match="is no store of MLflow that can be opened"):
        open_store(str(tmp_path / "a.db"), new=False)
