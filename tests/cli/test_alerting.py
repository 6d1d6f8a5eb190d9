"""`driftscope alert` as it is typed, on incidents that are at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.alerts.happening import keep_happenings, kept_key
from monitor.case import load_case
from monitor.cli import main
from monitor.engine import open_workspace
from tests.alerts.made import happening, write_targets
from tests.alerts.receiver import Receiver, receiver

__all__ = ["receiver"]
Run = Callable[..., tuple[int, str, str]]
RULE = '\n[[alerts]]\nname = "Severe"\nwhen = "severity >= high and column = weight"\ntarget = "team"\n'


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        told = capfd.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return go


@pytest.fixture
def told(shop: Path) -> Path:
    """Return the shop with a rule and one incident at hand."""
    with (shop / "case.toml").open("a") as file:
        file.write(RULE)
    with open_workspace(load_case(shop)) as workspace:
        keep_happenings(workspace, kept_key(workspace, ()), (happening(columns=("weight",)),))
    return shop


def test_from_the_dry_run_to_the_acknowledgement(told: Path, run: Run, receiver: Receiver) -> None:
    write_targets(f'[team]\nurl = "{receiver.url}"\n')
    code, out, err = run("alert", "test", told)
    assert (code, receiver.came) == (1, [])
    assert "would send nothing: you have not trusted" in err
    assert run("alert", "run", told)[0] == 2
    assert "alert rule 'Severe' tells 'team'" in run("trust", told)[1]
    code, sent, _ = run("alert", "run", told)
    assert (code, sent) == (1, "sent: 'Severe' tells 'team': Fare was 100 times too large.\n")
    shown = json.loads(out.partition("\n")[2])
    assert {**shown, "sent": ""} == {**receiver.bodies[0], "sent": ""}
    code, out, err = run("alert", "run", told)
    assert (code, out) == (0, "")
    assert "has told 'team' before" in err
    assert "Ann takes the incident" in run("alert", "ack", told, "aaaa", "--by", "Ann")[1]
    assert "tells 'team': Fare was 100 times too large (aaaaaaaaaaaaaaaa); acknowledged by Ann at" in run("alert", "log", told)[1]


def test_the_back_test_is_said_and_written(told: Path, run: Run, tmp_path: Path) -> None:
    code, out, _ = run("alert", "backtest", told, "--out", tmp_path / "b.json", "--when", "severity >= high")
    assert (code, out) == (0, "tried: Would have fired 1 time: 1 not judged yet.\n")
    assert json.loads((tmp_path / "b.json").read_text())["table"][0]["incident"] == "a" * 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("test", "Sevre"), "There is no rule 'Sevre'. Did you mean 'Severe'? Rules: Severe."),
        (("backtest", "--when", "severity > high"), "is not understood"),
        (("backtest", "--when", "column = wieght"), "Did you mean 'weight'?"),
        (("ack", "b", "--by", "Ann"), "There is no record of an incident that begins with 'b'"),
        (("ack", "a", "--by", " "), "Say who takes the incident"),
    ],
)
def test_wrong_names_are_told(told: Path, run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, _, err = run("alert", arguments[0], told, *arguments[1:])
    assert code == 2
    assert message in err


def test_an_unknown_target_could_not_be_sent(told: Path, run: Run) -> None:
    code, out, err = run("alert", "test", told)
    assert (code, "Fare was 100 times too large [high]" in out) == (2, True)
    assert "There is no target 'team' among yours. You have none yet." in err


def test_a_case_without_rules_tells_nobody(shop: Path, run: Run) -> None:
    assert run("alert", "run", shop)[0] == 0
    code, _, err = run("alert", "test", shop)
    assert (code, "has no alert rules. Write one into case.toml" in err) == (2, True)
