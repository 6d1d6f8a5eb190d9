"""A case whose rows Spark counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.case import Case
from monitor.engine.spark.counter import SparkCounter
from monitor.engine.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def open_with_spark(case: Case, session: SparkSession, *, cache: Path | None = None) -> Workspace:
    """Open the data of a case, whose rows are counted on a session of Spark.

    Raises
    ------
    SourceError, CaseError
        As `open_workspace`.
    """
    return replace(open_workspace(case, cache=cache), counter=SparkCounter(session))
