"""Who may do what: claims, roles, cases, the settings of the server, the gate and the log."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import gate
from monitor.access import Log, Person, check_exposure, person_of, sees, server_settings
from monitor.access.settings import Access, Roles
from monitor.case import load_case, save_case
from monitor.errors import AccessError, SettingError
from monitor.export.boards import begin_board, list_boards
from monitor.export.incident_records import by
from monitor.gate import Change, Right
from monitor.places import PACKAGE as MONITOR
from monitor.ui.door import why_not
from monitor.ui.origin import HERE, allowed
from tests.pages.cases import CASES

ACCESS = Access(
    roles=Roles(owner=("olga@example.com",), analyst=("group:risk",), viewer=("*@example.com",)), cases={"secret": ("group:risk",)}
)
NOW = 1_800_000_000.0
GOOD = """
[auth]
redirect_uri = "https://drift.example.com/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "driftscope"
client_secret = "s3cr3t"
server_metadata_url = "https://id.example.com/.well-known/openid-configuration"

[access.roles]
owner = ["Olga@Example.com"]
"""


def someone(*, now: float = NOW, **claims: object) -> Person:
    return person_of({"sub": "1", "iat": NOW, "email_verified": True} | claims, ACCESS, now=now)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "Olga@example.com", "groups": ["risk"]}, "owner"),  # the stronger of two
        ({"email": "ann@elsewhere.org", "groups": "risk"}, "analyst"),
        ({"email": "ann@example.com"}, "viewer"),
        ({"email": "ann@elsewhere.org"}, ""),
        ({"email": "olga@example.com", "email_verified": False}, ""),
        ({"email": "olga@example.com", "email_verified": "true"}, ""),
        ({"email": "olga@example.com.evil.org"}, ""),
        ({"email": "x@evil.org@example.com", "groups": {"risk": 1}}, "viewer"),
    ],
)
def test_the_role_is_the_strongest_that_a_list_gives(claims: dict[str, object], role: str) -> None:
    assert someone(**claims).role == role


def test_a_sign_in_ends_after_its_hours_and_one_without_a_time_never_began() -> None:
    assert not someone(now=NOW + 11 * 3600).stale
    assert someone(now=NOW + 13 * 3600).stale
    assert someone(iat=None).stale
    assert why_not(Right.LOOK, someone(iat=None, email="olga@example.com"))


def test_a_case_of_some_is_hidden_from_all_others() -> None:
    analyst, owner = someone(groups=["risk"]), someone(email="olga@example.com")
    assert (sees(analyst, "secret", ACCESS), sees(owner, "secret", ACCESS), sees(owner, "shop", ACCESS)) == (True, False, True)
    assert not sees(someone(email="ann@elsewhere.org"), "shop", ACCESS)


def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, mode: int = 0o600) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "driftscope/server.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def test_settings_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert server_settings() is None
    written(tmp_path, monkeypatch, GOOD)
    found = server_settings()
    assert found is not None
    assert found.access.roles.owner == ("olga@example.com",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://drift", "http://drift", "is not an address of https"),
        ("/oauth2callback", "/callback", "does not end with /oauth2callback"),
        ("0123456789abcdef0123456789abcdef", "short", "at least 32 characters"),
        ("owner", "boss", "access.roles.boss: Extra inputs"),
        ("Olga@Example.com", "olga", "'olga' names nobody"),
        ("[auth]", "[auth", "cannot be used"),
    ],
)
def test_settings_that_cannot_be_used_let_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str) -> None:
    written(tmp_path, monkeypatch, GOOD.replace(old, new))
    with pytest.raises(SettingError, match=re.escape(said)) as caught:
        server_settings()
    assert "s3cr3t" not in str(caught.value)
    assert "nobody is let in" in str(caught.value)


def test_secrets_that_others_can_read_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, monkeypatch, GOOD, mode=0o644)
    with pytest.raises(SettingError, match="make it 600"):
        server_settings()


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", "192.168.1.7", "drift.example.com"])  # noqa: S104 - what is refused
def test_other_machines_are_kept_out_while_nobody_signs_in(address: str) -> None:
    with pytest.raises(SettingError, match="nobody signs in here"):
        check_exposure(address, None)


class Analyst:
    """Keeps the gate for an analyst, with the log of a test."""

    person = Person("ann@example.com", "Ann", "analyst", frozenset())

    def __init__(self, log: Log) -> None:
        self.log = log

    def ask(self, change: Change) -> None:
        refused = why_not(change.right, self.person)
        self.log.note(self.person, "refused" if refused else "changed", change.what, file=str(change.place), sha256=change.digest)
        if refused:
            raise AccessError(refused)

    def failed(self, change: Change, why: str) -> None:
        self.log.note(self.person, f"failed: {why}", change.what)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    found = Log(str(tmp_path / "log"))
    gate.keep(Analyst(found))
    yield found
    gate.keep(None)


def lines(log: Log) -> list[dict[str, str]]:
    return [json.loads(line) for path in log.folder().iterdir() for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_analyst_keeps_a_board_and_not_the_case(tmp_path: Path, log: Log) -> None:
    gate.keep(None)
    CASES["shop"](tmp_path / "shop")
    gate.keep(Analyst(log))
    case = load_case(tmp_path / "shop")
    before = (case.root / "case.toml").read_bytes()
    begin_board(case, "On call", by("ann@example.com"))
    with pytest.raises(AccessError, match="You are an analyst here: owners change settings"):
        save_case(case)
    assert (case.root / "case.toml").read_bytes() == before
    assert [one.title for one in list_boards(case).boards] == ["On call"]
    assert [(one["act"], one["what"]) for one in lines(log)] == [("changed", "kept the board"), ("refused", "wrote case.toml")]


def test_what_cannot_be_noted_is_not_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    gate.keep(Analyst(Log(str(tmp_path / "file"))))
    done: list[int] = []
    try:
        with pytest.raises(AccessError, match="what is not noted is not done"), gate.passing(Right.WORK, "kept it", tmp_path):
            done.append(1)
    finally:
        gate.keep(None)
    assert done == []


def test_a_change_that_fails_is_noted_as_failed(tmp_path: Path, log: Log) -> None:
    with pytest.raises(OSError, match="full"), gate.passing(Right.WORK, "kept it", tmp_path):
        raise OSError("full")
    assert [one["act"] for one in lines(log)] == ["changed", "failed: OSError"]


def headers(**named: str) -> dict[bytes, bytes]:
    return {name.replace("_", "-").encode(): value.encode() for name, value in named.items()}


def test_a_proxy_lets_nobody_in_from_elsewhere_unless_people_sign_in() -> None:
    passed = headers(host="localhost:8501", x_forwarded_for="203.0.113.7, 127.0.0.1")
    assert not allowed(passed)
    assert allowed(headers(host="localhost:8501", x_forwarded_for="127.0.0.1"))
    public = HERE | {"drift.example.com"}
    page = headers(host="drift.example.com", origin="https://drift.example.com", x_forwarded_for="203.0.113.7")
    assert allowed(page, public)
    assert not allowed(page)
    assert not allowed(headers(host="evil.example.com", x_forwarded_for="203.0.113.7"), public)


# What writes files without passing the gate, and why it may.
NO_GATE = {
    "alerts": "notices pass the shelf", "engine/memory.py": "measured results", "incidents/kept.py": "measured results",
    "engine/store.py": "measured results", "atomic.py": "who calls it is looked at here",
    "engine/opening.py": "spilled rows", "engine/outputs.py": "the folder of a command's results",
    "export/outputs.py": "the results of a command", "engine/starting.py": "the folder of a case that create_case or a command makes",
    "export/files.py": "write_whole, called by the shelf and by commands", "export/capsule.py": "a command writes it",
    "export/pdf.py": "a file of a browser that is gone at once", "export/profiles.py": "a command writes it",
    "export/results.py": "a command writes it", "runs": "a command runs it", "retraining": "a command writes it",
    "handover": "records pass the shelf",
    "cli": "commands", "case/settings.py": "the folder of settings", "access/audit.py": "the log itself",
    "engine/kept": "a command writes it", "export/mlflow_run.py": "a command writes it",
    "stats/methods/page.py": "make docs", "remedies": "a command writes it", "drill": "a command writes it",
}  # fmt: skip
WRITES = {"write_text", "write_bytes", "unlink", "mkdir", "rmtree", "write_whole", "replacing", "fdopen", "copytree"}


def test_what_writes_passes_the_gate_or_is_nobody_s_work() -> None:
    asked = {name for path in MONITOR.rglob("*.py") if writes(path) for name in [path.relative_to(MONITOR).as_posix()]}
    ours = {name for name in asked if not any(name == known or name.startswith(f"{known}/") for known in NO_GATE)}
    assert ours == {"case/writing.py", "export/shelf.py", "ui/new_case.py"}
    assert all("with passing(" in (MONITOR / name).read_text(encoding="utf-8") for name in ours)


def writes(path: Path) -> bool:
    """Say whether a module changes files, by the names that it calls."""
    text = path.read_text(encoding="utf-8")
    if not any(name in text for name in (*WRITES, "os.replace")):  # most modules name none: they need not be parsed
        return False
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    methods = [one for one in calls if isinstance(one, ast.Attribute)]
    functions = {one.id for one in calls if isinstance(one, ast.Name)} - {"write_text"}  # words on a slide
    moved = any(one.attr == "replace" and isinstance(one.value, ast.Name) and one.value.id == "os" for one in methods)
    return moved or bool(({one.attr for one in methods} | functions) & WRITES)
