"""One run at a time: a lease that ends with its owner."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.runs.lease import NAME, held

HOLD = """import sys, time
from pathlib import Path
from monitor.runs.lease import held
with held(Path(sys.argv[1])):
    print(1, flush=True)
    time.sleep(99)
"""


def test_a_live_owner_is_waited_for_and_a_killed_one_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        with pytest.raises(SourceError, match=rf"Another run is at it since .* \(process {owner.pid} on "), held(tmp_path):
            pass
        owner.kill()
        owner.wait()
        with held(tmp_path) as mine:
            mine.check()
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    "content",
    [
        "not ours",
        '{"owner": "x", "host": "elsewhere", "pid": 1, "taken": "2026-01-01T00:00:00Z", "expires": "2026-01-01T00:05:00Z"}',
        '{"owner": "x", "host": "elsewhere", "pid": 1, "taken": "", "expires": "9999-01-01T00:00:00Z"}',
    ],
    ids=["damaged", "run out", "for ever"],
)
def test_a_lease_that_nobody_can_hold_is_taken(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    with held(tmp_path):
        pass


def test_it_is_renewed_while_its_owner_lives_and_who_lost_it_keeps_nothing(tmp_path: Path) -> None:
    with held(tmp_path, seconds=300) as mine:
        before = (tmp_path / NAME).read_text()
        mine._renew()
        assert (tmp_path / NAME).read_text() != before
        (tmp_path / NAME).write_text(before.replace(mine.lease.owner, "another"))
        mine._renew()
        with pytest.raises(SourceError, match="Another run took"):
            mine.check()
    assert (tmp_path / NAME).exists()  # it is not ours to take away
