"""The fold itself, in memory: events into rows, and into parked keys where an event cannot be folded."""

from collections.abc import Callable, Iterable
from typing import Any

from adapters.follower.dropping import Dropped
from adapters.follower.sight import Sight, fault
from adapters.read_store.canonical import EVERY_ROW
from adapters.read_store.port import Parked
from domain.errors import NewerFormat, Unreadable
from projections.projection import Key, Projection


class Fold:
    """Rows (None where there is none) and parked keys of one projection, as far as they have been folded."""

    def __init__(self, projection: Projection, dropped: Dropped, *, strict: bool = False) -> None:
        self.rows: dict[Key, Any] = {}
        self.parked: dict[Key, Parked] = {}
        self._projection = projection
        self._dropped = dropped
        self._strict = strict

    def fold(self, sights: Iterable[Sight]) -> None:
        """Fold events into the rows they touch. A key that cannot be folded stands still from there on.

        Raise Unreadable instead where the fold is strict.
        """
        rows, parked = self.rows, self.parked
        evolve: Callable[[Any, Any], Any] = self._projection.evolve
        whole = {key[0] for key in parked if key[1:] == (EVERY_ROW,)}
        for sight in sights:
            event = sight.event
            if whole and sight.stored.alliance in whole:
                continue
            if event is None:
                if self._park(sight.keys[0], sight, sight.fault):
                    whole.add(sight.stored.alliance)
                continue
            for key in sight.keys:
                if parked and key in parked:
                    continue
                try:
                    rows[key] = evolve(rows.get(key), event)
                except NewerFormat:
                    raise
                except Exception as error:  # noqa: BLE001  # whatever a fold raises parks the key, and stops nobody
                    self._park(key, sight, fault(error))

    def _park(self, key: Key, sight: Sight, why: str) -> bool:
        stored = sight.stored
        if (key, stored.event_id) in self._dropped:
            return False
        if self._strict:
            raise Unreadable(
                f"log position {stored.position}, {stored.name}: {self._projection.NAME} cannot fold it into"
                f" {list(key)}: {why}. Correct the event or the projection, or let such keys be parked"
            )
        self.parked[key] = Parked(
            key=key, position=stored.position, event_id=stored.event_id, name=stored.name, error=why
        )
        return True
