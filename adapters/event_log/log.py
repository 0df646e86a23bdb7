"""The log port over a recorder: facts go in as bytes, rows come back as what was recorded."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol, Self

from adapters.event_log.codec import Codec
from adapters.event_log.group_commit import GroupCommit
from adapters.event_log.judging import Outcome
from adapters.event_log.rows import Glimpse, Mark, Member, Remembered, RememberedRow, Rest, Row, Stored
from adapters.tracing import span
from domain.errors import CynosureError
from domain.ports import Append, Beside, LogIdentity, Receipt
from domain.recorded import Recorded
from domain.values import MessageKey

STREAM_PAGE_EVENTS = 500
REST_PAGE_EVENTS = 1_000


class Recorder(Protocol):
    """What the log asks of a database. Both recorders of the eventsourcing library that we extend have it."""

    def identity(self) -> LogIdentity: ...
    def write(self, members: Sequence[Member]) -> list[Outcome]: ...
    def write_whole(self, members: Sequence[Member], beside: Sequence[Beside]) -> list[Receipt] | None: ...
    def head(self) -> int: ...
    def recorded_at(self, position: int) -> int: ...
    def pages(
        self,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
    ) -> list[Stored]: ...
    def rows(self, after: int, limit: int, *, upto: int | None = None, alliance: str | None = None) -> list[Row]: ...
    def glimpses(
        self,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
        share: Collection[str] | None = None,
    ) -> list[Glimpse]: ...
    def rest(self, first: int, last: int) -> list[Rest]: ...
    def stream_rows(
        self, stream: str, *, after: int, limit: int, upto: int | None = None, newest_first: bool = False
    ) -> list[Stored]: ...
    def versions(self, streams: Iterable[str]) -> dict[str, int]: ...
    def remembered(self, source: str, message_id: str) -> Remembered | None: ...
    def alliances(self) -> list[str]: ...
    def wait(self, after: int, timeout_seconds: float) -> int: ...
    def mark(self) -> Mark: ...
    def message_page(self, after: tuple[str, str], limit: int, *, upto: int) -> list[RememberedRow]: ...
    def load(self, mark: Mark, events: Iterable[Stored], messages: Iterable[RememberedRow]) -> None: ...
    def close(self) -> None: ...


class Log:
    """One order of events in a database. Safe to share between threads; several processes may append to one."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.refresh()
        self._commit = GroupCommit(recorder.write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def identity(self) -> LogIdentity:
        """Return which log this is."""
        return self.recorder.identity()

    def append(self, batch: Append) -> Receipt:
        """Append one batch whole, or nothing. Raise Conflict or RepeatDiffers, or what a write beside raised."""
        (outcome,) = self.append_all((batch,))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def append_all(self, batches: Sequence[Append]) -> list[Receipt | Exception]:
        """Append several batches in one transaction. Each gets its own outcome; a failed one leaves no trace.

        Appends of other threads that come meanwhile share the transaction, and are answered apart.
        """
        encoded = [self._encoded(batch) for batch in batches]
        members = [member for member in encoded if isinstance(member, Member)]
        with span("append", messages=len(members)) as told:
            outcomes = self._commit.write(members) if members else []
            told.say(position=max((each.last for each in outcomes if isinstance(each, Receipt)), default=None))
        written = iter(outcomes)
        return [next(written) if isinstance(member, Member) else member for member in encoded]

    def append_whole(self, batches: Sequence[Append], beside: Sequence[Beside] = ()) -> list[Receipt] | None:
        """Append several batches, and what is written beside them, in one transaction: all of it, or nothing.

        Return None where something stands against one of them (a stream that moved, a message that was seen before);
        append them one by one then. What a write beside raises is raised.
        """
        members = [self._encoded(batch) for batch in batches]
        whole = [member for member in members if isinstance(member, Member)]
        if len(whole) < len(members):
            return None
        with span("append", messages=len(whole)) as told:
            receipts = self.recorder.write_whole(whole, beside)
            told.say(position=receipts[-1].last if receipts else None)
            return receipts

    def _encoded(self, batch: Append) -> Member | Exception:
        try:
            return self.codec.member(batch)
        except (ValueError, TypeError, CynosureError) as fault:
            return fault

    def head(self) -> int:
        """Return the highest position in use, 0 for an empty log."""
        return self.recorder.head()

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before an instant in microseconds.

        Positions are dense and recorded times never go back along them, so halving finds it without an index.
        """
        low, high = 0, self.head()
        while low < high:
            middle = (low + high + 1) // 2
            if self.recorder.recorded_at(middle) <= recorded_at:
                low = middle
            else:
                high = middle - 1
        return low

    def read(
        self, *, after: int, limit: int, upto: int | None = None, alliance: str | None = None
    ) -> list[Recorded[Any]]:
        """Return up to `limit` events after a position, of one alliance or all, decoded and validated."""
        return list(map(self.codec.recorded, self.recorder.rows(after, limit, upto=upto, alliance=alliance)))

    def pages(
        self,
        after: int,
        limit: int,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
    ) -> list[Stored]:
        """Return up to `limit` raw rows after a position, of some names and of one alliance where they are given."""
        return self.recorder.pages(after, limit, upto=upto, names=names, alliance=alliance)

    def glimpses(
        self,
        after: int,
        limit: int,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
        *,
        share: Collection[str] | None = None,
    ) -> list[Glimpse]:
        """Return of up to `limit` rows after a position what `Codec.lean` decodes: those columns that a fold needs.

        `share` names alliances too, so many that all rows are read in order, and those of others left out.
        """
        return self.recorder.glimpses(after, limit, upto=upto, names=names, alliance=alliance, share=share)

    def stream(self, stream: str, *, after_version: int = 0, upto: int | None = None) -> Iterator[Recorded[Any]]:
        """Yield the events of one stream in order; `upto` is a position. Memory does not grow with the stream."""
        while rows := self.recorder.stream_rows(stream, after=after_version, limit=STREAM_PAGE_EVENTS):
            for row in rows:
                if upto is not None and row.position > upto:
                    return
                yield self.codec.recorded(row)
            after_version = rows[-1].version
            if len(rows) < STREAM_PAGE_EVENTS:
                return

    def remembered(self, message: MessageKey) -> Receipt | None:
        """Return the receipt of a message that was seen before, or None."""
        seen = self.recorder.remembered(message.source, message.id)
        return None if seen is None else Receipt(seen.first, seen.last, repeated=True, outcome=seen.outcome)

    def alliances(self) -> list[str]:
        """Return every alliance that has an event, in order."""
        return self.recorder.alliances()

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """Return the version of each stream, 0 where it has no event."""
        return self.recorder.versions(streams)

    def refresh(self) -> None:
        """Take up which log this is, after it became another by a restore."""
        self.codec = Codec(self.recorder.identity().id, rest=_RestByPage(self.recorder))

    def wait(self, after: int, timeout_seconds: float) -> int:
        """Return the head as soon as it lies after a position, and at the latest when the time is over."""
        return self.recorder.wait(after, timeout_seconds)

    def close(self) -> None:
        """Close every connection."""
        self.recorder.close()


class _RestByPage:
    """Finds what a glimpse left out, and reads it for those that follow too: who asks for one asks for the next."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._page: dict[int, Rest] = {}

    def __call__(self, position: int) -> Rest:
        page = self._page
        if position not in page:
            rows = self._recorder.rest(position, position + REST_PAGE_EVENTS - 1)
            page = self._page = {row.position: row for row in rows}
        return page[position]
