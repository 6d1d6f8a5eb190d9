"""The answer of the screen Explanations, and what it says of where its numbers come from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.attributions import PROBABILITY, STAND_IN, VALUE
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.explained import Change, Check, against_text, change_headline, production_check, reference_check
from monitor.judgement.narration.places import quoted
from monitor.judgement.window_texts import text_of
from monitor.stats.explanation.waterfall import Waterfall
from monitor.stats.inference.intervals import Z
from monitor.wording import count_text, number_text

UNSURE = 0.05
"""Share of screens without change on which any column is named by chance."""


def explanations_answer(judged: JudgedExplanations, kept: NDArray[np.bool_] | None = None, klass: str | None = None) -> Answer:
    """Say how the mean prediction moved and which columns account for it, over the windows `kept` (w,) and of a class (default: that which
    moved most); in the doubt who moved it the other way, and what the numbers rest on."""
    if not judged.result.attributions.trusted:
        followed = (
            f"A stand-in that learned them follows little (R² {number_text(judged.result.attributions.fidelity, 2)} on rows held out)"
        )
        return Answer("Scores cannot be explained: no stand-in follows them.", f"{followed}. Name the model file in [model] of case.toml.")
    change = change_of(judged, kept, klass)
    told, other = change_headline(change), against_text(change)
    beside = "" if other.removeprefix("Against it: ").rstrip(".") in told else other
    return Answer(told, " ".join(filter(None, (beside, _source_text(judged), skew_text(judged)))))


def change_of(judged: JudgedExplanations, kept: NDArray[np.bool_] | None = None, klass: str | None = None) -> Change:
    """Return the change of the mean prediction in its parts, over the windows `kept` (w,), of a class (default: that which moved most)."""
    result = judged.result
    told = result.leading if klass is None else result.of_class(klass)
    fall = told.told_fall(kept)
    lower, upper = (fall.change, fall.change) if result.calibrated else told.moved(kept)
    half = _half(fall)
    sure = _beyond_chance(fall.contributions, half)
    told_parts = list(zip(map(result.label, result.attributions.columns), fall.contributions.tolist(), half.tolist(), strict=True))
    return Change(
        subject=subject_of(judged, told.klass), before=fall.before, after=fall.after, lower=lower, upper=upper,
        parts=[(name, part) for (name, part, _), known in zip(told_parts, sure, strict=True) if known],
        unsure=[one for one, known in zip(told_parts, sure, strict=True) if not known],
    )  # fmt: skip


def _half(fall: Waterfall) -> NDArray[np.float64]:
    """Return how far each part may lie off, (d,): as wide as looking at all of them for the largest asks for; nan without an interval."""
    return np.asarray((fall.upper - fall.lower) / 2 * special.ndtri(1 - UNSURE / (2 * max(len(fall.contributions), 1))) / Z)


def _beyond_chance(parts: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which parts have an interval that does not hold 0, (d,); those without an interval are taken as they are."""
    with np.errstate(invalid="ignore"):
        return np.asarray(~(np.abs(parts) <= half) & (parts != 0))


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


def reproduction_beside(judged: JudgedExplanations) -> tuple[str, bool]:
    """Return what is said of that beside the answer, whose doubt tells a failure in production, and whether nothing failed."""
    reference, production = checks_of(judged)
    good = (production is None or production.reproduced) and (reference is None or reference.reproduced or reference.alike)
    return (reproduction_text(judged) if not skew_text(judged) else reference_check(reference)), good
