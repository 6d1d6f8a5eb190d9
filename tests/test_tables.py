"""A contract says of every column what it means and in which unit."""

from __future__ import annotations

import pytest

from monitor.errors import ContractError
from monitor.tables import Contract


def test_a_column_without_a_unit_is_refused() -> None:
    with pytest.raises(ContractError, match=r"Table 'waits' does not say the unit of \['patience'\]. Give it in `units`."):
        Contract("waits", ("window",), {"window": "id of the window", "patience": "how long people waited"})


def test_a_table_says_what_is_otherwise_there() -> None:
    columns = {"window": "id of the window", "n": "who waited", "value": "how long"}
    waits = Contract("waits", ("window",), columns, {"n": "people", "value": "minutes"})
    assert [waits.unit(name) for name in waits.columns] == ["text", "people", "minutes"]
