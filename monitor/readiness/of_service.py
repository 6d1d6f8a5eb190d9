"""What stands around a model: budgets of the service, the contract of its inputs, who answers for it, the way back, and the drill."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from monitor.alerts.oncall import owners_of
from monitor.analyses.sides import Question
from monitor.case.content import MOST_MODEL_BYTES, checked_file
from monitor.drill.kinds import FEW
from monitor.drill.running import Asked, hold_drill
from monitor.drill.words import drill_answer
from monitor.engine import Cancel, Progress, Workspace
from monitor.engine.store import content_hash
from monitor.errors import CancelledError, CaseError, DriftscopeError
from monitor.judgement.judged import Judged
from monitor.judgement.kpis import Goal, State
from monitor.judgement.operations import JudgedOperations
from monitor.readiness.candidate import Bench, Sort
from monitor.readiness.check import Check, Verdict, unshown
from monitor.readiness.of_answers import open_alerts, told
from monitor.readiness.versions import versions_of
from monitor.registry.goals import goals_of
from monitor.stats.inference.intervals import wilson
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.wording import count_text, list_text, number_text, plural, share_text, the_window

SERVED = (Sort.IN_CHARGE, Sort.VERSION)
"""Candidates that answered rows which people were served."""
BUDGETS = 'Name some in case.toml: [[slo]] metric = "latency", or [[kpis]] metric = "latency_p95_ms" or "cost_per_1000".'
DRILL = "No drill was held. Ask with a short one (--drill), or hold a whole one: driftscope drill CASE."


def check_service(bench: Bench) -> Check:
    """Say whether objectives have budget left and goals of latency and cost are met."""
    served = bench.alone if bench.candidate.sort is Sort.VERSION else bench.given
    if bench.candidate.sort not in SERVED:
        return unshown("service", "What was logged of latency and cost is of the model in charge; a candidate shows its own in an arm.")
    judged = bench.ask(served, "operations")
    if not isinstance(judged, JudgedOperations):
        return unshown("service", str(judged))
    try:
        goals = _goals(bench, served)
    except DriftscopeError as error:
        return unshown("service", str(error))
    left = {name: share for name, share in judged.summary["budget_left"].items() if share is not None and np.isfinite(share)}
    known = [one for one in goals if one.state is not State.UNKNOWN]
    if not left and not known:
        return unshown("service", f"The case sets no budget of latency, errors or cost that its rows tell of. {BUDGETS}")
    spent, missed = [name for name in left if left[name] < 0], [one for one in known if one.state is State.MISSED]
    return _budget(judged, left, spent) if spent or not known else _goal((missed or known)[0], known, missed)


def _goals(bench: Bench, served: Workspace) -> list[Goal]:
    if not any(one.metric in OPERATIONS for one in served.case.kpis):
        return []

    def judge(name: str) -> Judged:
        found = bench.ask(served, name)
        if isinstance(found, str):
            raise CaseError(found)
        return found

    return [one for one in goals_of(served, Question(), judge).goals if one.section.metric in OPERATIONS]


def _budget(judged: JudgedOperations, left: Mapping[str, float], spent: list[str]) -> Check:
    worst = min(left, key=lambda name: left[name])
    said = f"{share_text(max(left[worst], 0.0))} of the budget of '{worst}' is left, the least of {plural(len(left), 'objective')}."
    said = f"The budget of '{worst}' is overspent: {share_text(-left[worst])} more than there was." if spent else said
    return Check(
        name="service", verdict=Verdict.FAIL if spent else Verdict.PASS, said=said, of=f"budget left of '{worst}'", figure=left[worst],
        n=int(judged.result.rows.sum()), limit=0.0, source="[[slo]]",
    )  # fmt: skip


def _goal(one: Goal, known: list[Goal], missed: list[Goal]) -> Check:
    at = one.latest or 0
    others = f" {len(missed)} of {len(known)} goals of the service are missed." if missed else ""
    said = f"'{one.section.name}' is {one.write(float(one.values[at]))} in {the_window(one.windows[at])}: {one.state.value}.{others}"
    return Check(
        name="service", verdict=Verdict.FAIL if missed else Verdict.PASS, said=said, of=one.title, figure=float(one.values[at]),
        n=int(np.nan_to_num(one.rows[at])), limit=one.section.target, source=f"[[kpis]] '{one.section.name}', target; "
        f"{number_text(one.section.tolerance)} beyond it is nearly met",
    )  # fmt: skip


def check_contract(bench: Bench) -> Check:
    """Say whether inputs break the contract now."""
    judged = bench.ask(bench.given, "contract")
    if isinstance(judged, str):
        return unshown("contract", judged)
    broken = open_alerts(judged)
    said = told(judged, broken[0]) if broken else "No clause is broken now beyond what it allows."
    more = f" {len(broken)} findings in all." if len(broken) > 1 else ""
    return Check(
        name="contract", verdict=Verdict.FAIL if broken else Verdict.PASS, said=said + more, of="broken clauses", figure=float(len(broken)),
        n=int(judged.result.rows.sum()), limit=0.0, source="contract.toml",
    )  # fmt: skip


def check_owner(bench: Bench) -> Check:
    """Say who answers for the model."""
    case = bench.given.case
    owner = owners_of(case)["The model"]
    if not owner:
        why = 'Nobody is named. In case.toml: [ownership] model = "team@example.org", or [case] owner.'
        return Check(name="owner", verdict=Verdict.FAIL, said=why, source="[ownership]")
    called = () if case.ownership is None else case.ownership.oncall
    turn = f"On call: {list_text(list(called))}." if called else "Nobody is named as on call."
    return Check(name="owner", verdict=Verdict.PASS, said=f"{owner} answers for the model. {turn}", source="[case] owner, [ownership]")


def check_rollback(bench: Bench) -> Check:
    """Say what is gone back to: what the case names, else the model in charge of a candidate, else the version before."""
    case = bench.given.case
    named = "" if case.readiness is None else case.readiness.rollback
    versions = versions_of(bench.given)
    if named:
        return _named(bench, named, versions)
    section = case.model
    if bench.candidate.sort not in SERVED and section is not None and section.path:
        found = _file(bench, section.path)
        if isinstance(found, Check) and found.verdict is Verdict.PASS:
            return found
    now = max(versions, key=lambda name: versions[name][1], default="")
    asked = bench.candidate.name if bench.candidate.sort is Sort.VERSION else now
    back = [name for name in versions if name != asked] if bench.candidate.sort in SERVED else [now] if now else []
    if not back:
        why = "Nothing to go back to is named: no earlier version answered rows, and the case names none."
        return unshown("rollback", f'{why} In case.toml: [readiness] rollback = "model-before.skops", or a level of model_version.')
    return _version(max(back, key=lambda name: versions[name][1]), versions)


def _named(bench: Bench, named: str, versions: Mapping[str, tuple[int, int]]) -> Check:
    return _version(named, versions) if named in versions else _file(bench, named)


def _version(name: str, versions: Mapping[str, tuple[int, int]]) -> Check:
    rows = versions[name][0]
    said = f"Version '{name}', which answered {count_text(rows)} rows. Whether it can still be served is not seen here."
    return Check(name="rollback", verdict=Verdict.PASS, said=said, n=rows, source="rows of the role model_version")


def _file(bench: Bench, path: str) -> Check:
    try:
        file = checked_file(bench.given.case.root.resolve(), path, most=MOST_MODEL_BYTES)
    except (CaseError, OSError) as error:
        why = f"'{path}' is no version that answered rows, and no file to go back to: it {error}."
        return Check(name="rollback", verdict=Verdict.FAIL, said=why, source="[readiness] rollback")
    if bench.candidate.sha256 and content_hash(file) == bench.candidate.sha256:
        return Check(name="rollback", verdict=Verdict.FAIL, said=f"'{path}' is the candidate itself.", source="[readiness] rollback")
    said = f"The file '{path}' (SHA-256 {content_hash(file)[:12]}) lies in the case folder."
    return Check(name="rollback", verdict=Verdict.PASS, said=said, source="[readiness] rollback, [model]")


def check_robustness(bench: Bench, *, drill: bool, progress: Progress | None = None, cancel: Cancel | None = None) -> Check:
    """Hold a short drill where it is asked for: every incident that hits all rows has to be seen."""
    if not drill:
        return unshown("robustness", DRILL)
    try:
        held = hold_drill(bench.alone, Asked(kinds=FEW, sizes=(1.0,), seed=bench.seed), progress=progress, cancel=cancel)
    except CancelledError:
        raise
    except DriftscopeError as error:
        return unshown("robustness", str(error))
    put = [one for one in held.drilled if one.seen or one.invisible]
    blind = len([one for one in held.drilled if one.blind])
    seen, answer = sum(one.seen for one in put), drill_answer(held)
    if not put:
        return unshown("robustness", f"{answer.headline} {answer.doubt}")
    low, high = (float(end) for end in wilson(seen, len(put)))
    return Check(
        name="robustness", verdict=Verdict.FAIL if seen < len(put) else Verdict.UNSHOWN if blind else Verdict.PASS,
        said=answer.headline if not blind else f"{answer.headline} {answer.doubt}", of="incidents that are seen",
        figure=seen / len(put), lower=low, upper=high, n=len(put), limit=1.0, source="every incident that hits all rows is seen",
    )  # fmt: skip
