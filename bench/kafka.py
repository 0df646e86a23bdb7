"""Kafka both ways: the relay against a bare producer that sends the same records, ingesting against a bare consumer."""

import atexit
import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any
from uuid import uuid4

from adapters.event_log import Log, open_log
from adapters.follower.follower import bulk_work
from adapters.handling import Handler
from adapters.kafka.cluster import Cluster
from adapters.kafka.port import Received, Record, library
from adapters.kafka.publisher import Publisher
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.subscriber import Subscriber
from adapters.kafka.tables import Tables
from adapters.kafka_in.config import InboundTopic, Ingest
from adapters.kafka_in.ingesting import RUN_MESSAGES_MAX, Ingester
from adapters.kafka_in.reading import Read, Reader
from adapters.kafka_out.events import Events, source_of
from adapters.kafka_out.lease import Leases
from adapters.kafka_out.relay import Mode, Pace, Relay
from adapters.kafka_out.topics import make_topics
from bench.harness import Benchmark, Latency, Variant, Work
from bench.logs import postgres_url, sqlite_log, wishes
from tests.flow.kafka.given import formed, raised_by_acme, sent
from tests.services.kafka import KAFKA_CURRENT, KafkaCluster, jars_at_hand

PAGE = 1_000
EVENTS_PER_SECOND = 100


def benchmarks(*, small: bool) -> list[Benchmark | Latency]:
    if not jars_at_hand(KAFKA_CURRENT):
        print("no broker to measure with: run scripts/broker", file=sys.stderr)
        return []
    events, messages, rounds = (400, 60, 1) if small else (40_000, 5_000, 5)
    return [
        Benchmark(
            "publish events",
            [
                Variant("kafka-python, same records", lambda: _bare_producer(events)),
                Variant("relay, at least once", lambda: _relay(events, "at-least-once"), 0.70),
                Variant("relay, exactly once", lambda: _relay(events, "exactly-once")),
            ],
            rounds,
        ),
        Benchmark(
            "publish in transactions",
            [
                Variant("relay, at least once", lambda: _relay(events, "at-least-once")),
                Variant("exactly once, 1,000 events each", lambda: _relay(events, "exactly-once"), 0.55),
                Variant("exactly once, 5,000 events each", lambda: _relay(events, "exactly-once", each=5_000), 0.70),
            ],
            rounds,
        ),
        Benchmark(
            "receive messages",
            [
                Variant("kafka-python, unread", lambda: _bare_consumer(messages * 2)),
                Variant("received and read", lambda: _read(messages * 2), 0.5),
            ],
            rounds,
        ),
        Benchmark(
            "ingest into PostgreSQL",
            [
                Variant("bulk append of facts made before", lambda: _bulk_append(messages)),
                Variant("kafka-python, unread and not recorded", lambda: _bare_consumer(messages)),
                Variant("ingest", lambda: _ingest(messages), 0.8),
            ],
            rounds,
        ),
        Benchmark(
            "what ingesting once adds",
            [
                Variant("received, read, judged, appended in runs", lambda: _received_and_handled(messages)),
                Variant("ingest", lambda: _ingest(messages), 0.8),
            ],
            rounds,
        ),
        Latency(f"append to readable at {EVENTS_PER_SECOND} events/s", lambda: _latency(20 if small else 1_000)),
    ]


@functools.cache
def _broker() -> str:
    kafka = KafkaCluster()
    kafka.__enter__()
    atexit.register(kafka.__exit__, None, None, None)
    return kafka.bootstrap


def _settings() -> KafkaSettings:
    return KafkaSettings(bootstrap=_broker(), topics=f"b{uuid4().hex[:10]}", partitions=3)


