"""How the log and its rows stand: positions, lag, versions, leases, parked keys, and who holds readers back."""

import time
from dataclasses import dataclass

from adapters.event_log import Log
from adapters.read_store.port import Build, Standing
from adapters.read_store.store import RowStore


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """One build of a projection. Lag is measured against the head of the log; seconds are None by a simulated clock."""

    projection: str
    version: int
    build: int
    state: str
    position: int
    shards: int
    lag_events: int
    lag_seconds: float | None
    followed_by: tuple[str, ...]
    parked: int


@dataclass(frozen=True, slots=True)
class OldTransaction:
    """The transaction that has been open longest in the database: what it sees cannot be cleaned up."""

    process: int
    application: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Status:
    """The log, and every build of its rows."""

    log: str
    incarnation: int
    simulated_clock: bool
    head: int
    recorded_at: int | None
    builds: tuple[BuildStatus, ...]
    oldest_transaction: OldTransaction | None

    def lag_seconds(self) -> float:
        """Return the lag of the slowest build that serves, in seconds."""
        return max((each.lag_seconds or 0.0 for each in self.builds if each.state == "serving"), default=0.0)


def status(log: Log, store: RowStore) -> Status:
    """Return how everything stands at this moment."""
    identity, head = log.identity(), log.head()
    last = log.pages(head - 1, 1) if head else []
    standings: dict[Build, list[Standing]] = {}
    for each in store.standings():
        standings.setdefault(each.build, []).append(each)
    builds = tuple(
        _build(log, store, build, shards, head, now=None if identity.simulated_clock else time.time())
        for build, shards in standings.items()
    )
    return Status(
        log=identity.id,
        incarnation=identity.incarnation,
        simulated_clock=identity.simulated_clock,
        head=head,
        recorded_at=last[0].recorded_at if last else None,
        builds=tuple(sorted(builds, key=lambda each: (each.projection, each.build))),
        oldest_transaction=_oldest_transaction(store),
    )


def _build(
    log: Log, store: RowStore, build: Build, shards: list[Standing], head: int, *, now: float | None
) -> BuildStatus:
    position = min(each.position for each in shards)
    waiting = log.pages(position, 1) if position < head else []
    lag_seconds = None if now is None else max(0.0, now - waiting[0].recorded_at / 1_000_000) if waiting else 0.0
    return BuildStatus(
        projection=build.projection,
        version=build.version,
        build=build.id,
        state=_state(store, build),
        position=position,
        shards=len(shards),
        lag_events=head - position,
        lag_seconds=lag_seconds,
        followed_by=tuple(each.holder for each in shards if each.holder and each.lease_seconds > 0),
        parked=len(store.parked(build)),
    )


def _state(store: RowStore, build: Build) -> str:
    if build == store.serving(build.projection):
        return "serving"
    return "previous" if build == store.previous(build.projection) else "building"


def _oldest_transaction(store: RowStore) -> OldTransaction | None:
    found = store.oldest_transaction()
    return OldTransaction(*found) if found else None
