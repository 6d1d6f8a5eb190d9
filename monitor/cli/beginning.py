"""`driftscope init`: a case from nothing but its data."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.engine import init_case


def begin(sources: Sequence[str], out: Path, *, encoding: str = "") -> None:
    """Write case.toml, say what was guessed and what to look at."""
    made = init_case(sources, out, encoding=encoding)
    lines = [f"Written: {made.path}", "Guessed:"]
    lines += [f"  {guess.column}: {guess.role}, {guess.kind} ({guess.reason})" for guess in made.guesses]
    if made.read:
        lines += ["Read (changeable under [formats] and [data] missing):", *(f"  {sentence}" for sentence in made.read)]
    if made.unsure:
        lines += ["Not sure of - look at these lines of case.toml:", *(f"  {doubt}" for doubt in made.unsure)]
    sys.stdout.write("\n".join(" ".join(line.split()) if line[:2] != "  " else f"  {' '.join(line.split())}" for line in lines) + "\n")
