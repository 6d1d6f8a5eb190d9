"""Verdicts in words: one sentence for a finding, one for a whole screen."""

from __future__ import annotations

import re

import numpy as np

from monitor.cells import RARE_LEVELS
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import ALARMS, Finding, find_drift, lost_columns
from monitor.stats.catalogue import CATALOGUE
from monitor.vocabulary import INFINITE, MISSING, OTHER, WHOLE, Kind, Status
from monitor.wording import common_unit, count_text, number_text, plural, share_text, the_window, window_text, window_unit

REST = RARE_LEVELS
_REST = re.compile(rf"{OTHER}|{REST}(, part \d+ of \d+)?")
_RARE = re.compile(r"\d+ rare levels(, part \d+ of \d+)?")
_UNIT = re.compile(r"^(?P<name>.+) \((?P<unit>[^\d,=()]{1,12})\)$")
_NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"
_CELLS = (
    (re.compile(rf"> {_NUMBER}"), "above {0}"),
    (re.compile(rf"< {_NUMBER}"), "below {0}"),
    (re.compile(r"between its values"), "between the usual values"),
    (re.compile(rf"≤ {_NUMBER}"), "at most {0}"),
    (re.compile(rf"= {_NUMBER}"), "at {0}"),
    (re.compile(rf"{_NUMBER} to {_NUMBER}"), "between {0} and {1}"),
)
_MOVES = {
    "higher": "{is_} higher",
    "lower": "{is_} lower",
    "wider": "{is_} more spread out",
    "narrower": "{is_} less spread out",
    "more missing": "{is_} missing more often",
    "fewer missing": "{is_} missing less often",
    "more at the top end": "{has} more values at the top end",
    "fewer at the top end": "{has} fewer values at the top end",
    "more at the bottom end": "{has} more values at the bottom end",
    "fewer at the bottom end": "{has} fewer values at the bottom end",
}
_UNIT_WORDS = {"hour": "hour", "day": "day", "week": "week", "month": "month", "rows": "block"}


def sentence(finding: Finding, *, against: str = "the reference") -> str:
    """Say what a finding says: which way and since when, how far in the worst window, and what would be expected without change.

    `against` names what the windows were compared with, such as "the reference" or "the window before".
    """
    moved = _moved(finding, against)
    also = f" It also {_when(finding.other)}." if finding.other else ""
    return f"{finding.label} {_when(finding)}{': ' + moved if moved else ''} ({_figures(finding)}).{also}"


def baseline_words(judged: JudgedDrift) -> str:
    """Name what the windows were compared with, as `sentence` wants it."""
    provenance = judged.provenance
    against = str(provenance.settings.get("against", ""))
    if against and against != "the whole reference":
        return against
    return judged.result.called.told_a


def headline(finding: Finding) -> str:
    """Say in a few words what a finding says, such as "Temperature (°F) higher since the week of 1 Apr 2013"."""
    words = _direction(finding, is_="", has="with").strip()
    return f"{finding.label} {words} {_since(finding)}"


def _figures(finding: Finding) -> str:
    usual = CATALOGUE.method(finding.method).title if finding.method in CATALOGUE.ids else finding.method
    method = finding.method_title or usual
    figures = f"{method} {number_text(finding.score)}"
    return figures if not np.isfinite(finding.expected) else f"{figures}, expected up to {number_text(finding.expected)}"


def _when(finding: Finding) -> str:
    if finding.windows_judged == 1:
        return f"{_direction(finding, is_='is', has='has')} in {window_text(finding.worst)}"
    if finding.ongoing:
        return f"{_direction(finding, is_='has been', has='has had')} {_since(finding)}"
    if finding.windows_alarmed == 1:
        return f"{_direction(finding, is_='was', has='had')} in {the_window(finding.worst)}"
    return f"{_direction(finding, is_='was', has='had')} in {_how_often(finding)}{_last_run(finding)}"


def _last_run(finding: Finding) -> str:
    if finding.onset == finding.last:
        return f", last in {the_window(finding.last)}"
    return f", last from {the_window(finding.onset)} to {the_window(finding.last)}"


def _how_often(finding: Finding) -> str:
    unit = _UNIT_WORDS.get(window_unit(finding.worst), "window")
    return f"{count_text(finding.windows_alarmed)} of {plural(finding.windows_judged, unit)}"


