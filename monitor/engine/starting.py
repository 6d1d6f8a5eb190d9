"""Starting a case from nothing but its data: guessed roles and kinds, written with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from monitor.case import CASE_FILE, Case, DataSection, Roles, WindowSize, write_atomically
from monitor.case.data import encoding_named
from monitor.case.windows import UNIT_HOURS
from monitor.engine.alike import alike_numbers
from monitor.engine.assigning import assigned
from monitor.engine.block_sample import SAMPLE_ROWS, sample_relation
from monitor.engine.class_scores import class_scores
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import local_time
from monitor.engine.compact import compact_dates
from monitor.engine.doubts import toml_line, unread
from monitor.engine.fits import fitting
from monitor.engine.label_source import LabelRoles, joined_by, label_roles, some_keys
from monitor.engine.label_writing import apart, yes_and_no
from monitor.engine.likely import by_content
from monitor.engine.meaning import Meaning, Value, meaning
from monitor.engine.opening import open_workspace
from monitor.engine.outputs import check_folder, make_folder
from monitor.engine.readings import READ, Reading
from monitor.engine.roles import Guess, guess_roles, guess_task, roles_from
from monitor.engine.sentinels import sentinel_doubts
from monitor.engine.workspace import Workspace
from monitor.errors import CaseError
from monitor.tables import Skipped
from monitor.vocabulary import Role, Task

_DOUBTS = {
    Task.NONE: "no column looks like a prediction or a score, so data alone are watched (none); name the prediction if there is a model",
    Task.BINARY: "there is a score, but neither a label nor a prediction to tell it by; written as binary",
}
ENOUGH_WINDOWS, ENOUGH_ROWS = 8, 30
"""Windows that a reference holds, and rows that each holds, for them to be judged (docs/verdict.md; the least rows of thresholds)."""
_SEVERAL = {Role.PROTECTED: "protected", Role.IGNORE: "ignore"}


@dataclass(frozen=True, slots=True)
class InitReport:
    """What `init_case` wrote, what it guessed and what a person should look at."""

    path: Path
    guesses: tuple[Guess, ...]
    unsure: tuple[str, ...]
    read: tuple[str, ...] = ()
    """How text was read, a sentence for each column of which that is not plain."""
    undecided: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Columns of dates of which nobody can know the order, each with both of its formats."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the data say of themselves: roles and kinds, the task, what to look at, what is said of reading text, its formats, the size of
    windows that fits, and the score of each of several classes."""

    guesses: Sequence[Guess]
    task: Task
    doubts: tuple[str, ...]
    read: tuple[str, ...]
    readings: Mapping[str, Reading]
    size: str
    scores: Mapping[str, str] = field(default_factory=dict)
    positive: Value | None = None
    threshold: float | None = None


def init_case(
    sources: Sequence[str | Path], out: Path | str, *, formats: Mapping[str, str] | None = None, encoding: str = ""
) -> InitReport:
    """Guess a case from its data and write a commented case.toml into the folder `out`.

    Parameters
    ----------
    formats : which of two formats columns have of which all values can be read in both, where that is known.
    encoding : of text files; empty: told by their bytes.

    Raises
    ------
    CaseError
        When there is a case already, or no source is given.
    SourceError
        When a source cannot be read.
    SettingError
        When there is no such encoding, or a case that is there would read the new one as its data.
    """
    folder = Path(out).resolve()
    path = folder / CASE_FILE
    if path.exists():
        raise CaseError(f"There is a case already: '{path}'. Choose another folder, or edit it.")
    if not sources:
        raise CaseError("Name at least one source: the reference, then production, then (optionally) labels.")
    named = encoding_named(encoding)
    check_folder(folder, (CASE_FILE,))
    make_folder(folder)
    data, doubts = assigned([str(source) for source in sources], folder)
    data = data.model_copy(update={"encoding": named})
    seen = _look(folder, data, formats or {})
    doubts += [*seen.doubts, *(f"{guess.column}: {guess.role}, {guess.kind} ({guess.reason})" for guess in seen.guesses if not guess.sure)]
    write_atomically(path, _text(folder.name, data, seen))
    undecided = {name: one.choices for name, one in seen.readings.items() if one.undecided}
    return InitReport(path, tuple(seen.guesses), tuple(doubts), seen.read, undecided)


