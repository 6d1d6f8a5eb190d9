"""The wheel holds what the installed app needs, and the lock what the project asks for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email import message_from_string
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
EXTRAS = (ROOT / "requirements-extras.lock").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an sdist and the wheel that is made of it."""
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as packed:
        yield packed


def test_the_sdist_holds_what_the_wheel_is_made_of_and_nothing_else(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "hatch_build.py", "monitor/py.typed", "pages/drift.py", "CHANGELOG.md", "LICENSE", "PKG-INFO"} <= names
    assert [name for name in names if re.search(r"__pycache__|\.driftscope/|^tests/|^benchmarks/|^\.venv|\.lock$", name)] == []


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    assert "monitor/py.typed" in wheel.namelist()
    told = message_from_string(wheel.read("driftscope-0.1.0.dist-info/METADATA").decode())
    assert (told["Name"], told["Version"], told["License-Expression"]) == ("driftscope", PROJECT["version"], "Apache-2.0")
    assert told["Requires-Python"] == PROJECT["requires-python"]
    assert set(told.get_all("Provides-Extra") or ()) == set(PROJECT["optional-dependencies"])
    assert "# Driftscope" in str(told.get_payload())


def test_the_version_is_the_same_wherever_it_stands() -> None:
    label = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"driftscope:([\d.]+)|image\.version=\"([\d.]+)\"", label)) == {
        (PROJECT["version"], ""),
        ("", PROJECT["version"]),
    }
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {PROJECT['version']}" in changes or "## Unreleased" in changes


def test_the_bill_of_materials_names_every_pin() -> None:
    known = spec_from_file_location("sbom", ROOT / "deploy" / "sbom.py")
    assert known is not None
    assert known.loader is not None
    sbom = module_from_spec(known)
    known.loader.exec_module(sbom)  # in this process: its imports take longer than its work, and others here make them too
    content = json.loads(sbom.bill([ROOT / "requirements.lock", ROOT / "requirements-extras.lock"]))  # checks the schema
    assert "timestamp" not in content["metadata"]
    named = {f"{one['name']}=={one['version']}" for one in content["components"]}
    assert named == {*LOCK, *EXTRAS}
    required = {f"{one['name']}=={one['version']}" for one in content["components"] if one["scope"] == "required"}
    assert required == set(LOCK)
    root = next(one for one in content["dependencies"] if one["ref"] == "driftscope")
    assert len(root["dependsOn"]) == len(PROJECT["dependencies"])


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
    wheel.extractall(tmp_path)  # noqa: S202 - our own wheel, which is no tar
    code = "from monitor.places import app_folder, demo_folder; print(app_folder()); print((demo_folder() / 'flights/case.toml').is_file())"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert run.stdout.split() == [str(tmp_path / "monitor" / "_app"), "True"]


def test_the_command_is_declared(wheel: zipfile.ZipFile) -> None:
    assert "driftscope = monitor.cli:main" in wheel.read("driftscope-0.1.0.dist-info/entry_points.txt").decode()


def test_the_lock_of_the_extras_agrees_with_the_lock() -> None:
    names = {line.partition("==")[0] for line in EXTRAS}
    assert [line for line in LOCK if line.partition("==")[0] in names and line not in EXTRAS] == []


def test_every_line_of_the_lock_is_a_pin_without_an_address() -> None:
    assert [line for line in (*LOCK, *EXTRAS) if not re.fullmatch(r"[a-z0-9.-]+==[a-z0-9.]+", line)] == []


@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_the_lock_pins_what_the_project_asks_for(requirement: str) -> None:
    name = re.split(r"[\[<>=]", requirement)[0].lower()
    assert [line for line in LOCK if line.startswith(f"{name}==")] != []
