"""Estimates beside what labels say: the golden cases, cases without labels, with few, and with odd ones."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from monitor.analyses.concept import measure_concept
from monitor.analyses.estimate import EstimateResult, measure_estimate
from monitor.analyses.label_plan import plan_case
from monitor.analyses.performance import measure_performance
from monitor.case import load_case
from monitor.cli import main
from monitor.engine import open_tables, open_workspace
from monitor.errors import ColumnMissingError, MethodError
from monitor.judgement.answers import concept_answer, estimate_answer
from monitor.judgement.concept import judge_concept
from monitor.judgement.estimate import judge_estimate
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.performance import judge_performance
from monitor.stats.estimation.learning import regressor
from monitor.stats.performance.labelled import usual_variance

GOLDEN = Path(__file__).parents[1] / "golden"
LOAN = {"timestamp": "timestamp", "id": "id", "prediction": "y_pred", "score": "y_pred_proba", "label": "repaid"}
PRICE = {"timestamp": "timestamp", "id": "id", "prediction": "y_pred", "label": "y_true"}
ROLES = {"timestamp": "at", "id": "id", "prediction": "decision", "score": "score", "label": "label"}
SLACK = 1e-9
"""Estimates of the same method are equal to within rounding: their errors are too."""


def golden(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    reference = pd.read_parquet(GOLDEN / f"{name}_reference.parquet")
    analysis, targets = (pd.read_parquet(GOLDEN / f"{name}_analysis{part}.parquet") for part in ("", "_targets"))
    joined = analysis.merge(targets, on="id") if "id" in targets else analysis.join(targets)
    label = targets.columns[-1]
    return reference.assign(**{label: reference[label].astype(int)}), joined


def errors(result: EstimateResult, metric: str, name: str) -> tuple[float, float]:
    """Return the mean absolute error of the default and of NannyML in the windows of production."""
    rows = result.table[(result.table["metric"] == metric) & (result.table["method"] == result.method)]
    known = json.loads((GOLDEN / f"{name}.json").read_text())["results"][metric]["value"]
    realised = rows["realised"].to_numpy()
    return tuple(float(np.abs(one - realised).mean()) for one in (rows["estimated"].to_numpy(), np.array(known[-len(rows) :])))


@pytest.fixture(scope="module")
def labelled() -> EstimateResult:
    """Car loans with what the peer says of them beside: the default is the one that is chosen with the labels of production."""
    with open_tables(*golden("car_loan"), roles=LOAN, windows="5000 rows") as workspace:
        return measure_estimate(workspace)


@pytest.fixture(scope="module", params=[True, False], ids=["labelled", "before labels"])
def loan(request: pytest.FixtureRequest, labelled: EstimateResult) -> EstimateResult:
    """The default is the one that is chosen with the labels of production, and the one that is chosen before any are there."""
    if request.param:
        return labelled
    reference, analysis = golden("car_loan")
    with open_tables(reference, analysis.drop(columns="repaid"), roles=LOAN, windows="5000 rows") as workspace:
        blind = measure_estimate(workspace)
    realised = labelled.table.set_index(["window", "metric", "method"])["realised"]
    keys = pd.MultiIndex.from_frame(blind.table[["window", "metric", "method"]])
    return replace(blind, table=blind.table.assign(realised=realised.reindex(keys).to_numpy()))


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "f1", "precision", "recall"])
def test_the_default_is_as_near_as_nannyml(loan: EstimateResult, metric: str) -> None:
    ours, theirs = errors(loan, metric, "car_loan_cbpe")
    assert ours <= theirs + SLACK


def test_the_errors_of_numbers_are_estimated_as_nannyml_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer trees of fewer rows are as near; the peer's own numbers are learned with all that it learns."""
    monkeypatch.setattr("monitor.analyses.estimate_methods.regressor", partial(regressor, rounds=30))
    monkeypatch.setattr("monitor.analyses.estimate_methods.FIT_ROWS", 6_000)
    with open_tables(*golden("car_price"), roles=PRICE, windows="6000 rows", task="regression") as workspace:
        result = measure_estimate(workspace, methods=("default", "nannyml.dle"))
    for metric in ("mae", "rmse"):
        ours, theirs = errors(result, metric, "car_price_dle")
        assert ours <= 1.1 * theirs
    peer = result.table[(result.table["method"] == "nannyml.dle") & (result.table["metric"] == "mae")]
    known = json.loads((GOLDEN / "car_price_dle.json").read_text())["results"]["mae"]
    assert peer["threshold_lower"].iloc[0] == pytest.approx(known["lower_threshold"][0])
    assert peer["sampling_error"].to_numpy() == pytest.approx(known["sampling_error"][-len(peer) :])
    assert peer["estimated"].to_numpy() == pytest.approx(known["value"][-len(peer) :], rel=0.05)


