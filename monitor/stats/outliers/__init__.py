"""Rows unlike the others: four families of scores, their ensemble, and what a score is worth beside held-out rows."""
