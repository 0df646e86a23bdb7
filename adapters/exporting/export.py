"""Writes one file of an export, whole or not at all, in the format that its name asks for."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.exporting.ocel import object_centric
from adapters.exporting.told import events_in_effect, flat_events
from domain.errors import Unreadable
from domain.ports import EventLog
from domain.recorded import Recorded


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: the format, and how many events of how many decisions the alliance has."""

    format: str
    events: int
    decisions: int


Write = Callable[[Path, list[Recorded[Any]], str], None]


def _csv(path: Path, events: list[Recorded[Any]], _alliance: str) -> None:
    from adapters.exporting.tables import write_csv

    write_csv(path, flat_events(events))


def _parquet(path: Path, events: list[Recorded[Any]], _alliance: str) -> None:
    from adapters.exporting.tables import write_parquet

    write_parquet(path, flat_events(events))


def _xes(path: Path, events: list[Recorded[Any]], alliance: str) -> None:
    from adapters.exporting.xes import write_xes

    write_xes(path, flat_events(events), alliance=alliance)


def _ocel_json(path: Path, events: list[Recorded[Any]], _alliance: str) -> None:
    from adapters.exporting.ocel_files import write_ocel_json

    write_ocel_json(path, object_centric(events))


def _ocel_sqlite(path: Path, events: list[Recorded[Any]], _alliance: str) -> None:
    from adapters.exporting.ocel_files import write_ocel_sqlite

    write_ocel_sqlite(path, object_centric(events))


FORMATS: dict[str, tuple[str, Write]] = {
    ".csv": ("csv", _csv),
    ".parquet": ("parquet", _parquet),
    ".xes": ("xes", _xes),
    ".xes.gz": ("xes", _xes),
    ".jsonocel": ("ocel-json", _ocel_json),
    ".json": ("ocel-json", _ocel_json),
    ".sqlite": ("ocel-sqlite", _ocel_sqlite),
}


def export(log: EventLog, path: Path, alliance: str, *, upto: int | None = None) -> Exported:
    """Write the events of an alliance in effect at a position (None: now). The name of the file says the format.

    A file of that name is replaced when the new one is whole. Raise Unreadable for a name of no format, or where it
    cannot be written; Refused for an unknown alliance.
    """
    name, write = _format(path)
    events = events_in_effect(log, alliance, upto=upto)
    suffix = ".gz" if path.name.lower().endswith(".gz") else path.suffix
    beside = path.with_name(f".{path.name}.{os.getpid()}{suffix}")
    try:
        write(beside, events, alliance)
        beside.replace(path)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        beside.unlink(missing_ok=True)
    decisions = {recorded.stream for recorded in events if recorded.stream.startswith("decision/")}
    return Exported(name, len(events), len(decisions))


def _format(path: Path) -> tuple[str, Write]:
    for suffix in sorted(FORMATS, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            return FORMATS[suffix]
    raise Unreadable(f"{path}: the name says no format: end it in one of {', '.join(FORMATS)}")
