"""Commands that tell people: alerts and stories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.commands.arguments import CaseArgument, Production, Quiet, Windows

app = typer.Typer()
alert_app = typer.Typer(no_args_is_help=True, help="Who is told of which incidents, and what rules would have told in the past.")
app.add_typer(alert_app, name="alert")
story_app = typer.Typer(no_args_is_help=True, help="What was found, told in slides.")
app.add_typer(story_app, name="story")


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
