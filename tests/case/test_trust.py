"""Trust is the receiver's: by folder and hash, in settings of the user's own, never by what the case says."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from monitor.case import Case, TrustState, case_from, revoke_trust, trust_case, trust_of, trusted_cases
from monitor.case.content import MOST_CODE_BYTES, content_of
from monitor.case.trust import brought, trust_content, trust_file
from monitor.errors import CaseError, SettingError

METHOD = {"id": "mine", "function": "own.py:gap"}


def case_at(root: Path, **sections: Any) -> Case:
    content = {"case": {"name": "Stranger's", "task": "binary"}, "data": {"reference": "a", "production": "b"}}
    return case_from({**content, "methods": [METHOD], **sections}, root=root)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "case").mkdir()
    (tmp_path / "case/own.py").write_text("def gap(a, b): return 1.0")
    (tmp_path / "case/model.pkl").write_bytes(b"numbers")
    return case_at(tmp_path / "case", model={"path": "model.pkl"})


def test_nothing_is_trusted_by_itself_even_if_it_asks(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("")
    asking = case_at(tmp_path, methods=[{**METHOD, "trust": True}])
    found = trust_of(asking)
    assert (found.state, found.content.asks, found.given) == (TrustState.UNKNOWN, True, False)


def test_what_is_trusted_is_written_for_this_user_alone(case: Case) -> None:
    assert trust_case(case).given
    assert trust_of(case).given
    assert trust_file().stat().st_mode & 0o777 == 0o600
    assert trust_file().parent.stat().st_mode & 0o777 == 0o700
    line = json.loads(trust_file().read_text())["trusted"][0]
    assert (line["folder"], sorted(line["files"])) == (str(case.root), ["model.pkl", "own.py"])


def test_what_brings_nothing_needs_no_trust(tmp_path: Path) -> None:
    plain = case_at(tmp_path, methods=[])
    assert trust_of(plain).state is TrustState.NOTHING
    with pytest.raises(CaseError, match=r"brings neither code nor a model nor alert rules nor \[retraining\]: there is nothing to trust"):
        trust_case(plain)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [("own.py", "import os", "'own.py' is another"), ("model.pkl", "others", "'model.pkl' is another")],
)
def test_changed_content_is_trusted_no_more_and_trusted_again_once_it_is_back(case: Case, name: str, text: str, why: str) -> None:
    trust_case(case)
    before = (case.root / name).read_bytes()
    (case.root / name).write_text(text)
    found = trust_of(case)
    assert (found.state, found.given) == (TrustState.CHANGED, False)
    assert why in found.reason
    (case.root / name).write_bytes(before)
    assert trust_of(case).given


def test_another_function_of_a_trusted_file_is_not_trusted(case: Case) -> None:
    trust_case(case)
    other = case_at(case.root, methods=[{**METHOD, "function": "own.py:other"}], model={"path": "model.pkl"})
    assert "case.toml names other functions or another model" in trust_of(other).reason


def test_new_and_lost_files_are_named(case: Case) -> None:
    (case.root / "old.py").write_text("")
    (case.root / "own.py").write_text("import old")
    trust_case(case)
    (case.root / "new.py").write_text("")
    (case.root / "own.py").write_text("import new")
    assert trust_of(case).reason.endswith("'own.py' is another, 'new.py' is new, 'old.py' is gone")


def test_a_copy_elsewhere_is_another_case(case: Case, tmp_path: Path) -> None:
    trust_case(case)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/own.py").write_bytes((case.root / "own.py").read_bytes())
    assert trust_of(case_at(tmp_path / "copy")).state is TrustState.UNKNOWN


def test_what_was_shown_is_what_is_trusted(case: Case) -> None:
    shown = content_of(case)
    (case.root / "own.py").write_text("import os")
    trust_content(shown, name=case.name)
    assert trust_of(case).state is TrustState.CHANGED


def test_trust_is_taken_back_even_if_the_folder_is_gone(case: Case, tmp_path: Path) -> None:
    trust_case(case)
    case.root.rename(tmp_path / "gone")
    assert (revoke_trust(case.root), revoke_trust(case.root), trusted_cases()) == (True, False, ())


def test_trust_in_other_cases_is_kept(case: Case, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("")
    trust_case(case)
    trust_case(case_at(tmp_path))
    revoke_trust(case.root)
    assert [one.folder for one in trusted_cases()] == [str(tmp_path)]


def outside(root: Path) -> None:
    (root.parent / "outside.py").write_text("")
    (root / "own.py").unlink()
    (root / "own.py").symlink_to(root.parent / "outside.py")


def huge(root: Path) -> None:
    os.truncate(root / "own.py", MOST_CODE_BYTES + 1)


def pipe(root: Path) -> None:
    (root / "own.py").unlink()
    os.mkfifo(root / "own.py")


def loop(root: Path) -> None:
    (root / "own.py").unlink()
    (root / "own.py").symlink_to("own.py")


def helper_outside(root: Path) -> None:
    (root.parent / "helper.py").write_text("")
    (root / "helper.py").symlink_to(root.parent / "helper.py")
    (root / "own.py").write_text("import helper")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (outside, "'own.py' leads out of the case folder"),
        (huge, r"'own.py' has 1,000,001 bytes; at most 1,000,000 are read"),
        (pipe, "'own.py' is no regular file"),
        (loop, r"'own.py' (cannot be read|is not there)"),
        (helper_outside, "'helper.py' leads out of the case folder"),
        (lambda root: (root / "own.py").unlink(), "'own.py' is not there"),
    ],
)
def test_what_cannot_be_read_as_it_stands_is_not_trusted(case: Case, spoil: Any, message: str) -> None:
    trust_case(case)
    spoil(case.root)
    assert not trust_of(case).given
    with pytest.raises(CaseError, match=f"{message}.*Nothing of the case was trusted"):
        trust_case(case)


def test_models_of_plain_formats_are_hashed_and_run_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.skops").write_bytes(b"x")
    content = content_of(case_at(tmp_path, methods=[], model={"path": "m.skops"}))
    assert ([path for path, _ in content.files], content.runs) == (["m.skops"], ())
    (tmp_path / "m.joblib").write_bytes(b"x")
    assert content_of(case_at(tmp_path, methods=[], model={"path": "m.joblib"})).runs == ("m.joblib",)


def test_a_plain_model_elsewhere_does_not_keep_code_from_being_trusted(case: Case, tmp_path: Path) -> None:
    (tmp_path / "m.skops").write_bytes(b"x")
    plain = case_at(case.root, model={"path": str(tmp_path / "m.skops")})
    assert trust_case(plain).given
    assert "m.skops: model, holds no code, not looked at: leads out of the case folder" in "\n".join(brought(trust_of(plain).content))
    pickled = case_at(case.root, model={"path": str(tmp_path / "m.pkl")})
    with pytest.raises(CaseError, match="leads out of the case folder"):
        trust_case(pickled)


def test_a_user_without_a_home_trusts_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("Could not determine home directory.")))
    assert "You have no home folder" in trust_of(case).reason


def settings(text: str) -> Path:
    trust_file().parent.mkdir(parents=True, exist_ok=True)
    trust_file().write_text(text)
    trust_file().chmod(0o600)
    return trust_file()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"trusted": [{"folder": "/x"}]}', '{"trust": []}', "\x00"])
def test_damaged_settings_trust_nothing_and_are_left_alone(case: Case, text: str) -> None:
    file = settings(text)
    found = trust_of(case)
    assert (found.state, found.given) == (TrustState.UNREADABLE, False)
    assert "are damaged" in found.reason
    with pytest.raises(SettingError, match="Repair or delete them"):
        trust_case(case)
    assert file.read_text() == text


def test_settings_that_others_may_write_are_not_used(case: Case) -> None:
    trust_case(case)
    trust_file().chmod(0o622)
    with pytest.raises(SettingError, match=r"may be written to by others \(mode 622; make it 600"):
        trusted_cases()
    assert trust_of(case).state is TrustState.UNREADABLE


def test_settings_of_another_user_are_not_used(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    trust_case(case)
    owner = trust_file().stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert f"belong to another user (uid {owner}, you are {owner + 1})" in trust_of(case).reason


def test_settings_that_are_no_file_are_not_used(case: Case) -> None:
    trust_file().parent.mkdir(parents=True)
    os.mkfifo(trust_file())
    assert "are no regular file" in trust_of(case).reason


def test_a_link_to_the_settings_stays_a_link(case: Case, tmp_path: Path) -> None:
    trust_file().parent.mkdir(parents=True)
    (tmp_path / "dotfiles.json").write_text('{"trusted": []}')
    (tmp_path / "dotfiles.json").chmod(0o600)
    trust_file().symlink_to(tmp_path / "dotfiles.json")
    trust_case(case)
    assert trust_file().is_symlink()
    assert trust_of(case).given


def test_settings_that_cannot_be_written_say_so(case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(SettingError, match="cannot be written"):
        trust_case(case)


def test_a_relative_config_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert trust_file() == tmp_path / ".config" / "driftscope" / "trust.json"
