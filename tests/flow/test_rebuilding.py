"""A rebuild grows beside what serves, is compared at one position, takes its place at once, and can be taken back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.follower import Progress
from adapters.follower.rebuild import rebuild, verify
from adapters.read_store.opening import connect
from domain.errors import Unreadable
from tests.flow.lives import Chronicle, Rows, chronicle, rows
from tests.flow.tallies import LaterTallies, Tallies

TALLIES = Tallies()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def life(database_url: str) -> Iterator[Chronicle]:
    made = chronicle(database_url)
    for number in range(30):
        made.tell("raised", f"D{number % 5}", alliance=f"al{number % 3}")
    made.retract(4)
    made.replace(5, "escalated")
    yield made
    made.log.close()


@pytest.fixture
def following(life: Chronicle, database_url: str) -> Iterator[Rows]:
    with Rows(life.log, database_url) as followed:
        yield followed


class ChangedTallies(LaterTallies):
    """The next version, which says that its bodies are not what they were."""

    CHANGED = frozenset({"bodies"})


class WrongTallies(LaterTallies):
    """The next version, with a fault that nobody meant: it counts bodies otherwise, and does not say so."""


def test_a_rebuild_equals_what_was_followed_and_takes_its_place(
    life: Chronicle, following: Rows, database_url: str
) -> None:
    live = following.follow()
    first = following.store.serving("tallies")

    rebuilt = rebuild(database_url, TALLIES)

    assert (rebuilt.comparison, rebuilt.switched, rebuilt.position, rebuilt.old) == ("agree", True, 32, first)
    assert following.store.serving("tallies") == rebuilt.new != first
    assert rows(following.store) == live
    assert following.store.digest(rebuilt.new) == rebuilt.digest


def test_a_follower_goes_over_to_what_serves(life: Chronicle, following: Rows, database_url: str) -> None:
    following.follow()
    rebuilt = rebuild(database_url, TALLIES)
    life.tell("raised", "D9")
    following.follower.claim()
    following.follow()
    assert following.store.position(rebuilt.new) == 33


def test_shards_in_several_processes_give_the_same_rows(life: Chronicle, following: Rows, database_url: str) -> None:
    live = following.follow()
    told: list[Progress] = []
    rebuilt = rebuild(database_url, TALLIES, processes=2, told=told.append)
    assert rebuilt.switched
    assert [each.shards for each in following.store.standings(rebuilt.new)] == [1]
    assert rows(following.store) == live
    assert all(0 <= each.position <= each.upto == 32 for each in told)


def test_a_version_that_agrees_where_it_must_is_switched_to_and_can_be_rolled_back(
    life: Chronicle, following: Rows, database_url: str
) -> None:
    old = following.follow()
    rebuilt = rebuild(database_url, ChangedTallies())
    assert rebuilt.switched
    assert set(rebuilt.over or ()) == {"seen", "findings"}
    new = rows(following.store)
    assert new.keys() == old.keys()
    assert new != old
    following.store.rollback("tallies")
    assert rows(following.store) == old


def test_a_version_that_differs_without_saying_so_does_not_serve(
    life: Chronicle, following: Rows, database_url: str
) -> None:
    old = following.follow()
    rebuilt = rebuild(database_url, WrongTallies())
    assert (rebuilt.comparison, rebuilt.switched) == ("differ", False)
    assert rows(following.store) == old
    assert rebuild(database_url, WrongTallies(), accept_differences=True).switched
    assert rows(following.store) != old


def test_a_later_version_that_ran_ahead_of_what_serves_is_compared_where_that_stands(
    life: Chronicle, following: Rows, database_url: str
) -> None:
    following.follow(20)
    following.follower.release()
    with Rows(life.log, database_url, projection=ChangedTallies()) as ahead:
        ahead.follower.catch_up()
    rebuilt = rebuild(database_url, ChangedTallies())
    assert (rebuilt.comparison, rebuilt.position) == ("agree", 20)


def test_a_rebuild_is_strict_unless_told_otherwise(life: Chronicle, following: Rows, database_url: str) -> None:
    life.tell("poison")
    old = following.follow()
    with pytest.raises(Unreadable, match="log position 33"):
        rebuild(database_url, TALLIES)
    assert rows(following.store) == old
    assert rebuild(database_url, TALLIES, strict=False).switched
    assert rows(following.store) == old


def test_only_what_serves_and_what_served_before_is_kept(life: Chronicle, following: Rows, database_url: str) -> None:
    following.follow()
    following.follower.release()
    builds = [rebuild(database_url, TALLIES).new for _ in range(3)]
    assert following.store.builds("tallies") == builds[1:]


def test_a_rebuild_that_was_killed_goes_on_where_it_stopped(
    life: Chronicle, following: Rows, database_url: str
) -> None:
    live = following.follow()
    program = (
        "import sys, time\n"
        "from adapters.follower import rebuild as rebuilding\n"
        "from tests.flow.tallies import Tallies\n"
        "rebuilding.PAGE_EVENTS_MAX = 5\n"
        "rebuilding.rebuild(sys.argv[1], Tallies(), told=lambda p: (print(p.position, flush=True), time.sleep(0.3)))\n"
    )
    victim = subprocess.Popen(
        [sys.executable, "-c", program, database_url], cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ}
    )
    assert victim.stdout is not None
    with victim, victim.stdout:
        assert [victim.stdout.readline() for _ in range(2)] == [b"5\n", b"10\n"]
        victim.send_signal(signal.SIGKILL)
    (left,) = [each for each in following.store.builds("tallies") if each != following.store.serving("tallies")]
    stood = following.store.position(left)
    assert stood >= 10
    database = connect(database_url)
    database.execute("UPDATE positions SET lease_until = 0")
    database.close()

    told: list[Progress] = []
    rebuilt = rebuild(database_url, TALLIES, told=told.append)

    assert (rebuilt.new, told[0].start) == (left, stood)
    assert rows(following.store) == live


def test_rows_are_verified_against_a_rebuild_that_is_thrown_away(
    life: Chronicle, following: Rows, database_url: str
) -> None:
    life.tell("poison")
    following.follow()
    builds = following.store.builds("tallies")
    assert verify(database_url, TALLIES)
    database = connect(database_url)
    database.execute(f"UPDATE {builds[0].table} SET content = replace(content, 'JSC', 'ESC')")
    database.close()
    assert not verify(database_url, TALLIES)
    assert following.store.builds("tallies") == builds


def test_where_nothing_was_followed_a_rebuild_is_the_first_build(life: Chronicle, database_url: str) -> None:
    began = time.monotonic()
    rebuilt = rebuild(database_url, TALLIES)
    assert (rebuilt.old, rebuilt.position, rebuilt.switched) == (None, 32, True)
    assert verify(database_url, TALLIES)
    assert time.monotonic() - began < 10, "nobody waits for a lease that was let go"
