"""A report as one HTML file: charts drawn inside as SVG, nothing fetched, no script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from monitor.export.charts import svg_of
from monitor.export.documents import document
from monitor.export.report import COVERAGE, LOOKED, Figures, Report, Section

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page may load: nothing from elsewhere."""
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; background: #fff; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin-bottom: .25rem; } h2 { font-size: 1.15rem; margin: 2.25rem 0 .25rem; }
h3 { font-size: 1rem; margin: 1.1rem 0 .2rem; } h2.asked { border-top: 1px solid #cbd2d9; padding-top: 1rem; }
.told { white-space: pre-line; }
.answer { font-size: 1.1rem; } .status { font-weight: 600; text-transform: capitalize; }
.alert { color: #a4350b; } .warning { color: #7a5200; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; color: #52606d; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .4rem; } }
.decide { color: inherit; gap: .35rem 1rem; margin: 1rem 0; padding: .75rem 1rem; border: 1px solid #e4e7eb; border-radius: 6px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .87rem; margin: .75rem 0; }
th, td { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #e4e7eb; white-space: nowrap; }
blockquote { border-left: 3px solid #9aa5b1; margin: .75rem 0; padding-left: .9rem; white-space: pre-wrap; }
.coverage td { white-space: normal; vertical-align: top; min-width: 7rem; }
pre { background: #f5f7fa; padding: .75rem; overflow-x: auto; font-size: .8rem; } svg { max-width: 100%; height: auto; }
@media print { html { font-size: 12.5px; } .next { break-before: page; } figure, tr { break-inside: avoid; }
  body { font-size: 12px; max-width: none; margin: 0; padding: 0; } .coverage td { min-width: 0; } .scroll { overflow: visible; }
  h2, h3 { break-after: avoid; break-inside: avoid; } figure svg { max-height: 2.6in; } }
"""


def to_html(report: Report) -> bytes:
    """Return a report as a self-contained HTML page (UTF-8)."""
    decide = f'<dl class="decide">{_lines(report.decide)}</dl>' if report.decide else ""
    heading = f"<h2>{escape(report.told_by)}</h2>" if report.decide else ""
    doubt = f"<p>{escape(report.doubt)}</p>" if report.doubt else ""
    apart = "" if report.coverage_last or report.one_page else ' class="next"'
    body = [
        f'<h1>{escape(report.title)}</h1><p class="answer">{escape(report.answer)}</p>{doubt}{decide}',
        *(chart_figure(spec) for spec in report.charts),
        f"<section{apart}>{heading}<dl>{_lines(report.facts)}</dl></section>",
        f"<section><h2>{LOOKED}</h2><dl>{_lines(report.looked)}</dl></section>" if report.looked else "",
        "" if report.coverage_last else _coverage(report.coverage),
        '<div class="next">' if report.one_page else "",
        *_sections(report.sections),
        "</div>" if report.one_page else "",
        _coverage(report.coverage) if report.coverage_last else "",
        _skipped(report.skipped, report.further("Not judged")),
        *(_provenance(one, report.further(f"How this was computed: {title}")) for title, one in report.computed.items()),
    ]
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(report.title)}</title><style>{_STYLE}</style>'
    )
    content = "\n".join(part for part in body if part)
    return document(f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{content}\n</body></html>\n')


def _lines(told: Mapping[str, str]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in told.items())


def _coverage(table: Figures | None) -> str:
    return "" if table is None else f'<section class="coverage"><h2>{COVERAGE}</h2>{_table(table)}</section>'


def _sections(sections: Sequence[Section]) -> Iterator[str]:
    """Write sections, those that answer one question under it."""
    for asked, some in groupby(sections, key=lambda one: one.asked):
        if asked:
            yield f'<h2 class="asked">{escape(asked)}</h2>'
        yield from (_section(one, "h3" if asked else "h2") for one in some)


def _section(section: Section, level: str) -> str:
    status = f'<span class="status {escape(section.status)}">{escape(section.status)}.</span> ' if section.status else ""
    comment = f"<blockquote>{escape(section.comment)}</blockquote>" if section.comment else ""
    charts = "".join(chart_figure(spec) for spec in section.charts)
    figures = _table(section.figures) if section.figures is not None and section.figures.rows else ""
    told = f'<p class="told">{status}{escape(section.sentence)}</p>' if status or section.sentence else ""
    wrapped = f'<div class="coverage">{figures}</div>' if section.asked and figures else figures
    head = f"<{level}>{escape(section.title)}</{level}>{told}"
    return f"<section>{head}{comment}{charts}{wrapped}{_provenance(section.provenance)}</section>"


def chart_figure(spec: Mapping[str, Any]) -> str:
    """Return a complete Vega-Lite specification as a figure drawn inside, with the text for those who cannot see it."""
    svg = svg_of(spec)
    return f'<figure role="img" aria-label="{escape(str(spec.get("description", "")))}" style="margin:.75rem 0">{svg}</figure>'


def _table(figures: Figures) -> str:
    rows = "".join(_row(row, "td") for row in figures.rows)
    note = f"<p>{escape(figures.note.capitalize())}.</p>" if figures.note else ""
    return f'<div class="scroll"><table><thead>{_row(figures.columns, "th")}</thead><tbody>{rows}</tbody></table></div>{note}'


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _skipped(lines: Sequence[str], title: str) -> str:
    return f"<h2>{escape(title)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _provenance(provenance: Mapping[str, Any] | None, title: str = "How this was computed") -> str:
    if not provenance:
        return ""
    text = json.dumps({key: value for key, value in provenance.items() if key != "sql"}, ensure_ascii=False, indent=2)
    steps = "".join(f"<h3>{escape(str(one.get('step', '')))}</h3><pre>{escape(str(one.get('sql', '')))}</pre>" for one in provenance["sql"])
    return f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre>{steps}</details>"
