"""A client that hangs inside a transaction on PostgreSQL, where no timeout of the server fires: others go on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from adapters.event_log import open_log
from adapters.event_log.migrations import APPEND_LOCK
from adapters.event_log.postgres.appending import copy_rows
from adapters.event_log.rows import COLUMNS
from adapters.hanging import end_hanging
from adapters.read_store.port import ConnectionLost
from domain.ports import Receipt
from tests.contracts.test_event_log import raised, wish
from tests.flow.lives import Rows, chronicle

IDLE = "SET idle_in_transaction_session_timeout = '200ms'"


def test_an_idle_transaction_that_waits_for_statements_sent_ahead_is_not_idle_to_the_server(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as hanging, psycopg.connect(postgres_url) as other:
        hanging.execute(IDLE)
        hanging.execute("BEGIN")
        with hanging.pipeline():
            hanging.execute("SELECT 1")
            until(lambda: state(other, hanging) == ("active", "ClientRead"))
            time.sleep(1)
            assert state(other, hanging) == ("active", "ClientRead"), "five times its timeout, and still there"


def state(other: psycopg.Connection[Any], hanging: psycopg.Connection[Any]) -> Any:
    other.rollback()
    pid = hanging.info.backend_pid
    return other.execute("SELECT state, wait_event FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def hang_while_writing(rows: Rows, meanwhile: Callable[[], None]) -> None:
    """Hang in the middle of writing a page, with the shard locked and statements sent ahead."""
    database, claim = rows.store._database, rows.follower.followed["tallies"].claim
    database.execute(database.BEGIN)
    database.advance([(claim.build.id, claim.shard, claim.epoch, claim.position, claim.position)], 10_000_000)
    with database.batch():
        database.execute("DELETE FROM parked WHERE build = -1")
        meanwhile()
        database.execute("DELETE FROM parked WHERE build = -1")


def test_a_follower_that_hangs_while_it_writes_loses_its_session_to_who_takes_over(postgres_url: str) -> None:
    life = chronicle(postgres_url)
    life.tell("raised")

    def take_over() -> None:
        with Rows(life.log, postgres_url) as other:
            other.store._database.paused_seconds_max = 1  # type: ignore[attr-defined]
            assert not other.follower.followed, "it does not wait behind a lock that is young"
            time.sleep(1.2)
            assert other.follower.claim() == {"tallies"}
            assert len(other.follow()) == 2

    with closing(life.log), Rows(life.log, postgres_url) as hung:
        hung.store._database.execute("UPDATE positions SET lease_until = 0")
        with pytest.raises(ConnectionLost):
            hang_while_writing(hung, take_over)
        hung.follower.followed.clear()
        assert len(hung.follow()) == 2, "and it may follow again"


def test_who_is_slow_but_still_copies_is_left_alone(postgres_url: str) -> None:
    copies = "starts_with(a.query, 'COPY t')"
    with (
        psycopg.connect(postgres_url, autocommit=True) as other,
        psycopg.connect(postgres_url) as slow,
        slow.cursor() as cursor,
    ):
        slow.execute("CREATE TABLE t (n text)")
        stop, copied = threading.Event(), threading.Event()

        def copy() -> None:
            with cursor.copy("COPY t FROM STDIN") as to:
                while not stop.wait(0.05):
                    to.write_row(("x" * 100_000,))
                copied.set()

        copying = threading.Thread(target=copy)
        copying.start()
        until(lambda: bool(other.execute("SELECT 1 FROM pg_stat_progress_copy WHERE bytes_processed > 0").fetchall()))
        for _ in range(3):
            assert end_hanging(other, copies, seconds=0.1) == []
        stop.set()
        copying.join()
        assert copied.is_set()


def be_in_a_hurry(recorder: Any) -> None:
    writer = recorder._connected()
    assert writer.execute("SHOW lock_timeout").fetchone() == ("30s",)
    writer.execute("SET lock_timeout = '500ms'")
    recorder.paused_seconds_max = 0.5


@pytest.mark.parametrize("how", ["one by one", "whole"])
def test_a_writer_that_hangs_inside_a_copy_loses_its_session_to_who_waits_for_the_lock(
    postgres_url: str, how: str
) -> None:
    holds, goes_on = threading.Event(), threading.Event()

    def rows() -> Iterator[Any]:
        holds.set()
        goes_on.wait(30)
        yield from ()

    def copy(recorder: Any) -> None:
        with recorder._transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
            copy_rows(cursor, "events", COLUMNS, rows())

    def hang(recorder: Any) -> None:
        with pytest.raises(psycopg.OperationalError):
            copy(recorder)

    with open_log(postgres_url) as hung, open_log(postgres_url) as other:
        hanging = threading.Thread(target=hang, args=(hung.recorder,))
        hanging.start()
        assert holds.wait(20)
        be_in_a_hurry(other.recorder)
        many = [wish(f"m{n}", raised("D1")) for n in range(3)]
        receipts = other.append_all(many) if how == "one by one" else other.append_whole(many)
        assert receipts == [Receipt(1, 1), Receipt(2, 2), Receipt(3, 3)]
        goes_on.set()
        hanging.join()
        assert hung.append(wish("m9", raised("D9"))) == Receipt(4, 4)
