from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from monitor.case import WindowSize
from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.narration.examples import DAYS
from monitor.judgement.narration.examples import example as found
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.narration.timing import onset_doubt
from monitor.judgement.narration.windows import WindowNames
from tests.judgement.narration.findings_told import ONE, OVER, WEEKS

ABOVE = CellPlace(PlaceKind.ABOVE, 2500.0, math.inf)
LEVEL = CellPlace(PlaceKind.LEVEL, level="AA")
HIGHER: dict[str, Any] = {"direction": Direction.HIGHER, "measure": Measure.MEAN, "before": 38.2, "after": 71.3}
MORE: dict[str, Any] = {"direction": Direction.MORE, "place": ABOVE, "before": 0.03, "after": 0.12}
DISTANCE: dict[str, Any] = {"what": "distance", "label": "Distance (miles)"}


def said(kind: FindingKind = FindingKind.VALUE, **changes: Any) -> str:
    return sentence(found(kind, **changes), DAYS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Amount is higher since 1 Apr: mean 71 against 38."),
        ({"measure": Measure.MEDIAN, "windows": 1}, "Amount is higher since 1 Apr: median 71 against 38."),
        (OVER, "Amount was higher from 15 to 28 Jun: mean 71 against 38."),
        (ONE, "Amount was higher on 5 Jul: mean 71 against 38."),
        ({**ONE, "state": State.NEW}, "Amount is higher on 5 Jul: mean 71 against 38."),
        ({"after": 20.0}, "Amount is lower since 1 Apr: mean 20 against 38."),
        ({**OVER, "extreme": 78.1, "bound": 59.0},
         "Amount was higher from 15 to 28 Jun: mean 71 against 38, up to 78.1 (reference at most 59)."),
        ({**OVER, "extreme": -3.0, "bound": 5.0}, "Amount was higher from 15 to 28 Jun: mean 71 against 38."),
        ({"after": math.nan}, "Amount is higher since 1 Apr."),
        ({"before": math.nan}, "Amount is higher since 1 Apr: mean 71.3."),
        ({"before": 5.0, "after": 5.0000001}, "Amount is higher since 1 Apr: mean about 5, slightly more."),
        ({"measure": Measure.SHARE, "place": ABOVE, "before": 0.08, "after": 0.97, "windows": 1},
         "Amount is higher since 1 Apr: 97% of rows above 2,500 against 8%."),
    ],
)  # fmt: skip
def test_values_that_moved_as_a_whole(changes: dict[str, Any], words: str) -> None:
    assert said(**{**HIGHER, **changes}) == words


