"""Sending a message to a target of the receiver's, within a time, once. Why it failed is said without addresses and tokens."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from monitor.alerts.message import Message, as_alertmanager, as_pagerduty, as_webhook
from monitor.alerts.notices import Act
from monitor.alerts.posting import HIDDEN, DeliveryError, post, run
from monitor.alerts.targets import Target, with_secrets
from monitor.errors import ExtensionMissingError


def deliver(message: Message, target: Target) -> None:
    """Send a message.

    Raises
    ------
    DeliveryError
        It did not get there, or it is not known whether it did.
    ExtensionMissingError
        The target needs a package that is not installed.
    SettingError
        The environment lacks a secret that the target names.
    """
    if target.kind not in _SENDERS:
        raise DeliveryError(f"{target.place} takes training sets and no messages; name another target")
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
    known = with_secrets(target)
    content = json.dumps(_body(message, known, known.routing_key), ensure_ascii=False).encode(errors="replace")
    post(known.address, content, known, headers={"Idempotency-Key": f"{message.key}-{message.act.value}", **known.headers})


def _run(message: Message, target: Target) -> None:
    run(json.dumps(as_webhook(message), ensure_ascii=False).encode(errors="replace"), target)


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
KINDS = tuple(_SENDERS)
"""Kinds of targets that take messages."""
