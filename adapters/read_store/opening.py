"""Where the rows of a log are, said by the URL of the log."""

from pathlib import Path

from adapters.read_store.port import Database
from adapters.read_store.sqlite import SqliteRows, rows_path
from adapters.read_store.store import RowStore
from domain.errors import Unreadable
from domain.ports import LogIdentity

SQLITE = "sqlite:///"


def connect(database_url: str) -> Database:
    """Open a connection to the rows that belong to the log at a URL."""
    if database_url.startswith(SQLITE):
        return SqliteRows(rows_path(Path(database_url.removeprefix(SQLITE))))
    if database_url.startswith(("postgresql://", "postgres://")):
        from adapters.read_store.postgres import PostgresRows

        return PostgresRows(database_url)
    raise Unreadable(f"{database_url!r} names no database: use sqlite:///PATH or postgresql://USER@HOST/NAME")


def open_rows(database_url: str, log: LogIdentity) -> RowStore:
    """Open the rows that belong to a log. Raise Halted where they were folded from another one."""
    return RowStore(connect(database_url), log)
