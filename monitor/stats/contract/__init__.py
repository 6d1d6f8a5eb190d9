"""Formulas of contracts: which terms data suggest, tried on windows that were held out."""
