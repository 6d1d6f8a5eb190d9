"""Columns that lose values together with a named one: whether they did so in that very run, without the search for a run.

An outage takes all columns of its source at once. Where one of them lost values before (a gauge that is often off), its own record cannot
tell the outage among all windows that were searched; told where to look, it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.judgement.column_runs import Candidate
from monitor.judgement.facts import Fact
from monitor.judgement.finding import FindingKind
from monitor.stats.inference.runs import Run


def companions(facts: Mapping[str, Fact], runs: Iterable[Run], q: float) -> dict[str, list[Candidate]]:
    """Return, by column, the runs of others in which its missing values lie beyond its own record.

    Parameters
    ----------
    facts : missing values of the columns that are not named.
    runs : in which named columns lost values.
    q : probability that any column is named by chance: shared by the columns that could be and the runs (Bonferroni).
    """
    able = {name: fact for name, fact in facts.items() if fact.rows.any() or fact.own.any()}
    places = {(one.first, one.last): one for one in runs}
    looks = len(able) * len(places)
    found: dict[str, list[Candidate]] = {}
    for run in places.values():
        for name, fact in able.items():
            p, strength = fact.within(run.first, run.last, q / looks)
            if p * looks <= q:
                found.setdefault(name, []).append(Candidate(FindingKind.MISSING, run, strength, p * looks, fact=fact))
    return found
