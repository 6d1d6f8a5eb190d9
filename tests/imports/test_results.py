"""Results of other tools, from files that these tools wrote (files/make.py)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.errors import SelectionError, SourceError
from monitor.imports.beside import Agreement, agreement
from monitor.imports.kept import drop_import, keep_import, list_imports
from monitor.imports.known import Read, Window, read_results
from monitor.imports.table import Reported, table_of

FILES = Path(__file__).parent / "files"
WEEK = Window("2026-02-02T00:00:00Z", "2026-02-09T00:00:00Z")


def read(name: str, window: Window | None = None, timezone: str = "UTC") -> Read:
    return read_results(FILES / name, timezone, window)


def found(read: Read, **wanted: str | None) -> list[Reported]:
    return [one for one in read.rows if all(getattr(one, name) == value for name, value in wanted.items())]


def only(read: Read, **wanted: str | None) -> Reported:
    (one,) = found(read, **wanted)
    return one


def test_a_report_of_evidently_has_its_own_alarms_and_no_time() -> None:
    report = read("evidently-report.json")
    amount = only(report, column="amount", method="evidently.ks")
    assert amount.value == pytest.approx(0, abs=1e-9)
    assert (amount.threshold_lower, amount.threshold_upper, amount.alarm, amount.start) == (0.05, None, True, "")
    assert only(report, column="country", metric="ValueDrift").alarm is False
    psi = only(report, column="amount", method="evidently.psi")
    assert (psi.threshold_upper, psi.alarm) == (0.1, True)
    share = only(report, metric="DriftedColumnsCount.share")
    assert (share.value, share.threshold_upper, share.alarm) == (pytest.approx(1 / 3), 0.5, False)
    assert only(report, metric="UniqueValueCount.shares.DE").value == pytest.approx(1 / 3)
    assert [note for note in report.notes if "--window" in note]
    assert {(one.start, one.end) for one in read("evidently-report.json", WEEK).rows} == {(WEEK.start, WEEK.end)}


def test_a_snapshot_of_evidently_says_when_on_the_clock_of_the_case() -> None:
    snapshot = read("evidently-snapshot.json", timezone="America/New_York")
    mean = only(snapshot, column="amount", metric="MeanValue")
    assert mean.value == pytest.approx(58, abs=1.5)
    assert (mean.start, mean.end, mean.alarm) == ("2026-02-02T05:00:00Z", "", True)


def test_evidently_before_its_seventh_version_is_read_too() -> None:
    report, tests, snapshot = (read(f"evidently-legacy-{name}.json") for name in ("report", "tests", "snapshot"))
    amount = only(report, column="amount", metric="DataDriftTable")
    assert (amount.method, amount.threshold_lower, amount.alarm) == ("evidently.ks", 0.05, True)
    assert report.version == "0.7.23"
    assert "ColumnSummaryMetric" in " ".join(report.notes)
    assert only(tests, column="amount").alarm
    assert only(tests, metric="Share of Drifted Columns").threshold_upper is not None
    assert only(snapshot, column="country").method == "evidently.jensenshannon"


@pytest.mark.parametrize("name", ["nannyml-drift.csv", "nannyml-drift-flat.csv", "nannyml-drift.parquet"])
def test_drift_of_nannyml_is_the_same_in_each_form(name: str) -> None:
    drift = read(name)
    amount = found(drift, column="amount", method="nannyml.jensen_shannon")
    assert [one.alarm for one in amount] == [False, False, True]
    assert amount[-1].threshold_upper == pytest.approx(0.1, abs=0.1)
    assert (amount[-1].start, amount[-1].end) == ("2026-02-09T00:00:00Z", "2026-02-16T00:00:00Z")
    assert {one.column for one in drift.rows} == {"amount", "country"}
    assert "chunks of the reference were left out" in " ".join(drift.notes)


def test_an_estimate_of_nannyml_has_its_interval_and_both_thresholds() -> None:
    first = read("nannyml-cbpe.csv").rows[0]
    assert first.metric == "roc_auc"
    assert first.column is first.method is None
    assert first.lower is not None
    assert first.value is not None
    assert first.upper is not None
    assert first.lower < first.value < first.upper
    assert first.threshold_lower is not None
    assert first.threshold_upper is not None


def test_a_profile_of_whylogs_is_read_without_whylogs() -> None:
    profile, view = read("whylogs-profile.bin"), read("whylogs-view.json")
    assert profile.version == "1.6.4"
    assert {one.start for one in profile.rows} == {"2026-02-02T00:00:00Z"}
    assert "distribution/kll: a sketch" in " ".join(profile.notes)
    for metric in ("counts/n", "counts/null", "types/fractional", "distribution/mean", "distribution/stddev"):
        assert only(profile, column="age", metric=metric).value == pytest.approx(only(view, column="age", metric=metric).value), metric
    assert found(profile, column="country", metric="distribution/mean") == []
    assert only(view, column="age", metric="distribution/median").value is not None


def test_statistics_and_violations_of_sagemaker() -> None:
    statistics, violations = read("sagemaker-statistics.json", WEEK), read("sagemaker-violations.json")
    assert only(statistics, column="amount", metric="num_missing").value == 2
    assert only(statistics, column="country", metric="distinct_count").start == WEEK.start
    drift = only(violations, column="amount")
    assert (drift.alarm, drift.value) == (True, None)
    assert drift.message is not None
    assert "0.35 exceeds" in drift.message


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b'{"a": 1}', "none of the files that are read"),
        ("a.json", b'{"features": [{"name": "a", "completeness": 1.0}]}', "'driftscope contract import CASE FILE'"),
        ("a.jsonl", b'{"captureData": {}}', "'driftscope import captures FILE... --out DIR'"),
        ("a.csv", b"a,b\n1,2\n", "neither NannyML's"),
        ("a.csv", b"", "cannot be read as a table"),
        ("a.parquet", b"PAR1", "cannot be read as a table"),
        ("a.bin", b"WHY1\xff\xff\xff\xff\xff", "ends in the middle"),
        ("a.bin", b"WHY1\x00\x05abc", "ends in the middle"),
        ("a.json", b'{"metrics": [{"config": 1, "value": 2}]}', "built otherwise"),
        ("a.json", b'{"metrics": [{"config": {}, "value": "x"}]}', "no number in it was understood"),
        ("a.json", b'{"metrics": [{"metric": "a", "result": {}}], "timestamp": "soon"}', "'soon' is no moment"),
        ("a.csv", b"chunk_key,chunk_start_date,x_value\n1,,2\n", "has no start date"),
    ],
)
def test_what_is_none_is_said(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=re.escape(why)):
        read_results(path, "UTC")


def test_numbers_that_are_none_are_null_and_a_cut_profile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '{"metrics": [{"config": {"type": "x:Mean"}, "value": {"a": NaN, "b": Infinity, "c": 1, "d": true}}]}', encoding="utf-8"
    )
    assert [(one.metric, one.value) for one in read_results(path, "UTC").rows] == [("Mean.c", 1.0)]
    whole = (FILES / "whylogs-profile.bin").read_bytes()
    for length in range(4, len(whole), 97):
        (tmp_path / "cut.bin").write_bytes(whole[:length])
        with pytest.raises(SourceError, match=r"damaged|understood"):
            read_results(tmp_path / "cut.bin", "UTC")


def test_a_period_that_the_file_contradicts_is_refused() -> None:
    with pytest.raises(SourceError, match="says itself that it is of 2026-02-02"):
        read("whylogs-profile.bin", Window("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"))


def test_an_import_is_kept_once_listed_and_taken_away(shop: Path) -> None:
    case = load_case(shop)
    kept = keep_import(case, FILES / "nannyml-drift.csv", read("nannyml-drift.csv"))
    with pytest.raises(SelectionError, match=r"holds what 'nannyml-drift.csv' held"):
        keep_import(case, FILES / "nannyml-drift-flat.csv", read("nannyml-drift-flat.csv"))
    table = list_imports(case).table
    assert len(table) == len(kept.rows) == 9
    assert table["start"].dtype == "datetime64[us]"
    assert set(table["tool"]) == {"nannyml"}
    drop_import(case, kept.id)
    assert list_imports(case).table.empty


def test_a_damaged_import_is_named_and_left_alone(shop: Path) -> None:
    case = load_case(shop)
    kept = keep_import(case, FILES / "nannyml-cbpe.csv", read("nannyml-cbpe.csv"))
    path = next((shop / ".driftscope").rglob(f"{kept.id}.json"))
    content = json.loads(path.read_text(encoding="utf-8"))
    content["rows"][0]["start"] = "<script>"
    path.write_text(json.dumps(content), encoding="utf-8")
    listed = list_imports(case)
    assert listed.kept == ()
    assert "was left as it is" in listed.unreadable[0].message


def test_agreement_counts_a_period_once_and_only_where_both_judged() -> None:
    starts = ["2026-02-02T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-09T00:00:00Z", "2026-02-16T00:00:00Z", "2026-02-23T00:00:00Z"]
    rows = [
        Reported(metric="drift", column="a", method=f"m{place}", alarm=alarm, start=start)
        for place, (start, alarm) in enumerate(zip(starts, [False, True, True, False, None], strict=True))
    ]
    table = table_of(rows).assign(our_status=["alert", "alert", "stable", "warning", "alert"])
    assert agreement(table) == [Agreement("a", both=1, theirs=1, ours=1, neither=0)]
