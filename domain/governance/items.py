"""Many items, of which one changes at a time: shared shards, so that a change copies little."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from zlib import crc32

SHARDS = 256
Key = tuple[str, str]
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Shelf(Mapping[Key, V], Generic[V]):
    """A mapping that never changes; `put` returns another that shares all shards but one."""

    shards: tuple[Mapping[Key, V], ...] = ({},) * SHARDS

    def put(self, key: Key, value: V) -> "Shelf[V]":
        """Return the mapping with one value put in its place."""
        number = _shard(key)
        changed = {**self.shards[number], key: value}
        return Shelf((*self.shards[:number], changed, *self.shards[number + 1 :]))

    def changed_since(self, before: "Shelf[V]") -> Iterator[tuple[Key, V]]:
        """Yield what was put since an earlier shelf, from the shards that are not shared with it."""
        for now, then in zip(self.shards, before.shards, strict=True):
            if now is not then:
                yield from ((key, value) for key, value in now.items() if then.get(key) is not value)

    def __getitem__(self, key: Key) -> V:
        return self.shards[_shard(key)][key]

    def __iter__(self) -> Iterator[Key]:
        for shard in self.shards:
            yield from shard

    def __len__(self) -> int:
        return sum(len(shard) for shard in self.shards)


def _shard(key: Key) -> int:
    return crc32("/".join(key).encode()) % SHARDS