@pytest.mark.parametrize(
    ("direction", "after", "words"),
    [
        (Direction.WIDER, 12.0, "Amount spreads wider since 1 Apr: typically ±12 against ±5 around its mean."),
        (Direction.NARROWER, 2.0, "Amount spreads less wide since 1 Apr: typically ±2 against ±5 around its mean."),
    ],
)
def test_values_that_spread(direction: Direction, after: float, words: str) -> None:
    assert said(direction=direction, measure=Measure.SD, before=5.0, after=after) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (DISTANCE, "More rows with distance above 2,500 miles since 1 Apr: 12% of rows against 3%."),
        ({**DISTANCE, **OVER}, "More rows with distance above 2,500 miles from 15 to 28 Jun, 12% of rows against 3%."),
        ({"direction": Direction.FEWER, "place": LEVEL, "before": 0.09, "after": 0.04},
         "Fewer rows with amount 'AA' since 1 Apr: 4% of rows against 9%."),
        ({"after": 0.01}, "Fewer rows with amount above 2,500 since 1 Apr: 1% of rows against 3%."),
        ({"before": 0.1, "after": 0.10000001}, "More rows with amount above 2,500 since 1 Apr: about 10% of rows, slightly more."),
        ({"before": 0.1001, "after": 0.1049}, "More rows with amount above 2,500 since 1 Apr: 10.5% of rows against 10%."),
        ({"place": None}, "Amount is distributed differently since 1 Apr."),
        ({"direction": Direction.CHANGED}, "Amount is distributed differently since 1 Apr: 12% of rows above 2,500 against 3%."),
        ({"measure": Measure.LEVELS, "direction": Direction.FEWER, "before": 493.0, "after": 100.0},
         "Amount has fewer levels since 1 Apr: usually 100 against 493 a window."),
        ({"place": CellPlace(PlaceKind.BUCKET)},
         "Rare levels of amount have other shares since 1 Apr, a part of them 12% of rows against 3%."),
        ({"place": CellPlace(PlaceKind.LEVEL, level="missing")}, "More rows with amount 'missing' since 1 Apr: 12% of rows against 3%."),
    ],
)  # fmt: skip
def test_values_that_moved_in_one_place(changes: dict[str, Any], words: str) -> None:
    assert said(**{**MORE, "what": "amt", **changes}) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Amount is missing in 22% of rows since 1 Apr, against 1%."),
        ({"before": 0.0, "after": 1.0}, "Amount is missing in all rows since 1 Apr, against 0%."),
        ({"before": 0.22, "after": 0.01, "direction": Direction.FEWER}, "Amount is missing in only 1% of rows since 1 Apr, against 22%."),
        ({"after": 0.0, "direction": Direction.FEWER}, "Amount is missing in no rows since 1 Apr, against 1%."),
        (OVER, "Amount was missing in 22% of rows from 15 to 28 Jun, against 1%."),
        ({"after": math.nan}, "Amount is missing more often since 1 Apr."),
        ({"before": 0.1, "after": 0.10000001}, "Amount is missing more often since 1 Apr: about 10% of rows, slightly more."),
    ],
)
def test_missing_values(changes: dict[str, Any], words: str) -> None:
    assert said(FindingKind.MISSING, **{"direction": Direction.MORE, "before": 0.01, "after": 0.22, **changes}) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"levels": {"winter": 900}, "after": 1.0}, "Season 'winter', never seen in the reference, is 100% of rows since 1 Apr."),
        ({"levels": {"winter": 3}, "after": 1e-6, "rows": 3}, "Season 'winter', never seen in the reference, is in 3 rows since 1 Apr."),
        ({"levels": {"winter": 900}, "after": 0.4, **OVER},
         "Season 'winter', never seen in the reference, was 40% of rows from 15 to 28 Jun."),
        ({"levels": {"winter": 900}}, "Season 'winter', never seen in the reference, appears since 1 Apr."),
        ({"levels": {"missing": 900}, "share_rows": 0.4}, "Season 'missing', never seen in the reference, is 40% of rows since 1 Apr."),
        ({"levels": {"a": 1, "b": 36, "c": 4}, "after": 0.021},
         "Season has 3 levels never seen in the reference since 1 Apr: 2.1% of rows, most often 'b', 'c' and 'a'."),
        ({"levels": dict.fromkeys("abcde", 9), "after": 0.021},
         "Season has 5 levels never seen in the reference since 1 Apr: "
         "2.1% of rows, most often 'a', 'b', 'c' and 2 more."),
        ({"by_chance": 0.01, "after": 0.12}, "12% of rows are at levels of season that the reference never had, since 1 Apr, expected 1%."),
        ({}, "Season has levels never seen in the reference since 1 Apr."),
    ],
)  # fmt: skip
def test_levels_never_seen(changes: dict[str, Any], words: str) -> None:
    assert said(FindingKind.UNSEEN, **{"what": "s", "label": "Season", **changes}) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after": 0.86, "extreme": 0.31, "bound": 29.1},
         "Amount lies below the reference's smallest (29.1) in 86% of rows since 1 Apr, down to 0.31."),
        ({"after": 1.0, "extreme": 0.31, "bound": 29.1},
         "Amount lies below the reference's smallest (29.1) in all rows since 1 Apr, down to 0.31."),
        ({"rows": 1, "after": 1e-5, "extreme": 31165.0, "bound": 1200.0, **ONE},
         "Amount had one row at 31,165 (reference at most 1,200) on 5 Jul."),
        ({"rows": 1, "after": 1e-5, "extreme": -5.0, "bound": 0.0, **ONE}, "Amount had one row at -5 (reference at least 0) on 5 Jul."),
        ({"rows": 4, "after": 1e-5, "extreme": 31165.0, "bound": 1200.0, **ONE},
         "Amount lay above the reference's largest (1,200) in 4 rows on 5 Jul, up to 31,165."),
        ({"place": ABOVE, "after": 0.2}, "Amount lies above the reference's largest in 20% of rows since 1 Apr."),
        ({}, "Amount has values that the reference never had since 1 Apr."),
    ],
)  # fmt: skip
def test_values_out_of_range(changes: dict[str, Any], words: str) -> None:
    assert said(FindingKind.RANGE, **changes) == words


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (FindingKind.CONSTANT, {"place": CellPlace(PlaceKind.VALUE, 5.0, 5.0)}, "Amount is constant at 5 since 1 Apr; it varied before."),
        (FindingKind.CONSTANT, {"place": CellPlace(PlaceKind.VALUE, 140.2, 140.2)},
         "Amount is constant at 140.2 since 1 Apr; it varied before."),
        (FindingKind.CONSTANT, {"measure": Measure.MEAN, "after": 5.0, **OVER},
         "Amount was constant at 5 from 15 to 28 Jun; it varied before."),
        (FindingKind.CONSTANT, {"place": LEVEL}, "Amount is constant at 'AA' since 1 Apr; it varied before."),
        (FindingKind.CONSTANT, {}, "Amount is constant since 1 Apr; it varied before."),
        (FindingKind.REVIVED, {"measure": Measure.MEAN, "before": 5.0},
         "Amount varies since 1 Apr; it was constant at 5 in the reference."),
        (FindingKind.REVIVED, {"place": CellPlace(PlaceKind.VALUE, 0.0, 0.0), "after": 0.4, "extreme": -1.0, "bound": 0.0},
         "Amount varies since 1 Apr; it was constant at 0 in the reference, 40% of rows are lower, down to -1."),
        (FindingKind.REVIVED, {"place": LEVEL, "after": 0.3, "levels": {"BB": 30}},
         "Amount varies since 1 Apr; it was constant at 'AA' in the reference, 30% of rows are 'BB'."),
        (FindingKind.REVIVED, {"after": 0.3, "levels": {"BB": 10, "CC": 20}},
         "Amount varies since 1 Apr; it was constant in the reference, 30% of rows are others, most often 'CC' and 'BB'."),
        (FindingKind.REVIVED, OVER, "Amount varied from 15 to 28 Jun; it was constant in the reference."),
    ],
)  # fmt: skip
def test_columns_that_stop_or_start_to_vary(kind: FindingKind, changes: dict[str, Any], words: str) -> None:
    assert said(kind, **changes) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"levels": {"B": 1, "A": 2}, "levels_lost": ("A", "B")}, "Levels 'A' and 'B' of amount are swapped since 1 Apr."),
        ({"levels": {"AA": 1, "B": 2}, "levels_lost": ("AA", "B"), "place": LEVEL, "before": 0.25, "after": 0.4},
         "Levels 'AA' and 'B' of amount are swapped since 1 Apr, 40% of rows at 'AA' against 25%."),
        ({"levels": {"mon": 9}, "levels_lost": ("Mon",), "after": 0.14},
         "New level 'mon' of amount replaced 'Mon' since 1 Apr: 14% of rows."),
        ({"levels": {"Monday": 9, "Tuesday": 9}, "levels_lost": ("Mon", "Tue")},
         "2 new levels of amount replaced 2 that went since 1 Apr, 'Monday' and 'Tuesday' in place of 'Mon' and 'Tue'."),
        ({"levels_lost": ("AA",), "before": 0.09, "after": 0.0}, "Amount 'AA' is gone since 1 Apr: 0% of rows against 9%."),
        ({"levels": {"AA": 9}, "before": 0.09, "after": 0.001}, "Amount 'AA' is almost gone since 1 Apr: 0.1% of rows against 9%."),
        ({"levels_lost": ("AA", "B"), "before": 0.09, "after": 0.0, **OVER},
         "2 levels of amount were gone from 15 to 28 Jun: 'AA' and 'B', 0% of rows against 9%."),
        ({}, "Levels of amount changed since 1 Apr."),
    ],
)  # fmt: skip
def test_levels_that_swapped_replaced_or_went(changes: dict[str, Any], words: str) -> None:
    assert said(FindingKind.LEVEL, **{"what": "a", **changes}) == words


