"""Joint drift by rules of two columns that the reference obeys: in which share of rows they are broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from monitor.analyses.joint_series import FIT_ROWS, Evidence, Floats, Series, by_window, series_of
from monitor.analyses.joint_sides import JointSides
from monitor.stats.multivariate.learning import LearnedRules, learn_rules
from monitor.stats.multivariate.rows import Rows, subsample
from monitor.stats.multivariate.rules import broken

RULE_FOLDS = 4
BREAKING_SHARE = 0.02
"""Share of the rows of a block of time above which it counts as one that breaks rules."""
BREAKING_ROWS = 50
"""Rows kept of each rule and window that break it."""


def measure_rules(sides: JointSides, evidence: Evidence, seed: int) -> Iterator[Series]:
    """Score the share of rows whose values are usual one by one but break a rule of two columns.

    The reference's own share is that of rules of the other half of its time. Ranges of single columns are listed, but are the business
    of drift column by column.
    """
    rows = _known(sides.sampled)
    own = rows.window < sides.count
    reference = replace(rows.take(own), windows=sides.count)
    learned = learn_rules(subsample(reference, FIT_ROWS, seed=seed))
    mask = broken(learned.rules, rows)
    together = np.array([len(rule.columns) > 1 for rule in learned.rules], dtype=bool)
    any_broken = np.asarray(mask[:, together].any(axis=1))
    any_broken[own] = _cross_fitted(reference, seed)
    counts = np.bincount(rows.window, minlength=len(sides.line))
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.bincount(rows.window, any_broken, minlength=len(sides.line)) / counts
    evidence.tables["rules"] = _rule_table(sides, learned)
    told = _with_values_of_none(learned, rows, mask)
    evidence.tables["broken"] = _broken_shares(sides, rows, told, learned)
    breaking = _by_window(np.asarray(told[:, together].any(axis=1, keepdims=True)), rows)[sides.count :]
    evidence.tables["breaking"] = by_window(sides, breaking.astype(np.float64), "rule", ["any"])
    evidence.tables["breaking_rows"] = _breaking_rows(sides, rows, told)
    usual = max(float(any_broken[own].mean()), 1.0 / max(len(reference), 1))
    p_value = _p_of_blocks(rows, any_broken, sides.count)
    yield series_of(sides, "rules", score, counts, shape="level", row_variance=usual * (1 - usual), p_value=p_value)


def _with_values_of_none(learned: LearnedRules, rows: Rows, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which rows break which rule whatever their values, (n, rules), as people count them, where most of those in the window have ones
    that the reference had. Where most have not, a column has moved and no relation."""
    every = broken([rule.everywhere() for rule in learned.rules], rows)
    within, all_of_them = (_by_window(one, rows) for one in (mask, every))
    return np.asarray(mask | (every & (2 * within >= all_of_them)[rows.window]))


def _by_window(mask: NDArray[np.bool_], rows: Rows) -> NDArray[np.int64]:
    """Count marked rows, (w, rules)."""
    counts = [np.bincount(rows.window, column, minlength=rows.windows) for column in mask.T]
    return np.array(counts, dtype=np.int64).reshape(-1, rows.windows).T


def _known(rows: Rows) -> Rows:
    """Treat rare and new levels as unknown: they break no rule of their own (the page Drift names them)."""
    rest = np.array(rows.sizes, dtype=np.int64) - 1
    return replace(rows, categorical=np.where(rows.categorical == rest, -1, rows.categorical))


def _cross_fitted(reference: Rows, seed: int) -> NDArray[np.bool_]:
    """Say which reference rows break a rule of two columns learned on the other parts of its time, (n,)."""
    found, blocks = np.zeros(len(reference), dtype=bool), np.unique(reference.block, return_inverse=True)[1]
    part = blocks * RULE_FOLDS // (int(blocks.max(initial=0)) + 1)
    for one in np.unique(part):
        rest = part != one
        if rest.any():
            learned = learn_rules(subsample(reference.take(rest), FIT_ROWS, seed=seed))
            pairs = [rule for rule in learned.rules if len(rule.columns) > 1]
            found[~rest] = np.asarray(broken(pairs, reference.take(~rest)).any(axis=1))
    return found


def _p_of_blocks(rows: Rows, any_broken: NDArray[np.bool_], count: int) -> Floats:
    """Return the probability that so many blocks of time break rules, (windows - count,), where rows of a block are not independent.

    The blocks of a window that do are beta-binomial, with what the reference's blocks teach.
    """
    _, first, block = np.unique(rows.block, return_index=True, return_inverse=True)
    breaks = np.bincount(block, any_broken) / np.bincount(block) > BREAKING_SHARE
    window = rows.window[first]
    own = window < count
    number, broke = (np.bincount(window[~own] - count, weights, minlength=rows.windows - count) for weights in (None, breaks[~own]))
    alpha, beta = breaks[own].sum() + 0.5, (~breaks[own]).sum() + 0.5
    return np.asarray(scipy.stats.betabinom.sf(broke - 1, number, alpha, beta))


def _rule_table(sides: JointSides, learned: LearnedRules) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": range(1, len(learned.rules) + 1),
            "kind": [rule.kind for rule in learned.rules],
            "columns": [", ".join(sides.names[one] for one in rule.columns) for rule in learned.rules],
            "text": [rule.text for rule in learned.rules],
            "support": learned.support,
            "held_out": learned.held_out,
        }
    )


def _broken_shares(sides: JointSides, rows: Rows, mask: NDArray[np.bool_], learned: LearnedRules) -> pd.DataFrame:
    """Return the share of rows of each window that break each rule, in words how most of them do, and how many do so."""
    later = rows.window >= sides.count
    window, w = rows.window[later] - sides.count, len(sides.windows)
    counts = np.array([np.bincount(window, column, minlength=w) for column in mask[later].T]).reshape(-1, w).T
    n = np.bincount(window, minlength=w)[:, None]
    breach, alike = np.full(counts.shape, "", dtype=object), np.zeros(counts.shape, dtype=np.int64)
    for position, rule in np.argwhere(counts > 0):
        mine = rows.take(mask[:, rule] & (rows.window == sides.count + position))
        breach[position, rule], alike[position, rule] = learned.rules[rule].breach(mine)
    with np.errstate(invalid="ignore", divide="ignore"):
        table = by_window(sides, counts / n, "rule", list(range(1, mask.shape[1] + 1)))
    before = np.tile(learned.held_out, len(sides.windows))
    return table.assign(before=before, n=counts.ravel().astype(np.int64), breach=breach.ravel(), alike=alike.ravel())


def _breaking_rows(sides: JointSides, rows: Rows, mask: NDArray[np.bool_]) -> pd.DataFrame:
    at, rule = np.nonzero(mask & (rows.window >= sides.count)[:, None])
    found = pd.DataFrame(
        {
            "rule": rule + 1,
            "window": np.array(sides.windows.ids, dtype=object)[rows.window[at] - sides.count],
            "file": sides.place[at, 0],
            "row": sides.place[at, 1],
        }
    )
    return found.groupby(["rule", "window"], sort=False).head(BREAKING_ROWS).reset_index(drop=True)
