"""What is done first about an incident: by its cause, and, where a model would have to learn, by the labels that its rows have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.incidents.cause import TIMES, Cause, Hypothesis, Inverse
from monitor.incidents.incident import Incident
from monitor.stats.causes.inverses import UNITS
from monitor.wording import count_text, number_text

FEWEST_FITTED, FEWEST_RARE = 100, 20
"""Labelled rows, and rows of the rarer class, from which something is fitted."""
FIRST_PART = 0.5
"""Part of the labelled rows concerned that something is fitted to; it is tried on the later ones."""
NEXT: Mapping[Cause, str] = {
    Cause.UNIT_CHANGE: "Convert back at the source, or before the model; score the rows concerned again.",
    Cause.SCALE_CHANGE: "Divide by the factor before the model, score again; ask the source what changed.",
    Cause.OFFSET: "Take the offset away before the model, score again; ask the source what changed.",
    Cause.TIME_SHIFT: "Mend the join on time (time zone, late table); score the rows concerned again.",
    Cause.STUCK_VALUE: "Restart or replace what reports the value; treat the repeated values as missing.",
    Cause.DEFAULT_FILL: "Turn the value back into what it stands for before the model; mend the step that fills it in.",
    Cause.CLIPPED: "Lift the bound upstream; score the rows concerned again.",
    Cause.ROUNDED: "Ask the source for the lost digits; see whether the model needs them.",
    Cause.MISSING_VALUES: "Mend the join or the source and fill in the rows; score them again.",
    Cause.RECODE: "Map the new spelling back before the model; agree it with the source in the contract.",
    Cause.NEW_LEVELS: "Find out what the new levels are; the model knows nothing of them. Retrain once they have labels.",
    Cause.SWAPPED_COLUMNS: "Swap the columns back, score again; test the step that names them.",
    Cause.SCHEMA_CHANGE: "Rename or convert the columns before the model; agree the schema in the contract.",
    Cause.LOST_COLUMN: "Restore the column; until then the model answers without it.",
    Cause.DUPLICATED_ROWS: "Leave the second copies out of scoring, metrics and retraining; mend the join that doubles them.",
    Cause.VOLUME_CHANGE: "Ask whether the rows are lost or did not happen; fill in what is lost.",
    Cause.TRAFFIC_BURST: "Set the rows apart from metrics and retraining; find out who sent them.",
    Cause.ADVERSARIAL_BURST: "Set the rows apart, limit the rate of who sent them, review them by hand.",
    Cause.LABEL_DELAY: "Wait or ask for the labels; until then read the estimate, not the metric.",
    Cause.LABEL_CHANGE: "Ask who labels whether the rule changed; do not retrain on these labels before.",
    Cause.THRESHOLD_CHANGE: "Set the threshold back where rows are decided, or tell the case the new one; nothing is wrong with the model.",
    Cause.MIX_CHANGE: "Nothing is broken: see whether the model is right for the rows that became more; reweight when retraining.",
    Cause.SLOW_DRIFT: "Ask the source whether the instrument drifts; calibrate it there.",
    Cause.SEASON: "Nothing is broken: annotate it, and let the reference hold a whole year.",
    Cause.MODEL_VERSION: "Compare the versions; roll back where the new one is worse.",
    Cause.LATENCY: "See what was released or changed just then; take it back or give it more room, and see the rows that time out.",
    Cause.ERRORS: "Look at the failing calls; roll the release back.",
    Cause.COST: "Find out what made answers dearer; set a budget.",
    Cause.FRESHNESS: "Look at the pipeline that brings the rows.",
    Cause.PIPELINE_FAILURE: "Mend the job and run it again for the days that it lost; score the rows concerned again.",
    Cause.UNKNOWN: "Look at the rows and at the strongest finding; no cause that is known explains it.",
}
"""What is done first, by cause."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of the rows of an incident: how many `rows` have one that counts, how many of them are of the `rarer` class (None: numbers),
    and whether there are decisions that another threshold changes (`binary`)."""

    rows: int
    rarer: int | None
    binary: bool

    @property
    def enough(self) -> bool:
        """Whether something can be fitted to a part of them and tried on the rest."""
        rare = self.rarer is None or FIRST_PART * self.rarer >= FEWEST_RARE
        return rare and FIRST_PART * self.rows >= FEWEST_FITTED


def labels_of(one: Incident) -> Labels:
    """Return what labels the rows of an incident have, as far as it was measured."""
    known = {} if one.effect is None else {each.metric: each.now for each in one.effect.metrics}
    if (share := known.get("base_rate")) is not None:
        rarer = round(share.n * min(share.value, 1 - share.value)) if share.n and share.value == share.value else 0
        return Labels(share.n, rarer, binary=True)
    return Labels(max((each.n for each in known.values()), default=0), None, binary=False)


def next_step(one: Incident) -> str:
    """Say what is done first. Nothing is promised that too few labels could not bear."""
    if one.cause is not Cause.CONCEPT_CHANGE:
        return _with_figures(one.hypothesis) or NEXT[one.cause]
    labels = labels_of(one)
    if labels.enough:
        until = "another threshold" if labels.binary else "calibrating its answers anew"
        return f"See what retraining with rows since the onset would bring, and until then {until} where it happened."
    ways = "retrain or to set another threshold" if labels.binary else "retrain"
    return f"Let people decide where it matters, and retrain once more rows have a label: {_held(labels)}, too few to {ways}."


def next_steps(one: Incident, first: str = "") -> str:
    """Say what is done first of each cause that is told with it too; `first`: what follows for its own, where remedies were tried."""
    others = (f"{each.brief or each.claim}: {next_step(each)}" for each in one.absorbed)
    return " ".join((first or next_step(one), *others))


def _with_figures(cause: Hypothesis) -> str:
    """Say how values are brought back where what undoes the change is known, or was fitted; "" where it is neither."""
    inverse = cause.inverse
    if cause.cause not in (Cause.UNIT_CHANGE, Cause.SCALE_CHANGE) or inverse is None or inverse.kind != "affine" or inverse.scale <= 0:
        return ""
    if cause.cause is Cause.UNIT_CHANGE:
        return NEXT[cause.cause].replace("Convert back", f"Convert back ({_brought_back(inverse)})", 1)
    told = _brought_back(inverse)
    return f"{told[:1].upper()}{told[1:]} before the model, score again; ask the source what changed."


def _brought_back(inverse: Inverse) -> str:
    """Say what is done to values: "divide by 2.2046", "take 32 away, then divide by 1.8"."""
    fitted = inverse.value == TIMES or not (inverse.says in _NAMES or inverse.is_decimal)
    about, digits = ("about ", 3) if fitted else ("", 5)
    factor, shift = 1 / inverse.scale, inverse.offset / inverse.scale
    way, size = ("divide", factor) if factor >= 1 else ("multiply", inverse.scale)
    moved = f"{about}{number_text(abs(shift), digits)}"
    parts = [f"take {moved} away" if shift < 0 else f"add {moved}"] if shift else []
    parts += [f"{way} by {about}{number_text(size, digits)}"] if factor != 1 else []
    return ", then ".join(parts)


_NAMES = frozenset(one.says for one in UNITS)
"""Known units, whose factor is exact."""


def _held(labels: Labels) -> str:
    if not labels.rows:
        return "none since the onset has one that counts yet"
    of_them = "" if labels.rarer is None else f", {count_text(labels.rarer)} of the rarer class"
    return f"{count_text(labels.rows)} since the onset {'has' if labels.rows == 1 else 'have'} one that counts{of_them}"
