"""Asks kept files in SQL: `events` are those in effect, `log` is everything that was recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.scanning.keeping import Manifest, manifest_in
from domain.errors import Refused, Unreadable


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a question found: its columns, its rows, and up to which position the files go."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    kept: Manifest


@contextmanager
def scanning(folder: Path) -> Iterator[tuple[Any, Manifest]]:
    """Give a DuckDB connection with the views `events` and `log` over a folder, and what the folder holds."""
    import duckdb

    kept = manifest_in(folder)
    if kept is None or not kept.files:
        raise Refused(f"{folder} holds no events: cynosure scan keep {folder}", rule="kept_first")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        for view in views(folder, kept):
            database.execute(view)
        yield database, kept


def views(folder: Path, kept: Manifest) -> tuple[str, str]:
    """Return the SQL of both views over the files that a manifest names."""
    log = f"CREATE VIEW log AS SELECT * FROM {_read(folder, [each.name for each in kept.files])}"
    plain = "SELECT * FROM log"
    if kept.standing is None:
        return log, f"CREATE VIEW events AS {plain}"
    standing = _read(folder, [kept.standing])
    return log, (
        f"CREATE VIEW events AS {plain} WHERE event <> 'record-corrected'"
        f" AND event_id NOT IN (SELECT event_id FROM {standing})"
        f" UNION ALL BY NAME SELECT * FROM {standing} WHERE event IS NOT NULL"
    )


def _read(folder: Path, names: list[str]) -> str:
    files = ", ".join("'" + str(folder / name).replace("'", "''") + "'" for name in names)
    return f"read_parquet([{files}], union_by_name = true)"


def ask(folder: Path, sql: str) -> Scanned:
    """Ask kept files a question. Raise Unreadable for one that cannot be answered, Refused where there are none."""
    import duckdb

    with scanning(folder) as (database, kept):
        try:
            found = database.execute(sql)
            columns = tuple(each[0] for each in found.description or ())
            return Scanned(columns, found.fetchall(), kept)
        except duckdb.Error as fault:
            raise Unreadable(f"the question cannot be answered: {fault}") from fault
