"""Every chart that a test here draws is one that may stand in a pin."""

from __future__ import annotations

from typing import Any

import pytest
from altair.utils import schemapi

from monitor.charts import chart
from monitor.charts.own import is_own


@pytest.fixture(autouse=True, scope="session")
def _valid() -> None:
    """Let Altair check each chart by the schema of Vega-Lite, which the app has switched off where a page ran in this process before."""
    schemapi.enable_debug_mode()


@pytest.fixture(autouse=True)
def _own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at each chart when it is made: a key, a word or an expression that is new in our charts belongs into `charts/own.py`."""
    made = chart.Chart.__init__

    def checked(self: Any, spec: Any, *rest: Any, **more: Any) -> None:
        assert is_own({key: part for key, part in spec.items() if key not in ("config", "autosize", "padding", "$schema")}), spec
        made(self, spec, *rest, **more)

    monkeypatch.setattr(chart.Chart, "__init__", checked)
