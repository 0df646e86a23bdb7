"""Rows in the schema `cynosure_rows` of a PostgreSQL database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, ClassVar

import psycopg
from psycopg.pq import TransactionStatus

from adapters.hanging import end_hanging
from adapters.read_store.port import ConnectionLost, Overtaken, Values

SCHEMA = "cynosure_rows"
SCHEMA_LOCK = 0x63796E5F726F7773  # "cyn_rows"
APPLICATION = "cynosure rows"
STREAMED_ROWS = 2_000
PAUSED_SECONDS_MAX = 10
"""How long a process that hangs inside a transaction may keep another from taking over."""
TYPES: dict[type[Any], str] = {int: "bigint", bool: "boolean", str: "text"}


class PostgresRows:
    """One connection to a database that holds rows."""

    BEGIN: ClassVar[str] = "BEGIN"
    BEGIN_SNAPSHOT: ClassVar[str] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    INTEGER: ClassVar[str] = "bigint"
    TEXT: ClassVar[str] = 'text COLLATE "C"'
    TABLE_OPTIONS: ClassVar[str] = ""
    FAULT: ClassVar[type[Exception]] = psycopg.errors.UndefinedTable
    NOW: ClassVar[str] = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    def __init__(self, url: str) -> None:
        self._url = url
        self.paused_seconds_max: float = PAUSED_SECONDS_MAX
        self._connection = self._connected()
        self._streams = 0

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            self._url,
            autocommit=True,
            application_name=APPLICATION,
            # A paused process must not hold its locks for ever. Rows can be folded anew, with their position.
            options=f"-c search_path={SCHEMA} -c synchronous_commit=off"
            f" -c idle_in_transaction_session_timeout={PAUSED_SECONDS_MAX}s -c client_min_messages=warning",
        )

    def _run(self, sql: bytes, values: Values | None = None, **how: Any) -> psycopg.Cursor[Any]:
        try:
            return self._connection.execute(sql, values or None, **how)
        except psycopg.errors.DivisionByZero as fault:
            raise Overtaken from fault
        except psycopg.OperationalError as fault:
            self._lost(fault)
            raise

    def _lost(self, fault: psycopg.OperationalError) -> None:
        """Connect anew, and say so, where a fault took the connection away."""
        if self._connection.closed:
            self._connection = self._connected()
            raise ConnectionLost("the connection to the rows was lost; what was not committed is undone") from fault

    @contextmanager
    def batch(self) -> Iterator[None]:
        try:
            with self._connection.pipeline():
                yield
        except psycopg.errors.DivisionByZero as fault:
            raise Overtaken from fault
        except psycopg.OperationalError as fault:
            self._lost(fault)
            raise
        finally:
            if self._connection.info.transaction_status == TransactionStatus.INERROR:
                self.rollback()

    def execute(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        cursor = self._run(_dialect(sql), values)
        return cursor.fetchall() if cursor.description else []

    def changed(self, sql: str, values: Values = ()) -> int:
        return self._run(_dialect(sql), values).rowcount

    def stream(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        self._streams += 1
        with self._connection.cursor(f"rows_{self._streams}") as cursor:
            cursor.itersize = STREAMED_ROWS
            cursor.execute(_dialect(sql), values or None)
            yield from cursor

    def load(self, table: str, keys: Sequence[str]) -> dict[str, str]:
        sql = f"SELECT key, content FROM {table} WHERE key = ANY(%b::text[])"
        return dict(self._run(sql.encode(), (list(keys),), binary=True, prepare=True).fetchall())

    def advance(self, places: Sequence[tuple[int, int, int, int, int]], lease: int) -> None:
        # The server itself fails, and with it the rest of the batch, COMMIT included: no answer is waited for.
        sql = (
            f"WITH advanced AS (UPDATE positions SET position = moved.now, lease_until = {self.NOW} + %s"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
            " AS moved (build, shard, epoch, loaded, now) WHERE positions.build = moved.build"
            " AND positions.shard = moved.shard AND positions.epoch = moved.epoch AND position = moved.loaded"
            " RETURNING 1) SELECT 1 / (count(*) = %s)::integer FROM advanced"
        )
        columns = [list(column) for column in zip(*places, strict=True)]
        self._run(sql.encode(), (lease, *columns, len(places)), prepare=True)

    def write(self, table: str, rows: Sequence[tuple[str, str, str]]) -> None:
        sql = (
            f"INSERT INTO {table} (key, alliance, content) SELECT * FROM unnest(%b::text[], %b::text[], %b::text[])"
            " ON CONFLICT (key) DO UPDATE SET content = excluded.content"
        )
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._run(sql.encode(), columns, prepare=True)

    def delete(self, table: str, keys: Sequence[str]) -> None:
        self._run(f"DELETE FROM {table} WHERE key = ANY(%b::text[])".encode(), (list(keys),))

    def lock_schema(self) -> None:
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")

    def has_table(self, name: str) -> bool:
        return bool(self.execute("SELECT 1 WHERE to_regclass(?) IS NOT NULL", (f"{SCHEMA}.{name}",)))

    def lock_row(self) -> str:
        return " FOR UPDATE"

    def skip_locked(self) -> str:
        return " FOR UPDATE SKIP LOCKED"

    def end_hanging(self) -> bool:
        of_ours = f"a.application_name = '{APPLICATION}'"
        return bool(end_hanging(self._connection, of_ours, seconds=self.paused_seconds_max))

    def json_field(self, name: str, kind: type[Any] | None) -> str:
        field = name.replace("'", "''")
        return f"(content::json ->> '{field}')::{TYPES[kind]}" if kind in TYPES else f"content::json -> '{field}'"

    def oldest_transaction(self) -> tuple[int, str, float] | None:
        found = self._connection.execute(
            "SELECT pid, application_name, extract(epoch FROM clock_timestamp() - xact_start)::float8"
            " FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND datname = current_database() ORDER BY xact_start LIMIT 1"
        ).fetchone()
        return tuple(found) if found else None

    def rollback(self) -> None:
        with suppress(psycopg.Error):
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


@cache
def _dialect(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()
