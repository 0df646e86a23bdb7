"""Rows of one projection as a feed: the whole row under its key, on a compacted topic, null where it is gone."""

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict

import structlog

from adapters.contracts.schemas import CurrentProjection, row_path
from adapters.event_log import Glimpse, Log
from adapters.follower.anew import Corrected
from adapters.follower.sight import CORRECTED, Lens, glimpses_of
from adapters.kafka.cloudevents import JSON
from adapters.kafka.cluster import COMPACTED, Cluster
from adapters.kafka.port import Record
from adapters.kafka.settings import KafkaSettings
from adapters.kafka_out.feed import CHECKPOINTS, Outgoing
from adapters.kafka_out.topics import LIMIT_MARGIN_BYTES
from adapters.read_store.canonical import EVERY_ROW, key_text
from adapters.read_store.opening import open_rows
from adapters.read_store.port import Build
from adapters.read_store.store import RowStore
from domain.errors import Halted
from projections.projection import Key, Projection

PROJECTIONS = "projections"
ROW_BYTES_MAX = 8_000_000
POLL_SECONDS = 0.2

logger = structlog.get_logger("cynosure.kafka_out")


class Rows:
    """What changed in the rows of a projection, by the events that changed it. Always carried in transactions.

    A row is published as it stands when its event is come to, which may be later than that event: the last record of a
    key is right, and each says at which position of the log it stands. Once all is published, the topic is announced.
    """

    def __init__(
        self, log: Log, database_url: str, projection: Projection, settings: KafkaSettings, *, source: str
    ) -> None:
        self._log = log
        self._database_url = database_url
        self._projection = projection
        self._settings = settings
        self._source = source
        self._lens = Lens(projection, log.codec)
        self._store: RowStore | None = None
        self._parked: set[str] = set()
        self._scanned = (0, 0)
        self._announced = False
        self.name = settings.topic(f"rows.{projection.NAME}.v{projection.VERSION}")
        self.record_bytes_max = ROW_BYTES_MAX
        self.without_value = 0

    def begin(self) -> None:
        """Take up which keys were parked when last published: once one is free its row changes without an event."""
        self._announced, self._scanned = False, (0, 0)
        with Cluster(self._settings) as cluster:
            records = {record.key or b"": record.value for record in cluster.read(self._settings.topic(CHECKPOINTS))}
        beginning = self._marker("").key or b""
        self._parked = {
            key.removeprefix(beginning).decode()
            for key, value in records.items()
            if key.startswith(beginning) and value is not None
        }

    def head(self) -> int:
        """Return the position that the rows stand at."""
        store = self._opened()
        return store.position(self._build(store))

    def page(self, after: int, limit: int) -> list[Outgoing]:
        """Return the rows that up to `limit` events after a position touch, as they stand now."""
        store = self._opened()
        build = self._build(store)
        with store.snapshot():
            stands = store.position(build)
            freed, markers = self._freed(store, build, stands)
            start = max(after, self._scanned[1]) if after == self._scanned[0] else after
            keys: set[Key] = set()
            while start < stands and not keys:
                page = self._log.glimpses(start, limit, stands, [*self._projection.READS, CORRECTED])
                end = page[-1].position if len(page) == limit else stands
                keys = self._touched(store, build, page, start, end)
                start = end
            self._scanned = (after, start)
            rows = store.load(build, sorted(keys | freed))
        changed = [self._row(key, rows.get(key), stands) for key in sorted(keys | freed)]
        told = [Outgoing(start, record) for record in (*changed, *markers)]
        return told or self._announcement(stands if start >= stands else None)

    def wait(self, after: int, timeout_seconds: float) -> None:
        """Come back when the rows stand after a position, and at the latest when the time is over."""
        end = time.monotonic() + timeout_seconds
        while self.head() <= after and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Close the connection to the rows."""
        if self._store is not None:
            self._store.close()
        self._store = None

    def _opened(self) -> RowStore:
        """Open the rows in the thread that carries them: a store belongs to one thread."""
        if self._store is None:
            self._store = open_rows(self._database_url, self._log.identity())
        return self._store

    def _build(self, store: RowStore) -> Build:
        build = store.serving(self._projection.NAME)
        if build is None:
            raise Halted(f"{self._projection.NAME}: nothing was folded yet; run `cynosure follow`")
        if build.version != self._projection.VERSION:
            raise Halted(
                f"{self._projection.NAME}: version {build.version} is served, this code publishes version "
                f"{self._projection.VERSION}: start it again with the code that is served"
            )
        return build

    def _touched(self, store: RowStore, build: Build, page: list[Glimpse], start: int, end: int) -> set[Key]:
        keys = {key for sight in self._lens.sights(page) for key in sight.keys if EVERY_ROW not in key}
        for alliance in sorted({row.alliance for row in page if row.name == CORRECTED}):
            touched = Corrected(self._log, alliance, after=start, upto=end).touched(self._lens)
            keys |= self._every_key(store, build, alliance, end) if touched is None else touched
        return keys

    def _every_key(self, store: RowStore, build: Build, alliance: str, upto: int) -> set[Key]:
        """Return every key that an alliance has or ever had."""
        keys = set(store.keys(build, alliance))
        for page in glimpses_of(self._log, upto=upto, names=list(self._projection.READS), alliance=alliance):
            keys |= {key for sight in self._lens.sights(page) for key in sight.keys if EVERY_ROW not in key}
        return keys

    def _freed(self, store: RowStore, build: Build, upto: int) -> tuple[set[Key], list[Record]]:
        """Return the keys that are parked no more, whose rows changed without an event, and what is to be remembered.

        It is remembered on the topic of checkpoints, in the transaction that sends the rows: a key may be parked by
        one publisher's life and freed in another's.
        """
        before, now = self._parked, {key_text(key) for key in store.parked(build)}
        self._parked = now
        markers = [self._marker(key, {}) for key in sorted(now - before)]
        markers += [self._marker(key) for key in sorted(before - now)]
        freed: set[Key] = set()
        for alliance, *rest in map(json.loads, before - now):
            every = tuple(rest) == (EVERY_ROW,)
            freed |= self._every_key(store, build, alliance, upto) if every else {(alliance, *rest)}
        return freed, markers

    def _marker(self, key: str, said: dict[str, str] | None = None) -> Record:
        told = None if said is None else json.dumps(said)
        return self._record(self._settings.topic(CHECKPOINTS), f"{self.name} parked {key}", told, [])

    def _row(self, key: Key, row: str | None, position: int) -> Record:
        said = {
            "position": str(position),
            "source": self._source,
            "dataschema": self._settings.schemas_uri + row_path(self._projection.NAME, self._projection.VERSION),
            "content-type": JSON,
        }
        record = self._record(self.name, key_text(key), row, said.items())
        return record if record.size <= self.record_bytes_max else self._without_value(record, said)

    def _without_value(self, record: Record, said: dict[str, str]) -> Record:
        """Return a record that takes the row away and says why: readers miss it, and are not left with a wrong one."""
        self.without_value += 1
        value = record.value or b""
        key = (record.key or b"").decode()
        logger.error("row too large", topic=self.name, key=key, size=len(value), most=self.record_bytes_max)
        size, digest = str(len(value)), hashlib.sha256(value).hexdigest()
        said |= {"dataref": f"{self._source}:{self.name}:{key}", "datasize": size, "datasha256": digest}
        return self._record(self.name, key, None, said.items())

    def _announcement(self, stands: int | None) -> list[Outgoing]:
        """Return what says that this version is current, once everything is published."""
        if stands is None or self._announced:
            return []
        self._announced = True
        name, version = self._projection.NAME, self._projection.VERSION
        topic = self._settings.topic(PROJECTIONS)
        with Cluster(self._settings) as cluster:
            told = {record.key: record.value for record in cluster.read(topic)}
        if json.loads(told.get(name.encode()) or b"{}").get("version") == version:
            return []
        said = CurrentProjection(projection=name, version=version, topic=self.name, since_position=stands)
        return [Outgoing(stands, self._record(topic, name, json.dumps(asdict(said)), [("content-type", JSON)]))]

    @staticmethod
    def _record(topic: str, key: str, value: str | None, headers: Iterable[tuple[str, str]]) -> Record:
        now = time.time_ns() // 1_000_000
        said = [(name, text.encode()) for name, text in headers]
        return Record(topic, key.encode(), None if value is None else value.encode(), said, now)


def make_row_topics(cluster: Cluster, settings: KafkaSettings, feeds: Iterable[Rows]) -> None:
    """Make the compacted topics of rows, and the one that says which are current."""
    cluster.make(settings.topic(PROJECTIONS), partitions=1, replicas=settings.replicas, settings=COMPACTED)
    limits = {**COMPACTED, "max.message.bytes": str(ROW_BYTES_MAX)}
    for feed in feeds:
        made = cluster.make(feed.name, partitions=settings.partitions, replicas=settings.replicas, settings=limits)
        feed.record_bytes_max = min(ROW_BYTES_MAX, made.record_bytes_max) - LIMIT_MARGIN_BYTES
