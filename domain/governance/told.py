"""An event as governance reads it: its name, its fields, and its day in the charter's zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from domain.clocks import day_of
from domain.recorded import Recorded

MICROSECONDS_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """What was told: by a recorded event, or by a message that asks for one.

    `seconds` is the effective time, `known` the recorded time in seconds; `id` names the event in answers.
    """

    name: str
    fields: Mapping[str, Any]
    seconds: int
    day: date
    id: str = ""
    known: int = 0
    findings: tuple[str, ...] = ()

    def __getitem__(self, key: str) -> Any:
        return self.fields.get(key)

    def text(self, key: str) -> str | None:
        """Return a field as text, or None."""
        value = self.fields.get(key)
        return None if value is None else str(value)

    def day_in(self, *keys: str) -> date:
        """Return the first of these fields that holds a day, else the day of the event."""
        return next((day for key in keys if (day := day_from(self.fields.get(key)))), self.day)

    def names(self, key: str) -> tuple[str, ...]:
        """Return a field that holds one name or several as a tuple."""
        value = self.fields.get(key)
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else tuple(str(one) for one in value)


@dataclass(frozen=True, slots=True)
class Report:
    """What the clerk, or a message, wants recorded: an event by name, its fields, when it was so, and its identity."""

    name: str
    fields: Mapping[str, Any]
    seconds: int
    identity: tuple[str, ...] = ()
    clause: str | None = None
    because_of: tuple[str, ...] = field(default=())


def told_of(recorded: Recorded[Any], zone: str) -> Told:
    """Return a recorded event as governance reads it."""
    return Told(
        name=type(recorded.fact).__name__,
        fields=fields_of(recorded.fact),
        seconds=recorded.meta.effective_at,
        day=day_of(recorded.meta.effective_at, zone),
        id=recorded.meta.event_id,
        known=recorded.recorded_at // MICROSECONDS_PER_SECOND,
        findings=tuple(one.clause or one.rule for one in recorded.meta.findings),
    )


def fields_of(message: BaseModel) -> dict[str, Any]:
    """Return the fields of a message by the words of the wire, those left out left out."""
    return message.model_dump(by_alias=True, exclude_none=True)


def day_from(value: Any) -> date | None:
    """Return a value as a day where it is one: a date, an ISO date, or seconds since 1970."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC).date()
    return None
