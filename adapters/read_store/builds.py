"""The builds of every projection: one that serves, the one before it, and those that grow beside them."""

from collections.abc import Sequence
from typing import Literal

from adapters.read_store.port import Build
from adapters.read_store.reads import Reads
from adapters.read_store.tables import NAME_RULE, create_rows_table, described, show, transaction
from domain.errors import Halted, Unreadable
from projections.projection import Key, Projection

Comparison = Literal["agree", "differ", "elsewhere"]
"""Two builds agree or differ at one position, or stand at different ones."""

BUILD = "builds.build, builds.projection, builds.version, builds.rows_table"


class Builds(Reads):
    """One table of rows for each folding of a projection."""

    def builds(self, projection: str) -> list[Build]:
        """Return the builds of a projection, the newest last."""
        found = self._database.execute(
            f"SELECT {BUILD} FROM builds WHERE projection = ? ORDER BY build",
            (projection,),
        )
        return [Build(*each) for each in found]

    def serving(self, projection: str) -> Build | None:
        """Return the build that answers for a projection, None where nothing was ever folded."""
        return self._pointed(projection, "build")

    def serving_position(self, projection: str) -> int:
        """Return where the rows that answer for a projection stand, 0 where nothing was ever folded."""
        found = self._database.execute(
            "SELECT min(position) FROM serving JOIN positions ON positions.build = serving.build WHERE projection = ?",
            (projection,),
        )
        return int(found[0][0] or 0)

    def previous(self, projection: str) -> Build | None:
        """Return the build that answered before, and can be brought back."""
        return self._pointed(projection, "previous")

    def projections(self) -> list[str]:
        """Return the names of all projections that have a build."""
        return [name for (name,) in self._database.execute("SELECT DISTINCT projection FROM builds ORDER BY 1")]

    def create_build(self, projection: Projection, *, shards: int = 1) -> Build:
        """Create an empty build, in so many shards. The first of a projection serves at once."""
        name, version = projection.NAME, projection.VERSION
        if not NAME_RULE.fullmatch(name):
            raise Unreadable(f"a projection is named by lower-case letters, digits and `_`, {name!r} is not")
        database = self._database
        with transaction(database):
            database.lock_schema()
            number = int(database.execute("SELECT coalesce(max(build), 0) + 1 FROM builds")[0][0])
            build = Build(number, name, version, f"{name}_v{version}_{number}")
            database.execute(
                f"INSERT INTO builds VALUES (?, ?, ?, ?, ?, {database.NOW})",
                (number, name, version, build.table, described(projection.Row)),
            )
            for shard in range(shards):
                database.execute("INSERT INTO positions VALUES (?, ?, ?, 0, 0, NULL, 0)", (number, shard, shards))
            create_rows_table(database, build)
            if not database.execute("SELECT build FROM serving WHERE projection = ?", (name,)):
                database.execute(f"INSERT INTO serving VALUES (?, ?, NULL, {database.NOW})", (name, number))
                show(database, build)
        return build

    def fields(self, build: Build) -> list[str]:
        """Return the fields of a build's rows."""
        (described_as,) = self._database.execute("SELECT fields FROM builds WHERE build = ?", (build.id,))[0]
        return [each.split(":")[0] for each in described_as.split()]

    def drop_build(self, build: Build) -> None:
        """Throw a build away. Raise Halted where it serves or somebody holds it."""
        database = self._database
        with transaction(database):
            database.lock_schema()
            in_use = database.execute("SELECT 1 FROM serving WHERE build = ?", (build.id,)) or database.execute(
                f"SELECT 1 FROM positions WHERE build = ? AND holder IS NOT NULL AND lease_until > {database.NOW}",
                (build.id,),
            )
            if in_use:
                raise Halted(f"build {build.id} of {build.projection} is in use: it serves, or a follower holds it")
            database.execute("UPDATE serving SET previous = NULL WHERE previous = ?", (build.id,))
            for table in ("positions", "parked", "builds"):
                database.execute(f"DELETE FROM {table} WHERE build = ?", (build.id,))
            database.execute(f"DROP TABLE {build.table}")

    def merge_shards(self, build: Build) -> None:
        """Make one shard of all, once every one of them stands at the same position. Nothing to do for a single one."""
        database = self._database
        with transaction(database):
            found = database.execute(
                f"SELECT position, epoch FROM positions WHERE build = ?{database.lock_row()}", (build.id,)
            )
            if len(found) > 1:
                if len({position for position, _ in found}) > 1:
                    raise Halted(f"the shards of build {build.id} stand at different positions: build on, then merge")
                epoch = max(epoch for _, epoch in found) + 1
                database.execute("DELETE FROM positions WHERE build = ?", (build.id,))
                database.execute(
                    "INSERT INTO positions VALUES (?, 0, 1, ?, ?, NULL, 0)", (build.id, found[0][0], epoch)
                )

    def compare(self, build: Build, other: Build, *, over: Sequence[str] | None = None) -> Comparison:
        """Compare two builds at the same position: rows in the fields `over`, or, where None, all that is in them."""
        with transaction(self._database):
            return self._compared(build, other, over)

    def switch(self, build: Build, *, agree_with: Build | None = None, over: Sequence[str] | None = None) -> Comparison:
        """Let a build serve in place of the present one, at once for everybody, if it agrees with another."""
        with transaction(self._database):
            self._stopped_at(build.id)
            found = "agree" if agree_with is None else self._compared(build, agree_with, over)
            if found == "agree":
                self._point(build)
        return found

    def rollback(self, projection: str) -> Build:
        """Bring the previous build back, at once for everybody."""
        with transaction(self._database):
            build = self.previous(projection)
            if build is None:
                raise Halted(f"{projection} has no previous build to bring back")
            self._point(build)
        return build

    def _stopped_at(self, build: int) -> int:
        """Return where a build stands, and let it stand there until the transaction ends."""
        sql = f"SELECT position FROM positions WHERE build = ? AND shards = 1{self._database.lock_row()}"
        found = self._database.execute(sql, (build,))
        if not found:
            raise Halted(f"build {build} is not whole yet: build on, then switch")
        return int(found[0][0])

    def _point(self, build: Build) -> None:
        self._database.execute(
            f"UPDATE serving SET previous = build, build = ?, switched_at = {self._database.NOW}"
            " WHERE projection = ? AND build <> ?",
            (build.id, build.projection, build.id),
        )
        show(self._database, build)

    def _pointed(self, projection: str, which: str) -> Build | None:
        found = self._database.execute(
            f"SELECT {BUILD} FROM serving JOIN builds ON builds.build = serving.{which} WHERE serving.projection = ?",
            (projection,),
        )
        return Build(*found[0]) if found else None

    def _compared(self, build: Build, other: Build, over: Sequence[str] | None) -> Comparison:
        if len({self._stopped_at(each) for each in sorted({build.id, other.id})}) > 1:
            return "elsewhere"
        agree = self.digest_inside(build, over) == self.digest_inside(other, over)
        if over is None:
            agree = agree and self._stands_still(build) == self._stands_still(other)
        return "agree" if agree else "differ"

    def _stands_still(self, build: Build) -> list[tuple[Key, str]]:
        return [(each.key, each.event_id) for each in self.parked(build).values()]
