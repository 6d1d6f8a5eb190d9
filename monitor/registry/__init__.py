"""The registry of analyses: one row each. Command line, API, pages, navigation, export and reports read it; nothing else lists them.

A new analysis is its files and one row in the module of its section (docs/add-an-analysis.md).
"""

from monitor.registry.analysis import Analysis
from monitor.registry.catalogue import REGISTRY, find_analysis, screen_answer
from monitor.registry.running import REFUSALS, Everything, judge_each, judge_others, kept_of, report_of, run_analysis

__all__ = [
    "REFUSALS",
    "REGISTRY",
    "Analysis",
    "Everything",
    "find_analysis",
    "judge_each",
    "judge_others",
    "kept_of",
    "report_of",
    "run_analysis",
    "screen_answer",
]
