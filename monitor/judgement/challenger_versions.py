"""A challenger beside each version of the model that served: the one in charge is asked first, for a decision would replace that one."""

from __future__ import annotations

from monitor.judgement.challenger_bursts import burst_rows, hangs
from monitor.judgement.judged_shadow import JudgedShadow, Row
from monitor.judgement.narration.challengers import hangs_text
from monitor.judgement.narration.places import clean
from monitor.stats.performance.catalogue import METRICS
from monitor.vocabulary import Status
from monitor.wording import list_text


def asked_of(judged: JudgedShadow) -> str:
    """Return the version that a decision is asked of: the one that served last; "" where one served alone, or nobody says which."""
    return judged.result.in_charge


def deciding(judged: JudgedShadow, metric: str) -> Row | None:
    """Return what decides on a metric: the rows of the version in charge where several served, else all."""
    return judged.of_version(asked_of(judged), metric) if asked_of(judged) else judged.of(metric)


def undecided(judged: JudgedShadow) -> bool:
    """Say whether too few rows of the version in charge have labels, where several versions served."""
    row = deciding(judged, judged.lead) if asked_of(judged) and judged.lead else None
    return bool(asked_of(judged)) and (row is None or row["reason"] == "too_few_rows" or row["difference"] != row["difference"])


def note_of(judged: JudgedShadow) -> str:
    """Return what the challenger would have been beside the version in charge: "better", "worse", or "" where that is not beyond chance."""
    row = deciding(judged, judged.lead)
    if row is None or row["status"] != Status.WARNING.value:
        return ""
    return "worse" if METRICS[judged.lead].worse(float(row["value"]), float(row["challenger_value"])) else "better"


def version_headline(judged: JudgedShadow, slight: str) -> str:
    """Say how a challenger compares with the version in charge.

    Parameters
    ----------
    slight : "more" or "less" where it differs for sure, but by less than matters; else "".
    """
    serves, said = f"{clean(asked_of(judged))}, which serves now", note_of(judged)
    if undecided(judged):
        return f"Whether the challenger is better than {serves}, cannot be said yet."
    row = deciding(judged, judged.lead)
    only = hangs_text(burst_rows(judged)) if row is not None and hangs(judged, row) else ""
    if judged.lead != "value":
        title = METRICS[judged.lead].title
        if said:
            return f"{title} would have been {said} with the challenger than with {serves}{only}."
        return f"The challenger would have been neither better nor worse than {serves}."
    if said:
        return f"The challenger would have been worth {'more' if said == 'better' else 'less'} than {serves}{only}."
    if slight:
        return f"The challenger would have been worth {slight} than {serves}, but by less than matters."
    return f"Whether the challenger is worth more than {serves}, cannot be told."


def others_of(judged: JudgedShadow) -> tuple[str, ...]:
    """Return the versions beside the one in charge whose rows were compared, in the order of their rows."""
    return tuple(one for one in judged.result.versions if one != asked_of(judged))


def together_text(judged: JudgedShadow) -> str:
    """Name all versions: "v1 and v2 together"."""
    return f"{list_text([clean(one) for one in sorted(judged.result.versions)])} together"
