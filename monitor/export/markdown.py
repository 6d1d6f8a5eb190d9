"""A report as Markdown. Whatever comes from data or from people is shown letter by letter, never as markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.export.documents import document
from monitor.export.pin import Pin
from monitor.export.report import COVERAGE, LOOKED, Figures, Report, Section, pins_report, provenance_lines

_MARKUP = re.compile(
    r"[\\`*{}\[\]<|$~^]"  # wherever it stands
    r"|^[-+=!>#]"  # at the start: a list, a heading, a quotation, a formula in a spreadsheet
    r"|(?<![^\W_])_|_(?![^\W_])"  # stress: within a word it is none
    r"|#(?=\w)|&(?=#?\w+;)"  # a ticket, an entity
    r"|(?<=^\d)[.)](?=\s|$)|(?<=^\d\d)[.)](?=\s|$)"  # a numbered list
    r"|:(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\.(?=\w)"  # an address that becomes a link
    r"|:(?=[\w+-]+:)(?!(?<=\d:)\d\d:)|(?<![\w.+-])@(?=\w)",  # a picture by its name (a time is none), a mention (mail is none)
    re.IGNORECASE,
)

_HOSTILE = re.compile(r"[`<|]|://")
"""What may end code, or be read before it is."""


def to_markdown(report: Report) -> bytes:
    """Return a report as Markdown (UTF-8)."""
    parts = [f"# {escape(report.title)}", f"**{escape(report.answer)}**", escape(report.doubt)]
    decide, address = _lines(report.decide), escape(report.address)
    parts += [
        decide.replace(address, f"<{report.address}>") if address else decide,
        f"## {escape(report.told_by)}" if report.decide else "",
        _lines(report.facts),
    ]
    parts += [f"## {LOOKED}", _lines(report.looked)] if report.looked else []
    covered = [] if report.coverage is None else [f"## {COVERAGE}", _table(report.coverage)]
    parts += [] if report.coverage_last else covered
    asked = ""
    for number, section in enumerate(report.sections, start=1):
        parts += [f"## {escape(section.asked)}"] if section.asked and section.asked != asked else []
        parts += _section(section, number)
        asked = section.asked
    parts += covered if report.coverage_last else []
    if report.skipped:
        parts += [f"## {report.further('Not judged')}", "\n".join(f"- {escape(line)}" for line in report.skipped)]
    if report.computed:
        parts += [f"## {report.further('How this was computed')}"]
        for title, provenance in report.computed.items():
            parts += [f"### {escape(title)}", *_provenance(provenance)]
    return document("\n\n".join(part for part in parts if part) + "\n")


def pins_markdown(pins: Sequence[Pin], *, title: str = "Findings") -> bytes:
    """Return pinned findings as Markdown (UTF-8)."""
    return to_markdown(pins_report(pins, title=title))


def escape(text: object) -> str:
    r"""Return a text that Markdown shows letter by letter, on one line: no markup, link, HTML, mention or table cell.

    >>> print(escape("=1+1 ![x](http://e.org) <b> 7.5 (°F)"))
    \=1+1 !\[x\](http\://e.org) \<b> 7.5 (°F)
    >>> print(escape("2026-03-01T09:14:40Z :tada:"))
    2026-03-01T09:14:40Z \:tada:
    """
    return _MARKUP.sub(lambda found: f"\\{found[0]}", " ".join(str(text).split()))


def _lines(told: Mapping[str, str]) -> str:
    return "\n".join(f"- {escape(name)}: {escape(text)}" for name, text in told.items())


def _section(section: Section, number: int) -> list[str]:
    parts = [f"{'###' if section.asked else '##'} {number}. {escape(section.title)}"]
    parts += ["  \n".join(escape(line) for line in section.told.splitlines())]
    parts += ["\n".join(f"> {escape(line)}" for line in section.comment.splitlines() if line.strip())]
    if section.figures is not None and section.figures.rows:
        parts += [_table(section.figures)]
    return [*parts, *(_provenance(section.provenance) if section.provenance else [])]


def _table(figures: Figures) -> str:
    lines = [_line(figures.columns), "|" + "---|" * len(figures.columns), *(_line(row) for row in figures.rows)]
    return "\n".join(lines) + (f"\n\n{escape(figures.note).capitalize()}." if figures.note else "")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"


def _provenance(provenance: Mapping[str, Any]) -> list[str]:
    lines = [f"- {escape(name)}: {_as_is(text)}" for name, text in provenance_lines(provenance)]
    return ["\n".join(lines), *(_code(step) for step in provenance.get("sql", []))]


def _as_is(text: str) -> str:
    """Return a text on one line, as code where letters of it would be markup, so that settings can be copied as they stand; with what
    could leave the code (a name that somebody gave) letter by letter."""
    line = " ".join(text.split())
    return escape(line) if escape(line) == line or _HOSTILE.search(line) else f"`{line}`"


def _code(step: Mapping[str, Any]) -> str:
    """Return SQL in a fence longer than any row of backticks in it."""
    sql = str(step.get("sql", ""))
    longest = max((len(run) for run in re.findall(r"`+", sql)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"SQL: {escape(step.get('step', ''))}\n\n{fence}sql\n{sql}\n{fence}"
