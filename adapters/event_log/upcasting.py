"""Old shapes of facts, lifted on reading to the shape the code knows: one step per schema version."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import NewerFormat, Unreadable
from domain.events import EVENTS

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Lifts a fact (as JSON words) from one schema version to the next."""

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""The step that leaves a version: (name of the event, version before) -> how."""


class Upcasters:
    """Every step from every released version to the version of the code. Raises Unreadable where one is missing."""

    def __init__(
        self, steps: Mapping[tuple[str, int], Upcaster] = UPCASTERS, *, current: Mapping[str, int] | None = None
    ) -> None:
        self._steps = dict(steps)
        self.current = dict(current) if current is not None else {n: event.VERSION for n, event in EVENTS.items()}
        faults = [
            f"{name}: no step from version {version} to {version + 1}: add one to UPCASTERS"
            for name, newest in self.current.items()
            for version in range(1, newest)
            if (name, version) not in self._steps
        ]
        faults += [
            f"{name}: a step leaves version {version}, which is not an older version of that event"
            for name, version in self._steps
            if not 1 <= version < self.current.get(name, 1)
        ]
        if faults:
            raise Unreadable(*faults)

    def known(self, name: str, schema_version: int) -> bool:
        """Return whether the shape is the code's own. Raise NewerFormat where it is newer than the code."""
        newest = self.current.get(name)
        if newest is None:
            raise NewerFormat(f"the log holds an event {name!r}, which this cynosure does not know: upgrade cynosure")
        if schema_version > newest:
            raise NewerFormat(
                f"the log holds {name} in version {schema_version}, this cynosure knows version {newest}: upgrade it"
            )
        return schema_version == newest

    def lift(self, name: str, schema_version: int, fact: dict[str, Any]) -> dict[str, Any]:
        """Return the fact in the shape the code knows."""
        for version in range(schema_version, self.current[name]):
            fact = self._steps[name, version](fact)
        return fact
