"""Text that is no table with a separator is refused in words; one column of text is one column."""

from pathlib import Path

import pandas as pd
import pytest

from monitor.engine.starting import init_case
from monitor.errors import SourceError

FRAME = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=40), "amount": [i * 1.5 for i in range(40)], "kind": ["a", "bcd"] * 20})
ODD = [
    (
        "a report",
        "Daily export\nMade: 2024-05-01 12:00\n\n" + FRAME.to_csv(index=False) + "Total rows: 40\n",
        "3 lines stand before its column names",
    ),
    ("fixed widths", FRAME.to_string(index=False), "parted by blanks"),
    ("two of fixed widths", FRAME[["amount", "kind"]].to_string(index=False, col_space=12), "parted by blanks"),
    ("blanks", FRAME.to_csv(index=False, sep=" "), "parted by blanks"),
]
ONE = [
    "text\n" + "".join(f"so it is{', so' * (i % 3)} {i}\n" for i in range(40)),
    "full name\n" + "".join(f"Ann Bo{i}\n" for i in range(40)),
    "x\n" + "".join(f"{i}\n" for i in range(40)),
    "what was said\n" + "".join(f"word {'more ' * (i % 4)}\n" for i in range(40)),
]


def _init(folder: Path, text: str) -> list[str]:
    paths = [folder / "reference.csv", folder / "production.csv"]
    for path in paths:
        path.write_text(text)
    return [one.column for one in init_case(paths, folder / "case").guesses]


@pytest.mark.parametrize(("text", "words"), [one[1:] for one in ODD], ids=[one[0] for one in ODD])
def test_what_is_no_table_of_separators_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        _init(tmp_path, text)


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("title", ["Sales, all of them\n", "Sales\n", "Sales;2024\nof; all\n\n"])
def test_a_title_is_passed_over_or_refused_never_taken_for_a_column(tmp_path: Path, title: str, separator: str) -> None:
    try:
        names = _init(tmp_path, title + FRAME.to_csv(index=False, sep=separator))
    except SourceError:
        return
    assert names == list(FRAME)


@pytest.mark.parametrize("text", ONE)
def test_one_column_of_text_is_one_column(tmp_path: Path, text: str) -> None:
    assert _init(tmp_path, text) == [text.split("\n", maxsplit=1)[0]]
