"""Compares what the log knows of a decision with what a file says now, and plans what makes the log say the same.

Order is never changed in the log: a row that comes between known ones, or says more or fewer things than it did,
retracts what follows it and reports it again behind.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from adapters.importing.judged import Report
from domain.corrections import in_effect
from domain.recorded import Recorded

AGAIN = "~again"


@dataclass(frozen=True, slots=True)
class Known:
    """A row that the log knows: its facts in effect, in order."""

    id: str
    events: tuple[Recorded[Any], ...]


@dataclass(frozen=True, slots=True)
class Stands:
    """What the log knows stays; the file says the same (`report`), or does not hold the row any more."""

    known: Known
    report: Report | None


@dataclass(frozen=True, slots=True)
class Retract:
    """What the log knows is not so."""

    known: Known


@dataclass(frozen=True, slots=True)
class Say:
    """What the file says is to be reported."""

    report: Report


Change = Stands | Retract | Say


def known_rows(events: Iterable[Recorded[Any]], source: str) -> list[Known]:
    """Return the rows of a source that the events of one stream, corrections among them, come from, in order."""
    rows: dict[str, list[Recorded[Any]]] = {}
    for recorded in in_effect(events):
        message = recorded.meta.message
        if message is not None and message.source == source:
            rows.setdefault(message.id, []).append(recorded)
    return [Known(row_of(found[0], source), tuple(found)) for found in rows.values()]


def row_of(recorded: Recorded[Any], source: str) -> str:
    """Return the identity of the row that an event came from, "" where it came from no row of the source."""
    message = recorded.meta.message
    return message.id.partition(AGAIN)[0] if message is not None and message.source == source else ""


def changes(known: Sequence[Known], reports: Sequence[Report], silent: AbstractSet[str]) -> Iterator[Change]:
    """Yield what to do, in order. `silent` are the rows that the file holds and that say nothing now.

    A known row that the file does not hold stands: a file may leave rows out, and what it leaves out it does not deny.
    """
    said = {report.id for report in reports}
    place = 0
    for row in known:
        if row.id not in said and row.id not in silent:
            yield Stands(row, None)
        elif place < len(reports) and _same_row(row, reports[place]):
            yield Stands(row, reports[place])
            place += 1
        else:
            yield Retract(row)
    for report in reports[place:]:
        yield Say(report)


def _same_row(known: Known, report: Report) -> bool:
    return known.id == report.id and len(known.events) == len(report.facts)
