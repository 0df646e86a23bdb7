"""Governance beside the book: folded with it, and asked before a fact is recorded."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from domain.charter.compile import checked, parsed
from domain.charter.rules import Rules
from domain.clocks import day_of
from domain.commands import governance as wishes
from domain.commands.command import Command
from domain.corrections import in_effect
from domain.errors import Refused, Unreadable
from domain.events.charter import CharterAmended
from domain.events.event import Event
from domain.governance.amending import body_lost
from domain.governance.ending_calendars import clocks_beyond
from domain.governance.fold import evolve
from domain.governance.judging import faults
from domain.governance.state import Governance
from domain.governance.told import Told, fields_of, told_of
from domain.governance.versions import CHARTER_EVENTS, rules_of_document
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.values import Finding

if TYPE_CHECKING:
    from domain.book import Book

UTC = "UTC"
CHARTER_WISHES = (wishes.DraftCharter, wishes.AmendCharter)


def governed(
    message: Command | Event, decided: list[Decided[Any]], book: "Book", envelope: Envelope
) -> list[Decided[Any]]:
    """Return facts with what the charter in force finds about them. Raise Refused for a command that it forbids."""
    if isinstance(message, CHARTER_WISHES):
        _compiles(message)
    if not book.governance.charters:
        return decided
    decided = [_with_bodies(message, one, book.governance, envelope) for one in decided]
    return [_judged(message, one, book.governance, envelope) for one in decided]


def _with_bodies(message: Command | Event, one: Decided[Any], state: Governance, envelope: Envelope) -> Decided[Any]:
    """Return an amendment with a finding for each open item it leaves without a body. Raise Refused for a command."""
    if not isinstance(one.fact, CharterAmended) or not one.fact.charter:
        return one
    try:
        rules = rules_of_document(one.fact.charter)
    except Unreadable:
        return one
    in_force = state.rules_at(envelope.effective_at)
    left = [
        (item, body)
        for item in state.items.values()
        if item.status == "open" and (body := body_lost(rules, item, in_force))
    ]
    if left and isinstance(message, Command):
        says = ", ".join(f"{item.id} at {body}" for item, body in left)
        raise Refused(
            f"bodies.{left[0][1]}: open items would have no body: {says}",
            rule="items_keep_a_body",
            clause=_clause_of_body(in_force, left[0][1]),
            because_of=tuple(item.opened.id for item, _ in left),
        )
    found = tuple(
        Finding("items_keep_a_body", _clause_of_body(in_force, body), (item.opened.id,)) for item, body in left
    )
    return replace(one, findings=(*one.findings, *found))


def _clause_of_body(rules: Rules, name: str) -> str | None:
    body = rules.body(name)
    return body.clause if body else None


def _within_calendars(state: Governance, told: Told) -> None:
    """Raise Refused where a command would let a clock run past the end of its calendar: its day is never guessed."""
    for clock, item, says in clocks_beyond(state, told):
        raise Refused(
            f"the {clock.kind} of {item.kind} {item.id} has no due day: {says}",
            rule="calendar_ends",
            clause=clock.clause,
        )


def _compiles(message: wishes.DraftCharter | wishes.AmendCharter) -> None:
    try:
        checked(parsed(message.charter))
    except Unreadable as unreadable:
        raise Refused("; ".join(unreadable.faults), rule="charter_compiles") from None


def _judged(message: Command | Event, one: Decided[Any], state: Governance, envelope: Envelope) -> Decided[Any]:
    zone = state.rules_at(envelope.effective_at).zone
    told = Told(
        name=type(one.fact).__name__,
        fields=fields_of(one.fact),
        seconds=envelope.effective_at,
        day=day_of(envelope.effective_at, zone),
    )
    broken = faults(state, told)
    if broken and isinstance(message, Command):
        first = broken[0]
        raise Refused(first.says, rule=first.rule, clause=first.clause, because_of=first.because_of)
    if isinstance(message, Command):
        _within_calendars(state, told)
    found = [Finding(each.rule, each.clause, each.because_of) for each in broken if not each.only_commands]
    if not found and one.charter_version:
        return one
    version = state.version_at(envelope.effective_at).version
    return Decided(one.fact, (*one.findings, *found), one.clause or _clause(found), one.charter_version or version)


def _clause(found: list[Finding]) -> str | None:
    return found[0].clause if found else None


def told_on(state: Governance, recorded: Recorded[Any]) -> Governance:
    """Return governance after one more recorded event."""
    if not state.charters and type(recorded.fact).__name__ not in CHARTER_EVENTS:
        return state
    zone = state.rules_at(recorded.meta.effective_at).zone if state.charters else UTC
    return evolve(state, told_of(recorded, zone))


def governance_of(events: Iterable[Recorded[Any]], *, until: int | None = None) -> Governance:
    """Return governance after all events in effect; with `until`, only those effective by then, charters aside.

    `until` is in seconds. What a party signed later still binds from the day that its charter names.
    """
    state = Governance()
    for recorded in in_effect(events):
        charter = type(recorded.fact).__name__ in CHARTER_EVENTS
        if until is None or charter or recorded.meta.effective_at <= until:
            state = told_on(state, recorded)
    return state
