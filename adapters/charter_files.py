"""Charters as files: read, compiled, their calendars frozen as dates."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from adapters.holiday_calendars import frozen_calendar
from adapters.items import load_rules, plain
from domain.calendars import FrozenCalendar
from domain.charter.compile import calendars_of, checked, compiled, parsed
from domain.charter.language import WEEKDAYS, CalendarOf, Charter
from domain.charter.rules import Rules
from domain.charter.settings import merged
from domain.commands.command import Command
from domain.errors import Unreadable
from domain.events.event import Event

CHARTER_BYTES_MAX = 2_000_000
CALENDAR_YEARS = 30


def read_charter(path: Path) -> dict[str, Any]:
    """Return the document of a charter file, YAML 1.2 or JSON. Raise Unreadable with its place."""
    if path.stat().st_size > CHARTER_BYTES_MAX:
        raise Unreadable(f"{path}: longer than {CHARTER_BYTES_MAX} bytes; a charter is rules, not the contract's text")
    document = plain(load_rules(path.read_text(encoding="utf-8"), str(path)))
    if not isinstance(document, dict):
        raise Unreadable(f"{path}: a charter is a mapping that begins with `id`")
    return document


def compile_charter(document: Mapping[str, Any], *settings: Mapping[str, Any], adopted: date | None = None) -> Rules:
    """Return the rules of a charter document under settings. Raise Unreadable with every fault by path and clause.

    Calendars without dates are frozen from the January before adoption for thirty years.
    """
    placed, warnings = merged(document, *settings)
    charter = checked(parsed(placed))
    return compiled(charter, frozen(charter, adopted or adopted_on(charter)), tuple(warnings))


def adopted_on(charter: Charter) -> date:
    """Return the day from which the calendars of a charter must be known: that of the contract, if it says so."""
    document = charter.document
    return (document and (document.in_effect_from or document.dated)) or date(2000, 1, 1)


def frozen(charter: Charter, adopted: date) -> dict[str, FrozenCalendar]:
    """Return the calendars of a charter as dates; one that is stored with its dates is taken as it is."""
    faults: list[str] = []
    found: dict[str, FrozenCalendar] = {}
    for name, calendar in calendars_of(charter).items():
        try:
            found[name] = calendar.frozen or _frozen(calendar, adopted)
        except Unreadable as unknown:
            path = "calendar" if name == "default" else f"calendars.{name}"
            faults += [f"{path}.places{_clause(calendar.clause)}: {fault}" for fault in unknown.faults]
    if faults:
        raise Unreadable(*faults)
    return found


def _clause(clause: str | None) -> str:
    return f" (clause {clause})" if clause else ""


def _frozen(calendar: CalendarOf, adopted: date) -> FrozenCalendar:
    first = calendar.first or date(adopted.year - 1, 1, 1)
    last = calendar.last or date(first.year + CALENDAR_YEARS, 12, 31)
    return frozen_calendar(
        places=calendar.places,
        first=first,
        last=last,
        plus=calendar.plus,
        minus=calendar.minus,
        weekend=tuple(WEEKDAYS.index(day) for day in calendar.weekend),
    )


def whole(charter: Charter, adopted: date) -> dict[str, Any]:
    """Return a charter as it is recorded: its document with every calendar frozen as dates."""
    stored = frozen(charter, adopted)
    document = charter.model_dump(mode="json", by_alias=True, exclude_unset=True)
    calendars: dict[str, Any] = {
        name: {
            **one.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "frozen": stored[name].model_dump(mode="json"),
        }
        for name, one in calendars_of(charter).items()
    }
    document["calendar"] = calendars.pop("default")
    return document | ({"calendars": calendars} if calendars else {})


def with_dates(message: Command | Event, effective_at: int) -> Command | Event:
    """Return a message that carries a charter with its calendars frozen as dates, any other message as it is.

    A charter that cannot be compiled is left to the rules, which name its faults. Raise Unreadable for a place that
    no calendar knows.
    """
    document = getattr(message, "charter", None)
    if not isinstance(document, Mapping) or not document:
        return message
    try:
        charter = parsed(document)
    except Unreadable:
        return message
    stored = whole(charter, datetime.fromtimestamp(effective_at, UTC).date())
    return message.model_copy(update={"charter": stored})


def faults_carried(message: Command | Event) -> tuple[str, ...]:
    """Return the faults of the charter that a message carries. A report is recorded all the same: it happened."""
    document = getattr(message, "charter", None)
    if not isinstance(document, Mapping) or not document:
        return ()
    try:
        compile_charter(document)
    except Unreadable as unreadable:
        return unreadable.faults
    return ()
