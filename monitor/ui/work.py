"""Long work beside the screen: it shows progress, can be stopped, is shared by sessions and kept when done.

A job runs in a thread of its own. Whoever waits for it touches it at every poll; a job that nobody has touched for
two seconds cancels itself, so a superseded rerun stops the query, and a rerun that wants the same joins it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from hashlib import blake2s
from threading import Lock
from typing import Any, TypeVar, cast

import streamlit as st

from monitor.errors import CancelledError

ABANDONED_SECONDS = 2.0
POLL_SECONDS = 0.1
_STOPPED = "stopped."
QUIET_SECONDS = 0.3
"""Work that ends within this time shows no progress bar."""

T = TypeVar("T")
Progress = Callable[[float, str], None]


@dataclass(slots=True)
class Job:
    """One piece of work under way; `is_set` makes it the cancel event of the engine."""

    text: str
    fraction: float = 0.0
    stopped: bool = False
    touched: float = field(default_factory=time.monotonic)
    future: Future[Any] = field(default_factory=Future)

    def is_set(self) -> bool:
        """Say whether the work shall end: someone stopped it, or nobody waits for it any more."""
        return self.stopped or time.monotonic() - self.touched > ABANDONED_SECONDS

    def report(self, fraction: float, text: str) -> None:
        """Note how far the work is (fraction in [0, 1])."""
        self.fraction, self.text = min(max(fraction, 0.0), 1.0), text


Work = Callable[[Progress, Job], Any]


class Desk:
    """Jobs under way and the results of the last ones, by key; safe to share between sessions.

    What is quickly made anew, such as a chart, lies on a shelf of its own (`quick`): many of them push out no measurement.
    """

    def __init__(self, *, threads: int = 2, entries: int = 128) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="driftscope-work")
        self._lock = Lock()
        self._jobs: dict[Hashable, Job] = {}
        self._shelves: tuple[OrderedDict[Hashable, Any], OrderedDict[Hashable, Any]] = (OrderedDict(), OrderedDict())
        self._entries = entries

    def result(self, key: Hashable) -> Any | None:
        """Return a kept result, or None."""
        with self._lock:
            shelf = next((one for one in self._shelves if key in one), None)
            if shelf is None:
                return None
            shelf.move_to_end(key)
            return shelf[key]

    def job(self, key: Hashable, work: Work, text: str) -> Job:
        """Return the job of that key that is under way, or start it."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.is_set():
                job = self._jobs[key] = Job(text)
                job.future = self._pool.submit(work, job.report, job)
            job.touched = time.monotonic()
            return job

    def stop(self, key: Hashable) -> None:
        """Ask the job of that key to end."""
        with self._lock:
            if key in self._jobs:
                self._jobs[key].stopped = True

    def close(self) -> None:
        """Let the threads end once their work is done."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def finish(self, key: Hashable, job: Job) -> Any:
        """Take an ended job off the desk, keep its result and return it; what it raised is raised here."""
        with self._lock:
            if self._jobs.get(key) is job:
                del self._jobs[key]
        return self.keep(key, job.future.result())

    def keep(self, key: Hashable, result: Any, *, quick: bool = False) -> Any:
        """Keep a result, forget the one that was used longest ago if there are too many, and return it."""
        with self._lock:
            shelf = self._shelves[quick]
            shelf[key] = result
            shelf.move_to_end(key)
            while len(shelf) > self._entries:
                shelf.popitem(last=False)
        return result


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Return the desk of this process."""
    return Desk()


def kept(key: Hashable, build: Callable[[], T]) -> T:
    """Return what `build` made for that key before, or make and keep it: for charts and other quick things."""
    found = desk().result(key)
    return cast(T, found if found is not None else desk().keep(key, build(), quick=True))


def run_cancellable(key: Hashable, work: Callable[[Progress, Job], T], *, text: str) -> T:
    """Return the result of `work(progress, cancel)`, from the desk or computed now with a progress bar and a stop button.

    Parameters
    ----------
    key : fingerprints and parameters, never data
    text : what is done, for people, such as "Measuring drift"

    When the user stops the work, the page says so, offers to run it again and ends here.
    """
    kept = desk().result(key)
    if kept is not None:
        return cast(T, kept)
    _stop_here_if_stopped(key)
    slot = st.empty()
    job = desk().job(key, work, text)
    _wait(job, slot, key)
    slot.empty()
    try:
        return cast(T, desk().finish(key, job))
    except CancelledError:
        if not job.stopped:
            return run_cancellable(key, work, text=text)
        st.session_state[_stopped(key)] = True
        _stop_here_if_stopped(key)
        raise


def _name(key: Hashable) -> str:
    return blake2s(repr(key).encode(), digest_size=8).hexdigest()


def _stopped(key: Hashable) -> str:
    return f"{_STOPPED}{_name(key)}"


def stopped_something() -> bool:
    """Say whether the user stopped some work and did not run it again."""
    return any(str(name).startswith(_STOPPED) for name in st.session_state)


def _stop(key: Hashable) -> None:
    desk().stop(key)
    st.session_state[_stopped(key)] = True


def _stop_here_if_stopped(key: Hashable) -> None:
    if not st.session_state.get(_stopped(key)):
        return
    st.title("Stopped before it was done", anchor=False)
    st.info("Stopped before it was done. Nothing was changed.", icon=":material/stop_circle:")
    st.button("Run again", key=f"again.{_name(key)}", on_click=st.session_state.pop, args=(_stopped(key), None))
    st.stop()


def _wait(job: Job, slot: Any, key: Hashable) -> None:
    started, bar = time.monotonic(), None
    while not job.future.done():
        job.touched = now = time.monotonic()
        if now - started > QUIET_SECONDS:
            if bar is None:
                bar = _chrome(job, slot, key)
            bar.progress(job.fraction, text=job.text)
        wait((job.future,), timeout=POLL_SECONDS)


def _chrome(job: Job, slot: Any, key: Hashable) -> Any:
    row = slot.container(horizontal=True, vertical_alignment="center")
    bar = row.progress(job.fraction, text=job.text)
    row.button("Stop", key=f"stop.{_name(key)}", icon=":material/stop:", on_click=_stop, args=(key,))
    return bar
