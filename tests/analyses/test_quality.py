"""From rows to what is said of the quality of data, on simulated tables with a known truth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.contract import measure_contract
from monitor.analyses.quality import measure_quality
from monitor.case import load_case
from monitor.contract.model import DataContract, Terms
from monitor.engine import open_tables, open_workspace
from monitor.errors import MethodError
from monitor.judgement.contract import judge_contract
from monitor.judgement.data_answers import quality_answer
from monitor.judgement.finding import FindingKind
from monitor.judgement.findings import findings_table
from monitor.judgement.quality import JudgedQuality, assess_quality, judge_quality

A_DAY = 200


def rows(start: str, days: int, *, seed: int) -> pd.DataFrame:
    """200 rows a day; a fifth of the ages is missing and 2 % of the cities unknown, always."""
    rng = np.random.default_rng(seed)
    n = A_DAY * days
    return pd.DataFrame(
        {
            "at": pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 86_400 // A_DAY, unit="s"),
            "id": [f"{start}-{i}" for i in range(n)],
            "amount": rng.lognormal(3, 0.5, n).round(2),
            "age": np.where(rng.random(n) < 0.2, np.nan, rng.integers(18, 80, n)),
            "city": np.where(rng.random(n) < 0.02, "unknown", rng.choice(["Rome", "Oslo", "Riga"], n)),
        }
    )


REFERENCE = rows("2026-01-01", 30, seed=0)


def judged(production: pd.DataFrame, reference: pd.DataFrame = REFERENCE, windows: str = "1 day") -> JudgedQuality:
    with open_tables(reference, production, roles={"timestamp": "at", "id": "id"}, task="none", windows=windows) as workspace:
        return judge_quality(assess_quality(measure_quality(workspace)))


def told(found: JudgedQuality, *, defects: bool = False) -> list[str]:
    kept = [one for one in found.findings if defects or one.kind is not FindingKind.DEFECT]
    return findings_table(kept, found.names, found.against)["sentence"].tolist() if kept else []


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_column_that_files_lack_is_lost_there_and_not_missing(tmp_path: Path, ending: str) -> None:
    write = {"parquet": lambda one, at: one.to_parquet(at, index=False), "csv": lambda one, at: one.to_csv(at, index=False)}[ending]
    later = rows("2026-02-01", 20, seed=11)
    early = later["at"] < pd.Timestamp("2026-02-11")
    (tmp_path / "now").mkdir()
    for name, one in (("before", REFERENCE), ("now/1", later[early]), ("now/2", later[~early].drop(columns="amount"))):
        write(one, tmp_path / f"{name}.{ending}")
    data = f'reference = "before.{ending}"\nproduction = "now/*.{ending}"'
    roles = '[roles]\ntimestamp = "at"\nid = "id"\n[windows]\nsize = "1 day"'
    (tmp_path / "case.toml").write_text(f'[case]\nname = "t"\ntask = "none"\n[data]\n{data}\n{roles}\n', encoding="utf-8")
    with open_workspace(load_case(tmp_path)) as workspace:
        said = told(judge_quality(assess_quality(measure_quality(workspace))))
        contract = DataContract(columns={"amount": Terms(missing=0.0)}, complete=False)
        broken = judge_contract(measure_contract(workspace, contract=contract)).findings
    assert "amount is lost in all rows since 11 Feb, whose files have no such column." in said
    assert not any("missing" in one and "amount" in one for one in said)
    assert [(one.what, one.first, one.rows) for one in broken] == [("amount.required", 10, int((~early).sum()))]


@pytest.mark.parametrize("text", ["number", "time"])
def test_texts_among_texts_that_are_read_are_no_missing_values(text: str) -> None:
    """Both sides keep numbers, or times, as text; a few of production's hold something else."""
    made = {"number": lambda one: one["age"].fillna(30).astype(int).astype(str), "time": lambda one: one["at"].dt.strftime("%Y-%m-%d")}[
        text
    ]
    later = rows("2026-02-01", 20, seed=11)
    reference, later = REFERENCE.assign(odd=made(REFERENCE)), later.assign(odd=made(later))
    hit = later["at"].dt.day.between(11, 13) & (later.index % 5 == 0)
    later.loc[hit, "odd"] = "about 40"
    said = told(judged(later, reference))
    assert any(f"text and no {text} in 20% of rows from 11 to 13 Feb, such as 'about 40'" in one for one in said), said
    assert not any("odd" in one and ("missing" in one or "number or a time" in one) for one in said), said


