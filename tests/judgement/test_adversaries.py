"""Signs of concerted behaviour from rows to sentences, on simulated cases with a known truth, and on odd ones."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from monitor.analyses import adversary_fragility
from monitor.analyses.adversaries import measure_adversaries
from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.engine import open_tables
from monitor.errors import ExtensionMissingError, MethodError
from monitor.judgement.adversaries import judge_adversaries
from monitor.judgement.data_answers import adversaries_answer
from monitor.judgement.findings import findings_table
from monitor.judgement.judged_adversaries import JudgedAdversaries
from monitor.judgement.narration.concerted import fragility_text
from monitor.judgement.narration.sentences import sentence
from monitor.models import Model, callable_model
from monitor.registry import find_analysis

ROLES = {"timestamp": "at", "id": "order", "score": "score", "threshold": 0.5}
DAY = 120


def rows(start: str, days: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = DAY * days
    shop = rng.choice(["A", "B", "C", "D"], n, p=[0.4, 0.3, 0.2, 0.1])
    score = rng.beta(2, 3, n)
    return pd.DataFrame(
        {
            "order": [f"{start}-{i}" for i in range(n)],
            "at": pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 86_400 / DAY, unit="s"),
            "amount": rng.lognormal(3, 1, n).round(2),
            "age": rng.integers(18, 80, n),
            "shop": shop,
            "city": np.where(shop == "A", "Paris", np.where(shop == "B", "Rome", rng.choice(["Oslo", "Bonn"], n))),
            "score": score,
        }
    )


def judged(production: pd.DataFrame, windows: str = "1 day", reference: pd.DataFrame | None = None, **roles: object) -> JudgedAdversaries:
    before = rows("2024-01-01", 28, 0) if reference is None else reference
    opened = open_tables(before, production, roles={**ROLES, **roles}, task="binary", windows=windows)
    return judge_adversaries(measure_adversaries(opened, Question()))


def with_ring(copies: int = 120) -> pd.DataFrame:
    """Copies of one row within two hours of 10 February, all just below the threshold."""
    rng, calm = np.random.default_rng(9), rows("2024-02-01", 21, 1)
    ring = pd.DataFrame([calm.iloc[5]] * copies).reset_index(drop=True)
    ring["order"] = [f"ring-{i}" for i in range(copies)]
    ring["at"] = pd.Timestamp("2024-02-10 10:00") + pd.to_timedelta(np.sort(rng.uniform(0, 7200, copies)), unit="s")
    ring["amount"] = (ring["amount"] * rng.uniform(0.99, 1.01, copies)).round(2)
    ring["score"] = rng.uniform(0.495, 0.4999, copies)
    return pd.concat([calm, ring], ignore_index=True).sort_values("at", ignore_index=True)


@pytest.mark.parametrize("windows", ["1 day", "1 week", "500 rows"])
def test_a_ring_is_named_with_its_rows_and_its_hours(windows: str) -> None:
    found = judged(with_ring(), windows)
    lead = found.findings[0]
    assert lead.method == "near_duplicates"
    ids = set(found.behind[lead.id].ids)
    assert len(ids) <= 132
    assert sum(one.startswith("ring-") for one in ids) == 120
    said = sentence(lead, found.names, found.against)
    assert "were nearly alike from 10:0" in said
    assert "on 10 Feb" in said
    assert "score just below the threshold" in said


def test_the_table_and_the_findings_name_the_ring() -> None:
    found = judged(with_ring())
    row = found.table[(found.table["kind"] == "near_duplicates") & (found.table["window"] == "2024-02-10")].iloc[0]
    assert row["status"] == "alert"
    assert row["score"] > row["limit"] > row["expected"]
    assert {one for one in json.loads(row["ids"]) if one.startswith("ring")} == {f"ring-{i}" for i in range(120)}
    assert row["message"] == findings_table(found.findings, found.names, found.against)["sentence"][0]
    other = found.table[(found.table["kind"] == "near_duplicates") & (found.table["window"] != "2024-02-10")]
    assert set(other["status"]) == {"stable"}


def test_a_crowd_that_is_the_ring_is_no_second_finding() -> None:
    found = judged(with_ring())
    assert [one.method for one in found.findings] == ["near_duplicates"]
    crowd = found.table[(found.table["kind"] == "threshold_crowding") & (found.table["window"] == "2024-02-10")].iloc[0]
    assert crowd["run"] == found.findings[0].id


def test_scores_that_rise_altogether_are_no_crowd_but_those_that_stop_at_the_threshold_are() -> None:
    before, calm, rng = rows("2024-01-01", 28, 0), rows("2024-02-01", 21, 1), np.random.default_rng(3)
    on_three_days = calm["at"].between("2024-02-10", "2024-02-12 23:59")
    risen, crowd = calm.copy(), calm.copy()
    for one in (before, risen, crowd):  # few positives: the unit of the score stretches what lies above the threshold
        one["score"] **= 4
    risen.loc[on_three_days & (risen["shop"] == "A"), "score"] **= 0.3
    crowd.loc[on_three_days & (rng.random(len(crowd)) < 0.3), "score"] = rng.uniform(0.44, 0.4999)
    assert not [one for one in judged(risen, reference=before).findings if one.method == "threshold_crowding"]
    found = judged(crowd, reference=before)
    lead = next(one for one in found.findings if one.method == "threshold_crowding")
    assert "rows lay just below the threshold, from 00:24 on 10 Feb to 23:48 on 12 Feb" in sentence(lead, found.names, found.against)


def test_a_crowd_expects_no_more_rows_of_its_kind_the_larger_it_is() -> None:
    before, rng = rows("2024-01-01", 28, 0), np.random.default_rng(3)
    expected = []
    for part in (0.1, 0.3):
        crowd = rows("2024-02-01", 21, 1)
        at = crowd["at"].between("2024-02-10", "2024-02-12 23:59") & (rng.random(len(crowd)) < part)
        crowd.loc[at, "score"] = rng.uniform(0.49, 0.4999, len(crowd))[at]
        found = judged(crowd, reference=before).findings
        expected.append(next(one.before for one in found if one.method == "threshold_crowding"))
    assert expected[1] <= 1.05 * expected[0]


def test_calm_days_are_silent() -> None:
    found = judged(rows("2024-02-01", 21, 1))
    assert found.findings == ()
    assert adversaries_answer(found).headline == "Nothing looks as if somebody played against the model."


def test_levels_that_never_met_are_new_combinations() -> None:
    production = rows("2024-02-01", 21, 1)
    mixed = production["at"].dt.day == 12
    production.loc[mixed, "city"] = production.loc[mixed, "city"].to_numpy()[::-1]
    found = judged(production)
    assert [one.method for one in found.findings] == ["new_combinations"]
    assert "shop A with city Rome" in sentence(found.findings[0], found.names, found.against)
    assert found.findings[0].window == found.findings[0].last_window == "2024-02-12"


def test_probes_of_the_threshold_are_named_with_their_column() -> None:
    production = rows("2024-02-01", 21, 1)
    probe = pd.DataFrame([production.iloc[7]] * 80).reset_index(drop=True)
    probe = probe.assign(order=[f"probe-{i}" for i in range(80)], amount=np.arange(80) * 40.0, score=np.linspace(0.1, 0.9, 80))
    probe["at"] = pd.Timestamp("2024-02-12 12:00") + pd.to_timedelta(np.arange(80), unit="s")
    found = judged(pd.concat([production, probe], ignore_index=True))
    told = next(one for one in found.findings if one.method == "probing")
    assert sentence(told, found.names, found.against).startswith("80 rows tried values of amount on both sides of the threshold")
    assert sum(one.startswith("probe-") for one in found.behind[told.id].ids) == 80


def test_rows_in_a_rush_and_with_one_id_are_named() -> None:
    production = rows("2024-02-01", 21, 1)
    rush = production.sample(600, random_state=3, replace=True).assign(order="one")
    rush["at"] = pd.Timestamp("2024-02-12 12:00") + pd.to_timedelta(np.arange(600), unit="s")
    found = judged(pd.concat([production, rush], ignore_index=True))
    told = [sentence(one, found.names, found.against) for one in found.findings]
    assert any("in a rush" in one for one in told) or any("one and the same id" in one for one in told)
    assert all(one.window == "2024-02-12" for one in found.findings)


def test_how_little_must_change_is_asked_of_the_model_and_without_one_read_off_the_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(frame: pd.DataFrame) -> np.ndarray:
        return np.where((frame["amount"] > 20) & (frame["shop"] != "A"), 0.9, 0.1)

    def refuse(case: Case) -> Model:
        raise ExtensionMissingError("This model needs a package.")

    before, after = (rows(start, 4, seed).assign(score=decide) for start, seed in (("2024-01-01", 0), ("2024-02-01", 1)))
    opened = open_tables(before, after, roles=ROLES, task="binary", windows="1 day")
    scores = measure_adversaries(opened).fragility
    monkeypatch.setattr(adversary_fragility, "load_model", refuse)
    lacking = measure_adversaries(opened)
    assert lacking.fragility is not None
    assert not lacking.fragility.asked
    assert any("needs a package" in one.message for one in lacking.skipped)
    monkeypatch.setattr(adversary_fragility, "load_model", lambda case: callable_model(decide, case, columns=["amount", "age", "shop"]))
    asked = measure_adversaries(opened)
    assert scores is not None
    assert not scores.asked
    assert asked.fragility is not None
    share = asked.fragility.table.set_index(["decision", "change"])["share"]
    known = np.sort(before["amount"])
    rank = np.searchsorted(known, after["amount"]) / len(known)
    limit = np.searchsorted(known, 20) / len(known)
    positive = after["score"] >= 0.5
    truth = float(((rank - limit) < 0.1)[positive].mean())
    assert abs(share["positive", 0.1] - truth) < 0.1
    assert share["positive", "another level"] == 1.0  # shop A turns every one
    assert dict(zip(asked.fragility.columns["column"], asked.fragility.columns["share"], strict=True))["age"] == 0.0
    told = fragility_text(asked.fragility, {})
    assert "decided positive" in told
    assert "shop and amount turn most." in told
    json.dumps(asked.provenance.summary)


def test_an_unknown_kind_is_refused_with_the_nearest_name() -> None:
    opened = open_tables(rows("2024-01-01", 9, 0), rows("2024-02-01", 9, 1), roles=ROLES, task="binary", windows="1 day")
    with pytest.raises(MethodError, match="near_duplicates"):
        measure_adversaries(opened, methods=["near_duplicate"])


def test_without_threshold_time_and_id_the_rest_is_still_looked_at() -> None:
    before, after = (one.drop(columns=["at", "order", "score"]) for one in (rows("2024-01-01", 28, 0), with_ring()))
    opened = open_tables(before, after, roles={}, task="none", windows="300 rows")
    found = find_analysis("adversaries").run(opened)
    assert {one.what for one in found.skipped} == {"threshold_crowding", "probing", "score_flips", "concentration"}
    assert found.findings
    assert all(":" in one for group in found.behind.values() for one in group.ids)


ODD = {
    "one row": lambda table: table.head(1),
    "all duplicates": lambda table: pd.concat([table.head(1)] * 400, ignore_index=True).assign(at=table["at"].head(400).to_numpy()),
    "constant columns": lambda table: table.assign(amount=1.0, shop="A", city="Paris", age=30),
    "all null": lambda table: table.assign(amount=None, shop=None, city=None, age=None, score=None).astype(
        {"amount": float, "score": float}
    ),
    "2,000 levels": lambda table: table.assign(shop=[f"s'{i % 2000}\"" for i in range(len(table))]),
    "infinite numbers": lambda table: table.assign(amount=np.where(np.arange(len(table)) % 3 == 0, np.inf, table["amount"])),
    "one moment": lambda table: table.assign(at=table["at"].iloc[0]),
}


@pytest.mark.parametrize("windows", ["1 day", "whole"])
@pytest.mark.parametrize("which", ODD)
def test_odd_tables_end_in_a_verdict(which: str, windows: str) -> None:
    for before, after in ((rows("2024-01-01", 9, 0), ODD[which](rows("2024-02-01", 9, 1))), (ODD[which](rows("2024-01-01", 9, 0)),) * 2):
        production = after if after is not before else after.assign(at=after["at"] + pd.Timedelta(days=31))
        found = judged(production, windows, reference=before)
        assert set(found.table["status"]) <= {"stable", "warning", "alert", "too_few_rows", "not_applicable", "not_judged"}
        assert len(adversaries_answer(found).headline.split()) <= 15
        for one in found.findings:
            assert "nan" not in sentence(one, found.names, found.against)


def with_flips(days: int, a_day: int) -> pd.DataFrame:
    """Exact copies of some rows of the last days, decided the other way three minutes later."""
    now = rows("2024-02-01", 21, 1)
    now["score"] = 0.2 + 0.6 * (now["amount"] > 30)  # the model says one thing of one row
    late = now[now["at"] >= pd.Timestamp("2024-02-22") - pd.Timedelta(days=days)].groupby(now["at"].dt.date).head(a_day)
    copies = late.assign(order=late["order"] + "x", at=late["at"] + pd.Timedelta("3min"), score=1.0 - late["score"])
    return pd.concat([now, copies], ignore_index=True).sort_values("at", ignore_index=True)


@pytest.mark.parametrize("windows", ["1 day", "1 week"])
def test_copies_decided_otherwise_are_named_where_the_reference_has_none(windows: str) -> None:
    before = rows("2024-01-01", 28, 0)
    before["score"] = 0.2 + 0.6 * (before["amount"] > 30)
    found = judged(with_flips(8, 6), windows, before)
    assert [one.method for one in found.findings] == ["score_flips"]
    assert found.findings[0].rows >= 40
    limits = found.table.loc[found.table["kind"] == "score_flips", "limit"]
    assert limits.max() < 30
    assert judged(with_flips(1, 2), windows, before).findings == ()


def test_one_customer_among_many_is_named_with_its_rows() -> None:
    """150 of the 1,440 rows of twelve days are of one customer; the commonest of a usual day has two or three rows."""
    draw = np.random.default_rng(0)
    before, now = (
        one.assign(user=draw.integers(0, 900, len(one)).astype(str)) for one in (rows("2024-01-01", 28, 0), rows("2024-02-01", 21, 1))
    )
    calm = judged(now, reference=before, segments=["user"])
    assert calm.findings == ()
    mine = draw.choice(np.flatnonzero(now["at"] >= "2024-02-10"), 150, replace=False)
    now.loc[mine, "user"] = "77777"
    found = judged(now, reference=before, segments=["user"])
    assert [one.what for one in found.findings] == ["concentration~value"]
    assert set(found.behind[found.findings[0].id].ids) == set(now.loc[mine, "order"])
    assert sentence(found.findings[0], found.names, found.against).startswith("150 rows are of user 77777")
