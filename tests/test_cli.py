from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor import cli
from monitor.cli import main, serving
from monitor.errors import CancelledError
from monitor.judgement.drift_table import JUDGED
from monitor.judgement.findings import FINDINGS
from monitor.judgement.performance_table import JUDGED as PERFORMANCE
from monitor.registry import REGISTRY
from monitor.ui.state import CASES_VARIABLE
from tests.pages.cases import some_of

Run = Callable[..., "Ended"]


class Ended:
    """How a command ended: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def complaint(self) -> str:
        """The one line of a command that could not run."""
        assert self.code == 2, self.err
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err.removeprefix("driftscope: ").strip()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> Ended:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        told = capfd.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return go


def rows(count: int, start: str, *, shift: float = 0.0, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    at = pd.date_range(start, periods=count, freq="1h").as_unit("us")
    return pd.DataFrame(
        {"at": at, "x": draw.normal(shift, 1, count), "y": draw.normal(0, 1, count), "city": draw.choice(["Oslo", "Rome"], count)}
    )


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write two tables and their case.toml; return the folder."""

    def write(reference: pd.DataFrame, production: pd.DataFrame, toml: str = '[roles]\ntimestamp = "at"\n') -> Path:
        reference.to_parquet(tmp_path / "reference.parquet")
        production.to_parquet(tmp_path / "production.parquet")
        data = '[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
        (tmp_path / "case.toml").write_text(f'[case]\nname = "small"\ntask = "binary"\n{data}{toml}')
        return tmp_path

    return write


@pytest.fixture
def moved(make: Callable[..., Path]) -> Path:
    """Return a case whose column x moves up by two standard deviations."""
    return make(rows(2000, "2024-01-01"), rows(1500, "2024-04-01", shift=2, seed=1))


