"""Commands of schedules, and of many cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import CaseArgument, Quiet

app = typer.Typer()


@app.command()
def run(
    case: CaseArgument,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write CASE.prom, CASE.openmetrics and CASE-findings.json there.")
    ] = None,
    report: Annotated[str, typer.Option(metavar="FORM", help="Also a report in DIR: html, md, pptx or pdf.", show_default=False)] = "",
    quiet: Quiet = False,
) -> int:
    """Judge what is new, tell whom rules name, write exports: what a schedule calls. Where nothing is new, nothing is done twice.

    One line of JSON on standard output. Exit 0 when nothing fired, 1 when something did, 2 when it could not run or somebody not be told.
    """
    from monitor.cli.running import run_case

    return run_case(case, out, report, quiet=quiet)


@app.command()
def fleet(
    cases: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of cases.", show_default=False)],
    check: Annotated[bool, typer.Option("--check", help="Only cases that somebody has to look at; exit 1 where there are such.")] = False,
    quiet: Quiet = False,
) -> int:
    """List the cases of a folder as their last runs left them, the most pressing first: nothing is computed."""
    from monitor.cli.fleet import show_fleet

    return show_fleet(cases, check=check, quiet=quiet)


@app.command("serve-metrics")
def serve(
    cases: Annotated[list[Path], typer.Argument(metavar="CASE...", help="Cases, or folders of cases.", show_default=False)],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 9464,
    host: Annotated[str, typer.Option(help="Where it listens. Who can reach it can read what was found.")] = "127.0.0.1",
    quiet: Quiet = False,
) -> None:
    """Serve what the last runs found to Prometheus, at /metrics: nothing is computed in a request. /healthz says that it runs."""
    from monitor.cli.fleet import serve_metrics

    serve_metrics(cases, host, port, quiet=quiet)
