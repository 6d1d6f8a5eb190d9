"""The methods that look at several columns at once: what each is called, says and costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JointMethod:
    """One method: `unit` of its score, `summary` in one sentence for people, whether it is `slow` (run only when asked for)."""

    id: str
    title: str
    unit: str
    summary: str
    citation: str
    slow: bool = False


METHODS: tuple[JointMethod, ...] = (
    JointMethod(
        "pca_reconstruction",
        "Reconstruction error",
        "mean squared distance",
        "Rows are described by the few directions in which the reference varies most; what these cannot describe grows when columns lose "
        "their relation, and shrinks when they become more alike.",
        "Pearson 1901; Jackson and Mudholkar 1979",
    ),
    JointMethod(
        "hotelling_t2",
        "Shift along the components",
        "squared sd per component",
        "How far the middle of the window moved along the directions in which the reference varies most: what the reconstruction error "
        "cannot see.",
        "Hotelling 1931",
    ),
    JointMethod(
        "gaussian_distance",
        "Distance of means and covariances",
        "nats",
        "How far the means, spreads and relations of all columns together are from those of the reference: sees every linear change, "
        "columns that keep their own distribution but lose their relation included.",
        "Kullback and Leibler 1951, between normal laws",
    ),
    JointMethod(
        "correlation",
        "Change of associations",
        "root mean square of arctanh",
        "How much the associations of all pairs of columns changed (rank correlation, correlation ratio or Cramér's V, as the kinds of the "
        "two columns ask for); what a column does on its own does not matter.",
        "Spearman 1904; Kelley 1935; Bergsma 2013",
    ),
    JointMethod(
        "cell_shares",
        "Shares of cells",
        "chi-squared distance",
        "The reference is cut into cells of similar rows; the score says how different the shares of the cells are in the window.",
        "MacQueen 1967; Pearson 1900",
    ),
    JointMethod(
        "rules",
        "Broken rules",
        "share of rows",
        "Share of rows whose values are usual one by one but break a rule of two columns which the reference obeys, such as an order or a "
        "pair of categories that never meet.",
        "learned on each half of the reference's time, kept if the other half obeys",
    ),
    JointMethod(
        "domain_classifier",
        "Domain classifier",
        "ROC AUC",
        "How well gradient-boosted trees tell rows of the window from rows of the reference: 0.5 not at all, 1 always. Folds are whole "
        "stretches of time.",
        "Lopez-Paz and Oquab 2017",
        slow=True,
    ),
    JointMethod(
        "sliced_wasserstein",
        "Sliced Wasserstein distance",
        "sd of the reference",
        "Average distance of the two distributions over 64 directions through all columns.",
        "Rabin et al. 2011",
        slow=True,
    ),
    JointMethod(
        "nannyml.pca_reconstruction",
        "Reconstruction error, as NannyML",
        "mean distance",
        "The reconstruction error with the encoding, the thresholds (mean ± 3 sd of the reference windows) and the verdict of NannyML.",
        "NannyML 0.13.1",
        slow=True,
    ),
)

JOINT: Mapping[str, JointMethod] = {method.id: method for method in METHODS}
DEFAULT: tuple[str, ...] = tuple(method.id for method in METHODS if not method.slow)
