from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.case import UNITS, DriftThresholds, Roles, Thresholds, WindowSize, case_from, load_case, save_case
from monitor.case.windows import MOST_YEARS, UNIT_HOURS
from monitor.case.writing import write_atomically
from monitor.errors import CaseError, SelectionError
from monitor.vocabulary import Kind, Role, Task

TEXT = """# who looks after it: ops
[case]
name = "Flights" # shown on top
task = "binary"
[data]
reference = "reference.parquet"
production = ["a.parquet", "b/*.parquet"]
[roles]
timestamp = "ts"
positive_class = 1
segments = ["carrier"]
[kinds]
day_of_week = "categorical"
[labels]
ts = "Scheduled departure"
[windows]
size = "2 weeks"
timezone = "America/New_York"
[thresholds]
drift.floor = 0.1
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_a_case_is_read_from_its_folder(written: Path) -> None:
    case = load_case(written)
    assert (case.name, case.windows, case.timezone) == ("Flights", WindowSize(2, "week"), "America/New_York")
    assert case.data.production == ("a.parquet", "b/*.parquet")
    assert case.kinds == {"day_of_week": Kind.CATEGORICAL}
    assert case.thresholds == Thresholds(drift=DriftThresholds(floor=0.1))
    assert case.roles.positive_class == 1


def test_a_label_falls_back_to_the_name(written: Path) -> None:
    case = load_case(written)
    assert (case.label("ts"), case.label("carrier")) == ("Scheduled departure", "carrier")


def test_saving_keeps_comments_and_values(written: Path) -> None:
    case = replace(load_case(written), windows=WindowSize(5000, "rows"), owner="ops@example.org")
    text = save_case(case).read_text(encoding="utf-8")
    assert "# shown on top" in text
    assert "# who looks after it: ops" in text
    assert load_case(written) == case
    assert [path.name for path in written.iterdir()] == ["case.toml"]


def test_a_case_can_be_saved_where_there_is_none(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    case = replace(load_case(written), root=folder)
    save_case(case)
    assert load_case(folder) == case


def test_an_empty_list_of_features_survives_saving(written: Path) -> None:
    case = load_case(written)
    case = replace(case, roles=case.roles.model_copy(update={"features": ()}))
    save_case(case)
    assert load_case(written).roles.features == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("timestamp =", "timstamp =", r"unknown key 'roles.timstamp'. Did you mean 'timestamp'"),
        ("[windows]", "[window]", r"unknown key 'window'. Did you mean 'windows'"),
        (
            'task = "binary"',
            'task = "binray"',
            r"case.task: Input should be 'binary', 'multiclass', 'regression' or 'none' \(seen: 'binray'\)",
        ),
        ('"2 weeks"', '"2 fortnights"', r"Window size '2 fortnights' is not understood"),
        ("America/New_York", "America/Old_York", r"timezone 'America/Old_York' is unknown"),
        ('reference = "reference.parquet"', "", r"key 'data.reference' is missing"),
        ("[data]", "[data", r"not valid TOML"),
        ('"categorical"', '"nominal"', r"kinds.day_of_week: Input should be"),
        ('size = "2 weeks"', 'size = "2 weeks"\nrows = 5', r"either size or rows"),
        ("segments =", 'id = "ts"\nsegments =', r"column 'ts' cannot be both timestamp and id"),
        ("drift.floor", "drft.floor", r"unknown key 'thresholds.drft'. Did you mean 'drift'\? Known keys there: drift, multivariate"),
        ("drift.floor", "drift.flor", r"unknown key 'thresholds.drift.flor'. Did you mean 'floor'"),
        ("drift.floor = 0.1", "drift.floor = -1", r"thresholds.drift.floor: give a number of 0 or more \(seen: -1\)"),
        ("drift.floor = 0.1", 'drift.q = "0.1"', r"thresholds.drift.q: give a share between 0 and 1, such as 0.05 \(seen: '0.1'\)"),
        ("drift.floor = 0.1", "drift.q = true", r"thresholds.drift.q: give a share .* \(seen: True\)"),
        ("drift.floor = 0.1", "drift.floors.ks = inf", r"thresholds.drift.floors.ks: give a number of 0 or more \(seen: inf\)"),
        ("drift.floor = 0.1", "drift = 3", r"thresholds.drift: give a group of keys with the keys floor, alert, .* \(seen: 3\)"),
        (
            "drift.floor = 0.1",
            "multivariate.min_rows = 0",
            r"thresholds.multivariate.min_rows: give a whole number of 1 or more \(seen: 0\)",
        ),
        ("positive_class = 1", "positive_class = []", r"roles.positive_class: give a value of the label.* \(seen: \[\]\)"),
        ("positive_class = 1", "score = 5", r"roles.score: give a column, or one per class .* \(seen: 5\)"),
        ("positive_class = 1", 'threshold = "high"', r"roles.threshold: give a number \(seen: 'high'\)"),
        ('size = "2 weeks"', "rows = true", r"windows.rows: give a whole number of 1 or more \(seen: True\)"),
        ("[windows]", '[model]\npath = "m.pkl"\ntrust = "yes"\n[windows]', r"model.trust: give true or false \(seen: 'yes'\)"),
    ],
)
def test_a_wrong_case_says_which_key(written: Path, old: str, new: str, message: str) -> None:
    (written / "case.toml").write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(CaseError, match=message):
        load_case(written)


def test_saving_writes_thresholds_only_where_they_changed(written: Path) -> None:
    file = written / "case.toml"
    file.write_text(TEXT + "drift.q = 0.05 # the usual\n", encoding="utf-8")
    case = load_case(written)
    save_case(replace(case, name="renamed"))
    assert "drift.q = 0.05 # the usual" in file.read_text(encoding="utf-8")
    wanted = replace(case, thresholds=Thresholds(drift=DriftThresholds(alert=3, fixed={"a.b:psi": 0.2})))
    save_case(wanted)
    assert load_case(written).thresholds == wanted.thresholds
    save_case(replace(case, thresholds=Thresholds()))
    assert "thresholds" not in file.read_text(encoding="utf-8")


def test_a_saved_file_keeps_its_permissions(written: Path) -> None:
    (written / "case.toml").chmod(0o640)
    save_case(load_case(written))
    assert (written / "case.toml").stat().st_mode & 0o777 == 0o640


DATA_ONLY = TEXT.replace('"binary"', '"none"').replace("positive_class = 1\n", "")


def test_data_without_a_model_are_a_case(written: Path) -> None:
    (written / "case.toml").write_text(DATA_ONLY, encoding="utf-8")
    assert load_case(written).task is Task.NONE


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('prediction = "p"', "roles.prediction = 'p'"),
        ('score = {a = "p_a"}', "roles.score = 'p_a'"),
        ("threshold = 0.5", "roles.threshold"),
        ('[model]\npath = "m.skops"', r"\[model\]"),
    ],
)
def test_data_without_a_model_name_nothing_of_one(written: Path, line: str, named: str) -> None:
    (written / "case.toml").write_text(DATA_ONLY.replace("[kinds]", f"{line}\n[kinds]"), encoding="utf-8")
    with pytest.raises(CaseError, match=f'task "none", which watches data without a model, but names {named}. Give the task'):
        load_case(written)
    with pytest.raises(CaseError, match="task"):
        save_case(replace(case_from(tomllib.loads(TEXT), root=written), task=Task.NONE))


def test_no_case_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="There is no case at"):
        load_case(tmp_path / "nowhere")


@given(st.integers(1, 10**6), st.sampled_from(UNITS))
def test_window_sizes_round_trip(count: int, unit: str) -> None:
    count = count if unit == "rows" else count % 1_200 + 1
    assume((WindowSize(count, unit).hours or 0.0) <= MOST_YEARS * 12 * UNIT_HOURS["month"])
    size = WindowSize(1 if unit == "whole" else count, unit)
    assert WindowSize.parse(str(size)) == size


@pytest.mark.parametrize("text", ["999999999 weeks", "1201 months", "36526 days"])
def test_windows_longer_than_a_century_are_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="longer than 100 years"):
        WindowSize.parse(text)


@pytest.mark.parametrize("text", ["", "0 days", "rows", "1.5 days", "-1 day", "1 year", {"rows": "x"}, {"days": 3}])
def test_wrong_window_sizes_are_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="is not understood"):
        WindowSize.parse(text)


def test_roles_by_column() -> None:
    roles = Roles(id="k", score={"a": "p_a", "b": "p_b"}, features=("x",), segments=("x", "s"), ignore=("z",))
    assert roles.by_column() == {
        "k": Role.ID, "p_a": Role.SCORE, "p_b": Role.SCORE, "z": Role.IGNORE, "x": Role.FEATURE, "s": Role.SEGMENT
    }  # fmt: skip
    assert roles.of("other") is Role.IGNORE
    assert Roles().of("other") is Role.FEATURE


def test_rows_windows(tmp_path: Path) -> None:
    raw = {"case": {"name": "x", "task": "regression"}, "data": {"reference": "a", "production": "b"}, "windows": {"rows": 50}}
    assert case_from(raw, root=tmp_path).windows == WindowSize(50, "rows")


OWN = '\n[[methods]]\nid = "gap"  # ours\nfunction = "own/methods.py:gap"\nkinds = "numeric"\nfloor = 0.5\n'


def test_methods_of_a_case_survive_saving_with_their_comments(written: Path, tmp_path: Path) -> None:
    with (written / "case.toml").open("a", encoding="utf-8") as file:
        file.write(OWN + '\n[[annotations]]\nstart = 2024-01-01T00:00:00\ntext = "deploy"\n')
    case = load_case(written)
    assert (case.methods[0].place, case.methods[0].kinds, case.methods[0].trust) == (("own/methods.py", "gap"), ("numeric",), False)
    save_case(replace(case, name="renamed"))
    assert 'id = "gap"  # ours' in (written / "case.toml").read_text(encoding="utf-8")
    assert load_case(written) == replace(case, name="renamed")
    (tmp_path / "new").mkdir()
    elsewhere = replace(case, root=tmp_path / "new")
    save_case(elsewhere)
    assert load_case(tmp_path / "new") == elsewhere


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("own/methods.py:gap", "../methods.py:gap", "methods.0.function: leads out of the case folder"),
        ("own/methods.py:gap", "own/../../m.py:gap", "methods.0.function: leads out of the case folder"),
        ("own/methods.py:gap", "/etc/methods.py:gap", "methods.0.function: leads out of the case folder"),
        ("own/methods.py:gap", "methods.gap", "methods.0.function: is not 'file.py:function_name'"),
        ('"gap"', '"My gap"', "methods.0.id: "),
        ('kinds = "numeric"', 'kinds = ["text"]', "methods.0.kinds: are numeric, categorical or boolean"),
        ("floor", "flor", "unknown key 'methods.0.flor'. Did you mean 'floor'"),
        ("floor = 0.5", "low = 1\nhigh = 0", "low must be below high"),
        ("floor = 0.5", f"floor = 0.5\n{OWN}", "two methods have the id 'gap'"),
    ],
)
def test_a_wrong_method_says_which_key(written: Path, old: str, new: str, message: str) -> None:
    (written / "case.toml").write_text(TEXT + OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(CaseError, match=message):
        load_case(written)


def test_what_a_killed_process_left_is_removed_a_day_later(tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in (".case.toml.old", ".case.toml.new", ".other.old"))
    for path in (old, new, other):
        path.write_text("half")
    for path in (old, other):
        os.utime(path, (1, 1))
    write_atomically(tmp_path / "case.toml", "x = 1")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".case.toml.new", ".other.old", "case.toml"]
