"""Which rows of a decision come first, last, and later: by the order column or the file, never by the timestamp."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from adapters.importing.conditions import Meets
from adapters.importing.instants import Instant
from adapters.importing.mapping import Mapping
from adapters.importing.reading import BadCell, Values, cell_reader, shown

NUMBER = re.compile(r"-?[0-9]{1,18}")


@dataclass(slots=True)
class Row:
    """A row of the file: its line, its values, and what was read of it. `bad` is its first fault, rule and sentence."""

    line: int
    values: Values
    decision: str = ""
    order: int | Decimal = 0
    at: Instant | None = None
    id: str = ""
    bad: tuple[str, str] | None = None


@dataclass(slots=True)
class Rows:
    """The rows of one decision, in order."""

    decision: str
    rows: list[Row] = field(default_factory=list)
    _last_where: dict[int, int] = field(default_factory=dict)

    def any_later(self, place: int, rule: int, meets: Meets) -> bool:
        """Return whether a row after *place* meets the condition of a rule. Looks at each row once for each rule."""
        last = self._last_where.get(rule)
        if last is None:
            later = (p for p in range(len(self.rows) - 1, -1, -1) if meets(self.rows[p].values))
            last = self._last_where[rule] = next(later, -1)
        return last > place


class OrderOf:
    """The order of a row within its decision: a number of its column, or its place in the file."""

    def __init__(self, mapping: Mapping, columns: Sequence[str]) -> None:
        said = mapping.columns.order
        self.stated = said is not None and bool(said.reads())
        self._sign = -1 if said is not None and said.descending else 1
        self._read = cell_reader(said, "columns.order", columns) if said is not None else None

    def of(self, place: int, values: Values) -> int | Decimal:
        """Return the order of the row at a place of the file. Raise BadCell where it is no number."""
        if not self.stated or self._read is None:
            return place * self._sign
        text = self._read(values)
        if text is None:
            raise BadCell("order", "columns.order: is empty: every row needs its number within the decision")
        if NUMBER.fullmatch(text):
            return int(text) * self._sign
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise BadCell(
                "order",
                f"columns.order: {shown(text)} is no number: the order is never a timestamp; leave it out to "
                "take the file's order",
            )
        return number * self._sign


def by_decision(rows: Iterable[Row]) -> tuple[list[Rows], int]:
    """Return the decisions with their rows in order, and how many rows stood out of it in the file."""
    decisions: dict[str, Rows] = {}
    for row in rows:
        found = decisions.get(row.decision)
        if found is None:
            found = decisions[row.decision] = Rows(row.decision)
        found.rows.append(row)
    moved = 0
    for decision in decisions.values():
        written = decision.rows
        if back := sum(later.order < earlier.order for earlier, later in pairwise(written)):
            moved += back
            written.sort(key=lambda row: row.order)
    return list(decisions.values()), moved