def test_levels_that_came_are_told_with_their_first_day_however_few_and_those_that_lack_by_name() -> None:
    later = rows("2026-02-01", 20, seed=11)
    later.loc[[700, 1900], "city"] = "Bari"
    later.loc[later["at"].dt.day.eq(3) & later["city"].eq("Oslo"), "city"] = "Rome"
    found = judged(later)
    one = next(one for one in found.findings if one.method == "new_level")
    assert (one.status, one.levels) == ("stable", {"Bari": 2})
    assert "city has 1 level never seen in the reference, 'Bari' (2 rows since 4 Feb 2026)." in told(found, defects=True)
    lost = found.table[found.table["check"].eq("lost_levels") & found.table["column"].eq("city")].set_index("window")
    assert lost.loc["2026-02-03", "message"] == "in the reference, not here: 'Oslo'"
    assert lost.loc["2026-02-03", "value"] == pytest.approx((REFERENCE["city"] == "Oslo").mean(), abs=0.001)


def test_texts_where_numbers_are_due_are_told_as_what_they_are_and_not_as_missing() -> None:
    later = rows("2026-02-01", 20, seed=11)
    bad = later["at"].ge(pd.Timestamp("2026-02-11")) & (later.index % 5 < 2)
    words = pd.Series(np.resize(["see file", "see file", "broken (2)", "n.v.!", "call back", "later", "by hand"], len(later)), dtype=object)
    found = judged(later.assign(amount=later["amount"].astype(str).mask(bad, words)))
    said = told(found)
    assert any(one.startswith("amount is text and no number in 40% of rows since 11 Feb, such as 'see file'") for one in said), said
    assert not any("a text where a number is due" in one for one in said), "once is enough"
    share = found.table[found.table["check"].eq("unreadable")].set_index("window")["value"]
    assert (share["2026-02-10"], share["2026-02-12"]) == (0.0, 0.4)


def test_columns_that_only_production_has_are_told_with_their_first_day_although_features_are_written() -> None:
    later = rows("2026-02-01", 20, seed=11)
    later = later.assign(promo=later["amount"].where(later["at"] >= pd.Timestamp("2026-02-11")))
    roles = {"timestamp": "at", "id": "id", "features": ["amount", "age", "city"]}
    with open_tables(REFERENCE, later, roles=roles, task="none", windows="1 day") as workspace:
        found = judge_quality(assess_quality(measure_quality(workspace)))
    assert told(found) == ["Column 'promo' is new since 11 Feb."]


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_data_as_before_is_silent_and_its_defects_are_said_as_such(seed: int) -> None:
    found = judged(rows("2026-02-01", 20, seed=seed))
    assert told(found) == []
    answer = quality_answer(found)
    assert answer.headline == "No check found a change of the data."
    assert answer.doubt.endswith("stands under Incidents.")  # where a level without values is found, which no column shows
    said = told(found, defects=True)
    assert [text.split(" is ")[0] for text in said] == ["age", "city"]
    assert said[0].endswith("of rows, as before.")
    assert found.table.loc[found.table["defect"], "status"].eq("stable").all()


def test_float32_has_the_decimals_that_it_stands_for() -> None:
    frame = rows("2026-02-01", 20, seed=2)
    frame["amount"] = frame["amount"].round(1)
    short = frame.assign(amount=frame["amount"].astype("float32").astype(float))
    found = [judged(one).table.query("column == 'amount' and check == 'precision_tenths'") for one in (frame, short)]
    assert len(found[0])
    pd.testing.assert_frame_equal(found[0], found[1])


