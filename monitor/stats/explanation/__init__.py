"""Why a model says what it says: exact Shapley values of trees, and what sums and comparisons of attributions tell."""
