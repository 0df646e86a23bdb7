"""Faults of a file: counted all, kept up to a limit, told by line, column and rule, alike ones together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

FAULTS_TOLD_MAX = 25


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: on which line, of which decision, by which rule, and what to do."""

    line: int
    decision: str | None
    rule: str
    says: str


@dataclass(slots=True)
class Faults:
    """All faults of one file, in the order they were found."""

    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, decision: str | None, rule: str, says: str) -> None:
        """Add one."""
        self.found.append(Fault(line, decision, rule, says))

    def reword(self, rule: str, says: str, *, known: Callable[[str], bool]) -> None:
        """Say something else of the faults by a rule of decisions that are known."""
        self.found = [
            replace(fault, says=says) if fault.rule == rule and fault.decision and known(fault.decision) else fault
            for fault in self.found
        ]

    def __len__(self) -> int:
        return len(self.found)

    def told(self, name: str) -> Iterator[str]:
        """Yield a sentence for each kind of fault: its first place, and how many more there are like it."""
        alike: dict[tuple[str, str], list[Fault]] = {}
        for fault in sorted(self.found, key=lambda f: f.line):
            alike.setdefault((fault.rule, fault.says), []).append(fault)
        for count, ((rule, says), faults) in enumerate(alike.items()):
            if count == FAULTS_TOLD_MAX:
                rest = sum(len(f) for f in list(alike.values())[FAULTS_TOLD_MAX:])
                yield f"{name}: and {rest} more faults of {len(alike) - FAULTS_TOLD_MAX} other kinds"
                return
            first = faults[0]
            decision = f" decision {first.decision}:" if first.decision else ""
            rest = len(faults) - 1
            more = f" (and {rest} more row{'s' * (rest > 1)} like it)" if rest else ""
            yield f"{name}:{first.line}:{decision} {says} [{rule}]{more}"
