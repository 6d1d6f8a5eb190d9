"""Whether the screens may be reached from elsewhere: only where people sign in."""

from __future__ import annotations

import importlib.util
import ipaddress
from urllib.parse import urlsplit

from monitor.access.settings import SERVER, ServerSettings
from monitor.errors import SettingError


def check_exposure(address: str, settings: ServerSettings | None) -> None:
    """Refuse to listen where others can reach it while nobody signs in.

    Parameters
    ----------
    address : what the server listens on; "" is every address of the machine.

    Raises
    ------
    SettingError
        It would be open to others, or sign-in lacks a package.

    >>> check_exposure("127.0.0.1", None)
    """
    if settings is None and not local(address):
        raise SettingError(
            f"'{address or 'every address'}' can be reached from other machines, and nobody signs in here: whoever came could read and "
            f"change everything. Leave --address away (this machine only), or set up sign-in in '{SERVER.path()}' (deploy/signin/)."
        )
    if settings is not None and any(importlib.util.find_spec(name) is None for name in ("authlib", "httpx")):
        raise SettingError("Sign-in needs the packages Authlib and httpx. Install them: pip install 'driftscope[oidc]'.")


def local(address: str) -> bool:
    """Say whether only this machine reaches an address.

    >>> local("localhost"), local("127.0.0.2"), local("::1"), local("0.0.0.0"), local("")
    (True, True, True, False, False)
    """
    try:
        return address.lower() == "localhost" or ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def public_host(settings: ServerSettings | None) -> str:
    """Return the name under which people reach the server, as the address of sign-in has it; "" where nobody signs in."""
    return "" if settings is None else (urlsplit(settings.auth.redirect_uri).hostname or "")