def _since(finding: Finding) -> str:
    if finding.onset == WHOLE:
        return f"in {window_text(WHOLE)}"
    if finding.ongoing:
        return f"since {the_window(finding.onset)}"
    return f"in {the_window(finding.worst)}" if finding.windows_alarmed == 1 else f"in {_how_often(finding)}"


def _direction(finding: Finding, *, is_: str, has: str) -> str:
    if finding.direction in _MOVES:
        return _MOVES[finding.direction].format(is_=is_, has=has)
    more, _, level = finding.direction.partition(" ")
    if finding.kind == Kind.TEXT:
        return f"{has} {more} texts with {level}" if level else f"{has} other words"
    if more in ("more", "fewer") and level:
        return f"{has} {more} {_rows_at(finding, level)}"
    return f"{is_} distributed differently"


def _rows_at(finding: Finding, cell: str) -> str:
    """Name the rows of a cell: "rows above 58 °F", "rows at 'JFK'"."""
    numeric = finding.kind == Kind.NUMERIC
    if cell == INFINITE if numeric else _REST.fullmatch(cell):
        return "infinite values" if numeric else f"rows at {REST}"
    if numeric:
        return f"rows {_interval(finding, cell)}"
    return f"rows at {cell}" if _RARE.fullmatch(cell) else f"rows at '{cell}'"


def _moved(finding: Finding, against: str) -> str:
    if not (np.isfinite(finding.moved_from) and np.isfinite(finding.moved_to)):
        return ""
    when = "" if finding.windows_judged == 1 or finding.windows_alarmed == 1 else f"in the worst {_worst_window(finding)} "
    rows = "texts" if finding.kind == Kind.TEXT else "rows"
    shares = f"{share_text(finding.moved_to, 2)} of {rows} {_were(finding)} against {share_text(finding.moved_from, 2)} in {against}"
    return f"{when}{shares}"


def _worst_window(finding: Finding) -> str:
    unit = _UNIT_WORDS.get(window_unit(finding.worst), "window")
    text = window_text(finding.worst)
    short = text.removeprefix("week of ") if unit == "week" else text
    return f"{unit} ({short})"


def _were(finding: Finding) -> str:
    cell = finding.moved_cell
    if finding.kind == Kind.TEXT:
        return f"contained '{cell}'"
    if cell == MISSING:
        return "had no value"
    if finding.kind == Kind.NUMERIC:
        return "were infinite" if cell == INFINITE else f"were {_interval(finding, cell)}"
    if _REST.fullmatch(cell):
        return f"had {REST}"
    return f"were at {cell}" if _RARE.fullmatch(cell) else f"were '{cell}'"


def _interval(finding: Finding, cell: str) -> str:
    unit = _UNIT.match(finding.label)
    written = f" {unit['unit']}" if unit and unit["unit"] != "length" else ""
    for form, words in _CELLS:
        found = form.fullmatch(cell)
        if found:
            return words.format(*(number_text(float(number)) for number in found.groups())) + written
    return f"at {cell}"


def answer(judged: JudgedDrift) -> str:
    """Say the state of a whole screen in one sentence: how many columns changed, the worst of them, the false alarms to expect."""
    return lost_words(judged) + _answer(judged)


def lost_words(judged: JudgedDrift) -> str:
    """Say which columns are gone or of another type, at most two of them; empty if none is."""
    return "".join(f"{one.message} " for one in lost_columns(judged)[:2])


def _answer(judged: JudgedDrift) -> str:
    rows = judged.primary
    columns = plural(rows["column"].nunique(), "column")
    if rows.empty:
        return "Nothing was measured."
    if rows["status"].eq(Status.TOO_FEW_ROWS).all():
        return f"Nothing could be judged: every window has fewer than {count_text(judged.thresholds.min_rows)} rows."
    found = find_drift(judged)
    beyond = f"beyond what chance and {judged.result.called.a}'s own {_spans(list(rows['window'].unique()))} explain"
    if not found:
        return f"None of {columns} changed {beyond}."
    alarms = int(rows["status"].isin(ALARMS).sum())
    chance = f"at most {number_text(judged.expected_false_alarms, 2)} of {plural(alarms, 'alarm')} would be false"
    return f"{len(found)} of {columns} changed {beyond}; worst: {headline(found[0])}; {chance}."


def _spans(windows: list[str]) -> str:
    return {"hour": "hours", "day": "days", "week": "weeks", "month": "months"}.get(common_unit(windows), "variation")
