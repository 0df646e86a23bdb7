"""The relay through the death of the broker, of itself, and past its own lease: nothing lost, order kept."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.event_log import Log
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka_out.feed import Feed, Outgoing
from adapters.kafka_out.publishing import publishing
from adapters.kafka_out.relay import Mode
from tests.flow.kafka.given import (
    Count,
    a_log,
    add_events,
    count,
    eventually,
    on_topic,
    published_up_to,
    running,
    settings_for,
)
from tests.services.kafka import KafkaCluster

MODES: list[Mode] = ["at-least-once", "exactly-once"]
STOP_SECONDS_MAX = 20
QUICK = ("--lease-seconds", "2", "--stall-seconds", "20")


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaCluster]:
    with KafkaCluster() as kafka:
        yield kafka


def moved(url: str, before: int) -> bool:
    return eventually(lambda: published_up_to(url) > before)


def counted(log: Log, settings: KafkaSettings) -> Count:
    return count(log, on_topic(settings, settings.topic("events.v1")))


def kept(counted: Count, mode: Mode) -> bool:
    """Mode B doubles nothing; mode A may, and a reader tells what came twice by its id."""
    return counted.exact if mode == "exactly-once" else counted.exact_once_repeats_are_dropped


@pytest.mark.own_broker
@pytest.mark.parametrize("mode", MODES)
def test_a_relay_killed_again_and_again_loses_nothing(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path, mode: Mode
) -> None:
    settings = settings_for(broker.bootstrap)
    words = ("publish", "--mode", mode, *QUICK)
    with a_log(sqlite_url, 5_000) as log:
        for _ in range(2):
            before = published_up_to(sqlite_url)
            with running(settings, sqlite_url, *words, folder=tmp_path) as relay:
                assert moved(sqlite_url, before), relay.said
                relay.kill()
            add_events(log, 100)
        with running(settings, sqlite_url, *words, folder=tmp_path) as relay:
            assert eventually(lambda: published_up_to(sqlite_url) == log.head()), relay.said
            assert relay.end() == 0
        found = counted(log, settings)
    assert kept(found, mode), found


@pytest.mark.own_broker
@pytest.mark.parametrize("mode", MODES)
def test_a_broker_killed_while_records_flow_loses_nothing(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path, mode: Mode
) -> None:
    settings = settings_for(broker.bootstrap)
    with (
        a_log(sqlite_url, 2_000) as log,
        running(settings, sqlite_url, "publish", "--mode", mode, *QUICK, folder=tmp_path) as relay,
    ):
        for _ in range(2):
            before = published_up_to(sqlite_url)
            assert moved(sqlite_url, before), relay.said
            broker.kill(1)
            add_events(log, 500)
            broker.start(1)
        assert eventually(lambda: published_up_to(sqlite_url) == log.head()), relay.said
        assert relay.end() == 0
        found = counted(log, settings)
    assert kept(found, mode), found


@pytest.mark.own_broker
def test_a_broker_away_longer_than_every_timeout_loses_nothing(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path
) -> None:
    settings = settings_for(broker.bootstrap)
    quick = ("--lease-seconds", "1", "--stall-seconds", "5")
    with (
        a_log(sqlite_url, 1_000) as log,
        running(settings, sqlite_url, "publish", *quick, folder=tmp_path) as relay,
    ):
        assert eventually(lambda: published_up_to(sqlite_url) == log.head()), relay.said
        broker.pause(1)
        add_events(log, 3_000)
        time.sleep(16)
        broker.resume(1)
        assert eventually(lambda: published_up_to(sqlite_url) == log.head(), seconds=90), relay.said
        assert relay.end() == 0
        found = counted(log, settings)
    assert found.exact, found


@pytest.mark.own_broker
@pytest.mark.parametrize("mode", MODES)
def test_a_relay_paused_past_its_lease_does_no_harm(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path, mode: Mode
) -> None:
    settings = settings_for(broker.bootstrap)
    words = ("publish", "--mode", mode, *QUICK)
    with a_log(sqlite_url, 8_000) as log, running(settings, sqlite_url, *words, folder=tmp_path) as zombie:
        assert eventually(lambda: published_up_to(sqlite_url) > 0), zombie.said
        zombie.pause()
        asleep_at = published_up_to(sqlite_url)
        with running(settings, sqlite_url, *words, folder=tmp_path) as second:
            assert eventually(lambda: published_up_to(sqlite_url) > asleep_at + 2_000), second.said
            zombie.resume()
            assert eventually(lambda: published_up_to(sqlite_url) == log.head()), second.said
            add_events(log, 500)
            assert eventually(lambda: published_up_to(sqlite_url) == log.head()), second.said
            assert second.end() == 0
            assert zombie.end() == 0
        found = counted(log, settings)
    assert asleep_at < 8_000
    assert kept(found, mode), found


@pytest.mark.own_broker
@pytest.mark.parametrize("mode", MODES)
def test_a_relay_told_to_stop_while_events_flow_ends_in_time_and_leaves_nothing_half_sent(
    broker: KafkaCluster, sqlite_url: str, tmp_path: Path, mode: Mode
) -> None:
    """Nothing comes twice either, in mode A too: it waits for what it has sent before it goes."""
    settings = settings_for(broker.bootstrap)
    words = ("publish", "--mode", mode, *QUICK)
    with a_log(sqlite_url, 30_000) as log:
        with running(settings, sqlite_url, *words, folder=tmp_path) as relay:
            assert moved(sqlite_url, 0), relay.said
            assert relay.end(seconds=STOP_SECONDS_MAX) == 0, relay.said
        stopped_at = published_up_to(sqlite_url)
        with running(settings, sqlite_url, *words, folder=tmp_path) as relay:
            assert eventually(lambda: published_up_to(sqlite_url) == log.head()), relay.said
            assert relay.end(seconds=STOP_SECONDS_MAX) == 0
        found = counted(log, settings)
    assert 0 < stopped_at < 30_000, "it was stopped under load"
    assert found.exact, found


@dataclass
class Overtaken:
    """A feed during whose first page something happens, as during a long sleep."""

    feed: Feed
    meanwhile: Callable[[], None]
    slept: bool = False

    @property
    def name(self) -> str:
        return self.feed.name

    @property
    def without_value(self) -> int:
        return self.feed.without_value

    def begin(self) -> None:
        self.feed.begin()

    def head(self) -> int:
        return self.feed.head()

    def close(self) -> None:
        self.feed.close()

    def wait(self, after: int, timeout_seconds: float) -> None:
        self.feed.wait(after, timeout_seconds)

    def page(self, after: int, limit: int) -> list[Outgoing]:
        if not self.slept:
            self.slept = True
            self.meanwhile()
        return self.feed.page(after, limit)


def overtaken(log: Log, tables: Tables, settings: KafkaSettings, *, second_id: str | None) -> Count:
    """Let a second relay take the lease and publish everything while the first sleeps inside its transaction."""
    first, second = (publishing(log, tables, settings, mode="exactly-once").relays[0] for _ in range(2))
    second.transactional_id = second_id or second.transactional_id

    def meanwhile() -> None:
        with tables.transaction() as run:
            run.changed("UPDATE @kafka_relays SET lease_until = 0")
        second.run(once=True)

    first.feed = Overtaken(first.feed, meanwhile)
    first.run(once=True)
    return counted(log, settings)


@pytest.mark.own_broker
def test_a_sleeper_is_fenced_by_its_transactional_id_and_by_nothing_else(broker: KafkaCluster, sqlite_url: str) -> None:
    tables = Tables(sqlite_url)
    with a_log(sqlite_url, 500) as log:
        fenced = overtaken(log, tables, settings_for(broker.bootstrap), second_id=None)
        unfenced = overtaken(log, tables, settings_for(broker.bootstrap), second_id="another")
    tables.close()
    assert fenced.exact, fenced
    assert unfenced.doubled == 500, unfenced
