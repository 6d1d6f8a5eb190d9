"""Help of the command line: what is written is what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from rich.text import Text

from monitor.cli import app


def texts(command: Any, path: str = "driftscope") -> Iterator[tuple[str, str]]:
    yield path, command.help or ""
    yield from ((f"{path} {one.name}", getattr(one, "help", "") or "") for one in command.params)
    for name, part in getattr(command, "commands", {}).items():
        yield from texts(part, f"{path} {name}")


def test_no_name_in_brackets_is_swallowed_as_markup() -> None:
    told = dict(texts(typer.main.get_command(app)))
    assert "driftscope check" in told
    assert {path: text for path, text in told.items() if Text.from_markup(text).plain != text} == {}
