"""Sending a message to a target of the receiver's, within a time, once. Why it failed is said without addresses and tokens."""

from __future__ import annotations

import importlib
import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import requests

from monitor.alerts.message import Message, as_alertmanager, as_pagerduty, as_webhook
from monitor.alerts.notices import Act
from monitor.alerts.targets import Target
from monitor.errors import DriftscopeError, ExtensionMissingError

HIDDEN = "(your own)"
"""What stands for a token where a message is shown."""
CONNECT_SECONDS = 5.0
ACCEPTED = range(200, 300)


class DeliveryError(DriftscopeError, ConnectionError):
    """A message did not get to its target."""


def deliver(message: Message, target: Target) -> None:
    """Send a message.

    Raises
    ------
    DeliveryError
        It did not get there, or it is not known whether it did.
    ExtensionMissingError
        The target needs a package that is not installed.
    """
    _SENDERS[target.kind](message, target)


def shown(message: Message, target: Target | None) -> str:
    """Return a message just as it is sent, but for tokens; without a target as text."""
    if target is None or target.kind == "apprise":
        return f"{message.title}\n\n{message.text}\n"
    body = _body(message, target, HIDDEN)
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _body(message: Message, target: Target, key: str) -> Any:
    if target.kind == "pagerduty":
        return as_pagerduty(message, key)
    return as_alertmanager(message) if target.kind == "alertmanager" else as_webhook(message)


def _post(message: Message, target: Target) -> None:
    content = json.dumps(_body(message, target, target.routing_key), ensure_ascii=False).encode(errors="replace")
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"{message.key}-{message.act.value}", **target.headers}
    with requests.Session() as session:
        session.auth = lambda asked: asked  # else a password of ~/.netrc would go to the target
        try:
            with session.post(
                target.address,
                data=content,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, target.seconds), target.seconds),
                allow_redirects=False,  # a redirect would take the token to somebody else
                stream=True,  # what it answers is not read
            ) as answer:
                code = answer.status_code
        except requests.RequestException as error:
            raise DeliveryError(f"{target.place} {_reason(error, target)}") from error
    if code not in ACCEPTED:
        raise DeliveryError(f"{target.place} answered {code}{_meaning(code)}")


def _reason(error: requests.RequestException, target: Target) -> str:
    if isinstance(error, requests.Timeout):
        return f"did not answer within {target.seconds:g} s; it may have got there"
    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that is not trusted"
    return "could not be reached" if isinstance(error, requests.ConnectionError) else f"could not be asked ({type(error).__name__})"


def _meaning(code: int) -> str:
    if code in (401, 403):
        return ": the token in targets.toml is not accepted"
    if code in range(300, 400):
        return ": it moved; write its new address into targets.toml"
    return {404: ": there is nothing at that address", 429: ": too many messages"}.get(code, "")


def _run(message: Message, target: Target) -> None:
    content = json.dumps(as_webhook(message), ensure_ascii=False).encode(errors="replace")
    try:
        done = subprocess.run(list(target.command), input=content, capture_output=True, timeout=target.seconds, check=False)  # noqa: S603 - the receiver's own command, no shell
    except subprocess.TimeoutExpired as error:
        raise DeliveryError(f"{target.place} did not end within {target.seconds:g} s and was stopped") from error
    except OSError as error:
        raise DeliveryError(f"{target.place} cannot be started: {error.strerror}") from error
    if done.returncode != 0:
        raise DeliveryError(f"{target.place} ended with code {done.returncode}")


def _notify(message: Message, target: Target) -> None:
    try:
        apprise = importlib.import_module("apprise")
    except ModuleNotFoundError as error:
        raise ExtensionMissingError(f"{target.place} needs the package apprise: pip install 'driftscope[alerts]'.") from error
    service = apprise.Apprise()
    if not all(service.add(url) for url in target.url):
        raise DeliveryError(f"{target.place} is no address that apprise knows")
    sort = apprise.NotifyType.SUCCESS if message.act is Act.OVER else apprise.NotifyType.WARNING
    if not service.notify(title=message.title, body=message.text, notify_type=sort, body_format=apprise.NotifyFormat.TEXT):
        raise DeliveryError(f"{target.place} did not take it; apprise says no more")


_SENDERS: Mapping[str, Callable[[Message, Target], None]] = {
    "webhook": _post,
    "pagerduty": _post,
    "alertmanager": _post,
    "command": _run,
    "apprise": _notify,
}
