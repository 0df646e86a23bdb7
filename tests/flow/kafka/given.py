"""Logs with events, processes that publish and ingest, and what stands on topics, counted against the log."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from adapters.event_log import Log, open_log
from adapters.kafka.cluster import Cluster
from adapters.kafka.port import Received
from adapters.kafka.settings import KafkaSettings
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
