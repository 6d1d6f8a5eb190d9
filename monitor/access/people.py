"""Who somebody is, by what the provider says of them, and what they may do and see, by the server's own settings."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.access.settings import Access
from monitor.gate import Right

ROLES = {"owner": Right.OWN, "analyst": Right.WORK, "viewer": Right.LOOK}
"""The strongest first: somebody in two lists has the stronger role."""
HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in: what stands in histories (`id`), what is shown (`name`), the role ("" for none) and what lists may call them
    (`called`)."""

    id: str
    name: str
    role: str
    called: frozenset[str]
    stale: bool = False
    """Whether they signed in too long ago."""

    @property
    def right(self) -> Right | None:
        """What they may do; None: not even look."""
        return ROLES.get(self.role)


def person_of(claims: Mapping[str, Any], access: Access, *, now: float | None = None) -> Person:
    """Return who the claims of a provider describe.

    An address counts only where the provider says that it verified it, or the settings say so for a provider that verifies all.
    """
    email = _email(claims, access)
    subject = str(claims.get("sub") or "")
    called = frozenset({"*"} | _by_email(email) | ({f"sub:{subject}"} if subject else set()) | _groups(claims.get(access.claim)))
    own = email or (f"sub:{subject}" if subject else "")
    role = next((role for role in ROLES if called.intersection(getattr(access.roles, role))), "") if own else ""
    return Person(own, str(claims.get("name") or own), role, called, _stale(claims.get("iat"), access.hours, now))


def sees(person: Person, case: str, access: Access) -> bool:
    """Say whether somebody sees a case, by the name of its folder; one that is not listed is seen by all who have a role."""
    if person.right is None or person.stale:
        return False
    return case not in access.cases or not person.called.isdisjoint(access.cases[case])


def _email(claims: Mapping[str, Any], access: Access) -> str:
    email = str(claims.get("email") or "").lower()
    return email if "@" in email and (claims.get("email_verified") is True or access.email_is_verified) else ""


def _by_email(email: str) -> set[str]:
    return {email, f"*@{email.rpartition('@')[2]}"} if email else set()


def _groups(said: Any) -> set[str]:
    groups = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return {f"group:{one}" for one in groups if isinstance(one, str)}


def _stale(issued: Any, hours: float, now: float | None) -> bool:
    """Say whether a sign-in is too old; one that does not say when it was is."""
    if isinstance(issued, bool) or not isinstance(issued, (int, float)):
        return True
    return (time.time() if now is None else now) - issued > hours * HOUR_SECONDS
