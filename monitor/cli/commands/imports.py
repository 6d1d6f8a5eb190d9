"""Commands that bring in what other tools and systems left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import CaseArgument, Folder, Quiet, Store

app = typer.Typer()
import_app = typer.Typer(
    no_args_is_help=True, help="What other tools and systems left: results beside ours, rows as a case, numbers as tables."
)
app.add_typer(import_app, name="import")


@import_app.command("results")
def results(
    case: CaseArgument,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Of Evidently, whylogs, NannyML or SageMaker; told from each file.", show_default=False),
    ],
    window: Annotated[
        str | None, typer.Option(metavar="START..END", help="The period of the data, where the files do not say; END is excluded.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Keep the results of another tool beside the case, as it reported them, and say what was not understood."""
    from monitor.cli.importing import import_results

    import_results(case, files, window, quiet=quiet)


@import_app.command("captures")
def captures(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Captures and ground truth of SageMaker (.jsonl), or folders.", show_default=False),
    ],
    out: Folder,
    reference: Annotated[str, typer.Option(metavar="SOURCE", help="Rows that production is compared with, such as training data.")] = "",
    until: Annotated[
        str, typer.Option("--reference-until", metavar="TIME", help="Or: captured rows before this moment are the reference (UTC).")
    ] = "",
    columns: Annotated[
        str, typer.Option(metavar="A,B|FILE", help="Names of the values of a request, or the constraints.json that has them.")
    ] = "",
    outputs: Annotated[str, typer.Option(metavar="A,B", help="Names of the values of an answer, such as score.")] = "",
    quiet: Quiet = False,
) -> None:
    """Make a case of rows that a SageMaker endpoint logged: decoded CSV and JSON, time and id of each event, labels."""
    from monitor.cli.importing import import_captures

    import_captures(files, out, reference, until, columns, outputs, quiet=quiet)


@import_app.command("mlflow")
def mlflow(
    case: CaseArgument,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Name of a registered model.", show_default=False)],
    store: Store,
    version: Annotated[str, typer.Option(metavar="VERSION", help="Number or alias; default the newest.", show_default=False)] = "",
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Also write the columns: .csv or .parquet.")] = None,
    quiet: Quiet = False,
) -> int:
    """Say whether a model registered in MLflow takes rows of production, and which of its versions are logged: exit 0 it does, 1 not."""
    from monitor.cli.mlflow import import_mlflow

    return import_mlflow(case, model, store, version, out, quiet=quiet)


@import_app.command("prometheus")
def prometheus(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What /api/v1/query_range answered, as JSON.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FILE", help=".parquet or .csv.", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Write the answer to a range query as a table: a column a label, timestamp, value."""
    from monitor.cli.exporting import import_prometheus

    import_prometheus(file, out, quiet=quiet)


@app.command("imported")
def imported(
    case: CaseArgument,
    out: Annotated[str, typer.Option(metavar="FILE", help=".json, .csv, .parquet or '-': standard output.")] = "-",
    beside: Annotated[bool, typer.Option("--beside", help="With what our own drift says of the same column and time.")] = False,
    drop: Annotated[str | None, typer.Option(metavar="ID", help="Take this import away (to the trash folder beside it).")] = None,
    quiet: Quiet = False,
) -> None:
    """Write what was imported into a case: every number of another tool, with its period, threshold and alarm."""
    from monitor.cli.importing import show_imported

    show_imported(case, out, drop, beside=beside, quiet=quiet)
