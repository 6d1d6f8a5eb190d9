"""From rows with groups to what is said of their treatment, on simulated cases with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.fairness import measure_fairness
from monitor.engine import open_tables
from monitor.errors import ColumnMissingError, MethodError, SelectionError
from monitor.judgement.answers import fairness_answer
from monitor.judgement.fairness import JudgedFairness, judge_fairness
from monitor.judgement.fairness_tables import groups_table
from monitor.judgement.findings import findings_table

ROLES = {"timestamp": "at", "prediction": "decision", "score": "score", "label": "label", "protected": ["sex"]}


def rows(start: str, days: int, *, seed: int, cut: float = 0.4, cut_from: int = 0) -> pd.DataFrame:
    """200 rows a day of a calibrated score; women are decided positive from a score of `cut` on, since a day."""
    rng = np.random.default_rng(seed)
    n = 200 * days
    score, sex = rng.beta(2, 4, n), rng.choice(["f", "m"], n)
    from_score = np.where((sex == "f") & (np.arange(n) >= 200 * cut_from), cut, 0.4)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 432, unit="s")
    label = (rng.random(n) < score).astype(int)
    return pd.DataFrame({"at": at, "score": score, "decision": (score >= from_score).astype(int), "label": label, "sex": sex})


def judged(reference: pd.DataFrame, production: pd.DataFrame, *, task: str = "binary", **more: object) -> JudgedFairness:
    roles = {role: column for role, column in ROLES.items() if not isinstance(column, str) or column in reference}
    with open_tables(reference, production, roles=roles, task=task, windows="1 day") as workspace:
        return judge_fairness(measure_fairness(workspace, **more))  # type: ignore[arg-type]


def sentences(found: JudgedFairness) -> list[str]:
    return findings_table(found.findings, found.names, found.against)["sentence"].tolist()


def test_a_gap_that_begins_is_told_since_when() -> None:
    found = judged(rows("2026-01-01", 30, seed=0), rows("2026-02-01", 30, seed=1, cut=0.6, cut_from=12))
    chosen = next(one for one in found.findings if one.method == "selection_rate")  # of two groups one speaks for both
    assert (chosen.status, chosen.note, chosen.ongoing) == ("alert", "began", True)
    assert abs((chosen.start - np.datetime64("2026-02-13")) / np.timedelta64(1, "D")) <= 1
    assert chosen.before == pytest.approx(1, abs=0.1)
    assert chosen.after < 0.5 if chosen.what.endswith("~f") else chosen.after > 2
    assert len(fairness_answer(found).headline.split()) <= 15
    late = found.table[found.table["metric"].eq("selection_rate") & found.table["window"].ge("2026-02-15") & found.table["group"].eq("f")]
    assert late["status"].eq("alert").all()
    together = found.table[found.table["metric"].eq("demographic_parity") & found.table["window"].ge("2026-02-15")]
    assert together["status"].eq("alert").all()


def test_what_was_always_so_is_told_as_stable_and_no_drift() -> None:
    found = judged(rows("2026-01-01", 30, seed=0, cut=0.6), rows("2026-02-01", 30, seed=1, cut=0.6))
    assert {one.note for one in found.findings} == {"stable"}
    assert {one.status for one in found.findings} == {"warning"}
    assert any("in the reference too" in one and "since" not in one for one in sentences(found))
    told = fairness_answer(found)
    assert told.doubt.startswith("3 of 3 gaps (sex f) stood in the reference too: stable, no drift.")
    assert told.headline.startswith("False alarms are still 0.16 times as frequent for")
    assert len(told.headline.split()) <= 15


def aged(start: str, *, seed: int, young: float) -> pd.DataFrame:
    """6,000 rows of five ages, a fiftieth of which is decided positive, of the youngest `young` times as many; no label."""
    rng, n = np.random.default_rng(seed), 6_000
    age = rng.choice(["18", "30", "45", "60", "75"], n)
    decided = rng.random(n) < 0.04 * np.where(age == "18", young, 1.0)
    return pd.DataFrame({"at": pd.date_range(start, periods=n, freq="5min"), "decision": decided.astype(int), "score": 0.1, "sex": age})


def test_two_groups_that_were_always_far_apart_are_told_where_no_window_is_sure() -> None:
    found = judged(aged("2026-01-01", seed=0, young=0.35), aged("2026-02-01", seed=1, young=0.5))
    told = found.findings[0]
    assert [(one.label, one.note, one.status, one.method) for one in found.findings] == [("sex 18", "stable", "warning", "selection_rate")]
    assert told.where != ""
    assert told.after == pytest.approx(told.pair[0] / told.pair[1])
    said = fairness_answer(found)
    assert said.headline == f"sex 18 is still decided positive {told.after:.2g} times as often as {told.where}."
    assert "stable, no drift" in said.doubt
    assert sentences(found)[0].endswith(f"{told.before:.2g} times in the reference too.")
    parity = found.table[found.table["metric"].eq("demographic_parity")]
    assert parity["status"].eq("warning").all()
    assert found.table.loc[found.table["group"].eq("18"), "status"].isin(["stable", "too_few_rows"]).all()  # it is not told of all others


def test_groups_that_chance_alone_puts_far_apart_are_not_told() -> None:
    pairs = [(aged("2026-01-01", seed=2 * i, young=1.0), aged("2026-02-01", seed=2 * i + 1, young=1.0)) for i in range(3)]
    assert not any(judged(*one).findings for one in pairs)


def test_groups_alike_raise_nothing() -> None:
    found = [judged(rows("2026-01-01", 20, seed=2 * seed), rows("2026-02-01", 20, seed=2 * seed + 1)) for seed in range(4, 6)]
    assert not any(one.findings for one in found)
    assert fairness_answer(found[0]).headline == "No group is treated apart from others beyond chance and the band."


def test_groups_of_three_rows_have_a_reason_and_no_alarm() -> None:
    reference, production = rows("2026-01-01", 20, seed=0), rows("2026-02-01", 5, seed=1)
    production.loc[[3, 300, 700], "sex"] = "x"
    production.loc[[3, 300, 700], "decision"] = 1
    found = judged(reference, production)
    mine = found.table[found.table["group"].eq("x") & found.table["metric"].eq("selection_rate")]
    assert set(mine["status"]) <= {"too_few_rows", "not_applicable"}
    assert mine["value"].dropna().eq(1.0).all()
    assert not [one for one in found.findings if one.what.endswith("x")]
    whole = groups_table(found, "sex", "selection_rate")
    assert whole.loc[whole["group"].eq("x") & whole["side"].eq("production"), "n"].item() == 3
    parity = found.table[found.table["metric"].eq("demographic_parity")]
    assert parity["value"].max() < 0.5  # three rows are none of the two groups farthest apart


def test_without_labels_who_is_chosen_is_still_compared() -> None:
    reference, production = (
        rows(start, 20, seed=seed, cut=0.6).drop(columns="label") for start, seed in (("2026-01-01", 0), ("2026-02-01", 1))
    )
    found = judged(reference, production)
    assert {one.method for one in found.findings} == {"selection_rate"}
    assert [one.reason for one in found.skipped] == ["no_labels"]
    assert set(found.table["metric"]) == {"selection_rate", "demographic_parity"}


def test_a_number_is_cut_into_quarters_of_the_reference() -> None:
    reference, production = (
        rows(start, 10, seed=seed).assign(sex=np.random.default_rng(seed).integers(18, 90, 2_000))
        for start, seed in (("2026-01-01", 0), ("2026-02-01", 1))
    )
    found = judged(reference, production)
    assert found.table["group"].nunique() == 4


def test_errors_of_a_regression_are_compared() -> None:
    made = []
    for start in ("2026-01-01", "2026-02-01"):
        rng = np.random.default_rng(len(made))
        n = 4_000
        sex, label = rng.choice(["f", "m"], n), rng.normal(50, 10, n)
        decision = label + rng.normal(0, np.where(sex == "f", 6, 3))
        made.append(pd.DataFrame({"at": pd.date_range(start, periods=n, freq="10min"), "decision": decision, "label": label, "sex": sex}))
    found = judged(made[0], made[1], task="regression")
    first = next(one for one in found.findings if one.method == "mae")
    assert first.after == pytest.approx(2, abs=0.15) if first.what.endswith("~f") else first.after == pytest.approx(0.5, abs=0.05)
    assert first.note == "stable"
    assert "times as large for sex" in " ".join(sentences(found))


def test_classes_are_compared_one_by_one() -> None:
    made = []
    for start in ("2026-01-01", "2026-02-01"):
        rng = np.random.default_rng(len(made))
        n = 4_000
        sex, label = rng.choice(["f", "m"], n), rng.choice(list("xyz"), n)
        wrong = rng.random(n) < np.where(sex == "f", 0.5, 0.1)
        decision = np.where(wrong, "x", label)
        made.append(pd.DataFrame({"at": pd.date_range(start, periods=n, freq="10min"), "decision": decision, "label": label, "sex": sex}))
    found = judged(made[0], made[1], task="multiclass")
    assert {one.carried for one in found.findings if one.method == "recall"} >= {("y",), ("z",)}
    assert found.table.loc[found.table["metric"].eq("demographic_parity"), "class"].nunique() == 3


@pytest.mark.parametrize(
    ("change", "more", "error", "message"),
    [
        ({"sex": "f"}, {}, SelectionError, "'sex' has 1 group"),
        ({}, {"by": "sax"}, ColumnMissingError, "'sax'"),
        ({}, {"methods": ("recal",)}, MethodError, "Did you mean 'recall'"),
    ],
)
def test_what_cannot_be_compared_is_said(change: dict[str, object], more: dict[str, object], error: type[Exception], message: str) -> None:
    tables = [rows(start, 3, seed=0).assign(**change) for start in ("2026-01-01", "2026-02-01")]
    with pytest.raises(error, match=message):
        judged(tables[0], tables[1], **more)


def test_rows_without_a_group_are_counted_as_left_out() -> None:
    production = rows("2026-02-01", 5, seed=1)
    production.loc[:9, "sex"] = None
    found = judged(rows("2026-01-01", 10, seed=0), production)
    assert any("10 rows of production without a value of 'sex'" in one.message for one in found.skipped)


def test_ten_rows_are_told_as_fairlearn_does_and_alarm_nobody() -> None:
    y, decided, group = [1, 1, 0, 0, 1, 0, 1, 0, 0, 1], [1, 0, 0, 1, 1, 0, 1, 0, 0, 0], list("aaaaaabbbb")
    made = [
        pd.DataFrame({"at": pd.date_range(start, periods=10, freq="1h"), "label": y, "decision": decided, "sex": group})
        for start in ("2026-01-05", "2026-03-02")
    ]
    found = judged(made[0], made[1])
    table = found.table.set_index(["metric", "group"])
    assert table.loc[("selection_rate", "a"), "value"] == 0.5
    assert table.loc[("recall", "a"), "value"] == pytest.approx(2 / 3)
    together = found.table[found.table["group"].isna()].set_index("metric")
    assert together.loc["demographic_parity", ["difference", "ratio"]].tolist() == [0.25, 0.5]
    assert together.loc["equalized_odds", ["difference", "ratio"]].tolist() == pytest.approx([1 / 3, 0.0])
    assert set(found.table["status"]) <= {"too_few_rows", "not_applicable"}
    assert fairness_answer(found).headline == "Fairness could not be judged: groups have too few rows."
