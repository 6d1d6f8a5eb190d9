"""Screens and demo are found in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.places import app_folder, demo_folder


def test_the_checkout_holds_screens_and_demo() -> None:
    assert (app_folder() / "app.py").is_file()
    assert (app_folder() / "static" / "favicon.png").is_file()
    assert (demo_folder() / "flights" / "case.toml").is_file()
    assert (demo_folder() / "payments" / "case.toml").is_file()


def test_a_package_beside_app_is_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    assert app_folder(tmp_path / "monitor") == tmp_path


def test_screens_inside_the_package_come_first(tmp_path: Path) -> None:
    inside = tmp_path / "monitor" / "_app"
    inside.mkdir(parents=True)
    (inside / "app.py").touch()
    (tmp_path / "app.py").touch()
    assert demo_folder(tmp_path / "monitor") == inside / "data"


def test_a_broken_install_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Install Driftscope again"):
        app_folder(tmp_path / "monitor")
