"""Arguments and options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
RowsExplained = Annotated[
    int | None, typer.Option("--rows", min=30, metavar="N", help="Explanations: about so many rows of each side are explained.")
]
Assignments = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A threshold, such as drift.q=0.01.")]
Seed = Annotated[int, typer.Option(help="Of everything that is drawn.")]
EngineName = Annotated[str, typer.Option("--engine", metavar="NAME", help="What counts the rows: duckdb, or spark (extra 'spark').")]
Master = Annotated[
    str | None, typer.Option(metavar="URL", help="Where Spark runs: local[2], spark://host:7077, yarn or k8s://address; default local[*].")
]
Findings = Annotated[bool, typer.Option("--findings", help="Write the findings as the only table: one row per run of windows.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary on standard error.")]
Store = Annotated[
    str, typer.Option(metavar="STORE", help="A file of SQLite, or the name of a store in your own mlflow.toml.", show_default=False)
]