@pytest.mark.parametrize(
    ("kind", "note", "words"),
    [
        (FindingKind.LOST, "", "There is no column 'Amount' since 1 Apr."),
        (FindingKind.NEW, "", "Column 'Amount' is new since 1 Apr."),
        (FindingKind.TYPE, "DOUBLE -> VARCHAR", "Column 'Amount' changed its type from number to text since 1 Apr."),
        (FindingKind.TYPE, "INTEGER -> BIGINT", "Column 'Amount' changed its type from INTEGER to BIGINT since 1 Apr."),
        (FindingKind.TYPE, "", "Column 'Amount' changed its type since 1 Apr."),
    ],
)
def test_columns_that_came_went_or_changed_type(kind: FindingKind, note: str, words: str) -> None:
    assert said(kind, note=note) == words


def test_a_lost_column_without_windows() -> None:
    gone = {"window": "", "last_window": "", "start": np.datetime64("NaT"), "first": 0, "last": 0}
    assert said(FindingKind.LOST, windows=0, **gone) == said(FindingKind.LOST, windows=9, **gone) == "There is no column 'Amount'."


RECALL: dict[str, Any] = {"what": "recall", "label": "Recall", "measure": Measure.SCORE, "before": 0.62, "after": 0.41}


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (FindingKind.METRIC, RECALL, "Recall fell from 0.62 to 0.41 since 1 Apr."),
        (FindingKind.METRIC, {**RECALL, **OVER}, "Recall was lower from 15 to 28 Jun: 0.41 against 0.62."),
        (FindingKind.METRIC, {"direction": Direction.HIGHER}, "Amount is higher since 1 Apr."),
        (FindingKind.METRIC, {"direction": Direction.LOWER, **OVER}, "Amount was lower from 15 to 28 Jun."),
        (FindingKind.METRIC, OVER, "Amount was different from 15 to 28 Jun."),
        (FindingKind.RELATION, {"label": "A and B", "before": 0.71, "after": 0.02},
         "A and B are related less closely since 1 Apr: correlation 0.02 against 0.71."),
        (FindingKind.RELATION, {"label": "A and B", "before": 0.71, "after": -0.5, **OVER},
         "A and B were related the other way round from 15 to 28 Jun, correlation -0.5 against 0.71."),
        (FindingKind.RELATION, {"label": "start above end", "measure": Measure.ORDER, "before": 0.02, "after": 0.12, **OVER},
         "More rows with start above end from 15 to 28 Jun, 12% of rows against 2%."),
        (FindingKind.RULE, {"note": "Seats above 105 where Carrier = EV", "note_share": 0.02, "before": 0.0, "after": 0.03, **OVER},
            "Rule broken by Seats above 105 where Carrier = EV from 15 to 28 Jun, 2% of rows; 3% broke any rule, against 0%."),
        (FindingKind.RULE, {"note": "Seats above 105 where Carrier = EV", "note_share": 0.008, "before": 0.001, "after": 0.03},
            "Rules of two columns are broken since 1 Apr, 3% of rows against 0.1%; "
            "most often Seats above 105 where Carrier = EV, in 0.8%."),
        (FindingKind.JOINT, {"method": "hotelling_t2", "before": 0.26, "after": 2.0, "direction": Direction.HIGHER,
                             "carried": ("Dew point (°F)", "Age")},
            "The columns move together away from the reference since 1 Apr, 2.8 times as far as usual, mostly Dew point and Age."),
        (FindingKind.JOINT, {"method": "gaussian_distance", "before": 4.6, "after": 15.0, "direction": Direction.HIGHER},
            "The columns differ more from the reference since 1 Apr: difference 3.3 times the usual."),
        (FindingKind.JOINT, {"method": "pca_reconstruction", "before": 2.0, "after": 1.0, "direction": Direction.LOWER, **OVER},
            "The columns fitted together more closely from 15 to 28 Jun, error of the fit 0.5 times the usual."),
        (FindingKind.RELATION, {"label": "A and B"}, "A and B are related differently since 1 Apr."),
        (FindingKind.FIXED, {"score": 0.31, "limit": 0.25}, "Amount reached the threshold set for it since 1 Apr: 0.31, set at 0.25."),
        (FindingKind.FIXED, {}, "Amount reached the threshold set for it since 1 Apr."),
    ],
)  # fmt: skip
def test_metrics_relations_and_thresholds(kind: FindingKind, changes: dict[str, Any], words: str) -> None:
    assert said(kind, **changes) == words


