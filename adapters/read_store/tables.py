"""The tables of the rows, the views that SQL users read, and whose log they were folded from."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from adapters.read_store.port import Build, Database
from domain.errors import Halted, NewerFormat
from domain.ports import LogIdentity

FORMAT = 1
NAME_RULE = re.compile(r"[a-z][a-z0-9_]{0,40}")

TABLES = """
CREATE TABLE IF NOT EXISTS folded_from (
    format {integer} NOT NULL, log_id {text} NOT NULL, incarnation {integer} NOT NULL
);
CREATE TABLE IF NOT EXISTS builds (
    build {integer} PRIMARY KEY, projection {text} NOT NULL, version {integer} NOT NULL,
    rows_table {text} NOT NULL, fields {text} NOT NULL, created_at {integer} NOT NULL
);
CREATE TABLE IF NOT EXISTS positions (
    build {integer} NOT NULL, shard {integer} NOT NULL, shards {integer} NOT NULL, position {integer} NOT NULL,
    epoch {integer} NOT NULL, holder {text}, lease_until {integer} NOT NULL, PRIMARY KEY (build, shard)
);
CREATE TABLE IF NOT EXISTS serving (
    projection {text} PRIMARY KEY, build {integer} NOT NULL, previous {integer}, switched_at {integer} NOT NULL
);
CREATE TABLE IF NOT EXISTS parked (
    build {integer} NOT NULL, key {text} NOT NULL, alliance {text} NOT NULL, position {integer} NOT NULL,
    event_id {text} NOT NULL, name {text} NOT NULL, error {text} NOT NULL, parked_at {integer} NOT NULL,
    redrive {integer} NOT NULL, PRIMARY KEY (build, key)
)
"""


@contextmanager
def transaction(database: Database) -> Iterator[None]:
    """Commit what is done inside, or nothing of it."""
    database.execute(database.BEGIN)
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        database.rollback()
        raise


def bind(database: Database, log: LogIdentity) -> None:
    """Create the tables where there are none, and see that the rows come from this log, in this incarnation."""
    with transaction(database):
        database.lock_schema()
        for sql in TABLES.format(integer=database.INTEGER, text=database.TEXT).split(";"):
            database.execute(sql)
        found = database.execute("SELECT format, log_id, incarnation FROM folded_from")
        if not found:
            database.execute("INSERT INTO folded_from VALUES (?, ?, ?)", (FORMAT, log.id, log.incarnation))
            return
    written_by, log_id, incarnation = found[0]
    if written_by > FORMAT:
        raise NewerFormat(f"the rows are in format {written_by}, this cynosure knows {FORMAT}: upgrade it")
    if (log_id, incarnation) != (log.id, log.incarnation):
        raise Halted(
            f"the rows were folded from log {log_id}, incarnation {incarnation}; this is log {log.id}, incarnation"
            f" {log.incarnation}: throw the rows away (`cynosure projections discard`) and follow again"
        )


def create_rows_table(database: Database, build: Build) -> None:
    """Create the empty table of a build. Only inside a transaction."""
    text = database.TEXT
    database.execute(
        f"CREATE TABLE {build.table} (key {text} PRIMARY KEY, alliance {text} NOT NULL, content {text} NOT NULL)"
        f"{database.TABLE_OPTIONS}"
    )


def show(database: Database, build: Build) -> None:
    """Let the view under the projection's name read this build. Only inside a transaction.

    One column for each field of the row: integers, booleans and texts as such, everything else as JSON.
    """
    (described,) = database.execute("SELECT fields FROM builds WHERE build = ?", (build.id,))[0]
    columns = ["key", "alliance"]
    for name, kind in (each.split(":") for each in described.split()):
        if name not in columns:
            columns.append(f'{database.json_field(name, KINDS.get(kind))} AS "{name}"')
    database.execute(f"DROP VIEW IF EXISTS {build.projection}")
    database.execute(f"CREATE VIEW {build.projection} AS SELECT {', '.join(columns)} FROM {build.table}")


KINDS: dict[str, type[Any]] = {"int": int, "str": str, "bool": bool}


def described(row: type[Any]) -> str:
    """Return the fields of a row and their kinds in a line, `due:int title:str holders:json`."""
    hints = get_type_hints(row)
    return " ".join(f"{each.name}:{_kind(hints[each.name])}" for each in fields(row))


def _kind(hint: Any) -> str:
    kinds = [part for part in get_args(hint) or (hint,) if part is not type(None)]
    known = kinds[0].__name__ if len(kinds) == 1 and isinstance(kinds[0], type) else ""
    if known in KINDS:
        return known
    literals = [part for part in kinds if isinstance(part, str)]
    return "str" if literals and len(literals) == len(kinds) else "json"
