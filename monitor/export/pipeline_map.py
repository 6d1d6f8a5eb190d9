"""From jobs to features to the model: what fills what, and what is hit downstream of a job that failed. Drawn in the DOT language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.charts.theme import Palette
from monitor.judgement.narration.jobs import LOST, SILENT, moved_word
from monitor.judgement.pipelines import JudgedPipelines
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, plural

MOST_FEATURES = 20
"""Features that are drawn one by one; those that nothing hit are the first to be drawn together."""


@dataclass(frozen=True, slots=True)
class Source:
    """A job: days that it `lost` and on which it did not run (`idle`), whether that goes on (`open`), how else it is not as it
    was (`moved`), the features that it fills as the case says (`named`) or that were seen to be emptier then (`seen`), and the jobs
    that read what it writes, each with the data set (`feeds`); `reads` are the data sets that no job writes."""

    name: str

    lost: int
    idle: int
    moved: tuple[str, ...]
    open: bool
    named: tuple[str, ...]
    seen: tuple[str, ...]
    feeds: tuple[tuple[str, str], ...]
    reads: tuple[str, ...]

    @property
    def fills(self) -> tuple[str, ...]:
        """All features that it is known to fill."""
        return tuple(dict.fromkeys((*self.named, *self.seen)))

    @property
    def said(self) -> str:
        """How it ran."""
        told = [f"failed on {plural(self.lost, 'day')}"] if self.lost else []
        told += [f"did not run on {plural(self.idle, 'day')}"] if self.idle else []
        return ", ".join([*told, *(["goes on"] if self.open else []), *self.moved])


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineMap:
    """What feeds a model: `sources` in the order of the day, all `features` by label, and `model` what reads them ("" where there is
    none)."""

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
        lost, idle = ({one.name: getattr(one, which) for one in self.sources if getattr(one, which)} for which in ("lost", "idle"))
        if not lost and not idle:
            return f"No job failed{f': nothing that {self.model} reads is hit' if self.model else ''}."
        told = [f"{word}: {_by_days(which)}." for word, which in (("Failed", lost), ("Did not run", idle)) if which]
        after = self.after({*lost, *idle})
        told += [f"What {'it writes' if len({*lost, *idle}) == 1 else 'they write'} is read by {list_text(after, 4)}."] if after else []
        return " ".join([*told, self._hit_said()])

    def _hit_said(self) -> str:
        if not self.hit:
            known = f": nothing that {self.model} reads is known to be hit" if self.model else ""
            return f"No {self.noun} was emptier then{known}."
        were = f"{list_text(list(self.hit), 4)} {'was' if len(self.hit) == 1 else 'were'} emptier then"
        read = f" that {self.model} reads" if self.model else ""
        return f"{were}, of {plural(len(self.features), self.noun)}{read}."

    @property
    def noun(self) -> str:
        """What a column is called."""
        return "feature" if self.model else "column"

    def after(self, names: Collection[str]) -> list[str]:
        """Return the jobs that read what some write, or what those write, and so on, without these."""
        found, left = set(names), list(names)
        feeds = {one.name: [job for job, _ in one.feeds] for one in self.sources}
        while left:
            new = set(feeds[left.pop()]) - found
            found |= new
            left += new
        return [one.name for one in self.sources if one.name in found - set(names)]


def _by_days(which: Mapping[str, int]) -> str:
    return list_text([f"{name} ({plural(days, 'day')})" for name, days in which.items()], 4)


def map_of(judged: JudgedPipelines, features: Sequence[str], model: str) -> PipelineMap:
    """Return the map of judged pipelines; `features` are the labels of what the model reads, which is called "" where there is none."""
    result = judged.result
    written = {data for job in result.jobs for data in job.writes}
    sources = []
    for job in result.jobs:
        mine = [one for one in judged.findings if one.label == job.name]
        lost, idle = (sum(one.windows for one in mine if one.method == method) for method in (LOST, SILENT))
        moved = tuple(dict.fromkeys(moved_word(one) for one in mine if one.method not in (LOST, SILENT)))
        goes_on = any(one.ongoing for one in mine if one.method in (LOST, SILENT))
        seen = tuple(dict.fromkeys(name for one in mine for name in one.carried if name in features))
        named = tuple(label for name in job.fed if (label := result.labels.get(name, name)) in features)
        feeds = tuple((one.name, data) for one in result.jobs if one is not job for data in job.writes if data in one.reads)
        sources.append(Source(job.name, lost, idle, moved, goes_on, named, seen, feeds, tuple(sorted(job.reads - written))))
    return PipelineMap(sources=tuple(sources), features=tuple(features), model=model)


def dot(drawn: PipelineMap, colours: Palette) -> str:
    """Write a map as a graph from left to right in the DOT language: what is hit has the colour and the word of an alert.

    Edges are whole where the case or events name what a job fills, or which job reads what it writes, dashed where it was seen to hit it,
    dotted where nothing says what it fills.
    """
    shown, rest = _features(drawn)
    lines = [_node(f"job:{one.name}", one.name, one.said, colours, hit=bool(one.said), shape="box") for one in drawn.sources]
    lines += [
        _node(f"feature:{name}", name, "hit" if name in drawn.hit else "", colours, hit=name in drawn.hit, shape="ellipse")
        for name in shown
    ]
    given = dict.fromkeys(data for one in drawn.sources for data in one.reads)
    lines += [_node(f"data:{name}", name, "", colours, shape="cylinder") for name in given]
    lines += [_edge(f"data:{name}", f"job:{one.name}", colours) for one in drawn.sources for name in one.reads]
    others = plural(rest, f"other {drawn.noun}" if shown else drawn.noun)
    lines += [_node("others", others, "no job is known to fill them", colours, shape="ellipse")] if rest else []
    under = f"reads {count_text(len(drawn.hit))} features that were hit" if len(drawn.hit) > 1 else "reads a feature that was hit"
    end = "others" if rest else "model" if drawn.model else ""
    lines += [edge for one in drawn.sources for edge in _edges(one, shown, colours, end)]
    if drawn.model:
        lines.append(_node("model", drawn.model, under if drawn.hit else "", colours, hit=bool(drawn.hit), shape="box"))
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


def _edges(one: Source, shown: Sequence[str], colours: Palette, end: str) -> list[str]:
    """Return where a job leads: to what it fills, to the jobs that read what it writes, and where neither is known to the `end`."""
    found = [
        _edge(f"job:{one.name}", f"feature:{name}", colours, hit=name in one.seen, style="solid" if name in one.named else "dashed")
        for name in one.fills
        if name in shown
    ]
    found += [_edge(f"job:{one.name}", f"job:{job}", colours, label=data) for job, data in one.feeds]
    return found or ([_edge(f"job:{one.name}", end, colours, style="dotted")] if end else [])


def _node(name: str, label: str, below: str, colours: Palette, *, shape: str, hit: bool = False) -> str:
    colour = colours.status[Status.ALERT] if hit else colours.quiet
    text = f"{label}\n{below}" if below else label
    return f"{_quoted(name)} [label={_quoted(text)}, shape={shape}, color={_quoted(colour)}, penwidth={2 if hit else 1}];"


def _edge(start: str, end: str, colours: Palette, *, hit: bool = False, style: str = "solid", label: str = "") -> str:
    colour = colours.status[Status.ALERT] if hit else colours.quiet
    named = f", label={_quoted(label)}, fontsize=9, fontcolor={_quoted(colours.ink)}" if label else ""
    return f"{_quoted(start)} -> {_quoted(end)} [color={_quoted(colour)}, style={style}, penwidth={2 if hit else 1}{named}];"


def _quoted(text: str) -> str:
    r"""Write a text as DOT's strings are: quotes and backslashes are kept, a line break is one.

    >>> print(_quoted('a "b" \\N\nc'))
    "a \"b\" \\N\nc"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
