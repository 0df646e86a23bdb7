"""A rule of a mapping with its conditions and words compiled for the columns of one file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.importing.cells import Cell
from adapters.importing.conditions import conditions_met
from adapters.importing.instants import instant_reader
from adapters.importing.life import Life
from adapters.importing.mapping import Mapping
from adapters.importing.ordering import Row, Rows
from adapters.importing.reading import Values, cell_reader
from adapters.importing.rules import Inherited, Made, Overrides, Rule, Step, Transferred
from adapters.importing.saying import Put, RowReader

Words = tuple[str, list[tuple[str, Callable[[Values], Any]]]]
"""A verb, and what reads each word beside it."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Steps, and what reads the row that takes them."""

    steps: Sequence[Words]
    puts: Sequence[Put]


class CompiledRule:
    """A rule with its conditions and words compiled."""

    def __init__(self, place: int, rule: Rule, reader: RowReader, mapping: Mapping, columns: Sequence[str]) -> None:
        self.place, self.rule = place, rule
        path = f"rules[{place}]"
        self.later = conditions_met(rule.unless_later, columns)
        self.changed = [columns.index(name) for name in rule.changed]

        def saying(steps: Sequence[Step], said: Overrides, key: str) -> Saying:
            return Saying([_words(step, f"{path}.{key}", mapping, columns) for step in steps], reader.puts(said, path))

        self.then = saying(rule.then, rule.set, "then")
        self.otherwise = saying(rule.otherwise, rule.otherwise_set or rule.set, "otherwise")
        self.ignores = all(step.verb == "ignored" for step in rule.then)

    def in_position(self, rows: Rows, place: int) -> bool:
        """Return whether the row stands at the place that the rule asks for."""
        first, last = self.rule.first, self.rule.last
        return (first is None or first is (place == 0)) and (last is None or last is (place == len(rows.rows) - 1))

    def fits(self, life: Life, row: Row, previous: Row | None) -> bool:
        """Return whether the decision stands as the rule asks for, and what must have changed has."""
        if self.rule.so_far and not any(life.stands(one) for one in self.rule.so_far):
            return False
        if not self.changed:
            return True
        return previous is not None and any(row.values[p] != previous.values[p] for p in self.changed)

    def held_back(self, rows: Rows, place: int, last_counting: int) -> bool:
        """Return whether a later row keeps this one from saying what the rule says."""
        if self.rule.only_if_last and place < last_counting:
            return True
        return bool(self.rule.unless_later) and rows.any_later(place, self.place, self.later)


def _words(step: Step, path: str, mapping: Mapping, columns: Sequence[str]) -> Words:
    path = f"{path}.{step.verb}"
    said = step.said
    reads: list[tuple[str, Callable[[Values], Any]]] = []
    if isinstance(said, Inherited) and said.since is not None:
        since = instant_reader(said.since, f"{path}.since", columns, like=mapping.columns.time)
        reads.append(("since", lambda values: None if (at := since(values)) is None else at.seconds))
    if isinstance(said, Made):
        reads.append(("method", lambda _values: said.method))
    if isinstance(said, Transferred):
        reads.append(("outside", lambda _values: said.outside))
    for name in type(said).model_fields:
        cell = getattr(said, name)
        if name != "since" and isinstance(cell, Cell):
            reads.append((name, cell_reader(cell, f"{path}.{name}", columns)))
    return step.verb, reads
