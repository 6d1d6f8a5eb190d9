"""Measured incidents are found again by who kept them, while nothing changed, and by nobody else."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.incidents.kept import KIND, keep_incidents, kept_incidents, kept_key
from tests.incidents.made import FARE
from tests.incidents.test_judged import CENTS, judged, of


class Ran:
    """What somebody who sends a case would like to run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("ran"),)


def test_what_was_kept_is_judged_as_what_was_measured(shop: Path) -> None:
    result = judged(of(CENTS, FARE)).result
    with open_workspace(load_case(shop)) as workspace:
        key = kept_key(workspace)
        assert kept_incidents(workspace, key) is None
        keep_incidents(workspace, key, result)
        found = kept_incidents(workspace, key)
    assert found is not None
    assert (repr(found.groups), found.size) == (repr(result.groups), result.size)


def test_the_windows_of_the_case_are_the_default_and_others_are_another_question(shop: Path) -> None:
    with open_workspace(load_case(shop)) as workspace:
        usual = kept_key(workspace)
        assert kept_key(workspace, Question(windows=str(workspace.case.windows))) == usual
        assert kept_key(workspace, Question(windows="2 days")) != usual


def test_a_changed_contract_and_another_user_find_nothing(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = load_case(shop)
    with open_workspace(case) as workspace:
        keys = [kept_key(workspace)]
        for text in ("[one]\n", "[two]\n"):  # of one size
            (shop / "contract.toml").write_text(text)
            keys.append(kept_key(workspace))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
        keys.append(kept_key(workspace))
    assert len(set(keys)) == len(keys)


def test_what_another_sealed_is_never_opened(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_workspace(load_case(shop)) as workspace:
        key = kept_key(workspace)
        workspace.store.path(KIND, key, ".sealed").write_bytes(b"0" * 64 + pickle.dumps(Ran()))
        assert kept_incidents(workspace, key) is None
    assert not Path("ran").exists()
