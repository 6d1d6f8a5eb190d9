"""What counts the rows of a command: DuckDB on this machine, or Spark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from monitor.case import Case
from monitor.engine import Workspace, open_workspace
from monitor.engine.spark import open_session, open_with_spark
from monitor.errors import SettingError, nearest

ENGINES = ("duckdb", "spark")
EVERY_CORE = "local[*]"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine by its name, and for Spark its master."""

    name: str = "duckdb"
    master: str | None = None

    def __post_init__(self) -> None:
        """Check both."""
        if self.name not in ENGINES:
            raise SettingError(f"There is no engine '{self.name[:80]}'.{nearest(self.name, ENGINES)} Use duckdb or spark.")
        if self.master is not None and not self.cluster:
            raise SettingError("'--master' says where Spark runs. Use it with --engine spark.")

    @property
    def cluster(self) -> bool:
        """Whether rows are counted elsewhere than in DuckDB."""
        return self.name == "spark"


DUCKDB = Engine()


@contextmanager
def opened(case: Case, engine: Engine) -> Iterator[Workspace]:
    """Open the data of a case to be counted by an engine; Spark is stopped afterwards."""
    if not engine.cluster:
        with open_workspace(case) as workspace:
            yield workspace
        return
    session = open_session(engine.master or EVERY_CORE)
    try:
        with open_with_spark(case, session) as workspace:
            yield workspace
    finally:
        session.stop()
