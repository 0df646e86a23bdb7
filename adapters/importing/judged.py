"""A judged file: what its rows report, what is set aside, and everything that was counted."""

from collections import Counter
from dataclasses import dataclass, field

from adapters.importing.faults import Fault, Faults
from adapters.importing.instants import Instant
from adapters.importing.ordering import Row
from domain.events.event import Event
from domain.values import Actor


@dataclass(frozen=True, slots=True)
class Report:
    """What one row reports: its facts in their envelope, under the id that the row has for ever."""

    id: str
    line: int
    decision: str
    facts: tuple[Event, ...]
    at: Instant
    source_recorded_at: int | None = None
    actor: Actor | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that is not imported, and why."""

    row: Row
    because: str


@dataclass(slots=True)
class Judged:
    """A judged file: reports in the order of time (of a decision: in its order), and everything that was counted."""

    reports: list[Report] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    beside: list[SetAside] = field(default_factory=list)
    """The earlier rows of the decisions that rows were set aside of: imported, and repeated beside those."""
    cut_short: int = 0
    """How many decisions are imported up to a row that was set aside."""
    silent: set[str] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)
    rows: int = 0
    decisions: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    rules_used: Counter[int] = field(default_factory=Counter)
    earliest: Instant | None = None
    window: tuple[int | None, int | None, int | None] = (None, None, None)
    """The declared window's start and end, and the cut-off."""


def nothing_matched(judged: Judged) -> list[Fault]:
    """Return the fault of a mapping by which a file says nothing at all, or none."""
    if judged.reports or judged.faults.found:
        return []
    faults = Faults()
    says = (
        "the file holds no row"
        if not judged.rows
        else "no row says that anything happened: every one is ignored, or after the cut-off"
    )
    faults.add(1, None, "mapping_matches", f"{says}: is it the right file for this mapping?")
    return faults.found
