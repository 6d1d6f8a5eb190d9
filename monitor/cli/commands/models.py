"""Commands about models: compared, labelled for, retrained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import (
    AsOf,
    Assignments,
    CaseArgument,
    Folder,
    LeftOut,
    Production,
    Quiet,
    Reference,
    Seed,
    Tested,
    Weights,
    Where,
    Windows,
    WrongOut,
)

app = typer.Typer()
labels_app = typer.Typer(no_args_is_help=True, help="Which rows to label next.")
app.add_typer(labels_app, name="labels")
retrain_app = typer.Typer(no_args_is_help=True, help="What a model would learn from now, and whether that would make it better.")
app.add_typer(retrain_app, name="retrain")


@app.command()
def compare(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Also write the table: .json, .csv, .parquet or '-'.")] = None,
    windows: Windows = "case",
    production: Production = None,
    where: Where = None,
    as_of: AsOf = None,
    assignments: Assignments = None,
    as_they_stand: Annotated[
        bool, typer.Option("--as-they-stand", help="Do not look for incidents first: rows that one made wrong count. Faster.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Say whether a challenger, or another arm, would be better than the model in charge, and what that would be worth: without rows that
    incidents made wrong, and beside it with them."""
    from monitor.cli.acting import compare_models
    from monitor.cli.measuring import Options

    options = Options(windows=windows, production=production, where=where, as_of=as_of, assignments=tuple(assignments or ()), quiet=quiet)
    compare_models(case, out, options, look=not as_they_stand)


@app.command()
def ready(  # noqa: PLR0913 - each parameter is an option of the command
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="[CANDIDATE] CASE",
            help="A model file, a column of answers, a version that answered, or 'challenger'; else the one in charge. Last the case.",
            show_default=False,
        ),
    ],
    candidate: Annotated[str, typer.Option(metavar="MODEL_OR_COLUMN", help="The candidate, instead of in front.", show_default=False)] = "",
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Instead of text: .json, .csv, .parquet or '-'.")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="Hold a short drill too: a minute or so.")] = False,
    incidents: Annotated[
        bool, typer.Option("--incidents/--no-incidents", help="Look for incidents first: a minute or so. One that is critical blocks.")
    ] = True,
    sign: Annotated[str | None, typer.Option("--sign", metavar="NAME", help="Keep a record beside the case that NAME signs.")] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What stands in the record; has to, where it is not ready.")] = "",
    seed: Seed = 0,
    quiet: Quiet = False,
) -> int:
    """Say whether a model may go live, check by check: exit 0 ready, 1 not, 2 it could not be looked at."""
    from monitor.cli.readying import asked_for, ready_case
    from monitor.readiness.running import Asked

    name, place = asked_for(given, candidate)
    return ready_case(place, Asked(candidate=name, drill=drill, look=incidents, seed=seed), out, who=sign, note=note, quiet=quiet)


@labels_app.command("plan")
def plan(
    case: CaseArgument,
    n: Annotated[int, typer.Option("--n", min=1, help="How many rows.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FILE", help=".csv: id, stratum, probability, weight.", show_default=False)],
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Write which rows of production to label next: more of those whose label tells more, with the weights that keep metrics unbiased."""
    from monitor.cli.planning import plan_to_file

    plan_to_file(case, out, n=n, seed=seed, quiet=quiet)


@retrain_app.command("plan")
def retrain_plan(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    out: Folder,
    weights: Weights = "none",
    leave_out: LeftOut = None,
    incidents: WrongOut = False,
    reference: Reference = True,
    test: Tested = True,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Say what a training set would hold and whether retraining would have helped; write DIR/plan.json."""
    from monitor.cli.retraining import Asked, retrain

    left_out = tuple(leave_out or ())
    asked = Asked(weights=weights, left_out=left_out, reference=reference, test=test, seed=seed, quiet=quiet, incidents=incidents)
    retrain(case, out, asked, build=False)


@retrain_app.command("build")
def retrain_build(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    out: Folder,
    weights: Weights = "none",
    leave_out: LeftOut = None,
    incidents: WrongOut = False,
    reference: Reference = True,
    test: Tested = True,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Write DIR/training.parquet with its weights, and DIR/manifest.json: sources, what is left out, back-test."""
    from monitor.cli.retraining import Asked, retrain

    left_out = tuple(leave_out or ())
    asked = Asked(weights=weights, left_out=left_out, reference=reference, test=test, seed=seed, quiet=quiet, incidents=incidents)
    retrain(case, out, asked, build=True)


@retrain_app.command("send")
def retrain_send(
    case: CaseArgument,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="What 'retrain build' wrote; default: the last that you built.", show_default=False),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", metavar="NAME", help="One of your targets; default: the one that the case names.", show_default=False)
    ] = "",
    dry: Annotated[bool, typer.Option("--dry-run", help="Show the request, without secrets, and send nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Let a set be trained once more that the target has already.")] = False,
    who: Annotated[str, typer.Option("--by", metavar="NAME", help="Who sends it; default: your account.", show_default=False)] = "",
) -> int:
    """Hand a training set to a command, a webhook, GitHub Actions or Airflow: exit 0 it has it, 2 it could not be handed over.

    Nothing is sent or run before 'driftscope trust CASE'. Where a target is stands in your own targets.toml.
    """
    from monitor.cli.handing import send

    return send(case, folder, target, who=who, dry=dry, again=again)


@retrain_app.command("result")
def retrain_result(
    case: CaseArgument,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="Runs, written as those of pipelines are: .json, .csv, .parquet, or '-' (JSON).", show_default=False
        ),
    ],
    set_id: Annotated[
        str, typer.Option("--set", metavar="ID", help="The set that they trained on, where no run names it.", show_default=False)
    ] = "",
    who: Annotated[str, typer.Option("--by", metavar="NAME", help="Who tells it; default: your account.", show_default=False)] = "",
) -> None:
    """Keep what came of a training set: when it was trained, whether that succeeded, which model version came out."""
    from monitor.cli.handing import result

    result(case, file, set_id, who=who)
