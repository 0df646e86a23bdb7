"""What whoever takes a seat should know: aims, what is open, what is read differently, what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from projections.alignment import Row as Understanding
from projections.alignment import by_party
from projections.alliances import Row as Alliance
from projections.decision_times import Row as Times
from projections.open_decisions import Row as Open
from projections.seats import Row as Body

RECENT_MAX = 8


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open decision: raised and held since, in seconds; `ours` where the turn is the party's or the body's."""

    decision: str
    title: str | None
    matter: str | None
    body: str | None
    raised_at: int
    held_by: str | None
    holder: str | None
    since: int
    paused: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class Unshared:
    """An understanding that is not aligned, and each party's word on it."""

    understanding: str
    kind: str | None
    state: str
    words: dict[str, str]
    readings: dict[str, str]
    owed_by_us: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that ended lately: when, how, after how many seconds."""

    decision: str
    title: str | None
    ending: str | None
    ended_at: int
    took: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """A briefing for a seat."""

    body: str
    seat: str
    party: str | None
    person: str | None
    predecessor: str | None
    briefed_at: int | None
    north_star: str | None
    for_whom: tuple[str, ...]
    open_items: tuple[OpenItem, ...]
    unshared: tuple[Unshared, ...]
    recent: tuple[Decided, ...]


def briefing(
    body: Body,
    seat: str,
    *,
    alliance: Alliance,
    open_decisions: Iterable[Open],
    understandings: Iterable[Understanding],
    times: Iterable[Times],
) -> Briefing:
    """Return the briefing for a seat of a body, from rows of one position. The body must have the seat."""
    taken = body.seats[seat]
    sitting = taken.sittings[-1] if taken.person else None
    before = taken.sittings[-2 if sitting else -1 :][:1] if len(taken.sittings) > (1 if sitting else 0) else ()
    return Briefing(
        body=body.body,
        seat=seat,
        party=taken.party,
        person=taken.person,
        predecessor=before[0].person if before else None,
        briefed_at=sitting.briefed_at if sitting else None,
        north_star=alliance.north_star,
        for_whom=tuple(alliance.for_whom),
        open_items=tuple(_open_items(open_decisions, body.body, taken.party)),
        unshared=tuple(_unshared(understandings, taken.party)),
        recent=tuple(_recent(times)),
    )


def _open_items(decisions: Iterable[Open], body: str, party: str | None) -> list[OpenItem]:
    items = [
        OpenItem(
            row.decision,
            row.title,
            row.matter,
            row.body,
            row.raised_at,
            row.held_by,
            row.holder,
            row.since,
            paused=bool(row.pauses),
            ours=row.holder in {body, party},
        )
        for row in decisions
    ]
    return sorted(items, key=lambda item: (not item.ours, item.raised_at, item.decision))


def _unshared(rows: Iterable[Understanding], party: str | None) -> list[Unshared]:
    found = []
    for row in rows:
        if row.state in {"aligned", "retired"} or (row.life.exposed_from is None):
            continue
        sides = by_party(row)
        readings = {name: side.reading for name, side in sides.items() if side.reading}
        words = {name: side.state for name, side in sides.items()}
        stated = row.life.standing.version is not None
        owed = stated and party is not None and words.get(party) in {"none", "partial", "behind", "unsettled"}
        found.append(Unshared(row.understanding, row.kind, row.state, words, readings, owed_by_us=owed))
    return sorted(found, key=lambda one: (not one.owed_by_us, one.understanding))


def _recent(times: Iterable[Times]) -> list[Decided]:
    ended = [
        Decided(
            row.decision, row.title, cycle.ending, cycle.end, None if cycle.start is None else cycle.end - cycle.start
        )
        for row in times
        for cycle in row.cycles
        if cycle.status == "ended" and cycle.end is not None
    ]
    return sorted(ended, key=lambda one: (-one.ended_at, one.decision))[:RECENT_MAX]
