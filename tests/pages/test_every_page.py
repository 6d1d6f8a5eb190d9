"""Every registered page on every kind of case: rows or a clear message, never an exception, never somebody else's markup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.ui import measuring
from monitor.ui.navigation import entries
from monitor.ui.text import md_escape
from tests.pages.cases import CASES, HOSTILE
from tests.pages.seen import open_page, rendered, said

PAGES = [one.url for one in entries()]
QUIET = frozenset(
    {
        "fleet",
        "findings",
        "imported",
        "story",
        "boards",
        "setup",
        "fairness",
        "contract",
        "pipelines",
        "shadow",
        "retraining",
        "kpis",
        "alerts",
        "drill",
        "readiness",
    }
)
MEASURING = [url for url in PAGES if url not in QUIET]
"""Pages that measure the shop, which has no protected column, contract, pipeline, challenger or rule; one shows no name of a column."""
Use = Callable[[str], Path]

SAID = {
    ("flights", "overview"): "of 20 columns changed; ",
    ("flights", "performance"): "Scores were too low from 1 Apr to 1 Sep (27% positive, 20% said).",
    ("no-labels", "performance"): "Performance needs a column with the role label.",
    ("no-predictions", "performance"): "Performance needs a column with the role prediction or score.",
    ("payments", "fairness"): "No group is treated apart from others beyond chance and the band.",
    ("flights", "fairness"): "Fairness needs a column with the role protected.",
    ("data-only", "fairness"): "The case watches data without a model",
    ("empty", "fairness"): "Fairness needs a column with the role protected.",
    ("no-timestamp", "fairness"): "Fairness needs a column with the role protected.",
    ("grouped", "fairness"): "Paris is still decided positive 1.5 times as often as others.",
    ("data-only", "performance"): "The case watches data without a model",
    ("flights", "drift"): "3 of 20 columns changed; temperature most, since 6 May.",
    ("payments", "adversaries"): "102 rows were nearly alike from 20:02 on 29 Mar to 10:58 on 30 Mar.",
    ("flights", "adversaries"): "of 200 sampled rows decided positive and",
    ("no-labels", "adversaries"): "Nothing looks as if somebody played against the model.",
    ("no-predictions", "adversaries"): "Not looked at: crowding at the threshold, new combinations",
    ("one-row", "adversaries"): "Nothing could be looked at: too few rows, or no column to compare.",
    ("flights", "concept"): "Scores were too low beside labels from 8 Apr to 11 Aug.",
    ("payments", "concept"): "Labels were above what inputs let expect in the week of 24 Mar.",
    ("flights", "explanations"): "The mean probability fell from 0.24 to 0.21: Temperature −0.0",
    ("payments", "explanations"): "The stand-in's mean probability rose from",
    ("shop", "explanations"): "Scores cannot be explained: no stand-in follows them.",
    ("no-labels", "explanations"): "Scores cannot be explained: no stand-in follows them.",
    ("no-predictions", "explanations"): "Explanations needs a column with the role prediction or score.",
    ("data-only", "explanations"): "The case watches data without a model",
    ("flights", "estimate"): "Log loss was higher than estimated from 15 to 28 Apr.",
    ("shop", "estimate"): "Scoreboard: how far estimates were off",
    ("no-labels", "estimate"): "Estimated needs a column with the role label.",
    ("flights", "quality"): "Temperature (°F) lies above the reference's largest (64) in 84% of rows since 6 May.",
    ("payments", "quality"): "Device",
    ("flights", "operations"): "None has the role status: errors are not known.",
    ("payments", "operations"): "Cost per 1,000 requests is higher since 28 Apr.",
    ("shop", "operations"): "The service runs as in the reference.",
    ("no-labels", "operations"): "The service runs as in the reference.",
    ("flights", "setup"): "20 features of 30 columns",
    ("shop", "overview"): "Scores are too high since 1 Apr.",
    ("shop", "performance"): "Scores are too high since 1 Apr.",
    ("payments", "overview"): "of 13 columns changed; device most",
    ("payments", "drift"): "Device 'IOS', never seen in the reference",
    ("payments", "predictions"): "The prediction is what the threshold 0.1 says in all 10,448 rows",
    ("payments", "setup"): "features of 27 columns are watched",
    ("shop", "drift"): "1 of 2 columns changed",
    ("shop", "predictions"): "The model answers differently since 1 Apr",
    ("no-labels", "drift"): "1 of 2 columns changed",
    ("no-timestamp", "setup"): "2 features of 6 columns",
    ("no-predictions", "predictions"): "The case names neither predictions nor scores.",
    ("no-predictions", "overview"): "The case names no predictions",
    ("data-only", "overview"): "No model is watched, only data.",
    ("data-only", "drift"): "1 of 3 columns changed",
    ("data-only", "multivariate"): "None of 9 relations changed",
    ("data-only", "predictions"): "This case watches data without a model.",
    ("data-only", "setup"): "3 features of 5 columns",
    ("one-row", "overview"): "Nothing could be judged",
    ("one-row", "drift"): "Nothing could be judged: every window has fewer than 30 rows",
    ("one-class", "predictions"): "The model answers differently since 1 Apr",
    ("odd-columns", "drift"): "1 of 5 columns changed",
    ("lost-column", "drift"): "'weight' is in the reference but not in production",
    ("lost-column", "overview"): "'weight' is in the reference but not in production",
    ("lost-column", "setup"): "'weight' is in the reference but not in production",
    ("shop", "outliers"): "More rows are unlike the reference since 1 Apr.",
    ("no-timestamp", "rows"): "rows of production.",
    ("shop", "rows"): "rows of production.",
    ("no-labels", "rows"): "rows of production.",
    ("data-only", "outliers"): "are flagged",
    ("one-row", "rows"): "1 row of production.",
    ("flights", "rows"): "9,010 rows of production.",
    ("payments", "outliers"): "More rows were unlike the reference from 24 Mar to 11 May.",
} | {
    (case, page): told
    for case in CASES
    if case != "broken"
    for page, told in {
        "findings": "No finding is pinned yet.",
        "story": "This case has no story yet.",
        "boards": "This case has no board yet.",
    }.items()
}
SAID |= {(case, "pipelines"): "No runs of pipelines are named." for case in CASES if case not in ("broken", "payments")}
SAID[("payments", "pipelines")] = "Job 'join_accounts' failed from 29 May to 1 Jun"
SAID |= {(case, "contract"): "This case has no contract yet." for case in CASES if case != "broken"}
SAID |= {(case, "shadow"): "There is no other model to compare with." for case in CASES if case not in ("broken", "payments")}
SAID[("payments", "shadow")] = "Whether the challenger is worth more than v2, which serves now, cannot be told."
SAID |= {
    ("payments", "retraining"): "4,832 of the reference, 6,650 of production",
    ("no-timestamp", "retraining"): "A model could learn from",
    ("no-labels", "retraining"): "A training set needs labels, and the case names none.",
    ("data-only", "retraining"): "A training set is built of binary and regression cases; this one is none.",
}
SAID |= {(case, "kpis"): "This case has no goals yet." for case in CASES if case not in ("broken", "payments", "flights")}
SAID |= {(case, "fleet"): "None of 1 case was judged by a run yet." for case in CASES}
SAID |= {(case, "alerts"): "This case has no alert rules." for case in CASES if case not in ("broken", "payments")}
SAID[("payments", "alerts")] = "Would have fired 2 times"
SAID |= {(case, "imported"): "Nothing was imported." for case in CASES if case != "broken"}
SAID[("payments", "kpis")] = "The goal 'Good customers flagged' is missed in the"
SAID[("flights", "kpis")] = "Late flights announced"
SAID |= {(case, "drill"): "No drill was held yet." for case in CASES if case not in ("broken", "empty")}
SAID |= {(case, "readiness"): "No model was asked about yet." for case in CASES if case != "broken"}
REFUSED = {
    "empty": "production: the source has 7 columns but no rows",
    "broken": "ownr",
    "no-timestamp": "Windows of 1 week need the timestamp role",
}


LEARNED = ("grouped", "odd-columns", "one-class")
"""Cases whose page Explanations learns a stand-in as that of the shop does; tests/judgement/test_explanations.py has their kinds."""
ASKED = [(case, url) for case in CASES for url in PAGES if case != "hostile" and (case not in LEARNED or url != "explanations")]
"""Every page of every case; the hostile one is opened further below."""


@pytest.mark.parametrize(("case", "url"), ASKED)
def test_a_page_shows_rows_or_says_why_not(use: Use, case: str, url: str) -> None:
    use(case)
    app = open_page(url)
    assert not app.exception
    refused = (case, url) not in SAID and case in REFUSED
    assert (REFUSED[case] if refused else SAID.get((case, url), "")) in said(app)
    assert bool(app.error) == refused
    assert [text for text in rendered(app) if "\\\\" in text] == [], "escaped twice"


def test_what_another_page_measured_is_not_measured_again(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    use("shop")
    pages, asked, run = ("performance", "operations", "explanations"), set(), measuring.run_cancellable

    def noted(key: tuple[Any, ...], work: Any, *, text: str) -> Any:
        asked.add(key)
        return run(key, work, text=text)

    monkeypatch.setattr(measuring, "run_cancellable", noted)
    for url in ("incidents", *pages):
        assert not open_page(url).exception
    assert {url: len([key for key in asked if key[0] == url]) for url in pages} == dict.fromkeys(pages, 1)


@pytest.mark.parametrize("url", PAGES)
def test_without_a_case_a_page_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(tmp_path))
    app = open_page(url)
    assert not app.exception
    told = [button.label for button in app.button] if url == "setup" else [said(app)]
    assert any(("Read the files and guess" if url == "setup" else "Make one on the page Set-up") in text for text in told)


def unescaped(texts: list[str]) -> list[str]:
    """Return the texts in which a hostile name or value stands as it is."""
    return [text for text in texts for one in HOSTILE if one in text and md_escape(one) != one]


@pytest.mark.parametrize("url", PAGES)
def test_hostile_names_and_values_are_shown_letter_by_letter(use: Use, url: str) -> None:
    use("hostile")
    opened = {f"{page}_{part}": True for page in ("drift", "predictions", "overview") for part in ("evidence", "rows")}
    app = open_page(url, state=opened, query={"cell": f"{HOSTILE[1]}~2013-W14"})
    assert not app.exception
    assert not app.error
    assert unescaped(rendered(app)) == []
    if url not in QUIET - {"fairness"}:  # Set-up has them in its table of columns alone
        assert any(one in said(app) for one in HOSTILE)


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_every_hostile_column_is_seen_close_up(use: Use, place: int) -> None:
    use("hostile")
    app = open_page("drift", state={"drift_rows": True}, query={"cell": f"{HOSTILE[place]}~2013-W15"})
    assert not app.exception
    assert unescaped(rendered(app)) == []
    assert any(text.startswith("#### ") and ("since 1 Apr 2013" in text or "week of 8 Apr 2013" in text) for text in rendered(app))


NOTHING = (
    ({"where": f"city = 'a' {HOSTILE[1]}"}, "These rows cannot be selected"),
    ({"where": "weight > 5; DROP TABLE x"}, "These rows cannot be selected"),
    ({"where": "weight > 1e9"}, ""),
    ({"win": HOSTILE[1]}, "is not understood"),
    ({"from": "2013-04-08", "to": "2013-04-01"}, "starts on 8 Apr 2013 and ends on 1 Apr 2013"),
    ({"from": "2031-01-01"}, ""),
)
"""What is asked of the shop, and what is said of it by the frame that all pages share."""


@pytest.mark.parametrize(("url", "place"), [(url, place % len(NOTHING)) for place, url in enumerate(MEASURING)])
def test_a_choice_in_the_address_that_selects_nothing_is_explained(use: Use, url: str, place: int) -> None:
    query, message = NOTHING[place]
    use("shop")
    app = open_page(url, query=query)
    assert not app.exception
    assert app.error
    assert message in "\n".join([*(one.proto.title for one in app.error), said(app)])
    assert unescaped(rendered(app)) == []


def test_a_cell_that_is_not_on_the_screen_is_told_and_the_worst_one_shown(use: Use) -> None:
    use("shop")
    app = open_page("drift", query={"cell": f"{HOSTILE[1]}~2013-W14"})
    assert f"{HOSTILE[1]} in week of 1 Apr 2013 is not on this screen any more; the strongest finding is shown." in said(app)
    assert unescaped(rendered(app)) == []
    assert any(text.startswith("#### weight") for text in rendered(app))


@pytest.mark.parametrize("url", PAGES)
def test_presenting_hides_what_can_be_changed(use: Use, url: str) -> None:
    use("shop")
    app = open_page(url, query={"present": "true"})
    assert not app.exception
    assert not [one.label for one in app.selectbox if one.label == "Method"]
    if url != "setup":
        assert {one.key for one in app.button} <= {"slide_back", "slide_next", "slide_leave"}


@pytest.mark.parametrize(
    ("case", "size"),
    [
        ("shop", "2 days"),
        ("shop", "1 month"),
        ("shop", "whole"),
        ("shop", "200 rows"),
        ("no-timestamp", "whole"),
        ("no-timestamp", "200 rows"),
    ],
)
def test_windows_of_every_size_are_measured(use: Use, case: str, size: str) -> None:
    use(case)
    app = open_page("drift", query={"win": size})
    assert not app.exception
    assert not app.error
    assert "of 2 columns changed" in said(app)


@pytest.mark.parametrize(
    "against", ["window before", "same weekday before", "same season a year earlier", "four windows before", "everything before"]
)
def test_every_baseline_gives_an_answer_or_a_reason(use: Use, against: str) -> None:
    use("shop")
    app = open_page("drift", query={"a": against})
    assert not app.exception
    assert app.title or app.error
