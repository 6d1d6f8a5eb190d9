"""From rows to what a person on call is told, on simulated services with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.call_statuses import is_error, is_timeout
from monitor.analyses.operations import measure_operations
from monitor.engine import open_tables
from monitor.errors import CaseError, MethodError
from monitor.export.finding_sections import operation_chart
from monitor.judgement.data_answers import operations_answer
from monitor.judgement.findings import findings_table
from monitor.judgement.operation_facts import last_whole
from monitor.judgement.operations import JudgedOperations, judge_operations
from monitor.stats.operations.catalogue import OPERATIONS

ROLES = {
    "timestamp": "at",
    "id": "id",
    "latency_ms": "ms",
    "status": "status",
    "cost": "cost",
    "prediction": "said",
    "label": "label",
    "label_timestamp": "known",
    "saturation": "load",
}


def calls(start: str, days: int, *, seed: int, a_day: int = 400) -> pd.DataFrame:
    """Calls by day, fewer on Sundays; 1 % fail; a label comes within a day."""
    rng = np.random.default_rng(seed)
    day = pd.date_range(start, periods=days, freq="D")
    many = rng.poisson(np.where(day.day_of_week == 6, a_day // 2, a_day))
    at = np.repeat(day.to_numpy(), many) + np.array(rng.integers(0, 86_400_000_000, many.sum()), dtype="timedelta64[us]")
    at = pd.Series(np.sort(at))
    n = len(at)
    said = rng.integers(0, 2, n)
    return pd.DataFrame(
        {
            "at": at, "id": [f"{start}-{i}" for i in range(n)], "ms": rng.lognormal(np.log(40), 0.3, n), "cost": rng.gamma(20, 0.0001, n),
            "status": np.where(rng.random(n) < 0.01, "error", "ok"), "said": said, "label": np.where(rng.random(n) < 0.9, said, 1 - said),
            "known": at + pd.to_timedelta(rng.uniform(0, 24, n), unit="h"), "x": rng.normal(size=n),
        }
    )  # fmt: skip


REFERENCE = calls("2026-01-01", 42, seed=0)


def judged(production: pd.DataFrame, reference: pd.DataFrame = REFERENCE, *, windows: str = "1 day", **case: object) -> JudgedOperations:
    roles = {role: column for role, column in ROLES.items() if column in reference or column in production}
    with open_tables(reference, production, roles=roles, task="binary", windows=windows, **case) as workspace:  # type: ignore[arg-type]
        return judge_operations(measure_operations(workspace))


def told(found: JudgedOperations) -> list[str]:
    return findings_table(found.findings, found.names, found.against)["sentence"].tolist()


def since(frame: pd.DataFrame, day: str) -> pd.Series:
    return frame["at"] >= pd.Timestamp(day)


def test_weeks_of_the_reference_that_are_cut_short_do_not_hide_half_of_the_requests() -> None:
    reference, production = calls("2026-01-01", 60, seed=5), calls("2026-03-02", 35, seed=6)  # from a Thursday to a Sunday
    halved = production[~since(production, "2026-03-16") | (production.index % 2 == 0)]
    assert told(judged(halved, reference, windows="1 week")) == ["Requests are lower since 16 Mar: 1,312 against 2,600."]


def test_requests_are_judged_in_every_hour_and_not_in_busy_ones_only() -> None:
    """Twenty calls an hour, fewer than a share needs: the busy hours alone would say that there are more, whatever happens."""
    reference, production = (calls(day, 14, seed=seed, a_day=480) for day, seed in (("2026-01-05", 21), ("2026-01-19", 22)))
    fell = production[~since(production, "2026-01-28") | (production.index % 5 < 2)]
    assert [one.what for one in judged(production, reference, windows="1 hour").findings] == []
    found = next(one for one in judged(fell, reference, windows="1 hour").findings if one.what == "requests")
    assert abs(found.start - np.datetime64("2026-01-28")) <= np.timedelta64(6, "h")
    assert (found.direction.value, found.after < 0.5 * found.before) == ("lower", True)


def test_nights_are_no_fewer_requests_in_windows_of_some_hours() -> None:
    """Six times as many calls from 8 to 20 as at night, and half of them on the last two days."""
    rng = np.random.default_rng(23)
    hours = pd.date_range("2026-01-05", periods=28 * 24, freq="h")
    many = rng.poisson(np.where((hours.hour >= 8) & (hours.hour < 20), 60, 10) * np.where(hours >= "2026-01-31", 0.5, 1.0))
    at = pd.DataFrame({"at": np.repeat(hours.to_numpy(), many)})
    reference, production = at[~since(at, "2026-01-26")], at[since(at, "2026-01-26")]
    (found,) = judged(production, reference, windows="4 hours").findings
    assert (found.what, found.direction.value, str(found.start)[:13]) == ("requests", "lower", "2026-01-31T00")


@pytest.mark.parametrize("seed", [11, 12])
def test_a_service_as_before_is_silent(seed: int) -> None:
    found = judged(calls("2026-02-12", 28, seed=seed))
    assert told(found) == []
    assert operations_answer(found).headline == "The service runs as in the reference."
    assert (found.table.loc[found.table["metric"].eq("requests"), "status"] == "stable").sum() >= 26, "Sundays are no change"


def test_a_slow_share_of_calls_is_told_with_its_onset() -> None:
    production = calls("2026-02-12", 28, seed=1)
    slow = since(production, "2026-02-24") & (production.index % 10 == 0)
    production.loc[slow, "ms"] *= 4
    found = judged(production)
    first = found.findings[0]
    assert (first.status, first.ongoing, str(first.start)[:10]) == ("alert", True, "2026-02-24")
    assert [one.what for one in found.findings] == ["latency_p95_ms"], "a day's 400 calls are too few for the slowest 1 %"
    exact = np.quantile(production.loc[since(production, "2026-02-24"), "ms"], 0.95)
    assert first.after == pytest.approx(exact, rel=0.1)
    assert told(found)[0].startswith("p95 latency is higher since 24 Feb: ")


def test_weeks_after_a_slow_one_that_hardly_differ_are_no_part_of_it() -> None:
    """Two weeks of slow calls, then a release that takes 5 % longer for good: less than matters, and told as slow until today before."""
    reference, production = calls("2026-01-05", 56, seed=3), calls("2026-03-02", 56, seed=4)
    slow = since(production, "2026-03-16") & ~since(production, "2026-03-30")
    production["ms"] *= np.where(slow, 1.8, np.where(since(production, "2026-03-30"), 1.05, 1.0))
    found = [one for one in judged(production, reference, windows="1 week").findings if one.what == "latency_p95_ms"]
    assert [(str(one.start)[:10], str(one.end)[:10]) for one in found] == [("2026-03-16", "2026-03-30")]


def test_days_after_a_slow_month_of_which_single_ones_lie_far_off_are_no_part_of_it() -> None:
    """By the day the weeks after lie 5 % above what was usual, and some of them more than a tenth, by chance."""
    reference, production = calls("2026-01-01", 42, seed=3, a_day=500), calls("2026-02-12", 63, seed=4, a_day=500)
    slow = since(production, "2026-02-26") & ~since(production, "2026-03-19")
    production["ms"] *= np.where(slow, 1.8, np.where(since(production, "2026-03-19"), 1.05, 1.0))
    found = [one for one in judged(production, reference).findings if one.what == "latency_p95_ms"]
    assert [(str(one.start)[:10], str(one.end)[:10]) for one in found] == [("2026-02-26", "2026-03-19")]


SPOILT = {
    "error_share": lambda frame, bad: frame.assign(status=np.where(bad & (frame.index % 20 == 0), "timeout", frame["status"])),
    "completeness": lambda frame, bad: frame.assign(x=np.where(bad & (frame.index % 5 == 0), np.nan, frame["x"])),
    "cost_per_1000": lambda frame, bad: frame.assign(cost=np.where(bad, 1.5, 1) * frame["cost"]),
    "label_on_time_share": lambda frame, bad: frame.assign(
        known=frame["known"] + pd.to_timedelta(np.where(bad & (frame.index % 3 == 0), 96, 0), unit="h")
    ),
    "duplicates_share": lambda frame, bad: pd.concat([frame, frame[bad & (frame.index % 12 == 0)]]).sort_values("at", kind="stable"),
    "requests": lambda frame, bad: frame[~(bad & (frame.index % 2 == 0))],
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_breaks_is_named_on_its_day(what: str) -> None:
    production = calls("2026-02-12", 28, seed=2)
    bad = since(production, "2026-02-26") & (production["at"] < pd.Timestamp("2026-03-05"))
    found = judged(SPOILT[what](production, bad.to_numpy()))
    one = next(one for one in found.findings if one.what == what)
    assert abs((one.start - np.datetime64("2026-02-26")) / np.timedelta64(1, "D")) <= 1, told(found)
    assert any(text.startswith(OPERATIONS[what].title) for text in told(found))


def test_limits_beyond_all_numbers_are_none() -> None:
    found = judged(calls("2026-02-12", 8, seed=9), calls("2026-01-01", 3, seed=8))
    ages = found.table[found.table["metric"].eq("freshness_lag_s")]
    assert not np.isinf(ages[["limit_lower", "limit_upper"]].to_numpy(dtype=float)).any()


@pytest.mark.parametrize(("hours", "late"), [(0.3, False), (6.0, True)])
def test_days_that_end_early_are_late_where_no_usual_stretch_without_rows_is_as_long(hours: float, late: bool) -> None:
    """Rows of midnight lie in the last second of each day, so that days end alike; inside a day half an hour without a row is usual."""

    def to_midnight(frame: pd.DataFrame, without: object) -> pd.DataFrame:
        night = frame["at"].dt.hour >= 23
        last = frame["at"].dt.floor("D") + pd.Timedelta(hours=24, seconds=-1)
        quiet = frame["at"].dt.hour.isin((2, 3)) & (frame.index % 20 > 0)
        return frame.assign(at=frame["at"].mask(night, last))[~quiet & ~(without & (last - frame["at"] < pd.Timedelta(hours=hours)))]

    production = calls("2026-02-12", 28, seed=2)
    early = since(production, "2026-02-26") & (production["at"] < pd.Timestamp("2026-02-28"))
    production.loc[early & (production["at"].dt.hour >= 23), "at"] -= pd.Timedelta(hours=1)
    found = judged(to_midnight(production, early), to_midnight(REFERENCE, np.zeros(len(REFERENCE), dtype=bool)))
    assert [one.what for one in found.findings if one.what == "freshness_lag_s"] == ["freshness_lag_s"] * late, told(found)


def test_the_latency_of_days_together_is_that_of_their_rows() -> None:
    """One day of a slow stretch is busy and hardly slow: the usual day would say more than the calls show."""
    production = calls("2026-02-12", 28, seed=1)
    production.loc[since(production, "2026-02-20"), "ms"] *= 2
    busy = calls("2026-02-25", 1, seed=2, a_day=16_000)
    production = pd.concat([production, busy.assign(id="busy " + busy["id"], ms=1.4 * busy["ms"])], ignore_index=True)
    (found,) = [one for one in judged(production).findings if one.what == "latency_p95_ms"]
    rows = production[since(production, "2026-02-20")]
    assert (str(found.start)[:10], found.ongoing) == ("2026-02-20", True)
    assert found.after == pytest.approx(rows["ms"].quantile(0.95), rel=0.02)
    assert rows.groupby(rows["at"].dt.date)["ms"].quantile(0.95).median() > 1.1 * found.after


def test_days_without_a_row_are_told() -> None:
    production = calls("2026-02-12", 28, seed=3)
    lost = since(production, "2026-02-20") & (production["at"] < pd.Timestamp("2026-02-23"))
    found = judged(production[~lost])
    assert told(found) == ["No row arrived from 20 to 22 Feb."]
    assert found.findings[0].status == "alert"


def test_a_service_that_runs_full_is_told_where_a_column_says_how_full() -> None:
    rng = np.random.default_rng(0)
    reference, production = calls("2026-01-01", 42, seed=5), calls("2026-02-12", 28, seed=3)
    sides = [one.assign(load=np.clip(rng.normal(0.5, 0.1, len(one)), 0, 1)) for one in (reference, production)]
    assert [one.what for one in judged(sides[1], sides[0]).findings] == []
    full = sides[1].assign(load=sides[1]["load"] + np.where(since(production, "2026-03-01"), 0.4, 0.0))
    found = judged(full, sides[0])
    assert told(found) == ["Saturation is higher since 1 Mar: 0.9 against 0.5."]


def test_two_gaps_are_two_findings() -> None:
    production = calls("2026-02-12", 28, seed=3)
    lost = production["at"].between("2026-02-20", "2026-02-22") | production["at"].between("2026-03-02", "2026-03-03")
    found = judged(production[~lost])
    assert told(found) == ["No row arrived from 20 to 21 Feb.", "No row arrived on 2 Mar."]
    assert len({one.id for one in found.findings}) == 2


def test_an_objective_that_burns_is_told_and_one_that_cannot_ring_is_said() -> None:
    production = calls("2026-02-12", 28, seed=4, a_day=2_000)
    worst = production["at"].between("2026-02-27 10:00", "2026-02-27 16:00")
    production.loc[worst, "status"] = "error"
    slo = [{"metric": "availability", "objective": 0.98}, {"metric": "latency", "threshold": 80.0, "objective": 0.9, "name": "quick"}]
    found = judged(production, calls("2026-01-01", 42, seed=5, a_day=2_000), slo=slo)
    burnt = next(one for one in found.findings if one.what == "slo:availability")
    assert (burnt.window, burnt.last_window, burnt.status) == ("2026-02-27", "2026-02-27", "alert")
    rows = found.table[found.table["metric"].eq("slo:availability")].set_index("window")
    assert rows.loc["2026-02-26", "budget_left"] == pytest.approx(0.5, abs=0.1)
    assert rows.loc["2026-02-27", "budget_left"] == pytest.approx(0.05, abs=0.05)
    assert any(one.what == "slo:quick" and "can never ring" in one.message for one in found.skipped)
    assert "'quick': so low an objective never pages" in operations_answer(found).doubt


def test_each_number_of_a_burn_is_true_of_its_own_stretch_of_time() -> None:
    """By the week one bad hour burns the budget fast for an hour, and the budget of the week slowly."""
    production = calls("2026-02-12", 28, seed=4, a_day=2_000)
    day = production[since(production, "2026-02-27") & ~since(production, "2026-02-28")]
    bad = day.index[day["at"].dt.hour == 10]
    production.loc[bad, "status"] = "error"
    slo = [{"metric": "availability", "objective": 0.98}]
    found = judged(production, calls("2026-01-01", 42, seed=5, a_day=2_000), windows="1 week", slo=slo)
    burnt = next(one for one in found.findings if one.what == "slo:availability")
    weeks = production[since(production, str(burnt.start)) & ~since(production, str(burnt.end))]
    assert burnt.score == pytest.approx((weeks["status"] == "error").mean() / 0.02)
    assert (burnt.extreme, burnt.pair[0], burnt.span_days) == (pytest.approx(50.0, rel=0.05), 1.0, 30.0)
    assert "burnt its budget too fast" in told(found)[0], "less than allowed over all of its weeks"
    assert "up to 50 times within 60 minutes" in told(found)[0]
    rows = found.rows_of("slo:availability")
    reference = found.result.objectives[0].usual
    assert rows["reference_value"].unique().tolist() == [reference]
    assert 0.985 < reference < 0.995
    drawn = operation_chart(found, "slo:availability")
    assert str(drawn.spec["title"]["text"]).endswith(", 98% asked")


def test_what_no_column_tells_of_is_said() -> None:
    found = judged(calls("2026-02-12", 14, seed=6).drop(columns=["ms", "status"]), REFERENCE.drop(columns=["ms", "status"]))
    skipped = {one.what: one.message for one in found.skipped}
    assert skipped["latency_p95_ms"] == "p95 latency needs a column with the role latency_ms."
    assert "errors are not known" in operations_answer(found).doubt


def test_unknown_metrics_and_impossible_objectives_are_refused() -> None:
    later = REFERENCE.assign(at=REFERENCE["at"] + pd.Timedelta(days=60))
    with (
        open_tables(REFERENCE, later, roles={"timestamp": "at"}) as workspace,
        pytest.raises(MethodError, match=r"no metric of operations 'latency_p95'.*latency_p95_ms"),
    ):
        measure_operations(workspace, methods=["latency_p95"])
    for wrong, said in ((1.0, "between 0 and 1"), (0.0, "between 0 and 1")):
        with pytest.raises(CaseError, match=said):
            judged(REFERENCE, slo=[{"metric": "availability", "objective": wrong}])
    with pytest.raises(CaseError, match="a latency needs a threshold"):
        judged(REFERENCE, slo=[{"metric": "latency", "objective": 0.9}])


def test_statuses_of_many_services() -> None:
    bad = ["error", "FAILED", "timeout", "Timed out", "500", "503.0", "429", "exception", "UNAVAILABLE"]
    good = ["ok", "200", "204", "404", "success", "cached", "done"]
    assert [is_error(one) for one in bad] == [True] * len(bad)
    assert [is_error(one) for one in good] == [False] * len(good)
    assert [is_timeout(one) for one in ("504", "deadline exceeded", "500")] == [True, True, False]


def test_a_short_reference_is_beside_weeks_as_many_rows_a_week() -> None:
    """Ten days are cut into stretches shorter than a week; the last week ends with the data, not with the service."""
    found = judged(calls("2026-03-13", 10, seed=6), calls("2026-01-01", 10, seed=5), windows="1 week")
    assert told(found) == []
    requests = found.table[found.table["metric"] == "requests"]
    assert requests["reference_value"].iloc[0] == pytest.approx(7 * 380, rel=0.2)


UNTIMED = REFERENCE.drop(columns="known")


def unlabelled(first: str, last: str) -> pd.DataFrame:
    frame = calls("2026-02-12", 28, seed=3).drop(columns="known")
    return frame.assign(label=frame["label"].where(~frame["at"].between(first, last)))


def test_labels_that_lack_in_between_are_an_alert_without_times_of_labels() -> None:
    found = judged(unlabelled("2026-02-20", "2026-02-25"), UNTIMED)
    assert [(one.what, one.status) for one in found.findings] == [("label_share", "alert")]


def test_the_share_of_labels_is_that_of_the_last_whole_window_however_few_have_come() -> None:
    frame = calls("2026-02-12", 28, seed=3).drop(columns="known")
    young = frame["at"] >= pd.Timestamp("2026-03-10")
    found = judged(frame.assign(label=frame["label"].where(~young)), UNTIMED).result
    track = next(one for one in found.tracks if one.metric.id == "label_share")
    at = last_whole(found, track)
    assert at is not None
    assert (found.windows.ids[at], track.production.value[at]) == ("2026-03-11", 0.0)
    assert not track.usable[at], "labels are on their way: told, and no alarm"


def test_labels_that_end_are_told_and_late_ones_are_not() -> None:
    ended = judged(unlabelled("2026-02-24", "2027-01-01"), UNTIMED)
    assert told(ended) == ["Share of rows with a label is lower since 24 Feb: 0% against 100%."]
    assert [one.status for one in ended.findings] == ["warning"]
    frame = calls("2026-02-12", 28, seed=3).drop(columns="known")
    age = (frame["at"].max() - frame["at"]).dt.days
    late = frame.assign(label=frame["label"].where(np.random.default_rng(0).random(len(frame)) < age / 12))
    assert judged(late, UNTIMED).findings == ()
    assert judged(unlabelled("2026-03-10", "2027-01-01"), UNTIMED).findings == ()  # two days: on their way


def test_a_weekday_is_told_beside_such_weekdays_and_its_status_beside_its_own_limit() -> None:
    """On Sundays half as many call: half of a Wednesday is no third less than the mean of all days."""
    reference, production = calls("2026-01-05", 42, seed=31, a_day=1200), calls("2026-02-16", 28, seed=32, a_day=1200)
    wednesday = production["at"].dt.normalize().eq("2026-03-04")
    found = judged(production[~wednesday | (production["at"].dt.hour < 9)], reference)
    one = next(one for one in found.findings if one.what == "requests")
    assert one.before == pytest.approx(1200, rel=0.03)
    rows = found.rows_of("requests")
    alarm = rows["value"].lt(rows["limit_lower"]) | rows["value"].gt(rows["limit_upper"])
    assert rows["window"][alarm].tolist() == rows["window"][rows["strength"] > 1].tolist() == ["2026-03-04"]
    drawn = operation_chart(found, "requests").data.set_index("window")
    sundays = pd.to_datetime(drawn.index).day_of_week == 6
    assert drawn["reference_high"][sundays].max() < 800 < drawn["reference_low"][~sundays].min()
    assert operation_chart(found, "error_share").data["reference_low"].nunique() == 1


@pytest.mark.parametrize("windows", ["1 day", "1 week"])
def test_hours_without_a_request_are_told_by_the_clock(windows: str) -> None:
    reference, production = calls("2026-01-26", 28, seed=41, a_day=2400), calls("2026-02-23", 14, seed=42, a_day=2400)
    lost = production["at"].between("2026-03-04 08:00", "2026-03-04 11:00")
    assert not [one for one in judged(production, reference, windows=windows).findings if one.what == "gap"]
    said = [text for text in told(judged(production[~lost], reference, windows=windows)) if text.startswith("No row")]
    assert len(said) == 1
    assert said[0].startswith("No row arrived from 08:00 to 11:00 on 4 Mar")
    assert said[0].endswith(" in these hours on any whole day of the reference.")


def test_hours_that_are_empty_at_times_and_days_that_are_told_are_no_further_gap() -> None:
    reference, production = calls("2026-01-26", 28, seed=41, a_day=2400), calls("2026-02-23", 14, seed=42, a_day=2400)
    once = reference["at"].between("2026-02-10 08:00", "2026-02-10 11:00")
    lost = production["at"].between("2026-03-04 08:00", "2026-03-04 11:00")
    assert not [one for one in judged(production[~lost], reference[~once]).findings if one.what == "gap"]
    day = production["at"].between("2026-03-04", "2026-03-05")
    assert [text for text in told(judged(production[~day], reference)) if "No row" in text] == ["No row arrived on 4 Mar."]


def test_an_hour_that_the_clock_leaves_out_is_no_gap() -> None:
    reference, production = calls("2026-02-09", 35, seed=41, a_day=2400), calls("2026-03-16", 28, seed=42, a_day=2400)
    skipped = (production["at"].dt.hour == 2) & (production["at"].dt.normalize() == "2026-03-29")
    found = judged(production[~skipped], reference, timezone="Europe/Berlin")
    assert not [one for one in found.findings if one.what == "gap"]


def test_what_was_not_judged_is_said_beside_a_service_as_before() -> None:
    """Three calls a day with their cost: too few rows a week for a cost per 1,000 requests."""
    sides = [calls(day, days, seed=seed, a_day=3).assign(cost=1.0) for day, days, seed in (("2026-01-05", 42, 31), ("2026-02-16", 28, 32))]
    answer = operations_answer(judged(sides[1], sides[0], windows="1 week"))
    assert answer.headline == "The service runs as in the reference."
    assert "Not judged, for too few rows: " in answer.doubt
    assert "Share of errors" in answer.doubt
