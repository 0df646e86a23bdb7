"""Governance out of a log: as at an instant, as known at a position; and the clerk that writes what is due."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.charter_files import adopted_on, compile_charter
from adapters.event_log import Log
from adapters.handling import Handler, events_of
from adapters.items import digest_of
from domain.calendars import ONE_DAY
from domain.charter.rules import Rules
from domain.clocks import day_of, start_of
from domain.events import EVENTS
from domain.governance.clerk import due_reports
from domain.governance.governing import governance_of
from domain.governance.replaying import CLERK, Amends, replayed
from domain.governance.state import Governance
from domain.governance.told import Report
from domain.metric import lapsed_horizons
from domain.recorded import Envelope, Recorded
from domain.values import MessageKey

MICROSECONDS = 1_000_000
CLERK_EVENTS_MAX = 1_000_000
MESSAGE_ID_CHARACTERS_MAX = 200
KINDS = {kind.__name__: kind for kind in EVENTS.values()}


@dataclass(frozen=True, slots=True)
class Known:
    """Governance as at an instant in seconds, and as known to every later signature; the position it was read at."""

    as_at: Governance
    as_known: Governance
    position: int
    events: tuple[Recorded[Any], ...]


def governance_known(log: Log, alliance: str, *, at: int, position: int) -> Known:
    """Return governance of an alliance as at an instant, from what was known at a position."""
    events = tuple(events_of(log, alliance, upto=position))
    return Known(governance_of(events, until=at), governance_of(events), position, events)


def under(known: Known, document: Mapping[str, Any], seconds: int) -> tuple[Governance, Rules]:
    """Return governance as it would be at an instant had this charter been in force all along, and its rules."""
    rules = _rules_since(known, document, seconds)
    return replayed([one for one in known.events if one.meta.effective_at <= seconds], rules, seconds), rules


def amended(
    known: Known, before: Mapping[str, Any], after: Mapping[str, Any], *, speaks_from: int, seconds: int
) -> tuple[Governance, Governance, Rules]:
    """Return governance at an instant under a charter, under its amendment from its day on, and the amendment's rules.

    Instants in seconds. What was open when the amendment speaks keeps the clocks that run, as in a log.
    """
    events = [one for one in known.events if one.meta.effective_at <= seconds]
    old, new = (_rules_since(known, document, seconds) for document in (before, after))
    return replayed(events, old, seconds), replayed(events, old, seconds, Amends(new, speaks_from)), new


def _rules_since(known: Known, document: Mapping[str, Any], seconds: int) -> Rules:
    """Return the rules of a charter with calendars that reach back to the first event."""
    rules = compile_charter(document)
    first = date.fromtimestamp(min((one.meta.effective_at for one in known.events), default=seconds))  # noqa: DTZ012 - a year is enough
    return compile_charter(document, adopted=first) if adopted_on(rules.charter).year > first.year else rules


def clerk(handler: Handler, alliance: str, *, now: int, simulated: bool) -> Iterator[Report]:
    """Write what is due in an alliance at an instant in seconds, and yield each report that was written.

    An event's identity is its item, cycle, visit, deadline and due day, so a second clerk writes nothing twice.
    """
    passed: set[tuple[str, ...]] = set()
    for _ in range(CLERK_EVENTS_MAX):
        due = [one for one in due_reports(handler.book(alliance).governance, now) if one.identity not in passed]
        if not due:
            yield from _lapsed_horizons(handler, alliance, now=now, simulated=simulated)
            return
        report = due[0]
        passed.add(report.identity)
        if not _written(handler, alliance, report, now=now, simulated=simulated):
            continue
        yield report


def _lapsed_horizons(handler: Handler, alliance: str, *, now: int, simulated: bool) -> Iterator[Report]:
    """Write, once for each, that the horizon of a metric has passed: it holds no longer for anybody."""
    zone = _zone(handler, alliance, now)
    for lapse in lapsed_horizons(handler.book(alliance), day_of(now, zone)):
        report = Report(
            name="UnderstandingUnsettled",
            fields=lapse.model_dump(exclude_unset=True, mode="json"),
            seconds=start_of(date.fromisoformat(str(lapse.of)) + ONE_DAY, zone),
            identity=("horizon", lapse.understanding, str(lapse.of)),
        )
        if _written(handler, alliance, report, now=now, simulated=simulated):
            yield report


def _zone(handler: Handler, alliance: str, at: int) -> str:
    governance = handler.book(alliance).governance
    return governance.rules_at(at).zone if governance.charters else "UTC"


def _written(handler: Handler, alliance: str, report: Report, *, now: int, simulated: bool) -> bool:
    said = json.loads(json.dumps(report.fields, default=str))
    fact = KINDS[report.name].model_validate_json(json.dumps(said))
    envelope = Envelope(
        alliance=alliance,
        effective_at=report.seconds,
        precision="day",
        zone=_zone(handler, alliance, report.seconds),
        recorded_at=now * MICROSECONDS if simulated else None,
        message=MessageKey(CLERK, _message_id(alliance, report)),
    )
    receipt = handler.handle(fact, envelope, digest=digest_of({"report": report.name, **said}))
    return not receipt.repeated


def _message_id(alliance: str, report: Report) -> str:
    name = "/".join((alliance, *report.identity))
    if len(name) <= MESSAGE_ID_CHARACTERS_MAX:
        return name
    return hashlib.sha256(name.encode()).hexdigest()
