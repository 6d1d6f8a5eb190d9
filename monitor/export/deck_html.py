"""A story as one HTML file: a screen a message, pictures drawn inside, nothing fetched, no script; printed, it is a page a message."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from monitor.export.charts import note_of, title_of
from monitor.export.deck import Deck, Message
from monitor.export.documents import document
from monitor.export.html import POLICY, chart_figure

_STYLE = """
@page { size: 13.333in 7.5in; margin: 0; }
:root { color-scheme: light; }
html { scroll-snap-type: y mandatory; }
body { font: 20px/1.45 system-ui, sans-serif; color: #1f2933; background: #fff; margin: 0; }
section { box-sizing: border-box; min-height: 100vh; padding: 6vh 6vw 4vh; display: flex; flex-direction: column; gap: .8rem;
  scroll-snap-align: start; position: relative; }
h1 { font-size: 2.6rem; line-height: 1.15; margin: 0; max-width: 26em; } section.cover { justify-content: center; }
h2 { font-size: 2.1rem; line-height: 1.15; margin: 0; max-width: 30em; }
p { margin: 0; max-width: 56em; white-space: pre-line; overflow-wrap: anywhere; }
.words { border-left: 4px solid #1d4ed8; padding-left: .8rem; } .source, .about { color: #52606d; font-size: .8rem; }
.about { font-size: 1.1rem; } .source { margin-top: auto; padding-right: 4rem; }
.number { position: absolute; right: 6vw; bottom: 4vh; color: #52606d; font-size: .8rem; }
figure { margin: 0; } figure svg { width: 100%; height: auto; max-height: 52vh; } .caption { font-size: .85rem; font-weight: 600; }
details { font-size: .85rem; color: #52606d; }
@media print { details { display: none; }
  section { height: 7.5in; min-height: 0; padding: .55in .7in .4in; break-after: page; overflow: hidden; }
  section:last-child { break-after: auto; } figure { flex: 1 1 0; min-height: 0; } figure svg { height: 100%; max-height: 3.9in; }
  .number { right: .7in; bottom: .4in; } }
@media (max-width: 48rem) { body { font-size: 16px; } h1 { font-size: 1.8rem; } h2 { font-size: 1.5rem; } html { scroll-snap-type: none; } }
"""


def deck_html(deck: Deck) -> bytes:
    """Return a story as a self-contained HTML page (UTF-8)."""
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(deck.title)}</title><style>{_STYLE}</style>'
    )
    cover = f'<section class="cover"><h1>{escape(deck.title)}</h1><p class="about">{escape(deck.about)}</p></section>'
    slides = "\n".join(_section(one, number, len(deck.messages)) for number, one in enumerate(deck.messages, start=1))
    return document(f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{cover}\n{slides}\n</body></html>\n')


def _section(one: Message, number: int, count: int) -> str:
    parts = [
        f"<h2>{escape(one.heading)}</h2>",
        f"<p>{escape(one.told)}</p>" if one.told else "",
        f'<p class="words">{escape(one.words)}</p>' if one.words else "",
        "" if one.chart is None else _picture(one.chart),
        f"<details><summary>Speaker notes</summary><p>{escape(one.notes)}</p></details>" if one.notes else "",
        f'<p class="source">{escape(one.source)}</p>' if one.source else "",
        f'<span class="number">{number} of {count}</span>',
    ]
    return f'<section id="slide-{number}">{"".join(parts)}</section>'


def _picture(spec: Mapping[str, Any]) -> str:
    """Return a chart below its title, which wraps as the picture's own would not."""
    told = " · ".join(part for part in (title_of(spec), note_of(spec)) if part)
    return f'<p class="caption">{escape(told)}</p>{chart_figure({**spec, "title": ""})}'
