"""What the page Overview answers: how right the model is, else what happened, else what changed."""

from __future__ import annotations

from monitor.incidents.answer import incidents_answer
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.answers import served_findings
from monitor.judgement.estimate import JudgedEstimate
from monitor.judgement.narration.answers import Answer
from monitor.judgement.performance import JudgedPerformance
from monitor.registry import screen_answer
from monitor.ui.incidents_box import severe
from monitor.ui.measuring import Screen

NO_OUTPUT = "The case names no predictions: whether a model is right was not looked at."


def overall(drift: Screen, output: Screen | None, right: JudgedPerformance | None, missing: str = NO_OUTPUT) -> Answer:
    """Say the state of the model: whether it is right where labels say so, else what it answers if that changed, else its inputs; the doubt
    says the rest, and what was not looked at."""
    inputs = screen_answer(drift.judged)
    if right is not None and right.result.labelled.any():
        said = screen_answer(right)
        return Answer(said.headline, _joined(said.doubt, f"Inputs: {inputs.headline}"))
    if output is None:
        return Answer(inputs.headline, _joined(missing, inputs.doubt))
    unseen = "No label is in yet" if right is not None else "The case names no label"
    unseen = f"{unseen}: whether the model is right was not looked at."
    answers = screen_answer(output.judged)
    if served_findings(output.judged):
        return Answer(answers.headline, _joined(f"Inputs: {inputs.headline}", answers.doubt, unseen))
    return Answer(inputs.headline, _joined(answers.headline, inputs.doubt, unseen))


def _joined(*sentences: str) -> str:
    return " ".join(one for one in sentences if one)


def estimated(told: Answer, expected: JudgedEstimate) -> Answer:
    """Say first what is estimated of the model, where no label is in."""
    said, rest = screen_answer(expected), f"Inputs and answers: {told.headline}"
    return Answer(said.headline, _joined("No label is in yet: this is estimated without.", said.doubt, rest))


ABOUT = {"drift": "Inputs: ", "predictions": "Answers: "}
"""What the answer of a screen is about that does not say so, below an incident that leads."""


def with_incidents(told: Answer, judged: JudgedIncidents | None, *, worse: bool, of: str = "") -> Answer:
    """Lead with the most severe incident where a severe one is open and no metric of all rows says that the model became `worse`; what was
    `told` is that of one analysis, which finds nothing where others did."""
    if worse or judged is None or not severe(judged):
        return told
    said = incidents_answer(judged)
    rest = "" if told.headline == said.headline else f"{ABOUT.get(of, '')}{told.headline}"  # said once, of what no cause explains
    return Answer(said.headline, _joined(rest, told.doubt))
