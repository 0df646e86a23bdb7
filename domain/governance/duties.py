"""How obligations, notices, minutes and seats come to be, and change with what is told about them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import CalendarEnds
from domain.charter.rules import Rules
from domain.charter.words import EventIs
from domain.clocks import Length, count, first_after
from domain.governance.conditions import event_is
from domain.governance.decisions import ended
from domain.governance.places import clock_of
from domain.governance.starting import started_by, stopped_by
from domain.governance.state import Clock, Governance, Item
from domain.governance.told import Told, day_from
from domain.replacing import replace

ONE_DAY = timedelta(days=1)
UNRULED = "unruled"


def obligation(state: Governance, rules: Rules, told: Told, version: str) -> Item:
    """Return an obligation that began, on the clock of the charter's rule, or until the day it was given."""
    name = str(told["obligation"])
    rule = rules.obligation(name, told.text("clause"), told.text("kind"))
    owed_by = str(told["owed_by"])
    obligor = owed_by if owed_by in state.parties(rules) else None
    item = Item(
        kind="obligation", id=name, opened=told, version=version, rule=rule.id or rule.clause if rule else None,
        owed_by=owed_by, owed_to=told.text("owed_to"), findings=told.findings,
    )  # fmt: skip
    if rule is None:
        return item if told["day"] is None else replace(item, clocks=(_until_day(told),))
    clock = clock_of(rule, place=rule.id or UNRULED, visit=0, calendar_version=len(state.amendments), obligor=obligor)
    start = _start(state, clock, told)
    clock = replace(
        clock,
        started=start,
        started_by=told.id if start else None,
        stated=day_from(told["planned"]) if rule.before else day_from(told["day"]),
    )
    return replace(item, clocks=(clock,))


def _until_day(told: Told) -> Clock:
    return Clock(
        id=str(told["kind"] or "limit"), kind="limit", length=Length("stated_day"), trigger="occurrence", visit=0,
        place=UNRULED, started=told.day, started_by=told.id, stated=day_from(told["day"]),
    )  # fmt: skip


def _start(state: Governance, clock: Clock, told: Told) -> date | None:
    match clock.trigger:
        case "notice_received":
            notice = state.item("notice", told.text("notice") or "")
            return day_from(told["received"]) or (notice.received if notice else None) or told.day
        case EventIs() as wanted:
            return told.day_in(wanted.day or "day") if event_is(wanted, told) else None
        case "unspecified" | "draft_received" | "first_meeting" | "panel_formed" | "decided":
            return None
        case _:
            return told.day_in("received")


def notice(state: Governance, rules: Rules, told: Told, version: str) -> Item:
    """Return a notice that was sent, or that arrived, with the day on which it counts as received.

    Past the end of the calendar that says on which days notices count, that day is unknown.
    """
    known = state.item("notice", str(told["notice"]))
    item = known or Item(kind="notice", id=str(told["notice"]), opened=told, version=version, findings=told.findings)
    if told.name == "NoticeSent":
        return replace(item, received=_if_known(received_on, state, rules, told))
    sent = known.opened.text("via") if known else None
    receipt = rules.charter.notices.by_means.get(sent or "", rules.charter.notices.otherwise)
    if known is not None and receipt.counts in ("on_acknowledgement", "never"):
        return item
    return replace(item, received=item.received or _if_known(counted_from, state, rules, told))


def _if_known(
    day: Callable[[Governance, Rules, Told], date | None], state: Governance, rules: Rules, told: Told
) -> date | None:
    try:
        return day(state, rules, told)
    except CalendarEnds:
        return None


def received_on(state: Governance, rules: Rules, told: Told) -> date | None:
    """Return the day on which a sent notice counts as received under the charter, or None where sending is not it."""
    rule = rules.charter.notices
    receipt = rule.by_means.get(told.text("via") or "", rule.otherwise)
    if receipt.counts != "on_sending":
        return None
    day = counted_from(state, rules, told)
    calendar = rules.calendars.get(rule.calendar) or rules.calendars["default"]
    if receipt.after:
        day = count(receipt.after.length(), day, calendar).due or day
    return calendar.open_from(day) if rule.only_on_open_days else day


def counted_from(state: Governance, rules: Rules, told: Told) -> date:
    """Return the day on which a notice counts where it arrives: after closing, or on a closed day, the next."""
    rule = rules.charter.notices
    calendar = rules.calendars.get(rule.calendar) or rules.calendars["default"]
    there = datetime.fromtimestamp(told.seconds, UTC).astimezone(ZoneInfo(told.text("received_in") or rules.zone))
    day = there.date()
    late = rule.cut_off_hour is not None and (there.hour, there.minute, there.second) > (rule.cut_off_hour, 0, 0)
    if late:
        day = day + ONE_DAY if not rule.only_on_open_days else calendar.next_open(day)
    return calendar.open_from(day) if rule.only_on_open_days else day


