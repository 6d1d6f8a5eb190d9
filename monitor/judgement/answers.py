"""The answers of judged screens: their findings and what could not be judged, handed to the words. The registry says which is whose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.explanation_sources import PROBABILITY, STAND_IN, VALUE
from monitor.analyses.label_evidence import at_random
from monitor.analyses.sides import ENOUGH_WINDOWS
from monitor.judgement.adversaries import JudgedAdversaries
from monitor.judgement.concept import JudgedConcept
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.estimate import JudgedEstimate
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.fairness import JudgedFairness
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.narration.answers import Answer, answer, predictions_answer
from monitor.judgement.narration.clauses import MOST_WORDS
from monitor.judgement.narration.explained import Change, Check, against_text, change_headline, production_check, reference_check
from monitor.judgement.narration.moves import LEVELS
from monitor.judgement.narration.places import ELLIPSIS, inside, quoted
from monitor.judgement.narration.sentences import headline
from monitor.judgement.operations import JudgedOperations
from monitor.judgement.outliers import JudgedOutliers
from monitor.judgement.overfitting import in_sample_sentence
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.quality import JudgedQuality
from monitor.judgement.segments import JudgedSegments
from monitor.judgement.window_texts import text_of
from monitor.stats.adversaries.catalogue import KINDS
from monitor.stats.performance.losses import LOSSES
from monitor.stats.performance.selective import ONLY_NEGATIVE, ONLY_POSITIVE
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, number_text, plural, share_text

UNJUDGED = (Status.TOO_FEW_ROWS.value, Status.NOT_JUDGED.value, Status.NOT_APPLICABLE.value)


def inputs_answer(judged: JudgedDrift) -> Answer:
    """Say the state of the columns: one headline, and the doubt about it."""
    unjudged, why = _unjudged(judged)
    chance = judged.expected_false_alarms
    return answer(judged.leading, columns=columns_judged(judged), names=judged.names, unjudged=unjudged, why=why, false_alarms=chance)


def outputs_answer(judged: JudgedDrift) -> Answer:
    """Say the state of what the model answers, of all rows before those of segments; what a challenger answers stands in the doubt."""
    unjudged, why = _unjudged(judged)
    served = served_findings(judged)
    whole = [one for one in served if not judged.result.sides.part(one.what).segment]
    chance = judged.expected_false_alarms
    told = predictions_answer(
        whole or served, outputs=columns_judged(judged), names=judged.names, unjudged=unjudged, why=why, false_alarms=chance
    )
    shadow = next((one for one in judged.found if one not in served), None)
    beside = "" if shadow is None else f"The challenger, which nobody is served: {headline(shadow, judged.names, judged.against)}."
    return Answer(told.headline, " ".join(filter(None, (told.doubt, beside))))


def served_findings(judged: JudgedDrift) -> list[Finding]:
    """Return what was found of the answers that are served: a challenger's only run beside them."""
    return [one for one in judged.found if judged.result.sides.part(one.what).column not in judged.result.shadows]


def columns_judged(judged: JudgedDrift) -> int:
    """Return how many columns a screen looks at, lost and new ones among them."""
    return int(judged.table["column"].nunique())


def _unjudged(judged: JudgedDrift) -> tuple[int, str]:
    """Return how many columns could not be judged in any window, and why."""
    primary = judged.primary
    judged_columns = set(primary.loc[~primary["status"].isin(UNJUDGED), "column"])
    silent = primary[~primary["column"].isin(judged_columns)]
    if silent.empty:
        return 0, ""
    few = bool(silent["status"].eq(Status.TOO_FEW_ROWS).all())
    own = judged.own_windows
    short = "" if own is None or len(own) >= ENOUGH_WINDOWS else f": the reference has only {plural(len(own), 'window')}"
    why = f"every window has fewer than {plural(judged.thresholds.min_rows, 'row')}" if few else f"no change could have been seen{short}"
    return int(silent["column"].nunique()), why


