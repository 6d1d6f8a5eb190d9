"""Text files that are not in UTF-8: how they are written is told by their bytes, and they are written again in the store as UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from monitor.engine.dialect import PACKED
from monitor.engine.files import Stamp
from monitor.engine.store import Store, digest
from monitor.errors import SourceError
from monitor.tables import Skipped

_CHUNK = 1 << 22
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WESTERN = "cp1252"
_BEGINNING = 4000
_PAIRED = 0.9
"""Share of every second byte that is zero in UTF-16 of mostly plain letters."""
_FOREIGN, _MOST_FOREIGN = 3, 0.2
"""Letters beyond ASCII stand alone or by twos in languages of western Europe: where more than this share of them stands in longer runs the
text is Cyrillic, Greek or Asian, in an encoding that nobody can know."""
_TOLD = {_WESTERN: "Windows-1252 (of which Latin-1 is a part)", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-8-sig": "UTF-8"}


def in_utf8(data: str, stamped: Sequence[Stamp], *, wanted: str, store: Store) -> tuple[list[Path], list[Skipped]]:
    """Return the files that are `stamped` with those written again that are not in UTF-8, and what is to be said of them.

    `wanted` is the encoding that the case names; empty: told by the bytes. What is in none that can be told is left as it is.
    """
    files = [Path(name) for name, *_ in stamped]
    key = digest("encoding", stamped, wanted)
    stored = store.load("encoding", key)
    found = list(stored[1]) if stored is not None else [_told(wanted) if wanted else _encoding(file) for file in files]
    if stored is None:
        store.save("encoding", key, {}, found)
    plain = [_written(data, one, encoding, store) if encoding else Path(one[0]) for one, encoding in zip(stamped, found, strict=True)]
    return plain, [_note(data, files, found, wanted)] if any(one not in ("", "utf-8-sig") for one in found) else []


def _told(wanted: str) -> str:
    return "" if wanted in ("utf-8", "ascii") else wanted


def _note(data: str, files: Sequence[Path], found: Sequence[str], wanted: str) -> Skipped:
    first, encoding = next((file, one) for file, one in zip(files, found, strict=True) if one)
    others = sum(one != "" for one in found) - 1
    more = f" and {others:,} more" if others else ""
    told = f"{data}: '{first.name}'{more} is not in UTF-8 and was read as {_TOLD.get(encoding, encoding.upper())}"
    advice = (
        "."
        if wanted or encoding != _WESTERN
        else '. Where letters look wrong, name the encoding under [data], such as encoding = "cp1250".'
    )
    return Skipped(data, "encoding", told + advice)


def _chunks(file: Path) -> Iterator[bytes]:
    with pa.input_stream(str(file), compression=PACKED.get(file.suffix.lower())) as stream:
        yield from iter(partial(stream.read, _CHUNK), b"")


def _encoding(file: Path) -> str:
    """Return the encoding of a text file; empty for UTF-8, and where none can be told or the file cannot be read."""
    try:
        begins = next(_chunks(file), b"")[:_BEGINNING]
        for encoding in _proposed(begins):
            if _decodes(file, encoding):
                return encoding
        return _WESTERN if not _decodes(file, "utf-8") and _western(file) else ""
    except OSError:
        return ""


def _proposed(begins: bytes) -> list[str]:
    marked = next((name for mark, name in _MARKS.items() if begins.startswith(mark)), None)
    if marked is not None:
        return [marked]
    if begins.startswith(codecs.BOM_UTF8) and begins.removeprefix(codecs.BOM_UTF8)[:1] in (b"{", b"["):
        return ["utf-8-sig"]  # lines of JSON with a mark, which DuckDB does not take
    even, odd = begins[0::2], begins[1::2]
    halves = (("utf-16-le", odd, even), ("utf-16-be", even, odd))
    return [name for name, zero, other in halves if zero and zero.count(0) >= _PAIRED * len(zero) and other.count(0) == 0]


def _decodes(file: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(file):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
_MULTIBYTE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_RUN = re.compile(rb"[\x80-\xff]+")


def _western(file: Path) -> bool:
    """Say whether a file that is no UTF-8 is text of a language of western Europe: neither UTF-8 with damage nor another alphabet."""
    high = paired = foreign = 0
    for chunk in _chunks(file):
        if _CONTROL.search(chunk):
            return False
        runs = [len(run) for run in _RUN.findall(chunk)]
        high += sum(runs)
        foreign += sum(length for length in runs if length >= _FOREIGN)
        paired += sum(len(found) for found in _MULTIBYTE.findall(chunk))
    return foreign <= _MOST_FOREIGN * high and paired <= _MOST_FOREIGN * high


def _written(data: str, stamped: Stamp, encoding: str, store: Store) -> Path:
    file = Path(stamped[0])
    suffix = Path(file.stem).suffix if file.suffix.lower() in PACKED else file.suffix
    path = store.path("utf8", digest(stamped, encoding), suffix.lower())

    def make(temporary: Path) -> None:
        decoder = codecs.getincrementaldecoder(encoding)()
        with temporary.open("wb") as plain:
            for chunk in _chunks(file):
                plain.write(decoder.decode(chunk).encode())
            plain.write(decoder.decode(b"", final=True).encode())

    try:
        return path if path.is_file() else store.write(path, make)
    except UnicodeError as error:
        raise SourceError(
            f"{data}: '{file.name}' is not in {encoding}, as encoding under [data] says. Correct it, or take it out."
        ) from error
    except OSError as error:
        raise SourceError(f"{data}: '{file.name}' cannot be unpacked: {error}. Write the file again, or correct its ending.") from error
