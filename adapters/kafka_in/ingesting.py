"""Takes records into the log: the effect, the consumed offset and the answer commit together, or none of them."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.event_log import Log
from adapters.follower.follower import bulk_work
from adapters.kafka.cluster import Cluster, Topic
from adapters.kafka.port import Interrupted, Partition, Received
from adapters.kafka.settings import KafkaSettings, dead_letter_topic
from adapters.kafka.standing import Working
from adapters.kafka.subscriber import SESSION_SECONDS, Balance, Subscriber
from adapters.kafka.tables import Tables, is_transient
from adapters.kafka_in.config import Ingest
from adapters.kafka_in.offsets import Fenced, Offsets
from adapters.kafka_in.parking import park, parked_streams, stream_of
from adapters.kafka_in.reading import Unfit
from adapters.kafka_in.taking import Taking
from adapters.logs import Logger
from adapters.tracing import span
from domain.errors import Conflict

BACKOFF_SECONDS_MAX = 30.0
RUN_MESSAGES_MAX = 500

Polled = Mapping[Partition, Sequence[Received]]

logger = Logger("cynosure.kafka_in")


@dataclass(slots=True)
class Progress:
    """What an ingester has come to, for those who watch it."""

    taken: int = 0
    parked: int = 0
    rebuilds: int = 0
    lag: int = 0
    stop: threading.Event = field(default_factory=threading.Event)


class Ingester:
    """One member of an ingest. `run` comes back when it is told to stop, or raises Halted."""

    def __init__(
        self,
        log: Log,
        tables: Tables,
        settings: KafkaSettings,
        ingest: Ingest,
        *,
        balance: Balance = "cooperative",
        session_seconds: float = SESSION_SECONDS,
        skip_lost: bool = False,
    ) -> None:
        self._tables = tables
        self._settings = settings
        self._ingest = ingest
        self._taking = Taking(log, tables, ingest)
        self._balance: Balance = balance
        self._session_seconds = session_seconds
        self._skip_lost = skip_lost
        self._waiting: set[str] = set()
        self.progress = Progress()

    def run(self, *, once: bool = False) -> None:
        """Ingest until told to stop, or with `once` until everything that is there now has been taken."""
        failures = 0
        while not self.progress.stop.is_set():
            before = self.progress.taken
            try:
                with bulk_work(), Cluster(self._settings) as cluster:
                    self._consume(cluster, once=once)
                return
            except Exception as fault:
                if not (isinstance(fault, Interrupted | Fenced) or is_transient(fault)):
                    raise
                failures = 0 if self.progress.taken > before else failures + 1
                self.progress.rebuilds += 1
                logger.warning("joining again", ingest=self._ingest.name, because=str(fault))
                self.progress.stop.wait(min(BACKOFF_SECONDS_MAX, 0.2 * 2 ** min(failures, 10)))

    def working(self) -> list[Working]:
        """Return what only this process knows of its ingest."""
        return [Working(self._ingest.name, self.progress.rebuilds, lag=self.progress.lag)]

    def _consume(self, cluster: Cluster, *, once: bool) -> None:
        for topic in self._ingest.topics:
            cluster.make(dead_letter_topic(topic), partitions=1, replicas=self._settings.replicas)
        offsets = Offsets(self._tables, ingest=self._ingest.name, cluster_id=cluster.id())
        membership = Membership(cluster, offsets, skip_lost=self._skip_lost)
        subscriber = Subscriber(
            self._settings,
            group=f"cynosure.ingest.{self._ingest.name}",
            topics=list(self._ingest.topics),
            assigned=membership.assigned,
            balance=self._balance,
            session_seconds=self._session_seconds,
        )
        try:
            while not self.progress.stop.is_set():
                polled = subscriber.poll()
                if polled:
                    membership.refuse_recreated(polled)
                    self._take_all(offsets, polled)
                    subscriber.acknowledge({one: offsets.owned[one].next_offset for one in polled})
                self.progress.lag = sum(subscriber.lag().values())
                if once and membership.caught_up():
                    return
        finally:
            subscriber.close()

    def _take_all(self, offsets: Offsets, polled: Polled) -> None:
        with self._tables.reading() as run:
            self._waiting = parked_streams(run)
        for partition, records in polled.items():
            left = records
            while left and not self.progress.stop.is_set():
                taken = self._take_run(offsets, partition, left[:RUN_MESSAGES_MAX])
                for received in left[:1] if taken == 0 else ():
                    self._patiently(offsets, partition, received)
                left = left[max(taken, 1) :]

    def _take_run(self, offsets: Offsets, partition: Partition, run: Sequence[Received]) -> int:
        """Take what can be taken together; 0 where a record has to be taken by itself, or the database is away."""
        try:
            with span("ingest", at=run[0].where, messages=len(run)) as told:
                taken = self._taking.take_run(run, lambda to: offsets.move(partition, to), waiting=self._waiting)
                told.say(taken=taken)
        except Exception as fault:
            if not is_transient(fault):
                raise
            return 0
        if taken:
            offsets.moved(partition, run[taken - 1].offset + 1)
            self.progress.taken += taken
        return taken

    def _patiently(self, offsets: Offsets, partition: Partition, received: Received) -> None:
        """Take a record; where the database is away wait for it, since such a fault says nothing of the message."""
        waits = 0.1
        while True:
            try:
                self._take(offsets, partition, received)
            except Exception as fault:
                if not (isinstance(fault, Conflict) or is_transient(fault)):
                    raise
                logger.warning("waiting for the database", where=received.where, because=str(fault))
                if self.progress.stop.wait(waits):
                    raise Interrupted("told to stop while the database was away") from fault
                waits = min(BACKOFF_SECONDS_MAX, waits * 2)
            else:
                offsets.moved(partition, received.offset + 1)
                self.progress.taken += 1
                return

    def _take(self, offsets: Offsets, partition: Partition, received: Received) -> None:
        move = offsets.move(partition, received.offset + 1)
        try:
            with span("ingest", at=received.where, messages=1):
                self._taking.take(received, [move], waiting=self._waiting)
        except Unfit as unfit:
            with self._tables.transaction() as run:
                park(run, received, unfit, ingest=self._ingest.name)
                move(run.cursor)
            self._waiting.add(stream_of(unfit, received))
            self.progress.parked += 1
            logger.warning("parked", where=received.where, reason=unfit.reason, says=str(unfit))


class Membership:
    """What one connection to the group owns, and how the topics looked when it took them over."""

    def __init__(self, cluster: Cluster, offsets: Offsets, *, skip_lost: bool) -> None:
        self._cluster = cluster
        self._offsets = offsets
        self._skip_lost = skip_lost
        self._topics: dict[str, Topic] = {}

    def assigned(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Take partitions over and return where each goes on."""
        names = {partition.topic for partition in partitions}
        self._topics |= self._cluster.topics(names)
        if missing := sorted(names - self._topics.keys()):
            raise Interrupted(f"there is no topic {', '.join(missing)} any more")
        bounds = self._cluster.bounds(partitions)
        return self._offsets.take_over(partitions, self._topics, bounds, skip_lost=self._skip_lost)

    def refuse_recreated(self, polled: Polled) -> None:
        """Raise Interrupted where a topic is not the one that was taken over.

        Asked after records came: an id never comes back, so where it is still the same they were the topic's own.
        """
        now = self._cluster.ids({partition.topic for partition in polled})
        for name in {partition.topic for partition in polled}:
            if now.get(name) != self._topics[name].id:
                raise Interrupted(f"{name} was deleted, and is another topic now")

    def caught_up(self) -> bool:
        """Tell whether all that can be read now has been taken."""
        owned = self._offsets.owned
        ends = self._cluster.bounds(list(owned)) if owned else {}
        # Behind the last record there may stand the marker of a transaction, which is never received.
        return bool(owned) and all(ends[one][1] - owned[one].next_offset <= 1 for one in owned)
