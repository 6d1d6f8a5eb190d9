"""The contract of a case: what its data have to keep, as checked models; its file, its clauses, and other tools' formats."""