def joint_answer(judged: JudgedMultivariate) -> Answer:
    """Say whether columns still belong together as they did."""
    table = judged.table
    silent = bool(len(table)) and bool(table["status"].isin(UNJUDGED).all())
    few = silent and bool(table["status"].eq(Status.TOO_FEW_ROWS).all())
    why = (
        f"every window has fewer than {plural(judged.thresholds.min_rows, 'row')}"
        if few
        else f"{judged.result.called.a} has too few windows of its own to say what is usual"
    )
    if silent or table.empty:
        return answer((), columns=1, names=judged.names, noun="table", unjudged=1, why=why)
    looked = len(judged.result.pairs) + table["method"].nunique()
    told = answer(judged.leading, columns=looked, names=judged.names, noun="relation", false_alarms=judged.expected_false_alarms)
    if not judged.findings:
        return told
    changed = f"{count_text(len({one.what for one in judged.findings}))} of {plural(looked, 'relation')} changed."
    return Answer(f"{headline(judged.leading[0], judged.names)}.", f"{changed} {told.doubt}".rstrip())


def performance_answer(judged: JudgedPerformance) -> Answer:
    """Say whether the model is still right: the worst run first, in the doubt what held and how many labels are in."""
    result = judged.result
    if not result.labelled.any():
        return Answer("No label is in yet: the page Estimated says what can be said without.")
    told = sorted((one for one in judged.leading if one.note == "worse"), key=_lead_of(judged))
    if told:
        first = f"{headline(told[0], judged.names, judged.against)}."
    elif judged.findings:
        first = f"No metric got worse; {inside(judged.leading[0].label, judged.leading[0].method)} changed."
    elif bool(judged.table["status"].isin(UNJUDGED).all()):
        return Answer("Performance could not be judged.", _labels_text(judged))
    else:
        first = "No metric of the model changed beyond chance."
    return Answer(first, " ".join(filter(None, (_labels_text(judged), in_sample_sentence(result)))))


def fairness_answer(judged: JudgedFairness) -> Answer:
    """Say whether a group is treated apart from all others: what began since first, in the doubt what was judged."""
    table, band = judged.table, judged.thresholds.band
    fair = f"the band of {number_text(band)} to {number_text(1 / band)}"
    few = table[table["group"].notna() & table["status"].eq(Status.TOO_FEW_ROWS)]
    silent = bool(len(few)) and bool(table["status"].isin(UNJUDGED).all())
    if silent or table.empty:
        return Answer("Fairness could not be judged: groups have too few rows.", "Larger windows tell more.")
    doubt = f"{plural(judged.summary['gaps_judged'], 'gap')} between groups judged, with {fair}."
    if not judged.result.labelled.any():
        doubt += " No label is in: only who is decided positive was compared."
    if not judged.findings:
        return Answer("No group is treated apart from others beyond chance and the band.", doubt)
    stable = sum(one.note == "stable" for one in judged.findings)
    lasting = (
        f" {count_text(stable)} of {plural(len(judged.findings), 'gap')} stood in {judged.called.a} too: stable, no drift."
        if stable
        else ""
    )
    return Answer(f"{headline(judged.leading[0], judged.names, judged.against)}.", f"{doubt}{lasting}")


def _lead(finding: Finding) -> tuple[bool, bool, bool, float]:
    """Order: alerts, what goes on, how wrong the level is (that says by how much), the strongest."""
    return (finding.status != Status.ALERT.value, not finding.ongoing, finding.method not in LEVELS, -finding.strength)


def _lead_of(judged: Judged) -> Callable[[Finding], tuple[bool, bool, bool, bool, float]]:
    """Return the order of findings in a headline: those of windows that are cut short alone last."""
    return lambda one: (judged.is_short(one), *_lead(one))


def _labels_text(judged: JudgedPerformance) -> str:
    result = judged.result
    share = f"{share_text(float(result.labelled.sum() / max(result.rows.sum(), 1)))} of rows have a label"
    waiting = int((~result.mature).sum())
    told = f"{share}; {plural(waiting, 'window')} still waiting for theirs." if waiting else f"{share}."
    return f"{told} {_labels_doubt(judged)}".rstrip()


def _labels_doubt(judged: JudgedPerformance) -> str:
    """Say whether rows without a label differ from those that have one, as far as their scores tell."""
    reasons = set(judged.table["reason"].dropna())
    for reason, which in ((ONLY_POSITIVE, "positive"), (ONLY_NEGATIVE, "negative")):
        if reason in reasons:
            return f"Labels exist only where the model decided {which}: what needs the others has bounds and no value."
    labels = judged.result.evidence.get("labels")
    if labels is None or len(labels) < 2 or at_random(labels):
        return ""
    low, high = (share_text(float(getattr(labels["share"], end)()), 2) for end in ("min", "max"))
    return f"Labels are not missing at random: {low} to {high} of rows have one, by tenth of the score."


