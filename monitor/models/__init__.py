"""The monitored model itself: loaded safely, asked again, explained. The only importer of shap; third parties are imported when needed."""

from monitor.models.explaining import Explanation, explain
from monitor.models.loading import callable_model, load_model
from monitor.models.model import Model, Unit
from monitor.models.reproduce import Reproduction, reproduce
from monitor.models.surrogate import Surrogate, fit_surrogate

__all__ = [
    "Explanation",
    "Model",
    "Reproduction",
    "Surrogate",
    "Unit",
    "callable_model",
    "explain",
    "fit_surrogate",
    "load_model",
    "reproduce",
]
