"""An incident as a folder that stands by itself: what is in it holds, what was changed is named, and nothing that lies in it runs."""

import hashlib
import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.cli.capsules import verify
from monitor.engine import open_workspace
from monitor.errors import SettingError, SourceError
from monitor.export.capsule import MANIFEST, PRODUCTION, STORY, verify_capsule, write_capsule
from monitor.export.capsule_effects import alike, effect_of, proof_of
from monitor.export.capsule_facts import Facts
from monitor.export.files import plain
from monitor.incidents.cause import Proof
from monitor.incidents.effect import Effect, Figure, MetricEffect, measure_effects
from monitor.incidents.effect_rows import Extent
from monitor.incidents.scene import Scene
from monitor.judgement.finding import NO_TIME
from tests.incidents.made import FARE, SCORE
from tests.incidents.test_judged import CENTS, judged, of

CASE = """[case]
name = "shop"
task = "binary"
[data]
reference = "r.parquet"
production = "p.parquet"
[roles]
timestamp = "at"
id = "row"
score = "s"
label = "y"
threshold = 0.5
features = ["fare", "country", "other"]
[labels]
fare = "Fare"
[[metrics]]
id = "own"
numerator = "fare"
"""


def rows(first: str, days: int, seed: int) -> pd.DataFrame:
    """Return fifty rows a day, half of them French."""
    draw, n = np.random.default_rng(seed), days * 50
    score = draw.random(n)
    frame = pd.DataFrame({"at": pd.date_range(first, periods=n, freq="28min48s").as_unit("us"), "row": np.arange(n) + seed * 100_000})
    frame["fare"], frame["country"], frame["other"] = draw.lognormal(3, 1, n), draw.choice(["FR", "DE"], n), draw.normal(size=n)
    return frame.assign(s=score, y=(draw.random(n) < score).astype(int))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return a capsule, and how many rows really are in cents."""
    folder = tmp_path_factory.mktemp("capsules")
    now = rows("2026-03-01", 30, 2)
    hit = now["country"].eq("FR") & now["at"].ge("2026-03-06") & now["at"].lt("2026-03-14")
    now.loc[hit, "fare"] *= 100
    rows("2026-01-01", 50, 1).to_parquet(folder / "r.parquet")
    now.to_parquet(folder / "p.parquet")
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    told = judged(of(replace(CENTS, rows=int(hit.sum())), FARE, SCORE))
    with open_workspace(load_case(folder), cache=folder / "cache") as workspace:
        effect = measure_effects(Scene(workspace=workspace, question=Question(), judged={}), [told.incidents[0].hypothesis])[0]
        write_capsule(replace(told.incidents[0], effect=effect), told, workspace, folder / "capsule")
    return folder / "capsule", int(hit.sum())


@pytest.fixture
def capsule(made: tuple[Path, int], tmp_path: Path) -> Path:
    """Return a copy that may be changed."""
    for file in made[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def wrong(folder: Path) -> dict[str, str]:
    return {one.what: one.wrong for one in verify_capsule(folder) if one.wrong}


def changed(folder: Path, change: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(manifest)  # type: ignore[operator]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_all_numbers_of_a_capsule_hold_and_are_those_of_the_rows(made: tuple[Path, int]) -> None:
    folder, hit = made
    assert wrong(folder) == {}
    numbers = {one["name"]: one["value"] for one in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["numbers"]}
    assert numbers["Rows concerned"] == hit
    assert numbers["Distance of fare to before (ks)"] > 0.9
    assert numbers["The same with the cause taken away (ks)"] < 0.2
    assert {"Recall in the rows concerned", "Drift of fare (psi)"} <= set(numbers)
    assert "other" not in pd.read_parquet(folder / PRODUCTION)
    assert "metrics" not in (folder / "case.toml").read_text(encoding="utf-8")


def test_data_that_were_changed_are_named_with_the_numbers_that_they_change(capsule: Path) -> None:
    frame = pd.read_parquet(capsule / PRODUCTION)
    frame.iloc[:-30].to_parquet(capsule / PRODUCTION)
    assert {PRODUCTION, "All rows of that time"} <= set(wrong(capsule))


def test_a_number_that_was_changed_is_named_and_no_other(capsule: Path) -> None:
    changed(capsule, lambda told: told["numbers"][0].update(value=told["numbers"][0]["value"] + 1))
    assert list(wrong(capsule)) == ["Rows concerned"]


def test_a_tolerance_that_was_widened_and_numbers_that_were_taken_out_are_named(capsule: Path) -> None:
    changed(capsule, lambda told: told["numbers"][0].update(value=10**6, tolerance=1e9))
    assert list(wrong(capsule)) == ["Rows concerned"]
    changed(capsule, lambda told: told["numbers"].pop(0))
    assert list(wrong(capsule)) == ["Rows concerned"]


def test_columns_a_segment_a_cause_and_times_that_were_changed_are_named(capsule: Path) -> None:
    other = {"columns": ["other"], "segment": {"country": "DE"}, "cause": "scale_change", "start": "2026-03-07T00:00:00Z", "end": ""}
    changed(capsule, lambda told: told["facts"].update(other))
    words = {f"{name} in words" for name in ("severity", "began", "next", "impact")}
    assert {"title", "conditions", *(f"{name} as told" for name in other)} <= set(wrong(capsule))
    assert words & set(wrong(capsule))


def test_a_title_that_was_changed_is_named_whether_or_not_facts_are_there(capsule: Path) -> None:
    changed(capsule, lambda told: told.update(title="Fare was 3 times too small where country is FR from 6 Mar to 13 Mar"))
    assert set(wrong(capsule)) == {"title", "title as told", "cause in words"}
    changed(capsule, lambda told: told.update(format=2, telling=None))
    assert set(wrong(capsule)) == {"title", "title as told"}
    changed(capsule, lambda told: told.update(format=1, facts=None))
    assert set(wrong(capsule)) == {"title as told"}


def forged(folder: Path, change: object) -> None:
    """Change what is told in words, and the hash that the manifest has of it."""
    story = json.loads((folder / STORY).read_text(encoding="utf-8"))
    change(story)  # type: ignore[operator]
    (folder / STORY).write_text(json.dumps(story), encoding="utf-8")
    held = hashlib.sha256((folder / STORY).read_bytes()).hexdigest()
    changed(folder, lambda told: next(one for one in told["files"] if one["name"] == STORY).update(sha256=held))


def test_lines_that_were_forged_do_not_hold(capsule: Path) -> None:
    lines = {"Severity": "low: it is over", "Owner": "nobody@example.org", "Impact": "3 rows concerned.", "Next": "Do nothing."}

    def forge(told: dict[str, dict[str, str]]) -> None:
        told["incident"].update(severity="low", owner="nobody@example.org")
        told["story"].update(lines)
        told["story"].pop("Failure")

    forged(capsule, forge)
    assert set(wrong(capsule)) == {"severity as told", "owner as told", "failure in words", *(f"{one.lower()} in words" for one in lines)}


def test_state_onset_and_figures_that_were_forged_do_not_hold(capsule: Path) -> None:
    changes = {"state": "ongoing", "onset_lower": "2020-01-01T00:00:00Z", "onset_upper": "never", "explained": 0.01, "effect": 0.9}
    forged(capsule, lambda told: told["incident"].update(changes))
    assert set(wrong(capsule)) == {f"{name} as told" for name in changes}


def test_what_nothing_in_a_capsule_tells_neither_holds_nor_not(capsule: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(capsule) == 0
    usual = capsys.readouterr().out
    changed(capsule, lambda told: told["telling"].update(much=0.15))  # as a case may say
    assert verify(capsule) == 0
    told = capsys.readouterr().out
    assert "?   severity: its case says that 0.15 of rows are many" in told
    assert "?   sentences of findings, when it was detected" in told
    assert usual.splitlines()[-1].partition(" hold.")[0] == told.splitlines()[-1].partition(" hold.")[0]


def test_facts_that_were_forged_with_their_lines_do_not_hold_against_the_rows(capsule: Path) -> None:
    changed(capsule, lambda told: told["telling"].update(rows=5))
    forged(capsule, lambda told: told["incident"].update(rows=5))
    assert {"rows that are told", "impact in words"} <= set(wrong(capsule))
    changed(capsule, lambda told: told["telling"]["effect"]["metrics"][0]["now"].update(value=0.99))
    assert "what it did" in wrong(capsule)
    changed(capsule, lambda told: told["telling"].update(model="boss@example.org"))
    assert "owner of the case" in wrong(capsule)
    changed(capsule, lambda told: told["telling"]["seen"][0].update(start="yesterday"))
    assert wrong(capsule)["story"].startswith("is made of facts that say nothing")


def test_facts_that_say_nothing_are_a_fault_and_no_crash(capsule: Path) -> None:
    changed(capsule, lambda told: (told["facts"].update(cause="scale_change"), told["recipe"]["inverse"].update(scale=0)))
    assert wrong(capsule)["facts"] == "say nothing that can be told: ZeroDivisionError"
    changed(capsule, lambda told: told["facts"].update(start="yesterday"))
    with pytest.raises(SourceError, match="is no moment"):
        list(verify_capsule(capsule))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('[[methods]]\nid = "own"\nfunction = "own.py:f"\n', "brings [[methods]]"),
        ('[model]\npath = "model.pkl"\n', "brings [model]"),
        ('[pipeline]\nruns = "runs.parquet"\n', "brings [pipeline]"),
    ],
)
def test_nothing_that_lies_in_a_capsule_runs(capsule: Path, line: str, said: str) -> None:
    (capsule / "own.py").write_text("raise SystemExit(9)", encoding="utf-8")
    with (capsule / "case.toml").open("a", encoding="utf-8") as file:
        file.write(line)
    assert said in wrong(capsule)["case.toml"]


def test_other_data_and_links_out_of_it_are_not_read(capsule: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "p.parquet"
    (capsule / PRODUCTION).rename(outside)
    (capsule / PRODUCTION).symlink_to(outside)
    assert "leads out of the case folder" in wrong(capsule)[PRODUCTION]
    assert len(wrong(capsule)) == 2


def test_a_condition_that_is_none_is_refused(capsule: Path) -> None:
    changed(capsule, lambda told: told["recipe"].update(concerned="fare > (SELECT count(*) FROM read_csv('/etc/passwd'))"))
    assert "cannot be computed" in wrong(capsule)["Rows concerned"]


def test_what_is_no_capsule_says_so(capsule: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no capsule"):
        list(verify_capsule(tmp_path / "none"))
    changed(capsule, lambda told: told.update(format=9))
    with pytest.raises(SettingError, match="has the format 9"):
        list(verify_capsule(capsule))
    (capsule / MANIFEST).write_text('{"format": 1, "numbers": [', encoding="utf-8")
    with pytest.raises(SourceError, match="cannot be read"):
        list(verify_capsule(capsule))


def test_a_capsule_is_written_into_an_empty_folder_only(capsule: Path) -> None:
    told = judged(of(CENTS, FARE))
    with pytest.raises(SettingError, match="is not an empty folder"):
        write_capsule(told.incidents[0], told, None, capsule)  # type: ignore[arg-type]


def test_an_incident_of_rows_without_time_holds(tmp_path: Path) -> None:
    cause = replace(CENTS, start=NO_TIME, end=NO_TIME, onset_lower=NO_TIME, onset_upper=NO_TIME, held=(6, 12), ceased=True)
    facts = Facts.of(cause, judged(of(cause, FARE, SCORE)))
    assert (facts.blocks.startswith("from "), facts.hypothesis(None).ongoing) == (True, False)


def test_effects_and_proofs_are_read_from_a_manifest_as_they_were_written() -> None:
    """A field that gets lost makes an untouched capsule wrong: a new one has to be filled in here, and read."""
    figure = Figure(0.5, 0.4, 0.6, 20, "few_rows")
    parts = {"change": 0.1, "part": 0.2, "before": 0.3, "now": 0.4, "waiting": 5, "unlabelled": 6, "loss": "brier", "mix": 0.7}
    parts["by_chance"] = True
    other = Extent(segment={"a": "b"}, beside=("c",), start=np.datetime64("2026-03-04T14:00", "us"), end=np.datetime64("2026-03-05", "us"))
    metric = MetricEffect(metric="brier", now=figure, before=figure, elsewhere=figure)
    effect = Effect(
        rows=9, share_rows=0.9, metrics=(metric,), behaviour=0.8, money=figure, currency="EUR", unpriced="fare",
            shared=3, without=(other,), mixed=2, others=1, **parts  # type: ignore[arg-type]
    )  # fmt: skip
    proof = Proof(measure="labels", before=0.5, after=0.4, rows=7, share=0.3)
    for written, read in ((effect, effect_of), (proof, proof_of)):
        assert all(getattr(written, one.name) != one.default for one in fields(written))
        assert read(json.loads(json.dumps(plain(asdict(written))))) == written
    facts = json.loads(json.dumps(plain(asdict(effect))))
    earlier = effect_of({name: value for name, value in facts.items() if name != "by_chance"})
    assert (alike(effect, earlier), alike(effect, replace(effect, by_chance=False))) == (True, False)
