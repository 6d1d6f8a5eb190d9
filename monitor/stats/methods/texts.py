"""What tells the texts of a window from those of the reference: a vocabulary classifier, the words that moved, words never seen.

Texts become counts of words and of pairs of neighbouring words. The classifier is logistic regression on their TF-IDF weights (Salton and
Buckley 1988); folds, AUC, interval and p-value are those of the domain classifier (`monitor.stats.multivariate.classifier`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import special
from threadpoolctl import threadpool_limits

from monitor.errors import MethodError
from monitor.stats.inference.multiplicity import benjamini_hochberg
from monitor.stats.multivariate.classifier import Separation, block_folds, inseparable, summarise
from monitor.stats.multivariate.rows import Bools, Floats, Ints

LONGEST_TEXT = 1_000
"""Characters of a text that are read."""
LONGEST_WORD = 40
FEWEST_TEXTS = 3
"""Texts that a word or pair must stand in to be a feature."""
MOST_TERMS = 30_000
MOVED_Q = 0.05
"""False-discovery rate over all words (of independent texts) at which a word counts as moved."""
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\u2600-\u27bf\U0001f300-\U0001faff]|\\w\\w+")
"""A word of two or more characters, or one character of a script without spaces, or one emoji."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts as counts: `words` (n, all words) and `terms` (n, t) of the words and pairs named in `names` (t,), both sparse; `block` and
    `window` (n,) as in `monitor.stats.multivariate.rows.Rows`."""

    words: Any
    terms: Any
    names: NDArray[np.object_]
    block: Ints
    window: Ints

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.block)

    def take(self, index: Ints | Bools) -> Corpus:
        """Return the texts at positions or under a mask."""
        return Corpus(self.words[index], self.terms[index], self.names, self.block[index], self.window[index])


@dataclass(frozen=True, slots=True)
class MovedWord:
    """A word or pair of words: shares of texts (0..1) and texts that hold it on each side, and the p-value of that."""

    word: str
    share_reference: float
    share_production: float
    n_reference: int
    n_production: int
    p_value: float


def read_corpus(texts: Sequence[str], block: Ints, window: Ints) -> Corpus:
    """Count words and pairs of neighbouring words of the first 1,000 characters of each text, in small letters."""
    known: dict[str, int] = {}
    flat: list[int] = []
    lengths = np.zeros(len(texts), dtype=np.int64)
    for position, text in enumerate(texts):
        found = _WORD.findall(text[:LONGEST_TEXT].lower())
        lengths[position] = len(found)
        flat += [known.setdefault(word[:LONGEST_WORD], len(known)) for word in found]
    word, text_of = np.array(flat, dtype=np.int64), np.repeat(np.arange(len(texts)), lengths)
    size, near = len(known), text_of[1:] == text_of[:-1]
    pairs, pair = np.unique(word[:-1][near] * size + word[1:][near], return_inverse=True)
    rows = np.concatenate([text_of, text_of[1:][near]])
    counts = scipy.sparse.csr_matrix(
        (np.ones(len(rows)), (rows, np.concatenate([word, size + pair]))), shape=(len(texts), size + len(pairs))
    )
    kept = _frequent(counts)
    single = np.array(list(known), dtype=object)
    names = [single[one] if one < size else f"{single[pairs[one - size] // size]} {single[pairs[one - size] % size]}" for one in kept]
    return Corpus(counts[:, :size], counts[:, kept], np.array(names, dtype=object), block, window)


def _frequent(counts: Any) -> Ints:
    """Return the columns that stand in enough texts, at most MOST_TERMS of them, in order."""
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    kept = np.flatnonzero(texts >= FEWEST_TEXTS)
    if len(kept) > MOST_TERMS:
        kept = np.sort(kept[np.argsort(-texts[kept], kind="stable")[:MOST_TERMS]])
    return np.asarray(kept, dtype=np.int64)


def repeated_share(corpus: Corpus) -> float:
    """Return the share of word occurrences whose word stands in another text too, 0..1: near 0 for ids; nan without words."""
    texts = np.bincount(corpus.words.indices, minlength=corpus.words.shape[1])
    occurrences = np.asarray(corpus.words.sum(axis=0)).ravel()
    total = float(occurrences.sum())
    return float(occurrences[texts > 1].sum() / total) if total else float("nan")


def separate_texts(reference: Corpus, window: Corpus, *, folds: int = 3, sample: int = 500, seed: int = 0) -> Separation:
    """Train on the other folds, score each fold, and measure the AUC within folds; `importance` is empty.

    Parameters
    ----------
    reference, window
        The two sides; their blocks must differ. At most `sample` texts of the window and twice as many of the reference are used.

    Raises
    ------
    MethodError
        When a side has no texts.
    """
    if not len(reference) or not len(window):
        raise MethodError(f"A vocabulary classifier needs texts on both sides, got {len(reference)} and {len(window)}.")
    sides = (_draw(reference, 2 * sample, seed), _draw(window, sample, seed + 1))
    usable = min(folds, *(len(np.unique(side.block)) for side in sides))
    terms = scipy.sparse.vstack([side.terms for side in sides], format="csr")
    terms = terms[:, np.flatnonzero(np.bincount(terms.indices, minlength=terms.shape[1]) > 1)]
    if usable < 2 or terms.shape[1] == 0:
        return inseparable(len(sides[0]), len(sides[1]), columns=0)
    y = np.repeat([False, True], [len(side) for side in sides])
    # Blocks of the two sides are different stretches of time even where their ids are the same.
    block = np.concatenate([2 * sides[0].block, 2 * sides[1].block + 1])
    fold = np.concatenate([block_folds(side.block, usable, seed=seed) for side in sides])
    with threadpool_limits(limits=1):
        score = _out_of_fold(terms, y, fold)
    return summarise(score, fold, block, y, importance=np.zeros(0))


def _draw(corpus: Corpus, size: int, seed: int) -> Corpus:
    if len(corpus) <= size:
        return corpus
    return corpus.take(np.sort(np.random.default_rng(seed).choice(len(corpus), size=size, replace=False)).astype(np.int64))


def _out_of_fold(terms: Any, y: Bools, fold: Ints) -> Floats:
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    score = np.zeros(len(y))
    for part in range(fold.max() + 1):
        test = fold == part
        weights = TfidfTransformer(sublinear_tf=True).fit(terms[~test])
        model = LogisticRegression(class_weight="balanced", tol=1e-3, max_iter=300).fit(weights.transform(terms[~test]), y[~test])
        score[test] = model.decision_function(weights.transform(terms[test]))
    return score


def moved_words(reference: Corpus, window: Corpus, *, most: int = 20) -> tuple[MovedWord, ...]:
    """Return the words and pairs whose share of texts moved beyond chance, the most surprising first.

    A pair stands for its words where it moved nearly as far as they did; of terms that share a word only one is named.
    """
    n, m = len(reference), len(window)
    if not n or not m:
        return ()
    before, after = (np.bincount(side.terms.indices, minlength=len(side.names)) for side in (reference, window))
    p, surprise = _surprise(before, after, n, m)
    beyond = np.flatnonzero(benjamini_hochberg(p) <= MOVED_Q)
    order = beyond[np.argsort(-surprise[beyond], kind="stable")][: 20 * most]
    chosen = _distinct(reference.names, after / m - before / n, order.tolist(), most)
    return tuple(
        MovedWord(str(reference.names[i]), float(before[i] / n), float(after[i] / m), int(before[i]), int(after[i]), float(p[i]))
        for i in chosen
    )


def _surprise(before: Ints, after: Ints, n: int, m: int) -> tuple[Floats, Floats]:
    """Return the two-sided binomial p-value of each word given the texts of both sides with it (or without it, if these are fewer), and
    the deviance (2 sum O ln O / E) of its two-by-two table, by which words are ranked."""
    common = before + after > (n + m) / 2
    a, b = np.where(common, n - before, before), np.where(common, m - after, after)
    share = m / (n + m)
    p = np.minimum(2 * np.minimum(scipy.stats.binom.cdf(b, a + b, share), scipy.stats.binom.sf(b - 1, a + b, share)), 1.0)
    seen = np.stack([before, n - before, after, m - after]).astype(float)
    held = (before + after) / (n + m)
    expected = np.stack([n * held, n * (1 - held), m * held, m * (1 - held)])
    return p, 2 * np.sum(special.xlogy(seen, seen / np.maximum(expected, 1e-300)), axis=0)


def _distinct(names: NDArray[np.object_], moved: Floats, order: Sequence[int], most: int) -> list[int]:
    used: set[str] = set()
    chosen: list[int] = []
    for i in order:
        parts = set(str(names[i]).split())
        if parts & used or len(chosen) == most:
            continue
        longer = (j for j in order if parts < set(str(names[j]).split()) and moved[j] / moved[i] >= 0.8)
        best = next((j for j in longer if not set(str(names[j]).split()) & used), i)
        used |= set(str(names[best]).split())
        chosen.append(best)
    return chosen


def new_word_share(reference: Corpus, window: Corpus) -> float:
    """Return the share of the window's word occurrences whose word no text of the reference holds, 0..1; nan without words."""
    known = np.asarray(reference.words.sum(axis=0)).ravel() > 0
    occurrences = np.asarray(window.words.sum(axis=0)).ravel()
    total = float(occurrences.sum())
    return float(occurrences[~known].sum() / total) if total and known.any() else float("nan")
