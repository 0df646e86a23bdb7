"""What an export tells: the events in effect up to a position, and each event of a decision as one flat row."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from domain.corrections import in_effect
from domain.errors import Refused
from domain.events.event import subject_of
from domain.ports import EventLog
from domain.recorded import Recorded

PAGE_EVENTS = 2_000
MICROSECONDS = 1_000_000


def events_in_effect(log: EventLog, alliance: str, *, upto: int | None = None) -> list[Recorded[Any]]:
    """Return the events of an alliance that are in effect at a position (None: now), in order.

    Corrections are not among them: what they replaced stands in its place. Raise Refused for an unknown alliance.
    """
    found: list[Recorded[Any]] = []
    position = 0
    while page := log.read(after=position, limit=PAGE_EVENTS, upto=upto, alliance=alliance):
        found += page
        position = page[-1].position
    if not found:
        raise Refused(f"there is no alliance {alliance!r} in this log at that position", rule="formed_first")
    return in_effect(found)


def instant(seconds: int) -> str:
    """Return an instant as ISO 8601 in UTC, with its offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def recorded_instant(microseconds: int) -> str:
    """Return a recorded instant as ISO 8601 in UTC, to the microsecond."""
    at = datetime.fromtimestamp(microseconds // MICROSECONDS, UTC)
    return at.replace(microsecond=microseconds % MICROSECONDS).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatEvent:
    """One event of a decision, flat: whose, when, what, who, and what it says. Free text about persons is left out.

    `cycle` counts from 1. `attributes` are the named facts that the event states, as JSON.
    """

    alliance: str
    decision: str
    position: int
    event: str
    event_id: str
    effective_at: str
    precision: str
    zone: str
    recorded_at: str
    source_recorded_at: str | None
    cycle: int
    party: str | None = None
    actor: str | None = None
    role: str | None = None
    status: str | None = None
    outcome: str | None = None
    method: str | None = None
    since: str | None = None
    entered_at: str | None = None
    held_by: str | None = None
    holder: str | None = None
    tier: str | None = None
    rank: int | None = None
    body: str | None = None
    from_body: str | None = None
    to_body: str | None = None
    title: str | None = None
    kind: str | None = None
    matter: str | None = None
    work_stream: str | None = None
    phase: str | None = None
    cause: str | None = None
    pause: str | None = None
    attributes: str | None = None
    message_source: str | None = None
    message_id: str | None = None


COLUMNS = tuple(field.name for field in fields(FlatEvent))
SAME_WORDS = (
    "status",
    "outcome",
    "method",
    "held_by",
    "holder",
    "tier",
    "rank",
    "body",
    "title",
    "kind",
    "matter",
    "work_stream",
    "phase",
    "cause",
    "pause",
)


def flat_events(events: Iterable[Recorded[Any]]) -> Iterator[FlatEvent]:
    """Yield the events of decisions, flat, in order."""
    cycles: dict[str, int] = {}
    for recorded in events:
        noun, decision = subject_of(recorded.stream)
        if noun == "decision":
            cycle = cycles.get(decision, 1) + (recorded.name == "decision-reopened")
            cycles[decision] = cycle
            yield _flat(recorded, decision, cycle)


def _flat(recorded: Recorded[Any], decision: str, cycle: int) -> FlatEvent:
    fact, meta = recorded.fact, recorded.meta
    said = {word: value for word in SAME_WORDS if (value := getattr(fact, word, None)) is not None}
    by = getattr(fact, "by", None)
    party = getattr(fact, "party", None) or by or (meta.actor.party if meta.actor else None)
    attributes = getattr(fact, "attributes", None)
    since, entered_at, source = getattr(fact, "since", None), getattr(fact, "entered_at", None), meta.source_recorded_at
    return FlatEvent(
        alliance=meta.alliance,
        decision=decision,
        position=recorded.position,
        event=recorded.name,
        event_id=meta.event_id,
        effective_at=instant(meta.effective_at),
        precision=meta.precision,
        zone=meta.zone,
        recorded_at=recorded_instant(recorded.recorded_at),
        source_recorded_at=None if source is None else instant(source),
        cycle=cycle,
        party=words(party),
        actor=meta.actor.person if meta.actor else None,
        role=meta.actor.role if meta.actor else None,
        since=None if since is None else instant(since),
        entered_at=None if entered_at is None else instant(entered_at),
        from_body=words(getattr(fact, "from_", None)),
        to_body=words(getattr(fact, "to", None)),
        attributes=json.dumps(attributes, sort_keys=True, ensure_ascii=False) if attributes else None,
        message_source=meta.message.source if meta.message else None,
        message_id=meta.message.id if meta.message else None,
        **said,
    )


def words(value: Any) -> str | None:
    """Return ids as one text: several are joined."""
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
