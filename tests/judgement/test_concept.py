"""Concept drift from rows to sentences, on simulated cases with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.concept import measure_concept
from monitor.engine import open_tables
from monitor.errors import MethodError
from monitor.export.finding_sections import concept_chart, concept_section, concept_titles
from monitor.judgement.answers import concept_answer
from monitor.judgement.concept import JudgedConcept, judge_concept
from monitor.judgement.narration.sentences import headline, sentence

ROLES = {"timestamp": "at", "score": "score", "label": "label"}


def rows(start: str, seed: int, *, more: float = 0.0, high: float = 0.0) -> pd.DataFrame:
    """20 days of 200 rows of a calibrated score of x; `more` is added to the chance of a label from day 10 on, `high` to x."""
    rng = np.random.default_rng(seed)
    n = 4_000
    x = rng.normal(high, 1, n)
    score = 1 / (1 + np.exp(1 - x))
    label = rng.random(n) < np.clip(score + more * (np.arange(n) >= 2_000), 0, 1)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 432, unit="s")
    return pd.DataFrame({"at": at, "x": x, "score": score, "label": label.astype(int)})


def judged(production: pd.DataFrame) -> JudgedConcept:
    with open_tables(rows("2026-01-01", 0), production, roles=ROLES, windows="1 day") as workspace:
        return judge_concept(measure_concept(workspace))


def mean(found: JudgedConcept, method: str, since: str = "") -> float:
    table = found.table
    return float(table.loc[table["method"].eq(method) & (table["window"] >= since), "score"].mean())


def test_labels_that_rise_at_the_same_inputs_are_the_relation() -> None:
    found = judged(rows("2026-02-01", 1, more=0.2))
    level = next(one for one in found.findings if one.what == "level")
    assert abs((level.start - np.datetime64("2026-02-11")) / np.timedelta64(1, "D")) <= 1
    assert level.after == pytest.approx(0.2, abs=0.04)
    assert found.findings[0] == level
    assert not [one for one in found.findings if one.what in ("calibration_intercept", "prior")]  # they say what the level says
    assert concept_answer(found).headline.startswith("Labels are above what inputs let expect since 1")
    assert abs(mean(found, "covariate", "2026-02-12")) < 0.01


def test_the_parts_add_up_exactly() -> None:
    table = judged(rows("2026-02-01", 1, more=0.1, high=0.5)).table.pivot_table(index="window", columns="method", values="score")
    assert (table["covariate"] + table["concept"]).to_numpy() == pytest.approx(table["total"].to_numpy())
    assert (table["mix"] + table["behaviour"]).to_numpy() == pytest.approx(table["total"].to_numpy())


def test_inputs_that_move_alone_are_not_the_relation() -> None:
    found = judged(rows("2026-02-01", 1, high=0.7))
    assert not [one for one in found.findings if one.method in ("level", "concept")]
    assert mean(found, "covariate") > 4 * abs(mean(found, "concept"))


def test_columns_that_are_empty_leave_the_score_alone() -> None:
    empty = [
        rows(start, seed).drop(columns="x").assign(x=values) for start, seed, values in (("2026-01-01", 0, "a"), ("2026-02-01", 1, None))
    ]
    with open_tables(*empty, roles=ROLES, windows="1 day") as workspace:
        assert set(judge_concept(measure_concept(workspace)).table["method"]) >= {"total", "covariate", "concept"}


def test_shares_are_told_of_a_change_and_not_of_chance() -> None:
    doubt = [concept_answer(judged(rows("2026-02-01", 1, more=more))).doubt for more in (0.0, 0.2)]
    assert "Together that is within chance." in doubt[0]
    assert "By coarser groups (of a tree)" not in doubt[0]
    assert "within chance" not in doubt[1]
    assert "By coarser groups (of a tree)" in doubt[1]


def shifting(start: str, seed: int, *, by: float = 0.0) -> pd.DataFrame:
    """Rows whose labels follow a second column, and a copy of it, by `by` otherwise from day 10 on, at the same level."""
    made = rows(start, seed)
    city = np.random.default_rng(seed + 100).choice(["Rome", "Bern"], len(made))
    late = np.arange(len(made)) >= len(made) // 2
    chance = made["score"] + np.where(city == "Rome", by, -by) * late
    label = np.random.default_rng(seed + 200).random(len(made)) < np.clip(chance, 0, 1)
    return made.assign(label=label.astype(int), city=city, region=np.where(city == "Rome", "south", "north"))


def test_columns_that_show_one_event_are_one_finding() -> None:
    tables = shifting("2026-01-01", 0), shifting("2026-02-01", 1, by=0.2)
    with open_tables(*tables, roles=ROLES, windows="1 day") as workspace:
        found = judge_concept(measure_concept(workspace))
    (one,) = [one for one in found.findings if one.carried]
    assert set(one.carried) == {"city", "region"}
    assert one.note == "labels"
    told = sentence(one, found.names)
    assert told.startswith("The relation of inputs to labels changed since 1")
    assert "most for city and region; most where city = " in told
    assert "labels there 0.18 below what inputs let expect, 0.0018 below over all rows" in told
    assert len(headline(one, found.names).split()) <= 15
    assert one.p_value <= one.q_value <= found.thresholds.q
    rows_told = found.table[found.table["run"].eq(one.id)]
    assert set(zip(rows_told["method"], rows_told["column"], strict=True)) >= {("residual", "city"), ("residual", "region")}


def test_a_place_whose_labels_stayed_where_all_others_moved_is_not_told_as_where_they_moved_most() -> None:
    tables = []
    for start, by in (("2026-01-01", 0.0), ("2026-02-01", 0.3)):
        made = rows(start, len(tables))
        calm = np.random.default_rng(len(tables)).random(len(made)) < 0.3
        chance = made["score"] + by * ~calm * (np.arange(len(made)) >= len(made) // 2)
        label = np.random.default_rng(7).random(len(made)) < np.clip(chance, 0, 1)
        tables.append(made.assign(label=label.astype(int), city=np.where(calm, "Rome", "Bern")))
    with open_tables(tables[0], tables[1], roles=ROLES, windows="1 day") as workspace:
        found = judge_concept(measure_concept(workspace))
    (one,) = [one for one in found.findings if one.carried]
    assert (one.carried, one.where) == (("city",), "")


def test_labels_that_follow_inputs_which_moved_are_no_concept_drift() -> None:
    """More high scores in Rome move its labels; at the same inputs they are as before."""
    made = shifting("2026-02-01", 1)
    late, random = np.arange(len(made)) >= len(made) // 2, np.random.default_rng(9)
    moved = np.where(late & made["city"].eq("Rome"), random.uniform(0.4, 0.9, len(made)), made["score"])
    made = made.assign(score=moved, label=(random.random(len(made)) < moved).astype(int))
    with open_tables(shifting("2026-01-01", 0), made, roles=ROLES, windows="1 day") as workspace:
        found = judge_concept(measure_concept(workspace))
    assert not [one for one in found.findings if one.method != "prior"]
    assert mean(found, "association", "2026-02-12") > 0.05


def test_the_report_draws_what_a_finding_is_about() -> None:
    found = judged(rows("2026-02-01", 1, more=0.2))
    level = next(one for one in found.findings if one.what == "level")
    (chart,) = concept_section(level, found).charts
    assert chart["title"]["text"].startswith("Labels beside what inputs let expect")
    drawn = concept_chart(found, "association~x").data
    assert drawn["value"].to_numpy() == pytest.approx(
        found.table.loc[found.table["column"].eq("x") & found.table["method"].eq("association"), "score"]
    )
    assert concept_titles(found)["residual~x"] == "Labels beyond what inputs let expect by x"


def classes(start: str, seed: int, *, more: float = 0.0) -> pd.DataFrame:
    """Rows of three classes, of which a fifth is answered wrong, and in Rome from day 10 on more."""
    made = shifting(start, seed)
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, len(made))
    wrong = rng.random(len(made)) < 0.2 + more * (made["city"].eq("Rome") & (np.arange(len(made)) >= len(made) // 2))
    names = np.array(["a", "b", "c"])
    return pd.DataFrame({"at": made["at"], "city": made["city"], "answer": names[(label + wrong) % 3], "label": names[label]})


def test_of_classes_it_is_errors_that_depend_on_columns() -> None:
    tables = classes("2026-01-01", 0), classes("2026-02-01", 1, more=0.4)
    roles = {"timestamp": "at", "prediction": "answer", "label": "label"}
    with open_tables(*tables, roles=roles, windows="1 day", task="multiclass") as workspace:
        found = judge_concept(measure_concept(workspace))
    told = [sentence(one, found.names) for one in found.findings]
    assert any(one.startswith("The relation of inputs to errors changed since 1") and "most for city" in one for one in told)
    assert any(one.startswith("Concept drift makes the model worse since 1") for one in told)


def test_columns_are_not_judged_beside_shorter_windows_of_the_reference() -> None:
    short = shifting("2026-01-01", 0).iloc[:1_800]  # nine days, which the week's windows are compared with
    with open_tables(short, shifting("2026-02-01", 1, by=0.2), roles=ROLES, windows="1 week") as workspace:
        found = judge_concept(measure_concept(workspace))
    columns = found.table[found.table["column"].ne("")]
    assert set(columns["status"]) == {"not_judged"}
    assert columns["score"].notna().all()
    assert [one.reason for one in found.skipped] == ["short_reference"]


def test_a_method_that_is_not_there_is_said() -> None:
    tables = rows("2026-01-01", 0), rows("2026-02-01", 1)
    with open_tables(*tables, roles=ROLES, windows="1 day") as workspace, pytest.raises(MethodError, match="no method 'levl'"):
        measure_concept(workspace, methods=("levl",))


def test_without_labels_there_is_a_sentence() -> None:
    found = judged(rows("2026-02-01", 1).assign(label=None))
    assert concept_answer(found).headline == "No window has its labels in: the relation cannot be looked at."


def rare(start: str, positives: list[int]) -> pd.DataFrame:
    """Return 112 rows a day, of which so many are positive."""
    n = 112 * len(positives)
    day = np.repeat(np.arange(len(positives)), 112)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 86_400 // 112, unit="s")
    x = np.random.default_rng(0).normal(size=n)
    label = np.arange(n) % 112 < np.array(positives)[day]
    return pd.DataFrame({"at": at, "x": x, "score": 0.02 + 0.0001 * x, "label": label.astype(int)})


def test_a_window_with_hardly_any_positive_is_not_the_surest() -> None:
    """Its own variance goes with its own mean: it would weigh most of all. 22 of 900 before and 16 of 900 now are within chance."""
    both = rare("2026-01-01", [3, 2, 4, 2, 3, 2, 4, 2]), rare("2026-02-01", [4, 1, 4, 1, 1, 1, 3, 1])
    with open_tables(*both, roles=ROLES, windows="1 day") as workspace:
        result = measure_concept(workspace)
    prior = next(one for one in result.tracks if one.method == "prior")
    assert prior.variance.min() > 0.5 * prior.variance.max()
    assert not [one for one in judge_concept(result).findings if one.method == "prior"]
