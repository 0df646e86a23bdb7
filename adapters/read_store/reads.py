"""What is read of the rows: all of it from one instant, in the byte order of the keys."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from adapters.read_store.canonical import key_of, key_range, key_text
from adapters.read_store.port import Build, Database, Parked
from domain.errors import Halted
from projections.projection import Key

PARKED = "SELECT key, position, event_id, name, error, build, parked_at, redrive FROM parked"


class Reads:
    """Rows, parked keys and positions of builds, over one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def oldest_transaction(self) -> tuple[int, str, float] | None:
        """Return the process, the application and the age in seconds of the longest open transaction of others."""
        return self._database.oldest_transaction()

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let everything that is read inside come from one instant."""
        self._database.execute(self._database.BEGIN_SNAPSHOT)
        try:
            yield
        finally:
            self._database.rollback()

    def position(self, build: Build) -> int:
        """Return the position that a build stands at: the lowest of its shards'."""
        found = self._database.execute("SELECT min(position) FROM positions WHERE build = ?", (build.id,))
        return int(found[0][0] or 0)

    def rows(self, build: Build, *, alliance: str | None = None) -> Iterator[tuple[Key, str]]:
        """Yield rows in the byte order of their keys, of one alliance or of all. Only inside a snapshot."""
        return ((key_of(key), row) for key, row in self._selected(build, "key, content", alliance))

    def digest(self, build: Build) -> str:
        """Return the SHA-256 over all keys and rows in byte order, in hexadecimal."""
        with self.snapshot():
            return self.digest_inside(build, None)

    def digest_inside(self, build: Build, over: Sequence[str] | None) -> str:
        """Return the digest over some fields of the rows (None: over all), inside a transaction that is open."""
        pairs = self._selected(build, "key, content", None)
        return digest(pairs if over is None else ((key, _only(row, over)) for key, row in pairs))

    def load(self, build: Build, keys: Sequence[Key]) -> dict[Key, str]:
        """Return the text of those rows that are there. Raise Halted where the build was thrown away."""
        texts = {key_text(key): key for key in keys}
        try:
            found = self._database.load(build.table, list(texts))
        except self._database.FAULT as fault:
            if self._database.has_table(build.table):
                raise
            raise Halted(f"build {build.id} of {build.projection} was thrown away") from fault
        return {texts[text]: row for text, row in found.items()}

    def keys(self, build: Build, alliance: str) -> list[Key]:
        """Return the keys of an alliance, in order. Only inside a snapshot."""
        return [key_of(key) for key, _ in self._selected(build, "key, key", alliance)]

    def parked(self, build: Build, *, alliance: str | None = None) -> dict[Key, Parked]:
        """Return the parked keys of a build, of one alliance or of all, in order."""
        also, values = (" AND alliance = ?", [alliance]) if alliance is not None else ("", [])
        found = self._database.execute(f"{PARKED} WHERE build = ?{also} ORDER BY key", [build.id, *values])
        return {parked.key: parked for parked in map(_parked, found)}

    def _selected(self, build: Build, columns: str, alliance: str | None) -> Iterator[tuple[str, str]]:
        where = " WHERE key = ? OR (key >= ? AND key < ?)" if alliance is not None else ""
        values = key_range(alliance) if alliance is not None else ()
        yield from self._database.stream(f"SELECT {columns} FROM {build.table}{where} ORDER BY key", values)


def digest(pairs: Iterator[tuple[str, str]]) -> str:
    """Return the SHA-256 over keys and rows as text, each with its length before it."""
    sha256 = hashlib.sha256()
    for pair in pairs:
        for text in pair:
            encoded = text.encode()
            sha256.update(b"%d:" % len(encoded))
            sha256.update(encoded)
    return sha256.hexdigest()


def _only(row: str, fields: Sequence[str]) -> str:
    whole: Mapping[str, Any] = msgspec.json.decode(row)
    return msgspec.json.encode([whole.get(name) for name in fields], order="sorted").decode()


def _parked(found: tuple[Any, ...]) -> Parked:
    key, position, event_id, name, error, build, parked_at, redrive = found
    return Parked(
        key=key_of(key),
        position=position,
        event_id=event_id,
        name=name,
        error=error,
        build=build,
        parked_at=parked_at,
        redrive=bool(redrive),
    )
