"""Formulas: counts or arrays in, numbers out. Pure numpy and scipy; see `monitor.stats.methods.catalogue` for all methods."""
