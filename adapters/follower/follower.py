"""The loop that follows the log: the projections that lag most read a page together, fold it and commit it."""

import gc
import os
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, takewhile

from adapters.event_log import Glimpse
from adapters.follower.anew import Corrected, refuse_beyond
from adapters.follower.followed import Followed, Pending, shard_of
from adapters.follower.sight import CORRECTED, PAGE_EVENTS_MAX, Source
from adapters.read_store.port import Build, ConnectionLost
from adapters.read_store.store import LEASE_SECONDS, RowStore
from adapters.tracing import span
from domain.errors import Halted, NewerFormat
from projections.projection import Projection

IDLE_SECONDS_MAX = 0.5
RENEW_SECONDS = LEASE_SECONDS / 5
CLAIM_SECONDS = 0.1
CACHED_ROWS_MAX = 24_000
"""Of all projections together, so that memory stays flat however many rows there are."""
COLLECT_AFTER = 50_000
SPANS_MAX = 4
"""Over how many times its share of positions a page of a shard may reach, so that a small share is read in steps too.

No page asks for more positions than that: PostgreSQL would look up and sort all of them while its statistics are young.
"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a follower has come: from which position to which, on the way to where, in how many seconds."""

    start: int
    position: int
    upto: int
    seconds: float

    @property
    def events_per_second(self) -> float:
        """Return the rate so far."""
        return (self.position - self.start) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at this rate, None before there is a rate."""
        return (self.upto - self.position) / self.events_per_second if self.events_per_second else None


@contextmanager
def bulk_work() -> Iterator[None]:
    """Keep the garbage collector from walking what is retained anyway, which costs several times the work itself."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class Follower:
    """Follows a log for several projections. Used by one thread, with a store of its own."""

    def __init__(
        self,
        log: Source,
        store: RowStore,
        projections: Sequence[Projection],
        *,
        page_events: int = PAGE_EVENTS_MAX,
        strict: bool = False,
    ) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{next(_numbers)}"
        self.followed: dict[str, Followed] = {}
        self._log = log
        self._store = store
        self._projections = {each.NAME: each for each in projections}
        self._page_events = page_events
        self._strict = strict
        self._renewed = time.monotonic()
        self._head = 0
        self._alliances: list[str] = []
        self._alliances_upto = 0

    def claim(self) -> Collection[str]:
        """Claim every projection that nobody else follows; return the names of those that are followed from here."""
        for name, projection in self._projections.items():
            build = self._build(projection)
            held = self.followed.get(name)
            if held is not None and held.claim.build != build:
                self._let_go(name)
            if build is not None and name not in self.followed:
                self.claim_build(projection, build)
        return self.followed.keys()

    def claim_build(self, projection: Projection, build: Build, *, shard: int = 0, wait_seconds: float = 0.0) -> bool:
        """Claim one shard of a build; wait for a lease that may run out; return whether it is held now."""
        end = time.monotonic() + wait_seconds
        while (claim := self._store.claim(build, holder=self.holder, shard=shard)) is None:
            if time.monotonic() >= end:
                return False
            time.sleep(CLAIM_SECONDS)
        share = max(CACHED_ROWS_MAX // len(self._projections), self._page_events)
        self.followed[projection.NAME] = Followed(self._log, self._store, projection, claim, cached_rows_max=share)
        return True

    def release(self) -> None:
        """Let go of everything, so that another follower can go on at once."""
        for name in list(self.followed):
            self._let_go(name)

    def step(self, upto: int | None = None) -> int:
        """Advance those projections that lag most by one page; return how many positions it spans, 0 where none is.

        Raise NewerFormat before an event that the code does not know, and Halted where rows know more than the log, or
        where another follower has taken over; nothing is written then.
        """
        if not self.followed:
            return 0
        places = sorted({each.claim.position for each in self.followed.values()})
        if places[-1] >= self._head:
            self._look_up(places[-1])
        start, stop = places[0], min([self._head, *places[1:2], *([] if upto is None else [upto])])
        if start >= stop:
            return 0
        last = [each for each in self.followed.values() if each.claim.position == start]
        shard, shards = last[0].shard
        stop = min(stop, start + self._page_events * (1 if shards == 1 else SPANS_MAX * shards))
        page = self._log.glimpses(start, self._page_events, stop, share=self._share(shard, shards, stop))
        if len(page) < min(self._page_events, stop - start):
            self._look_up(start)
            stop = min(stop, self._head)
        end = page[-1].position if len(page) == self._page_events else stop
        known = self._known(page)
        if len(known) < len(page):
            end = known[-1].position
        self._commit([each for each in last if each.shard == (shard, shards)], known, end)
        return end - start

    def _look_up(self, position: int) -> None:
        """Take up where the head of the log is. Raise Halted where something stands beyond it."""
        self._head = self._log.head()
        furthest = max(self.followed, key=lambda name: self.followed[name].claim.position)
        refuse_beyond(position, self._head, furthest)

    def _share(self, shard: int, shards: int, upto: int) -> list[str] | None:
        """Return the alliances of a shard that have events up to a position; None for all of them."""
        if shards == 1:
            return None
        if upto > self._alliances_upto:
            head = self._log.head()
            self._alliances, self._alliances_upto = self._log.alliances(), head
        return [each for each in self._alliances if shard_of(each, shards) == shard]

    def catch_up(
        self,
        upto: int | None = None,
        *,
        told: Callable[[Progress], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> int:
        """Follow to a position, or to the head as it is now; return where the slowest projection stands."""
        goal = self._log.head() if upto is None else upto
        start, began = self.position(), time.monotonic()
        with bulk_work():
            while not (stop and stop.is_set()) and self.step(goal):
                told(Progress(start, self.position(), goal, time.monotonic() - began))
                self.renew()
        return self.position()

    def run(self, stop: threading.Event) -> None:
        """Follow until told to stop. Stand by for projections that another follower holds, and take over from it."""
        self.claim()
        try:
            while not stop.is_set():
                self._turn(stop)
        finally:
            self.release()

    def position(self) -> int:
        """Return where the slowest of the followed projections stands."""
        return min((each.claim.position for each in self.followed.values()), default=0)

    def renew(self) -> None:
        """Hold on to the leases, claim what is free, and fold anew what somebody asked for; now and then only."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._hold()
        self.redrive()

    def redrive(self) -> int:
        """Fold parked keys anew where somebody asked for it; return how many."""
        redriven = 0
        for followed in self.followed.values():
            asked = [each.key for each in self._store.parked(followed.claim.build).values() if each.redrive]
            if asked:
                self._write({followed.projection.NAME: followed.redriven(asked, alive=self._hold_on)}, None)
            redriven += len(asked)
        return redriven

    def _turn(self, stop: threading.Event) -> None:
        try:
            if not self.followed:
                stop.wait(min(RENEW_SECONDS, IDLE_SECONDS_MAX))
            else:
                if self.position() >= self._head:
                    self._head = self._log.wait(self.position(), IDLE_SECONDS_MAX)
                self.step()
            if time.monotonic() - self._renewed >= RENEW_SECONDS:
                self.claim()
            self.renew()
        except ConnectionLost:
            self.followed.clear()
            self.claim()
        except Halted:
            lost = [name for name, each in self.followed.items() if not self._still_mine(each)]
            if not lost:
                raise
            for name in lost:
                del self.followed[name]

    def _commit(self, group: Sequence[Followed], page: Sequence[Glimpse], end: int) -> None:
        start = group[0].claim.position
        with span("follow", after=start, position=end, events=len(page), projections=len(group)):
            self._fold(group, page, start, end)

    def _fold(self, group: Sequence[Followed], page: Sequence[Glimpse], start: int, end: int) -> None:
        corrected = [
            Corrected(self._log, alliance, after=start, upto=end)
            for alliance in sorted({row.alliance for row in page if row.name == CORRECTED})
        ]
        pending = {
            each.projection.NAME: each.pending(page, end, corrected, strict=self._strict, alive=self._hold_on)
            for each in group
        }
        self._write(pending, end)

    def _write(self, pending: dict[str, Pending], end: int | None) -> None:
        group = [self.followed[name] for name in pending]
        advances = [
            each.advance(does, each.claim.position if end is None else end)
            for each, does in zip(group, pending.values(), strict=True)
        ]
        for each, claim in zip(group, self._store.commit(advances), strict=True):
            each.settle(pending[each.projection.NAME], claim)

    def _known(self, page: Sequence[Glimpse]) -> Sequence[Glimpse]:
        """Return the page up to the first event newer than the code. Raise NewerFormat where it is the first one."""
        known = self._log.codec.upcasters.known
        current = self._log.codec.upcasters.current
        if all(current.get(name) == version for name, version in {(row.name, row.schema_version) for row in page}):
            return page
        try:
            for row in page:
                known(row.name, row.schema_version)
        except NewerFormat:
            before = list(takewhile(lambda row: row.schema_version <= current.get(row.name, 0), page))
            if not before:
                raise
            return before
        return page

    def _build(self, projection: Projection) -> Build | None:
        """Return the build to follow for the code's version; None while one is being rebuilt in shards."""
        serving = self._store.serving(projection.NAME)
        if serving is not None and serving.version == projection.VERSION:
            return serving
        of_version = [each for each in self._store.builds(projection.NAME) if each.version == projection.VERSION]
        if not of_version:
            return self._first_build(projection)
        whole = [each for each in of_version if self._store.standings(each)[0].shards == 1]
        return whole[-1] if whole else None

    def _first_build(self, projection: Projection) -> Build:
        """Create a build, unless another follower has just made one that serves."""
        made = self._store.create_build(projection)
        serving = self._store.serving(projection.NAME)
        if serving is None or serving == made or serving.version != projection.VERSION:
            return made
        self._store.drop_build(made)
        return serving

    def _let_go(self, name: str) -> None:
        self._store.release(self.followed.pop(name).claim)

    def _hold(self) -> None:
        for each in self.followed.values():
            self._store.renew(each.claim)
        self._renewed = time.monotonic()

    def _hold_on(self) -> None:
        if time.monotonic() - self._renewed >= RENEW_SECONDS:
            self._hold()

    def _still_mine(self, followed: Followed) -> bool:
        return any(
            each.shard == followed.claim.shard and each.epoch == followed.claim.epoch
            for each in self._store.standings(followed.claim.build)
        )
