"""`driftscope fleet` and `driftscope serve-metrics`: many cases, from what their last runs left."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.cli.progress import tell
from monitor.runs.fleet import Row, fleet_of
from monitor.runs.serving import roots_of, server_of
from monitor.runs.words import WORDS, ago_text, fleet_doubt, fleet_headline, incidents_text, labels_text, new_text
from monitor.wording import plural

NOTHING, SOME = 0, 1


def show_fleet(folder: Path, *, check: bool, quiet: bool) -> int:
    """Print a line for each case, the most pressing first (with `check` only those that somebody has to look at), and return the exit code.

    Raises
    ------
    CaseError
        There is no such folder.
    """
    rows = fleet_of(folder)
    pressing = [one for one in rows if one.pressing]
    sys.stdout.writelines(_line(one) for one in (pressing if check else rows))
    tell(f"{fleet_headline(rows)} {fleet_doubt(rows)}", quiet=quiet)
    return SOME if check and pressing else NOTHING


def _line(row: Row) -> str:
    found = incidents_text(row)
    parts = (
        f"{WORDS[row.stand]}: {row.name} ({row.folder})",
        f"open incidents {found}" if found else "",
        f"new: {new_text(row)}" if new_text(row) else "",
        labels_text(row),
        f"owner {row.owner}" if row.owner else "no owner",
        f"last run {ago_text(row)}",
        row.note,
    )
    text = "; ".join(part for part in parts if part)
    return "".join(letter if letter.isprintable() else " " for letter in text) + "\n"


def serve_metrics(places: Sequence[Path], host: str, port: int, *, quiet: bool) -> None:
    """Serve stored runs until somebody stops it.

    Raises
    ------
    CaseError
        A folder holds no case.
    SettingError
        It cannot listen there.
    """
    roots = roots_of(places)
    with server_of(roots, host, port) as server:
        tell(f"Serving {plural(len(roots), 'case')} at http://{host}:{server.server_port}/metrics.", quiet=quiet)
        server.serve_forever()
