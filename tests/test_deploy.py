"""The examples of deploy/: each command parses, each name of a number is exported, each file holds what matters."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from monitor.cli import app
from monitor.runs.metrics import exported

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc")
NAMES = "run|serve-metrics|fleet|trust|app|check|export"
COMMAND = re.compile(rf"(?<![\w.-])(?:/opt/driftscope/bin/)?driftscope(?::[\d.]+)? ((?:{NAMES}) [^\n|;>\"`#]+)")
GROUP = typer.main.get_command(app)


def commands(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8")
    lists = re.findall(r'\["driftscope", (.*?)\]', text)
    return [shlex.split(one) for one in COMMAND.findall(text)] + [json.loads(f"[{one}]") for one in lists]


@pytest.mark.parametrize("path", [path for path in FILES if commands(path)], ids=lambda path: path.name)
def test_each_command_parses(path: Path) -> None:
    for words in commands(path):
        command = GROUP.get_command(None, words[0])  # type: ignore[attr-defined]
        command.make_context(words[0], [*words[1:]])


def test_each_kind_of_place_has_a_command() -> None:
    having = {path.relative_to(DEPLOY).parts[0] for path in FILES if commands(path)}
    assert having >= {"crontab", "systemd", "airflow", "github", "kubernetes", "Containerfile", "README.md"}


@pytest.mark.parametrize("name", ["grafana/driftscope.json", "prometheus/rules.yml"])
def test_each_number_is_one_that_is_exported(name: str) -> None:
    asked = set(re.findall(r"\bdriftscope_\w+", (DEPLOY / name).read_text(encoding="utf-8")))
    assert asked
    assert asked <= set(exported())


def test_the_dashboard_asks_for_the_chosen_cases() -> None:
    board = json.loads((DEPLOY / "grafana/driftscope.json").read_text(encoding="utf-8"))
    assert len({one["id"] for one in board["panels"]}) == len(board["panels"])
    assert {one["name"] for one in board["templating"]["list"]} == {"source", "case"}
    assert all("$case" in target["expr"] for one in board["panels"] for target in one["targets"])


def test_the_dag_is_python() -> None:
    ast.parse((DEPLOY / "airflow/driftscope_dag.py").read_text(encoding="utf-8"))


def test_what_runs_in_a_container_is_nobody_and_writes_nowhere_else() -> None:
    made = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001", made, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK", made, re.MULTILINE)
    for name in ("cronjob.yaml", "metrics.yaml"):
        text = (DEPLOY / "kubernetes" / name).read_text(encoding="utf-8")
        assert all(word in text for word in ("runAsNonRoot: true", "readOnlyRootFilesystem: true", 'drop: ["ALL"]'))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = (
            path.read_text(encoding="utf-8").replace("/opt/driftscope/bin/driftscope", "/bin/true").replace("User=driftscope", "User=root")
        )
        (tmp_path / path.name.replace("@.", "@loans.")).write_text(text, encoding="utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
