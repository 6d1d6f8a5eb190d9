"""A session of Spark: what it needs of this machine, how it reads, and how its complaints become ours."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor import errors
from monitor.errors import DriftscopeError, ExtensionMissingError, SettingError, SourceError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
"""Spark 4 runs on no older one."""
LOCAL_MEMORY = "2g"
"""Memory of the Java process of a local master; the rows are counted beside it, in Python."""
FEWEST_SUMS = 4
"""Tasks that add up counts, which are few; Spark's 200 take seconds to start."""
BATCH_ROWS = "65536"
PANDAS_WARNING = "PySpark does not yet fully support pandas >= 3"
"""pyspark 4.3 says so on each use of Arrow, which uses no pandas here."""
_MASTER = re.compile(r"local(\[[\d*]+(,\d+)?\])?|yarn|(spark|k8s)://\S+")
_READING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.runSQLOnFiles": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}
"""How rows are read: as DuckDB reads them, and all or none."""


def open_session(master: str) -> SparkSession:
    """Return a session of one's own on a master such as local[2], spark://host:7077, yarn or k8s://address.

    Raises
    ------
    SettingError
        It is no master.
    ExtensionMissingError
        pyspark or Java is not installed, or too old; the text says what to do.
    SourceError
        Spark does not start.
    """
    if not _MASTER.fullmatch(master):
        raise SettingError(f"'{master[:80]}' is no master of Spark. Write local[2], spark://host:7077, yarn or k8s://address.")
    sessions = _sessions()
    local = master.startswith("local")
    check_java()
    warnings.filterwarnings("ignore", message=PANDAS_WARNING, category=FutureWarning)
    with complaints("starting Spark"), _environment(local=local):
        builder = sessions.builder.master(master).appName("driftscope")
        for name, value in {**_quiet(), **(_local() if local else {})}.items():
            builder = builder.config(name, value)
        session: SparkSession = builder.getOrCreate().newSession()
        parallel = {"spark.sql.shuffle.partitions": str(max(2 * session.sparkContext.defaultParallelism, FEWEST_SUMS))}
        for name, value in (_READING | parallel).items():
            session.conf.set(name, value)
    return session


def _sessions() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ExtensionMissingError(
            "The engine 'spark' needs the package pyspark, which is not installed here. Run: pip install 'driftscope[spark]'."
        ) from error
    return SparkSession


def check_java() -> int:
    """Return the version of Java, or say what is missing.

    Raises
    ------
    ExtensionMissingError
        There is none, or it is older than 17.
    """
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    advice = "Install one, on Debian: apt-get install default-jre-headless; or set JAVA_HOME."
    try:
        said = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=60, check=True).stderr if java else ""  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise ExtensionMissingError(f"The engine 'spark' needs Java, but '{java}' does not run. {advice}") from error
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if found is None or int(found[1]) < OLDEST_JAVA:
        seen = f"Java {found[1]} is here" if found else "there is none here"
        raise ExtensionMissingError(f"The engine 'spark' needs Java {OLDEST_JAVA} or newer; {seen}. {advice}")
    return int(found[1])


def _quiet() -> dict[str, str]:
    return {"spark.ui.showConsoleProgress": "false", "spark.sql.execution.arrow.maxRecordsPerBatch": BATCH_ROWS}


def _local() -> dict[str, str]:
    """Return how a local master runs: bound to this machine, without pages of its own."""
    log = Path(__file__).with_name("log4j2.properties").as_uri()
    return {
        "spark.driver.memory": LOCAL_MEMORY,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log}",
    }


@contextmanager
def _environment(*, local: bool) -> Iterator[None]:
    """Tell Spark on a local master which address is this machine's, and which Python counts: the one that asks."""
    wanted = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable} if local else {}
    own = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]


@contextmanager
def complaints(doing: str) -> Iterator[None]:
    """Turn what Spark raises while `doing` something into an error of our own tree; one that a worker raised is that one again."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise told(str(error), doing) from error


def told(text: str, doing: str) -> DriftscopeError:
    r"""Return the error that a text of Spark tells of.

    >>> str(told("Traceback ...\nmonitor.errors.KindError: A value does not fit.\n at x", "counting"))
    'A value does not fit.'
    """
    own = re.search(r"monitor\.errors\.(\w+): (.+)", text)
    kind = getattr(errors, own[1], None) if own else None
    if own and isinstance(kind, type) and issubclass(kind, DriftscopeError):
        return kind(own[2].strip())
    if "No module named 'monitor" in text or "No module named 'duckdb" in text:
        return ExtensionMissingError("Driftscope is not installed where Spark's workers run. Install the same version there as here.")
    lines = [line.strip(" :\t") for line in text.splitlines() if line.strip() and not line.startswith("An error occurred while calling")]
    caused = next((line for line in reversed(lines) if line.startswith("Caused by: ")), lines[0] if lines else "no reason is given")
    return SourceError(f"Spark failed while {doing}: {caused.removeprefix('Caused by: ')[:300]}; see above, and --master.")
