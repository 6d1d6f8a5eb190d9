"""A headline takes what was found in whole windows before what was found in windows that are cut short alone."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from monitor.judgement.judged import Judged
from monitor.judgement.narration.examples import example


class Screen(Judged):
    """A judged screen of three windows, the last one cut short."""

    summary: ClassVar[dict[str, object]] = {}

    def __init__(self) -> None:
        one = example()
        self.findings = (replace(one, what="short", first=2, last=2), replace(one, what="long", first=1, last=2))
        self.result = SimpleNamespace(partial=np.array([False, False, True]))


def test_findings_of_windows_that_are_cut_short_alone_come_last() -> None:
    screen = Screen()
    assert [one.what for one in screen.leading] == ["long", "short"]
    assert [screen.is_short(one) for one in screen.findings] == [True, False]
