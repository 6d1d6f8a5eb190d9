from __future__ import annotations

import numpy as np
import pytest

from monitor.errors import MethodError
from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.methods.catalogue import CATALOGUE, METHODS, method
from monitor.stats.methods.method import Catalogue, custom
from monitor.stats.methods.outcomes import Outcome
from monitor.vocabulary import Kind


def test_an_unknown_method_names_the_nearest() -> None:
    with pytest.raises(MethodError, match=r"no method 'wassertein'\. Did you mean 'wasserstein'\?"):
        method("wassertein")


def test_own_methods_of_values_answer_with_a_float_or_an_outcome() -> None:
    plain = custom("gap", lambda a, b: b.max() - a.max())
    tested = custom("tested", lambda a, b: Outcome(1.0, 0.5))
    a = np.arange(3.0)
    assert plain.compare_values(a, a + 2) == Outcome(2.0, pytest.approx(float("nan"), nan_ok=True))
    assert tested.compare_values(a, a).p_value == 0.5


def test_own_methods_of_cells_see_the_groups_with_other_and_missing_last() -> None:
    missing = custom("missing_rows", lambda p, q: q[:, -1] - p[:, -1], kinds=Kind, needs="cells")
    layout = Layout(2, False, np.full(2, np.nan), np.arange(4))
    assert missing.compare(Comparison.of_counts([5, 5, 0, 1], [[5, 5, 0, 4]], layout)).score.tolist() == [3]


def test_registering_leaves_the_shared_catalogue_as_it_is() -> None:
    own = CATALOGUE.with_method(custom("gap", lambda a, b: 0.0))
    assert "gap" in own.ids
    assert own.method("gap") in own.serving(Kind.NUMERIC)
    assert "gap" not in CATALOGUE.ids
    assert Catalogue(METHODS) == CATALOGUE


def test_taken_or_unfit_ids_are_refused() -> None:
    with pytest.raises(MethodError, match="There is a method 'psi' already"):
        CATALOGUE.with_method(custom("psi", lambda a, b: 0.0))
    with pytest.raises(MethodError, match="cannot be a method id"):
        CATALOGUE.with_method(custom("my method", lambda a, b: 0.0))


def test_scores_of_bare_counts_are_a_plain_function_for_simulations() -> None:
    layout = Layout(2, True, np.array([1.0, 4.0]), np.arange(4))
    wasserstein = method("wasserstein").on_counts(layout)
    assert wasserstein(np.array([1.0, 1, 0, 0]), np.array([[0.0, 5, 0, 0], [3, 3, 9, 9]])).tolist() == [1.5, 0.0]


def test_a_method_says_when_it_lacks_the_path_asked_for() -> None:
    layout = Layout(2, True, np.arange(2.0), np.arange(4))
    with pytest.raises(MethodError, match="needs the values of the column"):
        method("mmd").compare(Comparison.of_counts([1, 1, 0, 0], [[1, 1, 0, 0]], layout))
    with pytest.raises(MethodError, match="defined on cells"):
        method("psi").compare_values(np.arange(3.0), np.arange(3.0))
