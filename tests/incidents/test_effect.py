"""What an incident did, in rows, answers, metrics and money."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.effect import measure_effects
from monitor.incidents.effect_words import effect_texts
from monitor.incidents.maturity import due_rows, labelled_until
from monitor.incidents.scene import TIME, Scene
from monitor.remedies.ground import Ground
from monitor.retraining.rows import Choice

BEGIN, STOP = np.datetime64("2026-03-10T00:00"), np.datetime64("2026-03-15T00:00")
ROLES = {
    "binary": 'score = "score"\nprediction = "decision"\nlabel = "late"\npositive_class = "yes"',
    "regression": 'prediction = "minutes"\nlabel = "took"',
    "multiclass": 'prediction = "decision"\nlabel = "late"',
    "none": "",
}


def rows(first_day, seed, hit=lambda frame: np.zeros(len(frame), dtype=bool)):
    """Return 20 days of 200 rows: scores say how likely a row is late, and say nothing where it is hit."""
    rng = np.random.default_rng(seed)
    count = 4000
    frame = pd.DataFrame(
        {
            "time": pd.Timestamp(first_day) + pd.to_timedelta(np.arange(count) * 432, unit="s"),
            "shop": rng.choice(["north", "south"], count),
            "size": rng.choice(["small", "large"], count),
            "score": rng.uniform(0, 1, count).round(3),
        }
    )
    frame["time"] = frame["time"].astype("datetime64[us]")
    late = rng.random(count) < frame["score"]
    took = frame["score"] * 60 + rng.normal(0, 5, count)
    hit = hit(frame)
    frame["late"], frame["took"] = np.where(late, "yes", "no"), took
    frame["score"] = frame["score"].where(~hit, 0.9)
    frame["decision"] = np.where(frame["score"] >= 0.5, "yes", "no")
    frame["minutes"] = frame["score"] * 60
    return frame


def hit_south(frame):
    moment = frame["time"].to_numpy()
    return (frame["shop"] == "south").to_numpy() & (moment >= BEGIN) & (moment < STOP)


def with_arrival(frame, days, last):
    """Return labels that come late: those of late rows at once, the others after some days; what comes after `last` is not there."""
    came = frame["time"] + pd.to_timedelta(np.where(frame["late"] == "yes", 0, days), unit="D")
    known = came <= pd.Timestamp(last)
    return frame.assign(came=came.where(known), late=frame["late"].where(known))


def scene_of(folder, task, production, more=""):
    folder.mkdir()
    rows("2026-02-01", 1).to_parquet(folder / "reference.parquet")
    production.to_parquet(folder / "production.parquet")
    given = 'reference = "reference.parquet"\nproduction = "production.parquet"'
    toml = f'[case]\nname = "x"\ntask = "{task}"\n[data]\n{given}\n[roles]\ntimestamp = "time"\n{ROLES[task]}\n{more}'
    (folder / "case.toml").write_text(toml)
    return Scene(workspace=open_workspace(load_case(folder)), question=Question(windows="1 day"), judged={})


def incident(**given):
    return Hypothesis(cause=Cause.STUCK_VALUE, **({"segment": {"shop": "south"}, "start": BEGIN, "end": STOP} | given))


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    value = '[value]\ncurrency = "EUR"\nfp = -10\nfn = -2\n'
    return scene_of(tmp_path_factory.mktemp("effect") / "late", "binary", rows("2026-03-03", 2, hit_south), value)


def test_rows_and_the_mean_answer(late):
    (effect,) = measure_effects(late, [incident()])
    now = late.production.frame
    hit = hit_south(now.rename(columns={"@time": "at"}))
    assert effect.rows == hit.sum()
    assert effect.share_rows == pytest.approx(hit.sum() / 1000)
    assert effect.now == pytest.approx(0.9)
    assert effect.before == pytest.approx(0.5, abs=0.02)
    assert effect.part == pytest.approx(effect.share_rows * (effect.now - effect.before))
    assert effect.part == pytest.approx(effect.change, abs=0.03)


def told(effect, kind):
    one = SimpleNamespace(alone=None, absorbed=(), cause=kind, effect=effect, hypothesis=replace(incident(), cause=kind))
    return " ".join(effect_texts(one, {}))


def test_a_mean_answer_that_chance_may_have_moved_is_no_effect(late):
    moved, same = measure_effects(late, [incident(), incident(segment={"shop": "north"})])
    assert (moved.by_chance, same.by_chance) == (False, True)
    assert "mean answer" in told(moved, Cause.CLIPPED)
    assert "mean answer" not in told(same, Cause.CLIPPED)
    assert "mean answer" not in told(moved, Cause.CONCEPT_CHANGE)  # which changes no answer
    assert "mean answer" not in told(moved, Cause.MIX_CHANGE)  # rows of a shop are answered as before
    few = measure_effects(late, [incident(start=BEGIN, end=BEGIN + np.timedelta64(50, "m"))])[0]
    assert few.rows < 10
    assert few.by_chance


def test_metrics_stand_beside_before_and_elsewhere(late):
    (effect,) = measure_effects(late, [incident()])
    told = {one.metric: one for one in effect.metrics}
    assert set(told) == {"precision", "recall", "false_positive_rate", "roc_auc", "brier", "base_rate"}
    brier = told["brier"]
    assert brier.now.value == pytest.approx(0.5 * 0.81 + 0.5 * 0.01, abs=0.05)
    assert brier.before.value == pytest.approx(1 / 6, abs=0.02)
    assert brier.elsewhere.value == pytest.approx(1 / 6, abs=0.03)
    assert brier.now.lower < brier.now.value < brier.now.upper
    assert brier.now.n == effect.rows
    assert told["recall"].now.value == 1.0


def test_the_same_rows_are_answered_worse(late):
    (effect,) = measure_effects(late, [incident()])
    told = {one.metric: one for one in effect.metrics}["brier"]
    assert effect.loss == "brier"
    assert effect.mix + effect.behaviour == pytest.approx(told.now.value - told.before.value)
    assert abs(effect.mix) < 0.02 < effect.behaviour


def test_money_is_what_decisions_bring_less(late):
    (effect,) = measure_effects(late, [incident()])
    per_row_now, per_row_before = -10 * 0.5, -10 * 0.125 - 2 * 0.125
    assert effect.currency == "EUR"
    assert effect.money.value == pytest.approx(effect.rows * (per_row_now - per_row_before), rel=0.15)
    assert effect.money.lower < effect.money.value < effect.money.upper < 0


def test_money_in_a_column_that_is_wrong_is_not_told(tmp_path):
    value = '[value]\nfp = -10\nfn = "-score"\n'
    wrong, right = measure_effects(
        scene_of(tmp_path / "worth", "binary", rows("2026-03-03", 2, hit_south), value), [incident(columns=("score",)), incident()]
    )
    assert wrong.money is None
    assert right.money is not None
    assert (wrong.unpriced, right.unpriced) == ("score", "")


def test_an_incident_of_all_rows_has_nothing_elsewhere(late):
    (effect,) = measure_effects(late, [incident(segment={}, start=np.datetime64("NaT"), end=np.datetime64("NaT"))])
    assert (effect.rows, effect.share_rows) == (4000, 1.0)
    assert {(one.elsewhere.n, np.isnan(one.elsewhere.value)) for one in effect.metrics} == {(0, True)}


def test_further_levels_and_levels_that_are_new(late):
    both, new = measure_effects(late, [incident(segment={"shop": "north"}, beside=("south",)), incident(segment={"size": "huge"})])
    assert both.rows == 1000
    assert (new.rows, new.before) == (0, pytest.approx(0.5, abs=0.02))


@pytest.mark.parametrize(
    ("task", "metrics", "loss"),
    [("regression", {"mae", "bias"}, "mae"), ("multiclass", {"accuracy"}, "accuracy"), ("none", set(), "")],
)
def test_every_task_is_told_as_far_as_it_goes(tmp_path, task, metrics, loss):
    (effect,) = measure_effects(scene_of(tmp_path / task, task, rows("2026-03-03", 2, hit_south)), [incident()])
    assert effect.rows > 400
    assert {one.metric for one in effect.metrics} == metrics
    assert effect.loss == loss
    assert np.isfinite(effect.change) == (task == "regression")
    assert effect.money is None


def test_a_side_without_answers_is_told_by_its_rows(tmp_path):
    (effect,) = measure_effects(scene_of(tmp_path / "lost", "binary", rows("2026-03-03", 2).drop(columns="score")), [incident()])
    assert effect.rows > 400
    assert effect.metrics == ()
    assert np.isnan(effect.change)


def test_another_population_is_mix_and_not_behaviour(tmp_path):
    """Large orders are hard, and only they come: nothing is answered otherwise."""
    usual, now = rows("2026-02-01", 1), rows("2026-03-03", 2)
    for frame in (usual, now):
        frame["score"] = np.where(frame["size"] == "large", 0.5, (frame["late"] == "yes") * 1.0)
    scene = scene_of(tmp_path / "mix", "binary", now[(now["size"] == "large") | (np.arange(len(now)) % 10 == 0)])
    usual.to_parquet(tmp_path / "mix" / "reference.parquet")
    scene = Scene(workspace=open_workspace(load_case(tmp_path / "mix")), question=scene.question, judged={})
    (effect,) = measure_effects(scene, [incident(segment={}, start=np.datetime64("NaT"), end=np.datetime64("NaT"))])
    assert abs(effect.behaviour) < 0.01 < 0.05 < effect.mix


def test_labels_that_come_first_are_not_taken_for_all(tmp_path):
    """The youngest rows have labels where these are late only: no metric is told of them."""
    now = with_arrival(rows("2026-03-03", 2), 9, "2026-03-22")
    folder = tmp_path / "arrive"
    scene_of(folder, "binary", now, 'label_timestamp = "came"\n')
    with_arrival(rows("2026-02-01", 1), 9, "2026-03-22").to_parquet(folder / "reference.parquet")
    scene = Scene(workspace=open_workspace(load_case(folder)), question=Question(windows="1 day"), judged={})
    spans = [(np.datetime64("2026-03-03"), np.datetime64("2026-03-10")), (np.datetime64("2026-03-18"), np.datetime64("NaT"))]
    done, early = measure_effects(scene, [incident(segment={}, start=start, end=end) for start, end in spans])
    assert done.waiting == 0
    assert {one.metric: one.now.value for one in done.metrics}["base_rate"] == pytest.approx(0.5, abs=0.05)
    assert early.waiting == early.rows > 900
    assert {one.now.n for one in early.metrics} == {0}


@pytest.mark.parametrize("stamped", [True, False])
def test_cause_effect_and_remedies_count_labels_of_the_same_rows(tmp_path, stamped):
    """Labels of nine days: those of the last ones do not count, whether moments of labels are kept or not."""
    folder, more = tmp_path / "count", 'label_timestamp = "came"\n' if stamped else ""
    more += '[windows]\nsize = "1 day"\n'
    now = with_arrival(rows("2026-03-03", 2), 9, "2026-03-23")
    now.loc[now["time"].between("2026-03-09", "2026-03-09T12:00"), ["late", "came"]] = None  # as a cancelled flight has none
    scene_of(folder, "binary", now, more)
    with_arrival(rows("2026-02-01", 1), 9, "2026-03-23").to_parquet(folder / "reference.parquet")
    workspace = open_workspace(load_case(folder))
    scene = Scene(workspace=workspace, question=Question(windows="1 day"), judged={})
    one = incident(start=np.datetime64("2026-03-08"), end=np.datetime64("NaT"))
    (effect,) = measure_effects(scene, [one])
    frame = scene.production.frame
    labelled, mine = frame["late"].notna().to_numpy(), (frame["shop"].eq("south") & frame[TIME].ge("2026-03-08")).to_numpy()
    (n,) = {each.now.n for each in effect.metrics if each.metric == "brier"}
    assert 0 < n == int((due_rows(scene, labelled) & labelled & mine).sum())
    assert effect.unlabelled > 20
    assert n + effect.waiting + effect.unlabelled == effect.rows
    assert labelled_until(scene) == frame[TIME][due_rows(scene, labelled) & labelled].max() < frame[TIME].max()
    ground = Ground.of(workspace, one, Choice())
    assert n == int((ground.hit & ground.counts).sum())


def test_rows_of_another_incident_are_no_effect_of_this_one(tmp_path):
    """Scores are stuck in the south; values are missing in small orders everywhere, and nothing follows from that."""
    scene = scene_of(tmp_path / "two", "binary", rows("2026-03-03", 2, hit_south))
    stuck, harmless = incident(), incident(segment={"size": "small"})
    alone, mixed = measure_effects(scene, [harmless])[0], measure_effects(scene, [stuck, harmless])[1]
    brier = {one.metric: one.now.value for one in mixed.metrics}["brier"]
    assert alone.part > 0.05 > 0.02 > abs(mixed.part)
    assert brier == pytest.approx(1 / 6, abs=0.03)
    assert mixed.rows == alone.rows
    assert 0 < mixed.shared < mixed.rows == mixed.shared + {one.metric: one.now.n for one in mixed.metrics}["brier"]
    assert [one.segment for one in mixed.without] == [{"shop": "south"}]
    assert (alone.shared, mixed.mixed) == (0, 0)


def test_where_all_rows_are_of_another_incident_too_that_is_said(late):
    everywhere, south = incident(segment={}), incident()
    wide, narrow = measure_effects(late, [everywhere, south])
    assert (narrow.mixed, narrow.others, narrow.shared) == (narrow.rows, 1, 0)
    assert narrow.now == pytest.approx(0.9)
    assert (wide.mixed, wide.shared) == (0, narrow.rows)
    assert wide.now == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("other", [{"start": STOP, "end": STOP + np.timedelta64(5, "D")}, {"segment": {"shop": "north"}}])
def test_incidents_that_share_no_row_are_measured_as_if_alone(late, other):
    assert measure_effects(late, [incident(), incident(**other)])[0] == measure_effects(late, [incident()])[0]


def test_causes_that_leave_answers_alone_take_no_rows_away(late):
    more = replace(incident(segment={"size": "small"}), cause=Cause.VOLUME_CHANGE)
    assert measure_effects(late, [incident(), more])[0].shared == 0
