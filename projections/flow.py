"""What is in the flow: when each cycle of a decision came and when it left, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.events.decision import ENDED_WHEN_FIRST_SEEN, ENDINGS
from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "flow"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of an event that opens or closes a cycle."""

    decision: str | None = None
    status: str | None = None
    since: int | None = None
    entered_at: int | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """A cycle in the flow from `opened` (whole seconds) until `closed`, None while it is open; `how` it left."""

    cycle: int
    opened: int
    closed: int | None
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A decision's stays, one per cycle; none where it was first seen decided."""

    alliance: str
    decision: str
    cycle: int
    stays: tuple[Stay, ...] = ()


READS: Mapping[str, type[Any]] = dict.fromkeys(
    ("decision-raised", "decision-inherited", "decision-reopened", "decision-transferred", *ENDINGS), Told
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the stays after the event."""
    fact = event.fact
    match event.name:
        case "decision-raised" | "decision-inherited":
            opened = event.at if fact.since is None else fact.since
            stays = () if fact.status in ENDED_WHEN_FIRST_SEEN else (Stay(1, opened, None),)
            return Row(event.meta.alliance, fact.decision or "", 1, stays)
        case "decision-reopened" if row is not None:
            return replace(row, cycle=row.cycle + 1, stays=(*row.stays, Stay(row.cycle + 1, event.at, None)))
        case "decision-transferred" if not fact.outside:
            return row
        case _ if row is None or not row.stays or row.stays[-1].cycle != row.cycle:
            return row
        case _:
            return replace(row, stays=(*row.stays[:-1], _closed(row.stays[-1], event)))


def _closed(stay: Stay, event: Recorded[Told]) -> Stay:
    at = max(event.at, stay.opened)
    taken_back = event.name in {"decision-made", "status-quo-imposed", "decision-withdrawn"}
    if stay.closed is not None and not (taken_back and stay.how != "decision-transferred" and at < stay.closed):
        return stay
    return replace(stay, closed=at, how=event.name)
