"""Commands of the contract, and of what other systems read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import CaseArgument, Production, Quiet, Store, Windows

app = typer.Typer()
contract_app = typer.Typer(no_args_is_help=True, help="What the data of a case have to keep.")
app.add_typer(contract_app, name="contract")
export_app = typer.Typer(no_args_is_help=True, help="What was judged, for other systems.")
app.add_typer(export_app, name="export")


@contract_app.command("infer")
def contract_infer(
    case: CaseArgument,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Default contract.toml beside case.toml; '-': standard output.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over the contract that is there.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write the contract that the reference suggests: terms that stretches of it which were held out keep."""
    from monitor.cli.contracting import infer

    infer(case, out, replace=replace, quiet=quiet)


@contract_app.command("check")
def contract_check(
    case: CaseArgument,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Also write what was judged: .json, .csv, .parquet or '-'.")] = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", metavar="CLAUSE", help="Change the contract so that this clause is kept.")
    ] = None,
    windows: Windows = "case",
    production: Production = None,
    quiet: Quiet = False,
) -> int:
    """Say which clauses production breaks, with values, rows, the first time and what would have to change: exit 0 none, 1 some."""
    from monitor.cli.contracting import check
    from monitor.cli.measuring import Options

    return check(case, out, tuple(accept or ()), Options(windows=windows, production=production, quiet=quiet))


@contract_app.command("export")
def contract_export(
    case: CaseArgument,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="odcs (3.1) or pandera.", show_default=False)],
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Default beside case.toml; '-': standard output.")] = None,
    quiet: Quiet = False,
) -> None:
    """Write the contract for another tool."""
    from monitor.cli.contracting import export

    export(case, form, out, quiet=quiet)


@contract_app.command("import")
def contract_import(
    case: CaseArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Of TFDV, whylogs, SageMaker, ODCS, or a contract.toml.", show_default=False)
    ],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="Default: told from the file.", show_default=False)] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Instead of the contract that is there, not into it.")] = False,
    quiet: Quiet = False,
) -> None:
    """Read a contract of another tool, and say what of it was not understood or could be read in several ways."""
    from monitor.cli.contracting import take

    take(case, file, form, replace=replace, quiet=quiet)


@export_app.command("openmetrics")
def openmetrics(
    case: CaseArgument,
    out: Annotated[str, typer.Option(metavar="FILE", help="'-': standard output.", show_default=False)],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="openmetrics, or prometheus for a textfile collector.")
    ] = "openmetrics",
    analyses: Annotated[str, typer.Option(metavar="A,B", help="Or all. Default those that learn nothing anew.")] = (
        "drift,predictions,quality,contract,pipelines,performance,operations"
    ),
    windows: Windows = "case",
    quiet: Quiet = False,
) -> None:
    """Judge a case and write findings and the numbers of its last whole window for Prometheus."""
    from monitor.cli.exporting import export_openmetrics
    from monitor.cli.measuring import Options

    export_openmetrics(case, out, form, analyses, Options(windows=windows, quiet=quiet))


@export_app.command("modelcard")
def modelcard(
    case: CaseArgument,
    out: Annotated[str, typer.Option(metavar="FILE", help="'-': standard output.", show_default=False)],
    windows: Windows = "case",
    quiet: Quiet = False,
) -> None:
    """Write a model card as a CycloneDX 1.6 bill of materials: metrics with intervals, data, limits, what was seen of fairness."""
    from monitor.cli.exporting import export_modelcard
    from monitor.cli.measuring import Options

    export_modelcard(case, out, Options(windows=windows, quiet=quiet))


@export_app.command("mlflow")
def mlflow(
    case: CaseArgument,
    store: Store,
    experiment: Annotated[str, typer.Option(metavar="NAME", help="Default the name of the case.", show_default=False)] = "",
    windows: Windows = "case",
    quiet: Quiet = False,
) -> None:
    """Judge a case and write a run of MLflow: numbers of the last whole window, findings, the report, the case."""
    from monitor.cli.measuring import Options
    from monitor.cli.mlflow import export_mlflow

    export_mlflow(case, store, experiment, Options(windows=windows, quiet=quiet))
