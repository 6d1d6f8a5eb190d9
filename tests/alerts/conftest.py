"""A receiver for every test of alerts."""

from tests.alerts.receiver import receiver

__all__ = ["receiver"]
