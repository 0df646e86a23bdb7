"""Carries a feed to its topic: one relay at a time, in order, resumable, through the death of everything around it.

At least once (mode A): records are sent as fast as they are acknowledged, and the checkpoint in the database follows
the highest position with everything below it acknowledged. After a crash the tail is sent again, in its order.

Exactly once (mode B): records and the checkpoint, a record on a compacted topic, commit in one Kafka transaction. A
relay begins by fencing every earlier one of its transactional id, then reads the last committed checkpoint.
"""

import json
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Literal

import psycopg

from adapters.kafka.cluster import Cluster
from adapters.kafka.port import Interrupted, Record
from adapters.kafka.publisher import STALL_SECONDS_MAX, Publisher
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import is_transient
from adapters.kafka_out.feed import CHECKPOINTS, Feed
from adapters.kafka_out.lease import LEASE_SECONDS, Lease, LeaseLost, Leases
from adapters.logs import Logger
from adapters.tracing import span
from domain.errors import Halted

PAGE_RECORDS_MAX = 1_000
TRANSACTION_RECORDS_MAX = 1_000
WAIT_SECONDS = 1.0
CHECKPOINT_SECONDS = 0.5
IN_FLIGHT_WAIT_SECONDS = 0.01
REBUILD_SECONDS_MAX = 10.0
CHECKPOINTS_READ_FIRST = 1_000

Mode = Literal["at-least-once", "exactly-once"]

