"""The command `driftscope`: the same work without a screen.

Each command imports what it needs when it runs, so that `--help` and `app` do not wait for the numerical packages.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from monitor.cli.commands import cases, exchange, imports, incidents, judging, models, schedules, telling
from monitor.errors import DriftscopeError

COULD_NOT_RUN, INTERRUPTED = 2, 130
BLAS_THREADS = "OPENBLAS_NUM_THREADS"

app = typer.Typer(
    name="driftscope",
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Is the model still right, since when not, and why? With --debug an unexpected error shows where it arose.",
)

for _part in (cases, judging, schedules, incidents, models, exchange, imports, telling):
    app.add_typer(_part.app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line: exit 0 done (check: nothing fired), 1 something fired, 2 could not run, 130 interrupted.

    Linear algebra has one thread unless the environment says otherwise, also in the server that `app` becomes: matrices have a few hundred
    dimensions, and threads that wait for each other on busy cores cost twenty times what they save.
    """
    os.environ.setdefault(BLAS_THREADS, "1")
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    sys.exit(_run([argument for argument in given if argument != "--debug"], debug=debug))


def _run(arguments: Sequence[str], *, debug: bool) -> int:
    try:
        return int(app(args=list(arguments), prog_name="driftscope", standalone_mode=False) or 0)
    except DriftscopeError as error:
        return _complain(str(error), debug=debug)
    except typer.TyperException as error:
        return _complain(error.format_message() or "Name a command. 'driftscope --help' lists them.", debug=debug)
    except (KeyboardInterrupt, typer.Abort):
        _say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of standard output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - the outermost boundary: exit 1 would mean that an alert fired
        known = f"{type(error).__name__}: {error}"
        return _complain(f"Unexpected {known} - a defect of Driftscope. Run again with --debug to see where it arose.", debug=debug)


def _complain(text: str, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    _say(text)
    return COULD_NOT_RUN


def _say(text: str) -> None:
    """Print one line on standard error, whatever line breaks or control characters the text holds."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    sys.stderr.write(f"driftscope: {line}\n")
