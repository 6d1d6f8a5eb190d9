"""A profile store answers as the raw case does, to the last bit, when the raw rows are gone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.operations import measure_operations
from monitor.analyses.quality import measure_quality
from monitor.analyses.sides import Question
from monitor.case import Case, load_case
from monitor.cli.keeping import merge_stores, write_case
from monitor.engine import Selection, open_workspace
from monitor.engine.kept.writing import Keeping, Report, keep
from monitor.engine.sampling import values
from monitor.errors import RowsGoneError, SourceError
from monitor.registry.catalogue import REGISTRY
from monitor.watch import Watch

TOML = """
[case]
name = "kept"
task = "binary"
[data]
reference = "reference.parquet"
production = "days/*.parquet"
labels = "labels.parquet"
[roles]
timestamp = "ts"
id = "id"
prediction = "said"
score = "score"
label = "y"
label_timestamp = "known"
positive_class = 1
latency_ms = "ms"
segments = ["level"]
[windows]
size = "1 week"
timezone = "Europe/Berlin"
"""
FIRST = pd.Timestamp("2025-03-10", tz="UTC")


def rows(first: pd.Timestamp, days: int, n: int, seed: int) -> pd.DataFrame:
    """Return numbers that repeat, are missing or infinite, levels of few and many names, times of which some are missing."""
    rng = np.random.default_rng(seed)
    f = rng.normal(50, 10, n).round(1)
    f[: n // 4] = 7.5
    f[-3:] = [np.nan, np.inf, 1e300]
    stamp = pd.Series(first + pd.to_timedelta(np.sort(rng.integers(0, days * 86_400, n)), unit="s"))
    stamp[rng.random(n) < 0.01] = pd.NaT
    return pd.DataFrame(
        {
            "ts": stamp,
            "id": np.arange(n) + seed * 100_000,
            "f": f,
            "many": [f"id-{i}" for i in rng.zipf(1.4, n) % 3_000],
            "level": rng.choice(["a", "b", "unknown", None], n),
            "said": rng.integers(0, 2, n),
            "score": rng.random(n),
            "ms": rng.lognormal(3, 1, n),
        }
    )


@pytest.fixture
def raw(tmp_path: Path) -> Case:
    """Return a case of five weeks in two files, of which the second lacks a column, and its labels."""
    root = tmp_path / "raw"
    (root / "days").mkdir(parents=True)
    (root / "case.toml").write_text(TOML)
    parts = [rows(FIRST, 21, 2_000, 2), rows(FIRST + pd.Timedelta("21D"), 14, 1_500, 3).drop(columns="many")]
    rows(FIRST - pd.Timedelta("70D"), 70, 4_000, 1).assign(y=0).to_parquet(root / "reference.parquet")
    for i, part in enumerate(parts):
        part.to_parquet(root / "days" / f"{i}.parquet")
    labels(parts[0]).to_parquet(root / "labels.parquet")
    return load_case(root)


def labels(of: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"id": of["id"], "y": (of["score"] > 0.7).astype(int), "known": FIRST + pd.Timedelta("40D")})


def store(case: Case, **how: int) -> tuple[Case, Report]:
    folder = case.root.parent / "store"
    manifest, report = keep(case, folder, Keeping(**how), Watch())
    write_case(case, folder, manifest)
    return load_case(folder), report


def lose(case: Case, *names: str) -> None:
    for name in names:
        (case.root / "days" / name).unlink()


@pytest.mark.parametrize("windows", ["1 week", "1 day", "whole"])
def test_drift_and_quality_are_those_of_the_raw_case(raw: Case, windows: str) -> None:
    april = Selection.parse("2025-03-17..2025-04-08", timezone="Europe/Berlin")
    asked = Question(production=april, windows=windows)
    with open_workspace(raw) as workspace:
        expected = [measure(workspace, asked) for measure in (measure_drift, measure_quality)]
    kept, _ = store(raw)
    lose(raw, "0.parquet", "1.parquet")
    with open_workspace(kept) as workspace:
        for one, measure in zip(expected, (measure_drift, measure_quality), strict=True):
            found = measure(workspace, asked)
            pd.testing.assert_frame_equal(found.table, one.table, check_exact=True)
            assert found.provenance.rows == one.provenance.rows
            assert found.skipped == one.skipped


def test_a_store_written_before_rows_of_decimals_were_kept_tells_of_different_values(raw: Case) -> None:
    kept, _ = store(raw)
    for file in (kept.root / "checks").rglob("*.parquet"):
        pq.write_table(pq.read_table(file).drop_columns(["rows_hit", "rows_known"]), file)
    with open_workspace(kept) as workspace:
        found = [one for one in measure_quality(workspace).checks if one.check == "precision"]
    assert found
    assert all(one.rows is None for one in found)


def test_operations_are_too_and_a_replaced_file_is_counted_alone(raw: Case) -> None:
    store(raw)
    part = rows(FIRST + pd.Timedelta("21D"), 20, 1_800, 9)
    part.to_parquet(raw.root / "days" / "1.parquet")
    labels(part).to_parquet(raw.root / "labels.parquet")
    kept, report = store(raw)
    assert (report.replaced, report.kept, report.labels) == (["days/1.parquet"], ["days/0.parquet"], ["labels.parquet"])
    with open_workspace(raw) as workspace, open_workspace(kept) as again:
        pd.testing.assert_frame_equal(measure_drift(again).table, measure_drift(workspace).table, check_exact=True)
        # The join with late labels keeps no order of rows, and sums of floats know it.
        pd.testing.assert_frame_equal(measure_operations(again).table, measure_operations(workspace).table, rtol=1e-12)


def test_late_rows_add_to_days_that_others_have(raw: Case) -> None:
    store(raw)
    rows(FIRST + pd.Timedelta("2D"), 3, 400, 5).to_parquet(raw.root / "days" / "late.parquet")
    kept, report = store(raw)
    assert report.counted == ["days/late.parquet"]
    with open_workspace(raw) as workspace, open_workspace(kept) as again:
        pd.testing.assert_frame_equal(measure_drift(again).table, measure_drift(workspace).table, check_exact=True)
        assert any(note.reason == "shared_days" for note in again.notes)


def test_what_needs_rows_is_refused_or_told_of_the_sample(raw: Case) -> None:
    kept, _ = store(raw, sample=500)
    with open_workspace(kept) as workspace:
        with pytest.raises(RowsGoneError, match="needs the rows of 'f'"):
            values(workspace, Selection("production"), "f")
        judged = REGISTRY["drift"].run(workspace, Question(production=Selection(where="level = 'a'")))
        assert int(judged.table["n_production"].max()) < 200
        assert any(note.reason == "sampled" for note in judged.skipped)


def test_retention_deletes_and_does_not_count_again(raw: Case) -> None:
    kept, report = store(raw, keep_days=14)
    assert report.deleted == ["days/0.parquet"]
    assert [path.name[:1] for path in (kept.root / "rows").glob("*.parquet")] == ["1"]
    _, report = store(raw)
    assert report.before == ["days/0.parquet"]


def test_another_reference_is_refused_when_rows_are_gone(raw: Case) -> None:
    store(raw)
    lose(raw, "0.parquet")
    rows(FIRST - pd.Timedelta("70D"), 70, 4_100, 8).assign(y=0).to_parquet(raw.root / "reference.parquet")
    with pytest.raises(SourceError, match=r"the rows of 'days/0\.parquet' are gone"):
        store(raw)


def test_stores_of_one_case_merge(raw: Case) -> None:
    whole, _ = store(raw)
    with open_workspace(whole) as workspace:
        expected = measure_drift(workspace).table
    halves = []
    for name, other in (("0.parquet", "1.parquet"), ("1.parquet", "0.parquet")):
        aside = raw.root / "days" / f"{other}.aside"
        (raw.root / "days" / other).rename(aside)
        folder = raw.root.parent / f"half-{name}"
        manifest, _ = keep(raw, folder, Keeping(sample=200 if name[0] == "0" else 400), Watch())
        write_case(raw, folder, manifest)
        halves.append(folder)
        aside.rename(raw.root / "days" / other)
    out = raw.root.parent / "merged"
    merge_stores(halves, out, quiet=True)
    with open_workspace(load_case(out)) as workspace:
        pd.testing.assert_frame_equal(measure_drift(workspace).table, expected, check_exact=True)
        assert workspace.sampled().rows("production") < 450
