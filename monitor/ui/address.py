"""The address as one frozen value: what it says, what of it is honoured, and what another choice makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.errors import nearest
from monitor.ui.parameters import EVERY_PAGE, PARAMETERS, SHOWING, parameter, shown


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of the address that is not honoured: its name, why, and whether another screen than the one asked for would be shown."""

    name: str
    why: str
    page: str = EVERY_PAGE
    known: bool = True

    @property
    def compares_otherwise(self) -> bool:
        """Whether leaving it out would compare other rows than the address asks for."""
        return self.known and self.page == EVERY_PAGE and self.name not in SHOWING


@dataclass(frozen=True, slots=True)
class Address:
    """Names and values as the address has them, in its order; a name may stand there several times."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Address:
        """Return the address that says these things."""
        return cls({name: (text,) for name, text in values.items()})

    def text(self, name: str) -> str | None:
        """Return a choice that is honoured, or None where nothing is chosen.

        Raises
        ------
        SettingError
            When the table of parameters has no such name.
        """
        row, said = parameter(name), set(self.values.get(name, ()))
        one = said.pop() if len(said) == 1 else ""
        return one if one and not row.complaint(one) else None

    def texts(self) -> dict[str, str]:
        """Return every choice that is honoured."""
        return {name: text for name in self.values if name in PARAMETERS and (text := self.text(name)) is not None}

    def refusals(self) -> tuple[Refusal, ...]:
        """Say of every part that is not honoured why it is not."""
        return tuple(found for name, said in self.values.items() if (found := _refusal(name, tuple(dict.fromkeys(said)))) is not None)

    def change(self, changes: Mapping[str, str | None]) -> Address:
        """Return the address with other choices; None takes one out. What makes no sense of another choice goes with it."""
        left = dict(self.values)
        for name, text in changes.items():
            after = (text,) if text else ()
            if after != left.get(name, ()):
                for gone in (name, *_gone_with(name)):
                    left.pop(gone, None)
            if after:
                left[name] = after
        return Address(left | {name: (text,) for name, text in changes.items() if text})

    def without(self, names: Iterable[str]) -> Address:
        """Return the address without some choices, whether it knows them or not."""
        gone = set(names)
        return Address({name: said for name, said in self.values.items() if name not in gone})

    def of_page(self, page: str) -> Address:
        """Return the address without what other pages chose."""
        return self.without(name for name in self.values if name in PARAMETERS and PARAMETERS[name].page not in (EVERY_PAGE, page))

    def query(self) -> dict[str, list[str]]:
        """Return names and values as Streamlit writes them into a link."""
        return {name: list(said) for name, said in self.values.items()}


def _gone_with(name: str) -> tuple[str, ...]:
    if name == "case":
        return tuple(one.name for one in PARAMETERS.values() if one.of_case)
    return PARAMETERS[name].drops if name in PARAMETERS else ()


def _refusal(name: str, said: tuple[str, ...]) -> Refusal | None:
    row = PARAMETERS.get(name)
    if row is None:
        own = name.removeprefix("b_")  # the names of B stand alone: only those of A say whose they are
        hint = f" Did you mean '{own}'?" if own != name and own in PARAMETERS else nearest(name, PARAMETERS)
        return Refusal(name, f"The address says {shown(name)}, which no page knows.{hint}", known=False)
    if len(said) > 1:
        every = " and ".join(shown(one, 30) for one in said[:3])
        return Refusal(name, f"The address names {row.what} more than once: {every}.", row.page)
    complaint = row.complaint(said[0]) if said and said[0] else ""
    return Refusal(name, f"The address asks for {row.what}: {complaint}", row.page) if complaint else None
