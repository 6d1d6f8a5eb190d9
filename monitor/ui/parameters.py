"""Every choice that stands in the address: one row each. A page that asks for a choice names one of these rows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from monitor.analyses.chosen_sides import AGAINST_WORDS, ANOTHER_PERIOD, SIDES
from monitor.case import WindowSize
from monitor.errors import SelectionError, SettingError, nearest

EVERY_PAGE: Final = ""
LONGEST = 4000
"""Letters that a value of the address may have."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_SQL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
Check = Callable[[str], str]
"""Returns what is wrong with a value, in a sentence; empty if nothing is."""


def shown(text: str, letters: int = 60) -> str:
    r"""Return a value as a message quotes it: short, without what a screen cannot show.

    >>> shown("a" * 99, 5), shown("x\x00y") == "'x\ufffdy'"
    ("'aaaa…'", True)
    """
    clean = _CONTROL.sub("\ufffd", text)
    return f"'{clean if len(clean) <= letters else clean[: letters - 1] + '…'}'"


def _free(text: str) -> str:
    return f"{shown(text)} holds letters that cannot be shown." if _CONTROL.search(text) else ""


def _condition(text: str) -> str:
    return f"{shown(text)} holds letters that cannot be shown." if _CONTROL_IN_SQL.search(text) else ""


def _day(text: str) -> str:
    try:
        good = re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY
    except ValueError:
        good = False
    return "" if good else f"{shown(text)} is not a day from 1900 to 2199. Write it as 2013-04-30."


def _size(text: str) -> str:
    if _CONTROL.search(text):
        return f"Window size {shown(text)} is not understood."
    try:
        WindowSize.parse(text)
    except SelectionError as error:
        return str(error)
    return ""


def _number(text: str) -> str:
    try:
        good = math.isfinite(float(text)) and float(text) >= 0
    except ValueError:
        good = False
    return "" if good else f"{shown(text)} is not a number from 0 on."


def _count(text: str) -> str:
    return "" if re.fullmatch(r"[1-9]\d{0,5}", text) else f"{shown(text)} is not a whole number from 1 on."


def _cells(text: str) -> str:
    return "" if re.fullmatch(r"\d{1,5}(,\d{1,5})*", text) else f"{shown(text)} is not a list of cells such as 3,4."


def _row(text: str) -> str:
    return "" if re.fullmatch(r"\d{1,9}-\d{1,12}", text) else f"{shown(text)} does not name a row, as 0-15 does (file and row)."


def _finding(text: str) -> str:
    return _free(text) or ("" if "/" in text else f"{shown(text)} does not name a finding, as drift/city~value~2013-W15~2013-W16 does.")


def _worth(text: str) -> str:
    parts = re.split(r"[,;]", text)
    try:
        good = len(parts) == 4 and all(math.isfinite(float(one)) for one in parts)
    except ValueError:
        good = False
    return "" if good else f"{shown(text)} is not what four outcomes are worth. Write four numbers such as 50,-2,0,0."


def one_of(known: Sequence[str]) -> Check:
    """Return the check that a value is one of a few."""

    def check(text: str) -> str:
        return "" if text in known else f"There is no {shown(text)}.{nearest(text, known)} Choose one of: {', '.join(known)}."

    return check


@dataclass(frozen=True, slots=True)
class Parameter:
    """A choice in the address.

    `what` says what it chooses, within a sentence; `page` is the address of the one page that it belongs to, else it belongs to every
    page; `of_case` choices are left behind with their case; `drops` names choices that make no sense once this one is another.
    """

    name: str
    what: str
    page: str = EVERY_PAGE
    of_case: bool = True
    drops: tuple[str, ...] = ()
    check: Check = _free

    def complaint(self, text: str) -> str:
        """Say what is wrong with a value as far as that is known without the data; empty if nothing is."""
        if len(text) > LONGEST:
            return f"{shown(text)} has {len(text):,d} letters, and at most {LONGEST:,d} are read."
        return self.check(text)


SHOWING = ("present", "slide")
"""Choices of how a page is shown, which change nothing of what is compared."""
LISTED = ("Open", "New", "Ongoing", "Over", "All")
"""Incidents that can be listed, by how they stand."""
YES, NO = ("true", "1", "yes"), ("false", "0", "no", "")


