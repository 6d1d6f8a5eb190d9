"""Commands that open, begin, profile and trust cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import CaseArgument, EngineName, Master, Quiet, Windows

app = typer.Typer()


@app.command("app")
def open_app(
    cases: Annotated[Path | None, typer.Argument(metavar="CASES", help="A folder of cases, or one case; default the demo.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Where it listens on this machine; default 8501.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="What it listens on; another than this machine takes sign-in.")
    ] = None,
) -> None:
    """Open the workbench in a browser."""
    from monitor.cli.serving import serve

    serve(cases, port=port, headless=headless, address=address)


@app.command()
def init(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Reference, production and (optionally) labels.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the new case.", show_default=False)],
) -> None:
    """Guess roles and kinds from data and write a commented case.toml."""
    from monitor.cli.beginning import begin

    begin(sources, out)


@app.command()
def profile(
    case: CaseArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder that is written.", show_default=False)],
    engine: EngineName = "duckdb",
    master: Master = None,
    windows: Windows = "case",
    quiet: Quiet = False,
) -> None:
    """Count every column by window and write the counts: all that the screens need of the rows."""
    from monitor.cli.engines import Engine
    from monitor.cli.profiling import profile_case

    profile_case(case, out, engine=Engine(engine, master), windows=windows, quiet=quiet)


@app.command()
def trust(
    case: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="The folder of a case, or its case.toml.", show_default=False)
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Trust nothing: say what the case brings, or, without one, what you trust.")
    ] = False,
    revoked: Annotated[bool, typer.Option("--revoke", help="Trust the case no more.")] = False,
) -> None:
    """Let the code and models of a case run, as they are now, for you: look with --list first.

    What you trust is written, by its hash, in your own settings. When any of it changes it does not run until you trust it again.
    """
    from monitor.cli.trusting import trust_command

    trust_command(case, listed=listed, revoked=revoked)
