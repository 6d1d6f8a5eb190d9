"""A case: what its case.toml says, as checked models; the file; windows; what it brings that would run, and who trusts it."""

from monitor.case.data import DataSection, Roles
from monitor.case.file import CASE_FILE, case_from, load_case
from monitor.case.model import Annotation, Case
from monitor.case.own_code import MethodSection, MetricSection, ModelSection
from monitor.case.thresholds import (
    OUTLIER_SHARES,
    ConceptThresholds,
    DriftThresholds,
    ExplanationThresholds,
    MultivariateThresholds,
    OutlierThresholds,
    PerformanceThresholds,
    SegmentThresholds,
    Thresholds,
)
from monitor.case.trust import Trust, TrustState, revoke_trust, trust_case, trust_of, trusted_cases
from monitor.case.windows import UNITS, WindowSize
from monitor.case.writing import save_case, write_atomically

__all__ = [
    "CASE_FILE",
    "OUTLIER_SHARES",
    "UNITS",
    "Annotation",
    "Case",
    "ConceptThresholds",
    "DataSection",
    "DriftThresholds",
    "ExplanationThresholds",
    "MethodSection",
    "MetricSection",
    "ModelSection",
    "MultivariateThresholds",
    "OutlierThresholds",
    "PerformanceThresholds",
    "Roles",
    "SegmentThresholds",
    "Thresholds",
    "Trust",
    "TrustState",
    "WindowSize",
    "case_from",
    "load_case",
    "revoke_trust",
    "save_case",
    "trust_case",
    "trust_of",
    "trusted_cases",
    "write_atomically",
]
