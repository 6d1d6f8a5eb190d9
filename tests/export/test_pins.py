from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export import shelf
from monitor.export.finding_pins import cell_pin, drift_pin
from monitor.export.pin import Pin, new_pin, pins_json, subject_of
from monitor.export.pins import comment, keep_once, list_pins, pin, unpin
from monitor.export.report import pin_figures
from monitor.export.shelf import pins_folders
from monitor.judgement.drift import JudgedDrift


def small(title: str = "Something") -> Pin:
    return new_pin(case="small", title=title, sentence="It changed.", analysis="drift")


def test_a_pin_holds_all_that_is_needed_to_read_it_without_the_data(judged: JudgedDrift, case: Case) -> None:
    finding = judged.findings[0]
    pin(case, drift_pin(finding, judged, view="case=small&win=1+week", charts=[{"mark": "line"}]))
    kept = list_pins(case).pins[0]
    assert (kept.finding["what"], kept.finding["limit"]) == (finding.what, pytest.approx(finding.limit))
    assert {row["column"] for row in kept.rows} == {finding.what}
    assert {"limit", "run_limit", "when"} <= set(kept.rows[0])
    assert kept.provenance["summary"]["family"] == judged.family
    assert (kept.view, kept.charts, kept.analysis) == ("case=small&win=1+week", ({"mark": "line"},), "drift")
    assert kept.sentence.startswith(finding.what)


def test_that_nothing_changed_can_be_pinned(judged: JudgedDrift, case: Case) -> None:
    window = judged.windows.ids[0]
    kept = pin(case, cell_pin(("city", window), judged))
    assert kept.title == "city did not change beyond chance in week of 25 Mar 2024"
    assert "would have been seen here in 4 of 5 cases" in kept.sentence
    assert (subject_of(kept), kept.finding["status"]) == ("city", "stable")
    assert [row["when"] for row in pin_rows(kept)] == ["week of 25 Mar 2024"]


def test_a_cell_that_is_not_there_cannot_be_pinned(judged: JudgedDrift) -> None:
    with pytest.raises(SelectionError, match="There is no column 'nothing'"):
        cell_pin(("nothing", judged.windows.ids[0]), judged)


@pytest.mark.parametrize(
    ("finding", "subject"),
    [
        ({"column": "age", "onset": "2024-W18", "worst": "2024-W19"}, "age"),
        ({"method": "correlation", "title": "x"}, "correlation"),
        ({"what": 3}, "3"),
        ({}, ""),
    ],
)
def test_pins_of_earlier_versions_are_read(case: Case, finding: dict[str, object], subject: str) -> None:
    old = {"column": "age", "window": "2024-W18", "method": "js", "status": "alert", "score": 0.4, "expected": 0.1, "threshold": 0.1}
    kept = pin(case, replace(small(), finding=finding, rows=(old,)))
    assert subject_of(list_pins(case).pins[0]) == subject
    told = pin_figures(kept)
    assert told.columns[4] == "Expected up to"
    assert told.rows[0][:5] == ("week of 29 Apr 2024", "–", "Jensen–Shannon distance", "0.4", "0.1")


def pin_rows(kept: Pin) -> list[dict[str, object]]:
    return [dict(row) for row in kept.rows if row["primary"]]


def test_the_newest_pin_comes_first(case: Case) -> None:
    kept = [pin(case, small(str(number))) for number in range(3)]
    assert [one.id for one in list_pins(case).pins] == [one.id for one in reversed(kept)]


def test_pins_lie_beside_the_case(case: Case) -> None:
    kept = pin(case, small())
    assert (case.root / ".driftscope" / "pins" / f"{kept.id}.json").is_file()


def test_a_case_that_cannot_be_written_to_pins_in_the_users_folder(case: Case) -> None:
    (case.root / ".driftscope").write_text("a file is in the way")
    kept = pin(case, small())
    assert (pins_folders(case)[1] / f"{kept.id}.json").is_file()
    assert list_pins(case).pins == (kept,)


