"""What every group of keys of case.toml is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of keys of case.toml; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
