"""What a case says of its data: where they are, and which column plays which role."""

from __future__ import annotations

import codecs

from pydantic import field_validator, model_validator

from monitor.case.section import Section
from monitor.case.values import Columns, Flag, Level, Markers, Number, Texts
from monitor.errors import SettingError
from monitor.vocabulary import Role


def encoding_named(name: str) -> str:
    """Return the usual name of an encoding of text; empty for none.

    Raises
    ------
    SettingError
        There is no such encoding.
    """
    try:
        "".encode(name or "utf-8")
    except (LookupError, ValueError) as error:
        raise SettingError(f"'{name[:40]}' is no encoding of text that is known: write utf-8, cp1252, utf-16 or the like") from error
    return codecs.lookup(name).name if name else ""


class DataSection(Section):
    """Where the data sets are: paths, globs or tables, relative to the case folder."""

    reference: Texts
    production: Texts
    labels: Texts | None = None
    missing: Markers | None = None
    """Further texts and numbers that stand for a missing value, in every column; an empty list: not even the usual ones do."""
    partitions: Flag = False
    """Whether folders such as year=2024 are columns."""
    encoding: str = ""
    """Encoding of CSV and JSON files; empty: told by their bytes."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            return encoding_named(value)
        except SettingError as error:
            raise ValueError(str(error)) from error

    @field_validator("reference", "production", "labels")
    @classmethod
    def _named(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (not value or not all(part.strip() for part in value)):
            raise ValueError("names no file: give a path, a glob or a table")
        return value


class Roles(Section):
    """Which column plays which role."""

    timestamp: str | None = None
    id: str | None = None
    prediction: str | None = None
    score: Columns | None = None
    label: str | None = None
    label_timestamp: str | None = None
    label_weight: str | None = None
    positive_class: Level | None = None
    threshold: Number | None = None
    features: Texts | None = None
    ignore: Texts = ()
    segments: Texts = ()
    protected: Texts = ()
    model_version: str | None = None
    latency_ms: str | None = None
    cost: str | None = None
    currency: str | None = None
    saturation: str | None = None
    status: str | None = None
    challenger_prediction: str | None = None
    challenger_score: Columns | None = None
    variant: str | None = None

    @model_validator(mode="after")
    def _one_single_role_each(self) -> Roles:
        seen: dict[str, Role] = {}
        for role, column in self.singles():
            if column in seen and {seen[column], role} & {Role.TIMESTAMP, Role.ID, Role.LABEL, Role.LABEL_TIMESTAMP}:
                raise ValueError(f"column '{column}' cannot be both {seen[column]} and {role}")
            seen.setdefault(column, role)
        return self

    def singles(self) -> list[tuple[Role, str]]:
        """List the roles that one column (or one per class) plays, with their columns."""
        found: list[tuple[Role, str]] = []
        for role in _SINGLE:
            value = getattr(self, role.value)
            names = value.values() if isinstance(value, dict) else () if value is None else (value,)
            found.extend((role, name) for name in names)
        return found

    def by_column(self) -> dict[str, Role]:
        """Return the main role of every column named here; a feature that is also a segment is a feature."""
        main: dict[str, Role] = {}
        several = ((Role.IGNORE, self.ignore), (Role.FEATURE, self.features or ()), (Role.SEGMENT, self.segments))
        named = [*self.singles(), *((role, name) for role, names in several for name in names)]
        for role, name in [*named, *((Role.PROTECTED, name) for name in self.protected)]:
            main.setdefault(name, role)
        return main

    def of(self, column: str) -> Role:
        """Return the main role of any column of the data."""
        rest = Role.FEATURE if self.features is None else Role.IGNORE
        return self.by_column().get(column, rest)


_SINGLE = (
    Role.TIMESTAMP,
    Role.ID,
    Role.LABEL,
    Role.LABEL_TIMESTAMP,
    Role.LABEL_WEIGHT,
    Role.PREDICTION,
    Role.SCORE,
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
