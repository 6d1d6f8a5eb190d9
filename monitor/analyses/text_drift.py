"""Drift of the words of text columns: how well a window's texts are told from the reference's, which words moved, how many are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from monitor.analyses.joint_series import Series
from monitor.analyses.joint_sides import STRETCHES, line_baselines
from monitor.analyses.sides import ENOUGH_WINDOWS, Question, Sides
from monitor.engine import Cancel, ColumnFacts, Matrix, MatrixRows, Progress, Transform, Workspace, open_matrix, rows_at
from monitor.errors import CancelledError
from monitor.profile import Floats, Ints, Windows
from monitor.stats.methods.texts import LONGEST_TEXT, Corpus, moved_words, new_word_share, read_corpus, repeated_share, separate_texts
from monitor.stats.multivariate.classifier import Separation, inseparable
from monitor.tables import Skipped

CLASSIFIER, NEW_WORDS = "vocabulary_classifier", "new_words"
CHARACTERS = 10_000_000
"""Characters that are read of a column, over all windows."""
PER_WINDOW = (200, 600)
"""Fewest and most rows that are sampled of a window."""
REFERENCE_WINDOWS = 12
"""Windows of the reference that are told from the rest of it, evenly over time."""
FEWEST_TEXTS = 10
"""Texts of a window below which it has no score."""
FEWEST_TERMS = 5
ROW_VARIANCE: Mapping[str, float | None] = {"vocabulary_classifier": 1.5 / 12, "new_words": None}
"""Variance of a score times the texts of the window: of an AUC of nothing against twice as many texts, (1 + 1 / 2) / 12 (Mann and Whitney
1947). Windows of the reference that happen to agree do not make less of it."""
WORDS = (
    "window", "word", "share_reference", "share_production", "n_reference", "n_production", "read_reference", "read_production", "p_value",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDrift:
    """Drift of one text column: `series` by method.

    Of the classifier `lower` and `upper` (w,) are the 95 % interval of its AUC and `alone` (w,) its p-value where the reference has too few
    windows to say what is usual. `used` texts of a window and `used_reference` of what it is compared with are (w,) by method. `words`
    (columns WORDS) are those that moved in each window, the most surprising first, with the texts that hold them and those that were read.
    `counted` is the measured name whose rows it shares, `per_window` the rows sampled of each window.
    """

    column: str
    counted: str
    series: dict[str, Series]
    lower: Floats
    upper: Floats
    alone: Floats
    used: dict[str, Ints]
    used_reference: dict[str, Ints]
    words: pd.DataFrame
    per_window: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far the reading of texts is, and who may call it off."""

    progress: Progress | None = None
    cancel: Cancel | None = None

    def tell(self, share: float, column: str) -> None:
        """Report, or raise CancelledError."""
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError(f"Cancelled while reading the texts of '{column}'.")
        if self.progress is not None:
            self.progress(share, f"comparing the words of {column}")


def text_columns(workspace: Workspace, question: Question) -> dict[str, str]:
    """Return the text columns that are asked about, each with the measured name of its length."""
    measured = workspace.measured(question.columns, roles=question.roles)
    lengths = {one.column: one.name for one in measured if one.transform is Transform.LENGTH}
    return lengths if question.columns is None else {name: length for name, length in lengths.items() if name in question.columns}


def measure_texts(
    workspace: Workspace, sides: Sides, question: Question, column: str, counted: str, watch: Watch = Watch()
) -> TextDrift | Skipped:
    """Compare the words of one column; `counted` is the measured name whose counts say how many rows there are.

    Raises
    ------
    SelectionError, CancelledError
    """
    facts = workspace.facts.get(column)
    unfit = _unfit_facts(column, facts)
    if unfit is not None:
        return unfit
    line = _read_line(workspace, sides, question, column, counted, watch)
    return _unfit_corpus(column, line.corpus, facts) or _compare(line, column, counted, question.seed, watch)


