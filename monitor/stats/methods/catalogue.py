"""The methods of Driftscope: one frozen table. Adding a method = one function, one row here, one test.

`docs/methods.md` is generated from it (`python -m monitor.stats.methods.page`), the property tests run over all of it.
"""

from __future__ import annotations

import math

from monitor.errors import MethodError
from monitor.stats.methods import contingency as tests_on_counts
from monitor.stats.methods import divergences, on_cells, samples
from monitor.stats.methods import ecdf as ordered
from monitor.stats.methods.method import Catalogue, Method
from monitor.vocabulary import Kind

NUMBERS = frozenset({Kind.NUMERIC})
LEVELS = frozenset({Kind.CATEGORICAL, Kind.BOOLEAN})
TEXTS = frozenset({Kind.TEXT})
ALL = NUMBERS | LEVELS
SD = "reference standard deviations"
NAN, INFINITY = math.nan, math.inf

_NUMERIC = (
    Method(
        id="ks",
        title="Kolmogorov–Smirnov",
        kinds=NUMBERS,
        summary="The largest gap between the shares of rows at or below any value: .2 means that some value has 20 % more rows below it.",
        citation="Smirnov (1939); p-value: Simard and L'Ecuyer (2011), Vrbik (2018)",
        unit="share of rows",
        is_test=True,
        on_cells=on_cells.ordered_test(ordered.ks),
        on_values=samples.ks,
    ),
    Method(
        id="cramer_von_mises",
        title="Cramér–von Mises",
        kinds=NUMBERS,
        summary="All gaps between the two distributions squared and added up, so that many small gaps count as one large one.",
        citation="Anderson (1962), Annals of Mathematical Statistics 33; Csörgő and Faraway (1996)",
        high=INFINITY,
        is_test=True,
        on_cells=on_cells.ordered_test(ordered.cramer_von_mises),
        on_values=samples.cramer_von_mises,
    ),
    Method(
        id="anderson_darling",
        title="Anderson–Darling",
        kinds=NUMBERS,
        summary="Like Cramér–von Mises, but with more weight on the rare small and large values.",
        citation="Scholz and Stephens (1987), J. Am. Stat. Assoc. 82; Marsaglia and Marsaglia (2004)",
        low=-INFINITY,
        high=INFINITY,
        none=NAN,
        is_test=True,
        on_cells=on_cells.ordered_test(ordered.anderson_darling),
        on_values=samples.anderson_darling,
    ),
    Method(
        id="kuiper",
        title="Kuiper",
        kinds=NUMBERS,
        summary="The largest gap upwards plus the largest gap downwards: sees a change of spread as well as one of level.",
        citation="Kuiper (1960); Stephens (1970), J. R. Stat. Soc. B 32",
        unit="share of rows",
        is_test=True,
        on_cells=on_cells.ordered_test(ordered.kuiper),
        on_values=samples.kuiper,
    ),
    Method(
        id="mann_whitney",
        title="Mann–Whitney U",
        kinds=NUMBERS,
        summary="Whether values of production tend to be larger (or smaller) than those of the reference, whatever their scale.",
        citation="Mann and Whitney (1947), Annals of Mathematical Statistics 18",
        unit="pairs of rows",
        high=INFINITY,
        none=NAN,
        direction="both",
        is_test=True,
        on_cells=on_cells.ordered_test(ordered.mann_whitney),
        on_values=samples.mann_whitney,
    ),
    Method(
        id="welch_t",
        title="Welch's t",
        kinds=NUMBERS,
        summary="Whether the average changed by more than chance explains.",
        citation="Welch (1947), Biometrika 34",
        needs="moments",
        unit="standard errors",
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        is_test=True,
        on_cells=on_cells.welch_t,
        on_values=samples.welch_t,
    ),
    Method(
        id="epps_singleton",
        title="Epps–Singleton",
        kinds=NUMBERS,
        summary="A general test of equal distributions that is also at home with few distinct values.",
        citation="Epps and Singleton (1986), J. Stat. Computation and Simulation 26",
        needs="values",
        high=INFINITY,
        is_test=True,
        on_values=samples.epps_singleton,
    ),
    Method(
        id="wasserstein",
        title="Wasserstein distance",
        kinds=NUMBERS,
        summary="How far, on average, a row's value has to move to turn one distribution into the other.",
        citation="Vaserstein (1969); Rubner, Tomasi and Guibas (2000)",
        unit="unit of the column",
        high=INFINITY,
        on_cells=on_cells.wasserstein,
        on_values=samples.wasserstein,
        exact=True,
    ),
    Method(
        id="wasserstein_sd",
        title="Wasserstein distance / reference sd",
        kinds=NUMBERS,
        summary="How far a row's value has to move on average, measured in the reference's own spread: .1 is small, 1 is huge.",
        citation="Vaserstein (1969)",
        unit=SD,
        high=INFINITY,
        on_cells=on_cells.wasserstein_sd,
        on_values=samples.wasserstein_sd,
    ),
    Method(
        id="energy",
        title="Energy distance",
        kinds=NUMBERS,
        summary="How much farther apart two rows are when one is from each side than when both are from the same side.",
        citation="Székely and Rizzo (2013), J. Statistical Planning and Inference 143",
        unit="square root of the unit of the column",
        high=INFINITY,
        on_cells=on_cells.energy,
        on_values=samples.energy,
        exact=True,
    ),
    Method(
        id="mmd",
        title="Maximum mean discrepancy",
        kinds=NUMBERS,
        summary="How differently rows of the two sides cluster around each other; computed on 500 random rows a side.",
        citation="Gretton et al. (2012), Journal of Machine Learning Research 13",
        needs="values",
        high=math.sqrt(2),
        is_test=True,
        on_values=samples.mmd,
    ),
    Method(
        id="quantile_shift",
        title="Largest shift of a decile",
        kinds=NUMBERS,
        summary="How far the decile (10 %, 20 %, ... of rows below) that moved most has moved, and in which direction.",
        citation="Doksum (1974), Annals of Statistics 2",
        unit=SD,
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        on_cells=on_cells.quantile_shift,
        on_values=samples.quantile_shift,
    ),
    Method(
        id="mean_shift",
        title="Shift of the mean",
        kinds=NUMBERS,
        summary="How far the average moved, measured in the reference's own spread.",
        citation="Cohen (1988), Statistical Power Analysis (with the reference sd)",
        needs="moments",
        unit=SD,
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        on_cells=on_cells.mean_shift,
    ),
    Method(
        id="sd_ratio",
        title="Ratio of standard deviations",
        kinds=NUMBERS,
        summary="How many times wider the values spread than in the reference: 2 is twice as wide, 0.5 half.",
        citation="elementary",
        needs="moments",
        unit="times",
        high=INFINITY,
        none=1.0,
        direction="both",
        on_cells=on_cells.sd_ratio,
    ),
    Method(
        id="min_change",
        title="Shift of the minimum",
        kinds=NUMBERS,
        summary="How far the smallest value lies from the reference's smallest.",
        citation="elementary",
        needs="moments",
        unit=SD,
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        on_cells=on_cells.min_change,
    ),
    Method(
        id="max_change",
        title="Shift of the maximum",
        kinds=NUMBERS,
        summary="How far the largest value lies from the reference's largest.",
        citation="elementary",
        needs="moments",
        unit=SD,
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        on_cells=on_cells.max_change,
    ),
)

