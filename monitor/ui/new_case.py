"""A new case from files: uploaded, or named by their path (better for anything large)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import streamlit as st

from monitor.case import DataSection, load_case, save_case
from monitor.engine import open_workspace
from monitor.engine.starting import InitReport, init_case
from monitor.errors import CaseError, DriftscopeError
from monitor.gate import Right, passing
from monitor.ui import here
from monitor.ui.door import locked
from monitor.ui.state import cases_folder, known_cases
from monitor.ui.text import md_escape

LONGEST_FILE = 60
"""Letters of the name under which an upload is kept."""
SUFFIXES = ("parquet", "csv", "tsv", "txt", "gz", "zst", "bz2", "json", "jsonl", "ndjson", "arrow", "feather")
_SIDES = {
    "reference": "Reference: when the model was right",
    "production": "Production: what it met since",
    "labels": "Labels that come later",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: its name as the browser sent it, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Side:
    """Where one data set comes from: uploads, or places as case.toml writes them."""

    uploads: tuple[Upload, ...] = ()
    places: tuple[str, ...] = ()


class DatesToChooseError(CaseError):
    """The timestamp can be read in two ways; `choices` are the formats of each such column."""

    def __init__(self, choices: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(f"Every date of {', '.join(choices)} can be read in two ways. Choose one and read the files again.")
        self.choices = choices


def new_case_form() -> None:
    """Show the form; a case that can be opened is written and shown."""
    st.markdown("Name the files of a model, or upload them. Roles and kinds are guessed; look at them on the next screen.")
    name = st.text_input("Name of the model", key="new_name", placeholder="NYC flights: late arrivals")
    sides = {data: _side(data, title) for data, title in _SIDES.items()}
    encoding = st.text_input(
        "Encoding of text files", key="new_encoding", placeholder="told by their bytes", help="Such as cp1251 or shift_jis.", width=320
    )
    formats = {column: format_choice(column, choices, key="new_dates") for column, choices in st.session_state.get("new_dates", {}).items()}
    if not st.button(
        "Read the files and guess", type="primary", icon=":material/auto_awesome:", key="new_create", disabled=locked(Right.OWN)
    ):
        return
    try:
        with st.spinner("Reading the files"):
            report = create_case(name, sides, folder=cases_folder(), formats=formats, encoding=encoding.strip())
    except DatesToChooseError as error:
        st.session_state["new_dates"] = dict(error.choices)
        st.rerun()
    except DriftscopeError as error:
        st.error(md_escape(error), title="No case was made", icon=":material/error:")
        return
    st.session_state.pop("new_dates", None)
    st.session_state["opening"] = report.path.parent.name
    st.session_state["unsure"] = (str(report.path.parent), report.unsure)
    st.rerun()


def format_choice(column: str, choices: tuple[str, str], *, key: str) -> str:
    """Ask which of two formats that all values of a column have is right, or whether times are those of the case's zone; return it."""
    dates = "%" in choices[0]
    if not choices[1]:
        label = f"The zone of the times of {md_escape(column)} is not certain. Read them in the time zone of the case (UTC if none is set)?"
        return str(st.radio(label, choices[:1], key=f"{key}.{column}"))
    label = f"Every {'date' if dates else 'number'} of {md_escape(column)} can be read in two ways. Which is right?"
    told = (lambda words: date_told(words, choices)) if dates else number_told
    return str(st.radio(label, choices, format_func=told, key=f"{key}.{column}"))


def number_told(words: str) -> str:
    """Return a format of numbers with what it makes of one.

    >>> number_told("decimal comma, unit EUR"), number_told("number")
    ('1.234 is 1234 (decimal comma, unit EUR)', '1.234 is 1.234 (number)')
    """
    return f"1.234 is {'1234' if 'decimal comma' in words else '1.234'} ({words})"


def date_told(words: str, choices: tuple[str, str]) -> str:
    """Return a format with what it makes of a date.

    >>> date_told("%m/%d/%Y", ("%d/%m/%Y", "%m/%d/%Y"))
    '01/02/2025 is 2 January 2025 (%m/%d/%Y)'
    """
    written = date(2025, 2, 1).strftime(choices[0].split(" | ")[0])
    read = datetime.strptime(written, words.split(" | ", maxsplit=1)[0]).replace(tzinfo=UTC)
    return f"{written} is {read.day} {read:%B %Y} ({words})"


def open_created() -> None:
    """Choose the case that was just made; runs before the address is read."""
    made = st.session_state.pop("opening", None)
    if made:
        here.choose({"case": made, "setup_tab": None})


