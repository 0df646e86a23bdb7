"""Three nodes that die and sleep in turn, and members that come and go: nothing lost, nothing doubled. `make chaos`."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import pytest

from adapters.kafka.cluster import Cluster
from adapters.kafka.publisher import Publisher
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.subscriber import Balance
from adapters.kafka_out.relay import Mode
from tests.flow.kafka.given import (
    ALLIANCES,
    a_log,
    add_events,
    answers,
    count,
    eventually,
    for_parties,
    formed,
    in_thread,
    on_topic,
    published_up_to,
    raised_by_acme,
    running,
    settings_for,
)
from tests.services.kafka import KafkaCluster

pytestmark = [pytest.mark.chaos, pytest.mark.own_broker]


@pytest.fixture(scope="module")
def three() -> Iterator[KafkaCluster]:
    with KafkaCluster(nodes=3) as kafka:
        yield kafka


@pytest.mark.parametrize("mode", get_args(Mode))
def test_every_leader_dies_and_sleeps_while_events_are_published(
    three: KafkaCluster, sqlite_url: str, tmp_path: Path, mode: Mode
) -> None:
    settings = settings_for(three.bootstrap)
    words = ("publish", "--mode", mode, "--lease-seconds", "3", "--stall-seconds", "20")
    with a_log(sqlite_url, 2_000) as log, running(settings, sqlite_url, *words, folder=tmp_path) as relay:
        assert eventually(lambda: published_up_to(sqlite_url) > 0), relay.said
        for node in (1, 2, 3):
            three.kill(node)
            add_events(log, 1_000)
            time.sleep(2)
            three.start(node)
            three.pause(node)
            add_events(log, 1_000)
            time.sleep(8)
            three.resume(node)
        assert eventually(lambda: published_up_to(sqlite_url) == log.head(), seconds=180), relay.said
        assert relay.end() == 0
        found = count(log, on_topic(settings, settings.topic("events.v1")))
    assert found.exact if mode == "exactly-once" else found.exact_once_repeats_are_dropped, found


@pytest.mark.parametrize("balance", get_args(Balance))
def test_members_come_and_go_among_the_gaps_that_transactions_leave(
    three: KafkaCluster, sqlite_url: str, balance: Balance
) -> None:
    """Records lie between markers and aborted ones, so that no offset follows the one before it."""
    settings = settings_for(three.bootstrap)
    topic = f"{settings.topics}.in"
    with Cluster(settings) as cluster:
        cluster.make(topic, partitions=3, replicas=3, settings={"retention.ms": "-1"})
    ingest = for_parties(topic, "acme")
    with a_log(sqlite_url) as log, ExitStack() as members:
        sent_in_transactions(settings, topic, first=0, decisions=0)
        members.enter_context(in_thread(log, sqlite_url, settings, ingest, balance=balance))
        assert eventually(lambda: log.head() == len(ALLIANCES))
        for turn in range(4):
            sent_in_transactions(settings, topic, first=turn * 100, decisions=100)
            with in_thread(log, sqlite_url, settings, ingest, balance=balance):
                time.sleep(3)
            members.enter_context(in_thread(log, sqlite_url, settings, ingest, balance=balance))
        assert eventually(lambda: len(answers(sqlite_url, settings)) == 403, seconds=120)
        raised = Counter(event.fact.decision for event in log.read(after=0, limit=10_000) if "raised" in event.name)
        told = Counter((answer["partition"], answer["offset"]) for answer in answers(sqlite_url, settings))
    assert sorted(raised) == sorted(f"D{number}" for number in range(400))
    assert set(raised.values()) == {1}
    assert set(told.values()) == {1}


def sent_in_transactions(settings: KafkaSettings, topic: str, *, first: int, decisions: int) -> None:
    """Send decisions of three alliances, five in a transaction, each followed by one that is aborted."""
    records = [formed(alliance) for alliance in ALLIANCES] if not decisions else []
    records += [
        raised_by_acme(f"D{number}", words={"alliance": ALLIANCES[number % len(ALLIANCES)]})
        for number in range(first, first + decisions)
    ]
    for start in range(0, len(records), 5):
        for committed in (True, False):
            publisher = Publisher(settings, transactional_id=topic)
            publisher.fence()
            publisher.begin()
            for record in records[start : start + 5]:
                key = ALLIANCES[(first + start) % len(ALLIANCES)].encode()
                publisher.send(record._replace(topic=topic, key=key))
            if committed:
                publisher.commit()
            else:
                publisher.drain()  # the next one of the same id aborts it
            publisher.abandon()
    last = Publisher(settings, transactional_id=topic)
    last.fence()
    last.close()
