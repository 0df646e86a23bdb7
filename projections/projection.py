"""The shape of every read model: which fields it reads, which rows an event touches, and what becomes of each."""

from collections.abc import Mapping
from typing import Any, Protocol

from domain.recorded import Recorded

Key = tuple[str, ...]
"""The key of a row: the alliance first, then whatever tells its rows apart."""


class Projection(Protocol):
    """A read model is a module with these names. It is pure, and keyed.

    `READS` maps the name of an event to a frozen dataclass with the fields of its fact that are needed, with defaults
    where the fact may leave them out; the follower decodes nothing else. `keys` says which rows an event
    touches. `evolve` gets a row (None where there is none yet) and an event with that dataclass as its `fact`, and
    returns the row after it, or None to delete it. `Row` is a frozen dataclass of integers, strings, booleans, None,
    and tuples, dicts and dataclasses of them. A correction never reaches `evolve`: the follower folds the rows anew,
    without what was retracted and with what was replaced.
    """

    NAME: str
    VERSION: int
    Row: type[Any]
    READS: Mapping[str, type[Any]]

    def keys(self, event: Recorded[Any]) -> tuple[Key, ...]:
        """Return the keys of the rows that the event touches, each once."""
        ...

    def evolve(self, row: Any, event: Recorded[Any]) -> Any:  # noqa: ANN401
        """Return the row after the event, or None where it is gone."""
        ...
