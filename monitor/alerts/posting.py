"""One request, or one start of a command, to a target of the receiver's, within a time. No address or token stands in why it failed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import requests

from monitor.alerts.targets import Target
from monitor.errors import DriftscopeError

HIDDEN = "(your own)"
"""What stands for a token where a message is shown."""
CONNECT_SECONDS = 5.0
ACCEPTED = range(200, 300)


class DeliveryError(DriftscopeError, ConnectionError):
    """Something did not get to its target."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered: its code, and the first bytes of it where somebody asked for them."""

    code: int
    content: bytes = b""


def post(address: str, content: bytes, target: Target, *, headers: Mapping[str, str], read: int = 0, also: tuple[int, ...] = ()) -> Answer:
    """Post JSON to an address of a target; no redirect is followed, and of the answer at most `read` bytes are read.

    Parameters
    ----------
    also : codes that are no refusal, beside those of success.

    Raises
    ------
    DeliveryError
        It did not get there, or it is not known whether it did.
    """
    sent = {"Content-Type": "application/json", **headers}
    with requests.Session() as session:
        session.auth = lambda asked: asked  # else a password of ~/.netrc would go to the target
        try:
            with session.post(
                address,
                data=content,
                headers=sent,
                timeout=(min(CONNECT_SECONDS, target.seconds), target.seconds),
                allow_redirects=False,  # a redirect would take the token to somebody else
                stream=True,  # what it answers is read only as far as somebody asks
            ) as answer:
                code = answer.status_code
                said = _first_bytes(answer, read, target.seconds)
        except requests.RequestException as error:
            raise DeliveryError(f"{target.place} {_reason(error, target)}") from error
    if code not in ACCEPTED and code not in also:
        raise DeliveryError(f"{target.place} answered {code}{_meaning(code, target)}")
    return Answer(code, said)


def _first_bytes(answer: requests.Response, most: int, seconds: float) -> bytes:
    """Read the beginning of an answer; one that trickles or breaks off is left there: what was sent got there, its code says so."""
    ends, found = time.monotonic() + seconds, bytearray()
    with suppress(requests.RequestException):
        for byte in answer.iter_content(1) if most else ():
            found += byte
            if len(found) >= most or time.monotonic() > ends:
                break
    return bytes(found)


def _reason(error: requests.RequestException, target: Target) -> str:
    if isinstance(error, requests.Timeout):
        return f"did not answer within {target.seconds:g} s; it may have got there"
    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that is not trusted"
    return "could not be reached" if isinstance(error, requests.ConnectionError) else f"could not be asked ({type(error).__name__})"


def _meaning(code: int, target: Target) -> str:
    if code == 422 and target.kind == "github":
        return ": the workflow is not at that ref, or lacks one of the inputs id, run and payload (docs/case.md, Retraining)"
    if code in (401, 403):
        return ": the token in targets.toml is not accepted"
    if code in range(300, 400):
        return ": it moved; write its new address into targets.toml"
    return {404: ": there is nothing at that address", 429: ": too many messages"}.get(code, "")


def run(content: bytes, target: Target) -> bytes:
    """Start the command of a target, let it read the content, and return what it printed.

    Raises
    ------
    DeliveryError
        It cannot be started, did not end in time, or ended with a code that says that it failed.
    """
    try:
        done = subprocess.run(list(target.command), input=content, capture_output=True, timeout=target.seconds, check=False)  # noqa: S603 - the receiver's own command, no shell
    except subprocess.TimeoutExpired as error:
        raise DeliveryError(f"{target.place} did not end within {target.seconds:g} s and was stopped") from error
    except OSError as error:
        raise DeliveryError(f"{target.place} cannot be started: {error.strerror}") from error
    if done.returncode != 0:
        raise DeliveryError(f"{target.place} ended with code {done.returncode}")
    return done.stdout
