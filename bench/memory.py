"""How much memory a follower takes at most, however many events and rows there are."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import msgspec

from adapters.event_log import open_log
from bench.following.databases import postgres, sqlite
from bench.following.turns import ALLIANCES, PAGE, append_of
from bench.harness import Memory
from domain.ports import Append

ROOT = Path(__file__).resolve().parents[1]
EVENTS, EVENTS_SMALL = 1_000_000, 5_000
EVENTS_PER_DECISION = 4
LATE_ONE_OF = 7
SPREAD = 7_919
MB_MAX = 300.0

# VmHWM is the peak of this program alone; what getrusage gives may be that of the process it was forked from.
FOLLOW = """
import json, sys
from contextlib import closing
from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.read_store.opening import open_rows
from bench.following.turns import Turns

def peak_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

with open_log(sys.argv[1]) as log, closing(open_rows(sys.argv[1], log.identity())) as store:
    follower, head, steps = Follower(log, store, [Turns()]), log.head(), []
    follower.claim()
    for goal in (head // 10, head):
        follower.catch_up(goal)
        steps.append((f"after {follower.position():,} events", follower.position(), peak_mb()))
    print(json.dumps(steps))
"""


def benchmarks(*, small: bool, events: int = EVENTS) -> Iterator[Memory]:
    count = EVENTS_SMALL if small else events
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        rows = count // EVENTS_PER_DECISION
        yield Memory(f"peak of a follower over {rows:,} rows, {name}", partial(_peaks, database, count), MB_MAX)


def _peaks(database: Callable[[], AbstractContextManager[str]], events: int) -> list[tuple[str, int, float]]:
    with database() as url:
        with open_log(url) as log:
            for start in range(0, events, PAGE):
                log.append_all([_append(number) for number in range(start, min(start + PAGE, events))])
        told = subprocess.run(
            [sys.executable, "-c", FOLLOW, url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
    return msgspec.json.decode(told.stdout, type=list[tuple[str, int, float]])


def _append(number: int) -> Append:
    """Return the nth append: some events for each decision, and now and then one for a decision of long ago."""
    decision = number // ALLIANCES // EVENTS_PER_DECISION
    return append_of(number, decision=number * SPREAD % (decision + 1) if number % LATE_ONE_OF == 0 else decision)
