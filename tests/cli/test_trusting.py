"""`driftscope trust` as it is typed: look, trust, change, take back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.case.trust import trust_file
from monitor.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        told = capfd.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return go


@pytest.fixture
def strangers(shop: Path) -> Path:
    (shop / "own.py").write_text("from helper import one\ndef gap(a, b):\n    return one\n")
    (shop / "helper.py").write_text("one = 1.0\n")
    with (shop / "case.toml").open("a") as file:
        file.write('\n[[methods]]\nid = "gap"\nfunction = "own.py:gap"\ntrust = true\n')
    return shop


def test_listing_a_case_says_what_it_brings_and_trusts_nothing(strangers: Path, run: Run) -> None:
    code, out, _ = run("trust", strangers, "--list")
    assert code == 0
    assert f"{strangers}: Shop: *late* orders, not trusted; the case asks to be trusted\n" in out
    assert "  helper.py: Python code, runs, sha256 " in out
    assert not trust_file().exists()


def test_trusted_code_is_measured_until_it_changes(strangers: Path, run: Run, tmp_path: Path) -> None:
    measure = ("measure", "drift", strangers, "--methods", "gap", "--quiet", "--out", tmp_path / "out.json")
    code, _, err = run(*measure)
    assert (code, err.count("\n")) == (2, 1)
    assert f"you have not trusted it. Read its code, then trust it on the page Set-up or with: driftscope trust {strangers}" in err
    code, out, _ = run("trust", strangers)
    assert code == 0
    assert "trusted\n" in out
    assert "with all your rights" in out
    assert run(*measure)[0] == 0
    assert {row["score"] for row in json.loads((tmp_path / "out.json").read_text())["table"]} == {1.0}
    (strangers / "helper.py").write_text("one = 2.0\n")
    assert "'helper.py' is another" in run(*measure)[2]
    assert "it changed since you trusted it on" in run("trust", "--list")[1]


def test_an_untrusted_method_among_all_is_a_row_with_its_reason(strangers: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert (
        run("measure", "drift", strangers, "--methods", "all", "--columns", "weight", "--windows", "whole", "--quiet", "--out", out)[0] == 0
    )
    skipped = json.loads(out.read_text())["skipped"]
    assert [(one["what"], one["reason"]) for one in skipped if one["what"] == "gap"] == [("gap", "not_trusted")]


def test_what_is_trusted_is_listed_and_taken_back(strangers: Path, run: Run) -> None:
    assert "No case is trusted" in run("trust", "--list")[1]
    run("trust", strangers)
    assert f"{strangers}: Shop: *late* orders, trusted on " in run("trust", "--list")[1]
    (strangers / "case.toml").write_text("[")
    assert "by now it cannot be read" in run("trust", "--list")[1]
    assert f"No longer trusted: {strangers}" in run("trust", strangers / "case.toml", "--revoke")[1]
    assert "nothing was changed" in run("trust", strangers, "--revoke")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name the folder of a case"),
        (("x", "--list", "--revoke"), "Give one of them"),
        (("/nowhere/at/all",), "There is no case at"),
    ],
)
def test_what_cannot_be_done_says_so_in_a_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run("trust", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_case_that_brings_nothing_has_nothing_to_trust(shop: Path, run: Run) -> None:
    assert "there is nothing to trust" in run("trust", shop)[2]


def test_control_characters_of_a_strangers_name_reach_no_terminal(strangers: Path, run: Run) -> None:
    file = strangers / "case.toml"
    file.write_text(file.read_text().replace("Shop: ", "Shop\\u001b[2J: "))
    assert "\x1b" not in run("trust", strangers)[1]
