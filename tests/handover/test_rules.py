"""Rules of a case's own on when to retrain, replayed over a small history whose losses, labels and incidents are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.alerts.happening import Happening
from monitor.case import case_from
from monitor.errors import SettingError
from monitor.handover.records import Handover, Outcome, Trained
from monitor.handover.rules import UNSEEN, Learned, check_triggers, delay_text, last_learned, needs_incidents, own_triggers, trigger_text
from monitor.retraining.rows import History
from monitor.retraining.triggers import Trigger
from monitor.vocabulary import Cause
from tests.alerts.made import happening

WEEKS = ("2026-W10", "2026-W11", "2026-W12", "2026-W13")
MONDAY = np.datetime64("2026-03-02T00:00:00", "us")


def history(
    *triggers: dict[str, Any], wrong: tuple[int, ...] = (0, 0, 80, 80), late: int = 0, task: str = "binary", **case: Any
) -> History:
    """Return 400 rows of the reference and 100 of each week, an hour and more apart, half of them positive; in each week so many of the 100
    decisions are wrong, in the reference a tenth."""
    content = {
        "case": {"name": "x", "task": task}, "data": {"reference": "a", "production": "b"}, "roles": {"threshold": 0.5, "score": "s"},
        "value": {"tp": 10, "fn": -10}, "windows": {"timezone": "UTC"},
        "retraining": {"triggers": [{"name": str(at), **one} for at, one in enumerate(triggers)]}, **case,
    }  # fmt: skip
    label = np.tile([0.0, 1.0], 400)
    bad = np.concatenate([np.arange(400) % 10 == 1, *(np.arange(100) < one for one in wrong)])
    score = np.where(bad, 1 - label, label)
    time = np.concatenate([MONDAY - np.timedelta64(400, "h") + np.arange(400) * np.timedelta64(1, "h"),
                           *(MONDAY + np.timedelta64(7 * k, "D") + np.arange(100) * np.timedelta64(1, "h") for k in range(4))])  # fmt: skip
    known = time + np.timedelta64(late, "D") if late else np.full(800, np.datetime64("NaT", "us"))
    read = case_from(content, root=Path("/here"))
    worth = np.array([np.full(800, float(one)) for one in (10, 0, -10, 0)]) if read.value is not None else None
    return History(
        case=read, frame=pd.DataFrame({"a": np.arange(800)}), features=("a",), label=label, score=score, worth=worth,
        production=np.arange(800) >= 400, window=np.array(["2026-W01"] * 400 + [one for one in WEEKS for _ in range(100)], dtype=object),
        time=time, known_at=known, reason=np.full(800, "", dtype=object), delay=late * 24.0 if late else float("nan"),
    )  # fmt: skip


def fired(given: History, found: tuple[Happening, ...] | None = None) -> list[tuple[str, ...]]:
    return [one.fired for one in own_triggers(given, None, found)]


def test_money_is_added_up_until_it_exceeds_the_cost_and_from_there_anew() -> None:
    # A row of the reference is worth 3 (40 of 200 positives are missed), one of a good week 5, one of a bad one -3: 600 less in each.
    assert fired(history({"cost": 500}, {"cost": 900}, {"cost": 2000})) == [WEEKS[2:], WEEKS[3:], ()]


def test_what_was_gained_before_hides_no_loss_and_noise_is_none() -> None:
    assert fired(history({"cost": 500}, wrong=(0, 0, 0, 80))) == [WEEKS[3:]]
    assert fired(history({"cost": 1}, wrong=(10, 11, 9, 12))) == [()]


@pytest.mark.parametrize(("wrong", "cost"), [((0, 80, 0, 80), 500), ((80, 80, 80, 80), 700)])
def test_money_that_is_not_known_is_told(wrong: tuple[int, ...], cost: float) -> None:
    (one,) = own_triggers(history({"cost": cost}, wrong=wrong, value=None), None, None)
    assert "what decisions are worth is not known" in one.why
    assert trigger_text(one).startswith("Rule '0' was not replayed: what decisions")


def test_a_metric_is_worse_in_so_many_windows_running() -> None:
    rules = ({"metric": "recall", "beyond": 0.2}, {"metric": "recall", "beyond": 0.2, "running": 2}, {"metric": "recall", "beyond": 0.9})
    assert fired(history(*rules)) == [WEEKS[2:], WEEKS[3:], ()]
    assert fired(history(*rules, wrong=(80, 0, 80, 0))) == [(WEEKS[0], WEEKS[2]), (), ()]
    assert fired(history({"metric": "accuracy", "beyond": 0.05}, wrong=(0, 0, 0, 0))) == [()]  # better is not worse


def test_an_error_of_numbers_is_worse_when_it_is_larger() -> None:
    assert fired(history({"metric": "mae", "beyond": 0.3}, task="regression", value=None, roles={"prediction": "s"})) == [WEEKS[2:]]


def test_labels_count_when_they_came_in() -> None:
    assert fired(history({"labels": 150}, {"labels": 400}, {"labels": 401})) == [(WEEKS[1], WEEKS[2]), (WEEKS[3],), ()]
    assert fired(history({"labels": 150}, late=7)) == [(WEEKS[2], WEEKS[3])]
    assert delay_text(history({"labels": 150}, late=7)) == ""
    assert "7 days after it" in delay_text(history({"cost": 150}, late=7))


def test_an_incident_fires_at_the_end_of_the_window_that_first_shows_it() -> None:
    rule = {"when": "severity >= high and cause = unit_change"}
    first = happening("a" * 16, seen="2026-03-16T00:00:00Z")
    other = happening("b" * 16, seen="2026-03-23T00:00:00Z", cause=Cause.RECODE)
    before = happening("c" * 16, seen="2025-03-23T00:00:00Z")
    given = history(rule, {"when": "any"}, {"labels": 1000})
    assert needs_incidents(given.case)
    assert fired(given, (first, other, before)) == [(WEEKS[1],), (WEEKS[1], WEEKS[2]), ()]
    assert [one.why for one in own_triggers(given, None, None)] == [UNSEEN] * 2 + [""]


@pytest.mark.parametrize("metric", ["recal", "mae", "base_rate", "value"])
def test_a_metric_that_there_is_not_is_refused(metric: str) -> None:
    with pytest.raises(SettingError, match=f"The trigger '0' names the metric '{metric}'"):
        check_triggers(history({"metric": metric, "beyond": 0.1}).case)
    check_triggers(history({"metric": "recall", "beyond": 0.1}).case)


def test_what_fired_since_the_last_retraining_is_told() -> None:
    sent = Handover(
        id="a" * 16, case="x", set="b" * 16, target="t", place="p", fingerprint="f", manifest="m", rows=1, last=WEEKS[1], until=WEEKS[2],
        created="2026-04-01T00:00:00Z",
    )  # fmt: skip
    run = Trained(
        id="c" * 16, case="x", set="b" * 16, run="r", job="j", outcome=Outcome.SUCCEEDED, status="ok", told="2026-04-02T00:00:00Z", who="",
        source="",
    )  # fmt: skip
    learned = last_learned([sent], [run])
    assert learned == Learned(WEEKS[1], WEEKS[2])
    assert last_learned([sent], []) is None
    one = Trigger("Dear", (WEEKS[0], WEEKS[2], WEEKS[3]), 0, float("nan"))
    assert trigger_text(one, learned).endswith(" (2 since the last retraining).")
    # Labels that came in while the data went that far are in the set, whatever window their rows lie in.
    assert trigger_text(replace(one, by_rows=False), learned).endswith(" (1 since the last retraining).")
    assert trigger_text(one).startswith("Rule 'Dear' would have fired 3 times: week of 2 Mar 2026, week of 16 Mar 2026 and")
