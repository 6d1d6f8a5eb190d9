"""What a reader asks of a report, by profile: each line with its source and with what of ours answers it.

The lines are paraphrases. SR 26-2 was read by its headings as public summaries give them, not as a list of duties: it sets none
(docs/decisions/0019-presenting.md). What no analysis or record of ours can show is said in `outside`, and stands in the report as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kept(StrEnum):
    """What a case or its people keep that is no analysis."""

    OWNER = "an owner of the model"
    DESCRIPTION = "a description of the model and its use"
    GOALS = "goals with targets and owners"
    VALUE = "what decisions are worth"
    MODEL = "the model itself, which can be asked again"
    CONTRACT = "a contract of its inputs"
    NOTES = "deploys and events"
    PINS = "pinned statements"
    COMMENTS = "what people made of them"
    INCIDENTS = "records of incidents"
    REMEDIES = "what was done about incidents, and whether it helped"
    STORY = "a story for those who decide"
    DECISIONS = "decisions that open incidents ask for"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is asked: by `source`, in our words; `analyses` and `kept` answer it, `outside` is what nothing of ours shows."""

    asked: str
    source: str
    analyses: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a report is written for: `title`, where its questions come from, and whether it says how everything was computed."""

    title: str
    source: str
    requirements: tuple[Requirement, ...]
    in_full: bool = True


R = Requirement
_BUSINESS = (
    R("Are the goals met, and what does a miss cost?", "owner", (), (Kept.GOALS, Kept.VALUE)),
    R("What happened, since when, to which customers, and what did it cost?", "owner", ("incidents",)),
    R("What are we asked to decide?", "owner", (), (Kept.DECISIONS,)),
    R("Who deals with it, and what was done?", "owner", (), (Kept.OWNER, Kept.INCIDENTS, Kept.REMEDIES)),
    R("Is the model still right?", "owner", ("performance", "estimate")),
    R("Would another model be better, and worth it?", "owner", ("shadow",)),
    R("Is anybody treated apart?", "owner", ("fairness",)),
    R("Does it run: fast enough, without errors, within its cost?", "owner", ("operations", "pipelines")),
)
_MODEL_RISK = (
    R("Ongoing monitoring: does the model perform as intended as data and conditions change?", "SR 26-2, validation and monitoring",
      ("drift", "predictions", "multivariate", "quality", "outliers", "operations")),
    R("Outcomes analysis: model output beside what came true", "SR 26-2, validation and monitoring",
      ("performance", "concept", "segments")),
    R("Judgement where outcomes are not known yet", "SR 26-2, validation and monitoring", ("estimate",)),
    R("Comparison with alternatives", "SR 26-2, validation and monitoring", ("shadow",)),
    R("Conceptual soundness: what drives the answers", "SR 26-2, validation and monitoring", ("explanations",), (Kept.MODEL,),
      "review of the theory and of how the model was developed"),
    R("Suitability and quality of data", "SR 26-2, development and use", ("quality", "contract", "pipelines"), (Kept.CONTRACT,),
      "how the training data were chosen"),
    R("Limits and intended use are documented", "SR 26-2, development and use", (), (Kept.DESCRIPTION,), "overlays and approved uses"),
    R("Materiality: exposure and purpose of the model", "SR 26-2, materiality", (), (Kept.GOALS, Kept.VALUE),
      "the tier that the institution gave it"),
    R("Roles: an owner is named, issues are followed until they are closed", "SR 26-2, governance and controls", ("incidents",),
      (Kept.OWNER, Kept.INCIDENTS, Kept.REMEDIES), "independence of those who validate"),
    R("Inventory of models", "SR 26-2, governance and controls", outside="the institution's own inventory"),
    R("Documentation lets others follow the work", "SR 26-2, governance and controls", (), (Kept.PINS, Kept.COMMENTS)),
    R("Products of others are understood and monitored", "SR 26-2, vendor and third-party products", outside="contracts and due diligence"),
)  # fmt: skip
_ART72 = "Regulation (EU) 2024/1689, Art. 72"
_AI_ACT = (
    R("A monitoring system is set up and documented, in proportion to technology and risk", f"{_ART72}(1)", (),
      (Kept.DESCRIPTION, Kept.OWNER), "why it is proportionate"),
    R("Data on performance over the lifetime are collected, documented and analysed", f"{_ART72}(2)",
      ("performance", "estimate", "operations", "predictions")),
    R("Accuracy, robustness and cybersecurity go on", f"{_ART72}(2) with Art. 15",
      ("performance", "concept", "multivariate", "outliers", "adversaries"), (), "security of the systems around the model"),
    R("Data stay suitable; possible biases are looked at", f"{_ART72}(2) with Art. 10", ("quality", "drift", "contract", "fairness")),
    R("Risks that appear in use are found and handled", f"{_ART72}(2) with Art. 9", ("incidents", "segments"),
      (Kept.INCIDENTS, Kept.REMEDIES)),
    R("What the system did can be traced", f"{_ART72}(2) with Art. 12", ("pipelines",), (Kept.NOTES,), "retention of logs"),
    R("Answers can be understood", f"{_ART72}(2) with Art. 13", ("explanations",), (), "instructions for use"),
    R("People oversee the system", f"{_ART72}(2) with Art. 14", (), (Kept.COMMENTS,), "measures of human oversight"),
    R("Interaction with other AI systems, where relevant", f"{_ART72}(2)", outside="other systems are not looked at"),
    R("Deployers' own observations", f"{_ART72}(2)", outside="what deployers report"),
    R("A post-market monitoring plan, part of the technical documentation", f"{_ART72}(3) with Annex IV",
      outside="the plan by the Commission's template"),
)  # fmt: skip
_NIST = (
    R("Metrics for the most significant risks are chosen and applied", "MEASURE 1.1", ("performance", "drift"), (Kept.GOALS,),
      "risks that are not measured"),
    R("Metrics and controls are assessed and updated", "MEASURE 1.2", ("estimate",), (), "regular review of the metrics"),
    R("Others than the developers assess", "MEASURE 1.3", outside="independent assessors"),
    R("Performance is measured under conditions like those of use", "MEASURE 2.3", ("performance", "shadow")),
    R("Function and behaviour are monitored in production", "MEASURE 2.4",
      ("drift", "predictions", "multivariate", "quality", "operations")),
    R("Valid and reliable; where it does not generalise is documented", "MEASURE 2.5", ("performance", "concept", "outliers", "segments")),
    R("Security and resilience are evaluated", "MEASURE 2.7", ("adversaries", "outliers"), (), "tests of the systems around the model"),
    R("The model is explained, its output read in context", "MEASURE 2.9", ("explanations",), (Kept.DESCRIPTION,)),
    R("Fairness and bias are evaluated", "MEASURE 2.11", ("fairness",)),
    R("Safety, transparency, privacy, environment", "MEASURE 2.6, 2.8, 2.10, 2.12", outside="not measured by this tool"),
    R("Known, unexpected and emergent risks are tracked over time", "MEASURE 3.1", ("incidents",), (Kept.INCIDENTS,)),
    R("Risks that cannot be measured yet are considered", "MEASURE 3.2", ("estimate",)),
    R("Users and those affected can report problems and appeal", "MEASURE 3.3", outside="complaints and appeals"),
    R("Results are discussed with those who know the field", "MEASURE 4.2", (), (Kept.COMMENTS,)),
    R("Improvements and declines in the field are documented", "MEASURE 4.3", ("performance", "segments"), (Kept.PINS,)),
    R("Responses to high-priority risks are planned and documented", "MANAGE 1.3", (), (Kept.INCIDENTS, Kept.REMEDIES)),
    R("The value of the deployed system is sustained", "MANAGE 2.2", ("operations",), (Kept.GOALS, Kept.VALUE)),
    R("Procedures for risks that were unknown", "MANAGE 2.3", ("incidents",), (Kept.REMEDIES,)),
    R("Who may supersede or switch off the system", "MANAGE 2.4", ("shadow",), (Kept.OWNER,), "the procedure for switching off"),
    R("Resources of third parties are monitored", "MANAGE 3.1, 3.2", ("contract", "pipelines"), (), "suppliers' own records"),
    R("Monitoring after deployment, with input of users, incident response, change management", "MANAGE 4.1", ("incidents", "pipelines"),
      (Kept.NOTES,), "appeal, override, decommissioning"),
    R("Measurable activities for continual improvement", "MANAGE 4.2", ("shadow",), (Kept.REMEDIES,)),
    R("Incidents are communicated, tracked, and recovered from", "MANAGE 4.3", ("incidents",), (Kept.INCIDENTS, Kept.STORY)),
)  # fmt: skip
PROFILES: Mapping[str, Profile] = {
    "business": Profile("Business", "What owners of a product ask; no regulation", _BUSINESS, in_full=False),
    "model-risk": Profile(
        "Model risk management",
        "SR 26-2, Revised Guidance on Model Risk Management (Federal Reserve, OCC and FDIC, 17 April 2026; supersedes SR 11-7)",
        _MODEL_RISK,
    ),
    "ai-act": Profile("Post-market monitoring", f"{_ART72} (AI Act, high-risk AI systems)", _AI_ACT),
    "nist-ai-rmf": Profile("NIST AI Risk Management Framework", "NIST AI 100-1 (AI RMF 1.0), functions MEASURE and MANAGE", _NIST),
}
"""Profiles of reports, by the name that the command line has for them."""
