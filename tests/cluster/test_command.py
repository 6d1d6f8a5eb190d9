"""`driftscope measure drift --engine spark` says what DuckDB says."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.case import Case, load_case
from monitor.cli.measuring import Options, request_of
from monitor.engine import open_workspace
from monitor.engine.spark import open_with_spark
from monitor.engine.spark.session import told
from monitor.errors import CancelledError, KindError, SelectionError, SourceError
from monitor.registry import find_analysis, run_analysis
from tests.cluster.test_counting import ROLES
from tests.engine.conftest import MakeCase
from tests.engine.test_partial import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_a_whole_analysis_judges_alike_and_says_what_counted(session: SparkSession, tmp_path: Path, make_case: MakeCase) -> None:
    case, found = make_case(rows(3_000, 0), rows(3_000, 1), kinds={"note": "text"}, **ROLES), []
    (tmp_path / "spark").mkdir()
    for opened in (open_workspace(case, cache=tmp_path), open_with_spark(case, session, cache=tmp_path / "spark")):
        with opened as workspace:
            asked = request_of(workspace, Options(columns="wide,f,few,level,many,due"))
            found.append(run_analysis(find_analysis("drift"), workspace, asked.question).result)
    one, other = (result.table for result in found)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    engines = [result.provenance.settings.get("engine") for result in found]
    assert engines[0] is None
    assert engines[1].startswith("Spark 4")


def small(root: Path, extra: str = "") -> Case:
    rows = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=300, freq="h"), "x": range(300), "y": range(300)})
    for name in ("reference", "production"):
        rows.to_parquet(root / f"{name}.parquet")
    data = '[case]\nname = "t"\ntask = "none"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
    (root / "case.toml").write_text(data + extra)
    return load_case(root)


def test_methods_that_need_values_are_said_not_to_be_asked(session: SparkSession, tmp_path: Path) -> None:
    with open_with_spark(small(tmp_path, '[roles]\ntimestamp = "at"\n'), session) as workspace:
        found = measure_drift(workspace, Question(windows="1 day"), methods=("all", "nannyml.all"))
    assert set(found.table["basis"]) == {"cells"}
    said = [skip.message for skip in found.skipped if "gives counts alone" in skip.message]
    assert any("nannyml" in message for message in said)


def test_what_needs_an_order_of_rows_is_refused(session: SparkSession, tmp_path: Path) -> None:
    with open_with_spark(small(tmp_path), session) as workspace, pytest.raises(SelectionError, match="need the order of all rows"):
        measure_drift(workspace)


def test_work_that_is_called_off_ends_and_leaves_the_session_as_it_was(session: SparkSession, tmp_path: Path) -> None:
    called_off = Event()

    def progress(_share: float, text: str) -> None:
        if "Spark" in text:
            called_off.set()

    with open_with_spark(small(tmp_path, '[roles]\ntimestamp = "at"\n'), session) as workspace:
        with pytest.raises(CancelledError):
            measure_drift(workspace, Question(windows="1 day"), progress=progress, cancel=called_off)
        assert len(measure_drift(workspace, Question(windows="1 day")).table)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("...\nmonitor.errors.KindError: A value does not fit.\n\tat x", KindError, "A value does not fit."),
        ("ModuleNotFoundError: No module named 'monitor'", Exception, "Install the same version there"),
        (
            "An error occurred while calling None.x.\n: java.lang.IllegalStateException: no\n\tat y",
            SourceError,
            "java.lang.IllegalStateException: no",
        ),
        ("An error\nCaused by: java.io.IOException: gone", SourceError, "java.io.IOException: gone"),
    ],
)
def test_complaints_of_workers(text: str, kind: Any, said: str) -> None:
    error = told(text, "counting")
    assert isinstance(error, kind)
    assert said in json.dumps(str(error))
