"""Joint drift: changed pairs first, limits on the scale of the method, nothing said of cut windows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from monitor.analyses.multivariate import measure_multivariate
from monitor.case import MultivariateThresholds
from monitor.case.thresholds import JOINT_FLOORS, LEAST_ROWS
from monitor.engine import open_tables
from monitor.judgement.finding import Direction, FindingKind, Measure
from monitor.judgement.findings import ALARMS, findings_table
from monitor.judgement.joint_screen import PAIR_FLOOR
from monitor.judgement.joint_table import JUDGED, window_ends
from monitor.judgement.metric_series import Found
from monitor.judgement.multivariate import JudgedMultivariate, judge_multivariate, order
from monitor.registry import screen_answer
from monitor.stats.multivariate.catalogue import JOINT
from monitor.vocabulary import Status


def rows(seed: int, first: str, days: int, broken_from: int | None = None) -> pd.DataFrame:
    """Return 100 rows a day of two numbers that go together and two that do not; from a day on the pair is apart."""
    rng = np.random.default_rng(seed)
    a, c, d = rng.normal(size=(3, days * 100))
    noise = rng.normal(size=days * 100)
    apart = np.arange(days * 100) >= (days if broken_from is None else broken_from) * 100
    b = np.where(apart, noise, 0.8 * a + 0.6 * noise)
    return pd.DataFrame({"at": pd.date_range(first, periods=days * 100, freq="864s").as_unit("us"), "a": a, "b": b, "c": c, "d": d})


def judged_of(
    reference: pd.DataFrame, production: pd.DataFrame, cache: object, windows: str = "1 week", **thresholds: object
) -> JudgedMultivariate:
    made = {"roles": {"timestamp": "at"}, "windows": windows, "cache": cache, "labels_text": {"a": "Size"}}
    with open_tables(reference, production, **made) as workspace:  # type: ignore[arg-type]
        return judge_multivariate(measure_multivariate(workspace), MultivariateThresholds(**thresholds))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> JudgedMultivariate:
    """Twelve weeks against eight and two days, of which the pair is apart from the fifth week on."""
    return judged_of(rows(1, "2024-01-01", 84), rows(2, "2024-03-25", 58, 28), tmp_path_factory.mktemp("cache"))


def test_the_changed_pair_is_named_first_and_alone(broken: JudgedMultivariate) -> None:
    first = broken.findings[0]
    assert (first.kind, first.label, first.direction) == (FindingKind.RELATION, "Size and b", Direction.FEWER)
    assert (first.first, first.last) == (4, 7)
    assert (first.before, first.after) == pytest.approx((0.8, 0.0), abs=0.1)
    assert first.levels_lost == ("a", "b")
    assert sum(one.kind is FindingKind.RELATION for one in broken.findings) == 1
    changed = broken.pairs[broken.pairs["changed"]]
    assert set(zip(changed["first_label"], changed["second_label"], strict=True)) == {("Size", "b")}


def trips(seed: int, first: str, days: int, swapped: slice | None = None) -> pd.DataFrame:
    """Return 200 trips a day; 2 % of them end after midnight, at a smaller hour; of some days every tenth has its hours swapped."""
    rng = np.random.default_rng(seed)
    n = days * 200
    start = rng.uniform(5, 21, n)
    end = np.where(rng.random(n) < 0.02, rng.uniform(0, 4, n), start + rng.gamma(2, 1, n))
    there = np.isin(np.arange(n) // 200, range(days)[swapped] if swapped else []) & (rng.random(n) < 0.1)
    begin, finish = np.where(there, end, start), np.where(there, start, end)
    return pd.DataFrame(
        {"at": pd.date_range(first, periods=n, freq="432s").as_unit("us"), "a": begin, "b": finish, "c": rng.normal(size=n)}
    )


def test_numbers_in_a_seldom_order_are_told_with_their_days(tmp_path: Path) -> None:
    judged = judged_of(trips(1, "2024-01-01", 40), trips(2, "2024-02-10", 30, slice(12, 20)), tmp_path, "1 day")
    [found] = [one for one in judged.findings if one.kind is FindingKind.RELATION]
    assert (found.label, found.measure, found.levels_lost) == ("size above b", Measure.ORDER, ("a", "b"))
    assert (found.first, found.last) == (12, 19)
    assert (found.before, found.after) == (pytest.approx(0.02, abs=0.005), pytest.approx(0.12, abs=0.02))


def test_a_usual_order_is_silent(tmp_path: Path) -> None:
    assert judged_of(trips(1, "2024-01-01", 40), trips(2, "2024-02-10", 30), tmp_path, "1 day").findings == ()


def test_figures_of_a_pair_are_those_of_the_pooled_rows(tmp_path: Path) -> None:
    reference, production = rows(1, "2024-01-01", 84), rows(2, "2024-03-25", 56, 28)
    [first, *_] = judged_of(reference, production, tmp_path).findings
    run = production[production["at"] >= "2024-04-22"]
    for side, told in ((reference, first.before), (run, first.after)):
        assert told == pytest.approx(spearmanr(side["a"], side["b"]).statistic, abs=1e-6)


def test_an_association_that_hardly_changes_is_no_finding(tmp_path: Path) -> None:
    """Of 400 rows a day a change of .07 is beyond chance within a month, and matters to nobody."""
    found = [judged_of(weak(1, "2024-01-01", 60, 0.0), weak(2, "2024-03-01", 60, 0.07), tmp_path, windows="1 day")]
    assert [one.what for one in found[0].findings if one.kind is FindingKind.RELATION] == []
    clear = judged_of(weak(1, "2024-01-01", 60, 0.0), weak(2, "2024-03-01", 60, 0.2), tmp_path, windows="1 day")
    assert [one.label for one in clear.findings if one.kind is FindingKind.RELATION] == ["Size and b"]


def weak(seed: int, first: str, days: int, together: float) -> pd.DataFrame:
    """Return 400 rows a day of three numbers, of which two have such a correlation."""
    rng = np.random.default_rng(seed)
    a, noise, c = rng.normal(size=(3, days * 400))
    b = together * a + np.sqrt(1 - together**2) * noise
    return pd.DataFrame({"at": pd.date_range(first, periods=days * 400, freq="216s").as_unit("us"), "a": a, "b": b, "c": c})


def test_weeks_before_the_break_are_quiet(broken: JudgedMultivariate) -> None:
    before = broken.table[broken.table["window"].isin(broken.result.sides.windows.ids[:4])]
    assert not before["status"].isin(ALARMS).any()
    after = broken.table[broken.table["window"].isin(broken.result.sides.windows.ids[4:8])]
    assert after["status"].isin(ALARMS).groupby(after["method"]).all().any()


def test_columns_are_json_lists_of_names(broken: JudgedMultivariate) -> None:
    told = broken.table["columns"].dropna()
    assert list(broken.table.columns[: len(JUDGED.columns)]) == list(JUDGED.columns)
    assert {"a", "b"} & {name for text in told for name in json.loads(text)}
    assert broken.table.loc[broken.table["columns"].notna(), "run"].notna().all()


def test_a_week_of_two_days_is_not_judged(broken: JudgedMultivariate) -> None:
    last = broken.table[broken.table["window"] == broken.result.sides.windows.ids[-1]]
    assert broken.result.sides.production.rows[-1] == 200
    assert set(last["status"]) <= {Status.NOT_JUDGED, Status.TOO_FEW_ROWS}
    assert (last["strength"] == 0).all()


def test_limits_enclose_the_usual_score(broken: JudgedMultivariate) -> None:
    table = broken.table[broken.table["lower"].notna()]
    assert (table["lower"] < table["center"]).all()
    judged = broken.table[broken.table["status"] != Status.NOT_JUDGED]
    assert (judged["center"] <= judged["upper"]).all()
    assert broken.table.loc[broken.table["status"] == Status.NOT_JUDGED, "upper"].isna().all()
    stable = broken.table[broken.table["status"] == Status.STABLE]
    assert (stable["score"] <= stable["upper"]).mean() > 0.9


def test_runs_and_findings_name_each_other(broken: JudgedMultivariate) -> None:
    of_methods = [one for one in broken.findings if one.kind is FindingKind.JOINT]
    assert set(broken.table["run"].dropna()) <= {one.id for one in broken.findings}
    for one in of_methods:
        mine = broken.of(one.method).iloc[one.first : one.last + 1]
        assert (mine["strength"] >= one.strength - 1e-9).all()
        assert mine["run"].notna().all()
        assert one.label == JOINT[one.method].title
    table = findings_table(broken.findings, broken.names, broken.against)
    assert "Size and b" in table["sentence"].iloc[0]


def test_strength_is_score_over_limit(broken: JudgedMultivariate) -> None:
    """Both in one unit: as distances from the usual score, changes of pairs from 0."""
    for one in broken.findings:
        base = 0.0 if one.kind is FindingKind.RELATION else one.before
        assert one.strength == pytest.approx((one.score - base) / (one.limit - base))
        assert one.strength >= 1
        assert one.q_value >= one.p_value
    related = [one for one in broken.findings if one.kind is FindingKind.RELATION]
    assert all(one.limit <= -PAIR_FLOOR for one in related)


def test_a_row_that_alarms_carries_the_finding_that_speaks(broken: JudgedMultivariate) -> None:
    by_id = {one.id: one for one in broken.findings}
    rows = broken.table[broken.table["status"].isin(ALARMS)]
    assert set(rows["method"]) >= {"correlation", "gaussian_distance"}
    for row in rows.itertuples():
        one = by_id[row.run]
        assert (row.run_score, row.run_limit, row.p_value, row.q_value) == (one.score, one.limit, one.p_value, one.q_value)
        alone = (row.score - row.center) / (row.limit - row.center)
        assert row.strength == pytest.approx(max(alone, one.strength))
        assert row.q_value <= 0.05


def test_alerts_come_first(broken: JudgedMultivariate) -> None:
    """Even before warnings about pairs, which are first among findings of one status."""
    pair, *others = broken.findings
    mild = replace(pair, status=Status.WARNING.value)
    assert sorted([mild, *others], key=order)[0].status == Status.ALERT
    assert sorted([*others, pair], key=order)[0] is pair
    assert all(one.carried for one in others if one.method == "gaussian_distance")


def test_a_broken_rule_is_named_with_its_share_of_rows(tmp_path: Path) -> None:
    """From the third week on one row in ten has a kind that never came with its place."""
    sides = [rows(1, "2024-01-01", 84), rows(2, "2024-03-25", 28)]
    for side in sides:
        side["place"] = np.where(np.arange(len(side)) % 2, "north", "south")
        side["kind"] = np.where(side["place"] == "north", "ice", "sand")
    wrong = np.arange(1401, 2800, 20)
    sides[1].loc[wrong, "kind"] = "sand"
    [found] = [one for one in judged_of(*sides, tmp_path).findings if one.kind is FindingKind.RULE]
    assert (found.first, found.last, found.measure) == (2, 3, Measure.SHARE)
    assert found.after == pytest.approx(0.05)
    assert found.note_share == pytest.approx(0.05)
    assert found.note.startswith(("place = north with kind = sand", "kind = sand with place = north"))


def test_a_window_beyond_its_limit_is_as_strong() -> None:
    found = Found(
        runs=(),
        center=np.ones(3),
        lower=np.zeros(3),
        upper=np.full(3, 2.0),
        alone=np.array([0.8, 1.5, 1.2]),
        p_value=1,
        q_value=1,
        judged=True,
    )
    lower, upper = window_ends(found, np.array([2.2, 3.0, -0.2]))
    assert upper.tolist() == [2.5, 2.0, 2.0]
    assert lower.tolist() == [0.0, 0.0, 0.0]


def test_no_drift_no_finding(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = [
        judged_of(rows(seed, "2024-01-01", 84), rows(seed + 50, "2024-03-25", 28), tmp_path_factory.mktemp("cache")).findings
        for seed in range(10, 13)
    ]
    assert sum(bool(one) for one in found) <= 1


def test_higher_floors_name_less(broken: JudgedMultivariate) -> None:
    high = judge_multivariate(broken.result, MultivariateThresholds(floors=dict.fromkeys(JOINT, 1e9)))
    assert [one for one in high.findings if one.kind is FindingKind.JOINT] == []


def test_too_few_rows_of_all_windows_is_no_all_clear(broken: JudgedMultivariate) -> None:
    few = judge_multivariate(broken.result, MultivariateThresholds(min_rows=10_000))
    assert set(few.table["status"]) == {Status.TOO_FEW_ROWS}
    assert screen_answer(few).headline.startswith("Nothing could be judged")


def test_thresholds_of_a_case() -> None:
    assert MultivariateThresholds(floors={"rules": 0.5}).floor_of("rules") == 0.5
    assert MultivariateThresholds().floor_of("rules") == JOINT_FLOORS["rules"]
    assert MultivariateThresholds().floor_of("pca_reconstruction") == 0.0
    assert MultivariateThresholds().least_rows("rules") == LEAST_ROWS["rules"]
    assert set(JOINT_FLOORS) <= set(JOINT)
