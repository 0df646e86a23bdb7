"""One writer to a topic at a time: a lease with an epoch, and a checkpoint that only its holder can move."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from adapters.kafka.tables import Statements, Tables, is_transient
from domain.errors import Halted

LEASE_SECONDS = 10.0
MICROSECONDS = 1_000_000


class LeaseLost(Halted):
    """Somebody else has claimed the lease: nothing may be done in its name any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to publish a feed from `position` on, until somebody claims it with a higher epoch."""

    feed: str
    epoch: int
    position: int
    incarnation: int


class Leases:
    """The leases of one process. `holder` names it to people."""

    def __init__(self, tables: Tables, *, holder: str, lease_seconds: float = LEASE_SECONDS) -> None:
        self._tables = tables
        self._holder = holder
        self._microseconds = int(lease_seconds * MICROSECONDS)

    def claim(self, feed: str, *, incarnation: int) -> Lease | None:
        """Take the lease of a feed if it is free or has run out; return None while another holds it."""
        with self._tables.transaction() as run:
            run.changed(
                "INSERT INTO @kafka_relays (feed, epoch, position, incarnation, holder, lease_until) "
                "VALUES (?, 0, 0, ?, '', 0) ON CONFLICT (feed) DO NOTHING",
                (feed, incarnation),
            )
            found = run.rows(
                f"UPDATE @kafka_relays SET epoch = epoch + 1, holder = ?, lease_until = {run.now} + ? "
                f"WHERE feed = ? AND lease_until <= {run.now} RETURNING epoch, position, incarnation",
                (self._holder, self._microseconds, feed),
            )
        return Lease(feed, *found[0]) if found else None

    def advance(self, lease: Lease, position: int, *, incarnation: int | None = None) -> None:
        """Move the checkpoint and hold the lease for another while. Raise LeaseLost where it was taken."""
        with self._tables.transaction() as run:
            self._advance(run, lease, position, incarnation or lease.incarnation)

    def _advance(self, run: Statements, lease: Lease, position: int, incarnation: int) -> None:
        moved = run.changed(
            f"UPDATE @kafka_relays SET position = ?, incarnation = ?, lease_until = {run.now} + ? "
            "WHERE feed = ? AND epoch = ?",
            (position, incarnation, self._microseconds, lease.feed, lease.epoch),
        )
        if moved != 1:
            raise LeaseLost(f"{lease.feed}: the lease was taken by another; its position is no longer ours to move")

    def hold(self, lease: Lease) -> None:
        """Hold the lease for another while. Raise LeaseLost where somebody else has taken it."""
        with self._tables.transaction() as run:
            held = run.changed(
                f"UPDATE @kafka_relays SET lease_until = {run.now} + ? WHERE feed = ? AND epoch = ?",
                (self._microseconds, lease.feed, lease.epoch),
            )
        if held != 1:
            raise LeaseLost(f"{lease.feed}: the lease was taken by another")

    @contextmanager
    def held(self, lease: Lease) -> Iterator[threading.Event]:
        """Hold the lease while a block runs; the event that is given is set once it is lost."""
        lost, done = threading.Event(), threading.Event()

        def hold() -> None:
            while not done.wait(self._microseconds / MICROSECONDS / 4):
                try:
                    self.hold(lease)
                except LeaseLost:
                    lost.set()
                    return
                except Exception as fault:
                    if not is_transient(fault):
                        raise

        thread = threading.Thread(target=hold, name=f"lease of {lease.feed}", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            done.set()
            thread.join()

    def release(self, lease: Lease) -> None:
        """Let the next one have it at once."""
        with self._tables.transaction() as run:
            run.changed(
                "UPDATE @kafka_relays SET lease_until = 0 WHERE feed = ? AND epoch = ?", (lease.feed, lease.epoch)
            )


def standings(tables: Tables) -> list[tuple[str, int, str, float]]:
    """Return each feed, its position, its holder, and the seconds its lease has left (negative where it ran out)."""
    with tables.reading() as run:
        found = run.rows(
            f"SELECT feed, position, holder, lease_until - {run.now} FROM @kafka_relays WHERE epoch > 0 ORDER BY feed"
        )
    return [(feed, position, holder, left / MICROSECONDS) for feed, position, holder, left in found]
