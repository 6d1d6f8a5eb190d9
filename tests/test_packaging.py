"""The wheel holds what the installed app needs, and the lock what the project asks for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(next(out.glob("*.whl"))) as packed:
        yield packed


def test_the_wheel_holds_every_screen_the_settings_and_the_demos(wheel: zipfile.ZipFile) -> None:
    packed = set(wheel.namelist())
    pages = {f"pages/{page.name}" for page in (ROOT / "pages").glob("*.py")}
    flights = {f"data/flights/{name}" for name in ("case.toml", "reference.parquet", "production/2013-07.parquet", "model.skops")}
    payments = {f"data/payments/{name}" for name in ("case.toml", "reference.parquet", "production/2025-03.parquet", "labels.parquet")}
    wanted = {"app.py", "serve.py", "static/favicon.png", ".streamlit/config.toml"} | pages | flights | payments
    assert {f"monitor/_app/{name}" for name in wanted} <= packed


def test_the_wheel_holds_no_caches_and_no_tests(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if re.search(r"__pycache__|\.driftscope/|(^|/)tests/", name)] == []


def test_the_installed_package_finds_its_screens(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "from monitor.places import app_folder, demo_folder; print(app_folder()); print((demo_folder() / 'flights/case.toml').is_file())"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert run.stdout.split() == [str(tmp_path / "monitor" / "_app"), "True"]


def test_the_command_is_declared(wheel: zipfile.ZipFile) -> None:
    assert "driftscope = monitor.cli:main" in wheel.read("driftscope-0.1.0.dist-info/entry_points.txt").decode()


EXTRAS = (ROOT / "requirements-extras.lock").read_text(encoding="utf-8").splitlines()


def test_the_lock_of_the_extras_agrees_with_the_lock() -> None:
    names = {line.partition("==")[0] for line in EXTRAS}
    assert [line for line in LOCK if line.partition("==")[0] in names and line not in EXTRAS] == []


def test_every_line_of_the_lock_is_a_pin_without_an_address() -> None:
    assert [line for line in (*LOCK, *EXTRAS) if not re.fullmatch(r"[a-z0-9.-]+==[a-z0-9.]+", line)] == []


@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_the_lock_pins_what_the_project_asks_for(requirement: str) -> None:
    name = re.split(r"[\[<>=]", requirement)[0].lower()
    assert [line for line in LOCK if line.startswith(f"{name}==")] != []
