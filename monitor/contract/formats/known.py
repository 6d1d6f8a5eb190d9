"""Which formats there are, and which a file is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from monitor.contract.file import read_contract
from monitor.contract.formats.odcs import read_odcs
from monitor.contract.formats.reading import Read, json_of, text_of
from monitor.contract.formats.sagemaker import is_sagemaker, read_sagemaker
from monitor.contract.formats.tfdv import read_tfdv
from monitor.contract.formats.whylogs import is_whylogs, read_whylogs
from monitor.errors import CaseError, nearest


def _own(path: Path) -> Read:
    return Read(read_contract(text_of(path), called=f"'{path}'"))


READERS: Mapping[str, Callable[[Path], Read]] = {
    "driftscope": _own,
    "tfdv": read_tfdv,
    "whylogs": read_whylogs,
    "sagemaker": read_sagemaker,
    "odcs": read_odcs,
}
WRITTEN = ("odcs", "pandera")
_SUFFIXES = {".toml": "driftscope", ".pbtxt": "tfdv", ".pbtext": "tfdv", ".textproto": "tfdv", ".yaml": "odcs", ".yml": "odcs"}


def read_any(path: Path, form: str = "") -> Read:
    """Read a contract in any known format.

    Parameters
    ----------
    form : name of the format; default told from the file.

    Raises
    ------
    CaseError
        The format is not known, or the file is not in it.
    ExtensionMissingError
        The extra `contract` is not installed, which the format needs.
    """
    if form and form not in READERS:
        raise CaseError(f"There is no format '{form}'.{nearest(form, READERS)} Use {', '.join(READERS)}.")
    return READERS[form or format_of(path)](path)


def format_of(path: Path) -> str:
    """Return the name of the format that a file is in.

    Raises
    ------
    CaseError
        It is in none that is known.
    """
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None and path.suffix.lower() == ".json":
        content = json_of(path)
        found = "sagemaker" if is_sagemaker(content) else "whylogs" if is_whylogs(content) else "odcs" if "schema" in content else None
    if found is None:
        raise CaseError(f"'{path}' is in no format that is known. Say which with --format: {', '.join(READERS)}.")
    return found
