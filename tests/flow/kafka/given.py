"""Logs with events, processes that publish and ingest, and what stands on topics, counted against the log."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from adapters.event_log import Log, open_log
from adapters.kafka.cloudevents import CloudEvent, encode
from adapters.kafka.cluster import Cluster
from adapters.kafka.port import Received, Record
from adapters.kafka.publisher import Publisher
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.subscriber import Balance
from adapters.kafka.tables import Tables
from adapters.kafka_in.config import InboundTopic, Ingest, Mapped
from adapters.kafka_in.ingesting import Ingester, Progress
from adapters.kafka_out.lease import standings
from adapters.kafka_out.outcomes import Outcomes
from domain.events.decision import DecisionRaised
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.values import MessageKey

ROOT = Path(__file__).resolve().parents[3]
ALLIANCES = ("north", "south", "west")
BEGAN_AT = 1_700_000_000


def a_log(url: str, events: int = 0) -> Log:
    """Return a log with events in three alliances."""
    log = open_log(url)
    add_events(log, events)
    return log


def add_events(log: Log, events: int, *, title: str | None = None) -> None:
    """Append events, one message each, the alliances taking turns."""
    first = log.head()
    log.append_all([raised(number, title=title) for number in range(first, first + events)])


def raised(number: int, *, title: str | None = None) -> Append:
    envelope = Envelope(
        alliance=ALLIANCES[number % len(ALLIANCES)],
        effective_at=BEGAN_AT + number,
        message=MessageKey("given", str(number)),
    )
    fact = DecisionRaised(decision=f"D{number}", body="jsc", matter="pricing", title=title)
    return Append(envelope=envelope, facts=[Decided(fact)], digest=b"%d" % number)


def settings_for(bootstrap: str, *, partitions: int = 3) -> KafkaSettings:
    """Return settings with topics that no other test has."""
    return KafkaSettings(bootstrap=bootstrap, topics=f"t{uuid4().hex[:10]}", partitions=partitions)


def on_topic(settings: KafkaSettings, topic: str) -> list[Received]:
    """Return every committed record of a topic, in the order of each partition."""
    with Cluster(settings) as cluster:
        return list(cluster.read(topic))


@dataclass
class Count:
    """What was published, against what the log holds."""

    lost: int = 0
    doubled: int = 0
    foreign: int = 0
    out_of_order: int = 0
    records: int = 0

    @property
    def exact(self) -> bool:
        return (self.lost, self.doubled, self.foreign, self.out_of_order) == (0, 0, 0, 0)

    @property
    def exact_once_repeats_are_dropped(self) -> bool:
        return (self.lost, self.foreign, self.out_of_order) == (0, 0, 0)


def count(log: Log, records: list[Received]) -> Count:
    """Count records by their event id against the log. Order is that of first appearance, for each key."""
    wanted = {event.meta.event_id: event.position for event in log.read(after=0, limit=1_000_000)}
    seen = Counter(header(record, "ce_id") for record in records)
    counted = Count(records=len(records))
    counted.lost = len(wanted.keys() - seen.keys())
    counted.foreign = len(seen.keys() - wanted.keys())
    counted.doubled = sum(times - 1 for times in seen.values())
    last: dict[bytes | None, str] = defaultdict(str)
    met = set()
    for record in records:
        if header(record, "ce_id") in met:
            continue
        met.add(header(record, "ce_id"))
        place = header(record, "ce_sequence")
        counted.out_of_order += place <= last[record.key]
        last[record.key] = place
    return counted


def header(record: Received, name: str) -> str:
    value = dict(record.headers).get(name)
    return "" if value is None else value.decode()


@dataclass
class Process:
    """A command of cynosure in a process of its own, that can be killed, paused and resumed."""

    running: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        self.running.send_signal(signal.SIGKILL)
        self.running.wait()

    def pause(self) -> None:
        self.running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.running.send_signal(signal.SIGCONT)

    def end(self, *, seconds: float = 30) -> int:
        """Ask it to stop and return its exit code."""
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(seconds)

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(settings: KafkaSettings, url: str, *words: str, folder: Path) -> Iterator[Process]:
    """Run a command of cynosure until the block ends."""
    path = folder / f"{words[0]}-{uuid4().hex[:6]}.log"
    environment = {
        **os.environ,
        "CYNOSURE_KAFKA": settings.bootstrap,
        "CYNOSURE_KAFKA_TOPICS": settings.topics,
        "CYNOSURE_KAFKA_PARTITIONS": str(settings.partitions),
        "CYNOSURE_DATABASE_URL": url,
    }
    with path.open("wb") as out:
        command = [sys.executable, "-c", "from adapters.main import main; main()", *words]
        started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    process = Process(started, path)
    try:
        yield process
    finally:
        process.resume()
        process.kill()


def eventually(holds: Callable[[], bool], *, seconds: float = 60, every: float = 0.1) -> bool:
    """Wait until something holds; return whether it did in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(every)
    return holds()


