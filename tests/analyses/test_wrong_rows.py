"""Rows that incidents made wrong decide nothing about a challenger, and what they would have said stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.cli import measuring
from monitor.cli.acting import compare_models
from monitor.cli.measuring import Options
from monitor.cli.storytelling import draft
from monitor.engine import Selection, Workspace, count_rows, open_workspace
from monitor.export.pins import list_pins
from monitor.incidents.cause import Cause, Hypothesis
from monitor.judgement.judged_shadow import JudgedShadow
from monitor.registry import find_analysis, running, screen_answer
from monitor.registry.running import Found, run_analysis
from tests.analyses.test_shadow import HEAD, ROLES, SHADOW, WEEKS, rows

FIRST, AFTER = np.datetime64("2026-03-05T00:00"), np.datetime64("2026-03-09T00:00")
PAID = '[value]\ncurrency = "EUR"\nfp = -1\nfn = "-fare"\n'


def paid(frame: pd.DataFrame, *, cents: bool) -> pd.DataFrame:
    frame = frame.assign(fare=np.random.default_rng(3).gamma(2, 10, len(frame)))
    wrong = (frame["at"].to_numpy() >= FIRST) & (frame["at"].to_numpy() < AFTER) & frame["country"].eq("FR").to_numpy() & cents
    return frame.assign(fare=np.where(wrong, frame["fare"] * 1e6, frame["fare"]))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = tmp_path_factory.mktemp("cents")
    paid(rows("2026-01-05", 1), cents=False).to_parquet(place / "r.parquet")
    paid(rows("2026-03-02", 2), cents=True).to_parquet(place / "p.parquet")
    (place / "case.toml").write_text(HEAD.format(task="binary") + ROLES + SHADOW + WEEKS + PAID, encoding="utf-8")
    with open_workspace(load_case(place)) as opened:
        yield opened


def incident(*, name: str = "abc", brief: str = "Fares are in cents", **more: Any) -> Any:
    given: dict[str, Any] = {"cause": Cause.UNIT_CHANGE, "start": FIRST, "end": AFTER, "segment": {"country": "FR"}} | more
    cause = Hypothesis(columns=("fare",), **given)
    return SimpleNamespace(id=name, brief=brief, cause=cause.cause, hypothesis=cause, record=None, alone=None, absorbed=())


def answered(workspace: Workspace, *incidents: Any) -> JudgedShadow:
    row = find_analysis("shadow")
    standing: Any = run_analysis(row, workspace)
    found: Any = SimpleNamespace(incidents=incidents)
    told: Any = run_analysis(row, workspace, known=Found(standing=standing, incidents=found))
    return told


def test_wrong_rows_are_left_out_and_what_they_would_have_said_stands_beside_it(workspace: Workspace) -> None:
    found = answered(workspace, incident())
    held = paid(rows("2026-03-02", 2), cents=True)
    right = held[~((held["at"] >= FIRST) & (held["at"] < AFTER) & held["country"].eq("FR"))]
    lost = [
        np.select([(right["y"] == 0) & (right[d] == 1), (right["y"] == 1) & (right[d] == 0)], [-1, -right["fare"]], 0) for d in ["d", "d2"]
    ]
    worth, n = found.of("value"), len(held) - len(right)
    assert worth is not None
    assert (worth["n"], worth["difference"]) == (len(right), pytest.approx(float((lost[1] - lost[0]).mean())))
    assert found.summary["wrong_rows"] == {"n": n, "counted": False, "incidents": {"abc": n}}
    said = screen_answer(found).doubt
    held = f"{n} rows that an incident made wrong, all with a label that counts, are left out"
    assert f"{held}: Fares are in cents ({n} rows)." in said
    assert found.with_them is not None
    other = screen_answer(found.with_them).doubt
    assert "count as they stand" in other
    assert next(part for part in other.split(". ") if "worth" in part.lower()) in said


def test_where_nobody_looked_it_is_said_and_where_none_was_wrong_nothing_is(workspace: Workspace) -> None:
    assert "Incidents were not looked for" in screen_answer(find_analysis("shadow").run(workspace)).doubt
    assert "ncident" not in screen_answer(answered(workspace)).doubt
    elsewhere = incident(start=np.datetime64("2027-01-01"), end=np.datetime64("2027-01-02"))
    assert "ncident" not in screen_answer(answered(workspace, elsewhere)).doubt


def test_rows_of_a_burst_count_and_what_would_be_said_without_them_stands_beside_it(workspace: Workspace) -> None:
    burst = incident(cause=Cause.ADVERSARIAL_BURST, name="b", brief="A burst")
    found, left_out = answered(workspace, burst), answered(workspace, incident())
    assert found.of("value") == run_analysis(find_analysis("shadow"), workspace).of("value")  # type: ignore[attr-defined]
    assert found.without_bursts is not None
    assert found.without_bursts.of("value") == left_out.of("value")
    said = screen_answer(found).doubt
    assert "count, for somebody sent them: A burst (" in said
    same = screen_answer(left_out).headline == screen_answer(found).headline
    assert ("Without those the same is said." if same else f"Without those: {screen_answer(left_out).headline}") in said
    both = answered(workspace, incident(), incident(cause=Cause.TRAFFIC_BURST, name="b", segment={"country": "IT"}))
    assert both.without_bursts is not None
    assert both.without_bursts.result.ripe < both.result.ripe < both.with_them.result.ripe  # type: ignore[union-attr]


def test_what_hangs_on_few_rows_of_a_burst_is_no_win_of_a_segment_and_is_said_with_every_amount(tmp_path: Path) -> None:
    for name, start, seed in (("r", "2026-01-05", 1), ("p", "2026-03-02", 2)):
        frame = paid(rows(start, seed), cents=False).assign(d2=lambda one: one["d"], s2=lambda one: one["s"])
        ring = ((frame["at"] >= FIRST) & (frame["at"] < AFTER) & frame["country"].eq("FR") & (frame.index % 4 == 0)).to_numpy()
        ring = ring & (name == "p")
        frame.assign(**{one: frame[one].where(~ring, value) for one, value in {"y": 1, "d": 0, "d2": 1, "fare": 50.0}.items()}).to_parquet(
            tmp_path / f"{name}.parquet"
        )
    (tmp_path / "case.toml").write_text(HEAD.format(task="binary") + ROLES + SHADOW + WEEKS + PAID, encoding="utf-8")
    with open_workspace(load_case(tmp_path)) as workspace:
        found = answered(workspace, incident(cause=Cause.ADVERSARIAL_BURST, name="b", brief="A ring"))
    held = found.result.wrong.bursts[0].n  # type: ignore[union-attr]
    assert (found.of("value") or {})["difference"] > 0
    assert found.hanging == ("country = 'FR'",)
    assert set(found.by_segment("value")["status"]) == {"stable"}
    said = screen_answer(found)
    assert said.headline == f"The challenger would have been worth more (only with {held} rows of a burst)."
    assert said.doubt.startswith("Nothing speaks for a change. Worth ")
    assert f"; without {held} rows of a burst 0 EUR" in said.doubt
    assert f"Only with {held} rows of a burst does it differ where country is 'FR'." in said.doubt
    assert "It is better" not in said.doubt


def test_where_every_row_is_wrong_nothing_is_decided(workspace: Workspace) -> None:
    found = answered(workspace, incident(start=np.datetime64("NaT"), end=np.datetime64("NaT"), segment={}))
    said = screen_answer(found)
    assert said.headline == "Which model is better cannot be said: incidents made every row wrong."
    assert found.findings == ()
    assert "Worth" not in said.doubt.partition("With them:")[0]


def test_a_row_of_which_a_condition_cannot_be_said_stays(workspace: Workspace) -> None:
    unknown = Selection(where="nullif(country, 'FR') = 'IT'")
    french = count_rows(workspace, Selection(where="country = 'FR'"))
    assert count_rows(workspace, Selection(wrong=(unknown,))) == french
    march = Selection(start=datetime(2026, 3, 5, tzinfo=UTC))
    assert count_rows(workspace, Selection(wrong=(unknown, march))) == count_rows(
        workspace, Selection(end=march.start, where="country = 'FR'")
    )


def test_compare_looks_for_incidents_first(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: find_analysis(name) for name in ("drift", "shadow", "incidents")}
    monkeypatch.setattr(measuring, "REGISTRY", few)
    compare_models(workspace.case.root, None, Options(quiet=True))
    assert re.search(
        r"\d+ rows that an incident made wrong, all with a label that counts, are left out: fare was .*\(FR\)", capsys.readouterr().out
    )


def test_compare_and_a_story_take_incidents_that_were_kept(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("drift is not asked again")

    few = {name: find_analysis(name) for name in ("drift", "shadow", "incidents")}
    for module in (measuring, running):
        monkeypatch.setattr(module, "REGISTRY", few)
    told = []
    for known in (few, few | {"drift": replace(few["drift"], measure=never)}):
        monkeypatch.setattr(measuring, "REGISTRY", known)
        compare_models(workspace.case.root, None, Options(quiet=True))
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != ""
    draft(workspace.case.root, "", "", Options(quiet=True))
    assert {one.analysis for one in list_pins(workspace.case).pins} == {"incidents", "shadow"}
