"""Which files of other tools are read, and which of them a file is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.errors import SourceError
from monitor.imports import evidently, evidently_legacy, nannyml, sagemaker, whylogs
from monitor.imports.captures import is_capture
from monitor.imports.reading import MOST_ROWS, Draft, File, read_file
from monitor.imports.table import Reported

Reader = Callable[[File, Draft], None]
_TABLES = (".csv", ".parquet")
_JSON: tuple[tuple[str, Callable[[Any], bool], Reader], ...] = (
    (evidently.TOOL, evidently.is_snapshot, evidently.read_snapshot),
    (evidently.TOOL, evidently_legacy.is_legacy_snapshot, evidently_legacy.read_legacy_snapshot),
    (evidently.TOOL, evidently_legacy.is_legacy, evidently_legacy.read_legacy),
    (evidently.TOOL, evidently.is_report, evidently.read_report),
    (whylogs.TOOL, whylogs.is_view, whylogs.read_view),
    (sagemaker.TOOL, sagemaker.is_violations, sagemaker.read_violations),
    (sagemaker.TOOL, sagemaker.is_statistics, sagemaker.read_statistics),
)
NO_TIME = "The file does not say when its data were: name the period with --window START..END."
TOLD = "reports and snapshots of Evidently, profiles of whylogs, results of NannyML, statistics and violations of SageMaker"


@dataclass(frozen=True, slots=True)
class Window:
    """The period that a person says a file is of: moments in UTC, ISO 8601."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a file: `notes` say what was not understood."""

    tool: str
    version: str
    rows: Sequence[Reported]
    notes: Sequence[str]


def read_results(path: Path, timezone: str, window: Window | None = None) -> Read:
    """Read what another tool reported.

    Parameters
    ----------
    timezone : in which moments are read that name none.
    window : the period of the data, where the file does not say.

    Raises
    ------
    SourceError
        It cannot be read, is of no known tool, or holds no numbers.
    SelectionError
        A period was named, and the file says its own.
    """
    file = read_file(path, timezone)
    tool, reader = _reader(file)
    draft = Draft(tool)
    try:
        reader(file, draft)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise SourceError(f"'{path}' looks like a file of {tool}, but is built otherwise than such files are ({error}).") from error
    if not draft.rows:
        raise SourceError(f"'{path}' is of {tool}, but no number in it was understood. {' '.join(draft.notes)}".rstrip())
    if len(draft.rows) > MOST_ROWS:
        raise SourceError(f"'{path}' holds {len(draft.rows):,} numbers; an import has at most {MOST_ROWS:,}. Import parts of it.")
    return Read(tool, draft.version, *_timed(path, draft, window))


def _timed(path: Path, draft: Draft, window: Window | None) -> tuple[Sequence[Reported], Sequence[str]]:
    if window is None:
        return draft.rows, [*draft.notes, *([NO_TIME] if draft.timeless else [])]
    if any(one.start and not window.start <= one.start < window.end for one in draft.rows):
        other = next(one.start for one in draft.rows if one.start and not window.start <= one.start < window.end)
        raise SourceError(f"'{path}' says itself that it is of {other}, which does not lie in the period of --window. Leave it out.")
    rows = [one if one.end else replace(one, start=window.start, end=window.end) for one in draft.rows]
    return rows, draft.notes


def _reader(file: File) -> tuple[str, Reader]:
    """Return the tool that a file is of, and what reads it.

    Raises
    ------
    SourceError
        It is of none that is known.
    """
    if whylogs.is_profile(file.content):
        return whylogs.TOOL, whylogs.read_profile
    if file.path.suffix.lower() in _TABLES:
        return _table_reader(file)
    if is_capture(file.content):
        raise SourceError(f"'{file.path}' holds rows that SageMaker logged. 'driftscope import captures FILE... --out DIR' makes a case.")
    content = file.json() if file.content.lstrip()[:1] in (b"{", b"[", b"\xef") else None
    found = next(((tool, reader) for tool, fits, reader in _JSON if fits(content)), None)
    if found is None and sagemaker.is_constraints(content):
        raise SourceError(f"'{file.path}' holds constraints. 'driftscope contract import CASE FILE' makes a contract of them.")
    if found is None:
        raise SourceError(f"'{file.path}' is none of the files that are read: {TOLD}.")
    return found


def _table_reader(file: File) -> tuple[str, Reader]:
    names = nannyml.names_of(nannyml.table_in(file))
    if nannyml.is_nannyml(names):
        return nannyml.TOOL, nannyml.read_nannyml
    if any(name == (whylogs.COUNT,) for name in names):
        return whylogs.TOOL, whylogs.read_table
    raise SourceError(f"'{file.path}' is a table, but neither NannyML's (results.to_df()) nor a profile of whylogs (view.to_pandas()).")