def halved(frame: pd.DataFrame, column: str, change: Callable[[pd.Series], pd.Series]) -> pd.DataFrame:
    """Change half of the rows of a column from 11 February on."""
    bad = (frame["at"] >= "2026-02-11") & (frame.index % 2 == 0)
    return frame.assign(**{column: frame[column].where(~bad, change(frame[column]))})


@pytest.mark.parametrize(
    ("column", "change", "check", "said"),
    [
        ("amount", lambda x: x.round(0), "precision", "amount is more often a whole number since 11 Feb"),
        ("amount", lambda x: 0 * x - 999, "default_value", "amount is more often a stand-in for a missing value ('-999') since 11 Feb"),
        ("amount", lambda x: 0 * x, "zeros", "amount is more often 0 since 11 Feb"),
        ("amount", lambda x: x / 0, "impossible", "amount is more often infinite since 11 Feb"),
        ("city", lambda x: " " + x, "whitespace", "city is more often blank or with blanks at its ends since 11 Feb"),
        ("city", lambda x: x + "Ã¤", "encoding", "city is more often text damaged by a wrong encoding since 11 Feb"),
        ("city", lambda x: x.str.len().astype(str), "mixed_types", "city is more often a number among texts since 11 Feb"),
    ],
)
def test_values_that_fail_a_check_are_told_since_when(column: str, change: Callable[[pd.Series], pd.Series], check: str, said: str) -> None:
    found = judged(halved(rows("2026-02-01", 20, seed=2), column, change))
    assert any(text.startswith(said) for text in told(found)), told(found)
    late = found.table[found.table["column"].eq(column) & found.table["check"].eq(check) & found.table["window"].ge("2026-02-11")]
    assert late["status"].eq("alert").all()
    assert late["value"].between(0.4, 0.6).all()


def test_a_share_of_rounded_values_is_one_of_rows_however_few_values_they_have() -> None:
    rng = np.random.default_rng(4)
    sides = [frame.assign(salt=(4 + rng.normal(0, 0.5, len(frame))).round(2)) for frame in (REFERENCE, rows("2026-02-01", 20, seed=2))]
    later = halved(sides[1], "salt", lambda x: x.round(0))
    found = judged(later, sides[0])
    one = next(one for one in found.findings if one.what == "precision~salt")
    bad = later[later["at"] >= "2026-02-11"]["salt"]
    assert (one.after, one.rows) == (pytest.approx((bad == bad.round()).mean()), (bad == bad.round()).sum())
    assert [text for text in told(found) if "salt is more often a whole number since 11 Feb, 50% of its values against 0.97%" in text], (
        told(found)
    )


def test_what_moves_by_less_than_matters_is_not_as_far_as_it_had_to_be() -> None:
    later = rows("2026-02-01", 20, seed=2)
    bad = (later["at"] >= "2026-02-11") & (later.index % 7 == 0)
    table = judged(later.assign(amount=later["amount"].mask(bad, 0.0))).table.query("column == 'amount' and check == 'zeros'")
    late = table[table["window"].ge("2026-02-11")]
    assert late["value"].gt(0.1).all()
    assert late["status"].eq("stable").all()
    assert late["strength"].between(0.5, 1.0).all(), "14 of the 20 points that matter"


def test_rows_that_came_twice_are_counted() -> None:
    production = rows("2026-02-01", 20, seed=3)
    again = production[(production["at"] >= "2026-02-11") & (production.index % 10 == 0)]
    found = judged(pd.concat([production, again]).sort_values("at", kind="stable"))
    assert [one.what for one in found.findings if one.kind is FindingKind.QUALITY] == ["duplicate_rows", "duplicate_ids"]
    late = found.table[found.table["check"].eq("duplicate_ids") & found.table["window"].eq("2026-02-12")].iloc[0]
    assert (late["n_rows"], late["status"]) == (20, "alert")
    assert any(text.startswith("More rows are repeated since 11 Feb: 9.1% of rows against 0%") for text in told(found))


