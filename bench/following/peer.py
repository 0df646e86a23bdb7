"""The library's own way to follow: a `ProjectionRunner`, which commits once per event."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from bench.harness import Work

SECONDS_MAX = 300.0


class Decision(Aggregate):
    @event("Raised")
    def __init__(self, *, alliance: str, body: str, matter: str, title: str, effective_at: int) -> None:
        self.alliance, self.body, self.effective_at = alliance, body, effective_at

    @event("Escalated")
    def escalate(self, *, to: str, by: str, effective_at: int) -> None:
        self.body, self.effective_at = to, effective_at


class Decisions(Application[Any]):
    name = "decisions"


class Rows(PostgresTrackingRecorder):
    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:
        super().__init__(datastore, **options)
        self._table = SQL("{}.turns").format(Identifier(self.datastore.schema))
        create = SQL("CREATE TABLE IF NOT EXISTS {} (key text PRIMARY KEY, content text NOT NULL)").format(self._table)
        self.sql_create_statements.append(create)

    def fold(self, key: str, body: str, at: int, tracking: Tracking) -> None:
        select = SQL("SELECT content FROM {} WHERE key = %s").format(self._table)
        upsert = SQL("INSERT INTO {} VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET content = excluded.content")
        with self.datastore.transaction(commit=True) as cursor:
            found = cursor.execute(select, (key,), prepare=True).fetchone()
            row = msgspec.json.decode(found["content"]) if found else {"raised_at": at, "events": 0}
            row |= {"events": row["events"] + 1, "last_at": at, "body": body}
            cursor.execute(upsert.format(self._table), (key, msgspec.json.encode(row).decode()), prepare=True)
            self._insert_tracking(cursor, tracking)


class Turns(Projection[Rows]):
    name = "turns"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        body = getattr(domain_event, "body", None) or domain_event.to
        self.view.fold(str(domain_event.originator_id), body, domain_event.effective_at, tracking)


def environment(url: str) -> Mapping[str, str]:
    at = urlsplit(url)
    named = {"DBNAME": at.path.lstrip("/"), "HOST": at.hostname, "PORT": at.port, "USER": at.username or "postgres"}
    words = {f"POSTGRES_{name}": str(value) for name, value in named.items()}
    return words | {"POSTGRES_PASSWORD": at.password or "none", "PERSISTENCE_MODULE": "eventsourcing.postgres"}


@contextmanager
def runner(url: str, events: int) -> Iterator[Work]:
    """Give the work of following so many events from the start, which are recorded before."""
    app = Decisions(env=environment(url))
    for number in range(events // 2):
        decision = Decision(
            alliance=f"alliance-{number % 8}", body="JSC", matter="pricing", title="A price", effective_at=number
        )
        decision.escalate(to="executives", by="acme", effective_at=number + 60)
        app.save(decision)
    last = app.recorder.max_notification_id() or 0
    app.close()

    def work() -> int:
        with ProjectionRunner(
            application_class=Decisions, projection_class=Turns, view_class=Rows, env=environment(url)
        ) as running:
            end = time.monotonic() + SECONDS_MAX
            while (running.projection.view.max_tracking_id("decisions") or 0) < last:
                assert time.monotonic() < end
                time.sleep(0.002)
        return events

    yield work
