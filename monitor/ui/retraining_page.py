"""The page Retraining: what would a model learn from now, and would it be better?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from monitor.engine import Cancel, Progress, Selection
from monitor.errors import ColumnMissingError, MethodError, ModelError, SettingError
from monitor.export.files import json_bytes
from monitor.handover.records import list_handovers
from monitor.handover.results import list_all_trained
from monitor.handover.rules import check_triggers, delay_text, last_learned, needs_incidents, own_triggers
from monitor.judgement.narration.figures import number
from monitor.retraining.backtest import CURRENT, Backtest, backtest
from monitor.retraining.found import wrong_rows
from monitor.retraining.plan import Plan, plan_training
from monitor.retraining.rows import Choice, Wrong, read_history
from monitor.retraining.triggers import Trigger, triggers
from monitor.retraining.words import backtest_text, plan_doubt, plan_headline
from monitor.retraining.writing import manifest
from monitor.stats.performance.catalogue import METRICS
from monitor.ui.alerts_page import known_happenings
from monitor.ui.asking import ask_part
from monitor.ui.handover_box import handover_box
from monitor.ui.measuring import judged_of
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import run_cancellable
from monitor.wording import list_text, plural, share_text, window_text

PAGE = "retraining"
MIXES = {"Reference and production": True, "Production only": False}
TESTS = ("Not tested", "Tested on the past")
KEPT, OUT = "Learned from", "Left out"
WEIGHTS = {"All rows alike": False, "Toward the latest inputs": True}


def retraining_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mix = ask_part("retraining_mix", "Learned from", list(MIXES), usual=next(iter(MIXES)))
        weights = ask_part("retraining_weights", "Weights", list(WEIGHTS), usual=next(iter(WEIGHTS)))
        wrong = _wrong(current)
    choice = Choice(reference=MIXES[mix], production=_production(current), weighted=WEIGHTS[weights], wrong=wrong)
    try:
        plan = _plan(current, choice)
    except (ColumnMissingError, MethodError) as error:
        with head:
            page_head(PAGE, "No training set can be built here.", str(error))
        return
    with head:
        page_head(PAGE, plan_headline(plan), plan_doubt(plan))
    _figures(plan)
    for one in plan.cautions():
        st.caption(f":material/info: {md_escape(one)}")
    left, right = st.columns([0.5, 0.5], gap="medium")
    with left:
        tested = _test(current, choice, plan)
    with right:
        _windows(plan)
    _rules(current, plan, tested)
    _files(current, plan, tested)
    handover_box(current)


def _wrong(current: View) -> tuple[Wrong, ...]:
    """Ask whether rows that incidents made wrong are left out, and look for incidents if so."""
    if ask_part("retraining_incidents", "Rows that incidents made wrong", (KEPT, OUT), usual=KEPT) == KEPT:
        return ()
    return wrong_rows(judged_of(current, "incidents").incidents, current.case.timezone)


def _production(current: View) -> Selection:
    return current.production if current.production.data == "production" else Selection("production")


def _key(current: View, choice: Choice) -> tuple[object, ...]:
    opened = workspace(current)
    prints = tuple(opened.fingerprint(name) for name in ("reference", "production"))
    return (PAGE, prints, current.case.key(judged=False), choice)


def _plan(current: View, choice: Choice) -> Plan:
    def work(progress: Progress, _cancel: Cancel) -> Plan:
        return plan_training(read_history(workspace(current), choice, progress=progress), choice, progress=progress)

    plan: Plan = run_cancellable(_key(current, choice), work, text="Reading what could be learned from")
    return plan


def _figures(plan: Plan) -> None:
    counts = plan.counts()
    used, out = counts["production"]["used"], sum(part["rows"] - part["used"] for part in counts.values())
    label = plan.history.label[plan.history.used]
    mean = f"{share_text(float(np.mean(label)))} positive" if plan.history.case.task == "binary" and len(label) else ""
    key_figures(
        [
            KeyFigure("Rows to learn from", f"{plan.rows:,d}", mean),
            KeyFigure("Of production", f"{used:,d}", f"of {counts['production']['rows']:,d} rows"),
            KeyFigure("Left out", f"{out:,d}", "no label, waiting, in incidents"),
            KeyFigure("Columns that know too much", str(len(plan.leaks)), f"of {len(plan.history.features)} columns"),
        ]
    )


def _test(current: View, choice: Choice, plan: Plan) -> Backtest | None:
    """Show the back-test, where it is asked for: it fits models."""
    st.markdown("#### Would it be better?")
    if ask_part("retraining_test", "Test", TESTS, usual=TESTS[0]) == TESTS[0]:
        st.caption("Models are retrained at three times of the past and tested on the rows after each. That takes about half a minute.")
        return None
    try:
        tested: Backtest = run_cancellable(
            (*_key(current, choice), "test"),
            lambda progress, cancel: backtest(plan.history, choice, progress=progress, cancel=cancel),
            text="Retraining in the past",
        )
    except (MethodError, ModelError) as error:
        empty_state("Retraining could not be tested.", str(error))
        return None
    st.markdown(f"**{md_escape(backtest_text(tested))}**")
    if tested.recipe.own is None:
        st.caption(md_escape(f"Tested with trees of ours on the same columns, for {tested.recipe.why}."))
    st.dataframe(_metrics(tested), hide_index=True)
    rows = [
        {
            "Retrained as of": str(one.until)[:10],
            "Learned from": f"{one.learned:,d}",
            "Tested on": f"{window_text(one.windows[0])} to {window_text(one.windows[-1], year=False)}",
            METRICS[tested.lead].title if tested.lead else "Gain": _gain(tested, place + 1),
        }
        for place, one in enumerate(tested.trials)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    return tested


def _gain(tested: Backtest, window: int) -> str:
    if not tested.lead or tested.found[tested.lead].reason[window] != "":
        return "too few rows"
    one = tested.found[tested.lead].at(window)
    return f"{number(one['difference'], 2)} ({number(one['lower'], 2)} to {number(one['upper'], 2)})"


def _metrics(tested: Backtest) -> pd.DataFrame:
    """Return each metric of all trials beside the model in charge and beside the same recipe on the reference."""
    rows = []
    for against, found in ((tested.base, tested.found), (_other(tested), tested.beside)):
        for name in ("roc_auc", "mae", "brier", "value", "recall", "precision"):
            if name in found and found[name].reason[0] == "":
                one = found[name].at(0)
                rows.append(
                    {
                        "Metric": METRICS[name].title, "Retrained": number(one["challenger"]), "Beside": against,
                        "Value": number(one["value"]), "From": number(one["lower"], 2), "To": number(one["upper"], 2),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def _other(tested: Backtest) -> str:
    return "same recipe, reference only" if tested.base == CURRENT else CURRENT


def _rules(current: View, plan: Plan, tested: Backtest | None) -> None:
    """Show how often each rule would have fired: the three that every case has, and the case's own."""
    st.markdown("#### When to retrain")
    case = current.case
    learned = last_learned(list_handovers(case)[0], list_all_trained(case))
    rules = _all_rules(current, plan, tested)
    rows = [
        {
            "Rule": one.name,
            "Would have fired": "not replayed" if one.why else plural(len(one.fired), "time") if one.fired else "never",
            **({"Since the last retraining": "" if one.why else str(learned.after(one))} if learned else {}),
            "Windows": one.why or list_text([window_text(name) for name in one.fired], limit=3),
            "Gain after the first": number(one.gain, 2) if np.isfinite(one.gain) else "not tested",
        }
        for one in rules
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    told = [delay_text(plan.history) if any(one.own for one in rules) else ""]
    if tested is not None and tested.lead:
        told.append(f"Gain: the mean difference of {METRICS[tested.lead].title} in the tests that begin after a rule first fires.")
    if not any(one.own for one in rules):
        told.append("Rules of your own (an incident, money lost, a metric, labels that came in): [[retraining.triggers]] in case.toml.")
    st.caption(md_escape(" ".join(filter(None, told))))


def _all_rules(current: View, plan: Plan, tested: Backtest | None) -> tuple[Trigger, ...]:
    try:
        check_triggers(current.case)
    except SettingError as error:
        st.warning(md_escape(str(error)), icon=":material/warning:")
        return tuple(triggers(plan.history, tested))
    found = known_happenings(current) if needs_incidents(current.case) else None
    return (*triggers(plan.history, tested), *own_triggers(plan.history, tested, found))


def _windows(plan: Plan) -> None:
    st.markdown("#### What it would hold")
    table = plan.by_window
    shown = table.assign(window=[window_text(str(one)) for one in table["window"]])
    names = {"source": "Source", "window": "Window", "rows": "Rows", "used": "Used", "why": "Mostly left out for"}
    st.dataframe(shown.rename(columns=names), hide_index=True, height=320)


def _files(current: View, plan: Plan, tested: Backtest | None) -> None:
    def content() -> bytes:
        return json_bytes(manifest(plan, workspace(current), tested, _all_rules(current, plan, tested)))

    st.download_button(
        "Download the plan", data=content, file_name=f"{current.case_id}-retraining.json", mime="application/json", on_click="ignore",
        icon=":material/download:", key="retraining_plan",
    )  # fmt: skip
    st.caption("The rows themselves: driftscope retrain build CASE --out DIR.")
