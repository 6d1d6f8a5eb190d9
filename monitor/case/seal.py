"""The user's own secret: what is kept beside a case under a name made with it was kept by this user, and did not come with the case."""

from __future__ import annotations

import hmac
import secrets
from functools import cache

from monitor.case.settings import Settings
from monitor.errors import SettingError

BYTES = 32
_KEPT = Settings("seal", "secret", "what was kept is worked out anew")


def sealed(text: str) -> str:
    """Return the HMAC-SHA256 hex of a text under the user's secret, which is drawn once and kept among the settings.

    Where settings cannot be kept or relied on the secret lasts as long as this process: then nothing is found again by another one.
    """
    return hmac.digest(_secret(), text.encode(), "sha256").hex()


def _secret() -> bytes:
    try:
        return _read() or _drawn()
    except SettingError:
        return _passing()


def _read() -> bytes | None:
    text = _KEPT.read()
    if text is None:
        return None
    try:
        found = bytes.fromhex(text.decode().strip())
    except ValueError:
        return None
    return found if len(found) == BYTES else None


def _drawn() -> bytes:
    with _KEPT.writing():
        known = _read()  # of another process meanwhile
        if known is None:
            known = secrets.token_bytes(BYTES)
            _KEPT.write(known.hex())
        return known


@cache
def _passing() -> bytes:
    return secrets.token_bytes(BYTES)
