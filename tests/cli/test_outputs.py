"""No command writes over what a case is made of, into what it reads as data, or over a folder: all that have an --out are walked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from monitor.cli import app, main
from monitor.engine.patterns import covers, matching
from monitor.errors import SettingError
from monitor.export.outputs import write_output

FILES = {
    "measure": ("measure", "drift", "{case}", ".csv"),
    "check": ("check", "{case}", ".json"),
    "report": ("report", "{case}", ".md"),
    "explain": ("explain", "{case}", "a1", ".json"),
    "remedy": ("remedy", "{case}", "a1", ".csv"),
    "drill": ("drill", "{case}", ".csv"),
    "compare": ("compare", "{case}", ".csv"),
    "ready": ("ready", "{case}", ".parquet"),
    "labels plan": ("labels", "plan", "{case}", "--n", "10", ".csv"),
    "contract infer": ("contract", "infer", "{case}", ".parquet"),
    "contract check": ("contract", "check", "{case}", ".json"),
    "contract export": ("contract", "export", "{case}", "--format", "odcs", ".parquet"),
    "export openmetrics": ("export", "openmetrics", "{case}", ".csv"),
    "export modelcard": ("export", "modelcard", "{case}", ".json"),
    "imported": ("imported", "{case}", ".csv"),
    "import mlflow": ("import", "mlflow", "{case}", "m", "--store", "{away}/m.db", ".csv"),
    "import prometheus": ("import", "prometheus", "{away}/answer.json", ".csv"),
    "alert backtest": ("alert", "backtest", "{case}", ".csv"),
    "story export": ("story", "export", "{case}", ".md"),
}
"""A call of each command that writes a file, and an ending that it writes."""
FOLDERS = {
    "init": ("init", "{away}/new.csv"),
    "profile": ("profile", "{case}"),
    "merge": ("merge", "{case}", "{case}"),
    "run": ("run", "{case}", "--report", "md"),
    "capsule": ("capsule", "{case}", "a1"),
    "measure all": ("measure", "all", "{case}"),
    "retrain plan": ("retrain", "plan", "{case}"),
    "retrain build": ("retrain", "build", "{case}"),
    "import captures": ("import", "captures", "{away}/captures.jsonl", "--reference", "{away}/new.csv"),
}
"""A call of each command that writes into a folder."""
ENDINGS = (".csv", ".parquet", ".json", ".md")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names of commands that have an --out."""
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*path, name))
    if "out" in [one.name for one in getattr(command, "params", [])]:
        yield " ".join(path)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Return a case whose data, in every ending, nobody may lose; more lie outside, and its labels are a folder's."""
    root, away = tmp_path / "shop", tmp_path / "away"
    for folder in (root / "data", away):
        folder.mkdir(parents=True)
    for ending in ENDINGS:
        (root / "data" / f"rows{ending}").write_text("precious")
        (away / f"rows{ending}").write_text("precious")
    (away / "new.csv").write_text("a,b\n1,2\n")
    (root / "case.toml").write_text(
        f'[case]\nname = "shop"\ntask = "binary"\n[data]\nreference = ["{away}/rows.*"]\nproduction = ["data/**/*"]\n'
        '[roles]\ntimestamp = "at"\nlabel = "y"\nid = "id"\nscore = "p"\n# by hand\n'
    )
    (root / "contract.toml").write_text("# by hand\n")
    return root


def kept(folder: Path) -> dict[str, str]:
    """Return all files below a folder, but what a run keeps for itself."""
    return {str(path): path.read_text() for path in folder.rglob("*") if path.is_file() and ".driftscope" not in path.parts}


