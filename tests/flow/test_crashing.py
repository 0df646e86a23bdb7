"""A follower killed between any two statements has lost nothing and doubled nothing, and goes on."""

import os
from itertools import count
from typing import Any

import pytest

from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.follower.anew import fold_anew
from adapters.follower.sight import Lens
from adapters.read_store.canonical import RowText, key_text
from adapters.read_store.opening import connect, open_rows
from adapters.read_store.port import Database
from adapters.read_store.store import RowStore
from tests.flow.lives import chronicle, rows
from tests.flow.tallies import ForgivingTallies, Tallies, Tally

KILLED, DONE = 9, 0
STATEMENTS = ("execute", "changed", "load", "write", "delete", "stream", "lock_schema", "advance")


class Killing:
    """A connection whose process dies, without a word, before its nth statement."""

    def __init__(self, database: Database, left: int) -> None:
        self._database = database
        self._left = left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._database, name)
        if name in STATEMENTS:
            self._left -= 1
            if self._left < 0:
                os._exit(KILLED)
        return found


def work(database_url: str, database: Database) -> None:
    """Follow in small pages, fold parked keys anew, rebuild, switch, and roll back: again or for the first time."""
    with open_log(database_url) as log:
        store = RowStore(database, log.identity())
        projection = Tallies()
        first = store.serving("tallies") or store.create_build(projection)
        if not store.parked(first) or store.position(first) < log.head():
            follow(log, store, first, projection)
        store.ask_redrive(first, list(store.parked(first)))
        follow(log, store, first, ForgivingTallies())
        later = [each for each in store.builds("tallies") if each.id > first.id]
        second = later[0] if later else store.create_build(projection, shards=2)
        for standing in store.standings(second):
            follow(log, store, second, ForgivingTallies(), shard=standing.shard)
        store.merge_shards(second)
        if store.serving("tallies") == first:
            assert store.switch(second, agree_with=first) == "agree"
        store.close()


def follow(log: Any, store: RowStore, build: Any, projection: Any, *, shard: int = 0) -> None:
    follower = Follower(log, store, [projection], page_events=6)
    assert follower.claim_build(projection, build, shard=shard)
    follower.redrive()
    follower.catch_up()
    follower.release()


def killed_at(database_url: str, statement: int) -> bool:
    """Do the work in a process that dies before a statement; return whether it died."""
    child = os.fork()
    if child == 0:
        try:
            work(database_url, Killing(connect(database_url), statement))  # type: ignore[arg-type]
            os._exit(DONE)
        except BaseException:  # noqa: BLE001
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (KILLED, DONE)
    return code == KILLED


@pytest.fixture
def told(database_url: str) -> str:
    """Give a log with corrections and a poisoned key, and no follower yet."""
    life = chronicle(database_url)
    for number in range(9):
        life.tell("raised", f"D{number % 3}", alliance="ab"[number % 2])
    life.retract(3)
    life.tell("poison", "D1")
    life.replace(4, "withdrawn")
    life.tell("escalated", "D2")
    assert life.log.head() == 13
    life.log.close()
    return database_url


def whole_at_its_position(database_url: str) -> int:
    """See that the rows of every build are those of their position, whoever was killed; return the first one's."""
    with open_log(database_url) as log:
        store = open_rows(database_url, log.identity())
        store._database.execute("UPDATE positions SET holder = NULL, lease_until = 0")
        builds = store.builds("tallies")
        for build in builds:
            for standing in store.standings(build):
                with store.snapshot():
                    found = {key: row for key, row in store.rows(build) if standing.shards == 1}
                parked = store.parked(build)
                expected = [
                    {key: RowText(Tally).text(row) for key, row in fold.rows.items() if row is not None}
                    for projection in (Tallies(), ForgivingTallies())
                    for fold in (fold_anew(log, Lens(projection, log.codec), alliance=None, upto=standing.position),)
                ]
                if standing.shards == 1:
                    assert found == expected[0 if parked else 1] or (not parked and found == expected[0])
        position = store.position(builds[0]) if builds else 0
        store.close()
    return position


def finished(database_url: str) -> tuple[dict[str, str], int, list[int]]:
    with open_log(database_url) as log:
        store = open_rows(database_url, log.identity())
        serving = store.serving("tallies")
        assert serving is not None
        found = rows(store), serving.id, [store.position(each) for each in store.builds("tallies")]
        store.close()
    return found


def test_killed_before_any_statement_a_follower_loses_nothing_and_goes_on(told: str) -> None:
    # On PostgreSQL every third one, to spare time: what is between them is the same code.
    statements = 0
    for statements in count(step=1 if told.startswith("sqlite") else 3):
        died = killed_at(told, statements)
        whole_at_its_position(told)
        if not died:
            break
        work(told, connect(told))
        served, serving, positions = finished(told)
        expected = forgiven(told)
        assert (served, serving, positions) == (expected, 2, [13, 13]), f"killed before statement {statements}"
        throw_away(told)
    assert statements > 60, "there were so many"


def forgiven(database_url: str) -> dict[str, str]:
    with open_log(database_url) as log:
        fold = fold_anew(log, Lens(ForgivingTallies(), log.codec), alliance=None, upto=log.head())
    text = RowText(Tally).text
    return dict(sorted((key_text(key), text(row)) for key, row in fold.rows.items() if row is not None))


def throw_away(database_url: str) -> None:
    database = connect(database_url)
    for table in ("parked", "positions", "serving"):
        database.execute(f"DELETE FROM {table}")
    database.execute("DROP VIEW IF EXISTS tallies")
    for (table,) in database.execute("SELECT rows_table FROM builds"):
        database.execute(f"DROP TABLE IF EXISTS {table}")
    database.execute("DELETE FROM builds")
    database.close()
