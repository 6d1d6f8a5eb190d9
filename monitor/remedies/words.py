"""The remedy bench in words. Nothing pays, or costs, where no money is told: then it helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.incidents.cause import Cause
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.figures import digits_of, number, value
from monitor.judgement.narration.places import clean
from monitor.remedies.bench import Bench
from monitor.remedies.gains import Gain
from monitor.remedies.kinds import DOUBTED, SERVICE, UNWANTED, Basis, Remedy, Why
from monitor.remedies.option import Option
from monitor.stats.performance.catalogue import METRICS
from monitor.wording import count_text, list_text, plural, share_text

TITLES: Mapping[Remedy, str] = {
    Remedy.NOTHING: "Change nothing in model or inputs",
    Remedy.PATCH: "Mend the input",
    Remedy.RESTORE: "Set the threshold back",
    Remedy.RETHRESHOLD: "Another threshold",
    Remedy.RECALIBRATE: "Recalibrate",
    Remedy.ROLLBACK: "Roll back",
    Remedy.RETRAIN: "Retrain",
}
JOINED: Mapping[Remedy, str] = {Remedy.RESTORE: " to ", Remedy.RETHRESHOLD: ", ", Remedy.ROLLBACK: " to "}
"""What stands between the title of an option and how it was made."""
DIGITS = 3
"""Significant digits of a figure that no option moves."""
MONEY = frozenset({"value", "cost"})
"""Metrics in money."""
LOST = "Mend the source"
"""What a patch is called where the true values are not in the rows."""
OWN_TITLES: Mapping[str, str] = {
    "decision_loss": "Cost of wrong decisions", "latency_ms": "Latency (ms)", "cost": "Cost of a call", "error_share": "Calls that fail",
    "value": "Value of a decision",
}  # fmt: skip
WHY: Mapping[Why, str] = {
    Why.NO_LABELS: "no label says what turned out true",
    Why.FEW_LABELS: "too few rows have a label that counts, or too few of these are of one class",
    Why.FEW_ROWS: "too few rows to compare with",
    Why.NO_OVERLAP: "no earlier version answered rows of the same place at the same time",
    Why.NO_MODEL: "the model cannot be asked again",
    Why.NO_INVERSE: "nothing says how the values could be brought back",
    Why.NOT_INPUT: "no input is wrong",
    Why.NO_SCORE: "scores are no probabilities",
    Why.LABELS_IN_DOUBT: "labels of these rows are in doubt: what fits them best need not be right",
    Why.NOT_TO_LEARN: "these rows are no customers' and nothing should be fitted to them",
    Why.NOT_ANSWERS: "it would not change how calls are served",
    Why.NO_VERSION: "no rows of an earlier version",
    Why.SAME_VERSION: "the same version served before",
    Why.NO_THRESHOLD: "a regression has no threshold",
    Why.NO_OLD_THRESHOLD: "nobody says which threshold it was before",
    Why.MANY_CLASSES: "only binary and regression models are tried",
    Why.NOT_FITTED: "no model could be fitted",
    Why.COPIES: "one copy of a row is answered as the other is: counts change, answers do not",
}
"""Why an option was not tried."""
UNBROKEN: Mapping[Cause, str] = {
    Cause.MIX_CHANGE: "other rows come, and each is answered as before",
    Cause.SEASON: "it is the time of the year",
    Cause.VOLUME_CHANGE: "rows that did not come cannot be answered otherwise",
    Cause.FRESHNESS: "the pipeline is late, not the model",
    Cause.PIPELINE_FAILURE: "a job did not bring the data, and has to run again",
}
"""Why nothing of model or input needs a change, by cause."""


def title(one: Option, bench: Bench) -> str:
    """Say what is done."""
    if one.remedy is Remedy.PATCH and one.why is Why.COPIES:
        return "Drop the second copies"
    if one.remedy is Remedy.PATCH and one.basis is Basis.ON_REFERENCE:
        return LOST
    joint = JOINED.get(one.remedy)
    return f"{TITLES[one.remedy]}{joint}{one.told}" if one.told and joint else TITLES[one.remedy]


def metric_title(metric: str) -> str:
    """Return the name of a metric, for people."""
    return OWN_TITLES.get(metric) or (METRICS[metric].title if metric in METRICS else metric)


def gain_text(gain: Gain, currency: str = "", among: Sequence[Gain] = ()) -> str:
    """Write a gain with its interval: "cost of wrong decisions 0.22 against 0.3 (better by 0.016 to 0.14; 602 rows)"; what was is written
    alike in all gains `among` which it stands."""
    alike = [one for one in (gain, *among) if (one.metric, one.now, one.n) == (gain.metric, gain.now, gain.n)]
    digits = max((found for one in alike if (found := digits_of(one.now, one.then)) is not None), default=DIGITS)
    now, then = value(gain.now, digits), value(gain.then, digits)
    both = f"{now} either way" if now == then else f"{then} against {now}"
    unit = f" {currency}" if gain.metric == "value" and currency else ""
    name = metric_title(gain.metric)
    return f"{name} {both}{unit} a row ({_interval(gain)}; {plural(gain.n, 'row')})"


def _interval(gain: Gain) -> str:
    low, high = number(abs(gain.lower), 2), number(abs(gain.upper), 2)
    if gain.sure:
        return f"better by {low} to {high}"
    if gain.worse:
        return f"worse by {high} to {low}"
    return f"{low} worse to {high} better"


def reason(one: Option, bench: Bench) -> str:
    """Say why an option stands where it does."""
    if one.remedy is Remedy.NOTHING:
        return _nothing(bench)
    if one.basis is Basis.NONE:
        return _untried(one)
    first = one.gains[0]
    gain = first if one.hurts else next((each for each in one.gains if each.sure), first)
    figures = gain_text(gain, bench.currency, bench.gains)
    return f"{_verdict(one, gain)}: {figures}.{_beside(one, bench)}{_after(one)}"


def _beside(one: Option, bench: Bench) -> str:
    """Say what an option that helps brings beside the one that takes the cause away, where it is told of the same rows."""
    if one.beside is None or bench.remover is None or not one.pays:
        return ""
    return f" Beside '{title(bench.remover, bench)}', on the same {plural(one.beside.n, 'row')}: {_interval(one.beside)}."


def _untried(one: Option) -> str:
    told = WHY[one.why]
    detail = f" ({one.detail.removesuffix('.')})" if one.detail else ""
    return f"Takes the cause away; not tried, for {told}{detail}." if one.removes else f"Not tried: {told}{detail}."


def _verdict(one: Option, told: Gain) -> str:
    helps, helped = ("pays", "paid") if told.metric in MONEY else ("helps", "helped")
    if one.hurts:
        return "Would have hurt"
    if one.pays:
        return f"Takes the cause away and {helps}" if one.removes else f"Treats what follows, and {helps}"
    if one.fades and not one.removes and any(gain.sure for gain in one.gains):
        return f"{helped.capitalize()} while it lasted, and would hurt now that it is over"
    if any(gain.sure for gain in one.gains):
        return f"Would have {helped} before the incident as well, so that it is no answer to it"
    if one.removes and one.remedy is Remedy.PATCH:
        return "Takes the cause away; in these rows it brings no more than chance, yet wrong values are learned from and read by others"
    return "Takes the cause away, but brings no more than chance" if one.removes else "Brings no more than chance"


def _after(one: Option) -> str:
    gain = next((each for each in one.after if each.worse), None)
    if gain is not None and not one.removes:
        return f" On rows after it: {_interval(gain)}."
    return f" Once it is over it would hurt: take it back then ({_interval(gain)})." if gain is not None else ""


def _nothing(bench: Bench) -> str:
    cause = bench.cause.cause
    if cause in UNBROKEN:
        return f"Nothing of model or input is wrong: {UNBROKEN[cause]}."
    if cause in DOUBTED:
        return "The labels need mending, not the model."
    if cause in UNWANTED:
        return "Set the rows apart: neither model nor input is wrong."
    first = bench.preferred
    if first.remedy is Remedy.NOTHING:
        return _nothing_better(bench)
    if first.gain is None:
        return "What that loses cannot be told, for the option above could not be tried."
    return "Gives away what the option above it would have brought." if first.pays else "Loses nothing beyond chance in these rows."


def _nothing_better(bench: Bench) -> str:
    if any(one.remedy is Remedy.RESTORE and one.hurts for one in bench.options):
        return "The earlier threshold would have been worse: tell the case the new one."
    tried = [one for one in bench.options if one.gain is not None]
    if not tried:
        return "No option could be tried."
    return f"No option that {'could be' if untried_remover(bench) else 'was'} tried brings more than chance."


ASSUMES: Mapping[tuple[Remedy, Basis], str] = {
    (Remedy.PATCH, Basis.SIMULATED): "the change is undone exactly as it was found, and what turned out true does not depend on the answer",
    (Remedy.PATCH, Basis.ON_REFERENCE): "the true values are lost, so the damage was done to rows of the reference in the same place: "
    "those concerned suffer as these do, and their source is mended",
    (Remedy.PATCH, Basis.BESIDE): "no model could be asked, so that the rows are compared with those of the same place in the reference: "
    "nothing else made them worse",
    (Remedy.RESTORE, Basis.SIMULATED): "scores stay as they are, and what turned out true does not depend on the decision",
    (Remedy.RETHRESHOLD, Basis.SIMULATED): "chosen on the first half of the rows concerned, tried on the later ones; in these rows only",
    (Remedy.RECALIBRATE, Basis.SIMULATED): "fitted to the first half of the rows concerned, tried on the later ones; in these rows only",
    (Remedy.RETRAIN, Basis.SIMULATED): "learned from what was known when half of the rows concerned had come, tried on the later ones",
    (Remedy.ROLLBACK, Basis.SIMULATED): "the model file is the earlier version: it says what that version said",
    (
        Remedy.ROLLBACK,
        Basis.BESIDE,
    ): "rows of the earlier version, of the time when both served where there was one, are like those concerned in all but the version",
}


HINDSIGHT = "labels of the first half had not come by then: it is what fitting today would bring in rows like the later ones"
"""What is assumed of an option that learned from labels of today."""


def assumes(one: Option, bench: Bench) -> str:
    """Say what the figures of an option assume; empty where it has none."""
    told = ASSUMES.get((one.remedy, one.basis), "")
    told += f"; {HINDSIGHT}" if told and one.hindsight else ""
    return f"{told}; trees of ours, for {one.detail}" if told and one.remedy is Remedy.RETRAIN and one.detail else told


def answer(bench: Bench) -> Answer:
    """Say what is preferred and why, and in the doubt what the figures rest on."""
    first = bench.preferred
    name = title(first, bench)
    if first.remedy is Remedy.NOTHING and untried_remover(bench):
        name = f"For now, {_lower(name)}"
    headline = f"{name}: {_lower(reason(replace(first, detail=''), bench))}"
    return Answer(headline, " ".join(filter(None, (_untried_text(bench), _quicker(bench), _rests(bench)))))


def short_answer(bench: Bench) -> str:
    """Say what is preferred in a few words, without figures: "Roll back to v1: takes the cause away and pays"."""
    first = bench.preferred
    if first.remedy is Remedy.NOTHING or first.basis is Basis.NONE:
        return answer(bench).headline
    gain = first.gains[0] if first.hurts else next((each for each in first.gains if each.sure), first.gains[0])
    return f"{title(first, bench)}: {_lower(_verdict(first, gain))}."


def next_text(bench: Bench, step: str) -> str:
    """Say what comes next where options were tried: what is preferred and why. Where that is nothing because what would take the cause away
    could not be tried, it is the `step` that the cause asks for, and what was tried beside it."""
    first = bench.preferred
    if first.remedy is not Remedy.NOTHING or not untried_remover(bench):
        said = answer(replace(bench, rows=0))
        return " ".join(filter(None, (said.headline, said.doubt)))
    tried = [_lower(title(one, bench)) for one in bench.options if one.gain is not None]
    rest = f"What was tried on its rows does not help beyond chance: {list_text(tried)}." if tried else ""
    return f"{step} {rest}".rstrip()


def untried_remover(bench: Bench) -> Option | None:
    """Return what would take the cause away and could not be tried, where something else is preferred."""
    return next((each for each in bench.options[1:] if each.removes and each.basis is Basis.NONE), None)


def _untried_text(bench: Bench) -> str:
    one = untried_remover(bench)
    return "" if one is None else f"{title(one, bench)}: would take the cause away, and could not be tried, for {WHY[one.why]}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _quicker(bench: Bench) -> str:
    """Say which option brings more beyond chance than the one that takes the cause away, on the same rows; where that stands first, what it
    is beside what takes the cause away."""
    first, remover = bench.preferred, bench.remover
    best = next((one for one in bench.options if one.beats), None)
    if remover is None or best is None or best.beside is None:
        return ""
    rows = f"on the same {plural(best.beside.n, 'row')} ({_interval(best.beside)} a row)"
    if first is not remover:
        return f"{title(remover, bench)} takes the cause away, and brings less than that {rows}."
    return f"Until then: {_lower(title(best, bench))}, which brings more at once {rows}."


def _rests(bench: Bench) -> str:
    if not bench.rows:
        return ""
    share = share_text(bench.labelled / bench.rows, 2)
    rarer = f" ({count_text(bench.rarer)} of the rarer class)" if bench.rarer is not None and bench.labelled else ""
    told = f"{count_text(bench.rows)} rows concerned, {share} of them with a label that counts{rarer}.{_left_out(bench)}"
    priced = "" if bench.priced or bench.cause.cause in SERVICE else " In money once the case says what decisions are worth ([value])."
    misled = " Not in money: what decisions are worth stands in a column that is wrong." if bench.misled else ""
    return told + priced + misled


def _left_out(bench: Bench) -> str:
    """Say which of the labelled rows are left out, for other incidents made them wrong."""
    if not bench.left_out:
        return ""
    made = list_text([f"{clean(name)} ({plural(n, 'row')})" for name, n in bench.wrong])
    others = "another incident" if len(bench.wrong) == 1 else "other incidents"
    return f" {plural(bench.left_out, 'labelled row')} that {others} made wrong {'is' if bench.left_out == 1 else 'are'} left out: {made}."