_ANY = (
    Method(
        id="psi",
        title="Population stability index",
        kinds=ALL,
        summary="How unlike the two sets of shares are; a custom of credit risk is to look from .1 and to act from .25.",
        citation="Siddiqi (2006), Credit Risk Scorecards; Jeffreys (1946)",
        unit="nats",
        high=INFINITY,
        on_cells=on_cells.divergence(divergences.psi),
    ),
    Method(
        id="kl",
        title="Kullback–Leibler divergence, reference from production",
        kinds=ALL,
        summary="How surprised someone who expects production's shares would be by the reference.",
        citation="Kullback and Leibler (1951), Annals of Mathematical Statistics 22",
        unit="nats",
        high=INFINITY,
        on_cells=on_cells.divergence(divergences.kl),
    ),
    Method(
        id="kl_reverse",
        title="Kullback–Leibler divergence, production from reference",
        kinds=ALL,
        summary="How surprised someone who expects the reference's shares is by production.",
        citation="Kullback and Leibler (1951), Annals of Mathematical Statistics 22",
        unit="nats",
        high=INFINITY,
        on_cells=on_cells.divergence(divergences.kl_reverse),
    ),
    Method(
        id="symmetric_kl",
        title="Symmetric Kullback–Leibler divergence",
        kinds=ALL,
        summary="The mean of the two surprises; half the population stability index.",
        citation="Jeffreys (1946), Proc. R. Soc. A 186",
        unit="nats",
        high=INFINITY,
        on_cells=on_cells.divergence(divergences.symmetric_kl),
    ),
    Method(
        id="js",
        title="Jensen–Shannon distance",
        kinds=ALL,
        summary="How unlike the two sets of shares are, from 0 (the same) to 1 (nothing in common).",
        citation="Lin (1991); Endres and Schindelin (2003), IEEE Trans. Information Theory 49",
        on_cells=on_cells.divergence(divergences.js),
    ),
    Method(
        id="hellinger",
        title="Hellinger distance",
        kinds=ALL,
        summary="How unlike the two sets of shares are, from 0 to 1, with weight on levels that were rare.",
        citation="Hellinger (1909), J. reine angew. Math. 136",
        on_cells=on_cells.divergence(divergences.hellinger),
    ),
    Method(
        id="tv",
        title="Total variation distance",
        kinds=ALL,
        summary="The share of rows that would have to change cell to turn one side into the other.",
        citation="Levin and Peres (2017), Markov Chains and Mixing Times, ch. 4",
        unit="share of rows",
        on_cells=on_cells.divergence(divergences.tv),
    ),
    Method(
        id="missing_share",
        title="Change of the missing share",
        kinds=ALL,
        summary="How much larger (or smaller) the share of rows without a value has become.",
        citation="pooled two-proportion test, e.g. Fleiss, Levin and Paik (2003), ch. 3",
        unit="share of rows",
        low=-1.0,
        direction="both",
        is_test=True,
        on_cells=on_cells.missing_share,
    ),
    Method(
        id="constancy",
        title="Became constant",
        kinds=ALL,
        summary="1 if a column that used to vary now holds one value only, else 0.",
        citation="elementary",
        needs="moments",
        on_cells=on_cells.constancy,
    ),
)

