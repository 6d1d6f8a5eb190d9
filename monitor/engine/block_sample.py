"""A sample of rows in whole blocks spread over a source: the same rows whatever the number of threads."""

from __future__ import annotations

from monitor.engine.source import Source

SAMPLE_ROWS = 20_000
BLOCK_ROWS = 256


def sample_relation(source: Source, rows: int, *, seed: int = 0) -> str:
    """Return SQL of about `rows` rows in whole blocks spread over the file: the same rows whatever the number of threads."""
    step = source.rows // rows
    if step <= 1:
        return source.relation
    if len(source.order) != 2:
        return f"(SELECT * FROM {source.relation} USING SAMPLE {rows} ROWS (reservoir, {int(seed)}))"
    file, row = source.order
    block = f"({row} // {BLOCK_ROWS})"
    # One block of each `step` consecutive ones, at a place that looks random: sorted files are covered evenly.
    chosen = f"{block} % {step} = hash({file}, {block} // {step}, {int(seed)}) % {step}"
    return f"(SELECT * FROM {source.relation} WHERE {chosen})"
