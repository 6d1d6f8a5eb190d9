"""Explanations from rows to sentences, on simulated cases with a known truth."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from monitor.analyses import explanation_sources
from monitor.analyses.explanation_result import MEASURED
from monitor.analyses.explanations import measure_explanations
from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.errors import ColumnMissingError, MethodError, ModelError
from monitor.export.explained import (
    column_picture,
    dependence_picture,
    importance_picture,
    level_rows,
    map_picture,
    summary_picture,
    waterfall_picture,
    waterfall_rows,
)
from monitor.export.finding_pins import explanation_pin
from monitor.export.quadrant import quadrant_picture, quadrant_rows
from monitor.export.results import as_result
from monitor.judgement.explanation_answer import change_of, explanations_answer, reproduction_beside, reproduction_text
from monitor.judgement.explanations import JUDGED, JudgedExplanations, judge_explanations
from monitor.judgement.narration.explained import Change, change_headline
from monitor.judgement.narration.sentences import headline, sentence
from monitor.registry import find_analysis

COLUMNS = ["driver", "noise", "city"]
ROLES = 'timestamp = "at"\nid = "row"\nscore = "score"\nfeatures = ["driver", "noise", "city"]\nsegments = ["city"]'


def rows(
    start: str, seed: int, *, driver: float = 0.0, noise: float = 0.0, since: int = 0, days: int = 20, each: int = 120
) -> pd.DataFrame:
    """Days of rows; `driver` and `noise` are added to the columns from day `since` on."""
    draw = np.random.default_rng(seed)
    n = days * each
    late = (np.arange(n) >= since * each).astype(float)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * (86400 // each), unit="s")
    return pd.DataFrame(
        {
            "row": np.arange(n), "at": at, "driver": draw.normal(0, 1, n) + driver * late, "noise": draw.normal(0, 1, n) + noise * late,
            "city": draw.choice(["Paris", "Rome"], n),
        }
    )  # fmt: skip


def encoded(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(city=(table["city"] == "Rome").astype(float))[COLUMNS]


def trained(task: str = "binary") -> object:
    """A model of driver and city, to which noise means next to nothing."""
    known = encoded(rows("2025-01-01", 99, days=30))
    draw = np.random.default_rng(1)
    margin = known["driver"] + 0.5 * known["city"] - 1
    if task == "regression":
        return HistGradientBoostingRegressor(max_iter=40, random_state=0).fit(known, margin + draw.normal(0, 0.1, len(known)))
    label = (draw.random(len(known)) < expit(margin)).astype(int)
    if task == "multiclass":
        return HistGradientBoostingClassifier(max_iter=15, random_state=0).fit(known, np.array(["a", "b", "c"])[label + (margin > 1)])
    return HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(known, label)


def write(
    folder: Path, reference: pd.DataFrame, production: pd.DataFrame, *, model: str = '[model]\npath = "model.skops"', **parts: str
) -> Path:
    """Write a case; `parts` are task, roles and windows where they are others."""
    folder.mkdir(parents=True, exist_ok=True)
    reference.to_parquet(folder / "reference.parquet")
    production.to_parquet(folder / "production.parquet")
    roles, task, windows = parts.get("roles", ROLES), parts.get("task", "binary"), parts.get("windows", "1 day")
    data = '[data]\nreference = "reference.parquet"\nproduction = "production.parquet"'
    text = f'[case]\nname = "Shop"\ntask = "{task}"\n{data}\n[roles]\n{roles}\n{model}\n[windows]\nsize = "{windows}"\n'
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return folder


def scored(model: object, table: pd.DataFrame) -> pd.DataFrame:
    known = encoded(table)
    return known.assign(row=table["row"], at=table["at"], score=model.predict_proba(known)[:, 1])  # type: ignore[attr-defined]


def modelled(folder: Path, **moved: float | int) -> Path:
    """A case with its model, whose production moves as `rows` says."""
    model = trained()
    reference, production = (scored(model, one) for one in (rows("2026-01-01", 0), rows("2026-02-01", 1, **moved)))  # type: ignore[arg-type]
    write(folder, reference, production)
    skops.io.dump(model, folder / "model.skops")
    return folder


def judged(folder: Path, question: Question | None = None, *, rows: int = 600) -> JudgedExplanations:
    with open_workspace(load_case(folder)) as workspace:
        return judge_explanations(measure_explanations(workspace, question, rows=rows))


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> JudgedExplanations:
    """The driver half a standard deviation higher, the noise two, both since the eleventh day."""
    return judged(modelled(tmp_path_factory.mktemp("cases") / "moved", driver=0.5, noise=2.0, since=10), rows=2_000)


def test_the_column_that_moves_predictions_is_named_and_the_one_that_moved_more_is_not(moved: JudgedExplanations) -> None:
    found = moved.findings[0]
    assert found.what == "driver"
    assert abs(moved.result.part_of("noise", 10, 19)) < 0.5 * moved.result.part_of("driver", 10, 19)  # it moved four times as far
    assert abs((found.start - np.datetime64("2026-02-11")) / np.timedelta64(1, "D")) <= 1
    assert found.impact == pytest.approx(found.after)
    assert 0.03 < found.after < 0.15
    assert sentence(found, moved.names).startswith("Driver raises predictions since 11 Feb, by 0.".replace("Driver", "driver"))
    assert headline(found, moved.names) == "driver raises predictions since 11 Feb"


def test_contributions_add_up_to_the_change_of_the_mean(moved: JudgedExplanations) -> None:
    figures = moved.provenance.summary
    assert abs(figures["residual"]) <= 1e-9 * abs(figures["delta_prediction"])
    result, lead = moved.result, moved.result.leading
    for w, window in enumerate(moved.windows.ids):
        kept = np.arange(len(moved.windows)) == w
        total = moved.table.loc[moved.table["window"] == window, "contribution"].sum()
        assert total == pytest.approx(lead.raw[1].mean_raw(kept) - lead.raw[0].mean_raw(), abs=1e-9)
    assert sum(result.part_of(name, 0, 19) for name in COLUMNS) == pytest.approx(figures["delta_probability"], abs=1e-9)
    assert np.isnan(result.part_of("nothing", 0, 19))


def test_the_table_keeps_its_contract(moved: JudgedExplanations) -> None:
    documented = [
        "column", "window", "mean_abs_reference", "mean_abs_production", "rank_reference", "rank_production", "mean_reference",
        "mean_production", "contribution", "lower", "upper", "status",
    ]  # fmt: skip
    assert list(JUDGED.columns)[:12] == documented
    assert MEASURED.keys == ("column", "window", "class")
    assert len(moved.table) == 3 * 20
    summary = as_result(moved).provenance.summary
    assert {"ndcg", "ndcg_p_value", "delta_prediction", "residual", "n", "explainer", "background"} <= set(summary)
    assert summary["background"] == 50
    within = moved.table["contribution"].between(moved.table["lower"], moved.table["upper"])
    assert within.all()


def test_the_sample_says_the_mean_of_all_rows(moved: JudgedExplanations, tmp_path: Path) -> None:
    folder = modelled(tmp_path / "moved", driver=0.5, noise=2.0, since=10)
    true = [pd.read_parquet(folder / f"{side}.parquet")["score"].mean() for side in ("reference", "production")]
    figures = moved.provenance.summary
    assert figures["probability_reference"] == pytest.approx(true[0], abs=0.001)
    assert figures["probability_production"] == pytest.approx(true[1], abs=0.001)


def test_the_answer_says_what_moved_the_mean_and_that_the_model_reproduces(moved: JudgedExplanations) -> None:
    said = explanations_answer(moved)
    assert said.headline.startswith("The mean probability rose from 0.3")
    assert ": driver and noise account for 0.0" in said.headline
    assert "rows explained" in said.doubt
    assert "The model says what was logged in 100% of" in reproduction_text(moved)
    assert "It says what was logged of the reference too." in reproduction_text(moved)


def test_rows_that_reach_the_model_otherwise_are_told(tmp_path: Path) -> None:
    folder = modelled(tmp_path / "skew")
    production = pd.read_parquet(folder / "production.parquet")
    production["score"] = production["score"].where(production["at"] < pd.Timestamp("2026-02-16"), expit(logit(production["score"]) + 1))
    production.to_parquet(folder / "production.parquet")
    told = explanations_answer(judged(folder)).doubt
    assert re.search(r"The model says what was logged in 7\d% of 600 production rows only, off by up to 0\.2", told)
    assert "first in 16 Feb 2026" in told


def test_nothing_is_named_where_nothing_changed(tmp_path: Path) -> None:
    model = trained()
    folder = write(tmp_path / "calm", scored(model, rows("2026-01-01", 3)), scored(model, rows("2026-02-01", 103)))
    skops.io.dump(model, folder / "model.skops")
    found = judged(folder)
    assert found.findings == ()
    assert set(found.table["status"]) == {"stable"}


def test_without_a_model_file_a_stand_in_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained()
    production = scored(model, rows("2026-02-01", 1, driver=0.8))
    folder = write(tmp_path / "shop", scored(model, rows("2026-01-01", 0)), production, model="")
    found = judged(folder)
    said = explanations_answer(found)
    assert said.headline.startswith("The stand-in's mean probability rose")
    assert "no model file: a stand-in learned the scores (R² 0.9" in said.doubt
    assert [one.reason for one in found.skipped] == ["no_model"]
    assert [headline(one, found.names) for one in found.findings] == ["driver raises a stand-in's predictions since 1 Feb"]
    assert found.provenance.summary["fidelity"] > 0.9
    assert found.provenance.summary["reproduction"] == {"reference": None, "production": None}
    assert found.result.logged_change() == pytest.approx(found.provenance.summary["delta_prediction"], abs=0.02)
    monkeypatch.setattr(explanation_sources, "fit_surrogate", lambda *_, **__: pytest.fail("it was learned before"))
    pd.testing.assert_frame_equal(judged(folder).table, found.table)


def test_a_stand_in_that_follows_nothing_says_nothing(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    sides = [one.assign(score=draw.random(len(one))) for one in (rows("2026-01-01", 0), rows("2026-02-01", 1, driver=2.0))]
    found = judged(write(tmp_path / "chance", *sides, model=""))
    assert explanations_answer(found).headline == "Scores cannot be explained: no stand-in follows them."
    assert set(found.table["status"]) == {"not_judged"}
    assert found.findings == ()


def brought(folder: Path, *, off: float = 0.0, unit: str = "log-odds") -> Path:
    """A case that brings exact attributions of a linear model, `off` in one row."""
    known = encoded(rows("2025-01-01", 99))
    linear = LogisticRegression().fit(known, np.random.default_rng(0).random(len(known)) < expit(known["driver"] - 1))
    sides = []
    for table in (rows("2026-01-01", 0), rows("2026-02-01", 1, driver=0.7)):
        x = encoded(table)
        parts = (x - known.mean()) * linear.coef_[0] if unit == "log-odds" else x * 0.01
        raw = linear.decision_function(known.mean().to_frame().T)[0] + parts.sum(axis=1) if unit == "log-odds" else 0.4 + parts.sum(axis=1)
        named = {f"shap_{name}": parts[name] for name in COLUMNS}
        sides.append(x.assign(row=table["row"], at=table["at"], score=(expit(raw) if unit == "log-odds" else raw).round(5), **named))
    sides[1].loc[:, "shap_driver"] += off * (np.arange(len(sides[1])) % 7 == 0)
    roles = ROLES.replace('\nfeatures = ["driver", "noise", "city"]', "")
    return write(folder, *sides, model='[model]\nattributions = "shap_{column}"', roles=roles)


@pytest.mark.parametrize("unit", ["log-odds", "probability"])
def test_attributions_that_the_case_brings_are_taken_where_they_add_up(tmp_path: Path, unit: str) -> None:
    folder = brought(tmp_path / "brought", unit=unit)
    found = judged(folder)
    assert found.result.attributions.unit == unit
    assert found.result.attributions.columns == ("driver", "noise", "city")
    assert abs(found.provenance.summary["residual"]) < 1e-12
    assert found.provenance.summary["background"] == 0
    with open_workspace(load_case(folder)) as workspace:
        assert "shap_driver" not in {one.name for one in workspace.measured()}


def test_attributions_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"do not add up to its score with one base: rows are off by up to .* They are not shown\."):
        judged(brought(tmp_path / "off", off=1.0))


def test_attributions_that_are_not_there_are_told(tmp_path: Path) -> None:
    folder = brought(tmp_path / "none")
    file = folder / "case.toml"
    file.write_text(file.read_text().replace("shap_{column}", "phi_{column}"))
    with pytest.raises(ColumnMissingError, match=r"called 'phi_\{column\}', but no column of both sides is"):
        judged(folder)


def test_classes_have_rows_of_their_own(tmp_path: Path) -> None:
    model = trained("multiclass")
    sides = []
    for table in (rows("2026-01-01", 0), rows("2026-02-01", 1, driver=1.0)):
        x = encoded(table)
        chances = model.predict_proba(x)  # type: ignore[attr-defined]
        sides.append(x.assign(row=table["row"], at=table["at"], **{f"p_{name}": chances[:, k] for k, name in enumerate("abc")}))
    roles = ROLES.replace('score = "score"', 'score = { a = "p_a", b = "p_b", c = "p_c" }')
    folder = write(tmp_path / "classes", *sides, task="multiclass", roles=roles)
    skops.io.dump(model, folder / "model.skops")
    found = judged(folder)
    assert set(found.table["class"]) == {"a", "b", "c"}
    assert len(found.table) == 3 * 3 * 20
    assert set(found.provenance.summary["classes"]) == {"a", "b", "c"}
    assert max(abs(one["residual"]) for one in found.provenance.summary["classes"].values()) < 1e-9
    assert found.findings[0].what in {f"driver [{name}]" for name in "abc"}
    assert {check["reproduced"] for check in found.provenance.summary["reproduction"].values()} == {True}
    for name in "abc":
        assert explanations_answer(found, None, name).headline.startswith(f"The mean probability of '{name}'")
    falls = [one.told_fall() for one in found.result.classes]
    assert max(abs(one.residual) for one in falls) < 1e-9
    assert np.sum([one.contributions for one in falls], axis=0) == pytest.approx(0, abs=1e-9)  # what one class wins the others lose


def test_a_regression_is_told_in_its_own_unit(tmp_path: Path) -> None:
    model = trained("regression")
    sides = [
        encoded(one).assign(row=one["row"], at=one["at"], said=model.predict(encoded(one)))  # type: ignore[attr-defined]
        for one in (rows("2026-01-01", 0), rows("2026-02-01", 1, driver=1.0))
    ]
    folder = write(tmp_path / "value", *sides, task="regression", roles=ROLES.replace('score = "score"', 'prediction = "said"'))
    skops.io.dump(model, folder / "model.skops")
    said = explanations_answer(judged(folder)).headline
    assert said.startswith("The mean prediction rose from -0.")
    assert "driver accounts for 0.9" in said or "driver accounts for 1" in said


def test_a_column_that_production_lost_is_told_and_explained_as_missing(tmp_path: Path) -> None:
    folder = modelled(tmp_path / "lost")
    pd.read_parquet(folder / "production.parquet").drop(columns="driver").to_parquet(folder / "production.parquet")
    found = judged(folder)
    assert [one.message for one in found.skipped if one.reason == "lost_column"] == [
        "The production has no column 'driver': the model was given no value of it there."
    ]
    assert "The model says what was logged in" in explanations_answer(found).doubt


def test_a_model_of_columns_that_nobody_has_is_refused(tmp_path: Path) -> None:
    folder = modelled(tmp_path / "foreign")
    for side in ("reference", "production"):
        pd.read_parquet(folder / f"{side}.parquet").drop(columns="noise").to_parquet(folder / f"{side}.parquet")
    file = folder / "case.toml"
    file.write_text(file.read_text().replace('"noise", ', ""))
    with pytest.raises(ColumnMissingError, match=r"The model reads 'noise', which neither reference nor production has"):
        judged(folder)


@pytest.mark.parametrize(("size", "count"), [("whole", 1), ("500 rows", 5), ("1 week", 4), ("1 month", 1)])
def test_windows_of_every_size_are_explained(tmp_path: Path, size: str, count: int) -> None:
    found = judged(modelled(tmp_path / "sizes", driver=1.0), Question(windows=size))
    assert found.table["window"].nunique() == count
    assert abs(found.provenance.summary["residual"]) < 1e-9
    assert explanations_answer(found).headline.startswith("The mean probability rose")


def test_a_window_that_is_cut_short_is_shown_and_not_judged(tmp_path: Path) -> None:
    model = trained()
    production = rows("2026-02-01", 1)
    production["driver"] += np.where(production["at"] >= pd.Timestamp("2026-02-20 12:00"), 3.0, 0.0)
    folder = write(
        tmp_path / "short", scored(model, rows("2026-01-01", 0)), scored(model, production[production["at"] < "2026-02-20 16:00"])
    )
    skops.io.dump(model, folder / "model.skops")
    last = judged(folder).table.query("window == '2026-02-20'")
    assert set(last["status"]) == {"not_judged"}
    assert last["run"].isna().all()


def test_windows_of_few_rows_are_not_judged(tmp_path: Path) -> None:
    model = trained()
    folder = write(tmp_path / "few", scored(model, rows("2026-01-01", 0)), scored(model, rows("2026-02-01", 1, days=3, each=6)))
    skops.io.dump(model, folder / "model.skops")
    found = judged(folder)
    assert set(found.table["status"]) == {"too_few_rows"}
    assert found.findings == ()
    one = judged(write(tmp_path / "few", scored(model, rows("2026-01-01", 0)), scored(model, rows("2026-02-01", 1)).iloc[:1]))
    assert set(one.table["status"]) == {"too_few_rows"}
    assert one.table["lower"].isna().all()


def test_odd_columns_are_explained(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)

    def odd(table: pd.DataFrame) -> pd.DataFrame:
        many = draw.integers(0, 2000, len(table)).astype(str)
        score = expit(table["driver"] - 1)
        return table.assign(nothing=np.nan, always=1.0, many=many, flag=table["driver"] > 0, score=score, when=table["at"])

    roles = 'timestamp = "at"\nid = "row"\nscore = "score"'
    found = judged(write(tmp_path / "odd", odd(rows("2026-01-01", 0)), odd(rows("2026-02-01", 1)), model="", roles=roles))
    parts = found.table.groupby("column")["contribution"].apply(lambda one: one.abs().max())
    assert parts["nothing"] == parts["always"] == 0
    assert {"many", "flag", "when"} <= set(parts.index)


def test_what_there_is_not_is_refused(tmp_path: Path) -> None:
    folder = modelled(tmp_path / "asked")
    with open_workspace(load_case(folder)) as workspace:
        with pytest.raises(MethodError, match=r"no method 'importanc' of explanations\. Did you mean 'importance'"):
            measure_explanations(workspace, methods=("importanc",))
        with pytest.raises(MethodError, match=r"The model has no column 'drive'\. Did you mean 'driver'"):
            measure_explanations(workspace, Question(columns=("drive",)))
        only = measure_explanations(workspace, Question(columns=("driver",)), methods=("contribution",))
    assert set(only.table["column"]) == {"driver"}
    assert [one.name for one in only.tracks] == ["contribution~~driver"]


def drifted(judged: JudgedExplanations, strengths: list[float], *found: SimpleNamespace, blind: str = "", limit: float = 0.1) -> Any:
    """Return judged drift of the columns in their first window with one `limit`; of `blind` nothing could be judged."""
    status = ["not_judged" if one == blind else "stable" for one in COLUMNS]
    primary = pd.DataFrame({"column": COLUMNS, "window": judged.windows.ids[0], "strength": strengths, "status": status, "limit": limit})
    return SimpleNamespace(primary=primary, findings=found, windows=judged.windows)


def test_the_quadrant_has_the_strengths_of_findings_and_sets_aside_what_was_not_judged(moved: JudgedExplanations) -> None:
    run = SimpleNamespace(what="noise", strength=1.2, first=0, last=1)
    drift = drifted(moved, [0.0, 1.9, 0.5], run, blind="driver")
    assert quadrant_rows(moved, "", drift).set_index("column")["drift"].to_dict() == pytest.approx(
        {"driver": np.nan, "noise": 1.2, "city": 0.5}, nan_ok=True
    )
    later = np.arange(len(moved.windows)) > 1
    assert quadrant_rows(moved, "", drift, later)["drift"].isna().all()
    drawn = quadrant_picture(moved, "", drift)
    assert drawn is not None
    assert drawn.title == "driver matters most, whether it moved could not be judged; noise moved farthest"
    assert "Not judged: driver." in drawn.alt
    assert drawn.data.set_index("column")["said"]["driver"] == "not judged"


def test_a_column_without_a_limit_is_not_drawn_as_one_that_did_not_move(moved: JudgedExplanations) -> None:
    drawn = quadrant_picture(moved, "", drifted(moved, [0.0, 0.7, 0.0], limit=np.nan))
    assert drawn is not None
    assert drawn.data.set_index("column")["said"].to_dict() == {"driver": "not judged", "noise": "0.7", "city": "not judged"}
    assert drawn.title.startswith("driver matters most, whether it moved could not be judged")


def test_where_not_all_columns_are_drawn_the_title_says_of_how_many_it_is(
    moved: JudgedExplanations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.export.explained.RANKED", 2)
    assert importance_picture(moved, "").title.startswith("Of the 2 columns that matter most ")


def test_every_picture_draws_its_own_table(moved: JudgedExplanations) -> None:
    pictures = [
        waterfall_picture(moved, ""), waterfall_picture(moved, "", raw=True), map_picture(moved, ""), importance_picture(moved, ""),
        summary_picture(moved, ""), dependence_picture(moved, "", "driver"), column_picture(moved, "", "driver"),
        quadrant_picture(moved, "", drifted(moved, [2.0, 9.0, 0.5])),
    ]  # fmt: skip
    for one in pictures:
        assert one is not None
        assert len(one.data)
        json.dumps(one.spec)
    assert pictures[0].title == "Why the mean probability rose"
    assert pictures[7].title == "driver matters most, noise moved farthest"


def test_the_picture_says_as_the_headline_that_a_mean_hardly_moved(tmp_path: Path) -> None:
    found = judged(modelled(tmp_path / "calm"))
    assert "hardly moved" in explanations_answer(found).headline
    assert waterfall_picture(found, "").title == "Why the mean probability hardly moved"


def test_parity_by_shuffles_is_told_as_a_share(moved: JudgedExplanations) -> None:
    assert re.search(r"as low in [\d.]+ ?% of shuffles", importance_picture(moved, "").alt + json.dumps(importance_picture(moved, "").spec))


def test_the_waterfall_leads_from_one_mean_to_the_other(moved: JudgedExplanations) -> None:
    found = waterfall_rows(moved, "")
    assert found["part"].iloc[[0, -1]].tolist() == ["before", "after"]
    assert found["end"].iloc[-2] == pytest.approx(found["value"].iloc[-1])
    assert found["label"].iloc[1] == "driver"


def test_levels_of_a_segment_add_up_to_the_part_of_the_column(moved: JudgedExplanations) -> None:
    found = level_rows(moved, "", "driver", "city")
    assert found is not None
    assert found["value"].sum() == pytest.approx(moved.result.part_of("driver", 0, 19))


def test_a_finding_can_be_pinned_reported_and_looked_at(moved: JudgedExplanations) -> None:
    row, found = find_analysis("explanations"), moved.findings[0]
    kept = explanation_pin(found, moved)
    assert kept.title == headline(found, moved.names)
    assert kept.rows
    assert row.report(found, moved).charts
    assert row.look(found) == {"explanations_column": "driver"}


def test_the_headline_names_no_column_whose_part_chance_may_explain(moved: JudgedExplanations) -> None:
    fall = moved.result.leading.told_fall()
    named = {label for label, _ in change_of(moved).parts}
    over_zero = {name for name, low, high in zip(COLUMNS, fall.lower, fall.upper, strict=True) if low <= 0 <= high}
    assert "driver" in named
    assert over_zero
    assert not named & over_zero
    quiet = Change(subject="The mean prediction", before=1.0, after=1.5, lower=0.3, upper=0.7, parts=[], unsure=[("noise", 0.3, 0.4)])
    assert change_headline(quiet) == "The mean prediction rose from 1 to 1.5: no column's part is beyond chance."
    drawn = waterfall_picture(moved, "").data.set_index("label")
    assert drawn.loc["driver", "lower_at"] == pytest.approx(drawn.loc["driver", "start"] + fall.lower[0])


@pytest.mark.parametrize(
    ("parts", "unsure", "told"),
    [
        ([("a", 0.4)], [("b", 0.1, 0.2)], "a accounts for 0.4"),
        ([("a", 0.02)], [("b", 0.3, 0.4)], "perhaps b +0.3"),
        ([("a", 0.1), ("c", 0.08)], [("b", 0.05, 0.1)], "a +0.1, c +0.08"),
        ([("a", -0.3)], [("b", 0.6, 0.7)], "perhaps b +0.6"),
        ([("a", -0.3)], [], "a −0.3"),
        ([("a", 0.9), ("c", -0.4)], [], "a +0.9, c −0.4"),
    ],
)
@pytest.mark.parametrize("way", [1, -1])
def test_columns_account_for_a_change_only_where_they_are_most_of_it(
    parts: list[tuple[str, float]], unsure: list[tuple[str, float, float]], told: str, way: int
) -> None:
    change = Change(
        subject="The mean prediction", before=1.0, after=1.0 + 0.5 * way, lower=0.3 * way, upper=0.7 * way,
        parts=[(name, part * way) for name, part in parts], unsure=[(name, part * way, half) for name, part, half in unsure],
    )  # fmt: skip
    said = change_headline(change).partition(": ")[2].partition(" (")[0].rstrip(".")
    assert said == (told if way > 0 else told.translate(str.maketrans("+−", "−+")))


def test_a_model_that_does_not_reproduce_is_no_tick_and_is_told_once(moved: JudgedExplanations) -> None:
    assert reproduction_beside(moved) == (reproduction_text(moved), True)
    reference, production = moved.result.reproductions
    assert production is not None
    failing = replace(production, share_equal=0.88)
    skewed = replace(moved, result=replace(moved.result, reproductions=(reference, failing)))
    beside, good = reproduction_beside(skewed)
    assert not good
    assert "only" in explanations_answer(skewed).doubt
    assert "production row" not in beside