logger = Logger("cynosure.kafka_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient a relay is. `lease_seconds` must lie well above the time that one page takes."""

    lease_seconds: float = LEASE_SECONDS
    stall_seconds_max: float = STALL_SECONDS_MAX
    transaction_records_max: int = TRANSACTION_RECORDS_MAX


@dataclass(slots=True)
class Progress:
    """What a relay has come to, for those who watch it."""

    position: int = 0
    rebuilds: int = 0
    oldest_seconds: float = 0.0
    holds_lease: bool = False
    stop: Event = field(default_factory=Event)


class Relay:
    """One feed, carried by one process at a time. `run` comes back when it is told to stop, or raises Halted."""

    def __init__(
        self,
        feed: Feed,
        leases: Leases,
        settings: KafkaSettings,
        *,
        incarnation: int,
        mode: Mode = "exactly-once",
        record_bytes_max: int = 1_000_000,
        start: int | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.feed = feed
        self._leases = leases
        self._settings = settings
        self._incarnation = incarnation
        self._mode = mode
        self._record_bytes_max = record_bytes_max
        self._start = start
        self._pace = pace or Pace()
        self.transactional_id = feed.name if mode == "exactly-once" else None
        self.progress = Progress()

    def run(self, *, once: bool = False) -> None:
        """Publish until told to stop, or `once` all that is there now. Wait in line while another relay does it."""
        failures = 0
        while not self.progress.stop.is_set():
            before = self.progress.position
            try:
                if self._carried(once=once):
                    return
                self.progress.stop.wait(WAIT_SECONDS)
            except LeaseLost as fault:
                logger.warning("waiting in line", feed=self.feed.name, because=str(fault))
            except Exception as fault:
                if not (isinstance(fault, Interrupted) or is_transient(fault)):
                    raise
                failures = 0 if self.progress.position > before else failures + 1
                self.progress.rebuilds += 1
                logger.warning("rebuilding", feed=self.feed.name, because=str(fault))
                self.progress.stop.wait(min(REBUILD_SECONDS_MAX, 0.2 * 2 ** min(failures, 10)))

    def _carried(self, *, once: bool) -> bool:
        """Publish while the lease is ours; return False where another has it."""
        lease = self._leases.claim(self.feed.name, incarnation=self._incarnation)
        if lease is None:
            return False
        self.progress.holds_lease = True
        try:
            with self._leases.held(lease) as lost, self._publisher() as publisher:
                carry = self._in_transactions if self._mode == "exactly-once" else self._at_least_once
                carry(publisher, lease, lost, once=once)
            return True
        finally:
            self.progress.holds_lease = False
            with suppress(sqlite3.Error, psycopg.Error):  # then it runs out by itself
                self._leases.release(lease)

    @contextmanager
    def _publisher(self) -> Iterator[Publisher]:
        publisher = Publisher(
            self._settings,
            transactional_id=self.transactional_id,
            stall_seconds_max=self._pace.stall_seconds_max,
            record_bytes_max=self._record_bytes_max,
        )
        try:
            yield publisher
        except BaseException:
            publisher.abandon()
            raise
        publisher.close()

    def _begun(self, lease: Lease, position: int, incarnation: int) -> int:
        """Return where to go on. Raise Halted where the checkpoint belongs to another life of the log, or to none."""
        self.feed.begin()
        if self._start is not None:
            position, self._start = self._start - 1, None
        elif position and incarnation != self._incarnation:
            raise Halted(
                f"{self.feed.name}: published up to position {position} of incarnation {incarnation}, but the log is "
                f"in incarnation {self._incarnation}: say with --from where its readers are to go on"
            )
        if position > self.feed.head():
            raise Halted(
                f"{self.feed.name}: published up to position {position}, but the log ends at {self.feed.head()}: "
                "is this an older copy of it?"
            )
        self._advance(lease, position)
        return position

    def _advance(self, lease: Lease, position: int) -> None:
        self._leases.advance(lease, position, incarnation=self._incarnation)
        self.progress.position = position

    def _at_least_once(self, publisher: Publisher, lease: Lease, lost: Event, *, once: bool) -> None:
        read = self._begun(lease, lease.position, lease.incarnation)
        window: deque[int] = deque()
        moved_at = time.monotonic()
        while not self.progress.stop.is_set():
            _refuse_lost(lost, lease)
            page = self.feed.page(read, PAGE_RECORDS_MAX)
            if page:
                with span("publish", feed=self.feed.name, records=len(page), position=page[-1].position):
                    for outgoing in page:
                        publisher.send(outgoing.record)
                        window.append(outgoing.position)
                read = page[-1].position
            position = self._arrived(publisher, window)
            if position and (not window or time.monotonic() - moved_at > CHECKPOINT_SECONDS):
                self._advance(lease, position)
                moved_at = time.monotonic()
            if not page and once:
                break
            if not page:
                self.feed.wait(read, IN_FLIGHT_WAIT_SECONDS if window else WAIT_SECONDS)
        publisher.drain()
        self._advance(lease, read)

    def _arrived(self, publisher: Publisher, window: deque[int]) -> int | None:
        """Take from the window what has arrived with all before it; return the last position, or None."""
        still_out = publisher.sent - publisher.settle()
        position = None
        while len(window) > still_out:
            position = window.popleft()
        self.progress.oldest_seconds = publisher.oldest_seconds
        return position

    def _in_transactions(self, publisher: Publisher, lease: Lease, lost: Event, *, once: bool) -> None:
        publisher.fence()  # before the checkpoint is read: afterwards no earlier relay can move it
        position = self._begun(lease, *(self._last_checkpoint() or (lease.position, lease.incarnation)))
        while not self.progress.stop.is_set():
            _refuse_lost(lost, lease)
            page = self.feed.page(position, self._pace.transaction_records_max)
            if not page and once:
                return
            if not page:
                self.feed.wait(position, WAIT_SECONDS)
                continue
            position = page[-1].position
            with span("publish", feed=self.feed.name, records=len(page), position=position):
                publisher.begin()
                for outgoing in page:
                    publisher.send(outgoing.record)
                publisher.send(self._checkpoint(position))
                publisher.commit()
            self._advance(lease, position)

    def _checkpoint(self, position: int) -> Record:
        said = {"position": position, "incarnation": self._incarnation}
        now = time.time_ns() // 1_000_000
        return Record(self._settings.topic(CHECKPOINTS), self.feed.name.encode(), json.dumps(said).encode(), [], now)

    def _last_checkpoint(self) -> tuple[int, int] | None:
        """Return the position and incarnation of the last transaction of this feed, None where there was none."""
        topic, key = self._settings.topic(CHECKPOINTS), self.feed.name.encode()
        with Cluster(self._settings) as cluster:
            for records_last in (CHECKPOINTS_READ_FIRST, None):
                read = cluster.read(topic, records_last=records_last)
                values = [received.value for received in read if received.key == key]
                if values and values[-1] is not None:
                    said = json.loads(values[-1])
                    return int(said["position"]), int(said["incarnation"])
        return None


def _refuse_lost(lost: Event, lease: Lease) -> None:
    if lost.is_set():
        raise LeaseLost(f"{lease.feed}: the lease was taken by another")