def test_the_profile_stands_in_the_table_as_nannyml_tells_it() -> None:
    with open_tables(*golden("car_loan"), roles=LOAN, windows="5000 rows") as workspace:
        judged = judge_estimate(measure_estimate(workspace, methods=("nannyml",)))
    known = json.loads((GOLDEN / "car_loan_cbpe.json").read_text())["results"]["accuracy"]
    rows = judged.table[(judged.table["method"] == "nannyml.cbpe") & (judged.table["metric"] == "accuracy")]
    assert np.abs(rows["estimated"].to_numpy() - known["value"][10:]).max() < 1e-8
    assert rows["status"].eq("alert").tolist() == known["alert"][10:]


def rows(start: str, days: int, *, seed: int, shifted: bool = False) -> pd.DataFrame:
    """120 rows a day of a calibrated score and a number beside; shifted scores are nearer to one half."""
    rng = np.random.default_rng(seed)
    n = 120 * days
    score = rng.beta(2, 2, n) if shifted else rng.beta(0.6, 1.2, n)
    label = (rng.random(n) < score).astype(float)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 720, unit="s")
    return pd.DataFrame(
        {
            "id": np.arange(n) + 10**6 * seed,
            "at": at,
            "x": rng.normal(size=n),
            "score": score,
            "decision": (score >= 0.5).astype(int),
            "label": label,
        }
    )


def measured(reference: pd.DataFrame, production: pd.DataFrame, **more: object) -> EstimateResult:
    with open_tables(reference, production, roles=ROLES, windows="1 day") as workspace:
        return measure_estimate(workspace, **more)  # type: ignore[arg-type]


def test_a_model_that_got_worse_is_seen_without_labels() -> None:
    later = pd.concat([rows("2026-02-01", 10, seed=2), rows("2026-02-11", 10, seed=3, shifted=True)])
    result = measured(rows("2026-01-01", 30, seed=1), later.drop(columns="label"))
    judged = judge_estimate(result)
    told = next(one for one in judged.findings if one.what == "accuracy")
    assert (told.status, told.note) == ("alert", "worse")
    assert np.datetime64("2026-02-10") <= told.start <= np.datetime64("2026-02-12")
    assert result.chosen_by == "back-test"
    assert not result.mature.any()
    assert estimate_answer(judged).headline.startswith("Estimated ")
    assert len(estimate_answer(judged).headline.split()) <= 15


def test_labels_that_contradict_the_estimate_are_told_as_concept_drift() -> None:
    later = rows("2026-02-01", 20, seed=2)
    turned = np.arange(len(later)) >= 120 * 10
    later.loc[turned, "label"] = np.random.default_rng(0).integers(0, 2, int(turned.sum()))
    judged = judge_estimate(measured(rows("2026-01-01", 30, seed=1), later))
    assert any(one.what == "accuracy~gap" and one.note == "worse" for one in judged.findings)
    failed = judged.table[(judged.table["metric"] == "accuracy") & judged.table["default"]].set_index("window")["failed"]
    assert failed[failed.index >= "2026-02-12"].all()
    assert not failed[failed.index < "2026-02-10"].any()


def test_nothing_is_said_of_a_model_that_stays_as_it_was() -> None:
    alarms = [
        judge_estimate(measured(rows("2026-01-01", 30, seed=2 * s), rows("2026-02-01", 20, seed=2 * s + 1))).findings for s in range(10, 13)
    ]
    assert sum(bool(one) for one in alarms) <= 1


