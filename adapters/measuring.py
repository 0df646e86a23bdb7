"""The rows that measures read, all of one position."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from adapters.read_models import read_models
from adapters.reading import Answer, KnownAt, Reading
from projections.measures.asking import Rows
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
