"""Which event starts which clock, and which stops it."""

from collections.abc import Callable
from datetime import date

from domain.charter.rules import Rules
from domain.charter.words import EndOf, EventIs
from domain.governance.conditions import event_is
from domain.governance.places import lapsed_due, previous_due
from domain.governance.state import Clock, Governance, Item
from domain.governance.told import Told, day_from
from domain.replacing import replace

ATTENTION = "brought_to_attention"
PARTIES_TO_DISAGREE = 2
ENTRY_WORDS = ("entered", "submitted")


def started_on_entry(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision with the clocks started that its coming to a place starts."""
    how = item.visits[-1].how

    def day(clock: Clock) -> date | None:
        match clock.trigger:
            case "raised" | "entered" | "submitted":
                return told.day
            case "escalation" if how != "raised":
                return told.day
            case "brought_to_attention" if how != "raised":
                return told.day
            case "notice_received" | "first_notice":
                same_day = item.noticed_on if item.noticed_on == told.day else None
                return day_from(told["notice_received"]) or same_day
            case "last_submission" if set(item.submissions) >= set(state.parties(rules)):
                return told.day
            case "end_of_previous_tier":
                return previous_due(state, rules, item) or told.day
            case "occurrence":
                return told.day
            case EndOf(end_of=name):
                return lapsed_due(state, rules, item, name)
            case EventIs() as wanted if event_is(wanted, told):
                return told.day_in(wanted.day or "day")
        return None

    return started(item, day, told)


def started_by(rules: Rules, item: Item, told: Told) -> Item:
    """Return an item with the clocks started that an event about it starts."""
    return started(item, lambda clock: _day_of(rules, item, clock, told), told)


def started(item: Item, day: Callable[[Clock], date | None], told: Told) -> Item:
    """Return an item whose waiting clocks have started on the days that a rule gives them."""
    clocks = tuple(
        replace(clock, started=on, started_by=told.id)
        if clock.started is None and not clock.over and (on := day(clock)) is not None
        else clock
        for clock in item.clocks
    )
    return replace(item, clocks=clocks)


def stopped_by(item: Item, told: Told) -> Item:
    """Return an item with the clocks met that an event stops."""
    clocks = tuple(
        replace(clock, met=told.day) if not clock.over and _stops(clock, told) else clock for clock in item.clocks
    )
    return replace(item, clocks=clocks)


def _stops(clock: Clock, told: Told) -> bool:
    met = clock.kind == "meet_by" and told.name == "MeetingHeld" and told["body"] == clock.place
    return met or any(event_is(stop, told) for stop in clock.stops)


def ended_early(item: Item, told: Told) -> Item:
    """Return a decision whose running limits end on the day of a declaration that the charter names."""
    clocks = tuple(
        replace(clock, extended_to=told.day)
        if clock.ends_early and clock.started and not clock.over and not clock.lapsed_by
        and event_is(clock.ends_early, told)
        else clock
        for clock in item.clocks
    )  # fmt: skip
    return replace(item, clocks=clocks)


def after_lapse(item: Item, lapsed: str, due: date, told: Told) -> Item:
    """Return an item with the clocks started that wait for the end of another."""
    return started(item, lambda clock: due if clock.trigger == EndOf(end_of=lapsed) else None, told)


def _day_of(rules: Rules, item: Item, clock: Clock, told: Told) -> date | None:
    match clock.trigger, told.name:
        case EventIs() as wanted, _:
            return told.day_in(wanted.day or "day") if event_is(wanted, told) else None
        case "notice_received" | "first_notice", "NoticeReceived" if told["about"] != ATTENTION:
            return told.day
        case "brought_to_attention", "NoticeReceived" if _attention(item, told):
            return told.day
        case "dispute_arose", "NoticeReceived" if told["about"] != ATTENTION:
            return told.day
        case "dispute_arose", "PositionStated" if _disagree(item):
            return told.day
        case "first_meeting", "MeetingHeld" if item.held_at and item.held_at[-1] == (clock.place, told.day):
            return told.day
        case "meeting_held", "MeetingHeld" if told["body"] == clock.place:
            return told.day
        case "panel_formed", "ExpertsSelected":
            return told.day
        case "last_submission", "PositionsSubmitted" if set(item.submissions) >= set(rules.parties):
            return told.day
        case "approval", "ApprovalGiven":
            return told.day
        case "draft_received" | "receipt", "MinutesDrafted":
            return told.day_in("received")
    return None


def _attention(item: Item, told: Told) -> bool:
    return told["about"] == ATTENTION or item.place in told.names("to")


def _disagree(item: Item) -> bool:
    return len({position for _, position in item.positions}) >= PARTIES_TO_DISAGREE and (
        len({party for party, _ in item.positions}) >= PARTIES_TO_DISAGREE
    )
