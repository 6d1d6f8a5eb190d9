"""Reading contract.toml and writing it: one line a term, so that a change is one line of a diff."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from monitor.case.complaints import complaints
from monitor.case.writing import write_atomically
from monitor.contract.model import DataContract
from monitor.errors import CaseError

CONTRACT_FILE = "contract.toml"
MOST_BYTES = 5_000_000
HEAD = "What the data of this case have to keep: yours to edit, docs/contract.md says what each key means."


def load_contract(root: Path) -> DataContract | None:
    """Read the contract beside a case; None where there is none.

    Raises
    ------
    CaseError
        It is not TOML, or a key or value is wrong; the text names the key and the nearest known one.
    """
    path = root / CONTRACT_FILE
    if not path.is_file():
        return None
    if path.stat().st_size > MOST_BYTES:
        raise CaseError(f"'{path}' has {path.stat().st_size / 1e6:.0f} MB; a contract has at most {MOST_BYTES / 1e6:.0f}. Is it one?")
    try:
        return read_contract(path.read_text(encoding="utf-8"), called=f"{CONTRACT_FILE} in '{root}'")
    except OSError as error:
        raise CaseError(f"'{path}' cannot be read: {error.strerror}. Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise CaseError(f"'{path}' is not UTF-8: {error}") from error


def read_contract(text: str, *, called: str = CONTRACT_FILE) -> DataContract:
    r"""Read the text of a contract.

    Raises
    ------
    CaseError
        As `load_contract`.

    >>> read_contract('[columns.age]\nmin = 0').columns["age"].min
    0.0
    """
    try:
        return DataContract.model_validate(tomlkit.parse(text).unwrap())
    except TOMLKitError as error:
        raise CaseError(f"{called} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise CaseError(f"{called}: {'; '.join(_complaints(error))}") from error


def _complaints(error: ValidationError) -> list[str]:
    """Say what is wrong; of keys below a name that the file chose itself, the known ones are those of the group."""
    return complaints(error, DataContract)


def contract_text(contract: DataContract) -> str:
    r"""Write a contract as TOML.

    >>> from monitor.contract.model import Terms
    >>> print(contract_text(DataContract(columns={"age": Terms(min=0.0)})).split("\n\n")[-1].strip())
    [columns.age]
    min = 0
    """
    document = tomlkit.document()
    document.add(tomlkit.comment(HEAD))
    content = contract.model_dump(exclude_defaults=True)
    document["version"] = contract.version
    if not contract.complete:
        document["complete"] = False
    if contract.inferred is not None:
        document["inferred"] = contract.inferred.model_dump()
    columns = tomlkit.table(is_super_table=True)
    for name, terms in content.get("columns", {}).items():
        columns[name] = _table(terms)
    if content.get("columns"):
        document["columns"] = columns
    for part in ("rules", "never", "ranges"):
        if content.get(part):
            tables = tomlkit.aot()
            for one in content[part]:
                tables.append(_table(one))
            document[part] = tables
    return tomlkit.dumps(document)


def _table(values: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    for key, value in values.items():
        table[key] = _lines(value) if isinstance(value, (tuple, list)) and len(value) > 1 else _plain(value)
    return table


def _lines(values: Any) -> Any:
    """Return a list with a line for each entry where there are more than a few."""
    listed = tomlkit.array()
    listed.extend(_plain(one) for one in values)
    return listed.multiline(len(values) > 4)


def _plain(value: Any) -> Any:
    """Return a value as TOML holds it: whole numbers without a point."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def save_contract(root: Path, contract: DataContract) -> Path:
    """Write the contract beside a case in one step.

    Raises
    ------
    CaseError
        The folder cannot be written to.
    """
    path = root / CONTRACT_FILE
    try:
        write_atomically(path, contract_text(contract))
    except OSError as error:
        raise CaseError(f"'{path}' cannot be written: {error.strerror}. Check the permissions of the folder.") from error
    return path
