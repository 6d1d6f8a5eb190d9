"""Levels that look the same and are not: the finding says by what they differ."""

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import monitor
from monitor.engine.starting import init_case

ROWS, CITIES = 700, ["Málaga", "Köln", "Zürich", "Bonn"]


def _heads(folder: Path, changed: list[str]) -> list[str]:
    rng = np.random.default_rng(5)
    for data, start, names in (("reference", "2024-02-01", CITIES), ("production", "2024-04-01", changed)):
        days = pd.date_range(start, periods=ROWS, freq="1h")
        frame = pd.DataFrame({"created_at": days, "city": rng.choice(names, ROWS), "x": rng.normal(size=ROWS)})
        frame.to_csv(folder / f"{data}.csv", index=False)
    init_case([folder / "reference.csv", folder / "production.csv"], folder / "case")
    with monitor.open_workspace(monitor.load_case(folder / "case")) as workspace:
        judged = monitor.judge_drift(monitor.measure_drift(workspace, monitor.Question()))
    return [monitor.sentence(one, judged.names, judged.against) for one in judged.findings if one.what == "city"]


@pytest.mark.parametrize(("form", "told"), [("NFD", True), ("NFC", False)])
def test_levels_that_differ_by_how_accents_are_written_say_so(tmp_path: Path, form: str, *, told: bool) -> None:
    heads = _heads(tmp_path, [unicodedata.normalize(form, one) for one in CITIES])
    assert any("accents as signs of their own" in one for one in heads) == told == bool(heads)


@pytest.mark.parametrize(("changed", "words"), [("Bonn\u200b", "U+200B"), ("Bo\u00adnn", "U+00AD"), ("\u00a0Bonn", "U+00A0")])
@pytest.mark.parametrize("many", [1, 3])
def test_a_level_that_differs_by_what_nobody_sees_says_so(tmp_path: Path, changed: str, words: str, many: int) -> None:
    new = [changed, changed + changed, changed + " am Rhein"][:many]
    told = _heads(tmp_path, [*CITIES[:3], *new])
    assert any(f"with signs that are not seen ({words})" in one for one in told), told
