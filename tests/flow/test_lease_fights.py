"""Two followers fight for the lease while events come in: paused, woken late, killed. The rows stay right.

On PostgreSQL they are paused wherever they are: who hangs inside a transaction loses its session. On SQLite, where
nobody can end it but itself, they are paused between two transactions.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from adapters.follower.anew import fold_anew
from adapters.follower.sight import Lens
from adapters.read_store.canonical import RowText, key_text
from adapters.read_store.opening import open_rows
from adapters.read_store.sqlite import rows_path
from adapters.read_store.store import RowStore
from tests.flow.lives import chronicle, rows
from tests.flow.tallies import Tallies, Tally

ROOT = Path(__file__).resolve().parents[2]
EVENTS = 200
PAUSE_EVERY = 25
FOLLOW = """
import sys, threading
from adapters.event_log import open_log
from adapters.follower import Follower, follower
from adapters.read_store import postgres
from adapters.read_store.opening import open_rows
from tests.flow.tallies import Tallies
follower.RENEW_SECONDS = 0.05
postgres.PAUSED_SECONDS_MAX = 1
with open_log(sys.argv[1], simulated_clock=True) as log:
    Follower(log, open_rows(sys.argv[1], log.identity()), [Tallies()], page_events=7).run(threading.Event())
"""


def started(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", FOLLOW, url], cwd=ROOT, env={**os.environ})


def holder(store: RowStore, followers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Return the follower that holds the lease, as soon as one does."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        held = [each.holder for each in store.standings() if each.holder]
        found = [each for each in followers if held and f":{each.pid}:" in held[0]]
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError([each.poll() for each in followers])


def pause(one: subprocess.Popen[bytes], url: str) -> None:
    """Pause a follower; on SQLite, where nobody can end its transaction, between two of them."""
    one.send_signal(signal.SIGSTOP)
    while url.startswith("sqlite") and locked(url):
        one.send_signal(signal.SIGCONT)
        time.sleep(0.005)
        one.send_signal(signal.SIGSTOP)


def locked(url: str) -> bool:
    path = rows_path(Path(url.removeprefix("sqlite:///")))
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0.1)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False


def expire(store: RowStore) -> None:
    """Let the lease run out, and on PostgreSQL end who keeps it locked."""
    rows, end = store._database, time.monotonic() + 30
    skip = rows.skip_locked()
    while not rows.changed(f"UPDATE positions SET lease_until = 0 WHERE build IN (SELECT build FROM positions{skip})"):
        assert time.monotonic() < end
        rows.end_hanging()


def test_two_followers_that_fight_for_the_lease_never_write_over_each_other(database_url: str) -> None:
    chance, followers = random.Random(7), [started(database_url), started(database_url)]
    life = chronicle(database_url)
    with closing(life.log), closing(open_rows(database_url, life.log.identity())) as store:
        store._database.paused_seconds_max = 1  # type: ignore[attr-defined]
        try:
            for number in range(EVENTS):
                decision = f"D{chance.randrange(5)}"
                life.tell(chance.choice(("raised", "escalated", "made")), decision, alliance=chance.choice("ab"))
                if number % 11 == 10:
                    life.retract(chance.randrange(1, number))
                if number % PAUSE_EVERY == PAUSE_EVERY - 1:
                    one = holder(store, followers)
                    pause(one, database_url)
                    expire(store)
                    assert holder(store, [each for each in followers if each is not one]) is not one
                    one.send_signal(signal.SIGCONT)
                if number == EVENTS // 2:
                    one = holder(store, followers)
                    one.kill()
                    one.communicate()
                    expire(store)
                    followers[followers.index(one)] = started(database_url)
            serving, head = store.serving("tallies"), life.log.head()
            assert serving is not None
            end = time.monotonic() + 60
            while store.position(serving) < head and time.monotonic() < end:
                time.sleep(0.02)
            assert [each.poll() for each in followers] == [None, None], "a fenced follower stands by; it does not fall"
        finally:
            for each in followers:
                each.kill()
                each.communicate()
        assert store.standings(serving)[0].epoch > EVENTS // PAUSE_EVERY, "the lease changed hands"
        fold = fold_anew(life.log, Lens(Tallies(), life.log.codec), alliance=None, upto=head)
        text = RowText(Tally).text
        expected = {key_text(key): text(row) for key, row in fold.rows.items() if row is not None}
        assert rows(store) == dict(sorted(expected.items()))