def _look(folder: Path, data: DataSection, known: Mapping[str, str]) -> _Seen:
    plain = Case(
        root=folder,
        name=folder.name,
        task=Task.BINARY,
        data=data.model_copy(update={"labels": None}),
        roles=Roles(),
        kinds={},
        labels_text={},
        windows=WindowSize(1, "whole"),
    )
    with _opened(plain, known) as (workspace, readings, notes, dates):
        sample = sample_relation(workspace.source("reference"), SAMPLE_ROWS)
        fits = fitting(workspace.connection, sample, workspace.facts)
        late = _late_labels(plain, data, workspace)
        fits_told = [(fit.score, fit.decision) for fit in fits]
        guesses = guess_roles(workspace.facts, fits_told)
        if data.labels is None:
            guesses = by_content(workspace.connection, sample, workspace.facts, guesses)
        guesses = _with_labels(guesses, late.roles.guesses)
        facts = {**late.facts, **workspace.facts}
        task, sure = guess_task(facts, guesses)
        told = meaning(workspace.connection, sample, workspace.facts, guesses, fits) if task is Task.BINARY else Meaning(guesses)
        guesses = list(told.guesses)
        scores = _class_scores(workspace, guesses, late) if task is Task.MULTICLASS else {}
        size = _window_size(workspace, guesses)
        odd = [*sentinel_doubts(workspace, workspace.facts)]
        if task is Task.NONE:
            odd += alike_numbers(workspace.connection, sample, workspace.facts, guesses)
    names = {one.column for one in guesses if one.role is Role.MODEL_VERSION}
    late_only = {note.what for note in notes if note.reason == "missing_in_production"} & set(late.facts)
    doubts = [_doubt(note) for note in notes if note.reason != READ and note.what not in late_only | names]
    if not sure:
        doubts.append(f"task: {_DOUBTS[task]}")
    doubts += [
        *told.doubts,
        *odd,
        *unread(facts, guesses, {name for name, one in readings.items() if one.apart}),
        *late.roles.doubts,
        *_two_writings(workspace.facts, late),
    ]
    if task is Task.MULTICLASS:
        guesses = _of_classes(guesses, scores)
        if not scores:
            doubts.append("score: no columns hold the probabilities of the classes; name them as score = { class = column } in [roles]")
    read = [note.message for note in notes if note.reason == READ and note.what not in names]
    read += [f"'{name}' is read as dates ({words}): all its numbers are such." for name, words in dates.items()]
    texts = {**readings, **{name: Reading(words) for name, words in dates.items()}}
    texts = {name: one for name, one in texts.items() if name not in names}  # versions stay as they are written
    return _Seen(guesses, task, tuple(doubts), tuple(read), texts, size, scores, told.positive, told.threshold)


@contextmanager
def _opened(
    plain: Case, known: Mapping[str, str]
) -> Iterator[tuple[Workspace, Mapping[str, Reading], Sequence[Skipped], Mapping[str, str]]]:
    """Open the data with what is `known` of formats, and with those that were found; beside them how text columns are read, what is to be
    said of it, and numbers that are dates.

    Dates of which nobody can know the order are taken in one of the two for what else there is to guess; it is not written as known."""
    with ExitStack() as held:
        workspace = held.enter_context(open_workspace(plain))
        readings, notes, dates = _read(workspace)
        chosen = {name: words for name, words in known.items() if name in readings and readings[name].undecided}
        if chosen:
            held.close()
            workspace = held.enter_context(open_workspace(replace(plain, formats=chosen)))
            readings, notes, dates = _read(workspace)
        found = {name: str(reading.format) for name, reading in readings.items() if reading.undecided} | dict(dates)
        if found:
            held.close()
            workspace = held.enter_context(open_workspace(replace(plain, formats={**chosen, **found})))
        yield workspace, readings, notes, dates


