"""Asks a Kafka cluster about itself and its topics, makes topics, and reads the end of one."""

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from adapters.kafka.port import REQUEST_TIMEOUT_MS, Interrupted, Partition, Received, library
from adapters.kafka.settings import KafkaSettings

READ_SECONDS_MAX = 45.0  # longer than a transaction that was left open holds its records back
RECORD_BYTES_DEFAULT = 1_048_588
"""What a broker takes where neither it nor the topic says otherwise."""
GONE_POLL_SECONDS = 0.1
COMPACTED = {"cleanup.policy": "compact"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its id tells it from another that had its name before. `record_bytes_max` is what it takes."""

    name: str
    id: str
    partitions: int
    record_bytes_max: int


class Cluster:
    """A connection for questions. Raises Interrupted where Kafka does not answer."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin = _answered(
            lambda: library().admin.KafkaAdminClient(**settings.client(), request_timeout_ms=REQUEST_TIMEOUT_MS)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):
            self._admin.close()

    def id(self) -> str:
        """Return the id of the cluster."""
        return str(_answered(self._admin.describe_cluster)["cluster_id"])

    def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Return those topics that exist."""
        there = self._described(names)
        limits = self._limits([topic["name"] for topic in there])
        return {
            topic["name"]: Topic(topic["name"], str(topic["topic_id"]), len(topic["partitions"]), limits[topic["name"]])
            for topic in there
        }

    def ids(self, names: Collection[str]) -> dict[str, str]:
        """Return the id of each topic that exists, in one question."""
        return {topic["name"]: str(topic["topic_id"]) for topic in self._described(names)}

    def _described(self, names: Collection[str]) -> list[dict[str, Any]]:
        found = _answered(lambda: self._admin.describe_topics(list(names)))
        return [topic for topic in found if not topic["error_code"] and topic["name"] in names]

    def _limits(self, names: list[str]) -> dict[str, int]:
        if not names:
            return {}
        kinds = library().admin
        asked = [kinds.ConfigResource(kinds.ConfigResourceType.TOPIC, name, ["max.message.bytes"]) for name in names]
        told = _answered(lambda: self._admin.describe_configs(asked))
        return {name: _limit(told, name) for name in names}

    def make(self, name: str, *, partitions: int, replicas: int, settings: Mapping[str, str] | None = None) -> Topic:
        """Return a topic, made now if it is not there. Its number of partitions is never changed afterwards."""
        there = self.topics([name])
        if not there:
            wanted = {"num_partitions": partitions, "replication_factor": replicas, "configs": dict(settings or {})}
            with contextlib.suppress(library().errors.TopicAlreadyExistsError):
                _answered(lambda: self._admin.create_topics({name: wanted}, wait_for_metadata=True))
            there = self.topics([name])
        return there[name]

    def delete(self, name: str) -> None:
        """Delete a topic with all that stands on it, and come back when it is gone."""
        _answered(lambda: self._admin.delete_topics([name]))
        while self.topics([name]):
            time.sleep(GONE_POLL_SECONDS)

    def bounds(self, partitions: Collection[Partition]) -> dict[Partition, tuple[int, int]]:
        """Return the first offset that is still there and the one after the last, for each partition."""
        with _reader(self._settings) as reader:
            theirs = [library().TopicPartition(*partition) for partition in partitions]
            first = _answered(lambda: reader.beginning_offsets(theirs, timeout_ms=REQUEST_TIMEOUT_MS))
            end = _answered(lambda: reader.end_offsets(theirs, timeout_ms=REQUEST_TIMEOUT_MS))
        return {Partition(*one): (first[one], end[one]) for one in theirs}

    def read(self, topic: str, *, records_last: int | None = None) -> Iterator[Received]:
        """Yield the committed records that stand on a topic now: all, or about the last of each partition."""
        bounds = self.bounds([Partition(topic, n) for n in range(self.topics([topic])[topic].partitions)])
        yield from _records(self._settings, bounds, records_last)


def _records(
    settings: KafkaSettings, bounds: Mapping[Partition, tuple[int, int]], records_last: int | None
) -> Iterator[Received]:
    from adapters.kafka.subscriber import _received

    with _reader(settings) as reader:
        theirs = {library().TopicPartition(*partition): end for partition, (_, end) in bounds.items()}
        reader.assign(list(theirs))
        for partition, (first, end) in bounds.items():
            start = first if records_last is None else max(first, end - records_last)
            reader.seek(library().TopicPartition(*partition), start)
        give_up = time.monotonic() + READ_SECONDS_MAX
        while any(reader.position(one, timeout_ms=REQUEST_TIMEOUT_MS) < end for one, end in theirs.items()):
            for one, records in _answered(lambda: reader.poll(timeout_ms=500)).items():
                yield from (_received(record) for record in records if record.offset < theirs[one])
                give_up = time.monotonic() + READ_SECONDS_MAX
            if time.monotonic() > give_up:
                raise Interrupted(f"{next(iter(bounds)).topic}: nothing was received for {READ_SECONDS_MAX:.0f} s")


@contextlib.contextmanager
def _reader(settings: KafkaSettings) -> Iterator[Any]:
    reader = _answered(
        lambda: library().KafkaConsumer(
            **settings.client(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
    )
    try:
        yield reader
    finally:
        with contextlib.suppress(Exception):
            reader.close(autocommit=False, timeout_ms=1000)


def _limit(told: Any, name: str) -> int:
    value = told.get("topic", {}).get(name, {}).get("max.message.bytes", {}).get("value")
    return int(value) if value else RECORD_BYTES_DEFAULT


def _answered(call: Any) -> Any:
    try:
        return call()
    except (library().errors.KafkaError, OSError, ValueError, AssertionError) as fault:
        raise Interrupted(f"Kafka: {type(fault).__name__}: {fault}") from fault
