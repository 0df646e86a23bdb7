"""Rows folded in memory from facts, as the follower would fold them."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from domain.events import decision as told
from domain.events.alliance import HistoryImported
from domain.events.event import Event
from domain.events.obligation import ClockPaused, ClockResumed
from domain.recorded import Meta, Recorded
from projections import (
    alignment,
    approvals,
    ball_in_court,
    decision_times,
    flow,
    meeting_times,
    periods,
    tier_visits,
)
from projections.measures.asking import Rows
from projections.projection import Projection
from tests.given import as_read
from tests.oracles import PEPS, epoch, peps_rows

READ: dict[str, Projection] = {
    "decision_times": decision_times,
    "ball_in_court": ball_in_court,
    "tier_visits": tier_visits,
    "flow": flow,
    "approvals": approvals,
    "meeting_times": meeting_times,
    "periods": periods,
}
Fact = tuple[int, Event]


def folded(alliance: str, facts: Iterable[Fact]) -> Rows:
    """Return the rows after facts, each with its effective instant."""
    events = [
        Recorded(
            fact=fact,
            name=fact.NAME,
            meta=Meta(alliance=alliance, event_id=f"e{position}", effective_at=at),
            position=position,
            stream=fact.stream(alliance),
            version=position,
            recorded_at=at * 1_000_000,
        )
        for position, (at, fact) in enumerate(facts, start=1)
    ]
    return rows_of(events)


def rows_of(events: Sequence[Recorded[Any]]) -> Rows:
    """Return the rows after events."""
    tables: dict[str, Any] = {name: list(fold(projection, events).values()) for name, projection in READ.items()}
    return Rows(**tables, alignment=fold(alignment, events))


def fold(projection: Projection, events: Iterable[Recorded[Any]]) -> dict[tuple[str, ...], Any]:
    """Return the rows of one read model, by key."""
    rows: dict[tuple[str, ...], Any] = {}
    for event in events:
        seen = as_read(projection, event)
        if seen is not None:
            for key in projection.keys(seen):
                rows[key] = projection.evolve(rows.get(key), seen)
    return {key: row for key, row in rows.items() if row is not None}


OUTCOMES = {"T+": "accepted", "T-": "rejected", "Tw": "withdrawn", "Ts": "superseded"}


@cache
def peps() -> Rows:
    """Return the rows of the 741 proposals."""
    history = HistoryImported(source="peps", sha256="0" * 64, rows=1805, decisions=741, selected_on="start")
    facts: list[Fact] = [(epoch(PEPS["meta"]["cut_off"]), history)]
    for row in peps_rows("events_core"):
        facts += [(epoch(row["timestamp"]), fact) for fact in _told(row)]
    return folded("python", facts)


def _told(row: dict[str, str]) -> list[Event]:
    decision, kind, stage = row["decision_id"], row["class"], row["stage"]
    paused: list[Event] = [ClockPaused(decision=decision)] if kind == "P" else []
    match row["event"]:
        case "proposed" if kind.startswith("T"):
            return [told.DecisionInherited.model_validate({"decision": decision, "status": OUTCOMES[kind]})]
        case "proposed":
            raised = told.DecisionRaised(
                decision=decision, attributes={"party": row["party"]}, tier=stage, body="python"
            )
            return [raised, *paused]
        case "parked":
            return [ClockPaused(decision=decision), told.AttributesStated(decision=decision, tier=stage)]
        case "resumed":
            return [ClockResumed(decision=decision), told.AttributesStated(decision=decision, tier=stage)]
        case "decided" | "rejected":
            return [told.DecisionMade(decision=decision, outcome=OUTCOMES[kind])]
        case "withdrawn":
            return [told.DecisionWithdrawn(decision=decision)]
        case "superseded":
            return [told.DecisionSuperseded(decision=decision)]
        case "reversed":
            return [told.DecisionReversed(decision=decision, outcome=OUTCOMES[kind])]
        case "reopened":
            return [told.DecisionReopened(decision=decision, tier=stage, body="python"), *paused]
        case _:
            return []
