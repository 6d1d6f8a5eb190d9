"""Challengers and experiments on small cases: which is better, in money, where; and what is said where nothing can be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.shadow_tables import WHOLE
from monitor.case import load_case
from monitor.cli.acting import compare_models
from monitor.cli.keeping import write_case
from monitor.cli.measuring import Options
from monitor.engine import open_workspace
from monitor.engine.kept.writing import Keeping, keep
from monitor.errors import ColumnMissingError, DriftscopeError
from monitor.export.finding_pins import shadow_pin
from monitor.export.finding_sections import shadow_section
from monitor.judgement.challenger_answer import decide
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.shadow import judge_shadow
from monitor.registry import drafting, find_analysis, screen_answer
from monitor.watch import Watch

HEAD = '[case]\nname = "x"\ntask = "{task}"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n'
ROLES = '[roles]\ntimestamp = "at"\nid = "row"\nprediction = "d"\nscore = "s"\nlabel = "y"\nthreshold = 0.5\nignore = ["card"]\n'
SHADOW = 'challenger_prediction = "d2"\nchallenger_score = "s2"\nsegments = ["country"]\n'
WEEKS = '[windows]\nsize = "1 week"\n'
MONEY = '[value]\ncurrency = "EUR"\nfp = -1\nfn = -10\n'


def rows(start: str, seed: int, n: int = 4000) -> pd.DataFrame:
    """Return rows of which the challenger knows more in Italy, and whose cards are given an arm."""
    draw = np.random.default_rng(seed)
    truth = draw.beta(1, 3, n)
    italy, card = draw.random(n) < 0.5, draw.integers(0, 400, n)
    noise = draw.normal(0, 0.3, n)
    frame = pd.DataFrame({"row": np.arange(n), "at": pd.date_range(start, periods=n, freq="10min"), "card": card})
    frame["country"] = np.where(italy, "IT", "FR")
    frame["y"] = (draw.random(n) < truth).astype(int)
    frame["s"] = np.clip(truth + noise, 0.001, 0.999)
    frame["s2"] = np.where(italy, np.clip(truth, 0.001, 0.999), frame["s"])
    frame["d"], frame["d2"] = (frame["s"] >= 0.5).astype(int), (frame["s2"] >= 0.5).astype(int)
    frame["arm"] = np.where(card % 2 == 0, "control", "new")
    frame["ms"] = draw.gamma(4, 10, n) * np.where(card % 2 == 0, 1.0, 1.5)
    return frame


def judged(roles: str, more: str = "", *, task: str = "binary", **changed: object) -> JudgedShadow:
    folder = Path(mkdtemp())
    for name, start, seed in (("r", "2026-01-05", 1), ("p", "2026-03-02", 2)):
        frame = rows(start, seed)
        frame.assign(**{key: value(frame) if callable(value) else value for key, value in changed.items()}).to_parquet(
            folder / f"{name}.parquet"
        )
    (folder / "case.toml").write_text(HEAD.format(task=task) + roles + WEEKS + more, encoding="utf-8")
    with open_workspace(load_case(folder)) as workspace:
        found: JudgedShadow = find_analysis("shadow").run(workspace)  # type: ignore[assignment]
    return found


@cache
def usual() -> JudgedShadow:
    return judged(
        ROLES + SHADOW + 'variant = "arm"\nlatency_ms = "ms"\n', MONEY + "[thresholds]\nshadow.split = { control = 1, new = 1 }\n"
    )


@pytest.mark.parametrize(
    ("more", "why"),
    [("", "nobody says how large they should be"), ("[thresholds]\nshadow.split = { x = 1, z = 1 }\n", "shadow.split names x and z")],
)
def test_a_sample_ratio_that_was_not_checked_is_said_and_which_arm_is_the_control(more: str, why: str) -> None:
    arms = {"arm": lambda frame: np.where(frame["card"] % 5 < 3, "old", "fresh")}
    found = judged(ROLES + SHADOW + 'variant = "arm"\n', MONEY + more, **arms)
    said = screen_answer(found).doubt
    counted = found.result.arms.rows  # type: ignore[union-attr]
    assert f"Experiment: old {counted['old']:,} rows (control: it has most) and fresh {counted['fresh']:,} rows." in said
    told = f"Whether its arms are as large as planned was not checked: {why}. Set shadow.split = {{ old = ..., fresh = ... }}"
    assert told in said
    assert [one.what for one in found.skipped if one.message.startswith(told)] == ["sample_ratio"]
    assert "sample_ratio" not in {one.what for one in usual().skipped}


def test_money_is_the_mean_difference_of_what_became_of_each_row() -> None:
    data = rows("2026-03-02", 2)
    worth = [np.select([(data["y"] == 0) & (data[d] == 1), (data["y"] == 1) & (data[d] == 0)], [-1, -10], 0) for d in ("d", "d2")]
    found = usual().of("value")
    assert found is not None
    assert found["difference"] == pytest.approx(float((worth[1] - worth[0]).mean()))
    assert usual().summary["money"]["difference"] == pytest.approx(float((worth[1] - worth[0]).sum()))


def test_the_segment_in_which_it_knows_more_is_the_one_that_differs() -> None:
    rows_of = usual().by_segment("roc_auc").set_index("segment")
    assert rows_of.loc["country = 'FR'", "difference"] == 0
    assert rows_of.loc["country = 'IT'", "lower"] > 0


def test_sentences_say_better_with_figures() -> None:
    said = [sentence(one, usual().names, usual().against) for one in usual().findings]
    assert any(text.startswith("Brier score would have been better with the challenger") for text in said)
    assert "decide otherwise in" in screen_answer(usual()).doubt


DEAR = '[value]\ncurrency = "EUR"\nfp = -10\nfn = -1\n'
VERSIONED = ROLES + SHADOW + 'model_version = "v"\n'


def served(frame: pd.DataFrame, *, last: int) -> pd.Series:
    """Return versions: v1 answers what is not among the `last` rows."""
    return pd.Series(np.where(np.arange(len(frame)) < len(frame) - last, "v1", "v2"), index=frame.index)


def test_a_go_is_proposed_where_the_challenger_is_better_and_nothing_is_worse_in_its_arm() -> None:
    given = 'variant = "arm"\nlatency_ms = "ms"\n'
    alone, arms, none = judged(ROLES + SHADOW), judged(ROLES + SHADOW + given), judged(ROLES + given)
    go, no_go = decide(alone), decide(arms)
    assert go is not None
    assert no_go is not None
    assert (go.go, no_go.go, decide(none)) == (True, False, None)
    assert go.why == screen_answer(alone).headline
    assert no_go.why.startswith(go.why)
    assert "Worse in the new arm: mean latency" in no_go.why
    slide = drafting._decision(arms, "")[0]
    assert slide.heading == "Decision proposed: no-go for the challenger"
    assert slide.words == f"No-go for the challenger. {no_go.why}"


def test_a_decision_is_asked_of_the_version_in_charge_first() -> None:
    better = judged(VERSIONED, DEAR, v=lambda f: served(f, last=2000))
    assert (better.result.in_charge, better.result.versions) == ("v2", ("v1", "v2"))
    rows = better.by_version("value").set_index("segment")
    assert int(rows["n"].sum()) == better.of("value")["n"]  # type: ignore[index]
    assert set(better.by_segment("value")["segment"]) == {"country = 'FR'", "country = 'IT'"}
    said = screen_answer(better)
    assert said.headline == "The challenger would have been worth more than v2, which serves now."
    assert "Beside v1: worth" in said.doubt
    assert "Beside v1 and v2 together: worth" in said.doubt
    assert "more than v1 and v2 together" in sentence(better.findings[0], better.names, better.against)
    # of v2 both say the same: what speaks for the challenger is beside a version that serves no more
    old = {one: lambda f, one=one: f[f"{one}2"].where(served(f, last=2000).eq("v1"), f[one]) for one in ("s", "d")}
    alike = judged(VERSIONED, DEAR, v=lambda f: served(f, last=2000), s2=old["s"], d2=old["d"])
    said = screen_answer(alike)
    assert alike.findings
    assert said.headline == "Whether the challenger is worth more than v2, which serves now, cannot be told."
    assert said.doubt.startswith("Nothing speaks for a change.")


def test_of_a_version_without_labels_nothing_is_decided() -> None:
    young = judged(VERSIONED, DEAR, v=lambda f: served(f, last=500), y=lambda f: f["y"].where(served(f, last=500).eq("v1"), np.nan))
    said = screen_answer(young)
    assert said.headline == "Whether the challenger is better than v2, which serves now, cannot be said yet."
    assert said.doubt.startswith("Nothing can be decided: too few of its rows have a label that counts. Beside v1")
    rows = young.by_version("value").set_index("segment")
    assert rows["status"].to_dict() == {"v = 'v1'": "warning", "v = 'v2'": "not_applicable"}  # rows without a reason are judged beside it


def test_one_version_alone_is_told_as_before() -> None:
    alone = judged(VERSIONED, DEAR, v="v1")
    assert alone.result.in_charge == ""
    assert screen_answer(alone).headline.startswith("The challenger would have been worth more since")


def test_an_experiment_finds_whom_arms_were_given_to_and_a_guardrail_that_breaks() -> None:
    arms = usual().result.arms
    assert arms is not None
    assert (arms.unit, arms.mixed, sum(arms.units.values())) == ("card", 0, 400)
    worse = [one for one in usual().findings if one.where == "new"]
    assert [(one.method, one.status, one.note) for one in worse] == [("latency_mean_ms", "alert", "worse")]
    assert usual().split is not None
    assert not usual().split.mismatch


def test_nothing_begins_before_the_first_row_that_it_is_about() -> None:
    """Production begins on a Wednesday, the experiment on a Thursday; windows are weeks."""
    later, began = pd.Timedelta(days=2), pd.Timestamp("2026-03-12")
    found = judged(
        ROLES + SHADOW + 'variant = "arm"\nlatency_ms = "ms"\n', MONEY,
        at=lambda f: f["at"] + later, arm=lambda f: f["arm"].where(f["at"] + later >= began, None),
    )  # fmt: skip
    first = found.result.windows.first
    assert str(first) == "2026-03-04T00:00:00.000000"
    starts = {one.where: one.start for one in found.findings}
    assert starts == {"": first, "new": np.datetime64(began)}
    assert "since 4 Mar" in screen_answer(found).headline


def test_arms_of_other_sizes_than_planned_are_an_alert() -> None:
    found = judged(ROLES + 'variant = "arm"\n', "[thresholds]\nshadow.split = { control = 3, new = 1 }\n")
    assert [one.what for one in found.findings if one.kind == "arm"] == ["arms~control"]
    assert "not as large as planned" in screen_answer(found).doubt


def test_one_arm_is_said_to_be_nothing_to_compare() -> None:
    found = judged(ROLES + 'variant = "arm"\n', arm="control")
    assert {one.reason for one in found.skipped} == {"one_arm"}
    assert screen_answer(found).headline == "There is one arm only: nothing can be compared."


def test_the_same_model_twice_is_neither_better_nor_worse() -> None:
    found = judged(ROLES + SHADOW, MONEY, s2=lambda f: f["s"], d2=lambda f: f["d"])
    assert found.findings == ()
    assert screen_answer(found).headline == "The challenger would have been worth no more and no less, beyond chance."
    assert set(found.together["difference"]) == {0.0}


def test_without_labels_nobody_says_which_is_better() -> None:
    found = judged(ROLES + SHADOW, y=np.nan)
    assert screen_answer(found).headline == "Which model is better cannot be said: no label is in."


def test_a_challenger_that_never_answered_is_said_to_be_silent() -> None:
    found = judged(ROLES + SHADOW, MONEY, s2=np.nan, d2=None)
    assert screen_answer(found).headline == "Which model is better cannot be said: no row has an answer of both."
    assert "no_answer" in {one.reason for one in found.skipped}


def test_a_challenger_without_decisions_of_its_own_needs_a_threshold() -> None:
    roles = ROLES.replace("threshold = 0.5\n", "") + 'challenger_score = "s2"\n'
    found = judged(roles)
    assert "no_threshold" in {one.reason for one in found.skipped}
    assert "accuracy" not in set(found.table["metric"])
    assert found.together["differing"].isna().all()


def test_a_regression_is_compared_by_its_errors() -> None:
    roles = '[roles]\ntimestamp = "at"\nprediction = "s"\nlabel = "truth"\nchallenger_prediction = "s2"\n'
    found = judged(roles, task="regression", truth=lambda f: f["s2"])
    assert found.of("mae")["challenger_value"] == 0
    assert found.findings[0].note == "better"


def test_a_case_without_another_model_says_what_it_lacks() -> None:
    with pytest.raises(ColumnMissingError, match="challenger_prediction, challenger_score or variant"):
        judged(ROLES)


def test_arms_need_shares_above_nothing() -> None:
    with pytest.raises(DriftscopeError, match="split names at least two arms"):
        judged(ROLES + SHADOW, "[thresholds]\nshadow.split = { control = 1 }\n")


def test_compare_says_it_in_a_few_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, start, seed in (("r", "2026-01-05", 1), ("p", "2026-03-02", 2)):
        rows(start, seed).to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "case.toml").write_text(HEAD.format(task="binary") + ROLES + SHADOW + WEEKS + MONEY, encoding="utf-8")
    compare_models(tmp_path, str(tmp_path / "out.csv"), Options(quiet=True), look=False)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(("The challenger", "ROC AUC", "Brier"))
    assert "Incidents were not looked for" in said[1]
    assert set(pd.read_csv(tmp_path / "out.csv")["comparison"]) == {"shadow"}


def test_findings_have_a_section_and_a_pin_of_their_own() -> None:
    for one in usual().findings:
        section, pin = shadow_section(one, usual()), shadow_pin(one, usual())
        assert section.charts
        assert pin.rows
        assert pin.sentence == section.sentence


def told_of_money(lower: float, upper: float, p_value: float) -> JudgedShadow:
    """The usual challenger, its money as given."""
    result = usual().result
    table, whole = result.table.copy(), result.table["window"].eq(WHOLE) & result.table["segment"].isna()
    at = whole & table["metric"].eq("value")
    table.loc[at, ["difference", "lower", "upper", "p_value"]] = ((lower + upper) / 2, lower, upper, p_value)
    table.loc[at, "challenger_value"] = table.loc[at, "value"] + (lower + upper) / 2
    return judge_shadow(replace(result, table=table))


@pytest.mark.parametrize(
    ("lower", "upper", "p_value", "headline", "follows"),
    [
        (0.01, 2.0, 0.048, "worth more since", "This speaks for the challenger. Worth"),
        (-2.0, -0.01, 0.048, "worth less since", "Keep the model in charge. Worth"),
        (1e-6, 2e-6, 1e-9, "worth more, but by less than matters", "Nothing speaks for a change. Worth"),
        (-2e-6, -1e-6, 1e-9, "worth less, but by less than matters", "Nothing speaks for a change. Worth"),
    ],
)
def test_the_headline_never_contradicts_the_money(lower: float, upper: float, p_value: float, headline: str, follows: str) -> None:
    said = screen_answer(told_of_money(lower, upper, p_value))
    assert headline in said.headline
    assert said.doubt.startswith(follows)


def test_a_profile_store_compares_challengers_as_the_raw_case_and_no_arms_of_units_that_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for name, start, seed in (("r", "2026-01-05", 1), ("p", "2026-03-02", 2)):
        rows(start, seed).to_parquet(tmp_path / "raw" / f"{name}.parquet")
    text = HEAD.format(task="binary") + ROLES + SHADOW + 'variant = "arm"\n' + WEEKS + MONEY
    (tmp_path / "raw" / "case.toml").write_text(text, encoding="utf-8")
    raw = load_case(tmp_path / "raw")
    write_case(raw, tmp_path / "store", keep(raw, tmp_path / "store", Keeping(), Watch())[0])
    found = []
    for case in (raw, load_case(tmp_path / "store")):
        with open_workspace(case) as workspace:
            found.append(find_analysis("shadow").run(workspace))
    whole, kept = found
    assert isinstance(whole, JudgedShadow)
    assert isinstance(kept, JudgedShadow)
    assert kept.of("value")["difference"] == pytest.approx(whole.of("value")["difference"])  # type: ignore[index]
    assert screen_answer(kept).headline == screen_answer(whole).headline
    assert [one.reason for one in kept.skipped] == ["units_gone"]
    assert kept.result.arms is not None
    assert (kept.result.arms.pairs, len(kept.result.arms.rows)) == ((), 2)
