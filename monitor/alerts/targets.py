"""The receiver's own targets: where messages and training sets go. Addresses, tokens and commands stand in a file of the user's, never in a
case."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from monitor.case.settings import Settings
from monitor.case.values import Texts
from monitor.errors import SettingError, nearest

FILE = Settings("targets.toml", "targets", "nothing is sent")
PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
GITHUB = "https://api.github.com"
LONGEST_WAIT = 120.0
ORCHESTRATORS = ("github", "airflow")
"""Kinds that take training sets and no messages."""
_OF_KIND: Mapping[str, frozenset[str]] = {
    "repository": frozenset({"github"}),
    "workflow": frozenset({"github"}),
    "ref": frozenset({"github"}),
    "inputs": frozenset({"github"}),
    "dag": frozenset({"airflow"}),
    "api": frozenset({"airflow"}),
    "username": frozenset({"airflow"}),
    "password": frozenset({"airflow"}),
    "token": frozenset(ORCHESTRATORS),
}
"""Keys that only some kinds have: one that is not read must not look as if it were."""
_FROM_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_]\w*)\}")


class Target(BaseModel):
    """Where messages go. `kind` is told by what is given: `routing_key` (PagerDuty), `command`, `url` of http or https (webhook), any other
    `url` (apprise); only alertmanager has to be named. `seconds` is how long it is waited for, `app` where people open Driftscope.

    Orchestrators take training sets: a `workflow` file of a GitHub `repository` at a `ref`, with further `inputs`; a `dag` of Airflow at
    `url`, by its REST `api`. `token`, `password`, `routing_key` and headers may name a variable of the environment: "${NAME}".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["webhook", "pagerduty", "alertmanager", "apprise", "command", "github", "airflow"] = "webhook"
    url: Texts = ()
    headers: dict[str, str] = Field(default_factory=dict)
    routing_key: str = ""
    command: Texts = ()
    seconds: float = Field(default=10.0, gt=0, le=LONGEST_WAIT)
    app: str = ""
    repository: str = Field(default="", pattern=r"^([\w.-]+/[\w.-]+)?$")
    workflow: str = ""
    ref: str = "main"
    inputs: dict[str, str] = Field(default_factory=dict)
    dag: str = ""
    api: Literal["v1", "v2"] = "v2"
    token: str = ""
    username: str = ""
    password: str = ""

    @model_validator(mode="before")
    @classmethod
    def _told_by_what_is_given(cls, value: object) -> object:
        if not isinstance(value, dict) or "kind" in value:
            return value
        urls = [value["url"]] if isinstance(value.get("url"), str) else value.get("url") or []
        other = bool(urls) and not any(str(one).lower().startswith(("http://", "https://")) for one in urls)
        named = {"routing_key": "pagerduty", "command": "command", "workflow": "github", "dag": "airflow"}
        kind = next((kind for key, kind in named.items() if key in value), "apprise" if other else "webhook")
        return {**value, "kind": kind}

    @model_validator(mode="after")
    def _whole(self) -> Target:
        if problem := self._problem():
            raise ValueError(problem)
        return self

    def _problem(self) -> str:
        needs = _NEEDS.get(self.kind, ("url",))
        if lacking := [name for name in needs if not getattr(self, name)]:
            return f"a target of kind {self.kind} needs {' and '.join(lacking)}"
        if foreign := [name for name in sorted(self.model_fields_set) if self.kind not in _OF_KIND.get(name, (self.kind,))]:
            return f"a target of kind {self.kind} has no {foreign[0]}"
        addresses = [] if self.kind in ("apprise", "command") else [*self.url, *([self.app] if self.app else [])]
        wrong = next((one for one in addresses if not _is_http(one)), None)
        if wrong is not None:
            return f"a target of kind {self.kind} has an address that begins with https:// or http://"
        if self.kind != "apprise" and len(self.url) > 1:
            return f"a target of kind {self.kind} has one url; make a target of each"
        texts = (*(f"{name}{text}" for name, text in self.headers.items()), self.token, self.username, self.password)
        return "" if all(text.isprintable() for text in texts) else "headers hold letters that no header can"

    @property
    def address(self) -> str:
        """Where it is posted."""
        given = self.url[0] if self.url else PAGERDUTY
        return f"{given.rstrip('/')}/api/v2/alerts" if self.kind == "alertmanager" and "/api/" not in given else given

    @property
    def place(self) -> str:
        """Where it is, without what must not be read by others: tokens stand in paths."""
        if self.kind == "command":
            return f"command {self.command[0]}"
        if self.kind == "github":
            return f"workflow {self.workflow} of {self.repository}"
        first = self.url[0] if self.url else PAGERDUTY
        if self.kind == "airflow":
            return f"DAG {self.dag} of Airflow at {urlsplit(first).hostname or 'an address'}"
        return f"{self.kind} at {urlsplit(first).hostname or 'an address'}" if self.kind != "apprise" else f"apprise {first.split(':')[0]}"


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "pagerduty": ("routing_key",),
    "command": ("command",),
    "github": ("repository", "workflow", "token"),
    "airflow": ("url", "dag"),
}
"""Keys without which a kind cannot be reached; of all others the url."""
_TARGETS = TypeAdapter(dict[str, Target])


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url


