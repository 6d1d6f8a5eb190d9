"""What `init` asks about columns that it read in one way and that may be meant in another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import init_case, open_workspace
from monitor.engine.columns import as_number
from monitor.engine.starting import InitReport
from monitor.vocabulary import Role

N = 400


def begun(folder: Path, reference: dict[str, object], production: dict[str, object] | None = None) -> InitReport:
    for name, columns in (("reference", reference), ("production", production or reference)):
        pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False, sep=";")
    return init_case([folder / "reference.csv", folder / "production.csv"], folder / "case")


def asked(made: InitReport, column: str) -> str:
    return " ".join(one for one in made.unsure if one.startswith((f"{column}:", f"some times of '{column}'")) or f"'{column}'" in one)


def test_offsets_in_a_part_of_the_values_are_said(tmp_path: Path) -> None:
    times = [f"2024-01-{1 + i % 28:02d}T10:00:00{'+05:30' if i % 2 else ''}" for i in range(N)]
    said = asked(begun(tmp_path, {"at": times, "v": range(N)}), "at")
    assert "some times of 'at' have an offset ('2024-01-02T10:00:00+05:30') and others none ('2024-01-01T10:00:00')" in said


@pytest.mark.parametrize(("values", "is_asked"), [((300, 850), True), ((0, 850), False), ((1, 2), False)])
def test_minus_one_far_from_all_others_is_asked_about(tmp_path: Path, values: tuple[int, int], is_asked: bool) -> None:
    rng = np.random.default_rng(0)
    made = begun(tmp_path, {"credit": np.where(rng.random(N) < 0.1, -1, rng.integers(*values, N)), "v": range(N)})
    assert ("-1 in" in asked(made, "credit")) == is_asked


@pytest.mark.parametrize("sign", [",", "."])
@pytest.mark.parametrize("written", [",", "."])
def test_three_decimals_or_thousands_are_what_the_other_columns_say(tmp_path: Path, sign: str, written: str) -> None:
    rng = np.random.default_rng(2)
    either = [f"{one:.3f}".replace(".", written) for one in rng.uniform(10, 99, N)]
    prices = [f"{one:.2f} €".replace(".", sign) for one in rng.gamma(2, 50, N)]
    made = begun(tmp_path, {"price": prices, "kwh": either, "v": range(N)})
    with open_workspace(load_case(made.path)) as workspace:
        value = as_number(workspace.columns["kwh"], "reference")
        found = workspace.connection.execute(f"SELECT max({value}) FROM {workspace.source('reference').relation}").fetchall()[0][0]
    assert (found < 100) == (sign == written)
    assert "All values could be read as" in asked(made, "kwh")


@pytest.mark.parametrize("letters", ["M", "MK"])
def test_one_letter_behind_numbers_may_be_a_unit_and_several_are_none(tmp_path: Path, letters: str) -> None:
    values = [f"{1 + i % 97}{letters[i % len(letters)]}" for i in range(N)]
    assert ("unit M" in asked(begun(tmp_path, {"size": values, "v": range(N)}), "size")) == (letters == "M")


@pytest.mark.parametrize("form", ["{:.3f}", "{:.1%}"])
def test_a_label_in_another_language_beside_a_probability(tmp_path: Path, form: str) -> None:
    rng = np.random.default_rng(1)
    share = rng.beta(2, 3, N)
    left = np.where(rng.random(N) < share, "oui", "non")
    made = begun(tmp_path, {"probabilité de résiliation": [form.format(one) for one in share], "résilié": left, "v": range(N)})
    assert {one.column: one.role for one in made.guesses}["résilié"] is Role.LABEL
    assert "'probabilité de résiliation' fits it as its probability" in asked(made, "résilié")
