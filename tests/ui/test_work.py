"""Long work: joined, kept, stopped, given up when nobody waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

import pytest

from monitor.errors import CancelledError
from monitor.ui.work import ABANDONED_SECONDS, Desk, Job, Progress


def ended(job: Job) -> None:
    job.future.exception(timeout=5)


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk(threads=1, entries=2)
    yield one
    one.close()


def test_a_result_is_kept(desk: Desk) -> None:
    job = desk.job("a", lambda progress, cancel: 42, "Working")
    ended(job)
    assert desk.finish("a", job) == 42
    assert desk.result("a") == 42


def test_only_the_last_results_are_kept(desk: Desk) -> None:
    for key in "abc":
        job = desk.job(key, lambda progress, cancel: key, "Working")  # noqa: B023 - runs before the next turn
        ended(job)
        desk.finish(key, job)
    assert [desk.result(key) for key in "abc"] == [None, "b", "c"]


def test_what_is_quickly_made_pushes_out_no_measurement(desk: Desk) -> None:
    desk.keep("measured", 1)
    for key in "abc":
        desk.keep(key, key, quick=True)
    assert [desk.result(key) for key in ("measured", "a", "b", "c")] == [1, None, "b", "c"]


def test_who_asks_for_the_same_joins_the_job(desk: Desk) -> None:
    gate = Event()
    first = desk.job("a", lambda progress, cancel: gate.wait(5), "Working")
    assert desk.job("a", lambda progress, cancel: pytest.fail("ran twice"), "Working") is first
    gate.set()
    assert desk.finish("a", first) is True


def test_progress_is_noted_within_0_and_1(desk: Desk) -> None:
    def work(progress: Progress, cancel: Job) -> None:
        progress(1.7, "Almost done")

    job = desk.job("a", work, "Working")
    ended(job)
    assert (job.fraction, job.text) == (1.0, "Almost done")


def test_a_stopped_job_raises_what_the_engine_raised(desk: Desk) -> None:
    def work(progress: Progress, cancel: Job) -> None:
        while not cancel.is_set():
            time.sleep(0.01)
        raise CancelledError("The work was cancelled.")

    job = desk.job("a", work, "Working")
    desk.stop("a")
    with pytest.raises(CancelledError, match="cancelled"):
        desk.finish("a", job)
    assert desk.result("a") is None


def test_a_job_that_nobody_touches_gives_up() -> None:
    job = Job("Working")
    assert not job.is_set()
    job.touched -= ABANDONED_SECONDS + 1
    assert job.is_set()


def test_a_given_up_job_is_started_anew(desk: Desk) -> None:
    gate = Event()
    first = desk.job("a", lambda progress, cancel: gate.wait(5), "Working")
    first.stopped = True
    second = desk.job("a", lambda progress, cancel: 1, "Working")
    gate.set()
    assert second is not first


def test_a_failure_is_not_kept(desk: Desk) -> None:
    def work(progress: Progress, cancel: Job) -> None:
        raise ValueError("no rows")

    job = desk.job("a", work, "Working")
    ended(job)
    with pytest.raises(ValueError, match="no rows"):
        desk.finish("a", job)
    assert desk.result("a") is None
