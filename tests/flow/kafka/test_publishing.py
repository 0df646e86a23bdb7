"""The relay on a broker that lives: everything once, in order, resumable, and too large by reference."""

import json
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from adapters.contracts.schemas import every_schema
from adapters.event_log import Log
from adapters.kafka.cloudevents import decode
from adapters.kafka.cluster import Cluster
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka_out.events import Events, event_at, source_of
from adapters.kafka_out.lease import Leases, standings
from adapters.kafka_out.publishing import Publishing, publishing
from adapters.kafka_out.relay import Mode
from domain.errors import Halted
from domain.events.decision import PositionStated
from domain.ports import Append
from domain.recorded import Decided, Envelope
from tests.flow.kafka.given import a_log, add_events, count, header, on_topic, settings_for

MODES = list(get_args(Mode))


def publish(log: Log, url: str, settings: KafkaSettings, mode: Mode, *, start: int | None = None) -> Publishing:
    tables = Tables(url)
    out = publishing(log, tables, settings, mode=mode, start=start)
    out.run(once=True)
    tables.close()
    return out


@pytest.mark.parametrize("mode", MODES)
def test_every_event_is_published_once_and_in_the_order_of_its_alliance(
    kafka_bootstrap: str, database_url: str, mode: Mode
) -> None:
    settings = settings_for(kafka_bootstrap)
    with a_log(database_url, 300) as log:
        publish(log, database_url, settings, mode)
        add_events(log, 200)
        publish(log, database_url, settings, mode)
        counted = count(log, on_topic(settings, settings.topic("events.v1")))
    assert counted.exact, counted
    assert counted.records == 500


def test_what_is_sent_is_what_the_contract_says(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    schemas = {f"{settings.schemas_uri}{path}": schema for path, schema in every_schema().items()}
    with a_log(sqlite_url, 10) as log:
        publish(log, sqlite_url, settings, "exactly-once")
        events = log.read(after=0, limit=100)
        identity = log.identity()
    records = {header(record, "ce_id"): record for record in on_topic(settings, settings.topic("events.v1"))}
    for event in events:
        record = records[event.meta.event_id]
        told = decode(record.headers, record.value)
        Draft202012Validator(schemas[told.attributes["dataschema"]]).validate(json.loads(record.value or b""))
        assert record.key == event.meta.alliance.encode()
        assert record.timestamp_ms == event.recorded_at // 1000
        assert told.attributes["source"] == source_of(identity)
        assert told.attributes["type"] == "dev.cynosure.decision-raised.v1"
        assert told.attributes["subject"] == event.stream
        assert told.attributes["sequence"] == f"{identity.incarnation:010d}-{event.position:020d}"


@pytest.mark.parametrize("mode", MODES)
def test_an_event_too_large_goes_by_reference_and_its_neighbours_go_on(
    kafka_bootstrap: str, sqlite_url: str, mode: Mode
) -> None:
    settings = settings_for(kafka_bootstrap)
    with Cluster(settings) as cluster:
        topic = settings.topic("events.v1")
        cluster.make(topic, partitions=2, replicas=1, settings={"max.message.bytes": "4000"})
    with a_log(sqlite_url, 20) as log:
        add_events(log, 3, title="x" * 3900)
        add_events(log, 20)
        publish(log, sqlite_url, settings, mode)
        records = on_topic(settings, settings.topic("events.v1"))
        counted = count(log, records)
        large = [record for record in records if record.value is None]
        referred = [int(header(record, "ce_dataref").rpartition(":")[2]) for record in large]
        sizes = [str(len(found.fact)) for position in referred if (found := event_at(log, position))]
    assert counted.exact, counted
    assert sorted(referred) == [21, 22, 23]
    assert sizes == [header(record, "ce_datasize") for record in large]


@pytest.mark.parametrize("mode", MODES)
def test_publishing_goes_on_where_it_is_told_to(kafka_bootstrap: str, sqlite_url: str, mode: Mode) -> None:
    settings = settings_for(kafka_bootstrap)
    with a_log(sqlite_url, 30) as log:
        publish(log, sqlite_url, settings, mode)
        publish(log, sqlite_url, settings, mode, start=21)
        counted = count(log, on_topic(settings, settings.topic("events.v1")))
    assert counted.exact_once_repeats_are_dropped
    assert counted.doubled == 10


@pytest.mark.parametrize("mode", MODES)
def test_a_checkpoint_beyond_the_log_stops_with_an_alarm(kafka_bootstrap: str, sqlite_url: str, mode: Mode) -> None:
    settings = settings_for(kafka_bootstrap)
    with a_log(sqlite_url, 30) as log:
        publish(log, sqlite_url, settings, mode)
    tables = Tables(sqlite_url)
    with tables.transaction() as run:  # the log as a copy from before the last ten events would be
        run.changed("DELETE FROM @events WHERE position > 20")
        run.changed("UPDATE @log SET head = 20")
    tables.close()
    with a_log(sqlite_url) as log, pytest.raises(Halted, match="up to position 30, but the log ends at 20"):
        publish(log, sqlite_url, settings, mode)


def test_a_log_does_not_publish_between_the_events_of_another(kafka_bootstrap: str, tmp_path: Path) -> None:
    settings = settings_for(kafka_bootstrap)
    joint, own = (f"sqlite:///{tmp_path / name}" for name in ("joint.db", "own.db"))
    with a_log(joint, 5) as log:
        publish(log, joint, settings, "exactly-once")
    with a_log(own, 5) as log, pytest.raises(Halted, match="CYNOSURE_KAFKA_TOPICS"):
        publish(log, own, settings, "exactly-once")


def test_one_holds_a_lease_at_a_time_and_a_lost_one_moves_nothing(database_url: str) -> None:
    a_log(database_url).close()
    tables = Tables(database_url)
    first, second = (Leases(tables, holder=name, lease_seconds=30) for name in ("first", "second"))
    mine = first.claim("feed", incarnation=1)
    assert mine is not None
    assert second.claim("feed", incarnation=1) is None
    first.advance(mine, 10)
    first.release(mine)
    theirs = second.claim("feed", incarnation=1)
    assert theirs is not None
    assert (theirs.position, theirs.epoch) == (10, mine.epoch + 1)
    with pytest.raises(Halted, match="taken by another"):
        first.advance(mine, 99)
    with pytest.raises(Halted, match="taken by another"):
        first.hold(mine)
    first.release(mine)
    assert second.claim("feed", incarnation=1) is None
    assert [(feed, position, holder) for feed, position, holder, _ in standings(tables)] == [("feed", 10, "second")]
    tables.close()


def test_nothing_sealed_is_published(sqlite_url: str) -> None:
    fact = PositionStated(decision="D1", party="acme", position="against", statement="Ada Secret said no")
    envelope = Envelope(alliance="north", effective_at=1, reason="as Ada Secret asked", note="Ada Secret")
    with a_log(sqlite_url) as log:
        log.append(Append(envelope=envelope, facts=[Decided(fact)]))
        (stored,) = log.pages(0, 1)
        record = Events(log, KafkaSettings(), record_bytes_max=10_000).record(stored)
    assert b"Secret" in (stored.sealed or b"")
    assert b"Secret" not in (record.value or b"") + b"".join(value or b"" for _, value in record.headers)