def test_pins_of_both_folders_are_listed(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pin(case, small("first"))
    monkeypatch.setattr(shelf, "pins_folders", lambda _case: (pins_folders(case)[1], pins_folders(case)[0]))
    second = pin(case, small("second"))
    assert {one.id for one in list_pins(case).pins} == {first.id, second.id}


def test_a_comment_replaces_the_one_before(case: Case) -> None:
    kept = pin(case, small())
    comment(case, kept.id, "first")
    changed = comment(case, kept.id, "Ünïcode\n=2+2")
    assert list_pins(case).pins == (replace(kept, comment="Ünïcode\n=2+2"),) == (changed,)


def test_what_is_unpinned_moves_to_the_trash(case: Case) -> None:
    kept = pin(case, small())
    place = unpin(case, kept.id)
    assert list_pins(case).pins == ()
    assert json.loads(place.read_text())["title"] == "Something"
    assert place.parent.name == "trash"


@pytest.mark.parametrize("pin_id", ["../../case", "", "20240101T000000000000-00000000/..", "x"])
def test_an_id_is_never_a_path(case: Case, pin_id: str) -> None:
    with pytest.raises(SelectionError, match="is not the id of a pin"):
        comment(case, pin_id, "text")


def test_a_pin_that_is_gone_is_said_to_be_gone(case: Case) -> None:
    kept = pin(case, small())
    unpin(case, kept.id)
    with pytest.raises(SelectionError, match="There is no pin"):
        unpin(case, kept.id)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "damaged: Invalid JSON"),
        (b'{"id": "cut o', "damaged: Invalid JSON"),
        (b"\xff\xfe\x00", "damaged: Invalid JSON"),
        (b"[]", "damaged"),
        (b'{"id": 3}', "damaged at 'id'"),
    ],
)
def test_a_damaged_pin_is_reported_and_left_alone(case: Case, content: bytes, message: str) -> None:
    kept = pin(case, small())
    broken = pins_folders(case)[0] / "20240101T000000000000-00000000.json"
    broken.write_bytes(content)
    found = list_pins(case)
    assert found.pins == (kept,)
    assert [one.path for one in found.unreadable] == [broken]
    assert message in found.unreadable[0].message
    assert broken.read_bytes() == content


def test_a_pin_of_a_later_version_is_reported(case: Case) -> None:
    kept = pin(case, replace(small(), format=99))
    assert "another version" in list_pins(case).unreadable[0].message
    assert kept.format == 99


WRITER = """
import sys
from monitor.case import load_case
from monitor.export.pins import comment
case = load_case(sys.argv[1])
print("ready", flush=True)
for number in range(100_000):
    comment(case, sys.argv[2], f"{number} " * 20_000)
"""


def test_a_kill_while_writing_never_damages_a_pin(case: Case) -> None:
    kept = pin(case, small())
    for pause in (0.0, 0.011, 0.023):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(case.root), kept.id], stdout=subprocess.PIPE, env=os.environ.copy())
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.05 + pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        found = list_pins(case)
        assert (len(found.pins), found.unreadable) == (1, ())
    words = list_pins(case).pins[0].comment.split()
    assert len(words) == 20_000
    assert len(set(words)) == 1


def test_pins_as_json(case: Case) -> None:
    kept = small()
    assert json.loads(pins_json([kept]))["pins"][0]["id"] == kept.id


def test_the_same_thing_is_pinned_once_and_comments_are_joined(judged: JudgedDrift, case: Case) -> None:
    finding = judged.findings[0]
    first = keep_once(case, drift_pin(finding, judged, comment="Ann: the sensor?"))
    again = keep_once(case, drift_pin(finding, judged, comment="Bob: it is.", charts=[{"mark": "line"}]))
    assert (again.id, again.created) == (first.id, first.created)
    assert list_pins(case).pins == (again,)
    assert (again.comment, again.charts) == ("Ann: the sensor?\n\nBob: it is.", ({"mark": "line"},))
    assert keep_once(case, drift_pin(finding, judged)).comment == again.comment


def test_other_findings_and_too_many_words_make_pins_of_their_own(judged: JudgedDrift, case: Case) -> None:
    windows = judged.windows.ids
    for window in windows[:2]:
        keep_once(case, cell_pin(("city", window), judged))
    assert len(list_pins(case).pins) == 2
    keep_once(case, cell_pin(("city", windows[0]), judged, comment="x" * 3000))
    keep_once(case, cell_pin(("city", windows[0]), judged, comment="y" * 3000))
    assert len(list_pins(case).pins) == 3
