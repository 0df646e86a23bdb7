"""An append that is struck at any of its statements is there whole or not at all, and asking again tells which."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from adapters.event_log import Log, open_log
from domain.events.decision import DecisionEscalated, DecisionRaised
from domain.ports import Append, Receipt
from domain.recorded import Decided, Envelope
from domain.values import MessageKey
from tests.services.proxy import Cut, CuttableWire

STATEMENTS_MAX = 60


def wish(message: str, *, size: int = 2, beside: Callable[[Any], None] | None = None) -> Append:
    facts: list[Decided[Any]] = [Decided(DecisionRaised(decision="D1", body="JSC"))]
    facts += [Decided(DecisionEscalated(decision="D1", to="ESC"))] * (size - 1)
    about = Envelope(alliance="a", effective_at=1, message=MessageKey("acme", message))
    return Append(envelope=about, facts=facts, digest=message.encode(), beside=[beside] if beside else [])


def note(cursor: Any) -> None:
    cursor.execute("INSERT INTO notes VALUES ('once')")


WAYS: dict[str, Callable[[str], Append]] = {
    "in one sweep": wish,
    "with a write beside": lambda message: wish(message, beside=note),
    "in bulk": lambda message: wish(message, size=300),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Callable[[str], Append]:
    return WAYS[request.param]


def with_notes(url: str) -> None:
    def make(cursor: Any) -> None:
        cursor.execute("CREATE TABLE notes (note TEXT)")

    with open_log(url) as log:
        log.append(Append(envelope=Envelope(alliance="a", effective_at=1), facts=[], outcome="made", beside=[make]))


def check(log: Log, wished: Append) -> None:
    """Ask again, with nothing beside, and see that everything is there exactly once."""
    asked = replace(wished, beside=())
    size = len(asked.facts)
    head = log.head()
    receipt = log.append(asked)
    assert receipt == Receipt(receipt.first, receipt.first + size - 1, repeated=receipt.repeated)
    assert log.head() == head + (0 if receipt.repeated else size)
    rows = log.pages(0, 100_000)
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert [row.version for row in rows] == list(range(1, len(rows) + 1))
    assert {row.message_id for row in rows[receipt.first - 1 :]} == {asked.envelope.message.id}  # type: ignore[union-attr]


def killed_at(statement: int, url: str, asked: Append) -> bool:
    """Append in a process that dies at the n-th statement; return whether it died."""
    child = os.fork()
    if child == 0:
        log = open_log(url)
        recorder: Any = log.recorder
        with recorder._transaction():
            pass
        left = [statement]

        def trace(_: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)

        recorder._writer.set_trace_callback(trace)
        log.append(asked)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9


@pytest.mark.parametrize("way", [wish, WAYS["with a write beside"]])
def test_a_process_that_dies_at_any_statement_leaves_all_or_nothing(
    sqlite_url: str, way: Callable[[str], Append]
) -> None:
    with_notes(sqlite_url)
    struck = 0
    while killed_at(struck + 1, sqlite_url, asked := way(f"m{struck}")):
        struck += 1
        assert struck < STATEMENTS_MAX
        file = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
        there = file.execute("SELECT count(*) FROM messages WHERE id = ?", (f"m{struck - 1}",)).fetchone()[0]
        written = file.execute("SELECT count(*) FROM notes").fetchone()[0]
        file.execute("DELETE FROM notes")
        file.commit()
        file.close()
        assert written == (there if asked.beside else 0)
        with open_log(sqlite_url) as log:
            check(log, asked)
    assert struck >= 5


@pytest.fixture
def wire(postgres_url: str) -> Iterator[tuple[str, str, CuttableWire]]:
    parts = urlsplit(postgres_url)
    with CuttableWire(parts.port or 5432) as cuttable:
        through = parts._replace(netloc=f"{parts.username}@127.0.0.1:{cuttable.port}")
        yield postgres_url, through.geturl(), cuttable


@pytest.mark.parametrize("cut", ["before it arrives", "before the answer"])
def test_a_connection_that_is_lost_at_any_message_changes_nothing_for_the_caller(
    wire: tuple[str, str, CuttableWire], cut: Cut, way: Callable[[str], Append]
) -> None:
    straight, through, cuttable = wire
    with_notes(straight)
    struck = 0
    with open_log(through) as log, psycopg.connect(straight, autocommit=True) as other:
        while True:
            asked = way(f"m{struck}")
            cuttable.arm(struck + 1, cut)
            receipt = log.append(asked)
            if not cuttable.disarm():
                break
            struck += 1
            assert struck < STATEMENTS_MAX
            (written,) = other.execute("SELECT count(*) FROM notes").fetchone() or (None,)
            assert written == len(asked.beside)
            other.execute("DELETE FROM notes")
            assert receipt.last == log.head()
            check(log, asked)
    assert struck >= 1
