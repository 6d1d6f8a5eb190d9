"""Vocabulary classifier: planted words are found, texts without change are not told apart, folds are whole blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from monitor.errors import MethodError
from monitor.stats.methods.texts import Corpus, moved_words, new_word_share, read_corpus, repeated_share, separate_texts

WORDS = np.array([f"word{i}" for i in range(200)])
WEIGHTS = 1 / np.arange(1, 201) / np.sum(1 / np.arange(1, 201))


def texts(rng: np.random.Generator, count: int, extra: str = "", share: float = 0.0) -> list[str]:
    found = [" ".join(rng.choice(WORDS, 12, p=WEIGHTS)) for _ in range(count)]
    return [f"{one} {extra}" if rng.random() < share else one for one in found]


def corpora(before: Sequence[str], after: Sequence[str], blocks: int = 20) -> tuple[Corpus, Corpus]:
    """Return the two sides of one corpus, each cut into blocks."""
    block = np.concatenate([np.arange(len(before)) * blocks // len(before), blocks + np.arange(len(after)) * blocks // len(after)])
    window = np.repeat([0, 1], [len(before), len(after)])
    both = read_corpus([*before, *after], block, window)
    return both.take(window == 0), both.take(window == 1)


def test_words_and_pairs_are_counted_by_text() -> None:
    corpus = read_corpus(["Charged twice!", "charged TWICE twice", "x charged, twice"], np.arange(3), np.zeros(3, dtype=np.int64))
    assert corpus.names.tolist() == ["charged", "twice", "charged twice"]
    assert corpus.terms.toarray().tolist() == [[1, 1, 1], [1, 2, 1], [1, 1, 1]]


def test_scripts_without_spaces_and_emoji_are_read_by_character() -> None:
    corpus = read_corpus(["退款 😀"] * 3, np.arange(3), np.zeros(3, dtype=np.int64))
    assert set(corpus.names) == {"退", "款", "😀", "退 款", "款 😀"}


def test_planted_words_are_found_and_named() -> None:
    rng = np.random.default_rng(0)
    sides = corpora(texts(rng, 600), texts(rng, 400, "charged twice", 0.5))
    found = separate_texts(*sides)
    assert found.auc == pytest.approx(0.5 + 0.5 * 0.5, abs=0.06)  # half of the texts give themselves away, the rest are as before
    assert found.lower < found.auc < found.upper
    assert found.p_value < 1e-6
    first = moved_words(*sides)[0]
    assert first.word == "charged twice"
    assert (first.n_reference, first.share_reference) == (0, 0.0)
    assert first.share_production == first.n_production / 400 == pytest.approx(0.5, abs=0.1)


def test_texts_without_change_are_not_told_apart() -> None:
    sides = [corpora(texts(rng, 600), texts(rng, 400)) for rng in map(np.random.default_rng, range(6))]
    found = [separate_texts(*both).auc for both in sides]
    assert sum(len(moved_words(*both)) for both in sides) <= 2
    assert np.mean(found) == pytest.approx(0.5, abs=0.02)
    assert np.std(found) < 0.04


def clustered(rng: np.random.Generator, blocks: int = 20) -> list[str]:
    """Return texts whose block all mention a subject of its own."""
    return [f"{one} subject{rng.integers(1e9)}" for _ in range(blocks) for one in [" ".join(texts(rng, 1))] for _ in range(20)]


def test_blocks_do_not_betray_their_side() -> None:
    rng = np.random.default_rng(1)
    before, after = clustered(rng), clustered(rng)
    whole = separate_texts(*corpora(before, after))
    scattered = corpora(before, after)
    rows = [Corpus(s.words, s.terms, s.names, rng.permutation(s.block), s.window) for s in scattered]
    assert whole.auc < 0.65
    assert separate_texts(rows[0], rows[1]).auc > 0.95


def test_one_block_says_nothing_and_no_texts_are_refused() -> None:
    rng = np.random.default_rng(2)
    one, other = corpora(texts(rng, 40), texts(rng, 40), blocks=1)
    assert np.isnan(separate_texts(one, other).auc)
    with pytest.raises(MethodError, match="texts on both sides, got 40 and 0"):
        separate_texts(one, other.take(np.zeros(40, dtype=bool)))


def test_new_words_by_hand() -> None:
    before, after = corpora(["good parcel", "bad parcel"], ["good refund", "refund now"], blocks=2)
    assert new_word_share(before, after) == 3 / 4
    assert np.isnan(new_word_share(before, corpora(["a b"], ["? !"], blocks=1)[1]))


def test_ids_repeat_no_word() -> None:
    ids = [f"k{i:08x}z" for i in range(50)]
    assert repeated_share(corpora(ids, ids[:1], blocks=1)[0]) == 0
    assert repeated_share(corpora(["same thing"] * 3, ["x"], blocks=1)[0]) == 1


@pytest.mark.parametrize("odd", ["", "\u202eעברית\u202c", "<b>&nbsp;</b>", "the of and", "\x00\x01", "a" * 1_000_000, "😀" * 500])
def test_hostile_texts_do_no_harm(odd: str) -> None:
    rng = np.random.default_rng(3)
    before, after = corpora(texts(rng, 60), [odd] * 40, blocks=4)
    assert separate_texts(before, after).auc > 0.9
    assert max((len(name) for name in before.names), default=0) <= 81
    assert np.isnan(separate_texts(after, after).auc) or separate_texts(after, after).auc == pytest.approx(0.5)