def estimate_answer(judged: JudgedEstimate) -> Answer:
    """Say what is estimated of the model: the worst run first; in the doubt how good estimates were where labels are in."""
    result = judged.result
    if not result.trusted.any():
        return Answer("Nothing can be estimated: every window differs too much from the reference.", _scored_text(judged))
    told = sorted(
        (one for one in judged.leading if one.kind is not FindingKind.ESTIMATE and one.note == "worse"),
        key=lambda one: (judged.is_short(one), _lead(one)),
    )
    better = [one for one in judged.leading if one.kind is not FindingKind.ESTIMATE]
    gaps = sorted(
        (one for one in judged.leading if one.kind is FindingKind.ESTIMATE and one.note == "worse"),
        key=lambda one: (judged.is_short(one), _lead(one)),
    )
    if gaps and not told:
        doubt = "Labels contradict the estimate there: how they depend on inputs changed, which no estimate sees."
        return Answer(f"{headline(gaps[0], judged.names, judged.against)}.", f"{doubt} {_scored_text(judged)}")
    if told:
        first = f"{headline(told[0], judged.names, judged.against)}."
    elif better:
        first = f"{headline(better[0], judged.names, judged.against)}: no metric is estimated to be worse."
        first = first if len(first.split()) <= MOST_WORDS else f"{headline(better[0], judged.names, judged.against)}."
    elif bool(judged.table.loc[judged.table["default"], "status"].isin(UNJUDGED).all()):
        return Answer("What is estimated could not be judged.", _scored_text(judged))
    else:
        first = "The model is estimated to be as right as before."
    return Answer(first, " ".join(filter(None, (_failed_text(judged), _scored_text(judged)))))


def _failed_text(judged: JudgedEstimate) -> str:
    """Say where the estimate failed: labels contradict it."""
    gaps = [one for one in judged.leading if one.kind is FindingKind.ESTIMATE]
    if not gaps:
        return ""
    return f"Where labels are in the estimate failed: {headline(gaps[0], judged.names, judged.against)}."


def _scored_text(judged: JudgedEstimate) -> str:
    result = judged.result
    withheld, waiting = int((~result.trusted).sum()), int((~result.mature).sum())
    parts = [
        f"{plural(waiting, 'window')} without all labels" if waiting else "",
        f"{plural(withheld, 'window')} withheld" if withheld else "",
        f"estimator {result.method}, chosen by {result.chosen_by}",
    ]
    return f"{', '.join(filter(None, parts)).capitalize()}."


def segments_answer(judged: JudgedSegments) -> Answer:
    """Say where the model got worse: the segment that adds most, in the doubt how many were looked at."""
    result = judged.result
    looked = f"{plural(result.singles + result.pairs, 'segment')} looked at, of one column and of two."
    if not result.usable.any():
        return Answer("No window has its labels in: segments cannot be compared.")
    if not result.found:
        return Answer("No segment has rows enough to be compared.", "A segment needs 100 labelled rows on each side.")
    if not judged.findings:
        return Answer("No segment moved away from the other rows beyond chance.", looked)
    worse = [one for one in judged.leading if one.note == "worse"]
    rest = len({one.what for one in judged.findings}) - 1
    more = f"{plural(rest, 'further segment')} moved. " if rest else ""
    return Answer(f"{headline((worse or judged.leading)[0], judged.names, judged.against)}.", f"{more}{looked}")


def adversaries_answer(judged: JudgedAdversaries) -> Answer:
    """Say whether somebody seems to play against the model: the clearest sign first, in the doubt what else, and what was not looked at."""
    unseen = sorted({KINDS[one.what].title.lower() for one in judged.skipped if one.what in KINDS})
    left = f"Not looked at: {list_text(unseen)}." if unseen else ""
    status = judged.table["status"]
    if len(status) == 0 or bool(status.isin(UNJUDGED).all()):
        return Answer("Nothing could be looked at: too few rows, or no column to compare.", left)
    if not judged.findings:
        return Answer("Nothing looks as if somebody played against the model.", left)
    rest = len(judged.findings) - 1
    more = f"{plural(rest, 'further sign')} below." if rest else ""
    doubt = (
        "Rows alike may also be a client that repeats itself: look at the rows." if judged.findings[0].method == "near_duplicates" else ""
    )
    return Answer(_stopped(headline(judged.findings[0], judged.names, judged.against)), " ".join(filter(None, (more, doubt, left))))