@pytest.fixture
def still(make: Callable[..., Path]) -> Path:
    """Return a case in which nothing changes."""
    return make(rows(2000, "2024-01-01"), rows(1500, "2024-04-01", seed=1))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(), parse_constant=pytest.fail)
    return found


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the documented command on the demo: some months of every sixteenth flight."""
    out = tmp_path_factory.mktemp("flights")
    some_of("flights", 16, 5)(out / "case")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTSCOPE_CACHE", str(out))
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["measure", "drift", str(out / "case"), "--windows", "1 week", "--out", str(out / "drift.json")])
    return read(out / "drift.json")


def test_the_demo_has_the_documented_columns_for_every_feature(flights: dict[str, Any]) -> None:
    table = pd.DataFrame(flights["table"])
    assert list(table.columns[: len(JUDGED.columns)]) == list(JUDGED.columns)
    assert table["column"].nunique() == 20
    assert table.groupby("column")["window"].nunique().eq(22).all()
    assert flights["provenance"]["rows"]["production"]["used"] == 9_010


def test_temperature_stands_out_in_july_beyond_its_own_expectation(flights: dict[str, Any]) -> None:
    warm = pd.DataFrame(flights["table"]).query("column == 'temp_f' and window >= '2013-W27' and window <= '2013-W30' and primary")
    assert len(warm) == 4
    assert warm["status"].eq("alert").all()
    assert (warm["expected"] < warm["score"]).all()
    told = pd.DataFrame(flights["findings"]).query("what == 'temp_f' and status == 'alert'")
    assert told["sentence"].str.contains("above the reference's largest").any()


@pytest.mark.parametrize("suffix", ["json", "csv", "parquet"])
def test_measure_writes_every_form(run: Run, moved: Path, suffix: str) -> None:
    out = moved / f"drift.{suffix}"
    ended = run("measure", "drift", moved, "--out", out)
    assert (ended.code, ended.out) == (0, "")
    assert "1 of 3 columns changed: x, since 1 Apr." in ended.err
    tables = {"json": lambda: pd.DataFrame(read(out)["table"]), "csv": lambda: pd.read_csv(out), "parquet": lambda: pd.read_parquet(out)}
    table = tables[suffix]()
    assert table.loc[table["primary"] & (table["column"] == "x"), "status"].eq("alert").all()


def test_a_dash_prints_json_and_quiet_says_nothing_else(run: Run, moved: Path) -> None:
    ended = run("measure", "drift", moved, "--windows", "whole", "--out", "-", "--quiet")
    assert json.loads(ended.out)["table"][0]["window"] == "whole"
    assert ended.err == ""


def test_options_narrow_the_question(run: Run, moved: Path) -> None:
    run("measure", "drift", moved, "--windows", "1 day", "--production", "2024-04-08..2024-04-15", "--columns", "x, city",
        "--methods", "psi,js", "--where", "city = 'Oslo'", "--seed", "7", "--out", moved / "d.json")  # fmt: skip
    found = read(moved / "d.json")
    table = pd.DataFrame(found["table"])
    assert sorted(table["window"].unique()) == [f"2024-04-{day:02d}" for day in range(8, 15)]
    assert (set(table["column"]), found["provenance"]["seed"]) == ({"x", "city"}, 7)
    assert set(table.loc[table["column"] == "city", "method"]) == {"psi", "js"}
    assert set(table["method"]) <= {"psi", "js", "out_of_range"}  # facts speak for themselves, whatever was asked for
    assert found["provenance"]["selections"]["reference"] == "reference, where city = 'Oslo'"


@pytest.mark.parametrize(
    ("against", "described"),
    [
        ("2024-04-01..2024-04-15", "production from 2024-04-01 00:00 to 2024-04-15 00:00 UTC"),
        ("2024-01-08..2024-02-08", "reference from 2024-01-08 00:00 to 2024-02-08 00:00 UTC"),
        ("2024-02", "reference from 2024-02-01 00:00 to 2024-03-01 00:00 UTC"),
        ("rolling:2", "reference"),
    ],
)
def test_what_is_compared_against(run: Run, moved: Path, against: str, described: str) -> None:
    assert run("measure", "drift", moved, "--against", against, "--windows", "1 day", "--out", moved / "d.json").code == 0
    assert read(moved / "d.json")["provenance"]["selections"]["reference"] == described


def test_set_changes_a_threshold(run: Run, moved: Path) -> None:
    run(
        "measure",
        "drift",
        moved,
        "--set",
        "drift.floor=99",
        "--set",
        "drift.floors.out_of_range=99",
        "--set",
        "drift.method.x=js",
        "--out",
        moved / "d.json",
    )
    table = pd.DataFrame(read(moved / "d.json")["table"])
    assert table.loc[table["primary"] & (table["column"] == "x"), "status"].eq("stable").all()


def test_set_reaches_a_column_whose_name_holds_dots_and_quotes(run: Run, make: Callable[..., Path]) -> None:
    reference, production = (rows(1200, start).rename(columns={"x": 'a.b = "c"'}) for start in ("2024-01-01", "2024-04-01"))
    case = make(reference, production)
    out = case / "out.json"
    assert run("measure", "drift", case, "--out", out, "--set", 'drift.fixed."a.b = \\"c\\":js"=0.0001').code == 0
    table = pd.DataFrame(read(out)["table"]).query("method == 'js'")
    fixed = table[table["column"] == 'a.b = "c"']
    assert set(fixed[fixed["n_production"] >= 30]["status"]) == {"alert"}
    assert set(fixed["threshold_from"]) == {"fixed"}
    assert set(table[table["column"] == "y"]["threshold_from"]) == {"expectation"}


def test_two_parts_of_production_are_compared_and_change_places(run: Run, make: Callable[..., Path]) -> None:
    roles = '[roles]\ntimestamp = "at"\nmodel_version = "v"\n'
    case = make(rows(600, "2024-01-01").assign(v="1"), rows(1200, "2024-04-01").assign(v=["1", "2"] * 600), roles)
    parts = ("--against", "production", "--against-version", "1", "--version", "2", "--production-where", "city = 'Oslo'")
    told = ("version 1", "version 2, where city = 'Oslo'")
    for more, sides in (((), told), (("--swap",), told[::-1])):
        assert run("measure", "drift", case, "--out", case / "out.json", *parts, *more).code == 0
        said = read(case / "out.json")["provenance"]["selections"]
        assert tuple(said[side].removeprefix("production of model ") for side in ("reference", "production")) == sides


def test_a_file_against_the_rest_of_production(run: Run, make: Callable[..., Path]) -> None:
    case = make(rows(600, "2024-01-01"), rows(600, "2024-04-01"))
    rows(600, "2024-06-01", seed=1).to_parquet(case / "production.2.parquet")
    toml = case / "case.toml"
    toml.write_text(toml.read_text().replace('"production.parquet"', '"production*.parquet"'))
    assert run("measure", "drift", case, "--out", case / "out.json", "--against", "production", "--file", "production.2.parquet").code == 0
    rows_of = read(case / "out.json")["provenance"]["rows"]
    assert (rows_of["production"]["used"], rows_of["reference"]["used"]) == (600, 600)
    assert rows_of["reference"]["excluded"] == {"on the other side too": 600}
    assert "no file 'x'" in run("measure", "drift", case, "--out", "-", "--file", "x").complaint


def test_the_profiles_of_other_tools_carry_their_own_verdict(run: Run, moved: Path) -> None:
    run("measure", "drift", moved, "--methods", "evidently,nannyml", "--out", moved / "d.json")
    table = pd.DataFrame(read(moved / "d.json")["table"]).query("method != 'out_of_range'")
    assert {name.partition(".")[0] for name in table["method"]} == {"evidently", "nannyml"}
    assert set(table["status"]) <= {"alert", "stable"}


def test_all_methods_of_another_tool_run_though_some_do_not_apply(run: Run, moved: Path) -> None:
    ended = run("measure", "drift", moved, "--methods", "evidently.all", "--windows", "1 month", "--out", moved / "d.json")
    assert ended.code == 0, ended.err
    found = read(moved / "d.json")
    table = pd.DataFrame(found["table"]).query("column == 'city'").set_index("method")
    assert set(table.loc["evidently.g_test", "status"]) == {"not_applicable"}
    assert table.loc["evidently.jensenshannon", "score"].notna().all()
    assert any("needs equally many rows" in one["message"] for one in found["skipped"] if one["what"] == "city")


def test_predictions_measures_the_score(run: Run, make: Callable[..., Path]) -> None:
    folder = make(rows(2000, "2024-01-01"), rows(1500, "2024-04-01", shift=2), '[roles]\ntimestamp = "at"\nscore = "x"\n')
    run("measure", "predictions", folder, "--out", folder / "p.json")
    found = read(folder / "p.json")
    assert found["analysis"] == "predictions"
    assert {row["column"] for row in found["table"]} == {"x"}


def test_predictions_by_a_column_have_a_segment_and_the_documented_columns(run: Run, make: Callable[..., Path]) -> None:
    toml = '[roles]\ntimestamp = "at"\nscore = "x"\nsegments = ["city"]\n'
    folder = make(rows(2000, "2024-01-01"), rows(1500, "2024-04-01", shift=2), toml)
    ended = run("measure", "predictions", folder, "--by", "city", "--out", folder / "p.json")
    assert ended.err.startswith("The model answer")
    found = read(folder / "p.json")
    table = pd.DataFrame(found["table"])
    assert list(table.columns[: len(JUDGED.columns)]) == list(JUDGED.columns)
    assert set(table["column"]) == {"x"}
    assert set(table["segment"]) == {"", "city = Oslo", "city = Rome"}
    assert not table.duplicated(["column", "segment", "window", "method"]).any()
    assert found["provenance"]["settings"]["by"] == "city"
    assert found["provenance"]["summary"]["family"] == 3


def test_the_same_seed_gives_the_same_table(run: Run, moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        monkeypatch.setenv("DRIFTSCOPE_CACHE", str(moved / name))
        run("measure", "drift", moved, "--windows", "1 month", "--methods", "default,mmd,energy", "--out", moved / f"{name}.csv")
    assert (moved / "a.csv").read_bytes() == (moved / "b.csv").read_bytes()


def test_check_exits_1_when_something_fired(run: Run, moved: Path) -> None:
    ended = run("check", moved, "--out", moved / "check.json")
    assert ended.code == 1
    assert ended.out == "alert: x is about 1.98 higher than before since 1 Apr.\n"
    table = pd.DataFrame(read(moved / "check.json")["table"])
    assert list(table.columns[:8]) == ["rule", "fired", "what", "kind", "status", "start", "end", "sentence"]
    fired = table[table["fired"]]
    assert set(fired["rule"]) == {"incidents"}
    assert set(table.loc[table["rule"] == "drift", "what"]) == {"x"}
    assert set(table["rule"]) <= {"incidents", "drift", "multivariate", "outliers"}  # the case has no role that predictions need
    assert set(fired["status"]) == {"alert"}
    assert fired["end"].isna().all()
    assert len(ended.out.splitlines()) == len(fired)


def test_findings_are_a_table_of_their_own_and_part_of_json(run: Run, moved: Path) -> None:
    assert run("measure", "drift", moved, "--out", moved / "d.json").code == 0
    assert run("measure", "drift", moved, "--findings", "--out", moved / "f.csv").code == 0
    within, alone = pd.DataFrame(read(moved / "d.json")["findings"]), pd.read_csv(moved / "f.csv")
    assert list(within.columns) == list(FINDINGS.columns) == list(alone.columns)
    assert within["run"].tolist() == alone["run"].tolist()
    assert set(alone["what"]) == {"x"}


def test_check_exits_0_when_nothing_fired(run: Run, still: Path) -> None:
    ended = run("check", still, "--out", still / "check.csv")
    assert (ended.code, ended.out) == (0, "")
    assert "Nothing fired. None of 3 columns changed" in ended.err
    assert pd.read_csv(still / "check.csv").empty


WITHOUT_ROLES = ("drift", "multivariate", "quality", "adversaries", "outliers", "operations", "incidents")
"""Analyses that a case without roles can be asked."""


def test_all_writes_every_analysis_that_the_case_has_the_roles_for(run: Run, still: Path) -> None:
    ended = run("measure", "all", still, "--out", still / "all")
    assert ended.code == 0
    assert sorted(path.name for path in (still / "all").iterdir()) == [f"{name}.json" for name in sorted(WITHOUT_ROLES)]
    assert read(still / "all" / "multivariate.json")["analysis"] == "multivariate"
    assert "Not measured: Predictions needs a column with the role prediction" in ended.err
    assert "belong to one analysis" in run("measure", "all", still, "--methods", "js", "--out", still / "all").complaint


def test_performance_reads_labels_that_come_as_a_file_of_their_own(run: Run, make: Callable[..., Path]) -> None:
    rng = np.random.default_rng(0)
    tables = []
    for start, days in (("2024-01-01", 20), ("2024-02-01", 10)):
        at = pd.date_range(start, periods=100 * days, freq="864s")
        score = rng.random(len(at))
        tables.append(
            pd.DataFrame({"at": at, "id": [f"{start}-{i}" for i in range(len(at))], "s": score, "y": rng.random(len(at)) < score})
        )
    labels = pd.concat(tables)[["id", "y"]]
    roles = '[roles]\ntimestamp = "at"\nid = "id"\nscore = "s"\nlabel = "y"\n'
    case = make(*(table.drop(columns="y") for table in tables), roles)
    labels.to_parquet(case / "labels.parquet")
    toml = case / "case.toml"
    toml.write_text(toml.read_text().replace("[data]\n", '[data]\nlabels = "labels.parquet"\n'))
    ended = run("measure", "performance", case, "--windows", "1 day", "--out", case / "p.json")
    assert ended.code == 0, ended.err
    found = read(case / "p.json")
    table = pd.DataFrame(found["table"])
    assert list(table.columns[: len(PERFORMANCE.columns)]) == list(PERFORMANCE.columns)
    assert table["label_share"].eq(1).all()
    assert table.loc[table["metric"] == "roc_auc", "value"].between(0.6, 1).all()
    assert "does not belong to 'drift'" in run("measure", "drift", case, "--as-of", "2024-02-03", "--out", "-").complaint
    assert (
        "does not belong to 'drift'. Use it with 'explanations'" in run("measure", "drift", case, "--rows", "500", "--out", "-").complaint
    )
    assert "is not a time" in run("measure", "performance", case, "--as-of", "soon", "--out", "-").complaint


def test_analyses_lists_the_registry(run: Run) -> None:
    assert [line.split()[0] for line in run("analyses").out.splitlines()] == list(REGISTRY)


def test_check_exits_2_when_it_could_not_run(run: Run, tmp_path: Path) -> None:
    assert "There is no case at" in run("check", tmp_path / "nowhere").complaint


def test_report(run: Run, moved: Path) -> None:
    assert run("report", moved, "--out", moved / "r.html").code == 0
    assert "1 of 3 columns changed: x, since 1 Apr" in (moved / "r.html").read_text()


def test_an_incident_is_measured_and_told_in_full(run: Run, moved: Path) -> None:
    assert run("measure", "incidents", moved, "--out", moved / "i.json").code == 0
    (row,) = json.loads((moved / "i.json").read_text())["table"]
    assert (row["state"], row["status"], row["workflow"]) == ("ongoing", "alert", "opened")
    told = run("explain", moved, row["incident"][:6])
    assert told.out.startswith(f"{row['title']} ({row['incident']})")
    assert "BELONGS TO IT" in told.out
    after = run("explain", moved, row["incident"][:6], "--postmortem").out
    assert "which options were tried on its rows" in after
    assert "options that were tried" not in after
    assert "There is no incident 'zzz'" in run("explain", moved, "zzz").complaint
    assert "must end in .json or .html or .md or .pptx or .pdf" in run("explain", moved, "zzz", "--out", moved / "i.docx").complaint


def test_a_report_names_no_folder_of_the_machine_and_carries_every_analysis(run: Run, moved: Path) -> None:
    assert run("report", moved, "--out", moved / "r.md").code == 0
    text = (moved / "r.md").read_text()
    assert str(moved) not in text
    assert "- Drift: 1 of 3 columns changed: x, since 1 Apr" in text
    assert "### Joint drift" in text
    assert "must end in .html or .md or .pptx" in run("report", moved, "--out", moved / "r.docx").complaint


def test_profile_counts_every_row(run: Run, moved: Path) -> None:
    assert run("profile", moved, "--out", moved / "profile").code == 0
    counts = pd.read_parquet(moved / "profile" / "production-counts.parquet")
    assert counts.groupby("column")["count"].sum().to_dict() == {"city": 1500, "x": 1500, "y": 1500}
    assert read(moved / "profile" / "reference.json")["rows"] == 2000


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is here")
def test_spark_is_said_not_to_be_there(run: Run, moved: Path) -> None:
    assert "needs the package pyspark" in run("profile", moved, "--engine", "spark", "--out", moved / "p").complaint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("measure", "drift", "--engine", "sparc"), "Did you mean 'spark'"),
        (("measure", "drift", "--master", "local[2]"), "Use it with --engine spark"),
        (("measure", "quality", "--engine", "spark"), "'--engine spark' is for 'drift'"),
        (("measure", "all", "--engine", "spark"), "belongs to one analysis"),
        (("measure", "drift", "--engine", "spark", "--master", "http://x"), "is no master of Spark"),
    ],
)
def test_what_an_engine_cannot(run: Run, moved: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in run(*arguments[:2], moved, *arguments[2:], "--out", moved / "d.json").complaint


def test_init_writes_a_case_that_can_be_measured(run: Run, moved: Path) -> None:
    ended = run("init", moved / "reference.parquet", moved / "production.parquet", "--out", moved / "new")
    assert ended.code == 0
    assert "at: timestamp, datetime" in ended.out
    assert run("measure", "drift", moved / "new", "--out", moved / "new" / "d.json").code == 0
    assert "There is a case already" in run("init", moved / "reference.parquet", "--out", moved / "new").complaint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["measure", "qualty", "CASE", "--out", "-"], "There is no analysis 'qualty'. Did you mean 'quality'? Use drift,"),
        (["measure", "forecast", "CASE", "--out", "-"], "There is no analysis 'forecast'. Use drift,"),
        (["measure", "drfit", "CASE", "--out", "-"], "There is no analysis 'drfit'. Did you mean 'drift'?"),
        (["measure", "drift", "CASE", "--out", "d.xlsx"], "must end in .json, .csv, .parquet"),
        (["measure", "drift", "CASE", "--out", "no/d.json"], "There is no folder 'no'"),
        (["measure", "drift", "CASE"], "Missing option '--out'"),
        (["measure", "drift", "CASE", "--bogus"], "No such option: --bogus"),
        (["measure", "drift", "CASE", "--out", "-", "--seed", "x"], "Invalid value for '--seed'"),
        (["measure", "drift", "CASE", "--out", "-", "--windows", "1 wek"], "Window size '1 wek' is not understood"),
        (["measure", "drift", "CASE", "--out", "-", "--production", "soon"], "'soon' is not a time"),
        (["measure", "drift", "CASE", "--out", "-", "--production", "2030-01-01..2031-01-01"], "Nothing is selected"),
        (["measure", "drift", "CASE", "--out", "-", "--production", "2024-05-01..2024-04-01"], "it holds no time"),
        (["measure", "drift", "CASE", "--out", "-", "--against", "previos"], "Did you mean 'previous'?"),
        (["measure", "drift", "CASE", "--out", "-", "--where", "x > 1; DROP TABLE t"], "is not a condition"),
        (["measure", "drift", "CASE", "--out", "-", "--where", "z > 1"], "The data have no column 'z'"),
        (["measure", "drift", "CASE", "--out", "-", "--columns", "z"], "No column 'z' can be measured"),
        (["measure", "drift", "CASE", "--out", "-", "--columns", ","], "names nothing"),
        (["measure", "drift", "CASE", "--out", "-", "--methods", "jss"], "There is no method 'jss'. Did you mean 'js'?"),
        (["measure", "drift", "CASE", "--out", "-", "--set", "drift.flor=1"], "Did you mean 'floor'?"),
        (["measure", "drift", "CASE", "--out", "-", "--set", "drift.q=7"], "give a share between 0 and 1"),
        (["measure", "drift", "CASE", "--out", "-", "--set", "q=0.1"], "'q' is not a threshold"),
        (["measure", "drift", "CASE", "--out", "-", "--set", "drift.q"], "is not key=value"),
        (["measure", "predictions", "CASE", "--out", "-"], "Predictions needs a column with the role prediction, score,"),
        (["measure", "drift", "CASE", "--by", "city", "--out", "-"], "'--by' does not belong to 'drift'. Use it with 'predictions'"),
        (["meassure"], "No such command 'meassure'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(run: Run, still: Path, arguments: list[str], message: str) -> None:
    assert message in run(*(str(still) if word == "CASE" else word for word in arguments)).complaint


def test_a_wrong_key_of_the_case_is_named_with_the_nearest(run: Run, still: Path) -> None:
    text = (still / "case.toml").read_text().replace("timestamp", "timestmp")
    (still / "case.toml").write_text(text)
    assert "Did you mean 'timestamp'?" in run("measure", "drift", still, "--out", "-").complaint


def test_interrupted_is_130(run: Run, still: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("monitor.cli.engines.open_workspace", interrupt)
    assert run("measure", "drift", still, "--out", "-").code == 130


def test_the_unexpected_is_one_line_and_a_traceback_only_on_request(run: Run, still: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("monitor.cli.checking.open_workspace", fail)
    assert "Unexpected ZeroDivisionError: division by zero" in run("check", still).complaint
    shown = run("check", still, "--debug")
    assert (shown.code, "Traceback" in shown.err) == (2, True)


def test_a_message_stays_on_one_line_whatever_it_holds(run: Run, still: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CancelledError("two\nlines and \x1b[31m a colour")

    monkeypatch.setattr("monitor.cli.checking.open_workspace", fail)
    assert run("check", still).complaint == "two lines and [31m a colour"


def test_help_is_there_without_the_numerical_packages() -> None:
    heavy = ("pandas", "numpy", "duckdb", "pydantic", "streamlit")
    code = (
        "import atexit, runpy, sys; sys.argv = ['driftscope', '--help'];"
        f"atexit.register(lambda: print([m for m in {heavy} if m in sys.modules])); runpy.run_module('monitor', run_name='__main__')"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "measure" in told
    assert told.endswith("\n[]\n")


def test_measuring_leaves_alone_what_it_does_not_need() -> None:
    heavy = ("scipy.stats", "scipy.sparse", "sklearn", "shap", "numba", "skops", "joblib", "altair", "streamlit", "vl_convert")
    code = f"import sys, monitor.cli.measuring; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_app_becomes_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "chdir", lambda _folder: None)
    monkeypatch.setattr(os, "execv", lambda _python, arguments: started.append(arguments))
    monkeypatch.setenv(serving.CASES_VARIABLE, "")
    run("app", tmp_path, "--port", "8555", "--headless")
    assert started[0][1:4] == ["-m", "streamlit", "run"]
    assert started[0][4].endswith("serve.py")
    assert started[0][5:] == ["--server.port", "8555", "--server.headless", "true"]
    assert os.environ[CASES_VARIABLE] == str(tmp_path)


def test_app_says_that_there_is_no_such_folder(run: Run, tmp_path: Path) -> None:
    assert "There is no folder" in run("app", tmp_path / "nowhere").complaint


def test_exit_codes_are_distinct() -> None:
    assert (cli.COULD_NOT_RUN, cli.INTERRUPTED) == (2, 130)


def test_app_keeps_to_this_machine_until_people_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "chdir", lambda _folder: None)
    monkeypatch.setattr(os, "execv", lambda _python, arguments: started.append(arguments))
    monkeypatch.setenv(serving.CASES_VARIABLE, "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert "can be reached from other machines, and nobody signs in here" in run("app", tmp_path, "--address", "0.0.0.0").complaint  # noqa: S104
    assert started == []
    run("app", tmp_path, "--address", "127.0.0.1")
    assert started[0][5:] == ["--server.address", "127.0.0.1"]
