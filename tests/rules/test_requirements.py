"""What is installed is pinned and hashed, and what ships may be shipped."""

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))
FREE = re.compile(r"MIT|BSD|Apache|Python Software Foundation|PSF|MPL|Unlicense|ISC|0BSD", re.IGNORECASE)
# Used unchanged, through their public interface: what the LGPL asks for is given.
LESSER = {"psycopg", "psycopg-binary", "psycopg-pool"}


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==\S+ ?;?(.*?) ?\\$", text, flags=re.MULTILINE))


def licence_of(name: str) -> str:
    told = distribution(name).metadata
    classifiers = [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
    texts = [text[:200] for field in ("License-Expression", "License") for text in told.get_all(field) or []]
    return " ".join(texts + classifiers)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    assert [block for block in blocks if not re.match(r"[\w.-]+==\S+( ;.*)? \\\n +--hash=sha256:", block)] == []


def test_what_ships_is_licensed_so_that_it_may() -> None:
    installed = [name for name, marker in pinned("runtime.txt").items() if "win32" not in marker]
    assert len(installed) > 20
    doubtful = {
        name: licence_of(name) for name in installed if name not in LESSER and not FREE.search(licence_of(name))
    }
    assert doubtful == {}
    assert [name for name in installed if re.search(r"\bA?GPL", licence_of(name))] == []


def test_the_lock_holds_every_requirement_that_the_project_names() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=~! ]", requirement)[0].replace(".", "-") for requirement in named}
    assert names - set(pinned("runtime.txt")) == set()
