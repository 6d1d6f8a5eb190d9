"""The monitored model itself: loaded safely, asked again, explained. The only importer of shap; third parties are imported when needed."""

from monitor.models.explaining import Explanation, explain
from monitor.models.loading import Audit, audit_model, callable_model, load_model
from monitor.models.model import Model, Unit
from monitor.models.reproduce import Reproduction, reproduce
from monitor.models.surrogate import Surrogate, fit_surrogate, packed, unpacked

__all__ = [
    "Audit",
    "Explanation",
    "Model",
    "Reproduction",
    "Surrogate",
    "Unit",
    "audit_model",
    "callable_model",
    "explain",
    "fit_surrogate",
    "load_model",
    "packed",
    "reproduce",
    "unpacked",
]
