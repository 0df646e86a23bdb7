"""Puts feeds and relays together: what one process publishes, in one thread for each feed."""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.event_log import Log
from adapters.kafka.cluster import Cluster
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka_out.dead_letters import DeadLetters
from adapters.kafka_out.events import Events, source_of
from adapters.kafka_out.feed import Feed
from adapters.kafka_out.lease import Leases
from adapters.kafka_out.outcomes import Outcomes
from adapters.kafka_out.relay import Mode, Pace, Relay
from adapters.kafka_out.topics import make_inbound_topics, make_topics
from domain.ports import LogIdentity

LIMIT_MARGIN_BYTES = 1_024
"""What the batch around a single record takes, and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """What a process publishes: one relay for each feed."""

    relays: Sequence[Relay]

    def run(self, *, once: bool = False) -> None:
        """Publish until `stop`, or with `once` until what is there now is out. Raise what ended the first relay."""
        faults: list[BaseException] = []
        threads = [
            threading.Thread(target=self._guarded(relay, faults, once=once), name=relay.feed.name, daemon=True)
            for relay in self.relays
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]

    def stop(self) -> None:
        """Let every relay end after what it is at."""
        for relay in self.relays:
            relay.progress.stop.set()

    def _guarded(self, relay: Relay, faults: list[BaseException], *, once: bool) -> Callable[[], None]:
        def run() -> None:
            try:
                relay.run(until=relay.feed.head() if once else None)
            except BaseException as fault:  # noqa: BLE001  # it is raised again where the relays were started
                faults.append(fault)
                self.stop()

        return run


def publishing(
    log: Log,
    tables: Tables,
    settings: KafkaSettings,
    *,
    mode: Mode,
    start: int | None = None,
    pace: Pace | None = None,
) -> Publishing:
    """Return what publishes a log: its events (from `start` on where it is given), its answers, and what was parked."""
    identity = log.identity()
    source = source_of(identity)
    with Cluster(settings) as cluster:
        events = make_topics(cluster, settings, source=source)
        make_inbound_topics(cluster, settings, tables)
    limit = events.record_bytes_max - LIMIT_MARGIN_BYTES
    feeds: list[tuple[Feed, int | None]] = [
        (Events(log, settings, record_bytes_max=limit), start),
        (Outcomes(tables, settings, source=source), None),
        (DeadLetters(tables, settings, record_bytes_max=limit), None),
    ]
    patience = pace or Pace()
    leases = Leases(tables, holder=holder(), lease_seconds=patience.lease_seconds)
    return Publishing(
        relays=[
            _relay(feed, leases, settings, identity, mode=mode, record_bytes_max=limit, start=begin, pace=patience)
            for feed, begin in feeds
        ]
    )


def _relay(feed: Feed, leases: Leases, settings: KafkaSettings, identity: LogIdentity, **more: Any) -> Relay:
    return Relay(feed, leases, settings, incarnation=identity.incarnation, **more)


def holder() -> str:
    """Return how this process is named to people: machine and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"