def _unfit_facts(column: str, facts: ColumnFacts | None) -> Skipped | None:
    if facts is not None and facts.present == 0:
        return Skipped(column, "empty", f"'{column}' holds no text in the reference; there are no words to compare.")
    if facts is not None and facts.distinct == 1:
        why = "holds one and the same text in the reference; its length and number of words tell if that changes"
        return Skipped(column, "constant", f"'{column}' {why}.")
    return None


def _unfit_corpus(column: str, corpus: Corpus, facts: ColumnFacts | None) -> Skipped | None:
    repeated = repeated_share(corpus)
    single = facts is not None and facts.words < 1.5 and facts.distinct_share > 0.9
    if repeated < (0.7 if single else 0.3):
        why = f"looks like ids: only {repeated:.0%} of its words stand in more than one row. Give it the role id or ignore it"
        return Skipped(column, "ids", f"'{column}' {why}.")
    if len(corpus.names) < FEWEST_TERMS:
        few = f"only {len(corpus.names)} words or pairs of words stand in three texts or more"
        return Skipped(column, "too_little_vocabulary", f"'{column}' has too little vocabulary to compare: {few}.")
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    """Sampled texts on one line of windows: `count` reference windows, then those of production; `baselines` as in joint_sides."""

    corpus: Corpus
    count: int
    windows: Windows
    baselines: tuple[tuple[int, ...], ...]
    per_window: int


