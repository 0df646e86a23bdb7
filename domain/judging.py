"""A broken rule refuses a command, and is found on a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.commands.command import Command
from domain.errors import Refused
from domain.recorded import Decided
from domain.values import Finding


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a message breaks, as a sentence for people, with the clause and the events it follows from."""

    rule: str
    says: str
    because_of: tuple[str, ...] = ()
    clause: str | None = None


def judged(message: Any, fact: Any, broken: Sequence[Broken], **by: str | None) -> list[Decided[Any]]:  # noqa: ANN401
    """Return the fact with its findings; raise Refused where *message* is a command and a rule is broken."""
    if broken and isinstance(message, Command):
        first = broken[0]
        raise Refused(first.says, rule=first.rule, clause=first.clause, because_of=first.because_of)
    found = tuple(Finding(each.rule, each.clause, each.because_of) for each in broken)
    return [Decided(fact, findings=found, **by)]
