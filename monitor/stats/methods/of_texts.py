"""Methods of columns of texts: a row each."""

from __future__ import annotations

from monitor.stats.methods.kinds import TEXTS
from monitor.stats.methods.method import Method

OF_TEXTS = (
    Method(
        id="vocabulary_classifier",
        title="Vocabulary classifier",
        kinds=TEXTS,
        summary="How well the words of a text tell whether it is from the window or from the reference: 0.5 not at all, 1 always.",
        citation="Lopez-Paz and Oquab (2017), ICLR; TF-IDF: Salton and Buckley (1988); logistic regression on words and pairs of words",
        needs="texts",
        unit="ROC AUC",
        none=0.5,
    ),
    Method(
        id="new_words",
        title="New words",
        kinds=TEXTS,
        summary="The share of all words written that no text read of the reference holds; it falls as more of the reference is read.",
        citation="elementary",
        needs="texts",
        unit="share of words",
    ),
)
