"""A receiver for every test of handing over."""

from tests.alerts.receiver import receiver

__all__ = ["receiver"]
