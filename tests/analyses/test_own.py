"""Methods of a case's own: run only where the receiver trusts them, from inside the folder only, and what goes wrong is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.drift_result import DriftResult
from monitor.analyses.own import own_methods_of
from monitor.analyses.sides import Question
from monitor.case import DriftThresholds, load_case, revoke_trust, trust_case
from monitor.case.content import content_of
from monitor.cli import main
from monitor.engine import open_workspace
from monitor.errors import MethodError
from monitor.judgement.drift import judge_drift

CODE = """
import numpy as np
def gap(reference, production):
    print("noise")
    return float(np.median(production) - np.median(reference))
def counts(reference, production):
    p, q = (side / np.maximum(side.sum(axis=1, keepdims=True), 1) for side in (reference, production))
    return np.abs(p - q).sum(axis=1) / 2
def levels(reference, production):
    return len(set(production) - set(reference))
def fails(reference, production):
    raise KeyError("oops")
def leaves(reference, production):
    raise SystemExit(3)
def basest(reference, production):
    raise BaseException("no way back")
def huge(reference, production):
    return 10**400
def worded(reference, production):
    return "0.3"
def two(reference, production):
    return np.array([1.0, 2.0])
def nothing(reference, production):
    return None
def undefined(reference, production):
    return np.nan
def spoils(reference, production):
    reference[:] = 0
    return 0.0
