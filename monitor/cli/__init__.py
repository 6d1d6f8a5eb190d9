"""The command `driftscope`: the same work without a screen.

Each command imports what it needs when it runs, so that `--help` and `app` do not wait for the numerical packages.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

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

labels_app = typer.Typer(no_args_is_help=True, help="Which rows to label next.")
app.add_typer(labels_app, name="labels")

contract_app = typer.Typer(no_args_is_help=True, help="What the data of a case have to keep.")
app.add_typer(contract_app, name="contract")

retrain_app = typer.Typer(no_args_is_help=True, help="What a model would learn from now, and whether that would make it better.")
app.add_typer(retrain_app, name="retrain")

alert_app = typer.Typer(no_args_is_help=True, help="Who is told of which incidents, and what rules would have told in the past.")
app.add_typer(alert_app, name="alert")

story_app = typer.Typer(no_args_is_help=True, help="What was found, told in slides.")
app.add_typer(story_app, name="story")

export_app = typer.Typer(no_args_is_help=True, help="What was judged, for other systems.")
app.add_typer(export_app, name="export")

import_app = typer.Typer(no_args_is_help=True, help="Numbers of other systems, as tables that a case can name.")
app.add_typer(import_app, name="import")

Weights = Annotated[str, typer.Option(metavar="HOW", help="none, or density: toward the inputs of the latest windows.")]
LeftOut = Annotated[
    list[str] | None, typer.Option("--leave-out", metavar="START..END", help="Rows of a period that are not learned from; END is excluded.")
]
WrongOut = Annotated[
    bool, typer.Option("--leave-out-incidents", help="Look for incidents first, and leave out the rows that they made wrong.")
]
Reference = Annotated[bool, typer.Option("--reference/--no-reference", help="Whether rows of the reference are learned from too.")]
Tested = Annotated[bool, typer.Option("--test/--no-test", help="Whether models are retrained in the past and tested on what followed.")]
Folder = Annotated[Path, typer.Option(metavar="DIR", help="Folder that is written.", show_default=False)]

CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="The folder of a case, or its case.toml.", show_default=False)]
Windows = Annotated[str, typer.Option(metavar="SIZE", help="'<n> hour|day|week|month|rows', 'whole', or 'case': as the case says.")]
Production = Annotated[
    str | None, typer.Option(metavar="START..END", help="Only this part of production; END is excluded. Local to the case's time zone.")
]
Against = Annotated[
    str,
    typer.Option(
        metavar="WHAT",
        help="What each window is compared with: reference, previous, weekday, season, rolling:N, expanding, production, or a period "
        "START..END of production (of the reference set if production has no rows in it). Rows of both sides are left out of one.",
    ),
]
Where = Annotated[str | None, typer.Option(metavar="PREDICATE", help="Only rows of both sides that meet one SQL condition.")]
OwnWhere = Annotated[str | None, typer.Option(metavar="PREDICATE", help="A condition that only the rows cut in windows have to meet.")]
OwnVersion = Annotated[str | None, typer.Option(metavar="VERSION", help="Only rows of one model version are cut in windows.")]
OwnFile = Annotated[str | None, typer.Option(metavar="NAME", help="Only rows of one file of their data set are cut in windows.")]
OtherWhere = Annotated[str | None, typer.Option(metavar="PREDICATE", help="A condition that only the rows compared with have to meet.")]
OtherVersion = Annotated[str | None, typer.Option(metavar="VERSION", help="Compare with rows of one model version.")]
OtherFile = Annotated[str | None, typer.Option(metavar="NAME", help="Compare with rows of one file of their data set.")]
Swap = Annotated[bool, typer.Option("--swap", help="Let the two sides change places.")]
Columns = Annotated[str | None, typer.Option(metavar="A,B", help="Only these columns; put a name that holds a comma in double quotes.")]
Methods = Annotated[str, typer.Option(metavar="M1,M2", help="Ids of docs/methods.md, or default, all, evidently, nannyml, <tool>.all.")]
By = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Predictions, performance: also each level of this column, such as a segment.")
]
AsOf = Annotated[str | None, typer.Option(metavar="TIME", help="Performance: only labels that were known at this time count.")]
Assignments = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A threshold, such as drift.q=0.01.")]
Seed = Annotated[int, typer.Option(help="Of everything that is drawn.")]
Findings = Annotated[bool, typer.Option("--findings", help="Write the findings as the only table: one row per run of windows.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary on standard error.")]


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


@app.command("app")
def open_app(
    cases: Annotated[Path | None, typer.Argument(metavar="CASES", help="A folder of cases, or one case; default the demo.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Where it listens on this machine; default 8501.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
) -> None:
    """Open the workbench in a browser."""
    from monitor.cli.serving import serve

    serve(cases, port=port, headless=headless)


@app.command()
def init(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Reference, production and (optionally) labels.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the new case.", show_default=False)],
) -> None:
    """Guess roles and kinds from data and write a commented case.toml."""
    from monitor.cli.beginning import begin

    begin(sources, out)


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
    assignments: Assignments = None,
    seed: Seed = 0,
    findings: Findings = False,
    quiet: Quiet = False,
) -> None:
    """Measure and judge, and write the table with its provenance."""
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
        assignments=tuple(assignments or ()),
        seed=seed,
        quiet=quiet,
        findings=findings,
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

    They are those of [[alerts]]. A case without rules of its own has one: an incident with an alert that is new or goes on.
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


@app.command()
def explain(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the first letters of it.", show_default=False)],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=".json or as a report; default: text.", show_default=False)] = None,
    afterwards: Annotated[
        bool, typer.Option("--postmortem", help="The skeleton of a postmortem (Markdown): what is not known is a question.")
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
    explain_incident(case, incident, out, options, afterwards=afterwards)


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


@app.command()
def compare(  # noqa: PLR0913 - each parameter is an option of the command
    case: CaseArgument,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Also write the table: .json, .csv, .parquet or '-'.")] = None,
    windows: Windows = "case",
    production: Production = None,
    where: Where = None,
    as_of: AsOf = None,
    assignments: Assignments = None,
    quiet: Quiet = False,
) -> None:
    """Say whether a challenger, or another arm, would be better than the model in charge, and what that would be worth."""
    from monitor.cli.acting import compare_models
    from monitor.cli.measuring import Options

    options = Options(windows=windows, production=production, where=where, as_of=as_of, assignments=tuple(assignments or ()), quiet=quiet)
    compare_models(case, out, options)


@app.command()
def profile(
    case: CaseArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder that is written.", show_default=False)],
    engine: Annotated[str, typer.Option(help="duckdb.")] = "duckdb",
    windows: Windows = "case",
    quiet: Quiet = False,
) -> None:
    """Count every column by window and write the counts: all that the screens need of the rows."""
    from monitor.cli.profiling import profile_case

    profile_case(case, out, engine=engine, windows=windows, quiet=quiet)


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


@story_app.command("draft")
def story_draft(
    case: CaseArgument,
    title: Annotated[str, typer.Option(metavar="TEXT", help="Default: the name of the case.", show_default=False)] = "",
    for_whom: Annotated[str, typer.Option("--for", metavar="TEXT", help="Who it is told to.", show_default=False)] = "",
    windows: Windows = "case",
    production: Production = None,
    quiet: Quiet = False,
) -> None:
    """Pin what people who decide ask - what happened, goals, incidents, is it right, what next - and keep it as a story."""
    from monitor.cli.measuring import Options
    from monitor.cli.storytelling import draft

    draft(case, title, for_whom, Options(windows=windows, production=production, quiet=quiet))


@story_app.command("list")
def story_list(case: CaseArgument) -> None:
    """List the stories of a case: id, slides, title."""
    from monitor.cli.storytelling import list_all

    list_all(case)


@story_app.command("export")
def story_export(
    case: CaseArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help=".html (self-contained), .pptx, .md or .pdf.", show_default=False)],
    story: Annotated[str, typer.Option(metavar="ID", help="Its id, or how it begins; default: the newest.", show_default=False)] = "",
    live: Annotated[bool, typer.Option("--live", help="Compute every slide again; default: those that are live.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a story as slides or pages that can be read without Driftscope: a message each, the same words in every form."""
    from monitor.cli.storytelling import export

    export(case, out, story, live=live, quiet=quiet)


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


