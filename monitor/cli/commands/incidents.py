"""Commands about incidents: told, kept, remedied, rehearsed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import Assignments, CaseArgument, Folder, Production, Quiet, Seed, Windows

app = typer.Typer()


@app.command()
def explain(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the first letters of it.", show_default=False)],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=".json or as a report; default: text.", show_default=False)] = None,
    afterwards: Annotated[
        bool, typer.Option("--postmortem", help="The skeleton of a postmortem (Markdown): what is not known is a question.")
    ] = False,
    remedies: Annotated[
        bool, typer.Option("--remedies", help="Try what could be done on its rows, and say next what follows from it: up to a minute.")
    ] = False,
    windows: Windows = "case",
    production: Production = None,
    assignments: Assignments = None,
    quiet: Quiet = False,
) -> None:
    """Tell one incident in full: cause, failure, impact, what belongs to it, what it was not, what comes next."""
    from monitor.cli.explaining import explain_incident
    from monitor.cli.measuring import Options

    options = Options(windows=windows, production=production, assignments=tuple(assignments or ()), quiet=quiet)
    explain_incident(case, incident, out, options, afterwards=afterwards, remedies=remedies)


@app.command()
def capsule(
    case: CaseArgument,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the first letters of it.", show_default=False)],
    out: Folder,
    windows: Windows = "case",
    production: Production = None,
    quiet: Quiet = False,
) -> None:
    """Write an incident as a folder that stands by itself: slices of the data, the case, and numbers that can be computed again."""
    from monitor.cli.capsules import make_capsule
    from monitor.cli.measuring import Options

    make_capsule(case, incident, out, Options(windows=windows, production=production, quiet=quiet))


@app.command()
def verify(
    capsule: Annotated[Path, typer.Argument(metavar="CAPSULE", help="The folder of a capsule.", show_default=False)],
) -> None:
    """Compute every number of a capsule again; nothing that lies in it runs. Exit code 0: all hold, 1: not, 2: it could not be read."""
    from monitor.cli.capsules import verify as verify_all

    raise typer.Exit(verify_all(capsule))


@app.command()
def remedy(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the first letters of it.", show_default=False)],
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Instead of text: .json, .csv, .parquet or '-'.")] = None,
    windows: Windows = "case",
    production: Production = None,
    assignments: Assignments = None,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Try what could be done about an incident on its rows: what each way would have brought, in which order it is worth it."""
    from monitor.cli.measuring import Options
    from monitor.cli.remedying import remedy_incident

    options = Options(windows=windows, production=production, assignments=tuple(assignments or ()), seed=seed, quiet=quiet)
    remedy_incident(case, incident, out, options)


@app.command()
def drill(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    kinds: Annotated[str | None, typer.Option(metavar="A,B", help="Incidents by the name of their cause; default all.")] = None,
    sizes: Annotated[str | None, typer.Option(metavar="P,Q", help="Shares of the rows that are hit; default 0.2,1.")] = None,
    segment: Annotated[str | None, typer.Option(metavar="COLUMN=LEVEL", help="Only rows of a segment, several with commas.")] = None,
    columns: Annotated[str | None, typer.Option(metavar="A,B", help="Columns that are hit before others.")] = None,
    on: Annotated[
        str, typer.Option(metavar="WHAT", help="reference (its last third) or production; default: where it is long enough.")
    ] = "",
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Instead of text: .json, .csv, .parquet or '-'.")] = None,
    windows: Windows = "case",
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Put incidents into a copy of the rows, and say which monitors would fire, after how many windows, and what stays invisible."""
    from monitor.cli.drilling import asked_for, drill_case

    drill_case(case, out, asked_for(kinds, sizes, segment, on, columns, seed), windows=windows, quiet=quiet)
