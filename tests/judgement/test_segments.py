"""Segments from rows to sentences, on simulated cases with a known truth."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.segments import measure_segments
from monitor.engine import open_tables
from monitor.errors import ColumnMissingError, MethodError
from monitor.judgement.answers import segments_answer
from monitor.judgement.findings import findings_table
from monitor.judgement.segments import JudgedSegments, judge_segments

ROLES = {"timestamp": "at", "score": "score", "label": "label"}


def rows(start: str, days: int, seed: int, *, wrong_from: int | None = None) -> pd.DataFrame:
    """200 rows a day of a calibrated score; from a day on labels are turned round where the shop is B and the way is web."""
    rng = np.random.default_rng(seed)
    n = 200 * days
    score = rng.beta(2, 5, n)
    table = pd.DataFrame(
        {
            "at": pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 432, unit="s"),
            "shop": rng.choice(["A", "B", "C"], n),
            "way": rng.choice(["web", "phone"], n),
            "age": rng.integers(18, 80, n),
            "weight": np.where(rng.random(n) < 0.1, np.nan, rng.normal(5, 1, n)),
            "score": score,
        }
    )
    label = rng.random(n) < score
    if wrong_from is not None:
        label ^= (table["shop"] == "B").to_numpy() & (table["way"] == "web").to_numpy() & (np.arange(n) >= 200 * wrong_from)
    return table.assign(label=label.astype(int))


def judged(reference: pd.DataFrame, production: pd.DataFrame, **more: object) -> JudgedSegments:
    with open_tables(reference, production, roles={**ROLES, **more}, windows="1 day") as workspace:  # type: ignore[arg-type]
        return judge_segments(measure_segments(workspace))


@pytest.fixture(scope="module")
def broken() -> JudgedSegments:
    return judged(rows("2026-01-01", 30, 0), rows("2026-02-01", 30, 1, wrong_from=12))


def test_the_pair_that_got_worse_is_named_with_its_day(broken: JudgedSegments) -> None:
    first = broken.findings[0]
    assert first.what == "shop = 'B' and way = 'web'"
    assert first.status == "alert"
    assert abs((first.start - np.datetime64("2026-02-13")) / np.timedelta64(1, "D")) <= 1
    assert first.rows == pytest.approx(18 * 200 / 6, rel=0.15)
    assert {one.what for one in broken.findings} == {first.what}
    assert segments_answer(broken).headline.startswith("Scores fit labels worse where shop = 'B' and way = 'web' since")
    assert len(segments_answer(broken).headline.split()) <= 15


def test_a_window_with_three_rows_of_a_segment_has_too_few() -> None:
    late = rows("2026-02-01", 10, 1)
    mine = late.index[(late["shop"] == "B") & (late["at"] >= "2026-02-10")]
    late["label"] = late["label"].where(~late.index.isin(mine[3:]))
    table = judged(rows("2026-01-01", 30, 0), late, segments=["shop"]).table.set_index(["segment", "window"])
    few, enough = table.loc[("shop = 'B'", "2026-02-10")], table.loc[("shop = 'B'", "2026-02-09")]
    assert (few["n"], few["status"]) == (3, "too_few_rows")
    assert few[["contribution", "lower", "upper"]].isna().all()
    assert enough["status"] == "stable"


def test_its_row_of_the_table_says_beside_what(broken: JudgedSegments) -> None:
    row = broken.table[(broken.table["rank"] == 1) & (broken.table["window"] == "2026-02-20")].iloc[0]
    assert json.loads(row["columns"]) == ["shop", "way"]
    assert row["metric"] == "brier"
    assert row["status"] == "alert"
    assert row["reference_value"] == pytest.approx(0.179, abs=0.02)  # E s (1 - s) of Beta(2, 5)
    assert row["value"] == pytest.approx(1 - 3 * 0.179, abs=0.12)  # of a turned label E s^3 + (1 - s)^3 = 1 - 3 E s (1 - s)
    assert row["elsewhere"] == pytest.approx(0.179, abs=0.04)
    assert 0 < row["lower"] < row["contribution"] < row["upper"]
    assert row["share_rows"] == pytest.approx(1 / 6, abs=0.08)
    sentence = findings_table(broken.findings, broken.names, broken.against)["sentence"].iloc[0]
    assert sentence.startswith("Scores fit labels worse where shop = 'B' and way = 'web' since 1")


def test_a_segment_that_is_told_without_another_names_it() -> None:
    """Where the way is web some labels are turned round, in the shop B all of them."""
    production = rows("2026-02-01", 30, 1, wrong_from=12)
    rest = (production["shop"] != "B") & (production["way"] == "web") & (production["at"] >= "2026-02-13")
    turned = rest & (np.random.default_rng(3).random(len(production)) < 0.2)
    production.loc[turned, "label"] = 1 - production.loc[turned, "label"]
    found = judged(rows("2026-01-01", 30, 0), production)
    assert [one.what for one in found.findings] == ["shop = 'B' and way = 'web'", "way = 'web' and not (shop = 'B' and way = 'web')"]
    sentence = findings_table(found.findings, found.names, found.against)["sentence"].iloc[1]
    assert sentence.startswith("Scores fit labels worse where way = 'web' and not (shop = 'B' and way = 'web')")


def test_nothing_is_named_where_nothing_changed() -> None:
    found = [judged(rows("2026-01-01", 30, 2 * i), rows("2026-02-01", 30, 2 * i + 1)).findings for i in range(10, 12)]
    assert not any(found)


def test_a_segment_that_was_always_weak_is_no_news() -> None:
    always = [rows(start, 30, seed, wrong_from=0) for start, seed in (("2026-01-01", 0), ("2026-02-01", 1))]
    assert judged(*always).findings == ()


def test_a_saved_condition_is_told_by_its_name() -> None:
    tables = rows("2026-01-01", 20, 0), rows("2026-02-01", 20, 1, wrong_from=8)
    with open_tables(*tables, roles=ROLES, windows="1 day", segments={"web in B": "shop = 'B' AND way = 'web'"}) as workspace:
        found = judge_segments(measure_segments(workspace))
    assert "web in B" in set(found.table["label"])


def test_a_regression_is_told_in_its_errors() -> None:
    rng = np.random.default_rng(0)
    made = []
    for start, off in (("2026-01-01", 0.0), ("2026-02-01", 8.0)):
        table = rows(start, 20, 3 if off else 2)
        label = rng.normal(100, 15, len(table))
        late = (table["shop"] == "C").to_numpy() & (np.arange(len(table)) >= 2_000)
        made.append(table.assign(y=label, p=label + rng.normal(0, 5, len(table)) + off * late).drop(columns=["score", "label"]))
    with open_tables(*made, roles={"timestamp": "at", "prediction": "p", "label": "y"}, task="regression", windows="1 day") as workspace:
        found = judge_segments(measure_segments(workspace))
    assert found.findings[0].what == "shop = 'C'"
    assert found.findings[0].after - found.findings[0].before == pytest.approx(8, abs=1)


def test_classes_are_told_in_accuracy() -> None:
    made = []
    for start, seed, wrong in (("2026-01-01", 0, 0.1), ("2026-02-01", 1, 0.6)):
        table, rng = rows(start, 20, seed), np.random.default_rng(seed)
        label = rng.choice(["x", "y", "z"], len(table))
        miss = rng.random(len(table)) < np.where(table["shop"] == "A", wrong, 0.1)
        answer = np.where(miss, np.roll(label, 1), label)
        made.append(table.assign(label=label, answer=answer).drop(columns="score"))
    roles = {"timestamp": "at", "prediction": "answer", "label": "label"}
    with open_tables(*made, roles=roles, task="multiclass", windows="1 day") as workspace:
        found = judge_segments(measure_segments(workspace))
    assert found.findings[0].what == "shop = 'A'"
    assert found.findings[0].method == "accuracy"


def test_bad_questions_are_answered_in_words() -> None:
    tables = rows("2026-01-01", 5, 0), rows("2026-02-01", 5, 1)
    with open_tables(*tables, roles=ROLES, windows="1 day") as workspace, pytest.raises(MethodError, match="no metric 'brir'"):
        measure_segments(workspace, methods=("brir",))
    without = open_tables(*tables, roles={"timestamp": "at", "score": "score"}, windows="1 day")
    with without as workspace, pytest.raises(ColumnMissingError, match="names no label"):
        measure_segments(workspace)


def test_without_labels_there_is_a_sentence() -> None:
    found = judged(rows("2026-01-01", 20, 0), rows("2026-02-01", 5, 1).assign(label=None))
    assert segments_answer(found).headline == "No window has its labels in: segments cannot be compared."
    assert [one.reason for one in found.skipped] == ["no_labels"]


def test_rare_labels_of_a_named_segment_are_counted() -> None:
    """Half a percent of labels are positive, four times as many in one shop from a day on; a bunch of three in an hour is no news."""

    def rare(start: str, seed: int, *, times: float = 1.0) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        table = rows(start, 40, seed)
        score = rng.beta(1, 199, len(table))
        more = np.where((table["shop"] == "B") & (np.arange(len(table)) >= 200 * 10), times, 1.0)
        return table.assign(score=score, label=(rng.random(len(table)) < np.minimum(score * more, 1)).astype(int))

    found = judged(rare("2026-01-01", 3), rare("2026-02-15", 4, times=5.0), segments=["shop", "way"])
    assert [one.what for one in found.findings] == ["shop = 'B'"]
    first = found.findings[0]
    assert first.method == "bias"
    assert first.onset_lower <= np.datetime64("2026-02-25") <= first.onset_upper
    assert not judged(rare("2026-01-01", 3), rare("2026-02-15", 5), segments=["shop", "way"]).findings


def test_less_worse_than_elsewhere_is_not_better() -> None:
    """Labels are turned round everywhere but at one shop, where every tenth is: no finding says that this one became better."""
    after = rows("2026-02-01", 30, 1)
    turned = np.random.default_rng(3).random(len(after)) < np.where(after["shop"] == "A", 0.1, 0.6)
    found = judged(rows("2026-01-01", 30, 0), after.assign(label=np.where(turned, 1 - after["label"], after["label"])))
    assert [one.what for one in found.findings if one.note == "better"] == []


def test_a_change_that_all_rows_share_is_none_of_a_segment() -> None:
    """Every label is likelier from a day on; production has few labels, so that other rows of a day say little of how all rows moved."""
    for seed in range(2):
        after, rng = rows("2026-02-01", 30, 10 + seed), np.random.default_rng(seed)
        odds = after["score"] / (1 - after["score"]) * np.where(after["at"] >= "2026-02-13", np.exp(1.2), 1.0)
        drawn = pd.Series((rng.random(len(after)) < odds / (1 + odds)).astype(float))
        after["label"] = drawn.where(rng.random(len(after)) < 0.15)
        found = judged(rows("2026-01-01", 30, 20 + seed), after, segments=["shop", "way"])
        assert found.findings == ()
        assert found.table["value"].abs().max() > 0.1


def test_an_effect_that_turns_round_is_told_of_those_it_moved_beside_all_others() -> None:
    """Labels of the shop A become rarer and those of B likelier as long as the period lasts; C, and the mean of all rows, stay."""
    after = rows("2026-02-01", 30, 1)
    moved = (after["at"] >= "2026-02-13") & (np.random.default_rng(2).random(len(after)) < np.where(after["shop"] == "A", 1.0, 0.5))
    label = after["label"].where(~(moved & (after["shop"] == "A")), 0).where(~(moved & (after["shop"] == "B")), 1)
    found = judged(rows("2026-01-01", 30, 0), after.assign(label=label))
    assert {one.what for one in found.findings} == {"shop = 'A'", "shop = 'B'"}
    usual = after["score"] - label
    for one in found.findings:
        assert one.ongoing
        mine = (after["shop"] == one.label[-2]) & (after["at"] >= np.datetime64(one.start))
        assert one.after == pytest.approx(usual[mine].mean())
        assert one.before == pytest.approx(0, abs=0.02)  # what was usual there, not that others went the other way
        told = found.table[(found.table["segment"] == one.what) & (found.table["window"] == "2026-02-20")].iloc[0]
        day = after["at"].dt.strftime("%Y-%m-%d") == "2026-02-20"
        assert told["elsewhere"] == pytest.approx(usual[day & (after["shop"] != one.label[-2])].mean())
        assert told["share_rows"] == pytest.approx((after["shop"] == one.label[-2])[day].mean())
