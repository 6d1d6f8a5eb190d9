"""Formulas of serving health: quantiles of latency from mergeable counts, objectives and their budgets, the catalogue of metrics."""
