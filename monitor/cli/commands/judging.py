"""Commands that measure, judge and report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import (
    Against,
    AsOf,
    Assignments,
    By,
    CaseArgument,
    Columns,
    EngineName,
    Findings,
    Master,
    Methods,
    OtherFile,
    OtherVersion,
    OtherWhere,
    OwnFile,
    OwnVersion,
    OwnWhere,
    Production,
    Quiet,
    RowsExplained,
    Seed,
    Swap,
    Where,
    Windows,
)

app = typer.Typer()


@app.command()
def measure(  # noqa: PLR0913 - each parameter is an option of the command
    analysis: Annotated[str, typer.Argument(metavar="ANALYSIS", help="One that 'driftscope analyses' lists, or all.", show_default=False)],
    case: CaseArgument,
    out: Annotated[str, typer.Option(metavar="FILE", help=".json, .csv or .parquet; '-' prints JSON; all: a folder.", show_default=False)],
    windows: Windows = "case",
    production: Production = None,
    against: Against = "reference",
    where: Where = None,
    production_where: OwnWhere = None,
    version: OwnVersion = None,
    file: OwnFile = None,
    against_where: OtherWhere = None,
    against_version: OtherVersion = None,
    against_file: OtherFile = None,
    swap: Swap = False,
    columns: Columns = None,
    methods: Methods = "default",
    by: By = None,
    as_of: AsOf = None,
    rows: RowsExplained = None,
    assignments: Assignments = None,
    seed: Seed = 0,
    findings: Findings = False,
    engine: EngineName = "duckdb",
    master: Master = None,
    quiet: Quiet = False,
) -> None:
    """Measure and judge, and write the table with its provenance."""
    from monitor.cli.engines import Engine
    from monitor.cli.measuring import Options, Side, measure_to_file

    options = Options(
        windows=windows,
        production=production,
        against=against,
        where=where,
        own=Side(where=production_where, version=version, file=file),
        other=Side(where=against_where, version=against_version, file=against_file),
        swap=swap,
        columns=columns,
        methods=methods,
        by=by,
        as_of=as_of,
        rows=rows,
        assignments=tuple(assignments or ()),
        seed=seed,
        quiet=quiet,
        findings=findings,
        engine=Engine(engine, master),
    )
    measure_to_file(analysis, case, out, options)


@app.command()
def analyses() -> None:
    """List the analyses: the name of each, and the question that it answers."""
    from monitor.registry import REGISTRY

    width = max(len(name) for name in REGISTRY)
    sys.stdout.writelines(f"{row.name:{width}}  {row.question}\n" for row in REGISTRY.values())


@app.command()
def check(
    case: CaseArgument,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Also write what was judged: .json, .csv, .parquet or '-'.")] = None,
    windows: Windows = "case",
    production: Production = None,
    against: Against = "reference",
    assignments: Assignments = None,
    quiet: Quiet = False,
) -> int:
    """Judge the alert rules of a case: exit 0 when nothing fired, 1 when something did, 2 when it could not run.

    They are the tables `alerts` of case.toml. A case without rules of its own has one: an incident with an alert that is new or goes on.
    """
    from monitor.cli.checking import check_case
    from monitor.cli.measuring import Options

    options = Options(windows=windows, production=production, against=against, assignments=tuple(assignments or ()), quiet=quiet)
    return check_case(case, out, options)


@app.command()
def report(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help=".html (self-contained), .pptx, .md or .pdf.", show_default=False)],
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="Who it is for: business, model-risk, ai-act or nist-ai-rmf.", show_default=False)
    ] = "",
    windows: Windows = "case",
    production: Production = None,
    against: Against = "reference",
    assignments: Assignments = None,
    quiet: Quiet = False,
) -> None:
    """Write what changed as a report that can be read without Driftscope."""
    from monitor.cli.measuring import Options
    from monitor.cli.reporting import report_case

    options = Options(windows=windows, production=production, against=against, assignments=tuple(assignments or ()), quiet=quiet)
    report_case(case, out, options, profile)
