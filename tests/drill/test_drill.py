"""Incidents put into rows: what each does, and what monitors make of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.cli import main
from monitor.drill.bed import Bed
from monitor.drill.kinds import INJECTIONS
from monitor.drill.running import Asked, Cell, Drill, Drilled, _Alarm, _alarmed_before, _Answer, _new, _too_few, hold_drill
from monitor.drill.table import drill_table
from monitor.drill.words import drill_answer
from monitor.engine import open_workspace
from monitor.errors import SettingError

DAYS, A_DAY = 20, 200


def rows(first, seed):
    rng = np.random.default_rng(seed)
    n = DAYS * A_DAY
    frame = pd.DataFrame({"time": pd.Timestamp(first) + pd.to_timedelta(np.arange(n) * 86400 // A_DAY, unit="s"), "id": np.arange(n)})
    frame["x"], frame["z"] = rng.normal(10, 1, n), rng.normal(0, 1, n)
    frame["z"] = frame["z"].where(rng.random(n) < 0.8)
    frame["shop"] = rng.choice(["Tallinn", "Tartu", "Narva"], n, p=[0.6, 0.3, 0.1])
    frame["score"] = 1 / (1 + np.exp(10 - frame["x"]))
    frame["said"] = (frame["score"] >= 0.5).astype(int)
    frame["late"] = (rng.random(n) < frame["score"]).astype(int)
    frame["ms"], frame["status"], frame["version"] = rng.lognormal(3, 0.3, n), "ok", "v1"
    return frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("drilled") / "shop"
    place.mkdir()
    rows("2026-02-01", 1).to_parquet(place / "reference.parquet")
    rows("2026-03-01", 2).to_parquet(place / "production.parquet")
    (place / "case.toml").write_text(
        '[case]\nname = "shop"\ntask = "binary"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
        '[roles]\ntimestamp = "time"\nid = "id"\nscore = "score"\nprediction = "said"\nlabel = "late"\npositive_class = 1\n'
        'features = ["x", "z", "shop"]\nlatency_ms = "ms"\nstatus = "status"\nmodel_version = "version"\n[windows]\nsize = "1 day"\n'
    )
    return place


@pytest.fixture(scope="module")
def bed(folder):
    with open_workspace(load_case(folder)) as workspace:
        return Bed.of(workspace)


def texts(column):
    return column.astype(object).map(lambda value: str(float(value)) if isinstance(value, (int, float)) else str(value))


def put(bed, kind, size=1.0, **segment):
    rng = np.random.default_rng(0)
    hit = bed.hit(size, segment, rng)
    return hit, INJECTIONS[kind].inject(bed, hit, rng)


@pytest.mark.parametrize("kind", [name for name in INJECTIONS if name != "cost"])
def test_every_kind_changes_the_rows_that_are_hit_and_no_others(bed, kind):
    before = bed.production.copy()
    hit, done = put(bed, kind, 0.5, shop="Tartu")
    assert bed.production.equals(before)
    assert 0 < done.rows <= hit.sum()
    assert 0.4 < hit.sum() / ((bed.window >= bed.start) & (before["shop"] == "Tartu")).sum() < 0.6
    if len(done.frame) == len(before):
        same = pd.DataFrame({name: texts(done.frame[name]) == texts(before[name]) for name in before}).all(axis=1)
        assert same[~hit].all()
        assert (~same[hit]).mean() > 0.05


def test_what_the_case_has_not_cannot_happen_to_it(bed):
    assert put(bed, "cost")[1] is None


def test_the_last_third_of_a_long_reference_plays_production(bed):
    assert (bed.on, len(bed.ids), bed.start) == ("reference", 6, 2)
    assert bed.reference["time"].max() < bed.production["time"].min()


def test_alarms_come_from_what_was_put_there(folder):
    before = {one: one.read_bytes() for one in folder.glob("[a-z]*")}
    with open_workspace(load_case(folder)) as workspace:
        drill = hold_drill(workspace, Asked(kinds=("unit_change", "latency", "cost"), sizes=(1.0,)))
    assert {one: one.read_bytes() for one in folder.glob("[a-z]*")} == before
    unit, slow, dear = drill.drilled
    cells = {cell.monitor: cell for cell in unit.cells}
    assert (unit.columns, unit.share, cells["drift"].fired, cells["drift"].windows) == (("x",), 1.0, True, 1)
    assert "as they were logged" in cells["performance"].why
    assert slow.seen
    assert (dear.cells, dear.why) == ((), "the case names no such column")
    table = drill_table(drill)
    assert list(table["kind"]) == ["unit_change"] * 4 + ["latency", "cost"]
    said = drill_answer(drill)
    assert said.headline == "2 of 2 incidents would be seen."
    assert "No model file" in said.doubt
    assert "Not drilled: cost (the case names no such column)" in said.doubt


def test_what_stays_invisible_is_named():
    kind = INJECTIONS["rounded"]
    seen = Drilled(kind=kind, size=1.0, cells=(Cell(monitor="drift", fired=True, windows=2),))
    unseen = Drilled(kind=kind, size=0.2, cells=(Cell(monitor="drift"), Cell(monitor="quality")))
    blind = Drilled(kind=INJECTIONS["latency"], size=0.2, cells=(Cell(monitor="operations", already=True),))
    drill = Drill(
        case="c", on="reference", windows=4, size="1 day", segment={}, drilled=(seen, unseen, blind), rescores=True, seconds=1.0, seed=0
    )
    said = drill_answer(drill)
    assert said.headline == "1 of 3 incidents would be seen. Invisible: rounded in 20% of rows."
    assert said.doubt.startswith("Nobody can tell of latency in 20% of rows: the monitors that could see it alarmed of the same before.")
    assert list(drill_table(drill)["seen"]) == [True, False, False, None]


def test_what_began_before_or_is_about_something_else_is_no_detection(bed):
    told = {
        "x": ("x is larger", "x", False), "score": ("Score is lower", "score", True), "z": ("z is missing more often", "missing~z", False),
    }  # fmt: skip
    found, usual = _Answer({(name,): _Alarm(*one) for name, one in told.items()}), _Answer({("z",): _Alarm(*told["z"])})
    assert set(_new(found, usual)) == {("x",)}
    assert _alarmed_before("predictions", ("shop",), found, usual, bed)  # what it says of answers began before
    assert _alarmed_before("quality", ("z",), found, usual, bed)
    assert not _alarmed_before("quality", ("shop",), found, usual, bed)
    slow = _Answer({("latency_p95_ms",): _Alarm("p95 latency is higher", "latency_p95_ms", False)})
    assert _alarmed_before("operations", ("ms",), slow, slow, bed)
    assert not _alarmed_before("operations", (), slow, slow, bed)  # rows that do not come are told by their number


def test_windows_that_wait_for_labels_are_left_away_and_too_few_labels_are_no_test(folder, tmp_path):
    late = pd.read_parquet(folder / "production.parquet")
    late["known"] = late["time"] + pd.Timedelta(days=6)
    waits = late["known"] > late["time"].max()
    late[["late", "known"]] = late[["late", "known"]].mask(waits)
    soon = waits & (late["id"] % 50 == 0) & (late["time"] < late["time"].max() - pd.Timedelta(hours=1))
    late.loc[soon, "late"], late.loc[soon, "known"] = 1, late["time"] + pd.Timedelta(hours=1)
    then = pd.read_parquet(folder / "reference.parquet")
    then.assign(known=then["time"] + pd.Timedelta(days=6)).to_parquet(tmp_path / "reference.parquet")
    late.to_parquet(tmp_path / "production.parquet")
    text = (folder / "case.toml").read_text()
    (tmp_path / "case.toml").write_text(text.replace('label = "late"', 'label = "late"\nlabel_timestamp = "known"'))
    with open_workspace(load_case(tmp_path)) as workspace:
        shorter = Bed.of(workspace, on="production")
        assert (len(shorter.ids), shorter.waiting) == (DAYS - 6, 6)
    last = replace(shorter, production=late, window=np.arange(len(late)) // A_DAY, ids=tuple(map(str, range(DAYS))), start=DAYS - 4)
    hit, done = put(last, "label_change")
    assert _too_few(done.rows, int(hit.sum())).startswith(f"could not be tested: it reaches {done.rows} rows of the {int(hit.sum())}")
    assert _too_few(40, 40) == ""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Asked(kinds=("unit_chnge",)), "Did you mean 'unit_change'"),
        (Asked(sizes=(20.0,)), "not 20"),
        (Asked(segment={"shop": "Riga"}), "No row of the last 4 windows has shop = Riga"),
        (Asked(segment={"shp": "Tartu"}), "no column 'shp'"),
        (Asked(columns=("y",)), "no column 'y'"),
        (Asked(on="both"), "not on 'both'"),
    ],
)
def test_what_cannot_be_drilled_is_said(folder, asked, told):
    with open_workspace(load_case(folder)) as workspace, pytest.raises(SettingError, match=told):
        hold_drill(workspace, asked)


def test_the_command_writes_the_coverage(folder, tmp_path, capsys, monkeypatch):
    out = tmp_path / "drill.csv"
    arguments = ["driftscope", "drill", str(folder), "--kinds", "missing_values", "--sizes", "1", "--out", str(out), "--quiet"]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit, match="0"):
        main()
    found = pd.read_csv(out)
    assert found["seen"].all()
    assert set(found["monitor"]) == {"drift", "quality", "predictions", "performance"}
    assert capsys.readouterr().out == ""


def test_a_column_that_names_segments_is_an_input_as_well(folder, tmp_path):
    place = tmp_path / "shop"
    place.mkdir()
    text = (folder / "case.toml").read_text().replace('features = ["x", "z", "shop"]', 'segments = ["shop"]')
    for name in ("reference", "production"):
        text = text.replace(f'"{name}.parquet"', f'"{folder}/{name}.parquet"')
    (place / "case.toml").write_text(text)
    with open_workspace(load_case(place)) as workspace:
        drill = hold_drill(workspace, Asked(kinds=("recode",), sizes=(1.0,)))
        bed = Bed.of(workspace)
    assert (drill.drilled[0].columns, drill.drilled[0].seen) == (("shop",), True)
    assert bed.numbers[:2] == ("x", "z")


def test_what_was_looked_at_is_named_where_no_input_has_levels(folder, tmp_path):
    place = tmp_path / "shop"
    place.mkdir()
    for name in ("reference", "production"):
        pd.read_parquet(folder / f"{name}.parquet").assign(shop="Tartu").to_parquet(place / f"{name}.parquet")
    (place / "case.toml").write_text((folder / "case.toml").read_text())
    with open_workspace(load_case(place)) as workspace:
        (one,) = hold_drill(workspace, Asked(kinds=("recode",), sizes=(1.0,))).drilled
    assert one.why.startswith("no input has 2 to 200 levels: looked at x (numeric, 2,")
    assert one.why.endswith("and shop (1 level)")
