"""A book: the states of all streams of one alliance at one position of the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.alliance import Alliance, WorkStream
from domain.body import Body
from domain.chartering import Chartering
from domain.decision import Decision
from domain.governance.state import Governance


@dataclass(slots=True)
class Book:
    """What `decide` may know. `states` maps a noun to its subjects' states, `versions` a stream to its version."""

    alliance_id: str
    position: int = 0
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)
    """The stream of every event by its id, so that a correction finds what it corrects."""
    governance: Governance = field(default_factory=Governance)
    """What the charter in force makes of all that happened."""

    def state(self, noun: str, subject: str) -> Any:  # noqa: ANN401
        """Return the state of a subject, None where it has none yet."""
        return self.states.get(noun, {}).get(subject)

    def of(self, noun: str) -> Mapping[str, Any]:
        """Return the states of all subjects of a noun."""
        return self.states.get(noun, {})

    @property
    def alliance(self) -> Alliance | None:
        """Return the alliance, None before it was formed."""
        return self.state("alliance", self.alliance_id)  # type: ignore[no-any-return]

    @property
    def parties(self) -> tuple[str, ...]:
        """Return the ids of the parties."""
        return tuple(self.alliance.parties) if self.alliance else ()

    @property
    def chartering(self) -> Chartering:
        """Return the versions of the charter and which is in force."""
        return self.state("charter", self.alliance_id) or Chartering()

    @property
    def bodies(self) -> Mapping[str, Body]:
        """Return the bodies that had an event of their own."""
        return self.of("body")

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """Return all decisions."""
        return self.of("decision")

    @property
    def work_streams(self) -> Mapping[str, WorkStream]:
        """Return all work streams."""
        return self.of("work-stream")

    def rank(self, body: str) -> int | None:
        """Return the tier of a body as a number, higher is later on the ladder, None where nobody said it."""
        known = self.bodies.get(body)
        return known.tier if known and known.tier is not None else self.chartering.rank(body)

    def open_at(self, body: str) -> list[str]:
        """Return the open decisions that a body holds."""
        return [name for name, d in self.decisions.items() if d.status == "open" and d.body == body]