def test_facts_are_those_of_drift() -> None:
    production = rows("2026-02-01", 20, seed=4).drop(columns="age")
    production["city"] = production["city"].where(production["at"] < "2026-02-11", "Graz")
    found = judged(production)
    assert {one.kind for one in found.findings} >= {FindingKind.LOST, FindingKind.UNSEEN}
    assert found.table.loc[found.table["check"].eq("lost_column"), "column"].unique().tolist() == ["age"]


def test_missing_values_are_a_share_of_rows_and_no_difference() -> None:
    production = halved(rows("2026-02-01", 20, seed=7), "amount", lambda x: x * np.nan)
    table = judged(production).table
    missing = table[table["check"].eq("missing")].set_index(["column", "window"])
    assert missing.loc[("amount", "2026-02-15"), "value"] == pytest.approx(0.5)
    assert missing.loc[("amount", "2026-02-15"), "n_rows"] == 100
    assert missing["value"].between(0, 1).all()
    assert missing.loc[("age", "2026-02-03"), "expected"] == pytest.approx(REFERENCE["age"].isna().mean())


def test_a_check_that_there_is_not_is_refused_with_the_nearest() -> None:
    with (
        open_tables(REFERENCE, rows("2026-02-01", 3, seed=5), roles={"timestamp": "at"}, task="none") as workspace,
        pytest.raises(MethodError, match=r"no check 'encodin'.*encoding"),
    ):
        measure_quality(workspace, methods=["encodin"])


def test_columns_without_values_end_nothing() -> None:
    production = rows("2026-02-01", 5, seed=6).assign(amount=np.nan, city=None)
    found = judged(production)
    assert len(found.table)
    assert any("missing" in text for text in told(found))


def born(frame: pd.DataFrame) -> pd.DataFrame:
    """Add dates of birth of 20 to 90 years ago."""
    return frame.assign(
        born=frame["at"].dt.normalize() - pd.to_timedelta(7_000 + 25_000 * np.random.default_rng(7).random(len(frame)), unit="D")
    )


def test_dates_of_birth_are_no_defect_and_a_default_among_them_is_named() -> None:
    later = born(rows("2026-02-01", 20, seed=11))
    assert not any("born" in one for one in told(judged(later, born(REFERENCE)), defects=True))
    bad = later["at"].ge(pd.Timestamp("2026-02-11")) & (later.index % 10 == 0)
    said = told(judged(later.assign(born=later["born"].mask(bad, pd.Timestamp("1900-01-01"))), born(REFERENCE)))
    assert "born is more often a stand-in for a missing value ('1900-01-01') since 11 Feb, 10% of rows against 0%." in said, said


def test_dates_that_the_reference_never_had_are_told() -> None:
    sides = [frame.assign(due=frame["at"] + pd.Timedelta(days=9)) for frame in (REFERENCE, rows("2026-02-01", 20, seed=11))]
    bad = sides[1]["at"].ge(pd.Timestamp("2026-02-11")) & (sides[1].index % 10 == 0)
    said = told(judged(sides[1].assign(due=sides[1]["due"].mask(bad, pd.Timestamp("1926-02-20"))), sides[0]))
    assert any(one.startswith("due is more often a date before 1971 or after 2099 since 11 Feb, 10% of rows") for one in said), said