def test_labels_so_far_and_estimate_are_one_number_while_labels_come() -> None:
    later = rows("2026-02-01", 10, seed=2)
    unknown = (np.arange(len(later)) >= 120 * 7) & (np.arange(len(later)) % 3 > 0)
    later.loc[unknown, "label"] = np.nan
    result = measured(rows("2026-01-01", 30, seed=1), later)
    table = result.table[(result.table["metric"] == "accuracy") & (result.table["window"] >= "2026-02-08")]
    mixed, alone = table[table["method"] == "blend"], table[table["method"] == result.method]
    assert len(mixed) == 3
    assert mixed["weight"].between(0.05, 0.95).all()
    assert mixed["default"].all()
    assert not alone["default"].any()
    ends = np.array([mixed["labels_only"].to_numpy(), alone["estimated"].to_numpy()])
    assert (mixed["estimated"].to_numpy() >= ends.min(axis=0) - 0.02).all()
    assert (mixed["estimated"].to_numpy() <= ends.max(axis=0) + 0.02).all()


def test_labels_of_one_kind_only_are_not_blended() -> None:
    reference, later = rows("2026-01-01", 30, seed=1), rows("2026-02-01", 10, seed=2)
    for table in (reference, later):
        table["known"] = table["at"] + pd.to_timedelta(np.where(table["label"] == 1, 1, 96), unit="h")
    roles = {**ROLES, "label_timestamp": "known"}
    with open_tables(reference, later, roles=roles, windows="1 day") as workspace:
        result = measure_estimate(workspace, as_of=pd.Timestamp("2026-02-11", tz="UTC").to_pydatetime())
    late = result.table[(result.table["metric"] == "accuracy") & (result.table["window"] >= "2026-02-09")]
    assert set(late.loc[late["method"] == "blend", "reason"]) == {"labels_of_one_kind"}
    assert late.loc[late["method"] == result.method, "default"].all()


def test_days_with_labels_of_one_kind_alone_add_none_to_their_window() -> None:
    """Positives are known after an hour, the others after eight days: half of the last week but one has labels of both kinds."""
    reference, later = rows("2026-01-05", 28, seed=1), rows("2026-02-02", 18, seed=2)
    for table in (reference, later):
        table["known"] = table["at"] + pd.to_timedelta(np.where(table["label"] == 1, 1, 192), unit="h")
    with open_tables(reference, later, roles={**ROLES, "label_timestamp": "known"}, windows="1 week") as workspace:
        result = measure_estimate(workspace, as_of=pd.Timestamp("2026-02-20", tz="UTC").to_pydatetime())
    week = later[later["at"].between("2026-02-09", "2026-02-15 23:59")]
    told = result.table[result.table["window"].eq("2026-W07") & result.table["method"].eq("blend")].set_index("metric")
    rate = week["label"].mean()
    assert told.loc["base_rate", "lower"] <= rate <= told.loc["base_rate", "upper"]
    assert told.loc["base_rate", "labels_only"] == pytest.approx(rate, abs=0.08)
    assert (told["n"] <= 4 * 120).all()