@contextmanager
def _published(count: int) -> Iterator[tuple[Log, KafkaSettings, Events]]:
    """Give a log with events, topics for it, and its events as a feed."""
    settings = _settings()
    with sqlite_log("NORMAL") as log:
        wanted = wishes(count)
        for first in range(0, count, PAGE):
            log.append_all(wanted[first : first + PAGE])
        with Cluster(settings) as cluster:
            topic = make_topics(cluster, settings, source=source_of(log.identity()))
        yield log, settings, Events(log, settings, record_bytes_max=topic.record_bytes_max)


@contextmanager
def _bare_producer(count: int) -> Iterator[Work]:
    with _published(count) as (_, settings, feed):
        records = [outgoing.record for outgoing in feed.page(0, count)]
        producer = library().KafkaProducer(
            **settings.client(), acks="all", batch_size=65_536, linger_ms=5, max_request_size=1_100_000
        )
        producer.partitions_for(feed.name)

        def work() -> int:
            futures = [_send(producer, record) for record in records]
            producer.flush(timeout=60)
            return sum(future.succeeded() for future in futures)

        yield work
        producer.close(timeout=5)


def _send(producer: Any, record: Record) -> Any:
    return producer.send(
        record.topic,
        key=record.key,
        value=record.value,
        headers=list(record.headers),
        timestamp_ms=record.timestamp_ms,
    )


@contextmanager
def _relay(count: int, mode: Mode, *, each: int = PAGE) -> Iterator[Work]:
    with _published(count) as (log, settings, feed), closing(Tables(f"sqlite:///{log.recorder.where}")) as tables:  # type: ignore[attr-defined]
        leases = Leases(tables, holder="bench")
        pace = Pace(transaction_records_max=each)
        relay = Relay(feed, leases, settings, incarnation=log.identity().incarnation, mode=mode, pace=pace)

        def work() -> int:
            relay.run(once=True)
            return relay.progress.position

        yield work


@contextmanager
def _inbound(count: int) -> Iterator[tuple[KafkaSettings, str, Publisher]]:
    """Give a topic with one message, and more that can be read only when the publisher commits them.

    Whoever is measured joins and takes the first before the clock starts, and finds all the others at once after.
    """
    settings = _settings()
    topic = f"{settings.topics}.in"
    with Cluster(settings) as cluster:
        cluster.make(topic, partitions=1, replicas=1, settings={"retention.ms": "-1"})
    sent(settings, topic, formed())
    publisher = Publisher(settings, transactional_id=topic)
    publisher.fence()
    publisher.begin()
    for number in range(count):
        publisher.send(raised_by_acme(f"D{number}")._replace(topic=topic))
    publisher.drain()
    yield settings, topic, publisher
    publisher.close()


@contextmanager
def _bare_consumer(count: int) -> Iterator[Work]:
    with _inbound(count) as (settings, topic, publisher):
        consumer = library().KafkaConsumer(
            **settings.client(), group_id=None, isolation_level="read_committed", max_poll_records=1_000
        )
        place = library().TopicPartition(topic, 0)
        consumer.assign([place])
        consumer.seek(place, 0)
        _received(lambda: consumer.poll(timeout_ms=1_000).values(), 1)
        publisher.commit()
        yield lambda: _received(lambda: consumer.poll(timeout_ms=1_000).values(), count)
        consumer.close()


@contextmanager
def _reading(count: int) -> Iterator[tuple[Subscriber, Reader, Publisher]]:
    with _inbound(count) as (settings, topic, publisher):
        subscriber = Subscriber(
            settings, group=uuid4().hex, topics=[topic], assigned=lambda given: dict.fromkeys(given, 0)
        )
        with bulk_work():  # as the ingest has it
            yield subscriber, Reader(Ingest(topics={topic: InboundTopic(parties=("acme",))})), publisher
        subscriber.close()


@contextmanager
def _read(count: int) -> Iterator[Work]:
    with _reading(count) as (subscriber, reader, publisher):

        def read() -> list[list[Read]]:
            return [[reader.read(received) for received in records] for records in subscriber.poll().values()]

        _received(read, 1)
        publisher.commit()
        yield lambda: _received(read, count)


