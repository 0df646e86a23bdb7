"""Puts feeds and relays together: what one process publishes, in one thread for each feed."""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from adapters.event_log import Log
from adapters.kafka.cluster import Cluster
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.standing import Working
from adapters.kafka.tables import Tables
from adapters.kafka_out.dead_letters import DeadLetters
from adapters.kafka_out.events import Events, source_of
from adapters.kafka_out.lease import Leases
from adapters.kafka_out.outcomes import Outcomes
from adapters.kafka_out.relay import Mode, Pace, Relay
from adapters.kafka_out.rows import Rows, make_row_topics
from adapters.kafka_out.topics import LIMIT_MARGIN_BYTES, make_inbound_topics, make_topics
from projections.projection import Projection


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

    def working(self) -> list[Working]:
        """Return what only this process knows of its feeds."""
        return [
            Working(
                relay.feed.name,
                relay.progress.rebuilds,
                relay.progress.oldest_seconds,
                without_value=relay.feed.without_value,
            )
            for relay in self.relays
        ]

    def _guarded(self, relay: Relay, faults: list[BaseException], *, once: bool) -> Callable[[], None]:
        def run() -> None:
            try:
                relay.run(once=once)
            except BaseException as fault:  # noqa: BLE001  # it is raised again where the relays were started
                faults.append(fault)
                self.stop()
            finally:
                relay.feed.close()

        return run


def publishing(
    log: Log,
    tables: Tables,
    settings: KafkaSettings,
    *,
    mode: Mode,
    start: int | None = None,
    pace: Pace | None = None,
    rows: Sequence[Projection] = (),
    database_url: str = "",
) -> Publishing:
    """Return what publishes a log: its events (from `start` on where it is given), its answers, and what was parked.

    `rows` are the projections whose rows in `database_url` are published too.
    """
    identity, patience = log.identity(), pace or Pace()
    source = source_of(identity)
    of_rows = [Rows(log, database_url, projection, settings, source=source) for projection in rows]
    with Cluster(settings) as cluster:
        events = make_topics(cluster, settings, source=source)
        make_inbound_topics(cluster, settings, tables)
        if of_rows:
            make_row_topics(cluster, settings, of_rows)
    limit = events.record_bytes_max - LIMIT_MARGIN_BYTES
    leases = Leases(tables, holder=holder(), lease_seconds=patience.lease_seconds)
    build = partial(Relay, leases=leases, settings=settings, incarnation=identity.incarnation, pace=patience)
    relays = [
        build(Events(log, settings, record_bytes_max=limit), mode=mode, start=start, record_bytes_max=limit),
        build(Outcomes(tables, settings, source=source), mode=mode, record_bytes_max=limit),
        build(DeadLetters(tables, settings, record_bytes_max=limit), mode=mode, record_bytes_max=limit),
    ]
    # An old row that comes late would survive compaction as the only one, so rows are always fenced.
    relays += [build(feed, mode="exactly-once", record_bytes_max=feed.record_bytes_max) for feed in of_rows]
    return Publishing(relays=relays)


def holder() -> str:
    """Return how this process is named to people: machine and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"
