"""A rule of two columns that is broken is named, with the shares of rows that anybody counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

import monitor

DAYS, A_DAY = 60, 400


def _findings(breaks: np.ndarray, beyond: np.ndarray) -> tuple[list[str], pd.DataFrame]:
    """Return what is said of rules, and the rows, where `net` never exceeds `gross` but in rows that break it; some with values of none."""
    rng = np.random.default_rng(5)
    per_day = np.where(np.arange(DAYS) % 2, A_DAY, A_DAY + 130)
    day = np.repeat(np.arange(DAYS), per_day)
    gross = rng.uniform(20, 100, len(day))
    net = gross * rng.uniform(0.3, 0.95, len(day))
    draw = rng.random(len(day))
    wrong = draw < breaks[day]
    net[wrong] = gross[wrong] * 1.05
    net[wrong & (draw < beyond[day])] = 400.0
    frame = pd.DataFrame({"at": pd.Timestamp("2024-04-01") + pd.to_timedelta(day * 86_400 + rng.integers(0, 86_400, len(day)), unit="s")})
    frame = frame.assign(net=net, gross=gross, other=rng.normal(0, 1, len(day)))
    later = day >= 40
    with monitor.open_tables(frame[~later], frame[later], roles={"timestamp": "at"}, task="none", windows="1 day") as workspace:
        judged = monitor.judge_multivariate(monitor.measure_multivariate(workspace))
    rules = [one for one in judged.findings if one.kind is monitor.FindingKind.RULE]
    return [monitor.sentence(one, judged.names) for one in rules], frame[np.isin(day, np.flatnonzero(breaks))]


def test_a_rule_is_named_where_windows_have_different_rows() -> None:
    days = np.arange(DAYS)
    said, rows = _findings(np.where((days >= 50) & (days < 53), 0.4, 0.0), np.zeros(DAYS))
    share = f"{100 * (rows['net'] > rows['gross']).mean():.0f}%"
    assert len(said) == 1
    assert "net above gross" in said[0]
    assert f"{share} of rows" in said[0]


def test_rows_with_values_that_the_reference_had_not_break_it_as_well() -> None:
    days = np.arange(DAYS)
    during = (days >= 50) & (days < 53)
    said, rows = _findings(np.where(during, 0.4, 0.0), np.where(during, 0.1, 0.0))
    share = f"{100 * (rows['net'] > rows['gross']).mean():.0f}%"
    assert any("net above gross" in one and f"{share} of rows" in one for one in said), (share, said)


def test_a_column_that_moved_as_a_whole_breaks_no_rule() -> None:
    days = np.arange(DAYS)
    during = (days >= 50) & (days < 53)
    said, _ = _findings(np.where(during, 0.4, 0.0), np.where(during, 0.4, 0.0))
    assert not any("net above gross" in one for one in said), said
