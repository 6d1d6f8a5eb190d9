"""What a case brings: its model, and methods and metrics of its own, whose functions lie in files inside of the case."""

from __future__ import annotations

import os
import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from monitor.case.section import Section
from monitor.case.values import Flag, Number, Size, Texts, listed
from monitor.vocabulary import Kind


class ModelSection(Section):
    """The model file; `trust` asks the receiver to trust it, where loading it runs code. `attributions` says how columns of the data are
    called that hold what each column added to a prediction, such as "shap_{column}": they are taken as they are, and no model is needed."""

    path: str = ""
    trust: Flag = False
    attributions: str = ""

    @field_validator("attributions")
    @classmethod
    def _of_a_column(cls, value: str) -> str:
        if value and (value.count("{column}") != 1 or value == "{column}"):
            raise ValueError("is no pattern of names: write '{column}' once where the name of a column stands, such as 'shap_{column}'")
        return value

    @model_validator(mode="after")
    def _says_something(self) -> ModelSection:
        if not (self.path.strip() or self.attributions):
            raise ValueError("says nothing: give path (the model file) or attributions (how their columns are called)")
        return self

    def explained(self, column: str) -> str:
        """Return the column that an attribution column is about; empty if it is none.

        >>> ModelSection(attributions="shap_{column}").explained("shap_age"), ModelSection(path="m.onnx").explained("shap_age")
        ('age', '')
        """
        before, given, after = self.attributions.partition("{column}")
        named = bool(given) and len(column) > len(before) + len(after) and column.startswith(before) and column.endswith(after)
        return column[len(before) : len(column) - len(after)] if named else ""


def _function_inside(value: str) -> str:
    """Check that "file.py:name" lies in the case folder."""
    match = re.fullmatch(r"([^:]+\.py):([A-Za-z_]\w*)", value)
    if match is None:
        raise ValueError("is not 'file.py:function_name'")
    path = os.path.normpath(match[1])
    if os.path.isabs(path) or path.startswith(".."):
        raise ValueError("leads out of the case folder; put the file beside case.toml")
    return value


class MetricSection(Section):
    """A metric of the case's own: the sum of a `numerator` over labelled rows in parts of that of a `denominator` (default: their number).

    Both are SQL of one row (a number, or a condition that counts 1 where it holds); rows where one is null are left out. Or `function`,
    "file.py:name", is given the named `columns` and returns both, as arrays with an entry per row; it runs where it is trusted.
    `better` says which way is good; `floor` is the smallest change that matters, in its unit.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    numerator: str = ""
    denominator: str = ""
    function: str = ""
    columns: Texts = ()
    better: Literal["more", "less", ""] = ""
    floor: Size | None = None
    trust: Flag = False

    @field_validator("function")
    @classmethod
    def _inside(cls, value: str) -> str:
        return _function_inside(value) if value else value

    def problem(self) -> str:
        """Say what is wrong with the fields together; empty if nothing is."""
        if bool(self.numerator) == bool(self.function):
            return f"metric '{self.id}': give either a numerator in SQL or a function"
        if self.function and (self.denominator or not self.columns):
            return f"metric '{self.id}': a function returns the denominator too, and needs columns: the names of what it is given"
        return ""

    @property
    def place(self) -> tuple[str, str]:
        """Path of the file, relative to the case folder, and name of the function."""
        path, _, name = self.function.rpartition(":")
        return path, name


class MethodSection(Section):
    """A method of the case's own. `function` is "file.py:name"; the file lies in the case folder. `trust` asks the receiver to trust
    it; whether it runs is the receiver's own choice (`driftscope trust`).

    `kinds` of the columns it serves; `needs` what the function is given: counts of cells, or every value; `unit`, `low`, `high` and
    `floor` (the smallest score that matters) of its score; `summary` says in a sentence what it measures.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    function: str
    title: str = ""
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(listed)] = (Kind.NUMERIC,)
    needs: Literal["cells", "values"] = "values"
    unit: str = ""
    low: Number | None = None
    high: Number | None = None
    floor: Size | None = None
    summary: str = ""
    trust: Flag = False

    @field_validator("function")
    @classmethod
    def _inside(cls, value: str) -> str:
        return _function_inside(value)

    @field_validator("kinds")
    @classmethod
    def _measurable(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        wrong = next((kind for kind in value if kind not in (Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN)), None)
        if wrong is not None or not value:
            raise ValueError("are numeric, categorical or boolean (a text or datetime is measured through its length, hour, ...)")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> MethodSection:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    @property
    def place(self) -> tuple[str, str]:
        """Path of the file, relative to the case folder, and name of the function."""
        path, _, name = self.function.rpartition(":")
        return path, name
