"""Writes an object-centric log as OCEL 2.0: JSON, or an SQLite database.

Source: OCEL 2.0 specification, sections on the JSON and the relational exchange formats.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from adapters.exporting.ocel import ALWAYS, ObjectCentric, OcelEvent, OcelObject
from domain.values import Scalar

SQL_TYPES = {"string": "TEXT", "integer": "INTEGER", "boolean": "BOOLEAN"}
OWN_COLUMNS = frozenset({"ocel_id", "ocel_time", "ocel_changed_field"})
TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT NOT NULL REFERENCES event (ocel_id), ocel_object_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
    ocel_source_id TEXT NOT NULL REFERENCES object (ocel_id), ocel_target_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""


def write_ocel_json(path: Path, log: ObjectCentric) -> None:
    """Write OCEL 2.0 as JSON."""
    document = {
        "objectTypes": _declared(log.object_types()),
        "eventTypes": _declared(log.event_types()),
        "objects": list(_objects(log)),
        "events": list(_events(log)),
    }
    with path.open("w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


def _declared(types: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": kind, "attributes": [{"name": name, "type": said} for name, said in attributes.items()]}
        for kind, attributes in types.items()
    ]


def _objects(log: ObjectCentric) -> Iterator[dict[str, Any]]:
    types = log.object_types()
    for thing in log.objects.values():
        yield _object(thing, types[thing.type])


def _object(thing: OcelObject, types: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": thing.id,
        "type": thing.type,
        "attributes": [
            {"name": name, "time": at, "value": _typed(value, types[name])} for at, name, value in thing.attributes
        ],
        "relationships": [{"objectId": other, "qualifier": part} for other, part in dict.fromkeys(thing.related)],
    }


def _events(log: ObjectCentric) -> Iterator[dict[str, Any]]:
    types = log.event_types()
    for event in log.events:
        said = types[event.type]
        yield {
            "id": event.id,
            "type": event.type,
            "time": event.time,
            "attributes": [
                {"name": name, "value": _typed(value, said[name])} for name, value in event.attributes.items()
            ],
            "relationships": [{"objectId": thing, "qualifier": part} for thing, part in event.related],
        }


def _typed(value: Scalar, kind: str) -> Scalar:
    return str(value) if kind == "string" else value


def write_ocel_sqlite(path: Path, log: ObjectCentric) -> None:
    """Write OCEL 2.0 as an SQLite database: a table for each type beside those of all events, objects and relations."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(TABLES)
        for kind, attributes in log.event_types().items():
            _event_table(database, kind, attributes, [event for event in log.events if event.type == kind])
        for kind, attributes in log.object_types().items():
            _object_table(database, kind, attributes, [o for o in log.objects.values() if o.type == kind])
        database.executemany(
            "INSERT INTO event_object VALUES (?, ?, ?)",
            [(event.id, thing, part) for event in log.events for thing, part in event.related],
        )
        database.executemany(
            "INSERT INTO object_object VALUES (?, ?, ?)",
            [(o.id, other, part) for o in log.objects.values() for other, part in dict.fromkeys(o.related)],
        )


def _event_table(
    database: sqlite3.Connection, kind: str, attributes: Mapping[str, str], events: list[OcelEvent]
) -> None:
    table = f"event_{camel(kind)}"
    columns = _columns(attributes)
    declared = "".join(f", {_quoted(columns[name])} {SQL_TYPES[said]}" for name, said in attributes.items())
    database.execute(
        f"CREATE TABLE {_quoted(table)} (ocel_id TEXT PRIMARY KEY REFERENCES event (ocel_id), ocel_time "
        f"TIMESTAMP{declared})"
    )
    database.execute("INSERT INTO event_map_type VALUES (?, ?)", (kind, camel(kind)))
    database.executemany("INSERT INTO event VALUES (?, ?)", [(event.id, kind) for event in events])
    marks = ", ".join("?" * (2 + len(attributes)))
    database.executemany(
        f"INSERT INTO {_quoted(table)} VALUES ({marks})",
        [(event.id, event.time, *(event.attributes.get(name) for name in attributes)) for event in events],
    )


def _object_table(
    database: sqlite3.Connection, kind: str, attributes: Mapping[str, str], objects: list[OcelObject]
) -> None:
    table = f"object_{camel(kind)}"
    columns = _columns(attributes)
    declared = "".join(f", {_quoted(columns[name])} {SQL_TYPES[said]}" for name, said in attributes.items())
    database.execute(
        f"CREATE TABLE {_quoted(table)} (ocel_id TEXT REFERENCES object (ocel_id), ocel_time TIMESTAMP, "
        "ocel_changed_field TEXT"
        f"{declared})"
    )
    database.execute("INSERT INTO object_map_type VALUES (?, ?)", (kind, camel(kind)))
    database.executemany("INSERT INTO object VALUES (?, ?)", [(thing.id, kind) for thing in objects])
    marks = ", ".join("?" * (3 + len(attributes)))
    rows = [row for thing in objects for row in _states(thing, attributes, columns)]
    database.executemany(f"INSERT INTO {_quoted(table)} VALUES ({marks})", rows)


def _states(
    thing: OcelObject, attributes: Mapping[str, str], columns: Mapping[str, str]
) -> Iterator[tuple[Scalar, ...]]:
    """Yield one row with what an object always was, then one for each change, with only that field filled."""
    always = {name: value for at, name, value in thing.attributes if at == ALWAYS}
    yield thing.id, ALWAYS, None, *(always.get(name) for name in attributes)
    for at, changed, value in thing.attributes:
        if at != ALWAYS:
            yield thing.id, at, columns[changed], *(value if name == changed else None for name in attributes)


def camel(kind: str) -> str:
    """Return the name of a type as it stands in names of tables: `decision-raised` as DecisionRaised."""
    return "".join(part.capitalize() for part in kind.split("-"))


def _columns(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each attribute. SQLite tells no upper from lower case, so alike names get a number."""
    taken: set[str] = set(OWN_COLUMNS)
    columns = {}
    for name in attributes:
        column, again = name, 1
        while column.lower() in taken:
            again += 1
            column = f"{name}_{again}"
        taken.add(column.lower())
        columns[name] = column
    return columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