@import_app.command("prometheus")
def prometheus(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What /api/v1/query_range answered, as JSON.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FILE", help=".parquet or .csv.", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Write the answer to a range query as a table: a column a label, timestamp, value."""
    from monitor.cli.exporting import import_prometheus

    import_prometheus(file, out, quiet=quiet)


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


@alert_app.command("test")
def alert_test(
    case: CaseArgument,
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="One rule; default all.", show_default=False)] = None,
    quiet: Quiet = False,
) -> int:
    """Show every message that would be sent now, just as it would be, and send nothing: exit 0 none, 1 some, 2 one that could not be."""
    from monitor.cli.alerting import test_alerts

    return test_alerts(case, rule, quiet=quiet)


@alert_app.command("run")
def alert_run(case: CaseArgument, quiet: Quiet = False) -> int:
    """Tell everybody who is to be told now: exit 0 nothing to send, 1 sent, 2 something could not be (it is tried again by the next run).

    Nothing is sent before 'driftscope trust CASE'. Where a target is stands in your own targets.toml.
    """
    from monitor.cli.alerting import run_alerts

    return run_alerts(case, quiet=quiet)


@alert_app.command("backtest")
def alert_backtest(
    case: CaseArgument,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Also write each message: .json, .csv, .parquet or '-'.")] = None,
    when: Annotated[
        str | None, typer.Option(metavar="CONDITION", help='Try a rule that is not written yet: "severity >= high and cause = recode".')
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Say how often each rule would have fired over the history of a case, and of how many incidents people said that they were one."""
    from monitor.cli.alerting import backtest_alerts

    backtest_alerts(case, out, when, quiet=quiet)


@alert_app.command("log")
def alert_log(case: CaseArgument) -> None:
    """Say who was told of what, when, and who took it."""
    from monitor.cli.alerting import log_alerts

    log_alerts(case)


@alert_app.command("ack")
def alert_ack(
    case: CaseArgument,
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the first letters of it.", show_default=False)],
    who: Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes it.", show_default=False)],
) -> None:
    """Say that somebody takes an incident: it is told no more until it is over."""
    from monitor.cli.alerting import acknowledge

    acknowledge(case, incident, who)
