"""How Kafka stands is told by the command line and to Prometheus: lag, who is at it, and what waits."""

import json
from contextlib import closing

from prometheus_client import CollectorRegistry, generate_latest
from typer.testing import CliRunner

from adapters.kafka.port import Record
from adapters.kafka.standing import KafkaCollector, Working, kafka_standing
from adapters.kafka.tables import Tables
from adapters.kafka_out.publishing import publishing
from adapters.main import build
from tests.flow.kafka.given import (
    a_log,
    add_events,
    for_parties,
    formed,
    inbound_topic,
    ingested,
    sent,
    settings_for,
)


def test_lag_and_what_is_parked_are_told(kafka_bootstrap: str, database_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    sent(settings, topic, formed(), Record("", None, b"no event", [], 1))
    with a_log(database_url) as log, closing(Tables(database_url)) as tables:
        ingested(log, database_url, settings, for_parties(topic, "acme"))
        publishing(log, tables, settings, mode="exactly-once").run(once=True)
        add_events(log, 3)
        found = kafka_standing(log, tables)
        collectors = CollectorRegistry()
        collectors.register(KafkaCollector(lambda: found, lambda: [Working("i", 2, lag=5)]))
        told = generate_latest(collectors).decode()
    events = {feed.feed.removeprefix(f"{settings.topics}."): feed for feed in found.feeds}["events.v1"]
    assert (events.position, events.lag, events.holder) == (1, 3, None)
    assert events.lag_seconds is not None
    assert events.lag_seconds > 0
    assert found.parked == {"not_a_cloudevent": 1}
    assert found.offsets == {f"{topic}[0]": 2}
    assert f'cynosure_kafka_feed_lag{{of="{settings.topics}.events.v1"}} 3.0' in told
    assert 'cynosure_kafka_parked_messages{of="not_a_cloudevent"} 1.0' in told
    assert 'cynosure_kafka_rebuilds{of="i"} 2.0' in told


def test_the_command_line_shows_parked_messages_and_ends_their_wait(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    sent(settings, topic, formed(), Record("", None, b"no event", [], 1))
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))

    def said(*words: str) -> str:
        done = CliRunner().invoke(build(), [*words, "--database", sqlite_url, "--format", "json"])
        assert done.exit_code == 0, done.output
        return done.output

    (waits,) = json.loads(said("messages", "list"))["data"]
    assert (waits["number"], waits["reason"], waits["value"]) == (1, "not_a_cloudevent", "no event")
    assert json.loads(said("messages", "show", "1"))["data"]["where"] == f"{topic}[0]@1"
    assert json.loads(said("status"))["data"]["kafka"]["parked"] == {"not_a_cloudevent": 1}
    said("messages", "drop", "1", "--by", "ann", "--reason", "a probe")
    assert json.loads(said("messages", "list"))["data"] == []