def refused(case: Path, words: tuple[str, ...], out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Call a command, which has to fail and to change nothing; return what it says."""
    before = kept(case.parent)
    with pytest.raises(SystemExit) as left:
        main([word.format(case=case, away=case.parent / "away") for word in words] + ["--out", str(out)])
    assert (left.value.code, kept(case.parent)) == (2, before)
    said = capsys.readouterr().err
    assert "defect" not in said
    return said


def test_every_command_that_writes_where_it_is_told_is_walked() -> None:
    assert set(commands(typer.main.get_command(app))) == {*FILES, *FOLDERS} - {"measure all"}


@pytest.mark.parametrize("name", FILES)
def test_no_command_writes_a_file_over_a_source_or_into_one(name: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *words, ending = FILES[name]
    own = tuple(words)
    away = case.parent / "away"
    assert "would be lost" in refused(case, own, case / "data" / f"rows{ending}", capsys)
    assert "would be read" in refused(case, own, case / "data" / f"new{ending}", capsys)
    (case / f"folder{ending}").mkdir()
    assert "is a folder" in refused(case, own, case / f"folder{ending}", capsys)
    if "{case}" in words:  # of data elsewhere only a command knows that is told the case
        assert "would be lost" in refused(case, own, away / f"rows{ending}", capsys)


@pytest.mark.parametrize("name", ["contract export", "export openmetrics", "export modelcard"])
@pytest.mark.parametrize("file", ["case.toml", "contract.toml"])
def test_no_command_of_any_ending_writes_over_settings(name: str, file: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "would be lost" in refused(case, FILES[name][:-1], case / file, capsys)


def test_a_contract_is_replaced_only_where_that_is_said(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--replace" in refused(case, ("contract", "infer", "{case}"), case / "contract.toml", capsys)
    assert "would be lost" in refused(case, ("contract", "infer", "{case}", "--replace"), case / "case.toml", capsys)


@pytest.mark.parametrize("name", FOLDERS)
def test_no_command_writes_a_folder_over_a_file_or_into_data(name: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(case, FOLDERS[name], case / "data" / "rows.csv", capsys)
    assert "would be read" in refused(case, FOLDERS[name], case / "data" / "deep", capsys)


@pytest.mark.parametrize("name", ["init", "profile", "merge", "import captures"])
def test_no_command_that_makes_a_case_replaces_another(name: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = case.parent / "other"
    other.mkdir()
    (other / "case.toml").write_text((case / "case.toml").read_text().replace("shop", "other"))
    assert "case" in refused(case, FOLDERS[name], other, capsys)


@pytest.mark.parametrize("name", ["drift.json", "quality.json", "data/drift.json"])
def test_measuring_everything_spares_data_with_the_name_of_a_result(name: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = case / name
    place.write_text("precious")
    text = (case / "case.toml").read_text().replace('"data/**/*"', f'"{name}"')
    (case / "case.toml").write_text(text)
    assert "would be lost" in refused(case, FOLDERS["measure all"], place.parent, capsys)


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("a/*.csv", "a/new.csv", True),
        ("a/*.csv", "a/b/new.csv", False),
        ("a/**/*.csv", "a/new.csv", True),
        ("a/**/*.csv", "a/b/c/new.csv", True),
        ("a/**", "a/b/new.csv", True),
        ("**/**/*.csv", "a/new.csv", True),
        ("a/**/*.csv", "a/.b/new.csv", False),
        ("a/*.csv", "a/.new.csv", False),
        ("[a-c]/n?w.csv", "b/new.csv", True),
        ("[!a]/new.csv", "a/new.csv", False),
        ("a/new.csv", "a/new.csv", True),
        ("x/../a/*.csv", "a/new.csv", True),
    ],
)
def test_a_pattern_covers_what_it_would_find(pattern: str, path: str, covered: bool, tmp_path: Path) -> None:
    """What is said before a file is there is what is found when it is."""
    assert covers(pattern, tmp_path / path, tmp_path) is covered
    assert covers(f"{tmp_path}/{pattern}", tmp_path / path, tmp_path) is covered
    (tmp_path / "x").mkdir()
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
    assert bool(matching("data", pattern, tmp_path)) is covered


def test_a_link_to_data_is_no_way_around(case: Path) -> None:
    (case / "shown").symlink_to(case / "data")
    (case / "one.csv").symlink_to(case / "data" / "rows.csv")
    for place in ("shown/rows.csv", "shown/new.csv", "one.csv"):
        with pytest.raises(SettingError, match="shop"):
            write_output(case / place, b"lost")
