"""The requests by which a training set is handed over: to a command, a webhook, GitHub Actions, Airflow; and how they are shown."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from monitor.alerts.posting import HIDDEN, Answer, DeliveryError, post, run
from monitor.alerts.targets import GITHUB, Target, with_secrets
from monitor.handover.payload import shortened

KINDS = ("command", "webhook", "github", "airflow")
"""Kinds of targets that take training sets."""
GITHUB_VERSION = "2022-11-28"
"""Version of GitHub's REST API that is asked for (docs.github.com, "Create a workflow dispatch event")."""
MOST_INPUTS = 60_000
"""Letters of what a workflow is given; GitHub takes 65,535 in all."""
MOST_ANSWER = 20_000
"""Bytes of an answer that are read."""
THERE_ALREADY = 409
"""Airflow's answer where there is a run of that name: the set was handed over before."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted: `where` below the address of the target, headers of ours, and the body. `where` of a webhook is empty."""

    where: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    also: tuple[int, ...] = ()


def request_of(payload: Mapping[str, Any], target: Target) -> Request:
    """Return the request that hands a set over to a target; a command reads its body."""
    if target.kind == "github":
        return _github(payload, target)
    if target.kind == "airflow":
        return _airflow(payload, target)
    return Request("", payload, {"Idempotency-Key": str(payload["run"])})


def _github(payload: Mapping[str, Any], target: Target) -> Request:
    room = MOST_INPUTS - sum(len(name) + len(text) for name, text in target.inputs.items())
    inputs = {**target.inputs, "id": payload["id"], "run": payload["run"], "payload": shortened(payload, room)}
    where = f"/repos/{target.repository}/actions/workflows/{quote(target.workflow, safe='')}/dispatches"
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": GITHUB_VERSION}
    return Request(where, {"ref": target.ref, "inputs": inputs}, headers)


def _airflow(payload: Mapping[str, Any], target: Target) -> Request:
    dated = {} if target.api == "v1" else {"logical_date": None}  # of v2 a field that has to be there
    body = {"dag_run_id": payload["run"], **dated, "conf": payload}
    return Request(f"/api/{target.api}/dags/{quote(target.dag, safe='')}/dagRuns", body, {}, (THERE_ALREADY,))


def hand(payload: Mapping[str, Any], target: Target) -> Answer:
    """Hand a set over, and return what was answered; the answer of a command has the code 0.

    Raises
    ------
    DeliveryError
        It did not get there, or it is not known whether it did.
    SettingError
        The environment lacks a secret that the target names.
    """
    known = with_secrets(target)
    request = request_of(payload, known)
    content = json.dumps(request.body, allow_nan=False).encode()
    if target.kind == "command":
        return Answer(0, run(content, known)[:MOST_ANSWER])
    headers = {**request.headers, **known.headers, **_signed(known)}
    return post(f"{_base(known)}{request.where}", content, known, headers=headers, read=MOST_ANSWER, also=request.also)


def _base(target: Target) -> str:
    given = target.url[0] if target.url else GITHUB
    return given if target.kind == "webhook" else given.rstrip("/")


def _signed(target: Target) -> dict[str, str]:
    """Return the header by which a target knows who asks."""
    token = target.token or (_airflow_token(target) if target.password and target.api == "v2" else "")
    if token:
        return {"Authorization": f"Bearer {token}"}
    return {"Authorization": basic(target.username, target.password)} if target.password else {}


def basic(username: str, password: str) -> str:
    """Return the header of basic authentication.

    >>> basic("ann", "secret")
    'Basic YW5uOnNlY3JldA=='
    """
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


def _airflow_token(target: Target) -> str:
    """Return a token of Airflow 3, which takes no password with a request (POST /auth/token)."""
    content = json.dumps({"username": target.username, "password": target.password}).encode()
    answer = post(f"{_base(target)}/auth/token", content, target, headers=target.headers, read=MOST_ANSWER)
    found = plain_json(answer.content).get("access_token")
    if not isinstance(found, str) or not found.isprintable():
        raise DeliveryError(f"{target.place} gave no token for the username and password in targets.toml")
    return found


def plain_json(content: bytes) -> dict[str, Any]:
    """Return the object that an answer holds; an empty one where it holds none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def shown(payload: Mapping[str, Any], target: Target) -> str:
    """Return a request just as it is sent, but for what others must not read: tokens, headers of the receiver's, paths of webhooks."""
    request = request_of(payload, target)
    body = json.dumps(request.body, indent=2)  # as it is sent: in plain letters, so that a name of the data plays no trick on a terminal
    if target.kind == "command":
        return f"{target.place} reads:\n\n{body}\n"
    signed = bool(target.token or target.password)
    secret = dict.fromkeys([*target.headers, *(["Authorization"] if signed else [])], HIDDEN)
    lines = [f"POST {_seen(target)}{request.where}", *(f"{name}: {text}" for name, text in {**request.headers, **secret}.items())]
    return "\n".join([*lines, "", body]) + "\n"


def _seen(target: Target) -> str:
    parts = urlsplit(_base(target))
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{'/' + HIDDEN if target.kind == 'webhook' else parts.path}"
