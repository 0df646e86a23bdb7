"""How both ways of Kafka stand: how far each feed is published, what waits to be, what was parked, and who is at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.event_log import Log
from adapters.kafka.tables import Statements, Tables

MICROSECONDS = 1_000_000

_HEADS = {"outcomes.v1": "@kafka_answers", "dead-letters": "@kafka_parked"}


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """One feed: the position it is published up to, what lies ahead of it, and who publishes (None: nobody now).

    `lag_seconds` is the age of the first event that waits; None for a feed that is not the events.
    """

    feed: str
    position: int
    lag: int
    lag_seconds: float | None
    holder: str | None


@dataclass(frozen=True, slots=True)
class KafkaStanding:
    """Every feed that was ever published, the offset that comes next in each partition, and what waits, by reason."""

    feeds: tuple[FeedStanding, ...]
    offsets: dict[str, int]
    parked: dict[str, int]


def kafka_standing(log: Log, tables: Tables) -> KafkaStanding:
    """Return how everything stands at this moment."""
    head = log.head()
    with tables.reading() as run:
        ((now,),) = run.rows(f"SELECT {run.now}")
        feeds = run.rows("SELECT feed, position, holder, lease_until FROM @kafka_relays WHERE epoch > 0 ORDER BY feed")
        heads = {feed: _head(run, feed, head) for feed, *_ in feeds}
        offsets = run.rows("SELECT topic, partition, next_offset FROM @kafka_offsets ORDER BY topic, partition")
        waiting = "SELECT reason, count(*) FROM @kafka_parked WHERE state = 'parked' GROUP BY reason ORDER BY 1"
        parked = {str(reason): int(number) for reason, number in run.rows(waiting)}
    return KafkaStanding(
        tuple(
            FeedStanding(
                feed,
                position,
                max(0, heads[feed] - position),
                _lag_seconds(log, position, head, now) if feed.endswith("events.v1") else None,
                holder if until > now else None,
            )
            for feed, position, holder, until in feeds
        ),
        {f"{topic}[{partition}]": offset for topic, partition, offset in offsets},
        parked,
    )


def _head(run: Statements, feed: str, head: int) -> int:
    table = next((table for ending, table in _HEADS.items() if feed.endswith(ending)), None)
    return head if table is None else int(run.rows(f"SELECT coalesce(max(number), 0) FROM {table}")[0][0])


def _lag_seconds(log: Log, position: int, head: int, now: int) -> float:
    waiting = log.pages(position, 1) if position < head else []
    return max(0.0, (now - waiting[0].recorded_at) / MICROSECONDS) if waiting else 0.0


@dataclass(frozen=True, slots=True)
class Working:
    """What only the process at work knows: how often it connected anew, and how old its oldest open record is.

    `lag` is how many records lie ahead of an ingest, `without_value` how many records were too large to be sent whole.
    """

    name: str
    rebuilds: int
    oldest_seconds: float = 0.0
    lag: int = 0
    without_value: int = 0


class KafkaCollector(Collector):
    """Asks how everything stands each time that Prometheus asks."""

    def __init__(self, ask: Callable[[], KafkaStanding], working: Callable[[], list[Working]]) -> None:
        self._ask = ask
        self._working = working

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge for each figure."""
        found = self._ask()
        feeds = found.feeds
        yield _gauge("feed_position", "The position a feed is published up to", {f.feed: f.position for f in feeds})
        yield _gauge("feed_lag", "Positions between a feed and its head", {f.feed: f.lag for f in feeds})
        ages = {f.feed: f.lag_seconds for f in feeds if f.lag_seconds is not None}
        yield _gauge("feed_lag_seconds", "Age of the first event that is not published", ages)
        yield _gauge("next_offset", "The offset that is ingested next", found.offsets)
        yield _gauge("parked_messages", "Messages that wait, by reason", found.parked)
        working = self._working()
        yield _gauge("rebuilds", "How often the process connected anew", {w.name: w.rebuilds for w in working})
        ages = {w.name: w.oldest_seconds for w in working}
        yield _gauge("unacknowledged_seconds", "Age of the oldest record that is not acknowledged", ages)
        unsent = {w.name: w.without_value for w in working}
        yield _gauge("without_value", "Records that went out without their value, too large for their topic", unsent)
        yield _gauge("ingest_lag", "Records that lie ahead of an ingest", {w.name: w.lag for w in working})


def _gauge(name: str, says: str, values: dict[str, int] | dict[str, float]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"cynosure_kafka_{name}", says, labels=("of",))
    for of, value in values.items():
        gauge.add_metric((of,), value)
    return gauge


def serve_kafka_metrics(
    ask: Callable[[], KafkaStanding], working: Callable[[], list[Working]], *, address: str, port: int
) -> None:
    """Serve metrics over HTTP from a thread of its own, until the process ends."""
    served = CollectorRegistry()
    served.register(KafkaCollector(ask, working))
    start_http_server(port, address, served)