def concept_answer(judged: JudgedConcept) -> Answer:
    """Say whether labels depend on inputs otherwise: what all rows show before what columns do, in the doubt what goes on and how much
    of the change of the metric inputs explain."""
    result = judged.result
    if not result.usable.any() or not result.tracks:
        return Answer("No window has its labels in: the relation cannot be looked at.")
    if not judged.findings:
        return Answer("Labels depend on inputs as they did, beyond chance.", _parts_text(judged))
    lead = judged.leading[0]
    going = next((one for one in judged.findings if one.ongoing and not lead.ongoing), None)
    lasts = "" if going is None else _stopped(headline(going, judged.names, judged.against))
    return Answer(_stopped(headline(lead, judged.names, judged.against)), " ".join(filter(None, (lasts, _parts_text(judged)))))


def _stopped(text: str) -> str:
    """End a headline with a full stop, where none of its words is cut."""
    return text if text.endswith(ELLIPSIS) else f"{text}."


def _parts_text(judged: JudgedConcept) -> str:
    """Say how much of the change of the metric inputs explain, over all windows whose labels are in."""
    result = judged.result
    n = np.where(result.usable, result.labelled, 0).astype(float)
    parts = {one.method: float(np.nan_to_num(one.value) @ n / max(n.sum(), 1.0)) for one in result.tracks if not one.column}
    if not {"total", "covariate", "concept"} <= set(parts):
        return ""
    title = LOSSES[result.metric].title
    told = [number_text(parts[name], 2) for name in ("total", "covariate", "concept")]
    return f"{title} changed by {told[0]}: {told[1]} because inputs changed, {told[2]} because the relation did."


def operations_answer(judged: JudgedOperations) -> Answer:
    """Say whether the service runs as it did: the worst finding first, in the doubt how many metrics were judged and what is skipped."""
    table = judged.table
    known = table[~table["status"].isin(UNJUDGED)]
    looked = int(known["metric"].nunique())
    if not looked:
        return Answer("Operations could not be judged.", "Windows have too few rows, or the reference too few windows.")
    lacking = "" if judged.result.latency else " No column has the role latency_ms: whether it is fast is not known."
    lacking += "" if judged.result.status else " None has the role status: errors are not known."
    doubt = f"{plural(looked, 'metric')} judged.{lacking}"
    if not judged.findings:
        return Answer("The service runs as in the reference.", doubt)
    bad = next((one for one in judged.findings if one.note == "worse"), judged.findings[0])
    return Answer(f"{headline(bad, judged.names, judged.against)}.", doubt)


def quality_answer(judged: JudgedQuality) -> Answer:
    """Say whether the data is what it was: what changed first, in the doubt the defects that were there before."""
    changed = [one for one in judged.findings if one.kind is not FindingKind.DEFECT]
    stable = len(judged.findings) - len(changed)
    doubt = f"{plural(stable, 'defect')} stood in {judged.called.a} too: stable, no drift." if stable else ""
    if bool(judged.table["status"].isin(UNJUDGED).all()):
        return Answer("The quality of the data could not be judged: windows have too few rows.", doubt)
    if not changed:
        return Answer("The data is as good as in the reference.", doubt)
    columns = len({one.what for one in changed})
    more = f"{count_text(columns)} {'columns or checks' if columns > 1 else 'column or check'} changed. "
    return Answer(f"{headline(changed[0], judged.names, judged.against)}.", f"{more}{doubt}".rstrip())


