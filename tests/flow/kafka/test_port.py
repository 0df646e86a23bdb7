"""The guards of the port to the client library: each against what the library does without it."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.kafka import publisher as publisher_module
from adapters.kafka.cluster import COMPACTED, Cluster
from adapters.kafka.port import Interrupted, Record, TooLarge, library
from adapters.kafka.publisher import Publisher
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.subscriber import Subscriber
from tests.flow.kafka.given import ROOT, eventually, on_topic, settings_for
from tests.services.kafka import KafkaCluster


def a_topic(settings: KafkaSettings, **limits: str) -> str:
    name = f"{settings.topics}.port"
    with Cluster(settings) as cluster:
        named = {limit.replace("_", "."): value for limit, value in limits.items()}
        cluster.make(name, partitions=1, replicas=1, settings=named)
    return name


def record(topic: str, value: bytes, key: bytes | None = b"k") -> Record:
    return Record(topic, key, value, [], int(time.time() * 1000))


def send_all(publisher: Publisher, records: list[Record]) -> None:
    for one in records:
        publisher.send(one)


def values(settings: KafkaSettings, topic: str) -> list[bytes | None]:
    return [received.value for received in on_topic(settings, topic)]


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaCluster]:
    with KafkaCluster() as kafka:
        yield kafka


def test_a_record_too_large_is_refused_before_it_is_sent_and_harms_no_other(kafka_bootstrap: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = a_topic(settings, max_message_bytes="4000")
    publisher = Publisher(settings, record_bytes_max=3_000)
    publisher.send(record(topic, b"before"))
    with pytest.raises(TooLarge, match="the most is 3000"):
        publisher.send(record(topic, b"x" * 5_000))
    publisher.send(record(topic, b"after"))
    assert publisher.drain() == 2
    publisher.close()
    assert values(settings, topic) == [b"before", b"after"]


def test_without_that_guard_the_broker_refuses_it_and_the_publisher_says_so(kafka_bootstrap: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = a_topic(settings, max_message_bytes="4000")
    publisher = Publisher(settings)
    publisher.send(record(topic, b"x" * 5_000))
    with pytest.raises(Interrupted, match="a record was refused"):
        publisher.drain()
    publisher.abandon()
    again = Publisher(settings)
    again.send(record(topic, b"after"))
    assert again.drain() == 1
    again.close()


def test_a_transaction_in_which_a_record_was_refused_is_not_committed(kafka_bootstrap: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = a_topic(settings, **{key.replace(".", "_"): value for key, value in COMPACTED.items()})
    publisher = Publisher(settings, transactional_id=topic)
    publisher.fence()
    publisher.begin()
    publisher.send(record(topic, b"good"))
    publisher.send(record(topic, b"without a key, on a compacted topic", key=None))
    with pytest.raises(Interrupted):
        publisher.commit()
    publisher.abandon()
    again = Publisher(settings, transactional_id=topic)
    again.fence()
    again.begin()
    again.send(record(topic, b"the only one"))
    again.commit()
    again.close()
    assert values(settings, topic) == [b"the only one"]


@pytest.mark.own_broker
def test_a_broker_that_does_not_answer_is_noticed_and_a_new_publisher_goes_on(broker: KafkaCluster) -> None:
    settings = settings_for(broker.bootstrap)
    topic = a_topic(settings)
    publisher = Publisher(settings, stall_seconds_max=3)
    publisher.send(record(topic, b"first"))
    publisher.drain()
    broker.pause(1)
    publisher.send(record(topic, b"second"))
    began = time.monotonic()
    with pytest.raises(Interrupted, match="nothing was acknowledged"):
        publisher.drain()
    assert time.monotonic() - began < 10
    began = time.monotonic()
    publisher.abandon()
    assert time.monotonic() - began < 5
    broker.resume(1)
    again = Publisher(settings, stall_seconds_max=30)
    again.send(record(topic, b"third"))
    assert again.drain() == 1
    again.close()
    # What lay in the socket of the one that was abandoned may still have come in, before the third or after it.
    found = values(settings, topic)
    assert [value for value in found if value != b"second"] == [b"first", b"third"]


@pytest.mark.own_broker
def test_no_more_is_in_flight_than_the_budget_while_a_broker_is_silent(broker: KafkaCluster) -> None:
    settings = settings_for(broker.bootstrap)
    topic = a_topic(settings)
    publisher = Publisher(settings, stall_seconds_max=3)
    publisher.send(record(topic, b"first"))
    publisher.drain()
    broker.pause(1)
    try:
        with pytest.raises(Interrupted):
            send_all(publisher, [record(topic, b"x" * 900_000)] * 100)
        in_flight = publisher.sent - publisher.arrived
    finally:
        broker.resume(1)
    publisher.abandon()
    most = publisher_module.BYTES_IN_FLIGHT_MAX
    assert in_flight * 900_000 <= most + 900_000
    assert in_flight > 10


class Impatient(Publisher):
    """Asks again after two seconds."""

    def settings(self, transactional_id: str | None) -> dict[str, Any]:
        return {**super().settings(transactional_id), "request_timeout_ms": 2_000}


class Forgetful(Impatient):
    """Does not number what it sends."""

    def settings(self, transactional_id: str | None) -> dict[str, Any]:
        return {**super().settings(transactional_id), "enable_idempotence": False}


@pytest.mark.own_broker
@pytest.mark.parametrize("kind", [Impatient, Forgetful])
def test_what_is_sent_again_is_there_once_because_the_producer_is_idempotent_and_for_no_other_reason(
    broker: KafkaCluster, kind: type[Publisher]
) -> None:
    """The broker is asleep while requests run out, and then finds the first and the second of each in its sockets."""
    settings = settings_for(broker.bootstrap)
    topic = a_topic(settings)
    publisher = kind(settings)
    publisher.send(record(topic, b"first"))
    publisher.drain()
    broker.pause(1)
    publisher.send(record(topic, b"second"))
    time.sleep(6)
    broker.resume(1)
    publisher.drain()
    publisher.close()
    found = Counter(values(settings, topic))
    assert set(found) == {b"first", b"second"}
    assert (found[b"second"] > 1) is (kind is Forgetful)


def joined(settings: KafkaSettings, topic: str, group: str, **more: Any) -> Any:
    """Return a bare consumer of a group, once it has partitions."""
    consumer = library().KafkaConsumer(
        **settings.client(), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest", **more
    )
    consumer.partitions_for_topic(topic)
    consumer.subscribe([topic])
    assert eventually(lambda: bool(consumer.poll(timeout_ms=1_000)) or bool(consumer.assignment()), seconds=30)
    return consumer


def test_offsets_committed_in_a_transaction_are_not_fenced_once_membership_is_lost(kafka_bootstrap: str) -> None:
    """So the fence lies in the database: an ingest never gives its group's metadata to a transaction (G7)."""
    settings = settings_for(kafka_bootstrap)
    topic = a_topic(settings)
    place = library().TopicPartition(topic, 0)
    lost = joined(settings, topic, "g7")
    lost.unsubscribe()
    owner = joined(settings, topic, "g7")
    zombie = library().KafkaProducer(**settings.client(), transactional_id=f"{topic}-zombie")
    zombie.init_transactions()
    zombie.begin_transaction()
    offset = library().structs.OffsetAndMetadata(7, "", -1)
    zombie.send_offsets_to_transaction({place: offset}, lost.group_metadata())
    zombie.commit_transaction()
    taken_over = owner.committed(place, timeout_ms=10_000)
    for one in (zombie, owner, lost):
        one.close()
    assert taken_over == 7, "refused: the guard is needed no more"
    used = [path.name for path in (ROOT / "adapters").rglob("*.py") if "send_offsets" in path.read_text("utf-8")]
    assert used == []


