"""Ingesting through the death of broker, ingester and database: one effect and one answer for each record."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.event_log import Log
from adapters.kafka.cluster import Topic
from adapters.kafka.port import Partition, Received, Record
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Statements, Tables
from adapters.kafka_in.offsets import Fenced, Offsets
from adapters.kafka_in.taking import Taking
from domain.ports import Beside
from tests.conftest import POSTGRES_AT_HAND
from tests.flow.kafka.given import (
    a_log,
    answers,
    eventually,
    for_parties,
    formed,
    in_thread,
    inbound_topic,
    raised_by_acme,
    running,
    sent,
    settings_for,
)
from tests.services.kafka import KafkaCluster
from tests.services.postgres import PostgresServer

STOP_SECONDS_MAX = 20
CONFIG = """\
name: of-{topic}
topics:
  {topic}: {{parties: [acme, zenith]}}
"""


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaCluster]:
    with KafkaCluster() as kafka:
        yield kafka


def messages(count: int) -> list[Record]:
    """Return an alliance and its decisions, every tenth message once more at another offset."""
    found = [formed(id_="formed")]
    for number in range(count):
        found.append(raised_by_acme(f"D{number:05}", id_=f"m{number}"))
        if number % 10 == 0:
            found.append(found[-1])
    return found


def standing(url: str, topic: str) -> int:
    tables = Tables(url)
    with tables.transaction() as run:
        found = run.rows("SELECT coalesce(max(next_offset), 0) FROM @kafka_offsets WHERE topic = ?", (topic,))
    tables.close()
    return int(found[0][0])


def moved(url: str, topic: str, before: int) -> bool:
    return eventually(lambda: standing(url, topic) > before)


def exactly_once(log: Log, url: str, settings: KafkaSettings, *, decisions: int, records: int) -> dict[str, Any]:
    """Return what is wrong: nothing, where each message had one effect, in order, and each record one answer."""
    events = [event for event in log.read(after=0, limit=1_000_000) if event.name == "decision-raised"]
    raised = [event.fact.decision for event in events]
    told = Counter((answer["topic"], answer["partition"], answer["offset"]) for answer in answers(url, settings))
    wrong = {
        "lost": decisions - len(set(raised)),
        "doubled": len(raised) - len(set(raised)),
        "out of order": sum(after < before for before, after in pairwise(raised)),
        "unanswered": records - len(told),
        "answered twice": sum(times - 1 for times in told.values()),
    }
    return {what: number for what, number in wrong.items() if number}


@pytest.mark.own_broker
def test_an_ingester_killed_again_and_again_takes_each_message_once(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path
) -> None:
    settings = settings_for(broker.bootstrap)
    topic = inbound_topic(settings)
    config = tmp_path / "ingest.yaml"
    config.write_text(CONFIG.format(topic=topic), encoding="utf-8")
    words = ("ingest", "--config", str(config), "--session-seconds", "2")
    records = messages(300)
    with a_log(sqlite_url) as log:
        sent(settings, topic, *records)
        for _ in range(2):
            before = standing(sqlite_url, topic)
            with running(settings, sqlite_url, *words, folder=tmp_path) as ingester:
                assert moved(sqlite_url, topic, before), ingester.said
                ingester.kill()
        with running(settings, sqlite_url, *words, folder=tmp_path) as ingester:
            assert eventually(lambda: standing(sqlite_url, topic) == len(records)), ingester.said
            assert ingester.end() == 0
        wrong = exactly_once(log, sqlite_url, settings, decisions=300, records=len(records))
    assert wrong == {}


@pytest.mark.own_broker
def test_an_ingester_told_to_stop_while_messages_come_ends_in_time_and_takes_each_once(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path
) -> None:
    settings = settings_for(broker.bootstrap)
    topic = inbound_topic(settings)
    config = tmp_path / "ingest.yaml"
    config.write_text(CONFIG.format(topic=topic), encoding="utf-8")
    words = ("ingest", "--config", str(config), "--session-seconds", "2")
    records = messages(1_500)
    with a_log(sqlite_url) as log:
        sent(settings, topic, *records)
        with running(settings, sqlite_url, *words, folder=tmp_path) as ingester:
            assert moved(sqlite_url, topic, 0), ingester.said
            assert ingester.end(seconds=STOP_SECONDS_MAX) == 0, ingester.said
        stopped_at = standing(sqlite_url, topic)
        with running(settings, sqlite_url, *words, folder=tmp_path) as ingester:
            assert eventually(lambda: standing(sqlite_url, topic) == len(records)), ingester.said
            assert ingester.end(seconds=STOP_SECONDS_MAX) == 0
        wrong = exactly_once(log, sqlite_url, settings, decisions=1_500, records=len(records))
    assert stopped_at < len(records), "it was stopped under load"
    assert wrong == {}


@pytest.mark.own_broker
def test_an_ingester_paused_past_its_session_does_no_harm(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path
) -> None:
    settings = settings_for(broker.bootstrap)
    topic = inbound_topic(settings)
    config = tmp_path / "ingest.yaml"
    config.write_text(CONFIG.format(topic=topic), encoding="utf-8")
    words = ("ingest", "--config", str(config), "--session-seconds", "2")
    records = messages(1_000)
    with a_log(sqlite_url) as log:
        sent(settings, topic, *records)
        with running(settings, sqlite_url, *words, folder=tmp_path) as zombie:
            assert eventually(lambda: standing(sqlite_url, topic) > 0), zombie.said
            zombie.pause()
            asleep_at = standing(sqlite_url, topic)
            with running(settings, sqlite_url, *words, folder=tmp_path) as second:
                assert eventually(lambda: standing(sqlite_url, topic) > asleep_at), second.said
                zombie.resume()
                assert eventually(lambda: standing(sqlite_url, topic) == len(records)), second.said
                assert second.end() == 0
                assert zombie.end() == 0
        wrong = exactly_once(log, sqlite_url, settings, decisions=1_000, records=len(records))
    assert asleep_at < len(records)
    assert wrong == {}


@pytest.mark.own_broker
def test_a_broker_killed_while_messages_come_loses_and_doubles_none(broker: KafkaCluster, sqlite_url: str) -> None:
    settings = settings_for(broker.bootstrap)
    topic = inbound_topic(settings)
    records = messages(400)
    with a_log(sqlite_url) as log, in_thread(log, sqlite_url, settings, for_parties(topic, "acme")) as ingester:
        sent(settings, topic, *records[:200])
        assert eventually(lambda: ingester.progress.taken > 50)
        broker.kill(1)
        broker.start(1)
        sent(settings, topic, *records[200:])
        assert eventually(lambda: ingester.progress.taken >= len(records), seconds=90)
        wrong = exactly_once(log, sqlite_url, settings, decisions=400, records=len(records))
    assert wrong == {}


def test_a_database_that_goes_away_is_waited_for_and_nothing_is_parked(kafka_bootstrap: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    records = messages(300)
    with PostgresServer(POSTGRES_AT_HAND[max(POSTGRES_AT_HAND)]) as server:
        url = server.databases.create()
        with a_log(url) as log, in_thread(log, url, settings, for_parties(topic, "acme")) as ingester:
            sent(settings, topic, *records)
            assert eventually(lambda: ingester.progress.taken > 20)
            server.crash()
            time.sleep(1)
            server.start()
            assert eventually(lambda: ingester.progress.taken >= len(records), seconds=90)
            wrong = exactly_once(log, url, settings, decisions=300, records=len(records))
    assert ingester.progress.parked == 0
    assert wrong == {}


# The fence alone, without a broker: two members own a partition one after the other, and the first does not know it.


class Unfenced(Offsets):
    """Offsets that are moved by whoever comes."""

    def move(self, partition: Partition, to: int) -> Beside:
        def write(cursor: Any) -> None:
            Statements(cursor).changed("UPDATE @kafka_offsets SET next_offset = ?", (to,))

        return write


def taken_by_two(url: str, kind: type[Offsets]) -> tuple[int, int]:
    """Let a second member take five records over from a first, who then goes on. Return (answers, times fenced)."""
    place = Partition("in", 0)
    topics, bounds = {"in": Topic("in", "id-1", 1, 1_000_000)}, {place: (0, 5)}
    tables, fenced = Tables(url), 0
    records = [formed(), *(raised_by_acme(f"D{number}") for number in range(4))]
    received = [Received("in", 0, n, 1, r.key, r.value, tuple(r.headers)) for n, r in enumerate(records)]
    with a_log(url) as log:
        taking = Taking(log, tables, for_parties("in", "acme"))
        first, second = (kind(tables, ingest="i", cluster_id="c") for _ in range(2))
        for member in (first, second):
            assert member.take_over([place], topics, bounds) == {place: 0}
        for member in (second, first):
            for one in received:
                try:
                    taking.take(one, [member.move(place, one.offset + 1)], waiting=frozenset())
                except Fenced:
                    fenced += 1
                else:
                    member.moved(place, one.offset + 1)
        assert log.head() == 5
    told = len(answers(url, KafkaSettings()))
    tables.close()
    return told, fenced


def test_the_fence_lets_only_the_last_owner_answer(database_url: str) -> None:
    assert taken_by_two(database_url, Offsets) == (5, 5)


def test_without_the_fence_every_record_is_answered_twice(sqlite_url: str) -> None:
    assert taken_by_two(sqlite_url, Unfenced) == (10, 0)