def _side(data: str, title: str) -> Side:
    with st.container(border=True):
        st.markdown(f"**{title}**" + (" (optional)" if data == "labels" else ""))
        place = st.text_input(
            "Path, glob or table", key=f"new_{data}_place", placeholder="/data/2013/*.parquet or warehouse.duckdb::flights",
            help="Parquet, CSV, JSON lines or Arrow files, or file.duckdb::table. The files stay where they are.",
        )  # fmt: skip
        files = st.file_uploader("or upload", type=list(SUFFIXES), accept_multiple_files=True, key=f"new_{data}_files")
    return Side(tuple(Upload(file.name, file.getvalue()) for file in files), (place.strip(),) if place.strip() else ())


def create_case(
    name: str, sides: Mapping[str, Side], *, folder: Path, formats: Mapping[str, str] | None = None, encoding: str = ""
) -> InitReport:
    """Make the folder of a case with its uploads and a case.toml of guesses; `formats` are those of dates that were asked about, `encoding`
    is that of text files (empty: told by their bytes).

    Raises
    ------
    DriftscopeError
        When a name or a file is missing or cannot be read; nothing is left behind then.
    """
    for data in ("reference", "production"):
        if not (sides[data].uploads or sides[data].places):
            raise CaseError(f"The {data} data are missing. Upload a file or name a path.")
    root = folder / folder_name(name)
    if root.exists():
        raise CaseError(f"There is a case '{root.name}' already ({len(known_cases(folder))} cases in '{folder}'). Choose another name.")
    with passing(Right.OWN, "made the case", root):
        root.mkdir(parents=True)
        try:
            return _write(name.strip(), sides, root, formats or {}, encoding)
        except BaseException:
            shutil.rmtree(root)
            raise


def folder_name(name: str) -> str:
    """Return the folder of a case of that name.

    Raises
    ------
    CaseError
        When the name has no letter or digit.

    >>> folder_name("NYC flights: late arrivals"), folder_name("Кредиты 2026")
    ('nyc-flights-late-arrivals', 'кредиты-2026')
    """
    found = "-".join(re.findall(r"[^\W_]+", name.lower()))[:60].strip("-")
    if not found:
        raise CaseError("The case needs a name with letters or digits.")
    return found


def _write(name: str, sides: Mapping[str, Side], root: Path, formats: Mapping[str, str], encoding: str) -> InitReport:
    places = {data: _place(data, one, root) for data, one in sides.items() if one.uploads or one.places}
    sources = [place if "://" in place or Path(place).is_absolute() else root / place for place in places.values()]
    report = init_case(sources, root, formats=formats, encoding=encoding)
    case = load_case(root)
    unknown = {column: both for column, both in report.undecided.items() if column == case.roles.timestamp}
    if unknown:
        raise DatesToChooseError(unknown)
    case = replace(case, name=name, data=DataSection.model_validate({**places, "encoding": encoding}))
    with open_workspace(case):
        save_case(case)
    return report


def _place(data: str, one: Side, root: Path) -> str:
    """Keep the uploads of a data set in a folder of their own; return its place as case.toml writes it."""
    if one.uploads and one.places:
        raise CaseError(f"The {data} data are both uploaded and named by a path. Choose one.")
    if one.places:
        return one.places[0] if "://" in one.places[0] else os.path.abspath(os.path.expanduser(one.places[0]))
    target = root / data
    target.mkdir()
    for upload in one.uploads:
        _free(target / safe_file(upload.name)).write_bytes(upload.content)
    return f"{data}/*"


def _free(path: Path) -> Path:
    """Return the path, or one beside it where a file of that name is already: letters may differ by case only on some disks."""
    taken = {file.name.lower() for file in path.parent.iterdir()}
    stem, dot, ending = path.name.partition(".")
    names = (path.name, *(f"{stem}-{number}{dot}{ending}" for number in range(2, len(taken) + 3)))
    return path.with_name(next(name for name in names if name.lower() not in taken))


def safe_file(name: str) -> str:
    """Return the file name under which an upload is kept: no folder, no odd letter.

    >>> safe_file("../../etc/day 1.csv"), safe_file("Größe 日本.csv")
    ('day-1.csv', 'Größe-日本.csv')
    """
    base = re.split(r"[\\/]", name)[-1]
    clean = re.sub(r"[^\w.-]+", "-", base).lstrip(".-")[-LONGEST_FILE:]
    if clean.rsplit(".", 1)[-1].lower() not in SUFFIXES:
        raise CaseError(f"'{base}' cannot be read. Upload {', '.join(SUFFIXES)}.")
    return clean
