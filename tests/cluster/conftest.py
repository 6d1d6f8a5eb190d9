"""A real local cluster of Spark, started once; without pyspark or Java the tests are skipped and say so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from monitor.engine.spark.session import check_java, open_session
from monitor.errors import ExtensionMissingError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

from tests.engine.conftest import _own_cache, case_at, make_case

__all__ = ["_own_cache", "case_at", "make_case"]


@pytest.fixture(scope="session")
def session() -> Iterator[SparkSession]:
    """Return a session on two processes of this machine."""
    try:
        check_java()
        opened = open_session("local[2]")
    except ExtensionMissingError as error:
        if os.environ.get("DRIFTSCOPE_REQUIRE_SPARK"):
            raise
        pytest.skip(str(error))
    yield opened
    opened.stop()


@pytest.fixture
def of_rows(session: SparkSession) -> Iterator[Callable[..., SparkSession]]:
    """Return the session with batches of so many rows and partitions of so many bytes, as long as the test runs."""
    names = {"batch": "spark.sql.execution.arrow.maxRecordsPerBatch", "partition": "spark.sql.files.maxPartitionBytes"}
    before = {name: session.conf.get(name) for name in names.values()}

    def change(**settings: int) -> SparkSession:
        for name, value in settings.items():
            session.conf.set(names[name], str(value))
        return session

    yield change
    for name, value in before.items():
        session.conf.set(name, value)
