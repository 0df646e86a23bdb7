"""The topics that are published to: made where they are missing, and refused where another log publishes to them."""

from adapters.kafka.cluster import COMPACTED, Cluster, Topic
from adapters.kafka.settings import KafkaSettings, dead_letter_topic
from adapters.kafka.tables import Tables
from adapters.kafka_out.events import EVENTS
from adapters.kafka_out.feed import CHECKPOINTS
from adapters.kafka_out.outcomes import OUTCOMES
from domain.errors import Halted

# So that a checkpoint is found among few, the topic that holds them is compacted often.
_CHECKPOINTS = {**COMPACTED, "segment.ms": "600000", "min.cleanable.dirty.ratio": "0.1"}
RECORDS_LAST = 20
LIMIT_MARGIN_BYTES = 1_024
"""What the batch around a single record takes, and more."""


def make_topics(cluster: Cluster, settings: KafkaSettings, *, source: str) -> Topic:
    """Return the topic of events, with all that goes with it. Raise Halted where its last events are of another log."""
    events = cluster.make(settings.topic(EVENTS), partitions=settings.partitions, replicas=settings.replicas)
    cluster.make(settings.topic(CHECKPOINTS), partitions=1, replicas=settings.replicas, settings=_CHECKPOINTS)
    cluster.make(settings.topic(OUTCOMES), partitions=settings.partitions, replicas=settings.replicas)
    for received in cluster.read(events.name, records_last=RECORDS_LAST):
        for name, value in received.headers:
            if name == "ce_source" and value is not None and value != source.encode():
                raise Halted(
                    f"{events.name} holds events of another log, {value.decode(errors='replace')}: set "
                    "CYNOSURE_KAFKA_TOPICS so that this log publishes to topics of its own"
                )
    return events


def make_inbound_topics(cluster: Cluster, settings: KafkaSettings, tables: Tables) -> None:
    """Make the topic of dead letters of every topic that was ever ingested."""
    with tables.reading() as run:
        ingested = [topic for (topic,) in run.rows("SELECT DISTINCT topic FROM @kafka_offsets")]
    for topic in ingested:
        cluster.make(dead_letter_topic(topic), partitions=1, replicas=settings.replicas)