def test_a_column_of_times_is_looked_at_as_all_others_are() -> None:
    def due(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(due=frame["at"] + pd.Timedelta(hours=3))

    production = due(rows("2026-02-01", 8, seed=7))
    production.loc[production["at"] >= "2026-02-05", "due"] = pd.NaT
    assert any(text.startswith("due") and "missing" in text for text in told(judged(production, due(REFERENCE))))


def test_levels_that_nobody_alarms_of_are_named_where_they_come_first() -> None:
    production = rows("2026-02-01", 3, seed=4)
    production.loc[[10, 250], "city"] = "Pisa"
    table = judged(production).table
    new = table[(table["check"] == "new_levels") & (table["column"] == "city")].set_index("window")
    first, again, none = new["message"].fillna("")
    assert (first, again) == ("never in the reference: 'Pisa' (1 row, for the first time)", "never in the reference: 'Pisa' (1 row)")
    assert none == ""
    assert set(new["status"]) == {"stable"}


def silent(frame: pd.DataFrame, at: str, hours: int, city: str | None = None) -> pd.DataFrame:
    """Take the amount of all rows of some hours (of a city) away."""
    begins = pd.Timestamp(at)
    gone = (frame["at"] >= begins) & (frame["at"] < begins + pd.Timedelta(hours=hours)) & (True if city is None else frame["city"].eq(city))
    return frame.assign(amount=frame["amount"].mask(gone))


@pytest.mark.parametrize("windows", ["1 day", "1 week", "whole"])
def test_hours_without_any_value_are_named_with_their_days(windows: str) -> None:
    frame = silent(silent(rows("2026-02-01", 20, seed=11), "2026-02-05 08:00", 3), "2026-02-11 20:00", 2)
    said = told(judged(frame, windows=windows), defects=True)
    assert said[-1] == (
        "amount is missing in all rows of whole hours on 2 days, 5 Feb 2026 (25 rows) and 11 Feb 2026 (17 rows); never in the reference."
    )


def test_a_source_that_was_silent_for_a_city_alone_is_told_by_its_hours() -> None:
    reference = silent(REFERENCE, "2026-01-09 00:00", 12, "Oslo")
    found = judged(silent(rows("2026-02-01", 20, seed=11), "2026-02-05 00:00", 12, "Oslo"), reference)
    assert "5 Feb 2026" in told(found, defects=True)[-1]
    assert told(found, defects=True)[-1].endswith("each city by itself; in the reference on 9 Jan 2026.")
    row = found.table.query("column == 'amount' and check == 'missing' and window == '2026-02-05'").iloc[0]
    assert row["message"].startswith("all rows of hours on 5 Feb 2026 (")


@pytest.mark.parametrize("share", [0.001, 0.04])
def test_values_missing_by_chance_are_no_hours(share: float) -> None:
    frame = rows("2026-02-01", 20, seed=11)
    found = judged(frame.assign(amount=frame["amount"].mask(np.random.default_rng(1).random(len(frame)) < share)))
    assert found.result.outages == ()


@pytest.mark.parametrize("kind", ["number", "level", "missing", "none"])
def test_a_column_that_alone_tells_the_label_is_said(kind: str) -> None:
    sides = []
    for start, seed in (("2026-01-01", 0), ("2026-02-01", 11)):
        frame = rows(start, 30, seed=seed)
        label = np.random.default_rng(seed).random(len(frame)) < 0.1
        shown = {
            "number": np.where(label, 5.0, 0.0) + np.random.default_rng(seed).random(len(frame)),
            "level": np.where(label, "refunded", frame["city"]),
            "missing": np.where(label, 1.0, np.nan),
            "none": [f"{one % 900}" for one in range(len(frame))],  # many levels tell any label of few rows
        }[kind]
        sides.append(frame.assign(after=shown, label=label.astype(int), score=np.clip(label * 0.2 + 0.1, 0, 1)))
    roles = {"timestamp": "at", "id": "id", "label": "label", "score": "score"}
    with open_tables(*sides, roles=roles, task="binary", windows="1 week") as workspace:
        found = judge_quality(assess_quality(measure_quality(workspace)))
    said = [text for text in told(found, defects=True) if "alone tells" in text]
    known = "after alone tells the label in the reference, ROC AUC 1; it may be known only afterwards."
    assert said == ([] if kind == "none" else [known])


def test_days_that_lack_half_of_the_values_here_and_there_are_no_hours() -> None:
    frame = rows("2026-02-01", 20, seed=11)
    some = frame["at"].between("2026-02-05", "2026-02-06") & (np.random.default_rng(1).random(len(frame)) < 0.5)
    assert judged(frame.assign(amount=frame["amount"].mask(some))).result.outages == ()


def test_a_row_with_a_new_level_and_a_number_out_of_range_is_named() -> None:
    frame = rows("2026-02-01", 20, seed=11)
    frame.loc[700, ["amount", "city"]] = [0.01, "Mars"]
    frame.loc[701, "city"] = "Bern"  # news, and may be true
    frame.loc[702, "amount"] = 9_999.0
    low = f"{REFERENCE['amount'].min():.2f}".rstrip("0")
    assert told(judged(frame), defects=True)[-1] == (
        f"One row of 4 Feb 2026 (2026-02-01-700) has city 'Mars' and amount 0.01, the reference has no 'Mars' and nothing below {low}."
    )


def test_numbers_that_the_reference_does_not_let_expect_are_news_however_few() -> None:
    frame = rows("2026-02-01", 20, seed=11)
    frame.loc[[700, 1900], "age"] = [-5.0, 140.0]
    frame.loc[703, "amount"] = REFERENCE["amount"].max() + 1.0  # a record, as any month may have one
    found = judged(frame)
    assert "age lies beyond all of the reference in 2 rows, down to -5 and up to 140 (the reference has 18 to 79), since 4 Feb 2026." in (
        said := told(found, defects=True)
    )
    assert not any("amount" in one for one in said)
    assert told(found) == []


def kept(frame: pd.DataFrame, when: pd.Series) -> pd.DataFrame:
    """Let a column keep one value in Oslo."""
    return frame.assign(amount=frame["amount"].mask(frame["city"].eq("Oslo") & when, 12.345))


@pytest.mark.parametrize("hit", ["some days", "always", "never"])
def test_a_column_that_keeps_one_value_in_a_segment_is_told_with_it(hit: str) -> None:
    later = rows("2026-02-01", 20, seed=11)
    days = later["at"].dt.day.between(11, 13) if hit == "some days" else later["at"].notna() & (hit == "always")
    later, reference = kept(later, days), kept(REFERENCE, REFERENCE["at"].notna() & (hit == "always"))
    with open_tables(
        reference, later, roles={"timestamp": "at", "id": "id", "segments": ["city"]}, task="none", windows="1 day"
    ) as workspace:
        found = judge_quality(assess_quality(measure_quality(workspace)))
    many = int(later["amount"].eq(12.345).sum())
    expected = [f"amount was constant at 12.345 where city is 'Oslo' from 11 to 13 Feb, {many} rows."] if hit == "some days" else []
    assert [one for one in told(found) if "constant" in one] == expected


def test_a_date_that_is_seldom_missing_is_no_column_of_its_own() -> None:
    """Of a date its hour and weekday are counted, which no data have as columns."""
    later = rows("2026-02-01", 10, seed=8)
    opened = [frame.assign(opened=frame["at"] - pd.Timedelta(days=40)) for frame in (REFERENCE, later)]
    opened[1].loc[opened[1].index % 25 == 3, "opened"] = pd.NaT
    found = judged(opened[1], opened[0])
    assert any(one.what.startswith("opened") and one.kind is FindingKind.MISSING for one in found.findings)


@pytest.mark.parametrize("kept", ["date", "text"])
def test_what_is_derived_of_a_column_is_no_column_of_rows(kept: str) -> None:
    """One row has a new level, and in another what is derived of a column (lag, length) lies beyond the reference."""
    sides = [frame.assign(other=frame["at"] - pd.Timedelta(days=2)) for frame in (REFERENCE, rows("2026-02-01", 20, seed=11))]
    if kept == "text":
        sides = [frame.assign(other="note " + frame["id"]) for frame in sides]
    sides[1].loc[700, "city"] = "Mars"
    sides[1].loc[900, "other"] = pd.Timestamp("2025-11-01") if kept == "date" else "word " * 40
    assert judged(sides[1], sides[0]).result.odd == ()
