"""Text columns from tables to judged rows: planted words are found and named, what cannot be compared says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.case import DriftThresholds
from monitor.engine import open_tables
from monitor.errors import CancelledError
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.drift_table import JUDGED
from monitor.judgement.finding import Direction
from monitor.judgement.findings import ALARMS
from monitor.judgement.narration.sentences import sentence
from monitor.vocabulary import Kind

DAYS, ROWS = 12, 60
WORDS = np.array([f"word{i}" for i in range(150)])
WEIGHTS = 1 / np.arange(1, 151) / np.sum(1 / np.arange(1, 151))


def reviews(rng: np.random.Generator, first: str) -> pd.DataFrame:
    count = DAYS * ROWS
    at = np.datetime64(first, "us") + np.arange(count) * np.timedelta64(86_400 // ROWS, "s")
    return pd.DataFrame({"at": at, "review": [" ".join(rng.choice(WORDS, 12, p=WEIGHTS)) for _ in range(count)]})


def judge(reference: pd.DataFrame, production: pd.DataFrame, cache: Path, methods: str = "default", **question: object) -> JudgedDrift:
    settings = {"roles": {"timestamp": "at"}, "kinds": {"review": "text"}, "windows": "1 day", "cache": cache}
    with open_tables(reference, production, **settings) as workspace:  # type: ignore[arg-type]
        return judge_drift(measure_drift(workspace, Question(**question), methods=(methods,)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> JudgedDrift:
    """From the seventh day on, half of the reviews complain of having been charged twice, and a tenth is missing."""
    rng = np.random.default_rng(0)
    production = reviews(rng, "2024-02-01")
    late = np.arange(len(production)) >= 6 * ROWS
    production.loc[late & (rng.random(len(production)) < 0.5), "review"] += " Charged TWICE!"
    production.loc[late & (rng.random(len(production)) < 0.1), "review"] = None
    return judge(reviews(rng, "2024-01-01"), production, tmp_path_factory.mktemp("cache"))


def rows_of(judged: JudgedDrift, method: str) -> pd.DataFrame:
    return judged.table[judged.table["method"] == method].reset_index(drop=True)


def test_a_text_column_has_rows_of_its_own_beside_its_length_and_words(planted: JudgedDrift) -> None:
    assert list(planted.table.columns[: len(JUDGED.columns)]) == list(JUDGED.columns)
    assert set(planted.table["column"]) == {"review", "review (length)", "review (words)"}
    rows = planted.table[planted.table["column"] == "review"]
    assert set(rows["method"]) == {"vocabulary_classifier", "new_words"}
    assert set(rows["kind"]) == {Kind.TEXT.value}
    assert rows["n_reference"].eq(DAYS * ROWS).all()
    assert rows["n_production"].eq(ROWS).all()
    assert rows["missing_share_production"].iloc[-1] == pytest.approx(1 - rows["n_used"].iloc[-1] / ROWS)
    assert rows["n_used_reference"].eq(DAYS * ROWS).all()  # fewer than the thousand that the classifier is trained on at most


def test_planted_words_alarm_from_their_onset_and_are_named(planted: JudgedDrift) -> None:
    rows = rows_of(planted, "vocabulary_classifier")
    assert not rows["status"].iloc[:6].isin(ALARMS).any()
    assert rows["status"].iloc[6:].isin(ALARMS).sum() >= 4
    late = rows.iloc[6:]
    assert late.loc[late["run"].notna(), "direction"].eq(Direction.MORE).all()
    assert late["moved_cell"].eq("charged twice").all()
    assert late["moved_to"].mean() == pytest.approx(0.5, abs=0.1)
    assert ((rows["score_lower"] < rows["score"]) & (rows["score"] < rows["score_upper"])).all()


def test_words_the_reference_never_had_are_counted(planted: JudgedDrift) -> None:
    rows = rows_of(planted, "new_words")
    assert rows["score"].iloc[:6].max() == 0
    assert rows["score"].iloc[6:].mean() == pytest.approx(1 / 13, abs=0.02)  # half of the texts have 2 of 14 words
    assert rows[["score_lower", "score_upper"]].isna().all(axis=None)


def test_the_finding_names_its_words(planted: JudgedDrift) -> None:
    found = next(one for one in planted.findings if one.what == "review")
    assert (found.first, found.last, found.direction, found.numeric) == (6, 11, Direction.MORE, False)
    assert next(iter(found.levels)) == "charged twice"
    assert (found.before, found.after) == pytest.approx((0.0, 0.5), abs=0.1)
    assert found.strength == pytest.approx((found.score - 0.5) / (found.limit - 0.5))
    assert sentence(found, planted.names, planted.against).startswith("review ")


def test_fewer_texts_that_differ_are_no_finding(planted: JudgedDrift) -> None:
    strict = judge_drift(planted.assessment, DriftThresholds(floors={"vocabulary_classifier": 0.6, "new_words": 0.9}))
    assert "review" not in {one.what for one in strict.findings}


def test_the_words_behind_a_window(planted: JudgedDrift) -> None:
    words = planted.result.texts["review"].words
    last = words[words["window"] == "2024-02-12"].iloc[0]
    assert (last["word"], last["n_reference"], last["share_reference"]) == ("charged twice", 0, 0.0)
    assert last["share_production"] == pytest.approx(0.5, abs=0.2)


def test_no_drift_no_alarm(tmp_path: Path) -> None:
    for seed in range(2):
        rng = np.random.default_rng(seed)
        judged = judge(reviews(rng, "2024-01-01"), reviews(rng, "2024-02-01"), tmp_path / str(seed))
        assert rows_of(judged, "vocabulary_classifier")["score"].mean() == pytest.approx(0.5, abs=0.05)
        assert not judged.primary["status"].isin(ALARMS).any()


def test_windows_against_the_one_before_see_only_the_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    production = reviews(rng, "2024-01-13")
    production.loc[production["at"] >= "2024-01-19", "review"] += " refund"
    judged = judge(reviews(rng, "2024-01-01"), production, tmp_path, against="previous")
    rows = rows_of(judged, "vocabulary_classifier")
    assert rows.loc[rows["score"] > 0.6, "window"].tolist() == ["2024-01-19"]
    assert rows["n_used_reference"].tolist() == [ROWS] * DAYS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda table: table.assign(review="thank you very much"), "constant"),
        (lambda table: table.assign(review=[None] * len(table)), "empty"),
        (lambda table: table.assign(review=[f"k{i * 7919 + int(table['at'].astype(int).iloc[0]):x}" for i in range(len(table))]), "ids"),
        (lambda table: table.assign(review=np.where(table.index % 2, "ok", "no")), "too_little_vocabulary"),
        (lambda table: table.assign(review=np.where(table.index % 2, "? !", "")), "too_little_vocabulary"),
    ],
    ids=["constant", "empty", "ids", "two words", "no words"],
)
def test_what_cannot_be_compared_says_why(tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], reason: str) -> None:
    rng = np.random.default_rng(1)
    judged = judge(change(reviews(rng, "2024-01-01")), change(reviews(rng, "2024-02-01")), tmp_path, columns=("review",))
    assert [(one.what, one.reason) for one in judged.skipped] == [("review", reason)]
    assert "review" not in set(judged.table["column"])


def test_hostile_texts_do_no_harm(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    production = reviews(rng, "2024-02-01")
    odd = ["", "x" * 1_000_000, "\u202eעברית", "<script>alert(1)</script>", "😀😀 \x07", "the and of"]
    production.loc[production.index[-2 * ROWS :: 5], "review"] = odd * (2 * ROWS // 5 // len(odd))
    production.loc[production.index[-1], "review"] = None
    rows = rows_of(judge(reviews(rng, "2024-01-01"), production, tmp_path), "vocabulary_classifier")
    assert rows["score"].between(0, 1).all()


def test_texts_without_a_timestamp_are_compared_by_stretches(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    reference, production = (reviews(rng, "2024-01-01").drop(columns="at") for _ in range(2))
    with open_tables(reference, production, kinds={"review": "text"}, cache=tmp_path) as workspace:
        judged = judge_drift(measure_drift(workspace, methods=("vocabulary_classifier",)))
    assert rows_of(judged, "vocabulary_classifier")["status"].tolist() == ["stable"]


def test_the_work_can_be_called_off(tmp_path: Path) -> None:
    rng, cancel = np.random.default_rng(4), Event()
    settings = {"roles": {"timestamp": "at"}, "kinds": {"review": "text"}, "windows": "1 day", "cache": tmp_path}

    def progress(_: float, text: str) -> None:
        if "words of review" in text:
            cancel.set()

    with (
        open_tables(reviews(rng, "2024-01-01"), reviews(rng, "2024-02-01"), **settings) as workspace,  # type: ignore[arg-type]
        pytest.raises(CancelledError, match="texts of 'review'"),
    ):
        measure_drift(workspace, progress=progress, cancel=cancel)


def test_reference_windows_that_agree_by_chance_leave_room_for_chance(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    same = reviews(rng, "2024-01-01").assign(review=[f"hello there {i % 7} words" for i in range(DAYS * ROWS)])
    judged = judge(same, same.assign(at=same["at"] + pd.Timedelta(days=40)), tmp_path)
    rows = rows_of(judged, "vocabulary_classifier")
    assert not rows["status"].isin(ALARMS).any()
    assert (rows["strength"] < 1).all()
    assert (rows["status"] == "stable").all()
