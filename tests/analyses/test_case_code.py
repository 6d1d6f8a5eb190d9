"""Files of a trusted case import each other, from the bytes that were trusted, and nothing else can import them."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from monitor.analyses.own import own_methods_of
from monitor.case import Case, case_from, trust_case
from monitor.case.content import content_of

FILES = {
    "own/methods.py": """
        import numpy as np
        import shapes.round as around
        from helper import factor
        from shapes import square
        def gap(a, b):
            from late import two
            return factor * square.size(3) + around.size(1) + two() + float(np.zeros(1)[0])
    """,
    "own/helper.py": "factor = 10",
    "own/late.py": """
        from __future__ import annotations
        from dataclasses import dataclass
        @dataclass
        class Pair:
            size: int = 2
        def two(): return Pair().size
    """,
    "own/shapes/__init__.py": "from . import square",
    "own/shapes/square.py": "from .base import times\ndef size(x): return times(x, x)",
    "own/shapes/base.py": "from functools import reduce\ndef times(x, y): return x * y",
    "own/shapes/round.py": "from .base import times\ndef size(x): return times(100, x)",
    "own/unused.py": "raise RuntimeError",
    "helper.py": "factor = 0",
}


def write(root: Path, files: dict[str, str]) -> Case:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(text), encoding="utf-8")
    data = {"reference": "a.parquet", "production": "b.parquet"}
    own = [{"id": "mine", "function": "own/methods.py:gap"}]
    return case_from({"case": {"name": "x", "task": "binary"}, "data": data, "methods": own}, root=root)


def test_what_is_hashed_is_what_can_be_imported(tmp_path: Path) -> None:
    content = content_of(write(tmp_path, FILES))
    assert [one.path for one in content.code] == sorted(name for name in FILES if name not in ("own/unused.py", "helper.py"))


def test_modules_of_the_case_see_each_other_and_nothing_else_sees_them(tmp_path: Path) -> None:
    case = write(tmp_path, FILES)
    trust_case(case)
    own = own_methods_of(case)
    assert own.refused == ()
    method = own.catalogue.method("mine").on_values
    assert method is not None
    assert method(np.array([1.0]), np.array([2.0])).score == 10 * 9 + 100 + 2
    assert not {"helper", "late", "shapes", "methods"} & set(sys.modules)


@pytest.mark.parametrize("name", ["own/helper.py", "own/late.py", "own/shapes/base.py"])
def test_a_change_of_anything_imported_ends_the_trust(tmp_path: Path, name: str) -> None:
    case = write(tmp_path, FILES)
    trust_case(case)
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("\nimport os")
    assert f"'{name}' is another" in own_methods_of(case).refused[0].message


def test_a_module_that_the_case_lacks_says_so(tmp_path: Path) -> None:
    case = write(tmp_path, {"own/methods.py": "import shapes.gone", "own/shapes/__init__.py": ""})
    trust_case(case)
    assert "ModuleNotFoundError: No module named 'shapes.gone' in the case folder" in own_methods_of(case).refused[0].message


def test_a_compiled_file_beside_it_is_not_used(tmp_path: Path) -> None:
    case = write(tmp_path, FILES)
    trust_case(case)
    (tmp_path / "own/__pycache__").mkdir()
    (tmp_path / f"own/__pycache__/helper.{sys.implementation.cache_tag}.pyc").write_bytes(b"poison")
    assert own_methods_of(case).refused == ()
