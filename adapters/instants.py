"""Days and instants as people write them, and as they read them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import Unreadable
from domain.values import Effective


def instant_of(said: Any, zone: str | None, where: str) -> Effective:
    """Return a day or an instant with offset as effective time. A day counts as its 00:00 in the zone, or in UTC."""
    if isinstance(said, datetime | date):
        said = said.isoformat()
    if not isinstance(said, str):
        raise Unreadable(f"{where}: say when, as a day (2026-03-04) or an instant with its offset (2026-03-04T09:00Z)")
    try:
        within = ZoneInfo(zone or "UTC")
        if len(said) == len("2026-03-04"):
            day = datetime.fromisoformat(said).replace(tzinfo=within)
            return Effective(int(day.timestamp()), "day", zone or "UTC")
        instant = datetime.fromisoformat(said)
    except ZoneInfoNotFoundError as fault:
        raise Unreadable(f"{where}: there is no time zone {zone!r}; use a name like Europe/Paris") from fault
    except ValueError as fault:
        raise Unreadable(f"{where}: {said!r} is no day and no instant: {fault}") from fault
    if instant.tzinfo is None:
        raise Unreadable(f"{where}: {said!r} has no offset; write Z for UTC, or +02:00")
    return Effective(int(instant.timestamp() // 1), "instant", zone or "UTC")


def say_instant(seconds: int, *, zone: str = "UTC", precision: str = "instant") -> str:
    """Return an effective time for people: the day alone where no more is known."""
    local = datetime.fromtimestamp(seconds, tz=UTC).astimezone(ZoneInfo(zone))
    if precision == "day":
        return local.date().isoformat()
    return local.isoformat(timespec="minutes").replace("+00:00", "Z")
