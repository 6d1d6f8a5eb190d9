"""Rules of alerts as a case writes them: conditions, spans, quiet hours over midnight and over changes of the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.case import case_from, load_case, save_case
from monitor.case.alerting import AlertSection
from monitor.case.quiet import Quiet, quiet_until, read_span
from monitor.errors import CaseError, SettingError

CONTENT = {"case": {"name": "x", "task": "none"}, "data": {"reference": "a", "production": "b"}}


def read(rule: dict[str, object]) -> AlertSection:
    return case_from({**CONTENT, "alerts": [{"name": "a", **rule}]}, root=Path("/here")).alerts[0]


def test_a_condition_is_a_text_or_a_group_of_keys() -> None:
    text = read({"when": "severity >= high and cause in (recode, unit_change) and state = new"})
    assert text == read({"when": {"severity": "high", "cause": ["recode", "unit_change"], "state": "new"}})
    assert text.when.severity == ("high", "critical")
    assert read({"when": "severity = high"}).when.severity == ("high",)
    assert read({"when": "any"}).when == read({}).when


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"when": "severity >> high"}, "when: is not understood; write, say"),
        ({"when": "sevrity >= high"}, r"unknown key 'alerts.0.when.sevrity'. Did you mean 'severity'"),
        ({"when": "cause = rcode"}, "there is no cause 'rcode'. Did you mean 'recode'"),
        ({"when": "state = new and"}, "is not understood"),
        ({"when": {"severity": "hihg"}}, "there is no severity 'hihg'. Did you mean 'high'"),
        ({"when": {"state": 3}}, "when.state"),
        ({"targt": "x"}, "unknown key 'alerts.0.targt'. Did you mean 'target'"),
        ({"repeat": "often"}, "'often' is no span of time. Write one such as"),
        ({"quiet": "25:00-07:00"}, "are no quiet hours. Write '22:00-07:00'"),
        ({"quiet": "22:00-07:00 Europe/Berlen"}, "'Europe/Berlen' of quiet hours is unknown. Did you mean 'Europe/Berlin'"),
        ({"target": "a", "escalate_to": "b"}, "give both escalate_to"),
        ({"name": ""}, "alerts.0.name"),
    ],
)
def test_a_wrong_rule_says_which_key(rule: dict[str, object], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        read(rule)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(CaseError, match="two rules have the name 'a'"):
        case_from({**CONTENT, "alerts": [{"name": "a"}, {"name": "a"}]}, root=Path("/here"))


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        ("22:00-07:00", "2026-03-04T21:59", None),
        ("22:00-07:00", "2026-03-04T22:00", "2026-03-05T07:00"),
        ("22:00-07:00", "2026-03-05T06:59", "2026-03-05T07:00"),
        ("22:00-07:00", "2026-03-05T07:00", None),
        ("Sat,Sun", "2026-03-07T10:00", "2026-03-09T00:00"),  # Saturday and Sunday follow each other
        ("Mon-Fri 20:00-08:00", "2026-03-07T07:00", "2026-03-07T08:00"),  # of Friday night
        ("Mon-Fri 20:00-08:00", "2026-03-08T23:00", None),
        ("Fri-Mon", "2026-03-06T10:00", "2026-03-10T00:00"),
        # The clocks of Berlin go from 2 to 3 on 29 Mar 2026, and from 3 to 2 on 25 Oct 2026.
        ("22:00-07:00 Europe/Berlin", "2026-03-28T22:00", "2026-03-29T05:00"),
        ("22:00-07:00 Europe/Berlin", "2026-10-24T21:00", "2026-10-25T06:00"),
        ("02:30-02:45 Europe/Berlin", "2026-03-29T01:35", "2026-03-29T01:45"),
        ("01:00-02:30 Europe/Berlin", "2026-10-25T00:15", "2026-10-25T00:30"),
    ],
)
def test_quiet_hours_hold_over_midnight_and_over_changes_of_the_clock(quiet: str, at: str, until: str | None) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = quiet_until((Quiet.parse(quiet),), moment, "UTC")
    assert found == (None if until is None else datetime.fromisoformat(until).replace(tzinfo=UTC))


def test_a_week_that_is_quiet_ends_somewhere() -> None:
    assert quiet_until((Quiet.parse("Mon-Sun 00:00-24:00"),), datetime(2026, 3, 4, tzinfo=UTC), "UTC") is not None


@pytest.mark.parametrize("text", ["", "0 days", "1", "day", "-1 day", "1 fortnight"])
def test_what_is_no_span_is_told(text: str) -> None:
    with pytest.raises(SettingError, match="no span of time"):
        read_span(text)


def test_saving_a_further_rule_leaves_the_others_as_they_are_written(tmp_path: Path) -> None:
    text = (
        '[case]\nname = "x"\ntask = "none"\n\n[data]\nreference = "a"\nproduction = "b"\n\n[[alerts]]\n# the first\nname = "a"\n'
        'when = "severity >= high"   # and worse\n\n[ownership]\nmodel = "ops" # us\noncall = "ann"\nsince = 2025-01-06\n'
    )
    (tmp_path / "case.toml").write_text(text)
    case = load_case(tmp_path)
    rule = AlertSection.model_validate({"name": "b", "when": {"cause": ["recode"]}, "target": "t", "quiet": "Sat"})
    written = save_case(replace(case, alerts=(*case.alerts, rule))).read_text()
    assert all(line in written for line in text.splitlines())
    assert load_case(tmp_path).alerts == (*case.alerts, rule)
    without = save_case(replace(case, alerts=(rule,))).read_text()
    assert "the first" not in without
    assert load_case(tmp_path) == replace(case, alerts=(rule,))
    save_case(replace(case, alerts=()))
    assert "alerts" not in (tmp_path / "case.toml").read_text()