def test_what_it_was_compared_with() -> None:
    against = "the window before"
    assert sentence(found(**HIGHER), DAYS, against).endswith("mean 71 against 38 in the window before.")
    assert "never seen in the window before" in sentence(found(FindingKind.UNSEEN, levels={"a": 1}), DAYS, against)
    assert "below the smallest of the window before (3)" in sentence(found(FindingKind.RANGE, extreme=1.0, bound=3.0), DAYS, against)


def test_the_whole_period_and_weeks() -> None:
    assert "is higher in the whole period: mean" in sentence(found(**HIGHER), WindowNames(WindowSize.parse("whole")))
    week = {**ONE, "start": np.datetime64("2013-07-01"), "end": np.datetime64("2013-07-08")}
    assert "was higher in the week of 1 Jul: mean" in sentence(found(**HIGHER, **week), WEEKS)


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (found(label="Temperature (°F)", **HIGHER), "Temperature (°F) is higher since 1 Apr"),
        (found(**{**MORE, **DISTANCE, **OVER}), "More rows with distance above 2,500 miles from 15 to 28 Jun"),
        (found(FindingKind.METRIC, **RECALL), "Recall fell from 0.62 to 0.41 since 1 Apr"),
        (found(FindingKind.RANGE, label="A b c d e f g h", extreme=1.0, bound=3.0, after=0.2),
         "A b c d e f g… goes below the whole reference since 1 Apr"),
    ],
)  # fmt: skip
def test_headlines(finding: Finding, words: str) -> None:
    assert headline(finding, DAYS) == words


