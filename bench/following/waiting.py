"""How soon a commit is visible in rows that another process folds, and how long a read that asks for it waits."""

import bisect
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path

import msgspec

from adapters.event_log import Log, open_log
from adapters.read_store.opening import open_rows
from adapters.reading import Fresh, Reading
from bench.following.turns import Turns, append_of
from bench.harness import Bound, Waits

ROOT = Path(__file__).resolve().parents[2]
EVENTS_PER_SECOND = 500
WARMING_EVENTS = 20
LAG_P99_MS_MAX = 50.0
READ_OVER_LAG_MAX = 1.3

# It writes down when each commit of its own was acknowledged: from then on at the latest its rows are seen by anybody.
FOLLOW = """
import json, sys, threading, time
from contextlib import closing
from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.read_store.opening import open_rows
from bench.following.turns import Turns

class Stamping(Follower):
    stamps = []
    def step(self, upto=None):
        moved = super().step(upto)
        if moved:
            self.stamps.append((self.position(), time.monotonic()))
        return moved

with open_log(sys.argv[1]) as log, closing(open_rows(sys.argv[1], log.identity())) as store:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    follower = Stamping(log, store, [Turns()])
    follower.claim()
    print("following", flush=True)
    follower.run(stop)
    print(json.dumps(follower.stamps), flush=True)
"""

Databases = Callable[[], AbstractContextManager[str]]
Commits = list[tuple[int, float]]
"""Positions, and when the writer was told that they are committed."""


def waits(name: str, database: Databases, *, samples: int, lag_over_append_max: float) -> Iterator[Waits]:
    """Yield what is waited for on a database: for a commit to be visible, and for a read of one's own write."""
    lag, read = "commit to visible, in another process", "read your write (`at_least`), in the writer's process"
    yield Waits(
        f"lag at {EVENTS_PER_SECOND} events/s, {name}",
        partial(_lags, database, samples, lag),
        {lag: Bound(p99_ms_max=LAG_P99_MS_MAX, of="one append", ratio_max=lag_over_append_max)},
    )
    yield Waits(
        f"read your write, {name}",
        partial(_reads, database, samples, lag, read),
        {read: Bound(of=lag, ratio_max=READ_OVER_LAG_MAX)},
    )


def _lags(database: Databases, samples: int, lag: str) -> Mapping[str, Sequence[float]]:
    """Append at a steady rate, whatever the follower does meanwhile."""
    with database() as url, open_log(url) as log:
        appends: list[float] = []
        commits: Commits = []
        with _followed(url) as stamps:
            due = time.monotonic()
            for number in range(samples + WARMING_EVENTS):
                due = max(due + 1 / EVENTS_PER_SECOND, time.monotonic() - 1 / EVENTS_PER_SECOND)
                time.sleep(max(0.0, due - time.monotonic()))
                began = time.monotonic()
                commits.append((log.append(append_of(number)).last, time.monotonic()))
                appends.append(commits[-1][1] - began)
            _until_followed(url, log)
        return {"one append": appends[WARMING_EVENTS:], lag: _seen(commits, stamps)[WARMING_EVENTS:]}


def _reads(database: Databases, samples: int, lag: str, read: str) -> Mapping[str, Sequence[float]]:
    """Append one event after the other, and wait each time until one's own rows show it."""
    with database() as url, open_log(url) as log, closing(open_rows(url, log.identity())) as store:
        reading, turns, waited = Reading(log, store), Turns(), []
        commits: Commits = []
        with _followed(url) as stamps:
            for number in range(samples + WARMING_EVENTS):
                time.sleep(1 / EVENTS_PER_SECOND)
                commits.append((log.append(append_of(number)).last, time.monotonic()))
                reading.wait(turns, Fresh(commits[-1][0]))
                waited.append(time.monotonic() - commits[-1][1])
        return {lag: _seen(commits, stamps)[WARMING_EVENTS:], read: waited[WARMING_EVENTS:]}


@contextmanager
def _followed(url: str) -> Iterator[list[tuple[int, float]]]:
    """Follow in another process; give a list that holds, once it has ended, when it had come to which position."""
    follower = subprocess.Popen(
        [sys.executable, "-c", FOLLOW, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert follower.stdin is not None
    assert follower.stdout is not None
    stamps: list[tuple[int, float]] = []
    with follower:
        follower.stdout.readline()
        yield stamps
        follower.stdin.close()
        stamps += msgspec.json.decode(follower.stdout.readline(), type=list[tuple[int, float]])


def _until_followed(url: str, log: Log) -> None:
    with closing(open_rows(url, log.identity())) as store:
        Reading(log, store).wait(Turns(), Fresh(log.head(), timeout_seconds=60.0))


def _seen(commits: Commits, stamps: Sequence[tuple[int, float]]) -> list[float]:
    """Return how long after its commit each position was visible; 0 where it was before the writer knew of it."""
    places = [position for position, _ in stamps]
    return [max(0.0, stamps[bisect.bisect_left(places, position)][1] - at) for position, at in commits]
