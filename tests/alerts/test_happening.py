"""Incidents as rules see them: from judged ones, kept beside the case, and what `check` makes of the rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monitor.alerts.happening import KIND, keep_happenings, kept_happenings, kept_key
from monitor.case import load_case
from monitor.cli.checking import check_result
from monitor.engine import open_workspace
from tests.alerts.made import case_with, happening
from tests.incidents.made import FARE, found
from tests.incidents.test_judged import CENTS, LATER, judged, of

LASTING = replace(CENTS, end=np.datetime64("NaT"))


@pytest.mark.parametrize(("when", "fired"), [("any", ["a"]), ("cause = recode", []), ("segment = country and severity >= medium", ["a"])])
def test_check_fires_on_what_rules_are_about_and_is_open(tmp_path: Path, when: str, fired: list[str]) -> None:
    told = judged(of(LASTING, FARE), of(LATER, found("age", 20, 25)))
    table = check_result([told], (), case_with(tmp_path, {"name": "a", "when": when})).table
    assert table.loc[table["fired"], "rule"].tolist() == fired
    assert len(table) == 2 + len(fired)


def test_what_is_kept_comes_back_and_what_a_stranger_wrote_does_not(shop: Path) -> None:
    with open_workspace(load_case(shop)) as workspace:
        key = kept_key(workspace, ())
        assert kept_happenings(workspace, key) is None
        keep_happenings(workspace, key, (happening(segment={"city": "Rome"}),))
        assert kept_happenings(workspace, key) == (happening(segment={"city": "Rome"}),)
        workspace.store.save(KIND, key, {"of": np.zeros(0)}, [{"id": "x", "severity": "<script>"}])
        assert kept_happenings(workspace, key) is None
