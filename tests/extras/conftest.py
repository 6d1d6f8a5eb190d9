"""Servers of the tests' own, on this machine: started where they are installed, else the tests are skipped and say so."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

WAIT_SECONDS = 60


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIFTSCOPE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def _program(*names: str) -> str | None:
    """Return a program of a server, which Debian keeps out of the path of users."""
    places = [Path(found) for name in names if (found := shutil.which(name))]
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True) if Path("/usr/lib/postgresql").is_dir() else []:
        places += [folder / name for name in names if (folder / name).is_file()]
    return str(places[0].resolve()) if places else None


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def _someone() -> dict[str, str]:
    """Return who runs a server: servers refuse to be run by root."""
    return {"user": "nobody"} if os.geteuid() == 0 else {}


def _given(folder: Path) -> Path:
    """Let the one who runs the server have a folder of pytest's, whose parents only its owner may enter."""
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        for parent in [folder, *folder.parents][:-2]:
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as opened:
            opened.settimeout(1)
            if opened.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {server.args!r}")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a Postgres server, "postgres://...@127.0.0.1:port/postgres"."""
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    initdb, run = _program("initdb"), _program("postgres")
    if initdb is None or run is None:
        pytest.skip("no Postgres server is installed here (Debian: postgresql)")
    folder, port = _given(tmp_path_factory.mktemp("postgres")), _free_port()
    subprocess.run(
        [initdb, "-D", folder / "data", "-U", "me", "-A", "trust", "--no-sync"], check=True, capture_output=True, cwd=folder, **_someone()
    )
    server = subprocess.Popen(
        [run, "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **_someone(),
    )  # fmt: skip
    try:
        _wait(port, server)
        yield f"postgres://me:secret@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(WAIT_SECONDS)


@pytest.fixture(scope="session")
def mysql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a MySQL or MariaDB server, "mysql://root@127.0.0.1:port/test"."""
    pytest.importorskip("pymysql", reason="the package pymysql is not installed")
    install, run = _program("mariadb-install-db", "mysql_install_db"), _program("mariadbd", "mysqld")
    if install is None or run is None:
        pytest.skip("no MySQL server is installed here (Debian: mariadb-server)")
    folder, port = _given(tmp_path_factory.mktemp("mysql")), _free_port()
    own = ["--no-defaults", f"--datadir={folder / 'data'}"]
    subprocess.run(
        [install, *own, "--auth-root-authentication-method=normal", "--skip-test-db"], check=True, capture_output=True, **_someone()
    )
    server = subprocess.Popen(
        [run, *own, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 's'}", f"--pid-file={folder / 'p'}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **_someone(),
    )  # fmt: skip
    try:
        _wait(port, server)
        yield f"mysql://root@127.0.0.1:{port}/test"
    finally:
        server.terminate()
        server.wait(WAIT_SECONDS)
