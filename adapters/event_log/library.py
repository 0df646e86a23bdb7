"""The recorder interface of the eventsourcing library over our own rows, so that its tools and its tests fit.

An event of the library's has no envelope: its originator is the stream, its topic the name, its state the fact.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import starmap
from typing import Any

from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent

from adapters.event_log.rows import COLUMNS, GLIMPSE_COLUMNS, REST_COLUMNS, Glimpse, Rest, Row, Stored, stored

_SOURCE = "eventsourcing"


class LibraryRecorder(ApplicationRecorder, ABC):
    """What the library asks of an application's recorder, said in terms of rows."""

    @abstractmethod
    def insert_rows(self, events: Sequence[StoredEvent]) -> list[int]:
        """Write events at their own versions and return their positions. Raise the library's IntegrityError."""

    @abstractmethod
    def _page(
        self,
        columns: str,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
        share: Collection[str] | None = None,
    ) -> list[Any]:
        """Return some columns of rows in the order of the log."""

    @abstractmethod
    def stream_rows(
        self, stream: str, *, after: int, limit: int, upto: int | None = None, newest_first: bool = False
    ) -> list[Stored]:
        """Return rows of one stream by version."""

    def pages(
        self,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
    ) -> list[Stored]:
        """Return up to *limit* rows after a position, in order, of some names and one alliance where they are given."""
        return list(map(stored, self._page(COLUMNS, after, limit, upto=upto, names=names, alliance=alliance)))

    def rows(self, after: int, limit: int, *, upto: int | None = None, alliance: str | None = None) -> list[Row]:
        """Return the same as `pages`, with columns that have no names."""
        return self._page(COLUMNS, after, limit, upto=upto, alliance=alliance)

    def glimpses(
        self,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
        share: Collection[str] | None = None,
    ) -> list[Glimpse]:
        """Return of up to *limit* rows after a position those columns that a fold needs.

        `share` names alliances too, so many that all rows are read in order, and those of others left out.
        """
        found = self._page(GLIMPSE_COLUMNS, after, limit, upto=upto, names=names, alliance=alliance, share=share)
        return list(starmap(Glimpse, found))

    def rest(self, first: int, last: int) -> list[Rest]:
        """Return what glimpses left out, from one position to another."""
        found = self._page(REST_COLUMNS, first - 1, last - first + 1, upto=last)
        return list(map(Rest._make, found))

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """Write events of the library's own shape and return their positions."""
        return self.insert_rows(stored_events) if stored_events else []

    def select_events(
        self,
        originator_id: Any,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one stream."""
        rows = self.stream_rows(
            str(originator_id),
            after=-1 if gt is None else gt,
            limit=2**62 if limit is None else limit,
            upto=lte,
            newest_first=desc,
        )
        return [StoredEvent(row.stream, row.version, row.name, row.fact) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events in the order of the log."""
        after = 0 if start is None else start - inclusive_of_start
        rows = self.pages(after, limit, upto=stop, names=topics or None)
        return [Notification(row.stream, row.version, row.name, row.fact, id=row.position) for row in rows]

    def max_notification_id(self) -> Any:
        """Return the highest position, or None for an empty log."""
        return self.head() or None

    @abstractmethod
    def head(self) -> int:
        """Return the highest position in use."""


def as_rows(events: Sequence[StoredEvent], head: int, recorded_at: int) -> Iterator[Stored]:
    """Yield the rows of events of the library's own shape, after a position."""
    for position, event in enumerate(events, start=head + 1):
        stream, version = str(event.originator_id), event.originator_version
        message = f"{stream}@{version}"
        yield Stored(
            position,
            stream,
            version,
            event.topic,
            1,
            "",
            message,
            recorded_at,
            _SOURCE,
            message,
            event.state,
            b"{}",
            None,
        )
