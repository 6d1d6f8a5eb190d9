"""Formulas: counts or arrays in, numbers out. Pure numpy and scipy; see `monitor.stats.catalogue` for all methods."""
