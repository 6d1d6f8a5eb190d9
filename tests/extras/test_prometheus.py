"""A real Prometheus scrapes what runs found and answers what the dashboard asks; a real Alertmanager receives an alert and its end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from monitor.alerts.sending import tell
from monitor.case.trust import trust_alerts
from monitor.judgement.finding import State
from tests.alerts.made import RULE, case_with, happening, now, write_targets
from tests.browser.journey import free_port
from tests.runs.made import NEW, run_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SECONDS = 60


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here (Debian: apt install {name})")
    return found


def got(url: str) -> Any:
    answer = requests.get(url, timeout=5)
    answer.raise_for_status()
    return answer.json()


def until(ask: Callable[[], Any]) -> Any:
    """Return the first answer that holds something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if found := ask():
                return found
        except OSError:  # not listening yet
            pass
        time.sleep(0.2)
    return pytest.fail(f"there was no answer within {SECONDS} s")


@contextmanager
def running(*command: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the API of a Prometheus that scrapes a case, by the files of deploy/ with another port and more haste."""
    run, folder, served, asked = program("prometheus"), tmp_path_factory.mktemp("prometheus"), free_port(), free_port()
    run_of(folder / "cases/shop", incidents=(NEW,))
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    config["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{served}"]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    shutil.copy(DEPLOY / "prometheus/rules.yml", folder)
    own = (
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{asked}",
    )
    with running(sys.executable, "-m", "monitor", "serve-metrics", str(folder / "cases"), "--port", str(served)), running(run, *own):
        yield f"http://127.0.0.1:{asked}/api/v1"


def answer(api: str, expression: str) -> list[Any]:
    told = got(f"{api}/query?{urllib.parse.urlencode({'query': expression})}")
    assert told["status"] == "success"
    found: list[Any] = told["data"]["result"]
    return found


def test_it_scrapes_what_the_last_runs_found(prometheus: str) -> None:
    [found] = until(lambda: answer(prometheus, "driftscope_drift_score"))
    assert (found["metric"]["case"], found["metric"]["column"], found["value"][1]) == ("Shop", "fare", "8.5")
    assert [one["value"][1] for one in answer(prometheus, 'up{job="driftscope"}')] == ["1"]


def test_its_rules_fire_on_a_severe_incident(prometheus: str) -> None:
    def severe() -> list[Any]:
        return [one for one in got(f"{prometheus}/alerts")["data"]["alerts"] if one["labels"]["alertname"] == "DriftscopeSevereIncident"]

    [alert] = until(severe)
    assert (alert["state"], alert["annotations"]["summary"]) == ("firing", "Shop has 1 severe open incidents.")


def test_it_understands_all_that_the_dashboard_asks(prometheus: str) -> None:
    until(lambda: answer(prometheus, "driftscope_drift_score"))
    board = json.loads((DEPLOY / "grafana/driftscope.json").read_text(encoding="utf-8"))
    told = {one["title"]: answer(prometheus, each["expr"].replace("$case", ".*")) for one in board["panels"] for each in one["targets"]}
    assert [one["value"][1] for one in told["Open severe incidents"]] == ["1"]
    assert [one["metric"]["column"] for one in told["Columns that drifted most"]] == ["fare"]


def test_alertmanager_receives_an_incident_and_hears_when_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, port, gossip = program("prometheus-alertmanager"), free_port(), free_port()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n", encoding="utf-8")
    write_targets(f'[team]\nkind = "alertmanager"\nurl = "http://127.0.0.1:{port}"\n')
    case = case_with(tmp_path, RULE)
    trust_alerts(case)
    own = (f"--config.file={tmp_path / 'alertmanager.yml'}", f"--storage.path={tmp_path / 'data'}")
    listens = (f"--web.listen-address=127.0.0.1:{port}", f"--cluster.listen-address=127.0.0.1:{gossip}")
    with running(run, *own, *listens):
        alerts = f"http://127.0.0.1:{port}/api/v2/alerts"
        until(lambda: got(f"http://127.0.0.1:{port}/api/v2/status"))
        tell(now(case, happening(), at=datetime.now(UTC)))
        [alert] = until(lambda: got(alerts))
        assert (alert["labels"]["severity"], alert["status"]["state"]) == ("high", "active")
        assert "Fare was 100 times too large" in json.dumps(alert)
        tell(now(case, happening(state=State.OVER), at=datetime.now(UTC)))
        until(lambda: not got(alerts))
