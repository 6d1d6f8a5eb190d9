"""How far long work is, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from monitor.engine import Progress as Tell


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Tell]:
    """Give what the engine tells its progress to: a bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        # Even then somebody listens: only work that is watched can be interrupted while a query runs.
        yield lambda _share, _text: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share, text: bar.update(task, completed=share, description=text)


def tell(text: str, *, quiet: bool) -> None:
    """Print a summary on standard error."""
    if not quiet:
        Console(stderr=True, highlight=False).print(Text(text), soft_wrap=True)
