"""Numbers at the end of what a double holds: measured without a fault, and asked about where they seem to stand for none."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import monitor
from monitor.engine.cutting import center_of
from monitor.engine.starting import init_case

ROWS = 600
FILLS = [sys.float_info.max, -sys.float_info.max, 9.99e36, 9.969209968386869e36, -3.4028234663852886e38, 1e20, -2147483648.0]


def _made(folder: Path, fill: float, *, both: bool) -> monitor.Case:
    rng = np.random.default_rng(3)
    for data, start in (("reference", "2024-01-01"), ("production", "2024-03-01")):
        values = rng.normal(50, 9, (ROWS, 2))
        values[rng.random(ROWS) < 0.08, 0] = fill
        if both:
            values[rng.random(ROWS) < 0.08, 0] = -fill
        frame = pd.DataFrame({"created_at": pd.date_range(start, periods=ROWS, freq="2h"), "x": values[:, 0], "y": values[:, 1]})
        frame.to_parquet(folder / f"{data}.parquet")
    made = init_case([folder / "reference.parquet", folder / "production.parquet"], folder / "case")
    told = [one for one in made.unsure if one.startswith("x: ") and "lies far from all other values" in one]
    if not both:
        number = told[0].split("missing = [")[1].split("]")[0]
        assert float(number) == fill
        file = folder / "case" / "case.toml"
        written = file.read_text()
        file.write_text(written.replace("[data]\n", f"[data]\nmissing = [{number}]\n"))
        with monitor.open_workspace(monitor.load_case(folder / "case")) as workspace:
            shares = workspace.connection.execute(f"SELECT count(x) FROM {workspace.source('reference').relation}").fetchall()[0][0]
            assert 0.85 * ROWS < shares < ROWS
        file.write_text(written)
    return monitor.load_case(folder / "case")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # sums of the largest doubles are infinite
@pytest.mark.parametrize(("fill", "both"), [*((fill, False) for fill in FILLS), (FILLS[0], True), (FILLS[-1], True)])
def test_a_fill_value_is_asked_about_and_breaks_nothing(tmp_path: Path, fill: float, *, both: bool) -> None:
    case = _made(tmp_path, fill, both=both)
    with monitor.open_workspace(case) as workspace:
        assert monitor.judge_drift(monitor.measure_drift(workspace, monitor.Question())).findings is not None


@pytest.mark.parametrize("end", [sys.float_info.max, -sys.float_info.max])
def test_the_center_of_the_largest_doubles_is_a_number(end: float) -> None:
    assert np.isfinite(center_of(np.array([end] * 3 + [1.0])))
    assert np.isfinite(center_of(np.array([end])))
