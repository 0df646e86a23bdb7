"""Receives records through kafka-python as a member of a group; whoever owns the offsets says where it goes on."""

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

from adapters.kafka.port import REQUEST_TIMEOUT_MS, Interrupted, Partition, Received, library
from adapters.kafka.settings import KafkaSettings

POLL_SECONDS_MIN = 1.0
POLL_RECORDS_MAX = 1_000
SESSION_SECONDS = 10.0
POLL_INTERVAL_SECONDS_MAX = 300.0
CLOSE_SECONDS_MAX = 3.0

Balance = Literal["cooperative", "eager"]
Assigned = Callable[[Sequence[Partition]], Mapping[Partition, int]]


class Subscriber:
    """One dynamic member of a group (G8). `assigned` is asked for the offset at which each new partition goes on."""

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        group: str,
        topics: Collection[str],
        assigned: Assigned,
        balance: Balance = "cooperative",
        session_seconds: float = SESSION_SECONDS,
    ) -> None:
        self._session_seconds = session_seconds
        self._assigned = assigned
        self._fault: Exception | None = None
        self._joined_at: float | None = None
        self._began_at = time.monotonic()
        try:
            self._consumer = self._joining(settings, group, topics, balance)
        except Exception as fault:
            raise Interrupted(f"Kafka cannot be reached: {fault}") from fault

    def _joining(self, settings: KafkaSettings, group: str, topics: Collection[str], balance: Balance) -> Any:
        consumer = library().KafkaConsumer(
            **settings.client(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            partition_assignment_strategy=_strategy(balance),
            max_poll_records=POLL_RECORDS_MAX,
            max_poll_interval_ms=int(POLL_INTERVAL_SECONDS_MAX * 1000),
            session_timeout_ms=int(self._session_seconds * 1000),
            heartbeat_interval_ms=int(self._session_seconds * 1000 / 4),
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        missing = [topic for topic in topics if not consumer.partitions_for_topic(topic)]  # G9
        if missing:
            consumer.close(timeout_ms=0)
            raise Interrupted(f"there is no topic {', '.join(sorted(missing))}")
        consumer.subscribe(sorted(topics), listener=_listener(self))
        return consumer

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Go on at other offsets, in partitions that are still ours."""
        ours = self._consumer.assignment()
        for partition, offset in offsets.items():
            if _theirs(partition) in ours:
                self._consumer.seek(_theirs(partition), offset)

    def poll(self) -> dict[Partition, list[Received]]:
        """Wait up to a second for records. Raise Interrupted where no partition came in the time a group needs."""
        try:
            polled = self._consumer.poll(timeout_ms=int(POLL_SECONDS_MIN * 1000))  # G9
        except Exception as fault:
            raise self._fault or Interrupted(f"polling failed: {type(fault).__name__}: {fault}") from fault
        if self._fault is not None:
            raise self._fault
        if self._consumer.assignment():
            self._joined_at = time.monotonic()
        elif time.monotonic() - (self._joined_at or self._began_at) > 3 * self._session_seconds:
            raise Interrupted("no partition was assigned: join the group again")
        return {Partition(*theirs): [_received(record) for record in records] for theirs, records in polled.items()}

    def acknowledge(self, offsets: Mapping[Partition, int]) -> None:
        """Tell Kafka how far we are, so that tools which show lag see it. Nothing depends on it."""
        structs = library().structs
        told = {_theirs(partition): structs.OffsetAndMetadata(offset, "", -1) for partition, offset in offsets.items()}
        with contextlib.suppress(Exception):
            self._consumer.commit_async(told)

    def lag(self) -> dict[Partition, int]:
        """Return how many records lie ahead in each partition, as far as it is known."""
        lag = {}
        for theirs in self._consumer.assignment():
            end, at = self._consumer.highwater(theirs), None
            with contextlib.suppress(Exception):
                at = self._consumer.position(theirs, timeout_ms=0)
            if end is not None and at is not None:
                lag[Partition(*theirs)] = max(0, end - at)
        return lag

    def close(self) -> None:
        """Leave the group."""
        with contextlib.suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=int(CLOSE_SECONDS_MAX * 1000))

    def begin(self, partitions: Collection[Any]) -> None:
        """Ask where newly assigned partitions go on, and go there."""
        ours = [Partition(*theirs) for theirs in partitions]
        try:
            for partition, offset in (self._assigned(ours) if ours else {}).items():
                self._consumer.seek(_theirs(partition), offset)
        except Exception as fault:  # noqa: BLE001  # the library would only log it; whoever polls has to know
            self._fault = fault


def _strategy(balance: Balance) -> list[type[Any]]:
    library()
    from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
    from kafka.coordinator.assignors.range import RangePartitionAssignor

    return [CooperativeStickyAssignor if balance == "cooperative" else RangePartitionAssignor]


def _listener(subscriber: Subscriber) -> Any:
    library()
    from kafka.consumer.subscription_state import ConsumerRebalanceListener

    class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
        def on_partitions_revoked(self, revoked: Collection[Any]) -> None:
            """Do nothing: whoever takes a partition over fences us in the database."""

        def on_partitions_assigned(self, assigned: Collection[Any]) -> None:
            subscriber.begin(assigned)

    return Listener()


def _theirs(partition: Partition) -> Any:
    return library().TopicPartition(partition.topic, partition.number)


def _received(record: Any) -> Received:
    headers = tuple(record.headers or ())
    return Received(
        record.topic, record.partition, record.offset, record.timestamp or 0, record.key, record.value, headers
    )
