"""The columns of a case as an editable table, and the case that an edited table means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from pydantic import ValidationError

from monitor.case import Case, Roles
from monitor.engine import Workspace
from monitor.engine.missing import missing_shares
from monitor.errors import CaseError
from monitor.vocabulary import Kind, Role

SINGLE_ROLES = (
    Role.TIMESTAMP,
    Role.ID,
    Role.PREDICTION,
    Role.SCORE,
    Role.LABEL,
    Role.LABEL_TIMESTAMP,
    Role.MODEL_VERSION,
    Role.LATENCY_MS,
    Role.COST,
    Role.CURRENCY,
    Role.SATURATION,
    Role.STATUS,
    Role.CHALLENGER_PREDICTION,
    Role.CHALLENGER_SCORE,
    Role.VARIANT,
)
"""Roles that one column plays."""

ROLE_WORDS: Mapping[Role, str] = {
    Role.FEATURE: "feature",
    Role.IGNORE: "ignored",
    **{role: role.value.replace("_", " ") for role in SINGLE_ROLES},
}
KIND_WORDS = tuple(kind.value for kind in Kind)
SEVERAL = (Role.SCORE, Role.CHALLENGER_SCORE)
"""Roles that may map classes to columns; such a mapping is kept as it is."""


def mapping_table(workspace: Workspace) -> pd.DataFrame:
    """Return one row per column of the data: `column, role, kind, label, format, type, missing, missing_now, distinct, examples, why,
    where`."""
    case = workspace.case
    missing = {data: missing_shares(workspace, data) for data in ("reference", "production")}
    rows = []
    for name, info in workspace.columns.items():
        facts = workspace.facts.get(name)
        rows.append(
            {
                "column": name,
                "role": ROLE_WORDS.get(info.role, ROLE_WORDS[Role.FEATURE]),
                "kind": info.kind.value,
                "label": case.labels_text.get(name, ""),
                "format": format_words(workspace, name),
                "type": info.type,
                "missing": missing["reference"].get(name, float("nan")),
                "missing_now": missing["production"].get(name, float("nan")),
                "distinct": facts.distinct if facts else 0,
                "examples": ", ".join(facts.examples) if facts else "",
                "why": info.reason,
                "where": info.source,
            }
        )
    return pd.DataFrame(rows)


def format_words(workspace: Workspace, name: str) -> str:
    """Return how the text of a column is read, in the words of [formats]; empty where it is read as it stands, or nobody knows."""
    reading = workspace.readings.get(name)
    guessed = "" if reading is None or reading.undecided or reading.format in (None, "iso", "number") else str(reading.format)
    return workspace.case.formats.get(name, guessed)


def apply_mapping(
    case: Case, before: pd.DataFrame, after: pd.DataFrame, *, segments: Sequence[str], protected: Sequence[str], threshold: float | None
) -> Case:
    """Return the case with the roles, kinds and labels of an edited table; what was not edited stays as it was written.

    Raises
    ------
    CaseError
        When two columns have a role that one column plays, or roles contradict each other.
    """
    roles = _roles(case, after)
    roles |= {"segments": tuple(segments), "protected": tuple(protected), "threshold": threshold}
    changed = after.loc[after["kind"].to_numpy() != before["kind"].to_numpy()]
    kinds = {**case.kinds, **{str(row["column"]): Kind(str(row["kind"])) for _, row in changed.iterrows()}}
    labels = {str(row["column"]): str(row["label"]).strip() for _, row in after.iterrows() if str(row["label"] or "").strip()}
    try:
        checked = Roles.model_validate(roles)
    except ValidationError as error:
        raise CaseError("; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())) from error
    outside = {name: label for name, label in case.labels_text.items() if name not in set(after["column"])}
    formats = _formats(case, before, after)
    return replace(case, roles=checked, kinds=kinds, labels_text={**outside, **labels}, formats=formats)


def _formats(case: Case, before: pd.DataFrame, after: pd.DataFrame) -> dict[str, str]:
    edited = zip(after["column"], before["format"], after["format"], strict=True)
    changed = {str(name): str(words or "").strip() for name, was, words in edited if (words or "") != was}
    return {name: words for name, words in {**case.formats, **changed}.items() if words}


def _roles(case: Case, table: pd.DataFrame) -> dict[str, Any]:
    written = case.roles.model_dump()
    chosen: dict[str, list[str]] = {}
    for name, word in zip(table["column"], table["role"], strict=True):
        chosen.setdefault(str(word), []).append(str(name))
    seen = set(table["column"])
    for role in SINGLE_ROLES:
        columns = chosen.get(ROLE_WORDS[role], [])
        old = written[role.value]
        if isinstance(old, dict) and role in SEVERAL and set(columns) == set(old.values()) & seen:
            continue
        if len(columns) > 1:
            raise CaseError(f"Columns {columns} all have the role '{ROLE_WORDS[role]}'. Give it to one of them.")
        written[role.value] = columns[0] if columns else None if old is None or isinstance(old, dict) or old in seen else old
    ignored = chosen.get(ROLE_WORDS[Role.IGNORE], [])
    if written["features"] is None:
        written["ignore"] = (*ignored, *(name for name in case.roles.ignore if name not in seen))
    else:
        written["features"] = tuple(chosen.get(ROLE_WORDS[Role.FEATURE], []))
        written["ignore"] = tuple(name for name in case.roles.ignore if name in ignored or name not in seen)
    return written
