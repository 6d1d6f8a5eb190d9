"""What is said of options."""

from dataclasses import replace

import pytest

from monitor.incidents.cause import Cause, Hypothesis
from monitor.registry.remedy_slides import remedy_statement
from monitor.remedies.bench import Bench, ranked
from monitor.remedies.gains import Gain
from monitor.remedies.kinds import Basis, Remedy, Why
from monitor.remedies.option import Option
from monitor.remedies.words import answer, gain_text, next_text, reason


def gain(lower, upper, metric="decision_loss"):
    middle = (lower + upper) / 2
    return Gain(metric, 0.3, 0.3 - middle, middle, lower, upper, 600, 30)


def bench(*options, cause=Cause.CONCEPT_CHANGE):
    every = [Option(remedy=Remedy.NOTHING, basis=Basis.SIMULATED), *options]
    return Bench(cause=Hypothesis(cause=cause), options=ranked(every), rows=1000, labelled=600, currency="", priced=False)


def option(remedy, *gains, **given):
    return Option(remedy=remedy, basis=Basis.SIMULATED, gains=gains, **given)


def test_what_is_mended_comes_first_and_what_brings_more_at_once_is_said():
    slow = option(Remedy.PATCH, gain(0.02, 0.14), removes=True)
    quick = option(Remedy.RECALIBRATE, gain(0.04, 0.18), beside=gain(0.01, 0.05))
    said = answer(bench(quick, slow, cause=Cause.OFFSET))
    assert said.headline.startswith("Mend the input: takes the cause away and helps")
    assert said.doubt.startswith("Until then: recalibrate, which brings more at once on the same 600 rows (better by 0.01 to 0.05 a row).")


@pytest.mark.parametrize(("beside", "wanted"), [((0.01, 0.05), Remedy.RECALIBRATE), ((-0.01, 0.05), Remedy.RETRAIN)])
def test_a_remedy_that_brings_less_for_sure_is_not_first_because_it_takes_the_cause_away(beside, wanted):
    slow = option(Remedy.RETRAIN, gain(0.02, 0.14), removes=True)
    quick = option(Remedy.RECALIBRATE, gain(0.04, 0.18), beside=gain(*beside))
    found = bench(slow, quick)
    assert found.preferred.remedy is wanted
    less = "Retrain takes the cause away, and brings less than that on the same 600 rows"
    assert answer(found).doubt.startswith(less) is (wanted is Remedy.RECALIBRATE)
    assert "Beside 'Retrain', on the same 600 rows: " in reason(quick, found)


def test_a_board_reads_what_each_option_would_have_brought_in_money():
    rolled = option(Remedy.ROLLBACK, gain(2.0, 4.0, "value"), removes=True, told="v1")
    untried = Option(remedy=Remedy.RETRAIN, basis=Basis.NONE, why=Why.FEW_LABELS)
    found = replace(bench(rolled, untried, cause=Cause.MODEL_VERSION), currency="EUR")
    said = remedy_statement(found, "Another version (v2) has answered since 6 April")
    assert said.title == "Roll back to v1: takes the cause away and pays."
    first, money, rest = said.sentence.split("\n")
    assert first == "Another version (v2) has answered since 6 April."
    assert money == "Roll back to v1: +1,800 EUR (+1,200 to +2,400) on 600 rows, more than chance."
    assert rest.startswith("Not tried: Retrain, for too few rows have a label")
    assert said.chart["description"] == "Gain in Value of a decision by option: Roll back to v1 3."


def test_what_rows_were_is_written_alike_for_every_option():
    near, far = (Gain("value", -19.64, then, then + 19.64, 0.1, 9.0, 600, 30) for then in (-18.94, -14.6))
    found = bench(option(Remedy.RETRAIN, near, removes=True), option(Remedy.RECALIBRATE, far))
    assert {"against -19.6" in reason(one, found) for one in found.options[:2]} == {True}


def test_a_gain_that_was_to_be_had_before_is_no_remedy():
    always = option(Remedy.RETRAIN, gain(0.02, 0.14), removes=True, beyond=(gain(-0.02, 0.03),))
    found = bench(always)
    assert found.preferred.remedy is Remedy.NOTHING
    assert reason(always, found).startswith("Would have helped before the incident as well")


def test_what_treats_an_incident_that_is_over_and_hurts_since_is_not_preferred():
    fitted = option(Remedy.RECALIBRATE, gain(0.04, 0.18), after=(gain(-0.2, -0.1),))
    found = bench(fitted, cause=Cause.UNKNOWN)
    assert found.preferred.remedy is Remedy.NOTHING
    assert reason(fitted, found).startswith("Helped while it lasted, and would hurt now that it is over")


def test_the_metric_that_decides_says_what_hurts():
    other = option(Remedy.PATCH, gain(-0.001, 0.003), gain(-0.003, -0.001, "brier"), removes=True)
    assert not other.hurts
    assert bench(other, cause=Cause.RECODE).preferred is other


def test_a_patch_that_hurts_is_not_preferred_and_one_that_shows_nothing_is():
    for gains, wanted in (((-0.1, -0.01), Remedy.NOTHING), ((-0.01, 0.01), Remedy.PATCH)):
        found = bench(option(Remedy.PATCH, gain(*gains), removes=True), cause=Cause.OFFSET)
        assert found.preferred.remedy is wanted


def test_a_patch_that_could_not_be_tried_is_still_what_takes_the_cause_away():
    untried = Option(remedy=Remedy.PATCH, basis=Basis.NONE, removes=True, why=Why.NO_MODEL, detail="no file")
    found = bench(untried, cause=Cause.OFFSET)
    assert answer(found).headline == "Mend the input: takes the cause away; not tried, for the model cannot be asked again."


def test_what_comes_next_is_what_the_options_say_and_what_the_cause_asks_for_where_its_remedy_could_not_be_tried():
    retrain = option(Remedy.RETRAIN, gain(0.02, 0.14), removes=True)
    assert next_text(bench(retrain), "Wait.").startswith("Retrain: takes the cause away and helps")
    untried = Option(remedy=Remedy.RETRAIN, basis=Basis.NONE, removes=True, why=Why.FEW_LABELS)
    found = bench(untried, option(Remedy.ROLLBACK, gain(-0.1, 0.2), told="v1"))
    assert answer(found).headline == "For now, change nothing in model or inputs: no option that could be tried brings more than chance."
    assert next_text(found, "Wait.") == "Wait. What was tried on its rows does not help beyond chance: roll back to v1."
    assert next_text(bench(untried), "Wait.") == "Wait."


def test_only_money_pays():
    for metric, word in (("value", "pays"), ("decision_loss", "helps")):
        found = bench(option(Remedy.RETRAIN, gain(0.02, 0.14, metric), removes=True))
        assert reason(found.preferred, found).startswith(f"Takes the cause away and {word}")
        assert reason(found.options[-1], found) == "Gives away what the option above it would have brought."


def test_a_threshold_that_would_be_worse_is_not_set_back():
    found = bench(option(Remedy.RESTORE, gain(-0.2, -0.1), removes=True, told="0.5"), cause=Cause.THRESHOLD_CHANGE)
    assert answer(found).headline.endswith("the earlier threshold would have been worse: tell the case the new one.")


@pytest.mark.parametrize(("ends", "told"), [((0.01, 0.2), "better by 0.01 to 0.2"), ((-0.2, -0.01), "worse by 0.01 to 0.2"),
                                            ((-0.1, 0.2), "0.1 worse to 0.2 better")])  # fmt: skip
def test_intervals_are_told_by_what_they_mean(ends, told):
    assert told in gain_text(gain(*ends))
