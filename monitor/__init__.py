"""Driftscope in Python: the same work as the screens and the command line.

Open a case with `open_workspace(load_case(folder))`, or tables of pandas or Arrow with `open_tables`; measure, judge, read:

>>> import numpy as np
>>> import pandas as pd
>>> import monitor
>>> days, draw = pd.date_range("2024-01-01", periods=140, freq="D").repeat(50), np.random.default_rng(0)
>>> ages = pd.DataFrame({"at": days, "age": draw.normal(40, 10, len(days)) + 10 * (days >= "2024-05-01")})
>>> before, after = ages[ages["at"] < "2024-04-22"], ages[ages["at"] >= "2024-04-22"]
>>> with monitor.open_tables(before, after, roles={"timestamp": "at"}, windows="1 week") as workspace:
...     measured = monitor.measure_drift(workspace, monitor.Question(columns=("age",)), methods=["js", "ks"])
>>> judged = monitor.judge_drift(measured, monitor.DriftThresholds(q=0.01))
>>> [finding.direction.value for finding in judged.found]
['higher']
>>> print(monitor.screen_answer(judged).headline)
age is higher since 29 Apr.
>>> print(monitor.sentence(judged.findings[0], judged.names, judged.against))
age is higher since 29 Apr: mean 49 against 40.

`judged.table` is a pandas DataFrame with the documented columns, `monitor.findings_table(judged.findings, judged.names, judged.against)`
one with a row per finding; `monitor.write_result(judged, "drift.json")` writes it with its
provenance. Everything that this package raises on purpose is a `monitor.errors.DriftscopeError`, and also the builtin it resembles.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor import errors
    from monitor.analyses.drift import measure_drift
    from monitor.analyses.drift_result import DriftResult
    from monitor.analyses.multivariate import MultivariateResult, measure_multivariate
    from monitor.analyses.output import score_deciles, summarise_output
    from monitor.analyses.predictions import measure_predictions
    from monitor.analyses.sides import Question
    from monitor.case import Case, DriftThresholds, MultivariateThresholds, WindowSize, load_case, save_case, trust_case
    from monitor.engine import Selection, Workspace, init_case, open_tables, open_workspace
    from monitor.export.finding_pins import cell_pin, drift_pin, joint_pin
    from monitor.export.pin import Pin
    from monitor.export.pins import comment, list_pins, pin, unpin
    from monitor.export.results import write_result
    from monitor.judgement.drift import JudgedDrift, judge_drift
    from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
    from monitor.judgement.findings import findings_table
    from monitor.judgement.impact import weigh
    from monitor.judgement.multivariate import JudgedMultivariate, judge_multivariate
    from monitor.judgement.narration.answers import Answer
    from monitor.judgement.narration.sentences import headline, sentence
    from monitor.judgement.narration.windows import WindowNames
    from monitor.models import Explanation, Model, callable_model, explain, load_model, reproduce
    from monitor.registry import REGISTRY, Analysis, find_analysis, screen_answer

__version__ = "0.1.0"

__all__ = [
    "REGISTRY",
    "Analysis",
    "Answer",
    "Case",
    "Direction",
    "DriftResult",
    "DriftThresholds",
    "Explanation",
    "Finding",
    "FindingKind",
    "JudgedDrift",
    "JudgedMultivariate",
    "Measure",
    "Model",
    "MultivariateResult",
    "MultivariateThresholds",
    "Pin",
    "Question",
    "Selection",
    "State",
    "WindowNames",
    "WindowSize",
    "Workspace",
    "__version__",
    "callable_model",
    "cell_pin",
    "comment",
    "drift_pin",
    "errors",
    "explain",
    "find_analysis",
    "findings_table",
    "headline",
    "init_case",
    "joint_pin",
    "judge_drift",
    "judge_multivariate",
    "list_pins",
    "load_case",
    "load_model",
    "measure_drift",
    "measure_multivariate",
    "measure_predictions",
    "open_tables",
    "open_workspace",
    "pin",
    "reproduce",
    "save_case",
    "score_deciles",
    "screen_answer",
    "sentence",
    "summarise_output",
    "trust_case",
    "unpin",
    "weigh",
    "write_result",
]

_HOMES = {
    "monitor.analyses.drift": ("measure_drift",),
    "monitor.analyses.drift_result": ("DriftResult",),
    "monitor.analyses.multivariate": ("MultivariateResult", "measure_multivariate"),
    "monitor.analyses.output": ("score_deciles", "summarise_output"),
    "monitor.analyses.predictions": ("measure_predictions",),
    "monitor.analyses.sides": ("Question",),
    "monitor.case": ("Case", "DriftThresholds", "MultivariateThresholds", "WindowSize", "load_case", "save_case", "trust_case"),
    "monitor.engine": ("Selection", "Workspace", "init_case", "open_tables", "open_workspace"),
    "monitor.export.finding_pins": ("cell_pin", "drift_pin", "joint_pin"),
    "monitor.export.pin": ("Pin",),
    "monitor.export.pins": ("comment", "list_pins", "pin", "unpin"),
    "monitor.export.results": ("write_result",),
    "monitor.judgement.drift": ("JudgedDrift", "judge_drift"),
    "monitor.judgement.finding": ("Direction", "Finding", "FindingKind", "Measure", "State"),
    "monitor.judgement.findings": ("findings_table",),
    "monitor.judgement.impact": ("weigh",),
    "monitor.judgement.multivariate": ("JudgedMultivariate", "judge_multivariate"),
    "monitor.judgement.narration.answers": ("Answer",),
    "monitor.judgement.narration.sentences": ("headline", "sentence"),
    "monitor.judgement.narration.windows": ("WindowNames",),
    "monitor.models": ("Explanation", "Model", "callable_model", "explain", "load_model", "reproduce"),
    "monitor.registry": ("REGISTRY", "Analysis", "find_analysis", "screen_answer"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: `import monitor` costs nothing, and no module pays for those above it."""
    if name == "errors":
        return import_module("monitor.errors")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'monitor' has no attribute '{name}'")
    found = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