# Messages of services

FORMED = {
    "title": "North",
    "kind": "strategic",
    "parties": [{"id": "acme", "name": "Acme"}, {"id": "zenith", "name": "Zenith"}],
}


def message(
    type_: str, words: dict[str, Any], *, id_: str | None = None, source: str = "/acme/desk", **attributes: str
) -> Record:
    """Return a message of a service, in binary mode, without a topic."""
    said = {
        "id": id_ or uuid4().hex,
        "source": source,
        "type": f"dev.cynosure.{type_}.v1",
        "time": "2026-03-04T09:00:00Z",
        "datacontenttype": "application/json",
        **attributes,
    }
    value = json.dumps({"alliance": "north", **words}).encode()
    return Record("", b"north", value, encode(CloudEvent(said, value)), 1_772_000_000_000)


def formed(alliance: str = "north", **more: Any) -> Record:
    return message("alliance-formed", {**FORMED, "alliance": alliance}, **more)


def raised_by_acme(decision: str, **more: Any) -> Record:
    words = {"decision": decision, "body": "jsc", "matter": "pricing", "by": "acme", **more.pop("words", {})}
    return message("decision-raised", words, **more)


def sent(settings: KafkaSettings, topic: str, *records: Record) -> None:
    """Send messages to a topic, in order."""
    publisher = Publisher(settings, record_bytes_max=6_000_000)
    for record in records:
        publisher.send(record._replace(topic=topic))
    publisher.drain()
    publisher.close()


def inbound_topic(settings: KafkaSettings, *, partitions: int = 1, record_bytes_max: int = 1_000_000) -> str:
    """Make a topic for messages and return its name. What is old when it is sent stays, as it does not elsewhere."""
    name = f"{settings.topics}.in"
    limits = {"max.message.bytes": str(record_bytes_max), "retention.ms": "-1"}
    with Cluster(settings) as cluster:
        cluster.make(name, partitions=partitions, replicas=1, settings=limits)
    return name


def ingested(log: Log, url: str, settings: KafkaSettings, ingest: Ingest) -> Progress:
    """Ingest everything that is there now."""
    tables = Tables(url)
    ingester = Ingester(log, tables, settings, ingest, session_seconds=6)
    ingester.run(once=True)
    tables.close()
    return ingester.progress


def for_parties(topic: str, *parties: str, mappings: tuple[Mapped, ...] = ()) -> Ingest:
    return Ingest(name=f"of-{topic}", topics={topic: InboundTopic(parties=parties, mappings=mappings)})


def answers(url: str, settings: KafkaSettings) -> list[dict[str, Any]]:
    """Return the answers as they are published."""
    tables = Tables(url)
    feed = Outcomes(tables, settings, source="urn:test")
    found = [json.loads(outgoing.record.value or b"") for outgoing in feed.page(0, 10_000)]
    tables.close()
    return found


class in_thread:  # noqa: N801  # it reads as what it is: `with in_thread(...) as ingester`
    """An ingester that runs beside the test; what ended it is raised at the end."""

    def __init__(
        self, log: Log, url: str, settings: KafkaSettings, ingest: Ingest, *, balance: Balance = "cooperative"
    ) -> None:
        self._tables = Tables(url)
        self._ingester = Ingester(log, self._tables, settings, ingest, session_seconds=2, balance=balance)
        self._faults: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self._ingester.run()
        except BaseException as fault:  # noqa: BLE001  # raised again where the block ends
            self._faults.append(fault)

    def __enter__(self) -> Ingester:
        self._thread.start()
        return self._ingester

    def __exit__(self, *_: object) -> None:
        self._ingester.progress.stop.set()
        self._thread.join(30)
        self._tables.close()
        if self._faults:
            raise self._faults[0]


def published_up_to(url: str) -> int:
    """Return the position that the feed which is furthest is published up to."""
    tables = Tables(url)
    found = standings(tables)
    tables.close()
    return max((at for _, at, _, _ in found), default=0)
