"""The pages docs/add-*.md do what they say: their code is taken from them and run."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from monitor.analyses.naming import PLAIN
from monitor.analyses.sides import Question
from monitor.cli.documenting import render_results
from monitor.engine import Selection, Workspace, build_cells, open_tables, profile
from monitor.export.files import to_json
from monitor.export.finding_pins import metric_pin
from monitor.export.finding_sections import metric_section
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.windows import WindowNames
from monitor.places import app_folder
from monitor.profile import Windows
from monitor.registry import REGISTRY, Analysis, find_analysis
from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.methods.catalogue import CATALOGUE
from monitor.stats.methods.method import Method
from monitor.stats.methods.outcomes import Outcomes, scores_only
from monitor.tables import Contract, Provenance, Result
from monitor.ui import navigation
from monitor.ui.navigation import PageEntry
from monitor.vocabulary import Kind

DOCS = Path(__file__).parents[1] / "docs"
ROWS = Contract("rows", ("window",), {"window": "id of the production window", "rows": "rows of the window"})


def code(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.S)


@dataclass(frozen=True, kw_only=True)
class RowsResult(Result):
    windows: Windows
    own: np.ndarray
    rows: np.ndarray


def measure_rows(workspace: Workspace, question: Question | None = None, **_: Any) -> RowsResult:
    size = workspace.case.windows
    own, rows = (profile(workspace, Selection(data), cells={}, windows=size) for data in ("reference", "production"))
    table = pd.DataFrame({"window": rows.windows.ids, "rows": rows.rows})
    nothing = Provenance({}, {}, {"asked": question is not None}, 0, {}, (), {}, "", 0.0)
    return RowsResult(
        analysis="rows", case=workspace.case.name, table=ROWS.check(table), skipped=(), provenance=nothing,
        windows=rows.windows, own=own.rows.astype(float), rows=rows.rows.astype(float),
    )  # fmt: skip


@dataclass(frozen=True)
class JudgedRows:
    result: RowsResult
    found: Found
    findings: tuple[Finding, ...] = ()
    against: str = "the reference"
    called: Any = PLAIN
    own_windows: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.result, name)

    @property
    def settings(self) -> dict[str, Any]:
        return {}

    summary = settings

    @property
    def names(self) -> WindowNames:
        return WindowNames(self.result.windows and "1 day")  # type: ignore[arg-type]


def judge_rows(measured: RowsResult, _: None) -> JudgedRows:
    known = Known(own=measured.own, own_variance=measured.own, value=measured.rows, variance=measured.rows)  # counts vary as Poisson's do
    return JudgedRows(measured, judge_series({"rows": known}, q=0.05, spans=np.ones(len(measured.rows)))["rows"])


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    usual = pd.date_range("2026-01-01", periods=20 * 100, freq="864s")
    many = pd.date_range("2026-02-01", periods=10 * 200, freq="432s")
    return tuple(pd.DataFrame({"at": at, "x": np.arange(len(at)) % 7}) for at in (usual, many))


def test_an_analysis_is_its_files_and_one_row() -> None:
    names = {
        "Analysis": Analysis,
        "Answer": Answer,
        "ROWS": ROWS,
        "measure_rows": measure_rows,
        "judge_rows": judge_rows,
        "metric_pin": metric_pin,
        "metric_section": metric_section,
    }
    row = eval(code("add-an-analysis.md")[0], names)  # noqa: S307 - our own page
    assert isinstance(row, Analysis)
    with open_tables(*tables(), roles={"timestamp": "at"}, windows="1 day") as workspace:
        judged = row.run(workspace)
        assert row.lacks(workspace.case) == ""
    assert judged.found.runs  # twice the rows
    assert b'"rows": 200' in to_json(as_result(judged))
    assert row.answer(judged).headline == "Rows were counted."
    assert find_analysis("rows", known=(*REGISTRY.values(), row)) is row


def test_every_analysis_has_all_its_parts() -> None:
    for name, row in REGISTRY.items():
        assert row.name == name
        assert row.question.endswith("?")
        assert (DOCS.parent / "pages" / f"{name}.py").is_file()
        assert f"## {name}\n" in (DOCS / "results.md").read_text(encoding="utf-8")
        assert all(row.table.columns.values())


def test_a_method_is_a_function_and_one_row() -> None:
    function, entry = code("add-a-method.md")
    names: dict[str, Any] = {
        "Comparison": Comparison, "Outcomes": Outcomes, "scores_only": scores_only, "Method": Method, "Kind": Kind,
    }  # fmt: skip
    exec(function, names)  # noqa: S102 - our own page
    method = eval(entry, names)  # noqa: S307
    with open_tables(*tables(), roles={"timestamp": "at"}, windows="1 day") as workspace:
        cells = build_cells(workspace)
        counted = profile(workspace, Selection("reference"), cells=cells, windows=workspace.case.windows).columns["x"]
    layout = Layout.of(counted.cells, counted.counts.sum(axis=0))
    same = Comparison.of_counts(counted.counts.sum(axis=0), counted.counts.sum(axis=0), layout)
    assert method.compare(same).score.tolist() == [0.0]
    assert "largest_gain" in CATALOGUE.with_method(method).ids


def test_a_page_is_a_script_and_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script, entry = code("add-a-page.md")
    for name in ("app.py", "pages", "static"):
        home = app_folder() / name
        (shutil.copytree if home.is_dir() else shutil.copy)(home, tmp_path / name)
    (tmp_path / "pages" / "own.py").write_text(script, encoding="utf-8")
    row = eval(entry, {"PageEntry": PageEntry})  # noqa: S307 - our own page
    monkeypatch.setattr(navigation, "REGISTRY", (*navigation.REGISTRY, row))
    monkeypatch.setattr(navigation, "app_folder", lambda: tmp_path)
    app = AppTest.from_file(str(tmp_path / "app.py"), default_timeout=60)
    app.switch_page("pages/own.py").run()
    assert not app.exception
    assert [one.value for one in app.title] == ["A page of its own\\."]


def test_the_committed_page_of_results_is_up_to_date() -> None:
    assert (DOCS / "results.md").read_text(encoding="utf-8") == render_results(), "run: make docs"
