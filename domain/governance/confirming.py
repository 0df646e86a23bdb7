"""Clause by clause: which party has confirmed that the data of a charter reads the contract rightly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.charter.rules import clauses_in
from domain.governance.state import Governance


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One clause of a version: the paths of the rules that read it, who has confirmed them, and who has not."""

    clause: str
    paths: tuple[str, ...]
    confirmed_by: tuple[str, ...]
    missing: tuple[str, ...]


def confirmations(state: Governance, seconds: int) -> list[Confirmation]:
    """Return each clause of the version in force at an instant, in the order of the charter."""
    version = state.version_at(seconds)
    read: dict[str, list[str]] = {}
    for path, clause in _clauses("", version.rules.charter.model_dump(by_alias=True, exclude_unset=True)):
        for one in clauses_in(clause):
            read.setdefault(one, []).append(path)
    parties = state.parties(version.rules)
    found = []
    for clause, paths in read.items():
        by = state.confirmed.get((version.version, clause), ())
        found.append(Confirmation(clause, tuple(paths), by, tuple(party for party in parties if party not in by)))
    return found


def _clauses(path: str, part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, Mapping):
        if part.get("clause"):
            yield path, str(part["clause"])
        for key, value in part.items():
            yield from _clauses(f"{path}.{key}" if path else str(key), value)
    elif isinstance(part, list | tuple):
        for index, value in enumerate(part):
            yield from _clauses(f"{path}[{index}]", value)
