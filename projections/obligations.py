"""What one party owes another: since when, by when, when it was met; orders passed in time are counted from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "obligations"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One obligation. Instants are in seconds; `due` is an ISO date, None where nobody said it."""

    obligation: str
    kind: str | None
    owed_by: str | None
    owed_to: str | None
    started_at: int
    due: str | None = None
    work_stream: str | None = None
    met_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about an obligation."""

    obligation: str
    kind: str | None = None
    owed_by: str | None = None
    owed_to: str | None = None
    planned: str | None = None
    day: str | None = None
    work_stream: str | None = None
    part: str | None = None


READS: Mapping[str, type[Any]] = {"obligation-started": Told, "obligation-met": Told}


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the obligation."""
    return ((event.meta.alliance, event.fact.obligation),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the obligation after the event. It is met with its first whole fulfilment."""
    fact, at = event.fact, event.meta.effective_at
    if event.name == "obligation-started":
        due = fact.planned or fact.day
        return Row(
            fact.obligation, fact.kind, fact.owed_by, fact.owed_to, at, str(due) if due else None, fact.work_stream
        )
    if row is None or fact.part is not None:
        return row
    return replace(row, met_at=at if row.met_at is None else min(at, row.met_at))


def in_time(rows: Iterable[Row], *, kind: str, first: date, last: date, ends: Callable[[str], int]) -> Fraction | None:
    """Return the share of obligations of a kind, due in a period, that were met before their due day ended.

    `ends` gives the first instant after a day, an ISO date. None where none was due.
    """
    due = [row for row in rows if row.kind == kind and row.due and first.isoformat() <= row.due <= last.isoformat()]
    if not due:
        return None
    return Fraction(sum(row.met_at is not None and row.met_at < ends(str(row.due)) for row in due), len(due))
