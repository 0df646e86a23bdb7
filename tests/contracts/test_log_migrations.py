"""Our own tables move forward by numbered steps, under a lock, and a database that is ahead is refused."""

import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest

from adapters.event_log import migrate_log, open_log
from adapters.event_log.migrations import FORMAT, MIGRATIONS
from domain.errors import NewerFormat, Unreadable


def execute(database_url: str, statement: str) -> list[tuple[object, ...]]:
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("migrations", "cynosure_log.migrations"))
            return cursor.fetchall() if cursor.description else []
    file = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        return file.execute(statement).fetchall()
    finally:
        file.close()


def test_the_steps_are_numbered_from_one_without_a_hole() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, FORMAT + 1))


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate_log(database_url)
    with open_log(database_url) as log:
        identity = log.identity()
    migrate_log(database_url)
    with open_log(database_url) as log:
        assert log.identity() == identity
    assert execute(database_url, "SELECT number FROM migrations ORDER BY number") == [
        (n,) for n in range(1, FORMAT + 1)
    ]


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    failures: list[Exception] = []
    identities: set[str] = set()

    def migrate() -> None:
        try:
            with open_log(database_url) as log:
                identities.add(log.identity().id)
        except Exception as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=migrate) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(identities) == 1


def test_a_database_of_a_newer_format_is_refused_and_left_alone(database_url: str) -> None:
    migrate_log(database_url)
    execute(database_url, f"INSERT INTO migrations VALUES ({FORMAT + 1}, 'from the future')")
    with pytest.raises(NewerFormat, match=f"has format {FORMAT + 1}, this cynosure knows formats up to {FORMAT}"):
        open_log(database_url)
    with pytest.raises(NewerFormat):
        migrate_log(database_url)


def test_a_database_that_is_behind_says_what_to_do(database_url: str) -> None:
    migrate_log(database_url)
    execute(database_url, f"DELETE FROM migrations WHERE number = {FORMAT}")
    if FORMAT > 1:
        with pytest.raises(Unreadable, match="cynosure migrate"):
            open_log(database_url)


def test_a_file_that_is_no_database_or_cannot_be_made_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("this is not a database, it is a text of some length" * 40)
    with pytest.raises(Unreadable, match=r"notes\.db"):
        open_log(f"sqlite:///{tmp_path / 'notes.db'}")
    with pytest.raises(Unreadable, match="nowhere"):
        open_log(f"sqlite:///{tmp_path / 'nowhere' / 'cynosure.db'}")


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(Unreadable, match=r"127\.0\.0\.1:1/x") as refusal:
        open_log("postgresql://me:secret@127.0.0.1:1/x?connect_timeout=2")
    assert "secret" not in str(refusal.value)
