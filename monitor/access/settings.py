"""What the server's own settings say of sign-in: the provider, the roles, and who sees which case. Never anything of a case."""

from __future__ import annotations

import tomllib
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from monitor.case.settings import Settings
from monitor.errors import SettingError

SERVER = Settings("server.toml", "sign-in settings", "nobody is let in")
CALLBACK = "/oauth2callback"
"""Where Streamlit's server takes people back from the provider."""
LEAST_SECRET = 32
"""Letters: 128 bits and more where the secret is hex (NIST SP 800-131A asks for 112)."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
PREFIXES = ("group:", "sub:")


def _who(text: str) -> str:
    """Check one entry of a list of people; addresses do not tell large from small letters."""
    if text.startswith(PREFIXES):
        return text
    if text != "*" and not ("@" in text and "*" not in text.removeprefix("*@")):
        raise ValueError(f"'{text}' names nobody: write an address, *@domain, group:name, sub:id or *")
    return text.lower()


Who = Annotated[str, AfterValidator(_who)]


class Auth(BaseModel):
    """The provider, in the words of Streamlit's `[auth]`; its further keys (`client_kwargs`) are passed on."""

    model_config = ConfigDict(frozen=True, extra="allow")

    redirect_uri: str
    cookie_secret: str = Field(min_length=LEAST_SECRET)
    client_id: str = Field(min_length=1)
    client_secret: str = ""
    server_metadata_url: str

    @model_validator(mode="after")
    def _addresses(self) -> Auth:
        for name, url in (("redirect_uri", self.redirect_uri), ("server_metadata_url", self.server_metadata_url)):
            parts = urlsplit(url)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
                raise ValueError(f"{name} = '{url}' is not an address of https: passwords and cookies would travel in clear text")
        if not self.redirect_uri.endswith(CALLBACK):
            raise ValueError(f"redirect_uri = '{self.redirect_uri}' does not end with {CALLBACK}")
        return self


class Roles(BaseModel):
    """Who has which role."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: tuple[Who, ...] = ()
    analyst: tuple[Who, ...] = ()
    viewer: tuple[Who, ...] = ()


class Access(BaseModel):
    """Who may do what: `roles`; `cases` that only some see (folder name → people); the `claim` that holds a person's groups; whether the
    provider's addresses are its own to give (`email_is_verified`); after how many `hours` one signs in anew; the folder of the `log`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: Roles = Roles()
    cases: dict[str, tuple[Who, ...]] = Field(default_factory=dict)
    claim: str = "groups"
    email_is_verified: bool = False
    hours: float = Field(default=12, gt=0, le=720)
    log: str = ""


class ServerSettings(BaseModel):
    """The file `server.toml` of the settings of whoever runs the server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    auth: Auth
    access: Access


def server_settings() -> ServerSettings | None:
    """Return the settings of sign-in; None where there are none and nobody signs in.

    Raises
    ------
    SettingError
        The file is damaged, not this user's own, or others could read or write it.
    """
    text = SERVER.read()
    if text is None:
        return None
    _check_secret()
    try:
        return ServerSettings.model_validate(_parsed(text))
    except ValidationError as error:
        raise _wrong("; ".join(_problem(one) for one in error.errors())) from error


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(str(error)) from error


def _check_secret() -> None:
    """Refuse a file of secrets that other users of this machine can read."""
    mode = SERVER.path().stat().st_mode
    if mode & 0o077:
        raise _wrong(f"other users of this machine can read its secrets (mode {mode & 0o777:o}; make it 600)")


def _problem(one: Any) -> str:
    """Say what is wrong without the value: it may be a secret."""
    return f"{'.'.join(map(str, one['loc'])) or 'the file'}: {str(one['msg']).removeprefix('Value error, ')}"


def _wrong(what: str) -> SettingError:
    return SettingError(
        f"Your {SERVER.called} '{SERVER.path()}' cannot be used: {what}. Repair or delete them; until then {SERVER.without}."
    )
