"""The fold: governance after one more event. Pure, total, and blind to what it does not know."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from domain.calendars import Closure
from domain.charter.rules import Rules
from domain.charter.words import LengthOf
from domain.governance.bodies import (
    assumed,
    constituted,
    disbanded,
    found,
    proxied,
    seated,
    succeeded,
    vacated,
)
from domain.governance.conditions import event_is, holds
from domain.governance.contradicting import late, overtaken
from domain.governance.decisions import CHANGES, appealed, considered, ended, escalated, lapsed, paused, raised, resumed
from domain.governance.duties import deemed, meeting_notice, met, minuted, minutes, notice, obligation
from domain.governance.pausing import nothing_resumes, rounded_end, toll_for
from domain.governance.starting import ended_early, started_by, stopped_by
from domain.governance.state import Clock, Governance, Item
from domain.governance.timing import due_of
from domain.governance.told import Told, day_from
from domain.governance.versions import CHARTER_EVENTS, chartered
from domain.replacing import replace

Fold = Callable[[Governance, Rules, Told], Governance]
ENDINGS = ("DecisionMade", "StatusQuoImposed", "DecisionWithdrawn")
AFTER_THE_END = ("DecisionReopened", "DecisionReversed", "DecisionVoided", "DecisionSuperseded")
MINUTES_EVENTS = ("MinutesDrafted", "MinutesApproved", "MinutesFinalized", "MinutesCorrected")
KEPT_HAPPENINGS = (
    "AllianceStageEntered", "AllianceLaunched", "AllianceRelaunched", "WindDownStarted", "PartyOptedOut",
    "PartySucceeded", "WorkStreamOpened", "WorkStreamClosed", "BodyDisbanded", "ReorganizationCompleted",
)  # fmt: skip
CLERK_NOUNS = ("obligation", "appeal", "minutes", "notice", "seat")


def evolve(state: Governance, told: Told) -> Governance:
    """Return the state after an event. Before a charter is adopted nothing is kept."""
    if told.name in CHARTER_EVENTS:
        return chartered(state, told)
    if not state.charters:
        return state
    rules = state.rules_at(told.seconds)
    if told.name in KEPT_HAPPENINGS:
        state = replace(state, happened=(*state.happened, told))
    fold = FOLDS.get(told.name)
    before = state
    state = fold(state, rules, told) if fold else state
    return _counted(before, state, rules, told)


def _decision_folded(state: Governance, rules: Rules, told: Told) -> Governance:
    item = state.item("decision", str(told["decision"]))
    if item is None:
        return state
    own = state.rules_of(item, told.seconds)
    if told.name == "DecisionEscalated" and told["appeal"]:
        known = state.item("appeal", str(told["appeal"]))
        return state.with_item(escalated(state, own, known, told) if known else appealed(state, own, item, told))
    if item.status == "ended" and told.name not in AFTER_THE_END:
        if told.name not in ENDINGS or item.ended_on is None or told.day >= item.ended_on:
            return state.with_item(found(item, told))
        item = overtaken(item, told)
    elif told.name in ENDINGS:
        item = late(item, told)
    item = ended_early(CHANGES[told.name](state, own, item, told), told)
    if item.status == "open":
        item = stopped_by(started_by(own, item, told), told)
    return state.with_item(found(item, told))


def _raised(state: Governance, rules: Rules, told: Told) -> Governance:
    version = state.version_at(told.seconds)
    return state.with_item(raised(state, version.rules, told, version.version))


def _held(state: Governance, rules: Rules, told: Told) -> Governance:
    meeting = told.text("meeting")
    state = _next_meeting(state, str(told["body"]), told.day)
    state = replace(state, meetings={**state.meetings, meeting or told.id: told})
    for one in told["considered"] or ():
        item = state.item("decision", str(one["decision"]))
        if item is not None and item.status == "open":
            own = state.rules_of(item, told.seconds)
            state = state.with_item(found(considered(state, own, item, told, str(one["result"])), told))
    owed = minutes(state, rules, told, state.version_at(told.seconds).version)
    if owed is not None:
        state = state.with_item(owed)
    called_by = state.notices_of_meetings.get(meeting or "")
    if called_by is None or (called := state.item("notice", called_by)) is None:
        return state
    return state.with_item(found(called, told))


def _convened(state: Governance, rules: Rules, told: Told) -> Governance:
    state = _next_meeting(state, str(told["body"]), day_from(told["for"]))
    if told["notice"] is None:
        return state
    item = meeting_notice(state, rules, told, state.version_at(told.seconds).version)
    called = {**state.notices_of_meetings, str(told["meeting"]): item.id}
    return replace(state, notices_of_meetings=called).with_item(item)


def _next_meeting(state: Governance, body: str, day: date | None) -> Governance:
    """Give the day of the next meeting to the clocks that run until it."""
    if day is None:
        return state
    for item in tuple(state.items.values()):
        waiting = item.status == "open" and body in (item.body, item.place)
        if waiting and any(clock.length.unit == "next_meeting" for clock in item.clocks):
            clocks = tuple(
                replace(clock, extended_to=clock.extended_to or day)
                if clock.length.unit == "next_meeting" and clock.started and clock.started < day
                else clock
                for clock in item.clocks
            )
            state = state.with_item(replace(item, clocks=clocks))
    return state


def _minuted(state: Governance, rules: Rules, told: Told) -> Governance:
    item = state.item("minutes", str(told["meeting"]))
    if item is None:
        return state
    own = state.rules_of(item, told.seconds)
    return state.with_item(found(minuted(state, own, item, told), told))


def _obliged(state: Governance, rules: Rules, told: Told) -> Governance:
    version = state.version_at(told.seconds).version
    return state.with_item(obligation(state, rules, told, version))


def _obligation_met(state: Governance, rules: Rules, told: Told) -> Governance:
    item = state.item("obligation", str(told["obligation"]))
    if item is None:
        return state
    deemed_later = item.status == "ended" and item.ended_on is not None and told.day < item.ended_on
    item = overtaken(item, told) if deemed_later else late(item, told)
    return state.with_item(found(met(item, told), told))


def _notified(state: Governance, rules: Rules, told: Told) -> Governance:
    item = notice(state, rules, told, state.version_at(told.seconds).version)
    state = state.with_item(item)
    if told.name == "NoticeReceived" and told["decision"] and item.received:
        return _decision_folded(state, rules, replace(told, day=item.received))
    return state


def _acknowledged(state: Governance, rules: Rules, told: Told) -> Governance:
    if told["notice"] is None:
        return _decision_folded(state, rules, told)
    item = state.item("notice", str(told["notice"]))
    return state if item is None else state.with_item(replace(item, received=item.received or told.day))


def _clocks_of(state: Governance, told: Told) -> list[Item]:
    for noun in ("decision", "obligation", "notice"):
        if told[noun] is not None:
            found = state.item(noun, str(told[noun]))
            return [found] if found else []
    return [item for item in state.items.values() if item.opened["work_stream"] == told["work_stream"]]


def _paused(state: Governance, rules: Rules, told: Told) -> Governance:
    for item in _clocks_of(state, told):
        own = state.rules_of(item, told.seconds)
        if toll_for(state, own, item, told) is None:
            state = state.with_item(found(item, told))
            continue
        part = told.text("part")
        if part is None:
            state = state.with_item(found(replace(item, clocks=paused(item.clocks, told)), told))
        else:
            clocks = paused(item.parts.get(part, item.clocks), told)
            state = state.with_item(found(replace(item, parts={**item.parts, part: clocks}), told))
    return state


def _resumed(state: Governance, rules: Rules, told: Told) -> Governance:
    for item in _clocks_of(state, told):
        part = told.text("part")
        if nothing_resumes(state, state.rules_of(item, told.seconds), item, told):
            state = state.with_item(ended(item, told, outcome="not_owed"))
            continue
        if part is None:
            clocks = resumed(item.clocks, told)
            state = state.with_item(replace(item, clocks=tuple(_rounded(state, item, clock, told) for clock in clocks)))
        else:
            clocks = resumed(item.parts.get(part, item.clocks), told)
            state = state.with_item(replace(item, parts={**item.parts, part: clocks}))
    return state


def _rounded(state: Governance, item: Item, clock: Clock, told: Told) -> Clock:
    rules = state.rules_of(item, told.seconds)
    end = rounded_end(rules, item, clock, due_of(state, rules, replace(clock, pauses=(), extended_to=None)))
    return clock if end is None or clock.over else replace(clock, extended_to=end)


def _calendar_amended(state: Governance, rules: Rules, told: Told) -> Governance:
    plus = tuple(_closure(one) for one in told["plus"] or ())
    minus = tuple(_closure(one) for one in told["minus"] or ())
    state = replace(state, amendments=(*state.amendments, (plus, minus)))
    moves, version = told["open_clocks"] == "move", len(state.amendments)
    for item in tuple(state.items.values()):
        clocks = tuple(
            replace(clock, calendar_version=version)
            if (moves or clock.started is None) and not clock.over and not clock.lapsed_by
            else clock
            for clock in item.clocks
        )
        state = state.with_item(replace(item, clocks=clocks))
    return state


def _closure(one: Mapping[str, Any]) -> Closure:
    return Closure(day=one["day"], place=one.get("place"), name=one.get("name"))


def _flipped(state: Governance, rules: Rules, told: Told) -> Governance:
    trigger = str(told["trigger"])
    index = int(trigger.removeprefix("flip-")) if trigger.removeprefix("flip-").isdigit() else -1
    if index < 0:
        return replace(state, moved_rights=(*state.moved_rights, told))
    if index in state.flipped:
        return state
    return replace(state, flipped={**state.flipped, index: (told.day, told.id)})


def _term_changed(state: Governance, rules: Rules, told: Told) -> Governance:
    """Shorten or set a limit of a body: for what comes, and for the clocks that run there."""
    try:
        length = LengthOf.model_validate(told["value"]).length()
    except ValidationError:
        return state
    body, term = str(told["body"]), str(told["term"])
    state = replace(state, terms={**state.terms, (body, term): length})
    for item in tuple(state.items.values()):
        clocks = tuple(
            replace(clock, length=length)
            if clock.place == body and term in (clock.id, clock.kind) and not clock.over and not clock.lapsed_by
            else clock
            for clock in item.clocks
        )
        if clocks != item.clocks:
            state = state.with_item(replace(item, clocks=clocks))
    return state


def _clause_confirmed(state: Governance, rules: Rules, told: Told) -> Governance:
    key = (str(told["version"]), str(told["clause"]))
    by = tuple(dict.fromkeys((*state.confirmed.get(key, ()), str(told["party"]))))
    return replace(state, confirmed={**state.confirmed, key: by})


def _opted_out(state: Governance, rules: Rules, told: Told) -> Governance:
    return replace(state, opted_out=(*state.opted_out, str(told["party"])))


def _item_lapsed(state: Governance, rules: Rules, told: Told) -> Governance:
    kind = next((noun for noun in CLERK_NOUNS if told[noun] is not None), "")
    item = state.item(kind, str(told[kind])) if kind else None
    if item is None:
        return state
    own = state.rules_of(item, told.seconds)
    part = told.text("part")
    if part is not None:
        clocks = lapsed(state, own, replace(item, clocks=item.parts.get(part, ())), told).clocks
        return state.with_item(replace(item, parts={**item.parts, part: clocks}))
    return state.with_item(lapsed(state, own, item, told))


def _item_deemed(state: Governance, rules: Rules, told: Told) -> Governance:
    kind = next((noun for noun in CLERK_NOUNS if told[noun] is not None), "")
    item = state.item(kind, str(told[kind])) if kind else None
    return state if item is None else state.with_item(deemed(state, state.rules_of(item, told.seconds), item, told))


def _counted(before: Governance, state: Governance, rules: Rules, told: Told) -> Governance:
    for name, counter in rules.charter.counters.items():
        if not event_is(counter.counts, told):
            continue
        item = before.item("decision", told.text("decision") or "")
        if holds(counter.when, before, rules, item, told.seconds):
            uses = (*state.counted.get(name, ()), (told.day, told.id))
            state = replace(state, counted={**state.counted, name: uses})
    return state


FOLDS: dict[str, Fold] = {
    **dict.fromkeys(CHANGES, _decision_folded),
    **dict.fromkeys(MINUTES_EVENTS, _minuted),
    "DecisionRaised": _raised,
    "DecisionInherited": _raised,
    "MeetingHeld": _held,
    "MeetingConvened": _convened,
    "ObligationStarted": _obliged,
    "ObligationMet": _obligation_met,
    "ReceiptAcknowledged": _acknowledged,
    "ProxyGranted": proxied,
    "NoticeSent": _notified,
    "NoticeReceived": _notified,
    "ClockPaused": _paused,
    "ClockResumed": _resumed,
    "SeatFilled": seated,
    "SeatVacated": vacated,
    "BodyConstituted": constituted,
    "BodyDisbanded": disbanded,
    "ResponsibilitiesAssumed": assumed,
    "PartySucceeded": succeeded,
    "CalendarAmended": _calendar_amended,
    "DecisionRightsFlipped": _flipped,
    "PartyOptedOut": _opted_out,
    "ClauseConfirmed": _clause_confirmed,
    "DelegatedTermChanged": _term_changed,
    "LimitLapsed": _item_lapsed,
    "OutcomeDeemed": _item_deemed,
}


def folded(state: Governance, events: Iterable[Told]) -> Governance:
    """Return the state after several events."""
    for told in events:
        state = evolve(state, told)
    return state