def test_a_long_label_is_told_whole_in_the_sentence_and_cut_in_the_headline() -> None:
    long = replace(found(**HIGHER), label="word " * 50)
    assert sentence(long, DAYS).count("word") == 50
    assert headline(long, DAYS).endswith("… is higher since 1 Apr")
    assert len(headline(replace(long, label="x" * 500), DAYS)) < 80


def test_markup_and_control_characters_stay_text_in_one_line() -> None:
    assert said(**HIGHER, label="**a**\n[b](c)\x00").startswith("**a** [b](c) is higher since")


def test_doubt_about_the_onset() -> None:
    unsure = found(onset_lower=np.datetime64("2013-04-01"), onset_upper=np.datetime64("2013-04-05"))
    assert onset_doubt(unsure, DAYS) == "It may have begun at any time from 1 to 4 Apr."
    assert onset_doubt(found(), DAYS) == onset_doubt(replace(unsure, onset_upper=np.datetime64("2013-04-02")), DAYS) == ""


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (FindingKind.VALUE, MORE, "More rows with amount above 2,500 since 1 Apr, 12% of rows with a value against 3%."),
        (FindingKind.VALUE, {**MORE, "direction": Direction.CHANGED},
         "Amount is distributed differently since 1 Apr: 12% of values above 2,500 against 3%."),
        (FindingKind.UNSEEN, {"levels": {"new": 90}, "after": 0.2},
         "Amount 'new', never seen in the reference, is 20% of rows with a value since 1 Apr."),
        (FindingKind.RANGE, {"bound": 79.0, "extreme": 9999.0, "after": 1.0},
         "Amount lies above the reference's largest (79) in all rows with a value, since 1 Apr, up to 9,999."),
    ],
)  # fmt: skip
def test_where_values_are_missing_a_share_says_of_which_rows_it_is(kind: FindingKind, changes: dict[str, Any], words: str) -> None:
    assert said(kind, some_missing=True, **{"what": "amt", **changes}) == words