def _received(poll: Callable[[], Iterable[Sequence[object]]], count: int) -> int:
    """Poll until so many have come."""
    received = 0
    while received < count:
        received += sum(map(len, poll()))
    return received


@contextmanager
def _bulk_append(count: int) -> Iterator[Work]:
    with postgres_url() as url, open_log(url) as log:
        wanted = wishes(count)

        def work() -> int:
            for first in range(0, count, PAGE):
                log.append_all(wanted[first : first + PAGE])
            return count

        yield work


@contextmanager
def _received_and_handled(count: int) -> Iterator[Work]:
    """Do what ingesting does, in the same runs, without its guarantees: no offset, fence or answer is written."""
    with _reading(count) as (subscriber, reader, publisher), postgres_url() as url, open_log(url) as log:
        handler = Handler(log)

        def handle(run: Sequence[Received]) -> int:
            items = [reader.read(received).item for received in run]
            receipts = log.append_whole(handler.apart((one.message, one.envelope, one.digest) for one in items))
            return len(receipts or ())

        def take(wanted: int) -> int:
            taken = 0
            while taken < wanted:
                for records in subscriber.poll().values():
                    runs = range(0, len(records), RUN_MESSAGES_MAX)
                    taken += sum(handle(records[first : first + RUN_MESSAGES_MAX]) for first in runs)
            return taken

        take(1)
        publisher.commit()
        yield lambda: take(count)


@contextmanager
def _ingest(count: int) -> Iterator[Work]:
    with _inbound(count) as (settings, topic, publisher), postgres_url() as url, open_log(url) as log:
        ingest = Ingest(name=topic, topics={topic: InboundTopic(parties=("acme",))})
        with closing(Tables(url)) as tables:
            ingester = Ingester(log, tables, settings, ingest)
            thread = Thread(target=ingester.run, daemon=True)
            thread.start()
            while ingester.progress.taken < 1:
                time.sleep(0.01)

            def work() -> int:
                publisher.commit()
                while ingester.progress.taken <= count:
                    time.sleep(0.005)
                return count

            yield work
            ingester.progress.stop.set()
            thread.join(30)


def _latency(samples: int) -> Sequence[float]:
    """Return the seconds from an append to its record being received, at a steady pace."""
    with _published(10) as (log, settings, feed), closing(Tables(f"sqlite:///{log.recorder.where}")) as tables:  # type: ignore[attr-defined]
        relay = Relay(feed, Leases(tables, holder="bench"), settings, incarnation=log.identity().incarnation)
        with _running(relay):
            return _paced(log, settings, feed, samples)


@contextmanager
def _running(relay: Relay) -> Iterator[None]:
    thread = Thread(target=relay.run, daemon=True)
    thread.start()
    yield
    relay.progress.stop.set()
    thread.join(30)


def _paced(log: Log, settings: KafkaSettings, feed: Events, samples: int) -> list[float]:
    subscriber = Subscriber(
        settings, group=uuid4().hex, topics=[feed.name], assigned=lambda given: dict.fromkeys(given, 0)
    )
    appended: dict[str, float] = {}
    seconds: list[float] = []
    wanted = wishes(10 + samples)[10:]

    def append() -> None:
        for append in wanted:
            time.sleep(1 / EVENTS_PER_SECOND)
            at = time.perf_counter()
            last = log.append(append).last
            appended[str(last)] = at

    received = 0
    thread = Thread(target=append, daemon=True)
    while received < 10:
        received += sum(map(len, subscriber.poll().values()))
    thread.start()
    while len(seconds) < samples:
        for records in subscriber.poll().values():
            now = time.perf_counter()
            for record in records:
                place = str(int((dict(record.headers)["ce_sequence"] or b"")[11:]))
                seconds.append(now - appended[place])
    thread.join()
    subscriber.close()
    return seconds
