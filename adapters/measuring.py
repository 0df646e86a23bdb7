"""The rows that measures read, all of one position."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

from adapters.read_models import read_models
from adapters.reading import Answer, KnownAt, Reading
from projections.measures.asking import Rows
from projections.measures.cases import observed_until
from projections.projection import Key

KEYED = frozenset({"alignment"})


def rows_of(reading: Reading, *, alliance: str | None = None, known_at: KnownAt | None = None) -> Answer[Rows]:
    """Return the rows of every read model that measures read, as known at one position.

    Where a follower moved on between two of them, all are told as known at the lowest position.
    """
    answers: dict[str, Answer[Any]] = {
        each.name: reading.answer(
            read_models()[each.name], dict if each.name in KEYED else _listed, alliance=alliance, known_at=known_at
        )
        for each in fields(Rows)
    }
    lowest = min(answers.values(), key=lambda answer: answer.position)
    if any(answer.position != lowest.position for answer in answers.values()):
        return rows_of(reading, alliance=alliance, known_at=lowest.known_at)
    rows: dict[str, Any] = {name: answer.data for name, answer in answers.items()}
    parked = tuple(sorted({key for answer in answers.values() for key in answer.parked}))
    return replace(lowest, data=Rows(**rows), parked=parked)


def _listed(rows: Mapping[Key, Any]) -> list[Any]:
    return list(rows.values())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nobody look for garbage among rows: there are many, none is garbage, and looking costs a third more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def effective_now(answer: Answer[Rows], *, now: int) -> int:
    """Return the instant for which a question is meant that names none, in whole seconds.

    That is `now`: the clock's, or the instant of an earlier knowledge that was asked for. For a log with a simulated
    clock it is the log's, and for a history that was only imported its cut-off, since nobody looked beyond it.
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
