"""Reads JSON lines: one object a line; a column is a key, or a path of keys with dots."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any

import msgspec

from adapters.importing.mapping import FileSaid, Unfold
from adapters.importing.readers.row import ReadRow, missing_columns
from adapters.importing.readers.unfolding import elements, is_empty, without
from domain.errors import Unreadable

HEADER_OBJECTS = 2_000
DEPTH_MAX = 5


def jsonl_rows(file: IO[bytes], name: str, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    """Yield the rows with the values of *columns* (None: of every path in the first objects, which come first)."""
    objects = _objects(file, name, said)
    if columns is None:
        first = list(islice(objects, HEADER_OBJECTS))
        columns = tuple(dict.fromkeys(path for _, row in first for path in _paths(row)))
        yield ReadRow(1, columns)
        objects = chain(first, objects)
    seen: set[str] = set()
    others: dict[str, None] = {}
    line = 0
    for line, row in objects:
        others.update(dict.fromkeys(row))
        yield ReadRow(line, tuple([_value(row, column, seen) for column in columns]))
    if line == 0:
        raise Unreadable(f"{name}: is empty")
    if missing := [column for column in columns if column not in seen]:
        raise missing_columns(name, missing, list(others))


def _objects(file: IO[bytes], name: str, said: FileSaid) -> Iterator[tuple[int, dict[str, Any]]]:
    decode = msgspec.json.Decoder().decode
    for line, raw in enumerate(file, start=1):
        if line <= said.skip_lines or not raw.strip():
            continue
        try:
            row = decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            cut = "" if raw.endswith(b"\n") else " and has no line end: the file is cut in half"
            raise Unreadable(f"{name}:{line}: is no JSON ({error}){cut}") from None
        if not isinstance(row, dict):
            raise Unreadable(f"{name}:{line}: is not a JSON object: each line holds one, {{...}}")
        for unfolded in _unfolded(row, said.unfold):
            yield line, unfolded


def _unfolded(row: dict[str, Any], unfold: Unfold | None) -> Iterator[dict[str, Any]]:
    """Yield an object once for each thing that happened: its own dates, then what its list holds."""
    if unfold is None or unfold.list is None:
        yield row
        return
    keys = unfold.list.split(".")
    found: set[str] = set()
    for column in unfold.columns:
        if date := _value(row, column, found):
            yield {**without(row, keys), unfold.name: column, unfold.value: date}
    if not (found and is_empty(row, keys)):
        yield from elements(row, keys)


def _paths(row: dict[str, Any], under: str = "") -> Iterator[str]:
    for key, value in row.items():
        if isinstance(value, dict) and value and under.count(".") < DEPTH_MAX:
            yield from _paths(value, f"{under}{key}.")
        else:
            yield f"{under}{key}"


def _value(row: dict[str, Any], column: str, seen: set[str]) -> str:
    if column in row:
        seen.add(column)
        return as_text(row[column])
    value: Any = row
    for key in column.split("."):
        if not isinstance(value, dict) or key not in value:
            return ""
        value = value[key]
    seen.add(column)
    return as_text(value)


def as_text(value: Any) -> str:
    """Return a JSON value as the text of a cell."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
