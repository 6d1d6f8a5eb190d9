"""The remedy bench of an incident: every option tried, and the order in which they are worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.engine import Cancel, Progress, Selection, Workspace
from monitor.errors import ColumnMissingError, MethodError
from monitor.incidents.cause import Cause, Hypothesis
from monitor.remedies.beside import side_by_side
from monitor.remedies.fitting import Parts, recalibrate, rethreshold, retrain
from monitor.remedies.gains import Gain
from monitor.remedies.ground import Ground
from monitor.remedies.kinds import MENDS, REMOVES, Basis, Remedy, Why
from monitor.remedies.option import Option
from monitor.remedies.patching import patch
from monitor.remedies.restoring import restore
from monitor.remedies.rolling import roll_back
from monitor.retraining.rows import PRODUCTION, Choice, Wrong
from monitor.vocabulary import Task
from monitor.watch import Watch

FITTED: tuple[tuple[Remedy, Callable[[Parts], Option]], ...] = (
    (Remedy.RETHRESHOLD, rethreshold),
    (Remedy.RECALIBRATE, recalibrate),
    (Remedy.RETRAIN, retrain),
)
NOTHING = Option(remedy=Remedy.NOTHING, basis=Basis.SIMULATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Options of an incident in the order in which they are worth it: the first is what is preferred.

    `rows` concerned, `labelled` of them whose labels count, `rarer` of these that are of the rarer class (None: numbers); `left_out` of the
    labelled ones that other incidents made wrong, and `wrong` what these are called, with how many each; `currency` of money ("": not
    known), `priced` whether the case says what decisions are worth, `misled` whether that stands in a column that is wrong, so that nothing
    is told in money.
    """

    cause: Hypothesis
    options: tuple[Option, ...]
    rows: int
    labelled: int
    currency: str
    priced: bool
    misled: bool = False
    rarer: int | None = None
    left_out: int = 0
    wrong: tuple[tuple[str, int], ...] = ()

    @property
    def gains(self) -> tuple[Gain, ...]:
        """What all options bring, in every metric."""
        return tuple(gain for one in self.options for gain in one.gains)

    @property
    def remover(self) -> Option | None:
        """What takes the cause away; None where nothing of model or input does."""
        return next((one for one in self.options if one.removes), None)

    @property
    def preferred(self) -> Option:
        """What is preferred."""
        return self.options[0]


def try_remedies(
    workspace: Workspace,
    cause: Hypothesis,
    *,
    production: Selection = PRODUCTION,
    seed: int = 0,
    wrong: tuple[Wrong, ...] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Bench:
    """Try every option on the rows that a cause concerns, without those that other incidents made `wrong`.

    Raises
    ------
    CancelledError
        It was called off.
    """
    watch, case = Watch(progress, cancel), workspace.case
    watch.tell(0.0, "reading the rows concerned")
    try:
        ground = Ground.of(workspace, cause, Choice(production=production, seed=seed, wrong=wrong))
    except (ColumnMissingError, MethodError) as error:
        why = Why.MANY_CLASSES if case.task not in (Task.BINARY, Task.REGRESSION) else Why.NO_LABELS
        return _untried(cause, why, str(error), priced=case.value is not None)
    found = side_by_side(ground, list(_tried(ground, watch)))
    return Bench(
        cause=cause,
        options=ranked(found),
        rows=int(ground.hit.sum()),
        labelled=int((ground.hit & ground.counts).sum()),
        currency=case.value.currency if case.value else "",
        priced=case.value is not None,
        misled=case.value is not None and ground.history.worth is None and case.task is Task.BINARY,
        rarer=ground.rarer,
        left_out=int(ground.spoilt.sum()),
        wrong=ground.spoilt_by,
    )


def _tried(ground: Ground, watch: Watch) -> Iterator[Option]:
    yield NOTHING
    watch.tell(0.2, "mending the input")
    yield patch(ground)
    watch.tell(0.35, "asking the earlier version")
    yield roll_back(ground)
    if ground.cause.cause is Cause.THRESHOLD_CHANGE:
        yield restore(ground)
    parts = Parts.of(ground)
    for at, (remedy, work) in enumerate(FITTED):
        watch.tell(0.4 + 0.2 * at, f"trying to {remedy}")
        yield work(parts)


def _untried(cause: Hypothesis, why: Why, detail: str, *, priced: bool) -> Bench:
    removes = REMOVES.get(cause.cause)
    kinds = [one for one in Remedy if one not in (Remedy.NOTHING, Remedy.RESTORE) or one is removes]
    rest = [Option(remedy=one, basis=Basis.NONE, removes=one is removes, why=why, detail=detail) for one in kinds]
    return Bench(cause=cause, options=ranked([NOTHING, *rest]), rows=cause.rows, labelled=0, currency="", priced=priced)


def ranked(options: list[Option]) -> tuple[Option, ...]:
    """Return options in the order in which they are worth it.

    What takes the cause away comes first: a patch, or the threshold set back, unless it was seen to hurt (wrong values are also learned
    from and read by others); another model or version only where it helps, and nothing that helps brings more on the same rows beyond
    chance. Then what else helps, the most first; then doing nothing; then what does not help, and what could not be tried.
    """
    remover = next((one for one in options if one.removes), None)
    beaten = any(one.beats for one in options)
    return tuple(sorted(options, key=lambda one: _place(one, remover, beaten=beaten)))


def _place(one: Option, remover: Option | None, *, beaten: bool) -> tuple[int, float]:
    gain = 0.0 if one.gain is None else one.gain.gain
    if remover is not None and remover.gain is not None and one.beside is not None:
        gain = remover.gain.gain + one.beside.gain  # on the rows that both answered
    if one.remedy is Remedy.NOTHING:
        return 2, 0.0
    if one.removes and ((one.pays and not beaten) or (one.remedy in MENDS and not one.hurts)):
        return 0, -gain
    if one.pays:
        return 1, -gain
    return (4, 0.0) if one.basis is Basis.NONE else (3, -gain)
