"""The rows of every build: claimed by one follower at a time, advanced whole pages, read at one position."""

from collections.abc import Sequence
from typing import Any

from adapters.read_store.builds import BUILD, Builds
from adapters.read_store.canonical import key_text
from adapters.read_store.port import Advance, Build, Claim, Database, Overtaken, Parked, Standing
from adapters.read_store.tables import bind, transaction
from domain.errors import Halted
from domain.ports import LogIdentity
from projections.projection import Key

LEASE_SECONDS = 10.0
STANDING = (
    f"SELECT {BUILD}, shard, shards, position, epoch, holder, (lease_until - {{now}}) / 1000000"
    " FROM positions JOIN builds ON builds.build = positions.build"
)


class RowStore(Builds):
    """Rows over one connection. Used by one thread; each follower and each reader opens its own."""

    def __init__(self, database: Database, log: LogIdentity) -> None:
        super().__init__(database)
        try:
            bind(database, log)
        except BaseException:
            database.close()
            raise

    def standings(self, build: Build | None = None) -> list[Standing]:
        """Return where every shard stands, of one build or of all."""
        where, values = (" WHERE positions.build = ?", [build.id]) if build else ("", [])
        sql = STANDING.format(now=self._database.NOW) + where
        found = self._database.execute(f"{sql} ORDER BY builds.build, shard", values)
        return [Standing(Build(*each[:4]), *each[4:]) for each in found]

    def claim(self, build: Build, *, holder: str, shard: int = 0, seconds: float = LEASE_SECONDS) -> Claim | None:
        """Claim a shard for some seconds. None where somebody else holds it, or where there is no such shard.

        Who let its lease run out inside a transaction keeps the shard locked: if it hangs, its session is ended.
        """
        while True:
            if claim := self._claim(build, holder, shard, int(seconds * 1_000_000)):
                return claim
            free, values = self._free(build, holder, shard)
            if not self._database.execute(free, values) or not self._database.end_hanging():
                return None

    def _claim(self, build: Build, holder: str, shard: int, lease: int) -> Claim | None:
        free, values = self._free(build, holder, shard)
        found = self._database.execute(
            f"UPDATE positions SET holder = ?, epoch = epoch + 1, lease_until = {self._database.NOW} + ?"
            f" WHERE (build, shard) IN ({free}{self._database.skip_locked()}) RETURNING shards, position, epoch",
            (holder, lease, *values),
        )
        return Claim(build, shard, *found[0]) if found else None

    def _free(self, build: Build, holder: str, shard: int) -> tuple[str, Sequence[Any]]:
        """Return the SQL that finds a shard where it may be claimed, and its values."""
        sql = (
            "SELECT build, shard FROM positions WHERE build = ? AND shard = ?"
            f" AND (holder IS NULL OR holder = ? OR lease_until < {self._database.NOW})"
        )
        return sql, (build.id, shard, holder)

    def renew(self, claim: Claim, *, seconds: float = LEASE_SECONDS) -> None:
        """Hold on for some more seconds. Raise Halted where somebody else has claimed it."""
        try:
            self._fence([(claim, claim.position)], seconds)
        except Overtaken as fault:
            raise _overtaken([claim]) from fault

    def release(self, claim: Claim) -> None:
        """Let go, so that another need not wait for the lease to run out."""
        self._database.execute(
            "UPDATE positions SET holder = NULL, lease_until = 0 WHERE build = ? AND shard = ? AND epoch = ?",
            (claim.build.id, claim.shard, claim.epoch),
        )

    def _fence(self, moves: Sequence[tuple[Claim, int]], seconds: float) -> None:
        places = [(each.build.id, each.shard, each.epoch, each.position, position) for each, position in moves]
        self._database.advance(places, int(seconds * 1_000_000))

    # Pages.

    def commit(self, advances: Sequence[Advance], *, seconds: float = LEASE_SECONDS) -> list[Claim]:
        """Write changed rows, parked keys and positions in one transaction; return the claims at their new positions.

        Raise Halted, with nothing written, where a shard no longer stands where it was read, or is claimed by another.
        """
        try:
            with self._database.batch(), transaction(self._database):
                self._fence([(each.claim, each.position) for each in advances], seconds)
                for advance in advances:
                    self._write(advance)
        except Overtaken as fault:
            raise _overtaken([each.claim for each in advances]) from fault
        return [
            Claim(each.build, each.shard, each.shards, advance.position, each.epoch)
            for advance in advances
            for each in (advance.claim,)
        ]

    def _write(self, advance: Advance) -> None:
        build, rows = advance.claim.build, advance.rows
        kept = [(key_text(key), key[0], row) for key, row in rows.items() if row is not None]
        gone = [key_text(key) for key, row in rows.items() if row is None]
        if kept:
            self._database.write(build.table, kept)
        if gone:
            self._database.delete(build.table, gone)
        for key, parked in advance.parked.items():
            self._park(build, key, parked)

    def _park(self, build: Build, key: Key, parked: Parked | None) -> None:
        self._database.execute("DELETE FROM parked WHERE build = ? AND key = ?", (build.id, key_text(key)))
        if parked is not None:
            self._database.execute(
                f"INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, {self._database.NOW}, 0)",
                (build.id, key_text(key), key[0], parked.position, parked.event_id, parked.name, parked.error),
            )

    def ask_redrive(self, build: Build, keys: Sequence[Key]) -> None:
        """Ask whoever follows the build to fold parked keys anew."""
        with transaction(self._database):
            for key in keys:
                self._database.execute(
                    "UPDATE parked SET redrive = 1 WHERE build = ? AND key = ?", (build.id, key_text(key))
                )


def _overtaken(claims: Sequence[Claim]) -> Halted:
    names = ", ".join(each.build.projection for each in claims)
    return Halted(f"{names} was claimed by another follower, or its position moved: nothing was written")