def meeting_notice(state: Governance, rules: Rules, told: Told, version: str) -> Item:
    """Return the notice of a meeting, on the clock of the least notice that the body asks for."""
    item = Item(
        kind="notice", id=str(told["notice"]), opened=told, version=version, body=told.text("body"),
        meeting=told.text("meeting"), received=told.day_in("received"), findings=told.findings,
    )  # fmt: skip
    body = rules.body(str(told["body"]))
    if body is None or body.meeting_notice is None:
        return item
    clock = clock_of(body.meeting_notice, place=item.body or "", visit=0, calendar_version=len(state.amendments))
    clock = replace(clock, kind="notice", started=told.day_in("received"), started_by=told.id)
    return replace(item, clocks=(clock,))


def minutes(state: Governance, rules: Rules, told: Told, version: str) -> Item | None:
    """Return the minutes that a meeting owes, or None where the charter has no rule for that body's minutes."""
    rule = rules.minutes_of(str(told["body"]))
    if rule is None or told["meeting"] is None:
        return None
    clocks = tuple(
        clock_of(deadline, place="minutes", visit=0, calendar_version=len(state.amendments))
        for deadline in rule.deadlines
    )
    started = tuple(
        replace(clock, started=told.day, started_by=told.id)
        if clock.trigger in ("meeting_held", "entered", "occurrence")
        else clock
        for clock in clocks
    )
    return Item(
        kind="minutes", id=str(told["meeting"]), opened=told, version=version, body=told.text("body"), clocks=started
    )


def minuted(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return minutes after a draft, an approval or their end."""
    item = stopped_by(started_by(rules, item, told), told)
    rule = rules.minutes_of(item.body or "")
    official = rule.official if rule else "finalized"
    match told.name:
        case "MinutesDrafted":
            return replace(item, drafted=True)
        case "MinutesApproved":
            by = told.names("party") or state.parties(rules)
            item = replace(item, approvals=(*item.approvals, *((party, told.id) for party in by)))
            everybody = {party for party, _ in item.approvals} >= set(state.parties(rules))
            return ended(item, told, outcome="official") if official == "each_party_approves" and everybody else item
        case "MinutesFinalized":
            return ended(item, told, outcome="official")
        case _:
            return item


def seat(state: Governance, rules: Rules, told: Told, version: str) -> Item:
    """Return a seat with its person, and with the day by which somebody is named again where the charter says so."""
    item = Item(
        kind="seat", id=str(told["seat"]), opened=told, version=version, body=told.text("body"),
        party=told.text("party"), person=told.text("person"), findings=told.findings,
    )  # fmt: skip
    return replace(item, clocks=_appointment(state, rules, item, told, told.day - ONE_DAY))


def _appointment(state: Governance, rules: Rules, item: Item, told: Told, day: date) -> tuple[Clock, ...]:
    terms = [rule for rule in rules.seat_rules(item.body or "") if rule.appointment]
    if not terms or terms[0].appointment is None:
        return ()
    term = terms[0].appointment
    length = term.length.length()
    fixed = length.unit == "fixed_date"
    start = first_after(day, length.month or 1, length.day or 1) if fixed else told.day
    return (
        Clock(
            id="appointment", kind="limit", length=length, trigger="occurrence", visit=0, place=item.body or "",
            calendar=term.calendar, calendar_version=len(state.amendments), roll=term.roll, obligor=item.party,
            started=start, started_by=told.id, then=term.then, clause=terms[0].clause,
        ),
    )  # fmt: skip


def deemed(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return an item whose silence had its outcome. A seat stays, and its next term begins."""
    if item.kind == "seat":
        clocks = _appointment(state, rules, item, told, told.day_in("due") - ONE_DAY)
        return replace(item, outcome=told.text("outcome"), method="deemed", ended_by=told.id, clocks=clocks)
    return ended(item, told, outcome=told.text("outcome"), method="deemed")


def met(item: Item, told: Told) -> Item:
    """Return an obligation that was met, or a part of it."""
    part = told.text("part")
    if part is not None:
        clocks = tuple(replace(clock, met=told.day) for clock in item.parts.get(part, item.clocks))
        return replace(item, parts={**item.parts, part: clocks})
    clocks = tuple(replace(clock, met=told.day) for clock in item.clocks)
    return ended(replace(item, clocks=clocks), told, outcome="met")
