"""A log as one file, and a log from that file: whatever the database, a backup is an SQLite log that can be opened."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from adapters.event_log.log import Log
from adapters.event_log.rows import RememberedRow, Stored
from adapters.event_log.sqlite import SQLiteLogRecorder
from domain.errors import Refused, Unreadable
from domain.ports import LogIdentity

PAGE_ROWS = 1_000

Told = Callable[[int], None]


def back_up(log: Log, file: Path, *, told: Told = lambda _: None) -> int:
    """Write the log as it stands into a new file, and return its head. Appending may go on meanwhile.

    The file holds the events and the messages, not what others keep beside them: offsets that are lost are read again
    from the start, and the messages tell that what comes is known. `told` hears the position. Raises Refused where the
    file is there already.
    """
    if file.exists():
        raise Refused(f"{file} is there already: name a new file", rule="a backup never overwrites")
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    mark = log.recorder.mark()
    target = SQLiteLogRecorder(unfinished)
    try:
        target.migrate(simulated_clock=mark.simulated_clock)
        target.load(mark, _events(log, mark.head, told), _messages(log, mark.head))
    except sqlite3.Error as fault:
        raise Unreadable(f"{file} cannot be written: {fault}") from fault
    finally:
        target.close()
    unfinished.rename(file)
    return mark.head


def restore(file: Path, log: Log, *, told: Told = lambda _: None) -> int:
    """Fill an empty log with what a backup holds, as its next incarnation, and return its head.

    Whatever was appended after the backup is gone, and positions beyond it will be used anew: the raised incarnation
    is what tells followers and topics so. Raises Refused where the log is not empty or has the other clock.
    """
    kept_in(file)
    with Log(SQLiteLogRecorder(file)) as source:
        mark = source.recorder.mark()
        if mark.simulated_clock != log.identity().simulated_clock:
            clock = "a simulated clock" if mark.simulated_clock else "the clock of its database"
            raise Refused(f"{file} is of a log with {clock}: make the log so", rule="the clock of a log is settled")
        adopted = replace(mark, incarnation=mark.incarnation + 1)
        log.recorder.load(adopted, _events(source, mark.head, told), _messages(source, mark.head))
        log.refresh()
        return mark.head


def kept_in(file: Path) -> LogIdentity:
    """Return which log a backup holds. Raise Unreadable where it is none, NewerFormat where it is newer."""
    if not file.exists():
        raise Unreadable(f"there is no backup {file}")
    with closing(SQLiteLogRecorder(file)) as recorder:
        try:
            return recorder.identity()
        except sqlite3.Error as fault:
            raise Unreadable(f"{file} is no backup: {fault}") from fault


def _events(log: Log, head: int, told: Told) -> Iterator[Stored]:
    after = 0
    while rows := log.pages(after, PAGE_ROWS, upto=head):
        yield from rows
        after = rows[-1].position
        told(after)


def _messages(log: Log, head: int) -> Iterator[RememberedRow]:
    after = ("", "")
    while rows := log.recorder.message_page(after, PAGE_ROWS, upto=head):
        yield from rows
        after = rows[-1].source, rows[-1].id