def _read(workspace: Workspace) -> tuple[Mapping[str, Reading], Sequence[Skipped], Mapping[str, str]]:
    notes = (*workspace.skipped, *workspace.notes)
    return workspace.readings, notes, compact_dates(workspace.connection, workspace.sources.values(), workspace.facts)


def _doubt(note: Skipped) -> str:
    return note.message if note.message.startswith(f"{note.what}: ") else f"{note.what}: {note.message}"


def _window_size(workspace: Workspace, guesses: Sequence[Guess]) -> str:
    """Return the longest of a week, a day and an hour that the reference has enough of, with enough rows each; a week where none is so."""
    names = [one.column for one in guesses if one.role is Role.TIMESTAMP]
    if not names:
        return "whole"
    moment = local_time(workspace.schema.info(names[0]), "reference", "UTC")
    # Without the outermost hundredths: one date of the year 9999 is no span.
    asked = f"SELECT count(moment), epoch(quantile_disc(moment, 0.99)) - epoch(quantile_disc(moment, 0.01)) FROM (SELECT {moment} AS moment"
    with workspace.cursor() as cursor:
        rows, seconds = cursor.execute(f"{asked} FROM {workspace.relation('reference')})").fetchone() or (0, None)
    hours = (seconds or 0.0) / 3600 / 0.98
    held = {unit: hours / UNIT_HOURS[unit] for unit in ("week", "day", "hour")}
    able = [unit for unit, many in held.items() if many >= ENOUGH_WINDOWS and rows >= ENOUGH_ROWS * many]
    return f"1 {able[0] if able else 'week'}"


def _of_classes(guesses: Sequence[Guess], scores: Mapping[str, str]) -> list[Guess]:
    """Let the scores of classes be what the case calls scores; one of a single class is none."""
    of = {column: name for name, column in scores.items()}
    told = {column: f"the score of {name!r}; all of them add up to 1" for column, name in of.items()}
    plain = [replace(one, role=Role.FEATURE) if one.role is Role.SCORE else one for one in guesses]
    return [replace(one, role=Role.SCORE, reason=told[one.column], sure=True) if one.column in told else one for one in plain]


@dataclass(frozen=True, slots=True)
class _Late:
    """What a labels source holds: facts of its columns, and their roles."""

    facts: Mapping[str, ColumnFacts]
    roles: LabelRoles


def _late_labels(plain: Case, data: DataSection, held: Workspace) -> _Late:
    """Look at the labels source, if there is one, beside the data that are `held`."""
    if data.labels is None:
        return _Late({}, LabelRoles(()))
    alone = replace(plain, data=data.model_copy(update={"reference": data.labels, "production": data.labels, "labels": None}), formats={})
    with open_workspace(alone) as labels:
        relation = sample_relation(labels.source("reference"), SAMPLE_ROWS)
        facts, keys = labels.facts, some_keys(labels.connection, relation, labels.facts)
    found = [joined_by(held.connection, held.source(name).relation, held.facts, facts, keys) for name in ("production", "reference")]
    return _Late(facts, label_roles(facts, next((one for one in found if one is not None), None)))


def _two_writings(facts: Mapping[str, ColumnFacts], late: _Late) -> list[str]:
    """Say of a label that the reference and the labels file write in words of which nobody can know which are the same."""
    named = [one.column for one in late.roles.guesses if one.role is Role.LABEL and one.column in facts]
    both = [(name, facts[name].examples, late.facts[name].examples) for name in named]
    told = [None if yes_and_no({*here, *there}) else apart(name, here, there, binary=True) for name, here, there in both]
    few = [max(facts[name].distinct, late.facts[name].distinct) <= len(here) for name, here, _ in both]
    return [one for one, known in zip(told, few, strict=True) if one is not None and known]


def _with_labels(guesses: Sequence[Guess], late: Sequence[Guess]) -> list[Guess]:
    """Let what the labels source says replace what was guessed of the same roles and columns."""
    roles, columns = {one.role for one in late}, {one.column for one in late}
    kept = [_other(one) if one.role in roles and one.column not in columns else one for one in guesses]
    return [*(one for one in kept if one.column not in columns), *late]