def test_a_fenced_static_member_polls_on_in_silence_and_ours_are_dynamic(kafka_bootstrap: str) -> None:
    """Whoever comes with the same static name gets the partition, and the first is not told (G8)."""
    settings = settings_for(kafka_bootstrap)
    topic = a_topic(settings)
    first = joined(settings, topic, "g8", group_instance_id="one")
    second = joined(settings, topic, "g8", group_instance_id="one")
    heard = [first.poll(timeout_ms=1_000) for _ in range(3)]
    believes = first.assignment() & second.assignment()
    for one in (second, first):
        one.close(autocommit=False, timeout_ms=2_000)
    assert heard == [{}, {}, {}]
    assert len(believes) == 1, "the first was told: the guard is needed no more"
    ours = Subscriber(settings, group="g8", topics=[topic], assigned=lambda given: dict.fromkeys(given, 0))
    assert ours._consumer.config["group_instance_id"] is None  # what it asks of the library
    ours.close()


def test_a_broker_that_is_not_there_is_told_in_time() -> None:
    began = time.monotonic()
    with pytest.raises(Interrupted, match="Kafka cannot be reached"):
        Publisher(KafkaSettings(bootstrap="127.0.0.1:1"), stall_seconds_max=2)
    assert time.monotonic() - began < 10


def test_importing_the_library_warns_nobody() -> None:
    code = "from adapters.kafka.port import library; library()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert library().KafkaProducer
