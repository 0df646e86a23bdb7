"""Reads instants and days as files write them. A time without a zone, and no zone declared, is a fault."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from adapters.importing.cells import Cell, InstantCell, zone_named
from adapters.importing.reading import BadCell, Values, cell_reader, shown
from domain.values import Precision

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DAY_ALONE = re.compile(r"\d{4}-?\d\d-?\d\d|\d{4}-?W\d\d-?\d")


class Instant(NamedTuple):
    """Whole seconds since 1970 UTC, at a precision, in the zone that a day of it is counted in."""

    seconds: int
    precision: Precision
    zone: str


ReadInstant = Callable[[Values], Instant | None]


def instant_reader(cell: InstantCell, path: str, columns: Sequence[str], *, like: InstantCell | None) -> ReadInstant:
    """Return what reads an instant. Formats and zone that *cell* does not say are taken from *like*."""
    read = cell_reader(Cell(**{name: getattr(cell, name) for name in Cell.model_fields}), path, columns)
    parse = instant_parser(cell, path, like=like)

    def meant(values: Values) -> Instant | None:
        text = read(values)
        return None if text is None else parse(text)

    return meant


def instant_parser(cell: InstantCell, path: str, *, like: InstantCell | None = None) -> Callable[[str], Instant]:
    """Return what parses one written instant, and raises BadCell."""
    formats = cell.formats or (like.formats if like else ()) or ("iso",)
    named = cell.zone or (like.zone if like else None)
    zone = zone_named(named) if named else None
    precision = cell.precision or (like.precision if like and not cell.formats else None)

    def parse(text: str) -> Instant:
        at, day = _parsed(text, formats, path)
        if at.tzinfo is None:
            if zone is None:
                raise BadCell(
                    "zone_missing",
                    f"{path}: the time says no zone, and the mapping declares none: say `zone` there, "
                    "such as Europe/Brussels or UTC",
                )
            at = at.replace(tzinfo=zone)
        if not EARLIEST <= at < LATEST:
            raise BadCell("date", f"{path}: {shown(text)} is not between 1900 and 2200: is the format right?")
        stands: Precision = precision or ("day" if day else "instant")
        return Instant((at - EPOCH) // SECOND, stands, named or "UTC")

    return parse


def _parsed(text: str, formats: Sequence[str], path: str) -> tuple[datetime, bool]:
    for form in formats:
        try:
            match form:
                case "iso":
                    return datetime.fromisoformat(text), DAY_ALONE.fullmatch(text) is not None
                case "epoch_seconds":
                    return EPOCH + timedelta(seconds=float(text)), False
                case "epoch_milliseconds":
                    return EPOCH + timedelta(milliseconds=float(text)), False
                case _:
                    return datetime.strptime(text, form), not re.search(r"%[HIXcf]", form)  # noqa: DTZ007 - the zone is checked by the caller
        except (ValueError, OverflowError):
            continue
    raise BadCell(
        "date", f"{path}: {shown(text)} is no date or time as written in {', '.join(formats)}: say its `formats`"
    )
