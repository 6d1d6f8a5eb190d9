"""`driftscope trust`: what a case brings that runs, and whether the user trusts it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from monitor.case import CASE_FILE, Case, TrustState, load_case, revoke_trust, trust_case, trust_of, trusted_cases
from monitor.case.alerting import AlertSection
from monitor.case.trust import HANDS_OVER, RISK, SENDS, Trust, TrustedCase, brought, hands_over, sends, trust_file
from monitor.errors import CaseError, ModelError, SettingError

_STATES = {
    TrustState.NOTHING: "brings neither code nor a model",
    TrustState.TRUSTED: "trusted",
    TrustState.UNKNOWN: "not trusted",
}
"""What a state is called; the others say their reason."""


def trust_command(place: Path | None, *, listed: bool, revoked: bool) -> None:
    """Trust a case, say what is trusted, or take trust back.

    Raises
    ------
    SettingError
        The options contradict each other, or the user's settings cannot be read or written.
    CaseError
        The case cannot be read, or brings nothing that can be trusted.
    """
    if listed and revoked:
        raise SettingError("'--list' and '--revoke' are two commands. Give one of them.")
    if place is None and not listed:
        raise SettingError("Name the folder of a case. 'driftscope trust --list' says what is trusted.")
    if place is None:
        _write(_known())
    elif listed:
        case = load_case(place)
        _write(_told(case, trust_of(case)))
    elif revoked:
        _write([_revoke(place)])
    else:
        case = load_case(place)
        told = _told(case, trust_case(case))
        risks = [*([RISK] if trust_of(case).content.files else []), *([SENDS] if case.alerts else [])]
        risks += [HANDS_OVER] if case.retraining is not None else []
        _write([*told, *risks, f"Written: {trust_file()}. To take it back: --revoke."])


def _revoke(place: Path) -> str:
    folder = (place.parent if place.name == CASE_FILE else place).resolve()
    return f"No longer trusted: {folder}" if revoke_trust(folder) else f"Nothing of {folder} was trusted; nothing was changed."


def _known() -> list[str]:
    known = trusted_cases()
    return [_of_line(one) for one in known] or [f"No case is trusted ({trust_file()})."]


def _of_line(one: TrustedCase) -> str:
    return f"{one.folder}: {one.name}, trusted on {one.at:%Y-%m-%d}; {_now(Path(one.folder))}"


def _now(folder: Path) -> str:
    """Say what a trusted folder is by now."""
    try:
        return _state(trust_of(load_case(folder)))
    except CaseError as error:
        return f"by now it cannot be read: {error}"


def _state(trust: Trust) -> str:
    return _STATES.get(trust.state) or trust.reason


def _told(case: Case, trust: Trust) -> list[str]:
    asks = "; the case asks to be trusted" if trust.content.asks and not trust.given else ""
    lines = [f"{trust.content.root}: {case.name}, {_state(trust)}{asks}", *(f"  {line}" for line in brought(trust.content))]
    lines += [f"  {line}" for line in _types(case)]
    why = sends(case) if case.alerts else ""
    lines += [f"  alert rules: {f'nothing is sent: {why}' if why else 'trusted, they may send'}"] if case.alerts else []
    lines += [f"  alert rule '{one.name}' tells {_targets(one)}" for one in case.alerts]
    return [*lines, *_retraining(case)]


def _retraining(case: Case) -> list[str]:
    """Say to whom a case hands its training sets, and whether it may."""
    if case.retraining is None:
        return []
    to, why = case.retraining.target, hands_over(case)
    told = f"are handed to '{to}'" if to else "are handed to whom you name: it names no target"
    return [f"  training sets {told}", f"  retraining: {f'nothing is handed over: {why}' if why else 'trusted'}"]


def _types(case: Case) -> list[str]:
    """Say which types the model file of a case holds; nothing of it is loaded."""
    from monitor.models import audit_model  # brings scikit-learn, which other commands do without
    from monitor.models.telling import audit_lines

    try:
        found = audit_model(case)
    except ModelError as error:
        return [str(error)]
    return [] if found is None else audit_lines(found)


def _targets(rule: AlertSection) -> str:
    return " and later ".join(f"'{name}'" for name in (rule.target, rule.escalate_to) if name) or "nobody: it names no target"


def _write(lines: Iterable[str]) -> None:
    """Write lines, whatever control characters a stranger's names hold."""
    sys.stdout.writelines("".join(letter if letter.isprintable() else " " for letter in line) + "\n" for line in lines)
