"""Numbers for Prometheus and from it: the text formats by hand, and what they leave out."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.operations import measure_operations
from monitor.cli.exporting import import_prometheus
from monitor.engine import open_tables
from monitor.errors import SettingError, SourceError
from monitor.export.openmetrics import Family, Sample, families_of, render
from monitor.export.prometheus import read_range
from monitor.judgement.operations import judge_operations

MATRIX = (
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"node"},'
    '"values":[[1435781430.781,"1"],[1435781445.781,"NaN"],[1435781460.781,"+Inf"]]}]}}'
)


def test_a_counter_a_unit_and_a_moment_are_written_as_each_format_wants() -> None:
    families = [
        Family("driftscope_runs", "Runs.", (Sample({"job": "a"}, 3.0, 12.5),), type="counter"),
        Family("driftscope_age_seconds", "Age.", (Sample({}, float("nan")),), unit="seconds"),
    ]
    assert render(families).splitlines() == [
        "# HELP driftscope_runs Runs.", "# TYPE driftscope_runs counter", 'driftscope_runs_total{job="a"} 3 12.5',
        "# HELP driftscope_age_seconds Age.", "# TYPE driftscope_age_seconds gauge", "# UNIT driftscope_age_seconds seconds",
        "driftscope_age_seconds{} NaN", "# EOF",
    ]  # fmt: skip
    assert render(families, "prometheus").splitlines() == [
        "# HELP driftscope_runs_total Runs.", "# TYPE driftscope_runs_total counter", 'driftscope_runs_total{job="a"} 3',
        "# HELP driftscope_age_seconds Age.", "# TYPE driftscope_age_seconds gauge", "driftscope_age_seconds{} NaN",
    ]  # fmt: skip


def test_values_of_prometheus_are_texts_that_may_be_no_numbers() -> None:
    found = read_range(MATRIX)
    assert found["metric"].tolist() == ["up"] * 3
    assert found["value"].iloc[0] == 1
    assert math.isnan(found["value"].iloc[1])
    assert math.isinf(found["value"].iloc[2])
    assert found["timestamp"].iloc[0] == pd.Timestamp("2015-07-01T20:10:30.781")
    vector = MATRIX.replace("matrix", "vector").replace('"values":[[1435781430.781,"1"],', '"value":[1435781430.781,"1"],"x":[')
    assert len(read_range(vector)) == 1


def test_labels_called_as_a_column_are_kept() -> None:
    found = read_range(MATRIX.replace('"job":"node"', '"timestamp":"a","value":"b","metric":"c","exported_value":"d"'))
    assert found.columns.tolist() == [
        "metric",
        "exported_timestamp",
        "exported_exported_value",
        "exported_metric",
        "exported_value",
        "timestamp",
        "value",
    ]
    assert found.iloc[0, :5].tolist() == ["up", "a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no", "This is no JSON"),
        ("[]", "no answer of Prometheus"),
        ('{"status":"error","errorType":"bad_data","error":"parse error"}', r"\(bad_data\): parse error"),
        ('{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}', "type 'scalar' is not read"),
        (MATRIX.replace('"values"', '"histograms"'), "Native histograms are not read"),
        (MATRIX.replace('"1"', '"one"'), "no pair of time and number"),
    ],
)
def test_what_is_no_range_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_range(text)


def test_a_range_becomes_a_table(tmp_path: Path) -> None:
    (tmp_path / "range.json").write_text(MATRIX, encoding="utf-8")
    import_prometheus(tmp_path / "range.json", tmp_path / "range.parquet", quiet=True)
    assert pd.read_parquet(tmp_path / "range.parquet")["job"].tolist() == ["node"] * 3
    with pytest.raises(SettingError, match=r"must end in \.csv or \.parquet"):
        import_prometheus(tmp_path / "range.json", tmp_path / "range.txt", quiet=True)


def test_what_was_judged_is_told_of_the_last_whole_window() -> None:
    def rows(start: str, days: int) -> pd.DataFrame:
        at = pd.date_range(start, periods=days * 48, freq="30min")
        return pd.DataFrame({"at": at, "ms": np.random.default_rng(days).lognormal(4, 0.3, len(at))})

    with open_tables(rows("2026-01-01", 20), rows("2026-02-01", 5), roles={"timestamp": "at", "latency_ms": "ms"}, task="none",
                     windows="1 day") as workspace:  # fmt: skip
        judged = judge_operations(measure_operations(workspace))
    text = render(families_of([judged], "a"))
    assert 'driftscope_operation{case="a",segment="",metric="requests"} 48 1770336000' in text
    assert 'driftscope_window_end_seconds{case="a",analysis="operations"} 1770336000' in text
    assert 'driftscope_findings{case="a",analysis="operations",status="alert",state="new"} 0' in text
    assert text.endswith("# EOF\n")
