"""The command line loads what a command needs, and no more."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from adapters.main import FAMILIES, build
from adapters.settings import settings
from domain.errors import Unreadable

LOADED = "import sys; from adapters.main import build; build(sys.argv[1:]); print(*sys.modules)"


def commands_of(command: Any, name: str = "") -> Iterator[str]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name
    for word, child in (children or {}).items():
        yield from commands_of(child, f"{name} {word}".strip())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_brings_the_commands_it_is_known_for(family: str) -> None:
    brought = set(commands_of(get_command(build(FAMILIES[family][0].split()))))

    assert brought == set(FAMILIES[family])


def test_what_no_family_is_known_for_loads_all_of_them() -> None:
    everything = {command for commands in FAMILIES.values() for command in commands}

    assert set(commands_of(get_command(build(["show", "nonsense"])))) == everything


def test_showing_alignment_loads_no_library_that_it_does_not_use() -> None:
    said = [sys.executable, "-c", LOADED, "show", "alignment"]
    loaded = set(subprocess.run(said, check=True, capture_output=True, text=True).stdout.split())

    assert loaded.isdisjoint({"psycopg", "kafka", "structlog", "ruamel.yaml", "openpyxl", "holidays", "domain.book"})


def test_a_setting_that_cannot_be_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYNOSURE_STALE", "perhaps")
    monkeypatch.setenv("CYNOSURE_TIMEOUT_SECONDS", "soon")

    with pytest.raises(Unreadable, match=r"(?s)CYNOSURE_TIMEOUT_SECONDS.*CYNOSURE_STALE"):
        settings()


def test_a_setting_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYNOSURE_DATABASE_URL", "sqlite:///there.db")

    assert settings().database_url == "sqlite:///there.db"
