"""Write what a release is made of, as a CycloneDX 1.6 bill of materials: `python deploy/sbom.py OUT LOCK...`.

Every pin of the locks is a component, those of the first lock required and the rest optional (extras, tools); what pyproject.toml asks for
itself stands as dependencies of Driftscope. Two runs on the same locks write the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)")
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""That of addresses (RFC 4122), for a number that follows from the content."""


def pins(lock: Path) -> dict[str, str]:
    """Return the version of each package of a lock."""
    found = {}
    for line in lock.read_text(encoding="utf-8").split():
        match = PIN.fullmatch(line)
        if match is None:
            sys.exit(f"{lock}: '{line}' is no pin. Renew the lock with 'make lock'.")
        found[match[1]] = match[2]
    return found


def component(name: str, version: str, *, required: bool) -> Component:
    """Return a package as the Python Package Index names it."""
    purl = PackageURL("pypi", name=name, version=version)
    scope = ComponentScope.REQUIRED if required else ComponentScope.OPTIONAL
    return Component(type=ComponentType.LIBRARY, name=name, version=version, purl=purl, bom_ref=purl.to_string(), scope=scope)


def bill(locks: list[Path]) -> str:
    """Return the bill of materials, checked against the schema of CycloneDX."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {re.split(r"[\[<>=; ]", one)[0].lower() for one in project["dependencies"]}
    main = pins(locks[0])
    parts = {name: component(name, version, required=True) for name, version in main.items()}
    for lock in locks[1:]:
        for name, version in pins(lock).items():
            if main.get(name) != version:
                parts[f"{name}=={version}"] = component(name, version, required=False)
    whole = Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        purl=PackageURL("pypi", name=project["name"], version=project["version"]),
        bom_ref=project["name"],
        licenses=[DisjunctiveLicense(id=project["license"])],
    )
    bom = Bom(components=parts.values(), serial_number=uuid.uuid5(NAMESPACE, " ".join(sorted(map(str, parts)) + sorted(main.values()))))
    bom.metadata.component = whole
    bom.register_dependency(whole, [parts[name] for name in sorted(asked)])
    content = json.loads(JsonV1Dot6(bom).output_as_string())
    del content["metadata"]["timestamp"]  # the moment of writing would make two equal releases differ
    text = json.dumps(content, indent=2)
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if problem is not None:
        sys.exit(f"The bill of materials keeps no schema: {problem}")
    return f"{text}\n"


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    Path(sys.argv[1]).write_text(bill([Path(one) for one in sys.argv[2:]]), encoding="utf-8")
