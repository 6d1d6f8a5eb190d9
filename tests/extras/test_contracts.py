"""Contracts that need the extra `contract`; without it they are skipped, and say so."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.contract import measure_contract
from monitor.contract.formats.known import read_any
from monitor.contract.formats.odcs import write_odcs
from monitor.contract.formats.pandera import write_pandera
from monitor.contract.formats.reading import Read
from monitor.contract.model import DataContract, Lifecycle, NeverTogether, RangeBy, RowRule, Terms
from monitor.engine import open_tables
from monitor.judgement.contract import JudgedContract, judge_contract


def needs(package: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"{package} is not installed: pip install 'driftscope[contract]'")


SCHEMA = """
feature { name: "amount" type: FLOAT presence { min_fraction: 0.99 min_count: 1 } float_domain { min: 0 max: 5000 }
          lifecycle_stage: PRODUCTION }
feature { name: "country" type: BYTES domain: "country" drift_comparator { infinity_norm { threshold: 0.01 } }
          distribution_constraints { min_domain_mass: 0.95 } }
feature { name: "fraud" type: INT not_in_environment: "SERVING" bool_domain {} }
string_domain { name: "country" value: "DE" value: "FR" }
default_environment: "TRAINING" default_environment: "SERVING"
"""


def read(tmp_path: Path, text: str, name: str) -> Read:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_any(path)


def judged(contract: DataContract, production: pd.DataFrame) -> JudgedContract:
    reference = pd.DataFrame({"amount": np.tile([1.0, 10.0], 50), "country": ["DE", "FR"] * 50, "fraud": [0, 1] * 50})
    with open_tables(reference, production, task="none", windows="whole") as workspace:
        return judge_contract(measure_contract(workspace, contract=contract))


@needs("tensorflow_metadata")
def test_a_schema_of_tfdv_finds_the_anomalies_that_tfdv_names(tmp_path: Path) -> None:
    found = read(tmp_path, SCHEMA, "schema.pbtxt")
    told = {name: one.model_dump(mode="json", exclude_defaults=True) for name, one in found.contract.columns.items()}
    assert told == {
        "amount": {"type": "number", "missing": 0.01, "min": 0.0, "max": 5000.0},
        "country": {"type": "text", "levels": ["DE", "FR"], "outside": 0.05, "shift": 0.01},
        "fraud": {"type": "integer", "levels": ["0", "1"], "absent_in": ["production"]},
    }
    serving = pd.DataFrame({"amount": np.r_[-1.0, 6000.0, np.ones(98)], "country": ["US"] * 10 + ["DE", "FR"] * 45, "new": 1})
    held = judged(found.contract, serving)
    broken = {one.what: one for one in held.findings}
    seen = held.seen_of(broken["amount.range"])
    assert seen is not None
    assert (seen.low, seen.high) == (-1, 6000)  # FLOAT_TYPE_SMALL_FLOAT, FLOAT_TYPE_BIG_FLOAT
    assert broken["country.levels"].carried == ("US",)  # ENUM_TYPE_UNEXPECTED_STRING_VALUES
    assert "new.new_column" in broken  # SCHEMA_NEW_COLUMN
    assert not any(name.startswith("fraud") for name in broken)
    gone = {one.what for one in judged(found.contract, serving.drop(columns="country")).findings}
    assert "country.required" in gone  # SCHEMA_MISSING_COLUMN


@needs("open_data_contract_standard")
def test_a_contract_of_the_standard_is_written_and_read_back(tmp_path: Path) -> None:
    columns = {
        "amount": Terms(type="number", missing=0.01, min=0.0, max=5000.0),
        "country": Terms(type="text", missing=0.0, levels=("DE", "FR"), outside=0.05, shift=0.1),
        "code": Terms(type="text", pattern="[A-Z]{2}|x", unique=True),
        "old": Terms(required=False, lifecycle=Lifecycle.DEPRECATED),
    }
    text = write_odcs(DataContract(columns=columns), "payments", "team@example.org")
    found = read(tmp_path, text, "contract.odcs.yaml")
    assert dict(found.contract.columns) == columns
    assert found.notes == ("'team' is not about values and was left out.",)


@needs("open_data_contract_standard")
def test_rules_of_rows_come_back_whole(tmp_path: Path) -> None:
    contract = DataContract(
        columns={"a": Terms(missing=0.072), "b": Terms(), "c": Terms()},
        rules=(RowRule(id="a<=b", holds='"a" <= "b"', when="c = 'x'", outside=0.01),),
        never=(NeverTogether(columns=("b", "c"), pairs=(("1", "x"),)),),
        ranges=(RangeBy(column="a", by="c", ranges={"x": (0.0, 9.5)}),),
    )
    found = read(tmp_path, write_odcs(contract, "t"), "contract.odcs.yaml")
    assert found.contract == contract
    assert found.notes == ()


@needs("open_data_contract_standard")
def test_what_the_standard_leaves_open_is_said(tmp_path: Path) -> None:
    text = """
apiVersion: v3.1.0
kind: DataContract
schema:
- name: t
  properties:
  - name: x
    required: true
    logicalType: integer
    logicalTypeOptions: {exclusiveMinimum: 0, format: i32}
    quality:
    - {metric: duplicateValues, mustBeLessThan: 10}
    - {metric: nullValues, mustBeBetween: [0, 5], unit: percent}
    - {type: sql, query: "SELECT 1", mustBe: 0}
"""
    found = read(tmp_path, text, "c.yaml")
    assert found.contract.columns["x"].model_dump(mode="json", exclude_defaults=True) == {"type": "integer", "missing": 0.05, "min": 0.0}
    said = " ".join(found.notes)
    for part in (
        "exclusiveMinimum 0 was read as 0 included",
        "'format' of its type",
        "duplicateValues",
        "both ends included",
        "SELECT 1",
        "the rule was taken",
    ):
        assert part in said


@needs("pandera")
def test_a_schema_for_pandera_accepts_what_keeps_it_and_no_other() -> None:
    import pandera.errors

    contract = DataContract(
        columns={"amount": Terms(type="number", missing=0.2, min=0.0), "country": Terms(levels=("DE",), outside=0.5), "paid": Terms()},
        rules=(RowRule(id="paid<=amount", holds='"paid" <= "amount"'),),
        ranges=(RangeBy(column="amount", by="country", ranges={"DE": (0.0, 9.0)}),),
    )
    names: dict[str, object] = {}
    exec(write_pandera(contract, "t").text, names)  # noqa: S102 - our own text
    schema = names["SCHEMA"]
    good = pd.DataFrame({"amount": [1.0, 2.0, 3.0, 4.0, 5.0, np.nan], "country": ["DE"] * 5 + ["FR"], "paid": 1.0})
    schema.validate(good)  # type: ignore[attr-defined]
    with pytest.raises(pandera.errors.SchemaError, match="amount"):
        schema.validate(good.assign(amount=-1.0))  # type: ignore[attr-defined]
    for wrong, name in (({"paid": 2.0}, "paid<=amount"), ({"amount": 10.0}, r"amount\|country")):
        with pytest.raises(pandera.errors.SchemaError, match=name):
            schema.validate(good.assign(**wrong))  # type: ignore[attr-defined]