def test_a_headline_names_both_columns_of_a_pair() -> None:
    one = found(FindingKind.RELATION, label="Departures at the airport in that hour and Origin airport", before=0.3, after=0.1)
    assert headline(one, DAYS) == "Departures at the airport in that hour and Origin airport are related less closely"
    label = "Amount / usual amount of the card and Payments of the same card in the last hour"
    longer = found(FindingKind.RELATION, label=label, before=0.1, after=0.3)
    assert headline(longer, DAYS) == "Two columns are related more closely since 1 Apr"  # half of a pair is none


def test_the_comma_before_a_long_time_does_not_come_and_go_with_the_label() -> None:
    week = {"window": "2013-W27", "last_window": "2013-W27", "start": np.datetime64("2013-07-01"), "end": np.datetime64("2013-07-08")}
    lost: dict[str, Any] = {"direction": Direction.MORE, "before": 0.001, "after": 0.5, **ONE, **week}
    told = [sentence(found(FindingKind.MISSING, label=label, **lost), WEEKS) for label in ("Rain", "Relative humidity (%)")]
    assert all("was missing in 50% of rows, in the week of 1 Jul" in one for one in told)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bound": 1e15 + 1, "extreme": 1e15 + 400, "after": 0.39},
         "Amount lies above the reference's largest (1e+15) in 39% of rows since 1 Apr."),
        ({"bound": 1e15 + 1, "extreme": 1e15 + 400, "rows": 1, "after": 1e-6},
         "Amount has one row just above the reference's largest (1e+15) since 1 Apr."),
    ],
)  # fmt: skip
def test_numbers_that_only_many_digits_tell_apart_are_told_by_their_order(changes: dict[str, Any], words: str) -> None:
    assert said(FindingKind.RANGE, **changes) == words


def test_lists_of_levels_are_short() -> None:
    many = {f"L{i}": 1000 - i for i in range(40)}
    listed = said(FindingKind.UNSEEN, label="Destination airport", levels=many, after=0.0041)
    replaced = said(FindingKind.LEVEL, levels=many, levels_lost=tuple(f"O{i}" for i in range(20)), after=0.4)
    assert max(len(one.split()) for one in (listed, replaced)) <= 28


def test_a_value_beyond_a_part_of_the_reference_says_beyond_what_and_when() -> None:
    label = "Amount / usual amount of the card"
    names = replace(DAYS, labels=("Amount (€)", label))
    said = found(FindingKind.RANGE, label=label, bound=70.4, extreme=900.0, after=0.52, rows=300, of_all=True)
    assert sentence(said, names).startswith(f"{label} lies above the largest of all of the reference (70.4) in 52% of rows")
    assert headline(said, names) == "Amount / usual amount of the card goes above the whole reference since 1 Apr"
    long = replace(said, label=f"{label} that was shown when it was paid")
    assert headline(long, names).startswith("Amount / "), "'Amount…' could be either"


def test_a_new_level_is_told_with_its_time_before_its_share() -> None:
    said = found(FindingKind.UNSEEN, label="Device", levels={"IOS": 3303}, after=0.14, rows=3303, state=State.OVER, last=40)
    names = WindowNames(WindowSize(1, "week"))
    over = replace(said, start=np.datetime64("2025-04-14"), end=np.datetime64("2025-05-12"), windows=4, last_window="2025-W19")
    assert headline(over, names) == "Device had 'IOS', never seen in the reference, from 14 Apr to 11 May 2025"
