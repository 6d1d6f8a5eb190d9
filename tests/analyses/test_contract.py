"""From rows to a contract and to what breaks it, on simulated tables with a known truth."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.contract import measure_contract
from monitor.analyses.contract_inference import infer_contract
from monitor.cli.contracting import accept, told
from monitor.contract.model import DataContract, RowRule, Terms
from monitor.engine import open_tables
from monitor.errors import MethodError
from monitor.judgement.contract import JudgedContract, judge_contract
from monitor.judgement.data_answers import contract_answer
from monitor.judgement.finding import FindingKind
from monitor.judgement.reference import check_seasons

A_DAY = 100
ROLES = {"timestamp": "at", "id": "id", "label": "bad"}


def rows(start: str, days: int, *, seed: int) -> pd.DataFrame:
    """A hundred rows a day: a gust is never below the wind, a currency fixes the country and the range of the price."""
    rng = np.random.default_rng(seed)
    n = A_DAY * days
    country = rng.choice(["DE", "SE"], n)
    wind = rng.gamma(4, 3, n).round(1)
    return pd.DataFrame(
        {
            "at": pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 86_400 // A_DAY, unit="s"),
            "id": [f"{start[-2:]}-{i:05d}" for i in range(n)],
            "wind": wind,
            "gust": wind + rng.exponential(3, n).round(1),
            "age": np.where(rng.random(n) < 0.2, np.nan, rng.integers(18, 80, n)),
            "country": country,
            "currency": np.where(country == "DE", "EUR", "SEK"),
            "price": np.where(country == "DE", rng.uniform(10, 20, n), rng.uniform(150, 190, n)).round(2),
            "bad": rng.integers(0, 2, n),
        }
    )


REFERENCE, LATER = rows("2026-01-01", 30, seed=0), rows("2026-02-01", 10, seed=1)


@cache
def suggested() -> DataContract:
    with open_tables(REFERENCE, LATER, roles=ROLES, task="none", windows="1 day") as workspace:
        return infer_contract(workspace)


def judged(production: pd.DataFrame, contract: DataContract | None = None, reference: pd.DataFrame = REFERENCE) -> JudgedContract:
    with open_tables(reference, production, roles=ROLES, task="none", windows="1 day") as workspace:
        return judge_contract(measure_contract(workspace, contract=contract or suggested()))


def broken(found: JudgedContract) -> list[str]:
    return sorted({one.what for one in found.findings if one.kind is FindingKind.CONTRACT})


def test_what_is_suggested_says_what_the_rows_are() -> None:
    found = suggested()
    assert [one.id for one in found.rules] == ["wind<=gust"]
    assert [(one.columns, set(one.pairs)) for one in found.never] == [(("country", "currency"), {("DE", "SEK"), ("SE", "EUR")})]
    assert {one.id for one in found.ranges} == {"price|country", "price|currency"}
    assert found.columns["country"].levels == ("DE", "SE")
    assert found.columns["id"].unique
    assert found.columns["id"].pattern == "[0-9]{2}-[0-9]{5}"
    assert (found.columns["bad"].required, found.columns["bad"].absent_in) == (False, ())
    assert 0.2 < (found.columns["age"].missing or 0) < 0.5
    assert found.inferred is not None
    assert found.inferred.broke < 0.01 * found.inferred.checks


def test_a_label_that_production_has_not_yet_is_absent_by_agreement() -> None:
    with open_tables(REFERENCE, LATER.drop(columns="bad"), roles=ROLES, task="none", windows="1 day") as workspace:
        assert infer_contract(workspace).columns["bad"].absent_in == ("production",)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_rows_as_before_keep_it(seed: int) -> None:
    found = judged(rows("2026-02-01", 10, seed=seed))
    assert sum(int(one.broken.sum()) for one in found.result.asked) < 0.01 * len(found.table)


def test_each_way_to_break_it_is_named_with_values_and_the_first_time() -> None:
    bad = LATER.copy()
    day = bad["at"].dt.day.to_numpy()
    bad.loc[bad.index[455], "wind"] = -4.0
    bad.loc[bad.index[3 * A_DAY : 5 * A_DAY], "country"] = "de"
    bad.loc[(day == 7) & (np.arange(len(bad)) % 4 > 0), "age"] = np.nan
    bad.loc[bad.index[801], "id"] = bad.loc[bad.index[10], "id"]
    found = judged(bad.drop(columns="gust").assign(new=1))
    assert broken(found) == [
        "age.missing",
        "country.levels",
        "gust.required",
        "id.unique",
        "new.new_column",
        "wind.range",
    ]
    said = "\n".join(told(found))
    assert "gust.required: gust is lost since 1 Feb." in said
    assert "wind.range: wind was outside 0 to" in said
    assert "1 row: -4. First on 5 Feb 2026, 13:12.\n    to accept: wind: min 0 becomes -4" in said
    assert "country.levels: country was at a level that the contract does not name, from 4 to 5 Feb: 200 rows, 100% of values: de." in said
    assert [one.what for one in found.skipped] == ["rule.wind<=gust"]
    assert contract_answer(found).headline == "gust is lost since 1 Feb."


def test_more_values_than_are_looked_at_are_others_whose_number_nobody_knows() -> None:
    bad = LATER.assign(wind=LATER["wind"].mask(LATER["at"].dt.day.eq(5), -1.0 - LATER.index), country="C" + (LATER.index // 4).astype(str))
    contract = DataContract(complete=False, columns={"wind": Terms(min=0.0), "country": Terms(levels=("DE", "SE"))})
    found = judged(bad, contract)
    said = "\n".join(told(found))
    assert "100 rows, 100% of values: -401, -402, -403 and others." in said
    assert "C0, C1, C10 and 247 more." in said, "levels are all looked at, so that they can be accepted"
    assert not judged(bad, accept(found, ["country.levels"])).findings[1:]


def test_what_can_never_be_asked_is_no_contract_that_is_kept() -> None:
    """A rule that is no condition, one of a column that no data have, a required column that is nowhere; not what production lost."""
    gone = LATER.drop(columns="gust")
    rules = (RowRule(id="half", holds="age >"), RowRule(id="typo", holds="winf > 0"), RowRule(id="lost", holds="wind <= gust"))
    found = judged(gone, DataContract(complete=False, rules=rules))
    assert found.wrong == ("rule.half", "rule.typo")
    said = contract_answer(found)
    assert (said.headline, said.doubt) == ("2 rules of the contract cannot be asked.", "3 clauses could not be asked.")
    nowhere = judged(LATER, DataContract(complete=False, columns={"agee": Terms(type="integer")}))
    assert broken(nowhere) == ["agee.required"]
    assert "agee.required: agee is required, but in no data set since 1 Feb." in told(nowhere)


def test_a_reference_of_three_months_is_no_february() -> None:
    """The contract counts the reference as one window, whose middle lies in one month."""
    found = judged(rows("2026-06-01", 10, seed=2), DataContract(complete=False, columns={"age": Terms()}), rows("2026-01-01", 89, seed=3))
    assert "covers one season, January to March; production is also in June" in check_seasons(found).season_sentence()


@pytest.mark.parametrize(("start", "days", "covers"), [("2026-07-21", 56, "July to September"), ("2026-07-20", 40, "July and August")])
def test_a_reference_is_of_all_months_that_it_holds_a_week_of(start: str, days: int, covers: str) -> None:
    found = judged(rows("2026-11-01", 10, seed=2), DataContract(complete=False, columns={"age": Terms()}), rows(start, days, seed=3))
    assert f"covers one season, {covers}; production is also in November" in check_seasons(found).season_sentence()


def test_a_level_first_came_with_its_first_row_also_where_so_few_rows_are_allowed() -> None:
    bad = LATER.copy()
    bad.loc[[130, *range(5 * A_DAY, 5 * A_DAY + 20)], "country"] = "FI"
    found = judged(bad, DataContract(columns={"country": Terms(levels=("DE", "SE"), outside=0.02)}))
    one = next(one for one in found.findings if one.what == "country.levels")
    seen = found.seen_of(one)
    assert str(one.start)[:10] == "2026-02-06"
    assert seen is not None
    assert (seen.values, str(seen.first)) == ({"FI": 20}, str(bad.loc[130, "at"]))


def test_columns_that_came_later_are_told_although_the_features_are_written() -> None:
    """What features leave out was in the reference; what is ignored by name is no matter."""
    came = LATER.assign(promo=np.where(LATER["at"] >= pd.Timestamp("2026-02-06"), "x", None), noise=1, late=1)
    came["arm"] = np.where(came["at"].dt.day.eq(4), "b", None)
    written = ROLES | {"features": ["wind", "gust"], "ignore": ["noise"]}
    with open_tables(REFERENCE, came, roles=written, task="none", windows="1 day") as workspace:
        found = judge_contract(measure_contract(workspace, contract=suggested()))
    assert [one for one in broken(found) if one.endswith(".new_column")] == ["arm.new_column", "late.new_column", "promo.new_column"]
    said = "\n".join(told(found))
    assert "promo is a column that the contract does not name since 6 Feb. First on 6 Feb 2026, 00:00." in said
    assert "arm was filled, though the contract does not name the column on 4 Feb. First" in said
    assert "late is a column that the contract does not name since 1 Feb." in said


def test_rules_of_rows_are_broken_by_rows_that_single_columns_allow() -> None:
    bad = LATER.copy()
    bad.loc[bad.index[:3], ["wind", "gust"]] = [9.0, 8.0]
    bad.loc[bad.index[250], "currency"] = "SEK" if bad.loc[bad.index[250], "country"] == "DE" else "EUR"
    found = judged(bad)
    assert {"rule.wind<=gust", "never.country+currency"} <= set(broken(found))
    values = next(found.seen_of(one) for one in found.findings if one.what == "rule.wind<=gust")
    assert values is not None
    assert values.values == {"gust = 8, wind = 9": 3}


def test_what_is_accepted_is_kept_from_then_on() -> None:
    bad = LATER.assign(country=LATER["country"].replace("SE", "NO"), wind=LATER["wind"] - 30)
    found = judged(bad)
    ids = [name for name in broken(found) if name.startswith(("country", "wind"))]
    again = judged(bad, accept(found, ids))
    assert not set(ids) & set(broken(again))
    with pytest.raises(MethodError, match=r"No broken clause is called 'wind.rang'\. Did you mean 'wind.range'"):
        accept(found, ["wind.rang"])


def test_texts_that_are_not_read_are_of_another_type_and_not_missing() -> None:
    texts = {side: frame.assign(size=frame["price"].astype(str)) for side, frame in (("before", REFERENCE), ("now", LATER))}
    texts["now"].loc[texts["now"]["at"].dt.day.eq(4) & (LATER.index % 10 == 0), "size"] = "12 kg"
    texts["now"].loc[texts["now"]["at"].dt.day.eq(6) & (LATER.index % 10 == 0), "size"] = None
    terms = DataContract(columns={"size": Terms(type="number", missing=0.0)}, complete=False)
    found = judged(texts["now"], terms, texts["before"])
    days = {one.what: (one.rows, found.seen_of(one).first.day) for one in found.findings}
    assert days == {"size.type": (10, 4), "size.missing": (10, 6)}
    assert next(found.seen_of(one).values for one in found.findings if one.what == "size.type") == {"12 kg": 10}


def test_what_is_accepted_holds_for_all_runs_of_windows_that_break_it() -> None:
    """Two spells, the later one milder: each of their changes alone would break in the other."""
    bad = LATER.copy()
    day = bad["at"].dt.day
    bad.loc[day.eq(3), "wind"] += 60
    bad.loc[day.eq(3) & (bad.index % 2 == 0), "age"] = None
    bad.loc[day.eq(7), "wind"] += 45
    bad.loc[day.eq(7) & (bad.index % 4 == 0), "age"] = None
    found = judged(bad)
    for name in ("wind.range", "age.missing"):
        assert [one.what for one in found.findings].count(name) == 2, name
        assert name not in broken(judged(bad, accept(found, [name])))


def test_what_the_reference_breaks_too_is_a_defect_and_no_alarm() -> None:
    contract = DataContract(columns={"age": Terms(missing=0.0)}, complete=False)
    found = judged(LATER, contract)
    assert [(one.kind, one.status) for one in found.findings] == [(FindingKind.DEFECT, "stable")]
    assert contract_answer(found).headline == "The contract is kept."
    assert "1 clause is broken by the reference too: no alarm." in contract_answer(found).doubt


def test_a_rule_that_is_no_condition_is_said_and_the_others_are_asked() -> None:
    rules = (RowRule(id="odd", holds="1; DROP TABLE x"), RowRule(id="fine", holds="price > 0"))
    found = judged(LATER, DataContract(rules=rules))
    assert [one.what for one in found.skipped] == ["rule.odd"]
    assert found.table["check"].unique().tolist() == ["contract:rule.fine"]


def test_levels_that_move_break_a_shift() -> None:
    contract = DataContract(columns={"country": Terms(shift=0.2)}, complete=False)
    assert broken(judged(LATER, contract)) == []
    assert broken(judged(LATER.assign(country="DE"), contract)) == ["country.shift"]


def test_serving_need_not_have_what_is_absent_by_agreement() -> None:
    contract = DataContract(columns={"bad": Terms(absent_in=("production",)), "old": Terms(lifecycle="deprecated")}, complete=False)
    assert broken(judged(LATER.drop(columns="bad"), contract)) == []


@pytest.mark.parametrize("reference", [REFERENCE.head(1), REFERENCE.head(3), REFERENCE.assign(age=np.nan, wind=1.0)])
def test_few_or_empty_rows_suggest_something_that_can_be_read(reference: pd.DataFrame) -> None:
    with open_tables(reference, LATER, roles=ROLES, task="none", windows="1 day") as workspace:
        contract = infer_contract(workspace)
        assert judge_contract(measure_contract(workspace, contract=contract)).table["status"].notna().all()


def test_without_a_time_rows_are_tried_in_runs() -> None:
    both = (REFERENCE.drop(columns="at"), LATER.drop(columns="at"))
    with open_tables(*both, roles={"id": "id"}, task="none", windows="whole") as workspace:
        contract = infer_contract(workspace)
        found = judge_contract(measure_contract(workspace, contract=contract))
    assert contract.columns["country"].levels == ("DE", "SE")
    assert {one.what for one in found.findings} <= {"wind.range", "gust.range"}  # tails of a later month
