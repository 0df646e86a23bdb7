"""The rows that measures read, all of one position."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from adapters.read_models import read_models
from adapters.reading import Answer, KnownAt, Reading
from projections.measures.asking import Rows
from projections.measures.cases import observed_until
from projections.projection import Key

KEYED = frozenset({"alignment"})


def rows_of(reading: Reading, *, alliance: str | None = None, known_at: KnownAt | None = None) -> Answer[Rows]:
    """Return the rows of every read model that measures read, as known at one position."""
    found: dict[str, Any] = {}
    last: Answer[Any] | None = None
    for each in fields(Rows):
        model = read_models()[each.name]
        last = reading.answer(
            model,
            dict if each.name in KEYED else _listed,
            alliance=alliance,
            known_at=known_at,
        )
        found[each.name] = last.data
    assert last is not None  # noqa: S101  # Rows has fields
    return replace(last, data=Rows(**found))


def _listed(rows: Mapping[Key, Any]) -> list[Any]:
    return list(rows.values())


def effective_now(answer: Answer[Rows], *, now: int) -> int:
    """Return the instant for which a question is meant that names none, in whole seconds.

    That is now; for a log with a simulated clock, or for what was known earlier, the instant of that knowledge; for a
    history that was only imported, its own cut-off, since nobody looked beyond it.
    """
    known = answer.known_at
    recorded = None if known.recorded_at is None else known.recorded_at // 1_000_000
    until = observed_until(answer.data)
    last = max((cycle.last_at for row in answer.data.decision_times for cycle in row.cycles), default=0)
    if known.simulated_clock and recorded is not None:
        return max(recorded, last)
    if until is not None and last <= until:
        return until
    return now
