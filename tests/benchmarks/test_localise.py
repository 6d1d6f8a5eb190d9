"""The bench of real cases: what it counts as found."""

from benchmarks.localise import cases, found_within


def test_the_true_cause_is_first_in_most_real_cases():
    every = cases()
    assert len(every) == 68
    found = found_within(every[1::2])
    assert found[1] >= 0.65
    assert found[1] <= found[3] <= found[5]
