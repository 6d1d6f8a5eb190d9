"""Who is told how far a piece of work is, and who may call it off: what every layer that works long is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from monitor.errors import CancelledError

Progress = Callable[[float, str], None]


class Cancel(Protocol):
    """Something like threading.Event."""

    def is_set(self) -> bool:
        """Say whether the work was called off."""
        ...


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far the work is, and who may call it off."""

    progress: Progress | None = None
    cancel: Cancel | None = None

    def tell(self, share: float, text: str) -> None:
        """Report a share in [0, 1] of the work, or raise CancelledError when it was called off."""
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError(f"Cancelled while {text}.")
        if self.progress is not None:
            self.progress(min(max(share, 0.0), 1.0), text)

    def part(self, start: float, end: float) -> Watch:
        """Return a watch of one part of the work: its 0..1 is start..end of the whole."""
        progress = self.progress
        if progress is None:
            return self
        return Watch(lambda share, text: progress(start + share * (end - start), text), self.cancel)