_LEVELS = (
    Method(
        id="chi2",
        title="Chi-squared (two-sample)",
        kinds=LEVELS,
        summary="Whether the shares of the levels differ by more than chance explains; both sides count as samples.",
        citation="Pearson (1900), Philosophical Magazine 50",
        high=INFINITY,
        is_test=True,
        on_cells=on_cells.grouped_test(tests_on_counts.chi2),
    ),
    Method(
        id="g",
        title="G (likelihood ratio)",
        kinds=LEVELS,
        summary="The same question as chi-squared, answered by how much likelier two sets of shares are than one.",
        citation="Woolf (1957), Annals of Human Genetics 21",
        high=INFINITY,
        is_test=True,
        on_cells=on_cells.grouped_test(tests_on_counts.g),
    ),
    Method(
        id="fisher",
        title="Fisher's exact test of the commonest level",
        kinds=LEVELS,
        summary="How many times larger the odds of the reference's commonest level have become; exact for the smallest windows.",
        citation="Fisher (1935), J. R. Stat. Soc. 98",
        unit="odds ratio",
        high=INFINITY,
        none=1.0,
        direction="both",
        is_test=True,
        on_cells=on_cells.fisher,
    ),
    Method(
        id="cramers_v",
        title="Cramér's V",
        kinds=LEVELS,
        summary="How well a row's level tells which side it is from, from 0 (not at all) to 1 (always).",
        citation="Cramér (1946), Mathematical Methods of Statistics",
        on_cells=on_cells.divergence(tests_on_counts.cramers_v),
    ),
    Method(
        id="l_infinity",
        title="Largest change of a level's share",
        kinds=LEVELS,
        summary="How much the share of the level that changed most has changed.",
        citation="elementary (Chebyshev distance of the shares)",
        unit="share of rows",
        on_cells=on_cells.divergence(divergences.l_infinity),
    ),
    Method(
        id="entropy_change",
        title="Change of the entropy",
        kinds=LEVELS,
        summary="Whether rows have become more evenly spread over the levels (plus) or more concentrated (minus).",
        citation="Shannon (1948), Bell System Technical Journal 27",
        unit="bits",
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        on_cells=on_cells.entropy_change,
    ),
    Method(
        id="cardinality_change",
        title="Change of the number of levels",
        kinds=LEVELS,
        summary="How many more (or fewer) distinct levels there are; a short window has fewer by nature.",
        citation="elementary",
        needs="levels",
        unit="levels",
        low=-INFINITY,
        high=INFINITY,
        direction="both",
        on_cells=on_cells.cardinality_change,
    ),
    Method(
        id="top_share",
        title="Change of the commonest level's share",
        kinds=LEVELS,
        summary="How much the share of the level that used to be the commonest has changed.",
        citation="elementary",
        unit="share of rows",
        low=-1.0,
        direction="both",
        on_cells=on_cells.top_share,
    ),
    Method(
        id="out_of_range",
        title="Rows at values never seen",
        kinds=NUMBERS,
        summary="The share of rows whose value lies outside everything that the reference had.",
        citation="elementary",
        unit="share of rows",
        on_cells=on_cells.out_of_range,
    ),
    Method(
        id="new_levels",
        title="Rows at new levels",
        kinds=LEVELS,
        summary="The share of rows with a value that the reference never had.",
        citation="elementary",
        needs="levels",
        unit="share of rows",
        on_cells=on_cells.new_levels,
    ),
    Method(
        id="lost_levels",
        title="Lost levels",
        kinds=LEVELS,
        summary="How common the levels were, in the reference, that no longer occur.",
        citation="elementary",
        needs="levels",
        unit="share of reference rows",
        on_cells=on_cells.lost_levels,
    ),
)

_TEXTS = (
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

METHODS: tuple[Method, ...] = (*_NUMERIC, *_ANY, *_LEVELS, *_TEXTS)
CATALOGUE = Catalogue(METHODS)

_DEFAULTS: dict[Kind, tuple[str, ...]] = {
    Kind.NUMERIC: ("js", "wasserstein_sd", "missing_share", "out_of_range"),
    Kind.CATEGORICAL: ("js", "missing_share", "new_levels", "lost_levels"),
    Kind.BOOLEAN: ("js", "missing_share", "new_levels", "lost_levels"),
    Kind.TEXT: ("vocabulary_classifier", "new_words"),
}


def method(name: str) -> Method:
    """Return the method of that id; MethodError with the nearest one if there is none."""
    return CATALOGUE.method(name)


def default_methods(kind: Kind) -> tuple[str, ...]:
    """Return the ids of the methods that a column of that kind is measured by unless others are asked for.

    Raises
    ------
    MethodError
        Columns of that kind are measured only through numbers and levels derived from them (hour, weekday, lag).
    """
    if kind not in _DEFAULTS:
        raise MethodError(f"A {kind} column has no methods of its own; measure what is derived from it, such as its hour.")
    return _DEFAULTS[kind]
