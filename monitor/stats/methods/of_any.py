"""Methods of columns of every kind: a row each."""

from __future__ import annotations

from monitor.stats.methods import divergences, on_cells
from monitor.stats.methods.kinds import ALL, INFINITY
from monitor.stats.methods.method import Method

OF_ANY = (
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
