"""The documents are true where a machine can tell: links lead somewhere, and commands exist."""

import re
from pathlib import Path

from tests.rules.test_house import ROOT, tracked

SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def documents() -> list[Path]:
    return tracked("*.md")


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert dead == []


def test_every_make_command_that_a_document_names_can_be_made() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    unknown = [
        f"{document.relative_to(ROOT)}: make {target}"
        for document in documents()
        for command in re.findall(
            r"(?:`|^    |^\$ )make ([a-z -]+)", document.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        for target in command.split()
        if target not in known
    ]
    assert unknown == []


def test_the_changelog_keeps_its_order() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for version in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (.+)$", version, flags=re.MULTILINE)
        assert sections == [section for section in SECTIONS if section in sections], version.splitlines()[0]
