"""How far each partition has been ingested, in the database, behind a fence: whoever takes a partition over owns it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.kafka.cluster import Topic
from adapters.kafka.port import Partition
from adapters.kafka.tables import Statements, Tables
from domain.errors import CynosureError, Halted
from domain.ports import Beside


class Fenced(CynosureError):
    """Another member has taken the partition over: what was done for it is undone, and nothing more may be done."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A partition of ours: the id of its topic, the epoch of our ownership, and the offset that comes next."""

    topic_id: str
    epoch: int
    next_offset: int


class Offsets:
    """The partitions that one member owns. A row is keyed by cluster and topic *id*, so that no topic is mistaken."""

    def __init__(self, tables: Tables, *, ingest: str, cluster_id: str) -> None:
        self._tables = tables
        self._ingest = ingest
        self._cluster_id = cluster_id
        self.owned: dict[Partition, Owned] = {}

    def take_over(
        self,
        partitions: Sequence[Partition],
        topics: Mapping[str, Topic],
        bounds: Mapping[Partition, tuple[int, int]],
        *,
        skip_lost: bool = False,
    ) -> dict[Partition, int]:
        """Become the owner and return where each goes on, a partition never seen at its first record.

        Raise Halted where records were deleted before they were read, or where the topic ends before the offset.
        """
        for partition in partitions:
            first, end = bounds[partition]
            with self._tables.transaction() as run:
                owned = self._own(run, partition, topics[partition.topic].id, first)
                owned = _within(owned, partition, first, end, skip_lost=skip_lost)
                self._set(run, partition, owned)
            self.owned[partition] = owned
        return {partition: self.owned[partition].next_offset for partition in partitions}

    def _own(self, run: Statements, partition: Partition, topic_id: str, first: int) -> Owned:
        key = (self._ingest, self._cluster_id, topic_id, partition.number)
        run.changed(
            "INSERT INTO @kafka_offsets (ingest, cluster, topic_id, partition, topic, next_offset, owner_epoch) "
            "VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (ingest, cluster, topic_id, partition) DO NOTHING",
            (*key, partition.topic, first),
        )
        ((epoch, next_offset),) = run.rows(
            "UPDATE @kafka_offsets SET owner_epoch = owner_epoch + 1 "
            "WHERE ingest = ? AND cluster = ? AND topic_id = ? AND partition = ? RETURNING owner_epoch, next_offset",
            key,
        )
        return Owned(topic_id, epoch, next_offset)

    def _set(self, run: Statements, partition: Partition, owned: Owned) -> None:
        run.changed(
            "UPDATE @kafka_offsets SET next_offset = ? "
            "WHERE ingest = ? AND cluster = ? AND topic_id = ? AND partition = ?",
            (owned.next_offset, self._ingest, self._cluster_id, owned.topic_id, partition.number),
        )

    def move(self, partition: Partition, to: int) -> Beside:
        """Return the write that moves an offset with the effect of its message, or raises Fenced and undoes both.

        It compares with the offset that was *loaded*, not with the record's own: transactions and compaction leave
        gaps between records.
        """
        owned = self.owned[partition]
        key = (self._ingest, self._cluster_id, owned.topic_id, partition.number)

        def write(cursor: Any) -> None:
            moved = Statements(cursor).changed(
                "UPDATE @kafka_offsets SET next_offset = ? WHERE ingest = ? AND cluster = ? AND topic_id = ? "
                "AND partition = ? AND owner_epoch = ? AND next_offset = ?",
                (to, *key, owned.epoch, owned.next_offset),
            )
            if moved != 1:
                raise Fenced(f"{partition.topic}[{partition.number}]: another member has taken it over")

        return write

    def moved(self, partition: Partition, to: int) -> None:
        """Remember that the move has committed."""
        self.owned[partition] = replace(self.owned[partition], next_offset=to)


def _within(owned: Owned, partition: Partition, first: int, end: int, *, skip_lost: bool) -> Owned:
    place = f"{partition.topic}[{partition.number}]"
    if owned.next_offset > end:
        raise Halted(
            f"{place}: ingested up to offset {owned.next_offset}, but the partition ends at {end}: records that were "
            "acknowledged are gone from Kafka; find out why before more is written there"
        )
    if owned.next_offset < first and not skip_lost:
        raise Halted(
            f"{place}: ingested up to offset {owned.next_offset}, but the first that is still there is {first}: "
            f"{first - owned.next_offset} were deleted unread; --skip-lost goes on without them"
        )
    return replace(owned, next_offset=max(owned.next_offset, first))


def standings(tables: Tables) -> list[tuple[str, str, int, int]]:
    """Return each ingest, topic, partition and the offset that comes next."""
    with tables.reading() as run:
        found = run.rows("SELECT ingest, topic, partition, next_offset FROM @kafka_offsets ORDER BY 1, 2, 3")
    return [(ingest, topic, partition, offset) for ingest, topic, partition, offset in found]
