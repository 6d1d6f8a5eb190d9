"""Whether a rule is about an incident, and whether what it names exists."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from monitor.alerts.happening import Happening
from monitor.case import Case
from monitor.case.alerting import AlertSection, WhenSection
from monitor.errors import SettingError, nearest
from monitor.incidents.owners import matches
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.stats.performance.catalogue import METRICS


def about(when: WhenSection, one: Happening) -> bool:
    """Say whether a condition holds of an incident, whatever its state."""
    return matches(when, one.matter)


def was_about(when: WhenSection, one: Happening) -> bool:
    """Say whether a condition held of an incident when it was found, with the cause that was measured: nobody had corrected it then."""
    return matches(when, replace(one.matter, cause=one.record.cause))


def fires(when: WhenSection, one: Happening) -> bool:
    """Say whether a condition holds of an incident as it stands now."""
    if one.open:
        return about(when, one) and one.state.value in when.state
    return about(when, one) and one.record.open and not one.record.known_as and "over" in when.state and one.fresh


def check_rule(rule: AlertSection, case: Case, columns: Collection[str]) -> None:
    """Check that the columns and metrics exist that a rule names.

    Raises
    ------
    SettingError
        One does not; the text names the nearest one that does.
    """
    own = [one.id for one in case.metrics]
    known = {
        "column": [*columns, *case.labels_text],
        "metric": [*METRICS, *OPERATIONS, *own, *(one.id for one in case.slo)],
        "segment": list(columns),
    }
    for what, names in known.items():
        for name in getattr(rule.when, what):
            plain = name.split("=")[0].split(" IN ")[0].strip() if what == "segment" else name
            if plain not in names:
                raise SettingError(f"The rule '{rule.name}' names the {what} '{plain}', which there is none of.{nearest(plain, names)}")


def named_rules(case: Case, name: str | None) -> tuple[AlertSection, ...]:
    """Return the rule of a name, or all.

    Raises
    ------
    SettingError
        The case has no such rule, or none at all.
    """
    if not case.alerts:
        raise SettingError(
            f"The case '{case.name}' has no alert rules. Write one into case.toml: "
            '[[alerts]] name = "Severe", when = "severity >= high", target = "team".'
        )
    found = tuple(one for one in case.alerts if name in (None, one.name))
    if not found:
        known = [one.name for one in case.alerts]
        raise SettingError(f"There is no rule '{name}'.{nearest(str(name), known)} Rules: {', '.join(known)}.")
    return found
