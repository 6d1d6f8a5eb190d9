"""What follows from inputs that the model hardly uses: nothing that it answers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from monitor.incidents.effect_words import UNFELT
from monitor.incidents.grouping import group
from monitor.incidents.unfelt import is_unfelt
from monitor.judgement.explanations import JudgedExplanations
from tests.incidents.made import FARE, SCORE, WINDOWS, cause, found
from tests.judgement.test_explanations import judged, modelled


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> JudgedExplanations:
    """The driver half a standard deviation higher, the noise two, both since the eleventh day; the noise is used a tenth as much as this
    model of few rows does."""
    found = judged(modelled(tmp_path_factory.mktemp("cases") / "unfelt", driver=0.5, noise=2.0, since=10))
    used = np.array([1.0 if name != "noise" else 0.1 for name in found.result.attributions.columns])
    classes = tuple(replace(one, raw=tuple(replace(side, values=side.values * used) for side in one.raw)) for one in found.result.classes)
    return replace(found, result=replace(found.result, classes=classes))


@pytest.mark.parametrize(
    ("columns", "unfelt"), [(("noise",), True), (("driver",), False), (("noise", "driver"), False), (("elsewhere",), False), ((), False)]
)
def test_a_cause_is_unfelt_where_the_model_hardly_uses_its_columns(explained: JudgedExplanations, columns, unfelt) -> None:
    windows = explained.result.windows
    scene = SimpleNamespace(judged={"explanations": explained}, production=SimpleNamespace(windows=windows))
    since = replace(cause(columns=columns), start=windows.start[10], end=np.datetime64("NaT"))
    assert is_unfelt(scene, since) is unfelt
    assert not is_unfelt(SimpleNamespace(judged={}, production=scene.production), since)


def test_answers_follow_from_the_cause_that_the_model_feels() -> None:
    """Of two that began together the one with more evidence of its own would have all that the model answered."""
    other, worse = found("noise", 5, 12, weight=3.0), found("auc", 5, 12, analysis="performance", columns=())
    causes = [cause(explained=0.6), cause(columns=("noise",), explained=1.0)]
    evidence = [FARE, other, SCORE, worse]
    homes = {}
    for unfelt in (False, True):
        groups = group([causes[0], replace(causes[1], unfelt=unfelt)], evidence, WINDOWS)
        homes[unfelt] = {each.key: one.hypothesis.columns for one in groups for each in one.evidence}
    assert {homes[False][one.key] for one in (SCORE, worse)} == {("noise",)}
    assert {homes[True][one.key] for one in (SCORE, worse)} == {("fare",)}
    assert homes[True][other.key] == ("noise",)
    assert UNFELT.startswith("The model hardly uses it")