LIMIT = 3
"""


def add(folder: Path, *, code: str = CODE, trusted: bool = True, **keys: object) -> None:
    """Add a method to the case, which the receiver trusts as it stands; texts of `keys` as in TOML."""
    (folder / "methods.py").write_text(code, encoding="utf-8")
    given = {"id": "mine", "function": "methods.py:gap"} | keys
    with (folder / "case.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[methods]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.items()))
    if trusted and not content_of(load_case(folder)).problems:
        trust_case(load_case(folder))


def measure(folder: Path, *methods: str, **question: object) -> DriftResult:
    with open_workspace(load_case(folder)) as workspace:
        return measure_drift(workspace, Question(**question), methods=methods)  # type: ignore[arg-type]


def test_a_method_of_values_is_measured_and_judged_by_its_floor(shop: Path) -> None:
    add(shop, floor=0.9, title="Gap of the medians", unit="kg", summary="How far the middle moved.")
    result = measure(shop, "mine", columns=("weight",), windows="whole")
    before, after = (pd.read_parquet(shop / f"{side}.parquet")["weight"].median() for side in ("reference", "production"))
    assert result.table["score"].tolist() == [pytest.approx(after - before)]
    assert result.catalogue.method("mine").title == "Gap of the medians"
    judged = judge_drift(result)
    assert judged.thresholds.floor_of("mine") == 0.9
    assert judged.table["limit"].iloc[0] >= 0.9


def test_a_method_of_cells_has_an_expectation_and_serves_categories(shop: Path) -> None:
    add(shop, function="methods.py:counts", needs="cells", kinds=["numeric", "categorical"], low=0, high=1)
    table = judge_drift(measure(shop, "mine", "tv")).table.set_index(["column", "window", "method"])["score"].unstack()
    np.testing.assert_allclose(table["mine"], table["tv"])
    judged = judge_drift(measure(shop, "mine")).table
    assert set(judged["kind"]) == {"numeric", "categorical"}
    assert judged["expected"].between(0, 1).all()
    assert own_methods_of(load_case(shop)).catalogue.method("mine").direction == "up"


def test_levels_of_categories_come_as_texts(shop: Path) -> None:
    add(shop, function="methods.py:levels", kinds="categorical")
    assert measure(shop, "mine", columns=("city",), windows="whole").table["score"].tolist() == [0]


def test_all_runs_own_methods_too(shop: Path) -> None:
    add(shop)
    assert "mine" in set(measure(shop, "all", columns=("weight",), windows="whole").table["method"])
    assert "mine" not in set(measure(shop, "default", columns=("weight",), windows="whole").table["method"])


def test_what_is_not_trusted_is_never_run(shop: Path) -> None:
    add(shop, code=f"open({str(shop / 'ran')!r}, 'w')\n{CODE}", trusted=False, trust=True)
    with pytest.raises(MethodError, match=r"'mine' was not loaded: it runs Python code .* not trusted it. Read .* driftscope trust /"):
        measure(shop, "mine")
    skipped = measure(shop, "all", columns=("weight",), windows="whole").skipped
    assert [(one.what, one.reason) for one in skipped if one.what == "mine"] == [("mine", "not_trusted")]
    assert not (shop / "ran").exists()


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        ({"function": "gone.py:gap"}, CODE, "'gone.py' is not there"),
        ({"function": "methods.py:gone"}, CODE, "'methods.py' has no function 'gone'"),
        ({"function": "methods.py:LIMIT"}, CODE, "'methods.py' has no function 'LIMIT'"),
        ({}, "import nowhere_to_be_found", "'methods.py' failed with ModuleNotFoundError: No module named"),
        ({}, "def gap(", "'methods.py' failed with SyntaxError"),
        ({}, "raise SystemExit(0)", "'methods.py' failed with SystemExit"),
        ({}, "\x00", "'methods.py' failed with (SyntaxError|ValueError)"),
    ],
)
def test_what_cannot_be_loaded_says_why(shop: Path, keys: dict[str, object], code: str, message: str) -> None:
    add(shop, code=code, **keys)
    with pytest.raises(MethodError, match=f"Method 'mine' was not loaded: {message}"):
        measure(shop, "mine")
    assert measure(shop, "default", columns=("weight",), windows="whole").table["score"].notna().all()


@pytest.mark.parametrize(("name", "message"), [("psi", "There is a method 'psi' already"), ("evidently", "names a set of methods")])
def test_taken_ids_are_refused(shop: Path, name: str, message: str) -> None:
    add(shop, id=name)
    assert message in own_methods_of(load_case(shop)).refused[0].message


def test_a_link_out_of_the_folder_is_not_followed(shop: Path) -> None:
    add(shop, function="linked.py:gap")
    (shop / "methods.py").rename(shop.parent / "outside.py")
    (shop / "linked.py").symlink_to(shop.parent / "outside.py")
    assert "leads out of the case folder" in own_methods_of(load_case(shop)).refused[0].message


@pytest.mark.parametrize(
    ("function", "needs", "message"),
    [
        ("fails", "values", "'mine' failed with KeyError: 'oops'"),
        ("leaves", "values", "'mine' failed with SystemExit: 3"),
        ("basest", "values", "'mine' failed with BaseException: no way back"),
        ("huge", "values", "'mine' returned int"),
        ("huge", "cells", "'mine' returned int"),
        ("worded", "values", "'mine' returned str"),
        ("two", "values", r"'mine' returned ndarray of shape \(2,\); it must return one number"),
        ("two", "cells", r"'mine' returned ndarray of shape \(2,\); it must return one number per window, an array of shape \(25,\)"),
        ("nothing", "values", r"'mine' returned NoneType \(None\)"),
        ("nothing", "cells", r"'mine' returned NoneType \(None\)"),
        ("spoils", "values", "'mine' failed with ValueError: assignment destination is read-only"),
        ("spoils", "cells", "'mine' failed with ValueError"),
    ],
)
def test_what_a_function_does_wrong_is_a_skipped_row(shop: Path, function: str, needs: str, message: str) -> None:
    add(shop, function=f"methods.py:{function}", needs=needs)
    result = measure(shop, "mine", "js", columns=("weight",), windows="1 day")
    assert set(result.table["method"]) == {"js"}
    found = [one for one in result.skipped if one.reason == "method_failed"]
    assert [one.what for one in found] == ["weight"]
    assert re.search(message, found[0].message)


def test_an_undefined_score_is_allowed(shop: Path) -> None:
    add(shop, function="methods.py:undefined")
    judged = judge_drift(measure(shop, "mine", columns=("weight",)))
    assert set(judged.table["status"]) == {"not_applicable"}


def test_an_edited_file_is_trusted_no_more_and_read_again_once_it_is(shop: Path) -> None:
    add(shop)
    first = own_methods_of(load_case(shop))
    assert own_methods_of(load_case(shop)) is first
    (shop / "methods.py").write_text("def gap(a, b):\n    return 7", encoding="utf-8")
    with pytest.raises(MethodError, match=r"it changed since you trusted it on .*: 'methods.py' is another"):
        measure(shop, "mine", columns=("weight",))
    trust_case(load_case(shop))
    assert own_methods_of(load_case(shop)).key != first.key
    assert set(measure(shop, "mine", columns=("weight",)).table["score"]) == {7.0}


def ended(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return int(stop.value.code or 0)


def test_the_command_line_runs_it_and_what_it_prints_is_no_result(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    add(shop)
    assert ended(["measure", "drift", str(shop), "--methods", "mine", "--out", "-", "--quiet"]) == 0
    told = capfd.readouterr()
    rows = json.loads(told.out)["table"]
    assert {(row["method"], row["kind"]) for row in rows} == {("mine", "numeric")}
    assert "noise" in told.err


def test_the_command_line_says_in_one_line_why_not(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    add(shop, trusted=False, trust=True)
    assert ended(["measure", "drift", str(shop), "--methods", "mine", "--out", "-", "--quiet"]) == 2
    told = capfd.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "driftscope trust" in told.err


PICKY = """
def gap(reference, production):
    if len(production) != 25:
        raise RuntimeError("not my windows")
    return production[:, -1] * 0.0
"""


def test_a_method_that_cannot_be_simulated_is_judged_without_an_expectation(shop: Path) -> None:
    add(shop, code=PICKY, needs="cells")
    result = measure(shop, "mine", columns=("weight",), windows="1 day")
    judged = judge_drift(result, DriftThresholds(method={"*": "mine"}))
    mine = judged.table[judged.table["method"] == "mine"]
    assert mine["expected"].isna().all()
    assert set(mine["status"]) <= {"stable", "too_few_rows"}


def test_two_methods_of_one_file_run_it_once(shop: Path) -> None:
    code = f"with open({str(shop / 'ran')!r}, 'a') as file:\n    file.write('x')\n{CODE}"
    add(shop, code=code)
    add(shop, code=code, id="other", function="methods.py:levels", kinds="categorical")
    assert {"mine", "other"} <= set(own_methods_of(load_case(shop)).catalogue.ids)
    assert (shop / "ran").read_text() == "x"


def test_what_was_taken_back_runs_no_more(shop: Path) -> None:
    add(shop)
    trusted = own_methods_of(load_case(shop))
    assert revoke_trust(shop)
    after = own_methods_of(load_case(shop))
    assert ("mine" in trusted.catalogue.ids, "mine" in after.catalogue.ids, after.key != trusted.key) == (True, False, True)
