"""Whose turn it is: of runs on this machine that tell somebody something of a case, one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.case import Case
from monitor.case.settings import Settings
from monitor.engine.store import digest

LETTERS = 16
"""Of the fingerprint of a case's folder, in the name of the file that is locked."""


@contextmanager
def one_at_a_time(case: Case, what: str, otherwise: str) -> Iterator[None]:
    """Let one run at a time do something with a case, on this machine.

    Parameters
    ----------
    what : names the file in the user's settings that is locked ("alerts").
    otherwise : what does not happen where it cannot be ("nothing is sent").

    Raises
    ------
    SettingError
        The folder of settings cannot be written to.
    """
    name = f"{what}-{digest(os.path.realpath(case.root))[:LETTERS]}.json"
    with Settings(name, f"settings of {what}", otherwise).writing():
        yield
