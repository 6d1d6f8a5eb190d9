"""The worked page: what it says is what the product does."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

from monitor.case import case_from
from monitor.engine.formats import parse_format

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "verdict.md"


def test_the_worked_verdict_is_the_products() -> None:
    text = re.sub(r"^```.*$", "", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.FAIL_FAST).run(test, out=said.append)
    assert test.examples
    assert not said, "".join(said)


def test_its_map_names_what_exists() -> None:
    rows = PAGE.read_text(encoding="utf-8").split("## Where to look")[1]
    names = set(re.findall(r"`([A-Z][A-Z_]+)`", rows))
    functions = re.findall(r"`((?:\w+/)*\w+\.py)` \(`(\w+)`", rows)
    files = set(re.findall(r"`((?:\w+/)*\w+\.py)`", rows))
    known = {path.as_posix(): path.read_text(encoding="utf-8") for path in (ROOT / "monitor").rglob("*.py")}
    code = "\n".join(known.values())
    assert names
    assert functions
    assert [name for name in names if not re.search(rf"^(\w+, )*{name}(, \w+)*(: .*)? = ", code, re.MULTILINE)] == []
    assert [name for name in files if not any(path.endswith(f"/{name}") for path in known)] == []
    for file, name in functions:
        assert any(path.endswith(f"/{file}") and re.search(rf"def {name}\b", text) for path, text in known.items()), name


def test_the_case_of_the_page_on_cases_is_one() -> None:
    text = (ROOT / "docs" / "case.md").read_text(encoding="utf-8")
    content = tomllib.loads(text.split("```toml")[1].split("```")[0])
    case = case_from(content, root=ROOT)
    assert case.formats["amount"] == "decimal comma, currency €"
    assert [parse_format(words).words for words in case.formats.values()] == list(case.formats.values())
