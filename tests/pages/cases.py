"""Small cases of every kind, good and bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from monitor.places import demo_folder

HOSTILE = (
    '"; DROP TABLE x; --',
    "![x](http://evil.example/p.png)",
    "<script>alert(1)</script>",
    "=1+1|cmd",
    "$a$ :red[b] `c`",
    "[click](http://evil.example)",
    "Ünï 😀 **bold**",
    "n_" * 150,
)
"""Names and values that a screen must show letter by letter."""

ROLES = 'timestamp = "time"\nid = "order_id"\nscore = "score"\nprediction = "answer"\nlabel = "late"\nthreshold = 0.5'
Make = Callable[[Path], None]


def rows(start: str, count: int, shift: float = 0.0) -> pd.DataFrame:
    """Return hourly rows; `weight` and the score are `shift` higher."""
    draw = np.random.default_rng(count)
    score = np.clip(draw.beta(2, 3, count) + shift / 8, 0, 1)
    return pd.DataFrame(
        {
            "order_id": np.arange(count),
            "time": pd.date_range(start, periods=count, freq="1h").as_unit("us"),
            "weight": draw.normal(5 + shift, 1, count).round(3),
            "city": draw.choice(["Paris", "Rome"], count),
            "score": score,
            "answer": (score > 0.5).astype(int),
            "late": draw.integers(0, 2, count),
        }
    )


REFERENCE, PRODUCTION = rows("2013-01-07", 8 * 168), rows("2013-04-01", 4 * 168, 1.5)


def write(
    folder: Path, reference: pd.DataFrame, production: pd.DataFrame, *, roles: str = ROLES, name: str = "Shop", more: str = ""
) -> None:
    """Write a case."""
    folder.mkdir(parents=True)
    reference.to_parquet(folder / "reference.parquet")
    production.to_parquet(folder / "production.parquet")
    data = '[data]\nreference = "reference.parquet"\nproduction = "production.parquet"'
    windows = '[windows]\nsize = "1 week"\ntimezone = "America/New_York"'
    text = f'[case]\nname = {json.dumps(name)}\ntask = "binary"\n\n{data}\n\n[roles]\n{roles}\n\n{windows}\n\n{more}\n'
    (folder / "case.toml").write_text(text, encoding="utf-8")


def link(name: str, folder: Path) -> None:
    """Link a demo, so that what is pinned does not lie beside it."""
    folder.mkdir(parents=True)
    demo = demo_folder() / name
    (folder / "case.toml").write_bytes((demo / "case.toml").read_bytes())
    for part in demo.glob("*.skops"):  # a model is read from inside its case only
        (folder / part.name).write_bytes(part.read_bytes())
    for part in [*demo.glob("*.parquet"), demo / "production"]:
        (folder / part.name).symlink_to(part)


def flights(folder: Path) -> None:
    link("flights", folder)


def some_of(name: str, every: int, months: int, *, whole: str = "index < 0") -> Make:
    """Return what writes each `every`-th row of a demo's reference and first months, and all rows that `whole` asks for."""

    def thinned(folder: Path) -> None:
        link(name, folder)
        demo = demo_folder() / name
        for linked in folder.iterdir():
            if linked.is_symlink() and linked.stem != "runs":
                linked.unlink()
        (folder / "production").mkdir()
        kept = []
        for part in (demo / "reference.parquet", *sorted((demo / "production").glob("*.parquet"))[:months]):
            rows_of = pd.read_parquet(part)
            kept.append(rows_of[(np.arange(len(rows_of)) % every == 0) | rows_of.eval(whole)])
            kept[-1].to_parquet(folder / part.relative_to(demo), index=False)
        if (demo / "labels.parquet").exists():
            labels, ids = pd.read_parquet(demo / "labels.parquet"), pd.concat(kept)
            labels[labels.iloc[:, 0].isin(ids[labels.columns[0]])].to_parquet(folder / "labels.parquet", index=False)

    return thinned


def hostile(folder: Path) -> None:
    """Write a case whose name, columns, values, labels and annotations are all hostile; everything in it drifts."""

    def named(table: pd.DataFrame, shift: float) -> pd.DataFrame:
        draw = np.random.default_rng(len(table))
        more = {name: draw.normal(shift, 1, len(table)) for name in HOSTILE[:-1]} | {
            HOSTILE[-1]: draw.choice(HOSTILE[:4] if shift else HOSTILE, len(table))
        }
        return table.assign(**more, city=draw.choice(HOSTILE[4:] if shift else HOSTILE, len(table)))

    labels = f"{json.dumps(HOSTILE[1])} = {json.dumps(HOSTILE[2])}"  # another column's name
    note = f'[[annotations]]\nstart = 2013-04-10T00:00:00\nkind = "deploy"\ntext = {json.dumps(HOSTILE[1])}'
    write(folder, named(REFERENCE, 0), named(PRODUCTION, 3), name=HOSTILE[1], more=f"[labels]\n{labels}\n\n{note}")


def no_timestamp(folder: Path) -> None:
    roles = ROLES.removeprefix('timestamp = "time"\n')
    write(folder, REFERENCE.drop(columns="time"), PRODUCTION.drop(columns="time"), roles=roles)


def no_predictions(folder: Path) -> None:
    reference, production = (table.drop(columns=["score", "answer"]) for table in (REFERENCE, PRODUCTION))
    write(folder, reference, production, roles='timestamp = "time"\nlabel = "late"')


def data_only(folder: Path) -> None:
    no_predictions(folder)
    file = folder / "case.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('task = "binary"', 'task = "none"'), encoding="utf-8")


def no_labels(folder: Path) -> None:
    write(folder, REFERENCE.drop(columns="late"), PRODUCTION.drop(columns="late"), roles=ROLES.replace('label = "late"\n', ""))


def broken(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text('[case]\nname = "x"\ntask = "binary"\nownr = "![x](http://evil.example/p.png)"\n')


def odd_columns(folder: Path) -> None:
    odd = {"nothing": pd.Series(dtype="float64"), "always": 1.0, "same": "x"}
    write(folder, REFERENCE.assign(**odd), PRODUCTION.assign(**odd))


def grouped(folder: Path) -> None:
    """Write a case that decides for a city, in the reference as in production."""
    reference, production = (table.assign(answer=table["answer"] | (table["city"] == "Paris")) for table in (REFERENCE, PRODUCTION))
    write(folder, reference, production, roles=ROLES + '\nprotected = ["city"]')


CASES: dict[str, Make] = {
    "flights": some_of("flights", 16, 5),
    "payments": some_of("payments", 10, 4, whole="'2025-03-29 20:00' < timestamp < '2025-03-30 11:00'"),  # the night of the ring
    "shop": lambda folder: write(folder, REFERENCE, PRODUCTION),
    "empty": lambda folder: write(folder, REFERENCE, PRODUCTION.iloc[:0]),
    "no-labels": no_labels,
    "no-timestamp": no_timestamp,
    "no-predictions": no_predictions,
    "data-only": data_only,
    "broken": broken,
    "hostile": hostile,
    "one-row": lambda folder: write(folder, REFERENCE, PRODUCTION.iloc[:1]),
    "one-class": lambda folder: write(folder, REFERENCE.assign(late=0, answer=0), PRODUCTION.assign(late=0, answer=0)),
    "odd-columns": odd_columns,
    "grouped": grouped,
    "lost-column": lambda folder: write(folder, REFERENCE, PRODUCTION.drop(columns="weight")),
}
