"""Labels of all rows that follow from inputs otherwise, to and fro."""

from types import SimpleNamespace

import pytest

from monitor.incidents.relations import examine_relations


@pytest.mark.parametrize(("few", "asked"), [(True, []), (False, ["concept", "performance", "estimate"])])
def test_a_reference_of_few_days_does_not_say_how_labels_go_to_and_fro(few, asked):
    names: list[str] = []

    def findings(*analyses):
        names.extend(analyses)
        return iter(())

    assert list(examine_relations(SimpleNamespace(few_days=few, findings=findings), SimpleNamespace(of_label=True))) == []
    assert sorted(names) == sorted(asked)
