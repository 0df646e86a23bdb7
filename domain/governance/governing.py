"""Governance beside the book: folded with it, and asked before a fact is recorded."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.charter.rules import Rules
from domain.clocks import day_of
from domain.commands import governance as wishes
from domain.commands.command import Command
from domain.corrections import in_effect
from domain.errors import Refused, Unreadable
from domain.events.charter import CharterAmended
from domain.events.event import Event
from domain.governance.fold import evolve
from domain.governance.judging import faults
from domain.governance.state import Governance, Item
from domain.governance.told import Told, fields_of, told_of
from domain.governance.versions import CHARTER_EVENTS, rules_of_document
from domain.recorded import Decided, Envelope, Recorded
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
    decided = [_with_bodies(message, one, book.governance) for one in decided]
    return [_judged(message, one, book.governance, envelope) for one in decided]


def _with_bodies(message: Command | Event, one: Decided[Any], state: Governance) -> Decided[Any]:
    """Return an amendment with a finding for each open item it leaves without a body. Raise Refused for a command."""
    if not isinstance(one.fact, CharterAmended) or not one.fact.charter:
        return one
    try:
        rules = rules_of_document(one.fact.charter)
    except Unreadable:
        return one
    left = [item for item in state.items.values() if item.status == "open" and _homeless(rules, item)]
    if left and isinstance(message, Command):
        says = ", ".join(f"{item.id} at {item.place}" for item in left)
        because = tuple(item.opened.id for item in left)
        raise Refused(
            f"bodies.{left[0].place}: open items would have no body: {says}",
            rule="items_keep_a_body",
            because_of=because,
        )
    found = tuple(Finding("items_keep_a_body", because_of=(item.opened.id,)) for item in left)
    return replace(one, findings=(*one.findings, *found))


def _homeless(rules: Rules, item: Item) -> bool:
    here = item.kind in ("decision", "appeal") and item.place not in ("", "nobody")
    return here and rules.body(item.place) is None and not rules.is_end(item.place)


def _compiles(message: wishes.DraftCharter | wishes.AmendCharter) -> None:
    try:
        rules_of_document(message.charter)
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
