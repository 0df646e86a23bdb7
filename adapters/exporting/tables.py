"""Writes the events of decisions as one table: CSV, or Parquet."""

import csv
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.exporting.told import COLUMNS, FlatEvent

TYPES = {"position": "BIGINT", "cycle": "INTEGER", "rank": "BIGINT"}
INSTANTS = frozenset({"effective_at", "recorded_at", "source_recorded_at", "since", "entered_at"})


def write_csv(path: Path, events: Iterable[FlatEvent]) -> None:
    """Write a CSV: UTF-8, one header line, empty where nothing is said."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(event, column) for column in COLUMNS] for event in events)


def write_parquet(path: Path, events: Iterable[FlatEvent]) -> None:
    """Write Parquet, compressed by zstd: the same columns, instants as timestamps with a zone."""
    import duckdb

    columns = {name: _type(name) for name in COLUMNS}
    with TemporaryDirectory(prefix="cynosure-") as folder, duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        table = Path(folder) / "events.csv"
        write_csv(table, events)
        read = database.read_csv(str(table), header=True, dtype=columns, na_values=[""], delimiter=",", quotechar='"')
        read.write_parquet(str(path), compression="zstd")


def _type(column: str) -> str:
    return "TIMESTAMPTZ" if column in INSTANTS else TYPES.get(column, "VARCHAR")
