"""Who had the ball: turn by turn of every decision, with what was owed, worked on, paused and contested beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.events.decision import ENDED_WHEN_FIRST_SEEN, ENDINGS
from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "ball_in_court"
VERSION = 2

UNNAMED = "unknown"
"""Who owes information where nobody said whom was asked: it is waited for all the same."""
OUTSIDE = frozenset({"experts-selected", "mediation-started", "arbitration-started"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of every event about a decision."""

    decision: str | None = None
    by: Any = None
    of: str | None = None
    party: str | None = None
    held_by: str | None = None
    holder: str | None = None
    tier: str | None = None
    status: str | None = None
    since: int | None = None
    pause: str = "all"
    outside: bool = False
    from_: Any = None
    to: Any = None
    hours: int | None = None
    people: int | None = None
    meetings: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` (whole seconds, None while it lasts) something was so, of one cycle.

    A turn names its holder and tier; what is owed names who was asked, what is contested the
    party; a pause names itself.
    """

    cycle: int
    start: int
    end: int | None
    who: str
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A party said that it worked from `start` to `end`, with what effort where it said so."""

    start: int
    end: int
    party: str
    hours: int | None
    people: int | None
    meetings: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A decision's turns, in order; they follow each other without a gap inside a cycle."""

    alliance: str
    decision: str
    raised_by: str | None
    cycle: int
    ended_at: int | None
    last_at: int
    turns: tuple[Stretch, ...] = ()
    owed: tuple[Stretch, ...] = ()
    contested: tuple[Stretch, ...] = ()
    paused: tuple[Stretch, ...] = ()
    worked: tuple[Work, ...] = ()


READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "decision-raised",
        "decision-inherited",
        "decision-reopened",
        "decision-escalated",
        "decision-returned",
        "decision-transferred",
        "decision-orphaned",
        "mediation-ended",
        *sorted(OUTSIDE),
        "information-requested",
        "information-provided",
        "attributes-stated",
        "holder-contested",
        "holder-contest-ended",
        "work-reported",
        "clock-paused",
        "clock-resumed",
        *ENDINGS,
    ),
    Told,
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision, nothing for a clock of something else."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the turns after the event."""
    if event.name in {"decision-raised", "decision-inherited"}:
        return _first(event)
    if row is None:
        return None
    if event.name == "work-reported":
        return replace(row, worked=(*row.worked, _work(event.fact)))
    if event.name == "decision-reopened":
        begun = replace(row, cycle=row.cycle + 1, ended_at=None, last_at=event.at)
        return _handed(begun, event, event.at)
    if row.ended_at is not None:
        return _ended_earlier(row, event)
    at = max(event.at, row.last_at)
    if event.name in ENDINGS or event.fact.outside:
        return _ended(row, event.at)
    return _moved(replace(row, last_at=at), event, at)


def _first(event: Recorded[Told]) -> Row:
    fact, at = event.fact, event.at
    ended = fact.status in ENDED_WHEN_FIRST_SEEN
    row = Row(
        alliance=event.meta.alliance,
        decision=fact.decision or "",
        raised_by=fact.by if isinstance(fact.by, str) else None,
        cycle=1,
        ended_at=at if ended else None,
        last_at=at,
    )
    if ended:
        return row
    row = _handed(row, event, at if fact.since is None else fact.since)
    return replace(row, paused=(Stretch(1, at, None, "all"),)) if fact.status == "paused" else row


def _moved(row: Row, event: Recorded[Told], at: int) -> Row:
    fact = event.fact
    match event.name:
        case "clock-paused":
            return replace(row, paused=_begun(row.paused, Stretch(row.cycle, at, None, fact.pause)))
        case "clock-resumed":
            return replace(row, paused=_stopped(row.paused, at, who=fact.pause))
        case "holder-contested":
            return replace(row, contested=_begun(row.contested, Stretch(row.cycle, at, None, fact.party or "")))
        case "holder-contest-ended":
            return replace(row, contested=_stopped(row.contested, at, who=fact.party))
        case "information-requested":
            asked = replace(row, owed=_begun(row.owed, Stretch(row.cycle, at, None, fact.of or UNNAMED)))
            return _handed(asked, event, at)
        case "information-provided":
            by = fact.by if isinstance(fact.by, str) else None
            owing = {owed.who for owed in row.owed if owed.end is None}
            return _handed(replace(row, owed=_stopped(row.owed, at, who=by if by in owing else None)), event, at)
        case _:
            return _handed(row, event, at)


def _handed(row: Row, event: Recorded[Told], at: int) -> Row:
    turn = row.turns[-1] if row.turns and row.turns[-1].cycle == row.cycle else None
    holder, tier = _holder(row, event, turn), event.fact.tier or (turn.tier if turn else None)
    if turn is None:
        return replace(row, turns=(*row.turns, Stretch(row.cycle, at, None, holder, tier)))
    if (turn.who, turn.tier) == (holder, tier):
        return row
    over = replace(turn, end=max(turn.start, at))
    return replace(row, turns=(*row.turns[:-1], over, Stretch(row.cycle, max(turn.start, at), None, holder, tier)))


def _holder(row: Row, event: Recorded[Told], turn: Stretch | None) -> str:
    """Say who holds it: as the event says, else nobody, somebody outside, or whoever had it."""
    fact = event.fact
    if event.name == "decision-orphaned":
        return "nobody"
    if event.name in OUTSIDE:
        return "outside"
    if event.name == "mediation-ended":
        inside = [turn.who for turn in row.turns if turn.cycle == row.cycle and turn.who != "outside"]
        return inside[-1] if inside else "unknown"
    if fact.held_by is not None:
        return fact.held_by if fact.holder is None else f"{fact.held_by}:{fact.holder}"
    if fact.holder is not None:
        return f"party:{fact.holder}"
    return turn.who if turn else "unknown"


def _ended(row: Row, at: int) -> Row:
    first = next((turn.start for turn in row.turns if turn.cycle == row.cycle), at)
    end = max(at, first)
    return replace(
        row,
        ended_at=end,
        last_at=end,
        turns=_cut(row.turns, row.cycle, end),
        owed=_cut(row.owed, row.cycle, end),
        contested=_cut(row.contested, row.cycle, end),
        paused=_cut(row.paused, row.cycle, end),
    )


def _ended_earlier(row: Row, event: Recorded[Told]) -> Row:
    taken_back = event.name in {"decision-made", "status-quo-imposed", "decision-withdrawn"}
    return _ended(row, event.at) if taken_back and row.turns and event.at < (row.ended_at or 0) else row


def _cut(stretches: tuple[Stretch, ...], cycle: int, end: int) -> tuple[Stretch, ...]:
    return tuple(
        stretch
        if stretch.cycle != cycle
        else replace(stretch, end=end if stretch.end is None else min(stretch.end, end))
        for stretch in stretches
        if stretch.cycle != cycle or stretch.start <= end
    )


def _begun(stretches: tuple[Stretch, ...], new: Stretch) -> tuple[Stretch, ...]:
    running = any(s.who == new.who and s.end is None for s in stretches)
    return stretches if running else (*stretches, new)


def _stopped(stretches: tuple[Stretch, ...], at: int, *, who: str | None) -> tuple[Stretch, ...]:
    return tuple(
        replace(s, end=max(at, s.start)) if s.end is None and (who is None or s.who == who) else s for s in stretches
    )


def _work(fact: Told) -> Work:
    start, end = int(fact.from_ or 0), int(fact.to or 0)
    return Work(start, max(start, end), fact.party or "", fact.hours, fact.people, fact.meetings)
