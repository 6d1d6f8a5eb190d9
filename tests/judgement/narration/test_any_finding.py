"""Whatever a finding holds, its sentence can be read and contradicts neither itself nor the grammar."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.case import WindowSize
from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.narration.clauses import MOST_WORDS, words_before_comma
from monitor.judgement.narration.sentences import headline, sentence
from monitor.judgement.narration.windows import WindowNames
from monitor.stats.multivariate.catalogue import JOINT

NUMBERS = st.one_of(st.floats(), st.sampled_from([float("nan"), 0.0, 1.0, 0.1, 0.1000001, 5.0, 1200.0]))
SHARES = st.one_of(st.floats(0, 1), st.sampled_from([float("nan"), 0.0, 1.0, 0.1, 0.1000001]))
FORBIDDEN = re.compile(r"nan|None|NaT|\binf\b|\bsd\b|\bq\b|nats|Wasserstein|Jensen|p-value|  | [.,;:]|[.,;:]{2}")
LEVELS = st.one_of(st.text("xyz *`", max_size=60), st.sampled_from(["missing", "other", "infinite", "", "several words of a long level"]))
PLACES = st.one_of(
    st.none(), st.builds(CellPlace, st.sampled_from(PlaceKind), NUMBERS, NUMBERS, LEVELS), st.builds(CellPlace, st.sampled_from(PlaceKind))
)
MOMENTS = st.one_of(
    st.just(np.datetime64("NaT")),
    st.datetimes(min_value=datetime(1990, 1, 1)).map(np.datetime64),  # noqa: DTZ001
)
PAIRS = (
    r"((?:almost )?\S+?) (?:of (?:rows|values) .*)?against ((?:almost )?\S+?)[,.]?(?: |$)",
    r"in (?:only )?((?:almost )?\S+) of rows .*, against ((?:almost )?\S+?)\.",
    r"(?:rose|fell) from (\S+) to (\S+?)[,.]?(?: |$)",
)
IDS = st.sampled_from(["2013-04-01", "2013-W17", "2013-12-31T23", "2013-04", "rows-000012", "whole", ""])
NAMES = st.builds(
    WindowNames,
    st.sampled_from(["1 hour", "6 hours", "1 day", "1 week", "2 weeks", "3 months", "500 rows", "whole"]).map(WindowSize.parse),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]),
    st.booleans(),
)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """Draw any finding; figures are shares where that is their measure."""
    measure = draw(st.sampled_from(Measure))
    figure = SHARES if measure is Measure.SHARE else NUMBERS
    return Finding(
        what="x", label=draw(st.sampled_from(["Amount", "amount", "Speed(kmh)"])), kind=draw(st.sampled_from(FindingKind)),
        status="alert", state=draw(st.sampled_from(State)), first=draw(st.integers(0, 2)), last=draw(st.integers(0, 2)),
        window=draw(IDS), last_window=draw(IDS), start=draw(MOMENTS), end=draw(MOMENTS), windows=draw(st.integers(0, 2000)), judged=9,
        direction=draw(st.sampled_from(Direction)), measure=measure, place=draw(PLACES), before=draw(figure), after=draw(figure),
        rows=draw(st.integers(0, 10**7)), share_rows=draw(SHARES), some_missing=draw(st.booleans()), by_chance=draw(SHARES),
        levels=draw(st.dictionaries(LEVELS, st.integers(1, 9), max_size=30)),
        levels_lost=tuple(draw(st.lists(LEVELS, max_size=4))), extreme=draw(NUMBERS), bound=draw(NUMBERS), score=draw(NUMBERS),
        limit=draw(NUMBERS), note=draw(st.sampled_from(["", "DOUBLE -> VARCHAR", "INTEGER -> BIGINT", "a above 3 where b = x, not y"])),
        note_share=draw(SHARES), method=draw(st.sampled_from(["", *JOINT])),
        carried=tuple(draw(st.lists(st.sampled_from(["Age (years)", "Fare"]), max_size=2))),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(finding=findings(), names=NAMES)
def test_any_finding_can_be_told(finding: Finding, names: WindowNames) -> None:
    said = sentence(finding, names)
    assert said.endswith(".")
    assert words_before_comma(said) <= MOST_WORDS
    assert not FORBIDDEN.search(said)


@settings(max_examples=60, deadline=None)
@given(finding=findings(), names=NAMES)
def test_a_headline_is_short(finding: Finding, names: WindowNames) -> None:
    assert 0 < len(headline(finding, names).split()) <= MOST_WORDS


ALL_BUT_ONE = Finding(
    what="x", label="Carrier", kind=FindingKind.OUTLIER, status="alert", state=State.NEW, first=0, last=1, window="2013-04-01",
    last_window="2013-04-02", windows=2, judged=2, before=1.0, after=1 - 1e-16,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(finding=findings(), names=NAMES)
@example(finding=ALL_BUT_ONE, names=WindowNames(WindowSize(1, "day")))
def test_before_and_after_never_read_the_same(finding: Finding, names: WindowNames) -> None:
    told = [pair for form in PAIRS for pair in re.findall(form, sentence(finding, names))]
    assert all(after != before for after, before in told)


@given(level=st.sampled_from(["missing", "other", "infinite"]), direction=st.sampled_from([Direction.MORE, Direction.FEWER]))
def test_a_level_is_never_told_as_missing_data(level: str, direction: Direction) -> None:
    place = CellPlace(PlaceKind.LEVEL, level=level)
    finding = Finding(
        what="x", label="Carrier", kind=FindingKind.VALUE, status="alert", state=State.NEW, first=0, last=1, window="2013-04-01",
        last_window="2013-04-02", windows=2, judged=2, direction=direction, place=place, before=0.1, after=0.2,
    )  # fmt: skip
    assert sentence(finding, WindowNames(WindowSize(1, "day"))).startswith(f"More rows with carrier '{level}'")
