"""A new build beside the one that serves: folded from zero in several processes, compared, and switched to at once."""

import importlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from types import ModuleType

from adapters.event_log import Log, open_log
from adapters.follower.follower import Follower, Progress
from adapters.follower.sight import PAGE_EVENTS_MAX
from adapters.read_store.builds import Comparison
from adapters.read_store.opening import open_rows
from adapters.read_store.port import Build
from adapters.read_store.store import LEASE_SECONDS, RowStore
from domain.errors import Halted
from projections.projection import Projection

TOLD_EVERY_SECONDS = 0.2
CATCH_UPS_MAX = 20
PATIENCE_SECONDS = LEASE_SECONDS + 2

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of a rebuild: the build that was serving before, the new one, and whether it took its place."""

    old: Build | None
    new: Build
    position: int
    comparison: Comparison
    over: tuple[str, ...] | None
    digest: str

    @property
    def switched(self) -> bool:
        """Return whether the new build serves now."""
        return self.comparison == "agree"


@dataclass(frozen=True, slots=True)
class Work:
    """Everything a process needs to fold its share: where, what, which shard, how far."""

    database_url: str
    projection: Projection | str
    build: Build
    shard: int
    goal: int
    strict: bool


def rebuild(
    database_url: str,
    projection: Projection,
    *,
    processes: int = 1,
    strict: bool = True,
    accept_differences: bool = False,
    told: Told = lambda _: None,
) -> Rebuilt:
    """Fold a projection anew beside the build that serves, compare the two at one position, and switch.

    The old build serves meanwhile, and can be brought back. One that was interrupted goes on where it stopped. Where
    versions differ, the fields that both have must agree, but for those that the new version names in `CHANGED`.
    """
    with _opened(database_url) as (log, store):
        old = store.serving(projection.NAME)
        new = _unfinished(store, projection, old) or store.create_build(
            projection, shards=max(1, min(processes, len(log.alliances())))
        )
        goal = log.head() if old is None else min(store.position(old), log.head())
        work = Work(database_url, _reference(projection), new, 0, goal, strict)
        _fold(store, work, told)
        store.merge_shards(new)
        over = None if old is None else _comparable(store, old, projection)
        compared = _catch_up_and_switch(log, store, work, old, over)
        if compared == "differ" and accept_differences:
            compared = store.switch(new)
        if compared == "agree":
            _tidy(store, projection)
        return Rebuilt(old, new, store.position(new), compared, over, store.digest(new))


def verify(database_url: str, projection: Projection) -> bool:
    """Return whether the rows that serve equal those of a rebuild at the same position. The rebuild is thrown away."""
    with _opened(database_url) as (log, store):
        serving = store.serving(projection.NAME)
        if serving is None:
            return True
        build = store.create_build(projection)
        work = Work(database_url, projection, build, 0, 0, strict=False)
        try:
            for _ in range(CATCH_UPS_MAX):
                _follow(log, store, work, goal=store.position(serving))
                compared = store.compare(build, serving)
                if compared != "elsewhere":
                    return compared == "agree"
            raise Halted(f"{projection.NAME} moves on faster than it can be verified: stop its follower, and try again")
        finally:
            store.drop_build(build)


def _unfinished(store: RowStore, projection: Projection, old: Build | None) -> Build | None:
    """Return a build to go on with: newer than what serves, held by nobody, and not beyond where that stands."""
    if old is None:
        return None
    previous = store.previous(projection.NAME)
    for build in reversed(store.builds(projection.NAME)):
        shards = store.standings(build)
        free = all(each.holder is None or each.lease_seconds < 0 for each in shards)
        behind = all(each.position <= store.position(old) for each in shards)
        newer = build.id > old.id and build != previous and build.version == projection.VERSION
        if newer and free and behind:
            return build
    return None


def _comparable(store: RowStore, old: Build, projection: Projection) -> tuple[str, ...] | None:
    if old.version == projection.VERSION:
        return None
    changed: frozenset[str] = getattr(projection, "CHANGED", frozenset())
    kept = projection.Row.__dataclass_fields__.keys() - changed
    return tuple(name for name in store.fields(old) if name in kept)


def _catch_up_and_switch(
    log: Log, store: RowStore, work: Work, old: Build | None, over: tuple[str, ...] | None
) -> Comparison:
    if old is None:
        return "agree"
    for _ in range(CATCH_UPS_MAX):
        _follow(log, store, work, goal=store.position(old))
        compared = store.switch(work.build, agree_with=old, over=over)
        if compared != "elsewhere":
            return compared
    raise Halted(f"{old.projection} moves on faster than it can be caught up with: try again when less is recorded")


def _fold(store: RowStore, work: Work, told: Told) -> None:
    """Fold every shard to the goal, each in a process of its own where there are several."""
    shards = store.standings(work.build)[0].shards
    if shards == 1:
        _fold_shard(work, told)
        return
    start, began = _sum(store, work), time.monotonic()
    with ProcessPoolExecutor(shards, mp_context=_processes(work.projection)) as pool:
        shares = [pool.submit(_fold_shard, replace(work, shard=shard)) for shard in range(shards)]
        try:
            while _busy(shares):
                position = _sum(store, work)
                told(Progress(start // shards, position // shards, work.goal, time.monotonic() - began))
        except BrokenProcessPool:
            raise Halted("a process of the rebuild was killed: run it again, it goes on where it stopped") from None


def _processes(projection: Projection | str) -> BaseContext:
    """Return how processes are started: from one that holds no connection, and has read the code once for all."""
    context = get_context("forkserver")
    folded = projection if isinstance(projection, str) else type(projection).__module__
    context.set_forkserver_preload([*(name for name in sys.modules if name.startswith("adapters.")), folded])
    return context


def _busy(shares: Sequence[Future[None]]) -> bool:
    done, rest = wait(shares, timeout=TOLD_EVERY_SECONDS, return_when=FIRST_EXCEPTION)
    for each in done:
        each.result()
    return bool(rest)


def _sum(store: RowStore, work: Work) -> int:
    return sum(each.position for each in store.standings(work.build))


def _fold_shard(work: Work, told: Told = lambda _: None) -> None:
    with _opened(work.database_url) as (log, store):
        _follow(log, store, work, goal=work.goal, told=told)


def _follow(log: Log, store: RowStore, work: Work, *, goal: int, told: Told = lambda _: None) -> None:
    projection = _projection(work.projection)
    follower = Follower(log, store, [projection], strict=work.strict, page_events=PAGE_EVENTS_MAX)
    if not follower.claim_build(projection, work.build, shard=work.shard, wait_seconds=PATIENCE_SECONDS):
        raise Halted(f"somebody else folds build {work.build.id} of {projection.NAME}, shard {work.shard}")
    try:
        follower.catch_up(goal, told=told)
    finally:
        follower.release()


def _tidy(store: RowStore, projection: Projection) -> None:
    """Throw away all builds but the one that serves, the one before it, and those that a follower holds."""
    kept = {store.serving(projection.NAME), store.previous(projection.NAME)}
    for build in store.builds(projection.NAME):
        held = any(each.holder and each.lease_seconds > 0 for each in store.standings(build))
        if build not in kept and not held:
            store.drop_build(build)


@contextmanager
def _opened(database_url: str) -> Iterator[tuple[Log, RowStore]]:
    with open_log(database_url, create=False) as log:
        store = open_rows(database_url, log.identity())
        try:
            yield log, store
        finally:
            store.close()


def _reference(projection: Projection) -> Projection | str:
    """Return what another process can get the projection by: a module by its name, an object as itself."""
    return projection.__name__ if isinstance(projection, ModuleType) else projection


def _projection(reference: Projection | str) -> Projection:
    return importlib.import_module(reference) if isinstance(reference, str) else reference