def _other(guess: Guess) -> Guess:
    return replace(guess, role=Role.IGNORE, reason=f"it looked like the {guess.role}, which the labels file has", sure=False)


def _class_scores(workspace: Workspace, guesses: Sequence[Guess], late: _Late) -> dict[str, str]:
    """Return the score of each class by the values of the label, else of the prediction, that the data hold."""
    answers = [one.column for role in (Role.LABEL, Role.PREDICTION) for one in guesses if one.role is role]
    types = workspace.source("production").types
    able = [name for name in answers if name in types and name not in late.facts] or [name for name in answers if name in types]
    relation = sample_relation(workspace.source("production"), SAMPLE_ROWS)
    return class_scores(workspace.connection, relation, workspace.facts, able[-1]) if able else {}


def _text(name: str, data: DataSection, seen: _Seen) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("Guessed by driftscope init. Lines marked CHECK were not certain."))
    document["case"] = _table(
        {"name": name, "task": seen.task.value}, {"task": "binary | multiclass | regression | none (data without a model)"}
    )
    told = data.model_dump(exclude_defaults=True)
    places = {key: value if isinstance(value, str) else list(value) if len(value) > 1 else value[0] for key, value in told.items()}
    document["data"] = _table(places, {})
    document["roles"] = _roles(seen)
    odd = {guess.column: guess for guess in seen.guesses if guess.role is Role.FEATURE and not guess.sure}
    reasons = {column: f"CHECK: {guess.reason}" for column, guess in odd.items()}
    document["kinds"] = _table({column: guess.kind.value for column, guess in odd.items()}, reasons)
    document["formats"] = _formats(seen.readings)
    windows = {"size": seen.size, "timezone": "UTC"}
    document["windows"] = _table(windows, {"timezone": "in which times without an offset are read and windows are cut"})
    return tomlkit.dumps(document)


def _formats(readings: Mapping[str, Reading]) -> Table:
    """Write down how text was read, so that it is read so tomorrow; what nobody can know is a line to choose."""
    table = tomlkit.table()
    for name, reading in readings.items():
        if reading.undecided:
            ask = "say the zone in timezone below and take the # off" if reading.zones else "every date fits both; take the # off one"
            table.add(tomlkit.comment(f"CHECK, {ask}: {toml_line(name, str(reading.format))}"))
            if reading.rival:
                table.add(tomlkit.comment(toml_line(name, str(reading.rival))))
        elif reading.format not in (None, "iso", "number"):
            item = tomlkit.item(str(reading.format))
            unsure = f"CHECK: or {reading.rival}" if reading.rival else "CHECK: not all values have it" if reading.misfits else ""
            item.comment(unsure or "all values of all files have it")
            table.add(name, item)
    return table


def _roles(seen: _Seen) -> Table:
    roles: dict[str, object] = {key: value for key, value in roles_from(seen.guesses).model_dump(exclude_none=True).items() if value != ()}
    reasons = {guess.role.value: ("" if guess.sure else "CHECK: ") + guess.reason for guess in seen.guesses if guess.role not in _SEVERAL}
    if seen.scores:
        classes = tomlkit.inline_table()
        classes.update(seen.scores)
        roles["score"], reasons["score"] = classes, "the probability of each class; they add up to 1"
    if seen.positive is not None:
        roles["positive_class"], reasons["positive_class"] = seen.positive, "CHECK: what high scores go with"
    if seen.threshold is not None:
        roles["threshold"], reasons["threshold"] = seen.threshold, "CHECK: from this score on decisions differ"
    listed = {_SEVERAL[guess.role]: "CHECK" for guess in seen.guesses if guess.role in _SEVERAL and not guess.sure}
    return _table({key: list(value) if isinstance(value, tuple) else value for key, value in roles.items()}, {**reasons, **listed})


def _table(keys: Mapping[str, object], comments: Mapping[str, str]) -> Table:
    table = tomlkit.table()
    for key, value in keys.items():
        item = tomlkit.item(value)
        if comments.get(key):
            item.comment(comments[key])
        table.add(key, item)
    return table
