"""From jobs to features to the model: what fills what, and what is hit downstream of a job that failed. Drawn in the DOT language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.charts.theme import Palette
from monitor.judgement.narration.jobs import LOST, SILENT
from monitor.judgement.pipelines import JudgedPipelines
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, plural

MOST_FEATURES = 20
"""Features that are drawn one by one; those that nothing hit are the first to be drawn together."""


@dataclass(frozen=True, slots=True)
class Source:
    """A job: `days` that it lost or did not run, whether it still does (`open`), the features that it fills as the case says (`named`) or
    that were seen to be emptier when it failed (`seen`)."""

    name: str
    days: int
    open: bool
    named: tuple[str, ...]
    seen: tuple[str, ...]

    @property
    def fills(self) -> tuple[str, ...]:
        """All features that it is known to fill."""
        return tuple(dict.fromkeys((*self.named, *self.seen)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineMap:
    """What feeds a model: `sources` in the order of the day, all `features` by label, and `model` what reads them."""

    sources: tuple[Source, ...]
    features: tuple[str, ...]
    model: str

    @property
    def hit(self) -> dict[str, tuple[str, ...]]:
        """The features that were seen to be hit, each with the jobs that did."""
        seen = {feature: tuple(one.name for one in self.sources if feature in one.seen) for feature in self.features}
        return {feature: jobs for feature, jobs in seen.items() if jobs}

    @property
    def sentence(self) -> str:
        """What is hit downstream, in a sentence or two."""
        failed = [one for one in self.sources if one.days]
        if not failed:
            return f"No job failed: nothing that {self.model} reads is hit."
        lost = list_text([f"{one.name} ({plural(one.days, 'day')})" for one in failed], 4)
        if not self.hit:
            return f"Failed: {lost}. No feature was emptier then: nothing that {self.model} reads is known to be hit."
        were = f"{list_text(list(self.hit), 4)} {'was' if len(self.hit) == 1 else 'were'} emptier then"
        return f"Failed: {lost}. {were}, of {plural(len(self.features), 'feature')} that {self.model} reads."


def map_of(judged: JudgedPipelines, features: Sequence[str], model: str) -> PipelineMap:
    """Return the map of judged pipelines; `features` are the labels of what the model reads."""
    result = judged.result
    failed = [one for one in judged.findings if one.method in (LOST, SILENT)]
    sources = []
    for job in result.jobs:
        mine = [one for one in failed if one.label == job.name]
        seen = tuple(dict.fromkeys(name for one in mine for name in one.carried if name in features))
        named = tuple(label for name in job.fed if (label := result.labels.get(name, name)) in features)
        sources.append(Source(job.name, sum(one.windows for one in mine), any(one.ongoing for one in mine), named, seen))
    return PipelineMap(sources=tuple(sources), features=tuple(features), model=model)


def dot(drawn: PipelineMap, colours: Palette) -> str:
    """Write a map as a graph from left to right in the DOT language: what is hit has the colour and the word of an alert.

    Edges are whole where the case names what a job fills, dashed where it was seen to hit it, dotted where nothing says what it fills.
    """
    shown, rest = _features(drawn)
    lines = [_node(f"job:{one.name}", one.name, _said(one), colours, hit=one.days > 0, shape="box") for one in drawn.sources]
    lines += [
        _node(f"feature:{name}", name, "hit" if name in drawn.hit else "", colours, hit=name in drawn.hit, shape="ellipse")
        for name in shown
    ]
    others = f"{count_text(rest)} {'other feature' if rest == 1 else 'other features'}" if shown else plural(rest, "feature")
    lines += [_node("others", others, "no job is known to fill them", colours, shape="ellipse")] if rest else []
    under = f"reads {count_text(len(drawn.hit))} features that were hit" if len(drawn.hit) > 1 else "reads a feature that was hit"
    lines.append(_node("model", drawn.model, under if drawn.hit else "", colours, hit=bool(drawn.hit), shape="box"))
    lines += [edge for one in drawn.sources for edge in _edges(one, shown, colours, rest=rest > 0)]
    lines += [_edge(f"feature:{name}", "model", colours, hit=name in drawn.hit) for name in shown]
    lines += [_edge("others", "model", colours)] if rest else []
    text = f'node [fontname="sans-serif", fontsize=11, fontcolor="{colours.ink}"]'
    head = f"rankdir=LR; bgcolor=transparent; nodesep=0.15; ranksep=0.7; {text}"
    return f"digraph pipelines {{\n{head};\n" + "\n".join(lines) + "\n}"


def _features(drawn: PipelineMap) -> tuple[list[str], int]:
    """Return the features that are drawn one by one, those hit first, and how many are drawn together."""
    filled = [name for one in drawn.sources for name in one.fills]
    shown = list(dict.fromkeys([*drawn.hit, *filled]))[:MOST_FEATURES]
    return shown, len(drawn.features) - len(shown)


def _said(one: Source) -> str:
    return f"failed on {plural(one.days, 'day')}{', goes on' if one.open else ''}" if one.days else ""


def _edges(one: Source, shown: Sequence[str], colours: Palette, *, rest: bool) -> list[str]:
    found = [
        _edge(f"job:{one.name}", f"feature:{name}", colours, hit=name in one.seen, style="solid" if name in one.named else "dashed")
        for name in one.fills
        if name in shown
    ]
    return found or [_edge(f"job:{one.name}", "others" if rest else "model", colours, style="dotted")]


def _node(name: str, label: str, below: str, colours: Palette, *, shape: str, hit: bool = False) -> str:
    colour = colours.status[Status.ALERT] if hit else colours.quiet
    text = f"{label}\n{below}" if below else label
    return f"{_quoted(name)} [label={_quoted(text)}, shape={shape}, color={_quoted(colour)}, penwidth={2 if hit else 1}];"


def _edge(start: str, end: str, colours: Palette, *, hit: bool = False, style: str = "solid") -> str:
    colour = colours.status[Status.ALERT] if hit else colours.quiet
    return f"{_quoted(start)} -> {_quoted(end)} [color={_quoted(colour)}, style={style}, penwidth={2 if hit else 1}];"


def _quoted(text: str) -> str:
    r"""Write a text as DOT's strings are: quotes and backslashes are kept, a line break is one.

    >>> print(_quoted('a "b" \\N\nc'))
    "a \"b\" \\N\nc"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
