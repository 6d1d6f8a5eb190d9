"""The largest drift need not be what moved predictions: findings carry what they do to the mean."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monitor.analyses.explanation_result import ExplanationResult
from monitor.analyses.explanations import measure_explanations
from monitor.case import load_case
from monitor.cli.measuring import Options, measure_to_file
from monitor.engine import open_workspace
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import FindingKind
from monitor.judgement.impact import impact_of, impact_together, spread, weigh
from monitor.registry import find_analysis
from tests.judgement.test_explanations import modelled

Moved = tuple[JudgedDrift, JudgedDrift, ExplanationResult]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case whose driver moved half a standard deviation and whose noise moved two, both since the eleventh day."""
    return modelled(tmp_path_factory.mktemp("cases") / "moved", driver=0.5, noise=2.0, since=10)


@pytest.fixture(scope="module")
def moved(folder: Path) -> Moved:
    with open_workspace(load_case(folder)) as workspace:
        explained = measure_explanations(workspace)
        drift, answers = (find_analysis(name).run(workspace) for name in ("drift", "predictions"))
    return weigh(drift, explained), weigh(answers, explained), explained  # type: ignore[type-var]


def test_the_largest_drift_is_not_what_moved_predictions(moved: Moved) -> None:
    strongest, heaviest = ({one.what: one for one in moved[0].findings}[name] for name in ("noise", "driver"))
    assert strongest.strength > 3 * heaviest.strength
    assert heaviest.impact > 0.08 > 2 * abs(strongest.impact)


def test_an_answer_has_the_whole_change(moved: Moved) -> None:
    found, explained = moved[1].findings[0], moved[2]
    ids = explained.windows.ids
    at = np.arange(len(ids))
    kept = (at >= ids.index(found.window)) & (at <= ids.index(found.last_window))
    assert found.impact == pytest.approx(explained.leading.told_fall(kept).change)
    assert sum(explained.part_of(name, *at[kept][[0, -1]]) for name in ("driver", "noise", "city")) == pytest.approx(found.impact)


def test_what_the_model_does_not_read_and_other_windows_have_none(moved: Moved) -> None:
    found = moved[0].findings[0]
    assert np.isnan(impact_of(replace(found, what="another column"), moved[2]))
    assert np.isnan(impact_of(replace(found, window="2020-W01"), moved[2]))


def test_a_check_has_the_part_of_its_column_and_one_of_whole_rows_none(moved: Moved) -> None:
    found = {one.what: one for one in moved[0].findings}["driver"]
    checked = replace(found, what="out_of_range~driver", kind=FindingKind.QUALITY)
    assert impact_of(replace(checked, rows=10_000), moved[2]) == found.impact
    assert np.isnan(impact_of(replace(checked, rows=3), moved[2]))  # a few rows of it did not do what all did
    assert impact_together([found, replace(checked, impact=found.impact)]) == pytest.approx(found.impact)
    assert np.isnan(impact_of(replace(checked, what="duplicate_rows"), moved[2]))
    assert find_analysis("quality").weighed


def test_together_a_column_counts_once(moved: Moved) -> None:
    found = moved[0].findings[0]
    one, small, other = replace(found, impact=0.2), replace(found, impact=-0.1), replace(found, what="b", impact=0.05)
    unknown = replace(found, what="c", impact=float("nan"))
    assert impact_together([one, small, other, unknown]) == pytest.approx(0.25)
    assert np.isnan(impact_together([unknown]))
    assert spread(moved[2]) > 0


@pytest.mark.parametrize("analysis", ["drift", "predictions"])
def test_the_command_writes_it(folder: Path, tmp_path: Path, analysis: str) -> None:
    measure_to_file(analysis, folder, str(tmp_path / "found.json"), Options(quiet=True))
    written = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert max(abs(one["impact"]) for one in written["findings"]) > 0.03
    assert not any(one["what"] == "impact" for one in written["skipped"])


def test_a_model_that_cannot_be_read_costs_the_impact_and_says_so(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "damaged"
    other.mkdir()
    for file in (one for one in folder.iterdir() if one.is_file()):
        (other / file.name).write_bytes(b"no model" if file.suffix == ".skops" else file.read_bytes())
    measure_to_file("drift", other, str(tmp_path / "found.json"), Options(quiet=True))
    written = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert all(one["impact"] is None for one in written["findings"])
    said = next(one for one in written["skipped"] if one["what"] == "impact")
    assert "cannot be loaded as skops" in said["message"]


def test_beside_windows_before_nothing_is_weighed(folder: Path, tmp_path: Path) -> None:
    measure_to_file("drift", folder, str(tmp_path / "found.json"), Options(quiet=True, against="previous"))
    written = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert all(one["impact"] is None for one in written["findings"])


def test_columns_that_are_asked_for_do_not_hinder(folder: Path, tmp_path: Path) -> None:
    measure_to_file("drift", folder, str(tmp_path / "found.json"), Options(quiet=True, columns="noise"))
    written = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert [(one["what"], abs(one["impact"]) < 0.05) for one in written["findings"]] == [("noise", True)]