def read_targets() -> Mapping[str, Target]:
    """Return the receiver's targets by name; none where the file is not there.

    Raises
    ------
    SettingError
        The file cannot be read, is not this user's own, or a key or value in it is wrong. No address or token stands in the text.
    """
    text = FILE.read()
    if text is None:
        return {}
    where = f"Your targets '{FILE.path()}'"
    try:
        content = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{where} are not valid TOML: {error}. Until then nothing is sent.") from error
    try:
        return _TARGETS.validate_python(content)
    except ValidationError as error:
        told = "; ".join(_complaint(dict(one)) for one in error.errors(include_input=False))
        raise SettingError(f"{where}: {told}. Until then nothing is sent.") from error


def app_address() -> str:
    """Return where the receiver's app is reached, as the first target says that names it; empty where none does, or where targets cannot be
    read, which is told where something is sent."""
    try:
        return next((one.app for one in read_targets().values() if one.app), "")
    except SettingError:
        return ""


def _complaint(error: Mapping[str, object]) -> str:
    where = error["loc"]
    parts = [str(part) for part in where] if isinstance(where, tuple) else []
    known = list(Target.model_fields)
    if error["type"] == "extra_forbidden":
        return f"unknown key '{'.'.join(parts)}'.{nearest(parts[-1], known)} Known keys there: {', '.join(known)}"
    return f"{'.'.join(parts)}: {str(error['msg']).removeprefix('Value error, ')}"


def target_of(name: str, targets: Mapping[str, Target]) -> Target:
    """Return a target by its name.

    Raises
    ------
    SettingError
        The receiver has none of that name.
    """
    if name in targets:
        return targets[name]
    known = f"You have: {', '.join(sorted(targets))}." if targets else "You have none yet."
    raise SettingError(
        f"There is no target '{name}' among yours.{nearest(name, targets)} {known} Name it in '{FILE.path()}', "
        f'such as [{name}] url = "https://...".'
    )


def with_secrets(target: Target) -> Target:
    """Return a target whose secrets are those of the environment, where it names them: "${NAME}".

    Raises
    ------
    SettingError
        The environment has no such variable. No secret stands in the text.
    """
    named = {name: getattr(target, name) for name in ("token", "password", "routing_key")}
    given = {name: _of_environment(text) for name, text in named.items()}
    headers = {name: _of_environment(text) for name, text in target.headers.items()}
    if any(not text.isprintable() for text in (*given.values(), *headers.values())):
        raise SettingError("A secret of your targets holds letters that no header can, such as the end of a line. Take them out.")
    return target.model_copy(update={**given, "headers": headers})


def _of_environment(text: str) -> str:
    def value(found: re.Match[str]) -> str:
        if (given := os.environ.get(found[1])) is None:
            raise SettingError(f"The environment has no variable '{found[1]}', which your targets '{FILE.path()}' name. Set it.")
        return given

    return _FROM_ENVIRONMENT.sub(value, text)


def checked_kind(name: str, target: Target, kinds: Iterable[str], what: str) -> Target:
    """Return a target that is of a kind that takes `what` is sent.

    Raises
    ------
    SettingError
        It is of another.
    """
    if target.kind in kinds:
        return target
    raise SettingError(f"The target '{name}' is of kind {target.kind}, which takes no {what}. Name one of kind {', '.join(kinds)}.")