def _side(side: str) -> tuple[Parameter, ...]:
    name, letter = SIDES[side], side.upper()
    return (
        Parameter(name["data"], f"the data set of {letter}", check=one_of(("reference", "production"))),
        Parameter(name["from"], f"the first day of {letter}", check=_day),
        Parameter(name["to"], f"the last day of {letter}", check=_day),
        Parameter(name["where"], f"the condition of {letter}", check=_condition),
        Parameter(name["version"], f"the model version of {letter}"),
        Parameter(name["file"], f"the file of {letter}"),
    )


def _drift(page: str, cell: str, run: str) -> tuple[Parameter, ...]:
    """Return the choices of a screen of drift; what is looked at close up makes no sense of another cell."""
    close, place = (f"{page}_span", f"{page}_rows_cell"), f"{page}_page"
    return (
        Parameter(f"{page}_method", "the method", page, of_case=False, drops=(f"{page}_floor",)),
        Parameter(f"{page}_floor", "the smallest effect that matters", page, check=_number),
        Parameter(cell, "the cell that is looked at", page, drops=(run, *close)),
        Parameter(run, "the run that is looked at", page, drops=close),
        Parameter(close[0], "the windows that are looked at", page, check=one_of(("one",))),
        Parameter(close[1], "the rows behind it", page),
        Parameter(f"{page}_show", "the columns of the map", page, of_case=False, drops=(place,), check=one_of(("all",))),
        Parameter(f"{page}_find", "the name that is looked for", page, drops=(place,)),
        Parameter(place, "the page of the map", page, check=_count),
    )


