"""The event log: one order of events, on SQLite or PostgreSQL, by recorders of the eventsourcing library."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.event_log.codec import Codec
from adapters.event_log.log import Log
from adapters.event_log.migrations import refuse_pending
from adapters.event_log.rows import Glimpse, Stored
from adapters.event_log.sqlite import SQLiteLogRecorder
from domain.errors import Refused, Unreadable

if TYPE_CHECKING:
    from adapters.event_log.postgres import PostgresLogRecorder

__all__ = ["Codec", "Glimpse", "Log", "Stored", "migrate_log", "open_log"]


def open_log(url: str, *, simulated_clock: bool | None = None, create: bool = True) -> Log:
    """Open the log that a URL names, and make it where there is none and *create* says so.

    The clock of a log is settled when it is made: None takes it as it is (a new one takes the database's). Raises
    Unreadable for a URL or a missing log, Refused for the other clock, NewerFormat for a database of a newer cynosure.
    """
    recorder = _recorder(url)
    with _said_of(recorder):
        applied = recorder.format()
        if create and not applied:
            recorder.migrate(simulated_clock=bool(simulated_clock))
        else:
            refuse_pending(applied, recorder.where)
        log = Log(recorder)
        _refuse_other_clock(log, simulated_clock)
    return log


def migrate_log(url: str, *, simulated_clock: bool = False) -> None:
    """Make the log that a URL names, or bring its tables to the format of the code. Does nothing where they are."""
    recorder = _recorder(url)
    with _said_of(recorder):
        recorder.migrate(simulated_clock=simulated_clock)
    recorder.close()


@contextmanager
def _said_of(recorder: "SQLiteLogRecorder | PostgresLogRecorder") -> Iterator[None]:
    """Close the recorder where something fails, and say of a database's own error which database it was."""
    try:
        yield
    except recorder.FAULTS as fault:
        recorder.close()
        raise Unreadable(f"{recorder.where} cannot be opened as a log: {str(fault).strip()}") from fault
    except BaseException:
        recorder.close()
        raise


def _recorder(url: str) -> "SQLiteLogRecorder | PostgresLogRecorder":
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgresql", "postgres"}:
        from adapters.event_log.postgres import PostgresLogRecorder

        return PostgresLogRecorder(url)
    if separator and scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return SQLiteLogRecorder(Path(rest[1:]))
    raise Unreadable(f"database {url!r}: name it as sqlite:///PATH or postgresql://USER@HOST/NAME")


def _refuse_other_clock(log: Log, simulated_clock: bool | None) -> None:  # noqa: FBT001  # None is the third case
    simulated = log.identity().simulated_clock
    if simulated_clock is not None and simulated_clock != simulated:
        kinds = {True: "a simulated clock", False: "the clock of its database"}
        raise Refused(
            f"this log was made with {kinds[simulated]} and cannot get {kinds[simulated_clock]}: make another log",
            rule="the clock of a log is settled when it is made",
        )