def outliers_answer(judged: JudgedOutliers) -> Answer:
    """Say whether more rows than usual are unlike the reference; in the doubt how many are flagged, how many would be without change, and
    what no row can be called."""
    rows = int(judged.result.rows.sum())
    a, n = judged.result.called.a, judged.result.calibration
    if not judged.expected:
        few = f"{plural(n, 'row')} of {a} allow no p-value below {number_text(1 / (n + 1), 2)}."
        return Answer(f"{a[:1].upper()}{a[1:]} has too few rows to flag any.", few)
    told = [share_text(one, 2) for one in (judged.flagged / max(rows, 1), judged.expected, judged.worst_stretch)]
    flagged = f"{told[0]} of {plural(rows, 'row')} are flagged, {told[1]} would be without change"
    doubt = f"{flagged}; {told[2]} in the worst stretch of {a} when held out."
    if judged.findings:
        return Answer(_stopped(headline(judged.findings[0], judged.names, judged.against)), doubt)
    if bool(judged.shares["status"].isin(UNJUDGED).all()):
        return Answer("Whether more rows are unusual than before could not be judged.", doubt)
    return Answer(f"No more rows are unlike {judged.against} than usual.", doubt)


def explanations_answer(judged: JudgedExplanations) -> Answer:
    """Say how the mean prediction moved and which columns account for it; in the doubt who moved it the other way, and what the numbers
    rest on."""
    if not judged.result.attributions.trusted:
        followed = (
            f"A stand-in that learned them follows little (R² {number_text(judged.result.attributions.fidelity, 2)} on rows held out)"
        )
        return Answer("Scores cannot be explained: no stand-in follows them.", f"{followed}. Name the model file in [model] of case.toml.")
    change = change_of(judged)
    told, other = change_headline(change), against_text(change)
    beside = "" if other.removeprefix("Against it: ").rstrip(".") in told else other
    return Answer(told, " ".join(filter(None, (beside, _source_text(judged), skew_text(judged)))))


def change_of(judged: JudgedExplanations, kept: NDArray[np.bool_] | None = None, klass: str | None = None) -> Change:
    """Return the change of the mean prediction in its parts, over the windows `kept` (w,), of a class (default: that which moved most)."""
    result = judged.result
    told = result.leading if klass is None else result.of_class(klass)
    fall = told.told_fall(kept)
    lower, upper = (fall.change, fall.change) if result.calibrated else told.moved(kept)
    parts = list(zip((result.label(name) for name in result.attributions.columns), fall.contributions.tolist(), strict=True))
    return Change(subject=subject_of(judged, told.klass), before=fall.before, after=fall.after, lower=lower, upper=upper, parts=parts)


def subject_of(judged: JudgedExplanations, klass: str) -> str:
    """Name what moved: "The mean probability", of a stand-in "The stand-in's mean probability"."""
    attributions = judged.result.attributions
    unit = judged.result.told_unit
    what = unit if unit == PROBABILITY else "prediction" if unit == VALUE else f"prediction ({unit})"
    of = f" of {quoted(klass)}" if klass else ""
    whose = "The stand-in's" if attributions.source == STAND_IN else "The"
    return f"{whose} mean {what}{of}"


def _source_text(judged: JudgedExplanations) -> str:
    attributions, sides = judged.result.attributions, judged.result.sides
    rows = f"{count_text(sides[0].n)} and {count_text(sides[1].n)} rows explained"
    if attributions.source == STAND_IN:
        return f"{rows}; no model file: a stand-in learned the scores (R² {number_text(attributions.fidelity, 2)} on rows held out)."
    return f"{rows}, {attributions.explainer}."


def skew_text(judged: JudgedExplanations) -> str:
    """Say that the model does not say what was logged of production, where it does not."""
    check = checks_of(judged)[1]
    return "" if check is None or check.reproduced else production_check(check)


def checks_of(judged: JudgedExplanations) -> tuple[Check | None, Check | None]:
    """Return how the model's answers compare with the logged ones, of the reference and of production."""
    found = []
    for one in judged.result.reproductions:
        told = "" if one is None or one.window is None else text_of(judged, one.window)
        found.append(
            None
            if one is None
            else Check(
                n=one.n, reproduced=one.reproduced, alike=one.alike, share_equal=one.share_equal, largest=one.largest_difference,
                correlation=one.correlation, window=told,
            )
        )  # fmt: skip
    return found[0], found[1]


def reproduction_text(judged: JudgedExplanations) -> str:
    """Say whether the model says what was logged, on both sides."""
    reference, production = checks_of(judged)
    return " ".join(filter(None, (production_check(production), reference_check(reference))))
