"""Windows are called by their own size on every table that a chart draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.judgement.finding import Finding, FindingKind, State
from monitor.judgement.judged import names_of
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.window_texts import last_whole, period_of, text_of, with_windows
from monitor.profile import Windows


@dataclass(frozen=True)
class Screen:
    windows: Windows
    names: WindowNames
    partial: NDArray[np.bool_]


def screen(size: str, *starts: str, cut: int = 0) -> Screen:
    begins = np.array(starts[:-1], dtype="datetime64[us]")
    ends = np.array(starts[1:], dtype="datetime64[us]")
    parsed = WindowSize.parse(size)
    form = "%Y-%m" if parsed.unit == "month" else "%G-W%V"
    ids = tuple(pd.Timestamp(start).strftime(form) for start in begins)
    partial = np.arange(len(ids)) >= len(ids) - cut
    return Screen(Windows(ids, begins, ends), WindowNames(parsed), partial)


FORTNIGHTS = screen("2 weeks", "2013-04-01", "2013-04-15", "2013-04-29", cut=1)


@pytest.mark.parametrize(
    ("judged", "texts"),
    [
        (FORTNIGHTS, ["2 weeks from 1 Apr 2013", "2 weeks from 15 Apr 2013"]),
        (screen("3 months", "2013-04-01", "2013-07-01", "2013-10-01"), ["3 months from Apr 2013", "3 months from Jul 2013"]),
        (screen("1 week", "2013-04-01", "2013-04-08", "2013-04-15"), ["week of 1 Apr 2013", "week of 8 Apr 2013"]),
    ],
)
def test_tables_say_what_their_windows_are(judged: Screen, texts: list[str]) -> None:
    told = with_windows(pd.DataFrame({"window": judged.windows.ids}), judged)
    assert told["when"].tolist() == texts
    assert told["units"].unique().tolist() == [judged.names.size.count]
    assert told["partial"].tolist() == judged.partial.tolist()


def test_a_window_cut_short_is_never_the_last_one() -> None:
    assert last_whole(FORTNIGHTS) == FORTNIGHTS.windows.ids[0]
    assert last_whole(screen("2 weeks", "2013-04-01", "2013-04-15", cut=1)) == "2013-W14"


def test_a_window_that_is_not_there_is_called_by_its_id() -> None:
    assert text_of(FORTNIGHTS, "2012-W01") == "week of 2 Jan 2012"


@pytest.mark.parametrize(
    ("state", "last", "period"),
    [(State.OVER, 1, "1 to 28 Apr 2013"), (State.ONGOING, 1, "since 1 Apr 2013"), (State.OVER, 0, "2 weeks from 1 Apr 2013")],
)
def test_the_period_of_a_run(state: State, last: int, period: str) -> None:
    windows = FORTNIGHTS.windows
    end = np.datetime64("NaT") if state is State.ONGOING else windows.end[last]
    finding = Finding(
        what="a", label="a", kind=FindingKind.VALUE, status="alert", state=state, first=0, last=last, window=windows.ids[0],
        last_window=windows.ids[last], start=windows.start[0], end=end, windows=last + 1, judged=2,
    )  # fmt: skip
    assert period_of(FORTNIGHTS, finding) == period


def test_a_week_that_ends_one_side_and_begins_the_other_is_no_shared_time() -> None:
    def weeks(first: str, many: int) -> Windows:
        start = np.datetime64(first, "us") + np.arange(many) * np.timedelta64(7, "D")
        return Windows(tuple(map(str, range(many))), start, start + np.timedelta64(7, "D"))

    lines = {
        "after": ("2024-01-29", 3),
        "seam": ("2024-01-22", 3),
        "two": ("2024-01-15", 3),
        "in": ("2024-01-08", 1),
        "same": ("2024-01-01", 4),
    }
    before = weeks("2024-01-01", 4)
    found = {name: names_of(weeks(first, many), WindowSize(1, "week"), "UTC", before).beside for name, (first, many) in lines.items()}
    assert found == {"after": False, "seam": False, "two": True, "in": True, "same": True}
