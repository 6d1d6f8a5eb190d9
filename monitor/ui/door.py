"""The door of the screens: who signs in, what they may see and do, and who keeps the gate of what is written (monitor/gate.py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from monitor import gate
from monitor.access import SERVER, Log, Person, ServerSettings, check_exposure, person_of, sees, server_settings
from monitor.errors import AccessError, SettingError
from monitor.gate import Change, Right
from monitor.ui.text import md_escape

NAMES = {Right.LOOK: "viewer", Right.WORK: "analyst", Right.OWN: "owner"}
MAY = {
    Right.LOOK: "look at everything and download it",
    Right.WORK: "pin, comment and work on incidents",
    Right.OWN: "change settings, contracts, trust and alert rules",
}
_ENTERED = "door_entered"


class _Keeper:
    """Keeps the gate while people sign in: each change is let through by role, and noted before it is made."""

    def ask(self, change: Change) -> None:
        """Note a change, or refuse it."""
        settings, person = _settings(), signed_in()
        if settings is None or person is None:
            raise AccessError("Nobody is signed in any more, so nothing was changed. Load the page anew and sign in.")
        refused = why_not(change.right, person)
        _noted(settings, person, "refused" if refused else "changed", change)
        if refused:
            raise AccessError(refused)

    def failed(self, change: Change, why: str) -> None:
        """Note that a change could not be made."""
        settings, person = _settings(), signed_in()
        if settings is not None and person is not None:
            _noted(settings, person, f"failed: {why}", change)


def _noted(settings: ServerSettings, person: Person, act: str, change: Change) -> None:
    Log(settings.access.log).note(person, act, change.what, file=str(change.place), sha256=change.digest)


def why_not(needed: Right, person: Person) -> str:
    """Say why somebody may not do something; empty where they may."""
    if person.right is not None and not person.stale and person.right >= needed:
        return ""
    return f"You are {_role(person)} here: {NAMES[needed]}s {MAY[needed]}. Nothing was changed. Ask an owner for that role."


def _role(person: Person) -> str:
    return "without a role" if person.right is None else f"{'an' if person.role[0] in 'ao' else 'a'} {person.role}"


def locked(needed: Right = Right.WORK) -> bool:
    """Say whether what is offered needs a right that who looks does not have."""
    person = signed_in()
    return person is not None and bool(why_not(needed, person))


def signed_in() -> Person | None:
    """Return who is signed in; None where nobody is or has to be."""
    settings = _settings()
    claims: Mapping[str, object] = {} if settings is None else dict(st.user)
    return person_of(claims, settings.access) if settings is not None and claims.get("is_logged_in") is True else None


def visible(cases: dict[str, Path]) -> dict[str, Path]:
    """Return the cases that whoever looks may see: all where nobody has to sign in, none to somebody unknown."""
    settings = _settings()
    if settings is None:
        return cases
    person = signed_in()
    return {} if person is None else {name: path for name, path in cases.items() if sees(person, name, settings.access)}


def enter() -> None:
    """Let in who may look, and stop the page for everybody else, with what they can do."""
    try:
        settings = _settings()
        check_exposure(str(st.get_option("server.address") or ""), settings)
    except SettingError as error:
        _closed("Nobody is let in", str(error))
    if settings is None:
        return
    gate.keep(_KEEPER)
    person = signed_in()
    if person is None:
        _ask("Sign in to Driftscope", "Your role says what you may do here.")
    elif person.stale:
        _ask("Sign in again", f"You signed in more than {settings.access.hours:g} hours ago.")
    elif person.right is None:
        _unknown(person)
    elif not st.session_state.get(_ENTERED):
        _begun(settings, person)


def _begun(settings: ServerSettings, person: Person) -> None:
    try:
        Log(settings.access.log).note(person, "opened", "the screens")
    except (AccessError, SettingError) as error:
        _closed("Nobody is let in", str(error))
    st.session_state[_ENTERED] = True


def _ask(title: str, why: str) -> None:
    st.title(title, anchor=False)
    st.write(why)
    if not st.secrets.get("auth"):
        _closed("The server was started without its sign-in", "Start it with 'driftscope app', which reads the settings of sign-in.")
    st.button("Sign in", type="primary", icon=":material/login:", on_click=st.login, key="sign_in")
    st.stop()


def _unknown(person: Person) -> None:
    named = person.id or "somebody unknown"
    st.title("You have no role here", anchor=False)
    unvouched = " The provider vouches for no address of yours." if "@" not in named else ""
    st.write(f"You are signed in as {md_escape(named)}.{unvouched} Ask who runs this server to add you to its roles ({SERVER.name}).")
    st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign_out")
    st.stop()


def _closed(title: str, why: str) -> None:
    st.title(title, anchor=False)
    st.error(md_escape(why), icon=":material/lock:")
    st.stop()


def show_who() -> None:
    """Say who is signed in, as what, and offer the way out."""
    person = signed_in()
    if person is None:
        return
    st.caption(f"{md_escape(person.name)} · {person.role}", help=f"Signed in as {md_escape(person.id)}: may {_may(person)}.")
    st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign_out", type="tertiary")


def _may(person: Person) -> str:
    return "; ".join(MAY[one] for one in Right if person.right is not None and one <= person.right)


_KEEPER = _Keeper()
_Stamp = tuple[int, int, int, int]


def _settings() -> ServerSettings | None:
    """Return the settings as they are by now; nobody has to wait for a restart to lose a role.

    Raises
    ------
    SettingError
        They cannot be used.
    """
    stamp = _stamp()
    return None if stamp is None else _read(stamp)


def _stamp() -> _Stamp | None:
    try:
        facts = os.stat(SERVER.path())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingError(
            f"Your {SERVER.called} '{SERVER.path()}' cannot be read: {error.strerror}. Until then {SERVER.without}."
        ) from error
    return facts.st_ino, facts.st_mtime_ns, facts.st_size, facts.st_mode


@st.cache_resource(max_entries=1, show_spinner=False)
def _read(stamp: _Stamp) -> ServerSettings | None:
    return server_settings()