def _read_line(workspace: Workspace, sides: Sides, question: Question, column: str, counted: str, watch: Watch) -> _Line:
    cells = {counted: sides.blocks.columns[counted].cells}
    reference = open_matrix(workspace, question.reference, cells, windows=sides.block_size, cancel=watch.cancel)
    production = open_matrix(workspace, question.production, cells, windows=sides.size, cancel=watch.cancel)
    groups = _groups(sides, len(reference.windows), sliding=question.against != "reference")
    windows = len(groups) + len(production.windows)
    per_window = int(np.clip(CHARACTERS / (_length(sides, counted) * windows), *PER_WINDOW))
    samples = (
        reference.sample(-(-per_window * len(groups) // len(reference.windows)), seed=question.seed),
        production.sample(per_window, seed=question.seed),
    )
    stretch = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    nested = any(len(group) > 1 for group in sides.groups)  # the reference was cut finer than production: as fine as production's blocks
    blocks = (samples[0].window if nested else samples[0].block, samples[1].block)
    places = (stretch[samples[0].window], samples[1].window + len(groups))
    watch.tell(0.0, column)
    parts = [_texts(workspace, matrix, rows, column) for matrix, rows in zip((reference, production), samples, strict=True)]
    kept = [np.array([text is not None for text in part], dtype=bool) for part in parts]
    corpus = read_corpus(
        [text for part in parts for text in part if text is not None],
        np.concatenate([block[keep] for block, keep in zip(blocks, kept, strict=True)]),
        np.concatenate([place[keep] for place, keep in zip(places, kept, strict=True)]),
    )
    own = _merged(reference.windows, groups)
    baselines, _ = line_baselines(question.against, own, production.windows, workspace.case)
    return _Line(corpus, len(groups), production.windows, baselines, per_window)


def _groups(sides: Sides, blocks: int, *, sliding: bool) -> list[list[int]]:
    """Return the blocks of each reference window; where windows are few, stretches of blocks stand in for them."""
    if sliding or len(sides.groups) >= ENOUGH_WINDOWS:
        return [list(group) for group in sides.groups]
    return [part.tolist() for part in np.array_split(np.arange(blocks), min(STRETCHES, blocks))]


def _merged(windows: Windows, groups: Sequence[Sequence[int]]) -> Windows:
    ids = tuple(windows.ids[group[0]] for group in groups)
    return Windows(ids, windows.start[[group[0] for group in groups]], windows.end[[group[-1] for group in groups]])


def _length(sides: Sides, counted: str) -> float:
    """Return the mean number of characters that are read of a text."""
    mean = float(sides.blocks.columns[counted].take([range(len(sides.blocks.windows))]).mean[0])
    return float(np.clip(mean, 1, LONGEST_TEXT)) if np.isfinite(mean) else LONGEST_TEXT


def _texts(workspace: Workspace, matrix: Matrix, rows: MatrixRows, column: str) -> list[str | None]:
    found = rows_at(workspace, matrix.selection.data, rows.place, [column], longest=LONGEST_TEXT)
    return [None if text is None else str(text) for text in found.column(0).to_pylist()]


def _compare(line: _Line, column: str, counted: str, seed: int, watch: Watch) -> TextDrift:
    w, r = len(line.windows), line.count
    usual = _reference_scores(line, seed)
    found, fresh, tables, against = [], np.full(w, np.nan), [], np.zeros(w, dtype=np.int64)
    for position in range(w):
        watch.tell(position / w, column)
        base, window = _pair(line, r + position)
        found.append(_separate(base, window, seed + position))
        against[position] = len(base)
        if len(window) >= FEWEST_TEXTS:
            fresh[position] = new_word_share(base, window)
            moved = pd.DataFrame([asdict(one) for one in moved_words(base, window)])
            tables.append(moved.assign(window=line.windows.ids[position], read_reference=len(base), read_production=len(window)))
    read = np.bincount(line.corpus.window, minlength=r + w)[r:]
    trained = np.array([one.window_rows for one in found], dtype=np.int64)
    return TextDrift(
        column=column,
        counted=counted,
        series={
            CLASSIFIER: _series(CLASSIFIER, np.array([one.auc for one in found]), trained, usual),
            NEW_WORDS: _series(NEW_WORDS, fresh, read, usual),
        },
        lower=np.array([one.lower for one in found]),
        upper=np.array([one.upper for one in found]),
        alone=np.array([one.p_value for one in found]),
        used={CLASSIFIER: trained, NEW_WORDS: read},
        used_reference={CLASSIFIER: np.array([one.reference_rows for one in found], dtype=np.int64), NEW_WORDS: against},
        words=_table(tables),
        per_window=line.per_window,
    )


def _series(method: str, score: Floats, rows: Ints, usual: dict[str, tuple[Floats, Ints]]) -> Series:
    own, own_rows = usual[method]
    known = ROW_VARIANCE[method]
    return Series(method=method, score=score, rows=rows, reference=own, reference_rows=own_rows, shape="level", row_variance=known)


def _reference_scores(line: _Line, seed: int) -> dict[str, tuple[Floats, Ints]]:
    """Return, by method, the scores of the reference's own windows, each against the rest, and the texts that they rest on."""
    members = np.bincount(line.corpus.window, minlength=line.count)[: line.count]
    filled = np.flatnonzero(members >= FEWEST_TEXTS)
    if len(filled) < 2:
        nothing = (np.zeros(0), np.zeros(0, dtype=np.int64))
        return {CLASSIFIER: nothing, NEW_WORDS: nothing}
    chosen = filled[np.unique(np.linspace(0, len(filled) - 1, min(REFERENCE_WINDOWS, len(filled))).round().astype(int))]
    pairs = [_pair(line, int(position)) for position in chosen]
    told = [_separate(base, window, seed + int(position)) for position, (base, window) in zip(chosen, pairs, strict=True)]
    return {
        CLASSIFIER: (np.array([one.auc for one in told]), np.array([one.window_rows for one in told], dtype=np.int64)),
        NEW_WORDS: (np.array([new_word_share(*pair) for pair in pairs]), members[chosen]),
    }


def _pair(line: _Line, position: int) -> tuple[Corpus, Corpus]:
    corpus = line.corpus
    return corpus.take(np.isin(corpus.window, line.baselines[position])), corpus.take(corpus.window == position)


def _separate(base: Corpus, window: Corpus, seed: int) -> Separation:
    if min(len(base), len(window)) < FEWEST_TEXTS:
        return inseparable(len(base), len(window), columns=0)
    return separate_texts(base, window, seed=seed)


def _table(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if "word" in table]
    return pd.concat(filled, ignore_index=True)[list(WORDS)] if filled else pd.DataFrame(columns=list(WORDS))