def test_windows_unlike_the_reference_are_withheld() -> None:
    reference = rows("2026-01-01", 30, seed=1)
    reference["score"] = np.random.default_rng(0).uniform(0, 0.05, len(reference))
    later = rows("2026-02-01", 3, seed=2).assign(score=0.97)
    result = measured(reference, later.drop(columns="label"), methods=("cbpe",))
    told = result.table[result.table["metric"] == "accuracy"]
    assert told["estimated"].isna().all()
    assert set(told["reason"]) == {"too_different"}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"label": np.nan}, ColumnMissingError, "None of the rows of the reference has a label"),
        ({}, MethodError, "There is no method 'cbp' of estimates. Did you mean 'cbpe'"),
    ],
)
def test_what_cannot_be_estimated_is_said(change: dict[str, float], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        measured(
            rows("2026-01-01", 9, seed=1).assign(**change), rows("2026-02-01", 3, seed=2), methods=("default",) if change else ("cbp",)
        )


def test_classes_are_estimated_from_the_scores_of_each() -> None:
    def classes(start: str, seed: int) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        chance = rng.dirichlet([1, 1, 1], 3000)
        label = np.array(list("abc"))[(rng.random(3000)[:, None] > chance.cumsum(axis=1)).sum(axis=1)]
        at = pd.Timestamp(start) + pd.to_timedelta(np.arange(3000) * 720, unit="s")
        return pd.DataFrame(
            {
                "at": at,
                "p": np.array(list("abc"))[chance.argmax(axis=1)],
                "y": label,
                **dict(zip(("pa", "pb", "pc"), chance.T, strict=True)),
            }
        )

    roles = {"timestamp": "at", "prediction": "p", "label": "y", "score": {"a": "pa", "b": "pb", "c": "pc"}}
    with open_tables(classes("2026-01-01", 1), classes("2026-02-01", 2), roles=roles, windows="5 days", task="multiclass") as workspace:
        result = measure_estimate(workspace, methods=("all",))
    assert "'pape' serves two classes only." in [one.message for one in result.skipped]
    for metric in ("accuracy", "macro_f1", "roc_auc_ovr_macro", "log_loss"):
        rows_of = result.table[(result.table["metric"] == metric) & (result.table["method"] == "cbpe")]
        inside = rows_of["realised"].between(rows_of["lower"], rows_of["upper"])
        assert inside.mean() >= 0.8


def test_performance_and_estimate_say_one_number_of_the_same_days() -> None:
    """Days of few positives rank what they can: both weigh days by what the metric rests on."""
    later = rows("2026-02-10", 28, seed=2)
    few = (later["at"].dt.day_of_year % 2 == 0) & (later["label"] == 1) & (np.arange(len(later)) % 8 > 0)
    later = later[~few]
    late = later["at"] >= "2026-02-24"
    swapped = np.random.default_rng(1).permutation(later.loc[late, "label"].to_numpy())
    later.loc[late, "label"] = np.where(np.random.default_rng(2).random(late.sum()) < 0.5, swapped, later.loc[late, "label"])
    with open_tables(rows("2026-01-01", 40, seed=1), later, roles=ROLES, windows="1 week") as workspace:
        gaps, performance = judge_estimate(measure_estimate(workspace)), judge_performance(measure_performance(workspace))
    (gap,) = [one for one in gaps.findings if one.what == "roc_auc~gap"]
    (told,) = [one for one in performance.findings if one.what == "roc_auc"]
    assert (gap.start, gap.ongoing) == (told.start, told.ongoing)
    assert gap.after == pytest.approx(told.after)


def test_a_plan_names_rows_that_wait_for_labels() -> None:
    later = rows("2026-02-01", 5, seed=2)
    later.loc[:299, "label"] = np.nan
    with open_tables(rows("2026-01-01", 20, seed=1), later, roles=ROLES, windows="1 day") as workspace:
        plan = plan_case(workspace, 50)
        with pytest.raises(MethodError, match="0 rows cannot be labelled"):
            plan_case(workspace, 0)
    assert list(plan.columns) == ["id", "stratum", "probability", "weight"]
    assert len(plan) == 50
    assert set(plan["id"].astype(int)) <= set(later["id"][:300])
    assert plan["weight"].sum() == pytest.approx(300)


def test_planned_labels_come_back_with_their_weights(tmp_path: Path) -> None:
    later = rows("2026-02-01", 20, seed=2)
    rows("2026-01-01", 20, seed=1).to_parquet(tmp_path / "reference.parquet")
    later.drop(columns="label").to_parquet(tmp_path / "production.parquet")
    case = tmp_path / "case.toml"
    text = """[case]\nname = "x"\ntask = "binary"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n[roles]
timestamp = "at"\nid = "id"\nprediction = "decision"\nscore = "score"\nlabel = "label"\n[windows]\nsize = "1 month"\n"""
    case.write_text(text)
    with pytest.raises(SystemExit, match="0"):
        main(["labels", "plan", str(tmp_path), "--n", "400", "--out", str(tmp_path / "plan.csv"), "--quiet"])
    plan = pd.read_csv(tmp_path / "plan.csv").merge(later[["id", "label"]], on="id")
    plan.to_csv(tmp_path / "labels.csv", index=False)
    case.write_text(text.replace('parquet"\n[roles]', 'parquet"\nlabels = "labels.csv"\n[roles]\nlabel_weight = "weight"'))
    with open_workspace(load_case(tmp_path)) as workspace:
        table = measure_performance(workspace).table.set_index("metric")
    chosen = later.set_index("id").loc[plan["id"]]
    right = (chosen["decision"] == chosen["label"]).to_numpy()
    assert table.loc["accuracy", "value"] == pytest.approx(right @ plan["weight"] / plan["weight"].sum())
    assert table.loc["accuracy", "value"] != pytest.approx(right.mean(), abs=0.01)
    area = roc_auc_score(chosen["label"], chosen["score"], sample_weight=plan["weight"])
    assert table.loc["roc_auc", "value"] == pytest.approx(area)


def test_a_window_without_variance_is_as_unsure_as_its_rows_let_expect() -> None:
    """Recall of a window without a predicted positive is 0 for sure; no other number would weigh beside it."""
    own, now = (np.array([0.02, 0.0, 0.04]), np.array([10.0, 10.0, 10.0])), (np.array([0.0, 0.09]), np.array([20.0, 10.0]))
    before, after = usual_variance(own, now)
    assert before == pytest.approx([0.02, 0.02, 0.04])
    assert after == pytest.approx([0.01, 0.09])


def sampled(production: pd.DataFrame, a_day: int, *, seed: int) -> pd.DataFrame:
    """Return rows of which so many a day, drawn at random, have a label."""
    drawn = production.groupby(production["at"].dt.date).sample(a_day, random_state=seed).index
    return production.assign(label=production["label"].where(production.index.isin(drawn)))


def test_few_labels_at_random_are_blended_and_contradict_no_estimate_by_chance() -> None:
    """The estimate is of 120 rows a day, labels of 40: what they scatter around it is no drift."""
    later = sampled(rows("2026-02-01", 30, seed=5), 40, seed=0)
    judged = judge_estimate(measured(rows("2026-01-01", 40, seed=1), later))
    assert not judged.findings
    assert estimate_answer(judged).headline.startswith(("The model is estimated to be as right", "No estimate is worse"))
    assert not judged.result.complete.any()
    accuracy = judged.table[judged.table["metric"] == "accuracy"]
    mixed = accuracy[accuracy["method"] == "blend"]
    assert len(mixed) == 30
    assert mixed["default"].all()
    assert mixed["n"].eq(40).all()
    assert mixed["labels_only"].to_numpy() == pytest.approx(
        later.dropna().groupby(later["at"].dt.date).apply(lambda day: (day["decision"] == day["label"]).mean()).to_numpy()
    )
    assert accuracy["realised"].isna().all()


def test_few_labels_still_say_that_the_relation_changed() -> None:
    before, after = rows("2026-02-01", 10, seed=5), rows("2026-02-11", 20, seed=6)
    after["label"] = after["label"].where(np.random.default_rng(1).random(len(after)) < 0.4, 1 - after["label"])
    judged = judge_estimate(measured(rows("2026-01-01", 40, seed=1), sampled(pd.concat([before, after], ignore_index=True), 40, seed=0)))
    told = next(one for one in judged.findings if one.what == "accuracy~gap")
    assert np.datetime64(told.start, "D") == np.datetime64("2026-02-11")


def versions(*, everyone: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a reference of version v1, and production in which v2 answers half of the rows from the tenth day on, with scores that were
    shuffled among them; or the labels of `everyone` are shuffled instead."""
    later, drawn = rows("2026-02-01", 30, seed=7).assign(version="v1"), np.random.default_rng(3)
    since = (later["at"] >= "2026-02-10").to_numpy()
    second = since & (drawn.random(len(later)) < 0.5)
    moved, column = (since, "label") if everyone else (second, "score")
    later.loc[moved, column] = drawn.permutation(later.loc[moved, column].to_numpy())
    later = later.assign(version=np.where(second, "v2", "v1"), decision=(later["score"] >= 0.5).astype(int))
    return rows("2026-01-01", 40, seed=1).assign(version="v1"), later


@pytest.mark.parametrize("everyone", [False, True], ids=["a version", "the relation"])
def test_what_one_version_does_is_no_concept_drift(*, everyone: bool) -> None:
    with open_tables(*versions(everyone=everyone), roles=ROLES | {"model_version": "version"}, windows="1 day") as workspace:
        judged = judge_estimate(measure_estimate(workspace))
        relation = judge_concept(measure_concept(workspace))
    worse = [one for one in judged.findings if one.what.endswith("~gap") and one.note == "worse"]
    assert worse
    assert {one.with_version for one in worse} == {"" if everyone else "v2"}
    text = " ".join([estimate_answer(judged).headline, estimate_answer(judged).doubt, *(sentence(one, judged.names) for one in worse)])
    assert ("concept drift" in text) is everyone
    assert ("with model version v2 since 10 Feb" in text) is not everyone
    assert relation.findings
    assert {one.with_version for one in relation.findings} == {"" if everyone else "v2"}
    told = concept_answer(relation).headline
    assert ("model version v2" in told) is not everyone
    assert everyone or "relation" not in told
