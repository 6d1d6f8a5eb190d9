"""Which of the sources that `init` is given are the reference, production and the labels: told by names, folders and order."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.case import DataSection
from monitor.engine.files import files_below
from monitor.engine.lakes import lake_of
from monitor.errors import CaseError

_HINTS = {
    "labels": ("label", "target", "outcome", "truth"),
    "reference": ("reference", "ref", "train", "baseline"),
    "production": ("production", "prod", "serving", "analysis", "current", "live"),
}
_ORDER = ("reference", "production", "labels")


def assigned(sources: Sequence[str], folder: Path) -> tuple[DataSection, list[str]]:
    """Return the data of a case in `folder`, and what a person should look at.

    Raises
    ------
    CaseError
        There are more sources than data sets, and nothing tells which of them belong together.
    """
    places = [_relative(_files_of(place), folder) for place in sources]
    found = _told(places) or _in_order([[place] for place in places])
    doubts = [_together(data, several) for data, several in found.items() if several[1:]]
    if "production" not in found:
        found["production"] = found["reference"]
        doubts.append("production: only one source was given, so it stands for reference and production; name the production data")
    if "reference" not in found:
        found["reference"] = found["production"]
        doubts.append("reference: no source looks like a reference, so production stands for it; name the reference data")
    return DataSection.model_validate(found), doubts


def _together(data: str, several: Sequence[str]) -> str:
    return f"{data}: {len(several):,} sources are read as one: {', '.join(several[:3])}{' ...' if several[3:] else ''}"


def _files_of(place: str) -> str:
    """Return the pattern of the files of a folder that holds one kind of them; any other place as it is."""
    patterns = files_below(Path(place)) if "::" not in place and os.path.isdir(place) and not lake_of(Path(place)) else []
    return patterns[0] if len(patterns) == 1 else place


def _relative(place: str, folder: Path) -> str:
    address, separator, table = place.partition("::")
    if "://" in place:
        return place
    path = Path(os.path.abspath(address))
    inside = path.is_relative_to(folder)
    return (str(path.relative_to(folder)) if inside else str(path)) + separator + table


def _told(places: Sequence[str]) -> dict[str, list[str]] | None:
    """Return the places by what their names and folders say, if that leaves no doubt which are the reference and which production: a shell
    makes many names of one pattern."""
    if len(places) < 2:
        return None
    paths = [os.path.dirname(os.path.abspath(place.partition("::")[0])) for place in places if "://" not in place]
    shared = os.path.commonpath(paths or ["/"])
    by_data: dict[str, list[str]] = {}
    by_folder: dict[str, list[str]] = {}
    for place in places:
        parts = Path(os.path.relpath(os.path.abspath(place.partition("::")[0]), shared)).parts if "://" not in place else (place,)
        hinted = (data for part in reversed(parts) if (data := _hinted(part)))
        by_data.setdefault(next(hinted, ""), []).append(place)
        by_folder.setdefault(parts[0] if len(parts) > 1 else "", []).append(place)
    if "" not in by_data and {"reference", "production"} <= set(by_data):
        return by_data
    if len(places) > len(_ORDER):
        return _in_folders(by_folder, places)
    return _one_each(by_data)


def _hinted(name: str) -> str:
    return next((data for data, hints in _HINTS.items() if any(hint in Path(name).stem.lower() for hint in hints)), "")


def _one_each(by_data: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return one place for each data set: the first that is called so, and those that are left in order."""
    found = {data: [several[0]] for data, several in by_data.items() if data}
    rest = [place for data, several in by_data.items() for place in (several[1:] if data else several)]
    for data in _ORDER:
        if data not in found and rest:
            found[data] = [rest.pop(0)]
    return found


def _in_folders(by_folder: Mapping[str, Sequence[str]], places: Sequence[str]) -> dict[str, list[str]]:
    if len(by_folder) not in (2, len(_ORDER)) or "" in by_folder:
        raise CaseError(
            f"{len(places):,} sources are given, and nothing tells which of them belong together. Put each pattern in quotes "
            "('reference/*.csv' 'production/*.csv'), or call their folders or files reference, production and labels."
        )
    return _in_order([list(several) for several in by_folder.values()])


def _in_order(groups: Sequence[list[str]]) -> dict[str, list[str]]:
    return dict(zip(_ORDER, groups, strict=False))