ROWS_PLACE = ("rows_page", "rows_row")
TABLE: tuple[Parameter, ...] = (
    Parameter("case", "the case"),
    Parameter("present", "presenting", of_case=False, check=one_of((*YES, *NO))),
    Parameter("slide", "the slide", check=_count),
    *_side("a"),
    *_side("b"),
    Parameter("a", "what each window is compared with", of_case=False, check=one_of((*AGAINST_WORDS, ANOTHER_PERIOD))),
    Parameter("win", "the window size", of_case=False, check=_size),
    Parameter("where", "the condition of both sides", check=_condition),
    *_drift("drift", "cell", "run"),
    *_drift("predictions", "predictions_cell", "predictions_run"),
    Parameter("by", "the column that cuts rows apart", "predictions", drops=("of", "predictions_cell", "predictions_run")),
    Parameter("of", "the output that is shown", "predictions", drops=("predictions_cell", "predictions_run")),
    Parameter("multivariate_method", "the method", "multivariate", of_case=False, drops=("multivariate_part",)),
    Parameter("window", "the window that is looked at", "multivariate"),
    Parameter("multivariate_part", "the side of the window", "multivariate", of_case=False),
    Parameter("multivariate_matrix", "the matrix of pairs", "multivariate", of_case=False),
    Parameter("adversaries_sign", "what is counted", "adversaries", of_case=False),
    Parameter("adversaries_rows", "the finding whose rows are shown", "adversaries"),
    Parameter("outliers_of", "the rows whose share is shown", "outliers", drops=("outliers_page",)),
    Parameter("outliers_window", "the window of the rows", "outliers", drops=("outliers_page",)),
    Parameter("outliers_page", "the page of the rows", "outliers", check=_count),
    Parameter("performance_by", "the column that cuts rows apart", "performance", drops=("performance_segment",)),
    Parameter("performance_metric", "the metric", "performance", of_case=False),
    Parameter("performance_segment", "the rows that are shown", "performance"),
    Parameter("performance_column", "the column that errors are told along", "performance"),
    Parameter("performance_tab", "the tab", "performance", of_case=False),
    Parameter("performance_worth", "what outcomes are worth", "performance", check=_worth),
    Parameter("incident", "the incident that is shown", "incidents"),
    Parameter("incidents_shown", "which incidents are listed", "incidents", of_case=False, check=one_of(LISTED)),
    Parameter("incidents_owner", "whose incidents are listed", "incidents"),
    Parameter("incident_remedies", "whether remedies are tried", "incidents", of_case=False),
    Parameter("imported_series", "what another tool measured", "imported"),
    Parameter("quality_finding", "what was found", "quality"),
    Parameter("pipelines_finding", "what happened to a job", "pipelines"),
    Parameter("contract_finding", "broken clause", "contract"),
    Parameter("operations_metric", "the metric", "operations"),
    Parameter("operations_by", "the column", "operations"),
    Parameter("fairness_metric", "the metric", "fairness", of_case=False),
    Parameter("fairness_group", "the group", "fairness"),
    Parameter("estimate_metric", "the metric", "estimate", of_case=False),
    Parameter("concept_of", "what is shown by window", "concept"),
    Parameter("segments_segment", "the segment that is shown", "segments"),
    Parameter("rows_side", "the side of the rows", "rows", of_case=False, drops=ROWS_PLACE, check=one_of(("a", "b"))),
    Parameter("rows_from", "the first window of the rows", "rows", drops=ROWS_PLACE),
    Parameter("rows_to", "the last window of the rows", "rows", drops=ROWS_PLACE),
    Parameter("rows_column", "the column of a cell", "rows", drops=("rows_cells", *ROWS_PLACE)),
    Parameter("rows_cells", "the cells of a column", "rows", drops=ROWS_PLACE, check=_cells),
    Parameter("rows_where", "the condition of the rows", "rows", drops=ROWS_PLACE, check=_condition),
    Parameter("rows_finding", "the finding whose rows are looked at", "rows", drops=ROWS_PLACE, check=_finding),
    Parameter("rows_outliers", "whether rows are told why they are unlike the others", "rows", of_case=False, check=one_of(("yes",))),
    Parameter("rows_explained", "whether rows are told why the model says what it says", "rows", of_case=False, check=one_of(("yes",))),
    Parameter("rows_sort", "the column that orders the rows", "rows", drops=("rows_page",)),
    Parameter("rows_order", "the order of the rows", "rows", of_case=False, drops=("rows_page",), check=one_of(("descending",))),
    Parameter("rows_page", "the page of the rows", "rows", check=_count),
    Parameter("rows_row", "the row that is looked at", "rows", check=_row),
    Parameter("explanations_window", "the window that is explained", "explanations"),
    Parameter("explanations_class", "the class that is explained", "explanations"),
    Parameter("explanations_unit", "the unit of the waterfall", "explanations", of_case=False),
    Parameter("explanations_rows", "how many rows are explained", "explanations", of_case=False),
    Parameter("explanations_column", "the column that is looked at", "explanations"),
    Parameter("explanations_by", "the column that its part is cut by", "explanations"),
    Parameter("explanations_row", "the row that is explained", "explanations"),
    Parameter("explanations_id", "the id of the row that is explained", "explanations"),
    Parameter("shadow_metric", "the metric", "shadow", of_case=False),
    Parameter("shadow_rows", "whether rows of incidents count", "shadow", of_case=False),
    Parameter("shadow_arm", "what arms are compared by", "shadow", of_case=False),
    Parameter("retraining_mix", "what is learned from", "retraining", of_case=False),
    Parameter("retraining_weights", "how rows are weighed", "retraining", of_case=False),
    Parameter("retraining_incidents", "whether rows that incidents made wrong are left out", "retraining", of_case=False),
    Parameter("retraining_test", "whether retraining is tested", "retraining", of_case=False),
    Parameter("readiness_candidate", "the model that is asked about", "readiness"),
    Parameter("readiness_drill", "whether a drill is held", "readiness", of_case=False),
    Parameter("readiness_asked", "whether it is asked", "readiness", of_case=False),
    Parameter("drill_kinds", "which incidents are drilled", "drill", of_case=False),
    Parameter("drill_size", "how many rows are hit", "drill", of_case=False),
    Parameter("drill_where", "the segment that is hit", "drill"),
    Parameter("drill_on", "what the drill is held on", "drill", of_case=False),
    Parameter("drill_held", "whether the drill is held", "drill", of_case=False),
    Parameter("story", "the story", "story"),
    Parameter("board", "the board", "boards"),
    Parameter("findings_order", "the order of findings", "findings", of_case=False, drops=("findings_page",)),
    Parameter("findings_page", "the page of findings", "findings", check=_count),
    Parameter("setup_tab", "the tab", "setup", of_case=False),
)
PARAMETERS: Mapping[str, Parameter] = {one.name: one for one in TABLE}
COMPARISON = tuple(one.name for one in TABLE if one.page == EVERY_PAGE and one.name not in ("case", *SHOWING))
"""What is compared with what, cut how: the choices that a pinned comparison keeps."""


def parameter(name: str) -> Parameter:
    """Return a row of the table.

    Raises
    ------
    SettingError
        When there is none: a page asked for a choice that the address does not know.
    """
    if name not in PARAMETERS:
        raise SettingError(f"The address has no parameter '{name}'.{nearest(name, PARAMETERS)} Add a row to monitor/ui/parameters.py.")
    return PARAMETERS[name]
