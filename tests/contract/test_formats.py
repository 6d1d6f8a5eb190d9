"""Contracts of other tools: what is read, and what is said of the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from monitor.contract.file import contract_text, read_contract
from monitor.contract.formats.known import READERS, format_of, read_any
from monitor.contract.formats.pandera import write_pandera
from monitor.contract.formats.reading import Read
from monitor.contract.model import DataContract, RangeBy, RowRule, Terms
from monitor.errors import CaseError


def read(tmp_path: Path, content: dict[str, Any]) -> Read:
    path = tmp_path / "constraints.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_any(path)


def terms(found: Read) -> dict[str, Any]:
    return {name: one.model_dump(mode="json", exclude_defaults=True) for name, one in found.contract.columns.items()}


def test_constraints_of_sagemaker(tmp_path: Path) -> None:
    features = [
        {"name": "age", "inferred_type": "Integral", "completeness": 0.99, "num_constraints": {"is_non_negative": True}},
        {"name": "city", "inferred_type": "String", "completeness": 1.0, "string_constraints": {"domains": ["Rome", "Oslo"]}},
        {"name": "odd", "inferred_type": "Tensor"},
    ]
    found = read(tmp_path, {"version": 0.0, "features": features, "monitoring_config": {"emit_metrics": "Enabled"}})
    assert terms(found) == {
        "age": {"type": "integer", "missing": 0.01, "min": 0.0},
        "city": {"type": "text", "missing": 0.0, "levels": ["Rome", "Oslo"]},
        "odd": {},
    }
    assert found.notes[0] == "odd: the type 'Tensor' was not understood."
    assert found.notes[1].startswith("'monitoring_config' says how SageMaker reports")


def test_the_tolerance_of_domains_of_sagemaker_is_that_of_levels(tmp_path: Path) -> None:
    domains = {"inferred_type": "String", "string_constraints": {"domains": ["a"]}}
    config = {"domain_content_threshold": 0.95, "datatype_check_threshold": 1.0}
    own = {"name": "strict", "monitoring_config_overrides": {"domain_content_threshold": 1.0}}
    found = read(tmp_path, {"features": [{"name": "loose"} | domains, domains | own], "monitoring_config": config})
    assert {name: one.outside for name, one in found.contract.columns.items()} == {"loose": 0.05, "strict": 0.0}
    assert "left out (datatype_check_threshold)" in found.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        {"features": [{"name": "a", "completeness": "all", "num_constraints": [1]}]},
        {"features": [{"name": "a", "inferred_type": ["Integral"], "string_constraints": "x"}], "monitoring_config": [1]},
        {"features": [{"name": "a", "numerical_statistics": {"common": [], "min": "low", "max": 3}}]},
        {"features": [{"name": "a", "string_statistics": {"common": {"num_missing": "few"}, "distribution": {"categorical": []}}}]},
        {"valueConstraints": {"a": 5}},
        {"valueConstraints": {"a": [5, {"op": ["LE"], "value": 1}]}},
        {"summaryConstraints": {"a": {"constraints": "x"}}},
        {
            "summaryConstraints": {
                "a": [{"op": "BTWN", "firstField": "max", "between": 3}, {"op": "EQ", "firstField": "column_values_type"}]
            }
        },
    ],
)
def test_parts_of_another_shape_are_noted(tmp_path: Path, content: dict[str, Any]) -> None:
    found = read(tmp_path, content)
    assert any("was not understood" in note for note in found.notes)


def test_constraints_of_whylogs_as_lists_are_those_of_objects(tmp_path: Path) -> None:
    found = read(tmp_path, {"valueConstraints": {"a": [{"op": "GE", "value": 0.0}]}, "summaryConstraints": {"a": [{"op": "EQ"}]}})
    assert terms(found) == {"a": {"min": 0.0}}
    assert found.notes == ("a: 'EQ' was not understood.",)


def test_statistics_of_sagemaker_are_ranges_without_moments(tmp_path: Path) -> None:
    numbers = {"common": {"num_present": 90, "num_missing": 10}, "mean": 4.0, "std_dev": 2.0, "min": 1.0, "max": 9.0}
    found = read(tmp_path, {"features": [{"name": "age", "inferred_type": "Fractional", "numerical_statistics": numbers}]})
    assert terms(found) == {"age": {"type": "number", "missing": 0.1, "min": 1.0, "max": 9.0}}
    assert any("mean, sum and std_dev were left out" in note for note in found.notes)


def test_constraints_of_whylogs(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "valueConstraints": {"loan": {"constraints": [{"value": 548250.0, "op": "LT"}, {"value": 2500.0, "op": "GE"}]}},
            "summaryConstraints": {
                "income": {
                    "constraints": [{"firstField": "min", "value": 0.0, "op": "GE"}, {"firstField": "mean", "value": 9, "op": "GT"}]
                },
                "n": {"constraints": [{"firstField": "null_count", "value": 0.0, "op": "EQ"}]},
            },
        },
    )
    assert terms(found) == {"loan": {"min": 2500.0, "max": 548250.0}, "income": {"min": 0.0}, "n": {"missing": 0.0}}
    assert found.notes == (
        "loan: 'below 548250' was read as that or 548250 itself; a contract knows closed ranges only.",
        "income: 'mean GT 9' was not understood.",
    )


def test_a_file_in_no_known_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"in no format that is known\. Say which with --format"):
        read(tmp_path, {"what": 1})
    with pytest.raises(CaseError, match=r"There is no format 'odsc'\. Did you mean 'odcs'"):
        read_any(tmp_path / "x.json", "odsc")
    assert format_of(tmp_path / "schema.pbtxt") in READERS


def test_a_wrong_key_of_a_contract_names_the_nearest() -> None:
    with pytest.raises(CaseError, match=r"unknown key 'columns.age.mn'. Did you mean 'min'\?"):
        read_contract("[columns.age]\nmn = 0")
    with pytest.raises(CaseError, match="min 3 lies above max 1"):
        read_contract("[columns.age]\nmin = 3\nmax = 1")


def test_a_contract_is_written_as_it_is_read() -> None:
    names = ["a b", 'quo"te', "ünï", "[x]"]
    contract = DataContract(columns={name: Terms(min=0.5, levels=("1", "it's"), pattern=r"a\d+") for name in names})
    assert read_contract(contract_text(contract)) == contract


def test_a_schema_for_pandera_says_orders_and_ranges_by_level() -> None:
    rules = (
        RowRule(id="order", holds='"from ""x""" <= upto'),
        RowRule(id="else", holds="a <= b", when="c > 1"),
        RowRule(id="due", holds="upto <= current_date"),
    )
    ranges = (RangeBy(column="days", by="shop", ranges={"web": (2.0, 9.0)}),)
    written = write_pandera(DataContract(complete=False, columns={"upto": Terms()}, rules=rules, ranges=ranges), "t")
    compile(written.text, "schema", "exec")
    assert written.notes == ("rule 'else': SQL cannot be said: a <= b", "rule 'due': SQL cannot be said: upto <= current_date")
    tests = re.findall(r"pa.Check\((lambda frame: .*), name=", written.text)
    frame = pd.DataFrame({'from "x"': [1, 2, None], "upto": [1, 1, 1], "days": [1, 3, None], "shop": ["web", "store", "web"]}).astype(
        {'from "x"': "Int64", "days": "Int64"}
    )
    kept = [eval(one)(frame).tolist() for one in tests]  # noqa: S307 - our own text
    assert kept == [[True, False, True], [False, True, True]]


def test_a_schema_for_pandera_is_python_and_says_what_it_leaves_out() -> None:
    contract = DataContract(columns={"age": Terms(min=0.0, missing=0.1, shift=0.2), 'x"y': Terms(levels=("a'b",), outside=0.01)})
    written = write_pandera(contract, 'odd"""name')
    compile(written.text, "schema", "exec")
    assert written.notes == ("age: the shift against the reference cannot be said.",)
