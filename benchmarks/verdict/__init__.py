"""The bench that decides: how often verdicts are wrong, and how much of what an oracle finds is found, on simulated window summaries."""
