"""Messages through apprise: to a receiver on this machine, as text that no service reads as markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.alerts.sending import tell
from monitor.alerts.targets import read_targets
from monitor.case.trust import trust_alerts
from tests.alerts.made import RULE, case_with, happening, now, write_targets
from tests.alerts.receiver import Receiver, receiver

__all__ = ["receiver"]
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise, on Python 3.11 and 3.12


@pytest.fixture(autouse=True)
def _installed() -> None:
    pytest.importorskip("apprise")


def test_a_message_goes_through_apprise_and_its_failure_is_told_without_the_address(receiver: Receiver, tmp_path: Path) -> None:
    place = receiver.url.removeprefix("http://")
    write_targets(f'[team]\nurl = "json://user:secret@{place}/hook"\n')
    case = case_with(tmp_path, RULE)
    trust_alerts(case)
    receiver.codes = [500]
    (failed,) = tell(now(case, happening()))
    assert failed.error == "apprise json did not take it; apprise says no more"
    (sent,) = tell(now(case, happening(title="<!channel> a\r\nBcc: x")))
    assert sent.sent
    assert receiver.bodies[-1]["title"] == "‹!channel› a Bcc: x [high]"
    assert "Cause: fare times 100\n" in receiver.bodies[-1]["message"]


@pytest.mark.parametrize("url", ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "mailto://a:b@example.org", "pagerduty://k@i"])
def test_addresses_of_services_are_apprises_own(url: str) -> None:
    write_targets(f'[team]\nurl = "{url}"\n')
    target = read_targets()["team"]
    assert (target.kind, target.place) == ("apprise", f"apprise {url.split(':', maxsplit=1)[0]}")
