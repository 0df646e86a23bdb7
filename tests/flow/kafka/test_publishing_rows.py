"""Rows on compacted topics: what a reader holds at the end is what the rows are, and it is told which are current."""

import json
from contextlib import closing
from itertools import count

import pytest

from adapters.event_log import Log
from adapters.follower import Follower
from adapters.handling import Handler
from adapters.kafka.cluster import COMPACTED, Cluster
from adapters.kafka.port import Received
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka_out.publishing import publishing
from adapters.read_models import read_models
from adapters.read_store.canonical import key_text
from adapters.read_store.opening import open_rows
from domain.errors import Halted
from domain.events import Event
from domain.events.alliance import AllianceFormed, Party
from domain.events.correction import RecordCorrected
from domain.events.decision import AttributesStated, DecisionMade, DecisionRaised
from domain.recorded import Envelope
from projections.projection import Projection
from tests.flow.kafka.given import a_log, header, on_topic, settings_for
from tests.flow.lives import Chronicle
from tests.flow.tallies import ForgivingTallies, Tallies

OPEN = read_models()["open_decisions"]
NUMBERS = count()


def told(log: Log, *facts: Event) -> None:
    """Report facts about the alliance, each a day after the one before."""
    for fact in facts:
        envelope = Envelope(alliance="north", effective_at=1_700_000_000 + 86_400 * next(NUMBERS))
        Handler(log).handle(fact, envelope, digest=b"%d" % next(NUMBERS))


def formed() -> AllianceFormed:
    parties = (Party(id="acme", name="Acme"), Party(id="zenith", name="Zenith"))
    return AllianceFormed(title="North", kind="strategic", parties=parties)


def raised(decision: str, *, title: str | None = None) -> DecisionRaised:
    return DecisionRaised(decision=decision, body="jsc", matter="pricing", title=title)


def made(decision: str) -> DecisionMade:
    return DecisionMade(decision=decision, outcome="approved", method="consensus")


def followed(log: Log, url: str, projection: Projection = OPEN) -> None:
    """Fold what is new, and what somebody asked to be folded anew."""
    with closing(open_rows(url, log.identity())) as store:
        follower = Follower(log, store, [projection])
        follower.claim()
        follower.catch_up()
        follower.redrive()
        follower.release()


def publish(log: Log, url: str, settings: KafkaSettings, projection: Projection = OPEN) -> list[Received]:
    """Publish as a process does that is started now and ends when all is out."""
    followed(log, url, projection)
    with closing(Tables(url)) as tables:
        publishing(log, tables, settings, mode="exactly-once", rows=[projection], database_url=url).run(once=True)
    return on_topic(settings, settings.topic(f"rows.{projection.NAME}.v{projection.VERSION}"))


def held(records: list[Received]) -> dict[str, str]:
    """Return what a reader of the topic holds: the last value of each key, nothing where that is null."""
    last = {(record.key or b"").decode(): record.value for record in records}
    return {key: value.decode() for key, value in last.items() if value is not None}


def stored(log: Log, url: str, projection: Projection = OPEN) -> dict[str, str]:
    with closing(open_rows(url, log.identity())) as store, store.snapshot():
        build = store.serving(projection.NAME)
        assert build is not None
        return {key_text(key): row for key, row in store.rows(build)}


def test_a_reader_holds_the_rows_as_they_are_through_changes_endings_and_corrections(
    kafka_bootstrap: str, database_url: str
) -> None:
    settings = settings_for(kafka_bootstrap)
    with a_log(database_url) as log:
        told(log, formed(), raised("D1"), raised("D2"), raised("D3"))
        first = publish(log, database_url, settings)
        assert held(first) == stored(log, database_url)
        assert len(held(first)) == 3
        told(log, made("D1"), raised("D4"))
        second = publish(log, database_url, settings)
        assert held(second) == stored(log, database_url)
        assert [record.key for record in second if record.value is None] == [b'["north","D1"]']
        ending = next(event for event in log.read(after=0, limit=99) if event.name == "decision-made")
        told(log, RecordCorrected(of=ending.meta.event_id, of_stream=ending.stream, action="retracted"))
        third = publish(log, database_url, settings)
        assert held(third) == stored(log, database_url)
        assert key_text(("north", "D1")) in held(third)
        assert {header(record, "position") for record in third} == {"4", "6", "7"}
        again = publish(log, database_url, settings)
    assert len(again) == len(third)


def test_readers_are_told_once_which_version_is_current_and_since_when(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    with a_log(sqlite_url) as log:
        told(log, formed(), raised("D1"))
        publish(log, sqlite_url, settings)
        told(log, raised("D2"))
        publish(log, sqlite_url, settings)
    (announced,) = on_topic(settings, settings.topic("projections"))
    assert announced.key == b"open_decisions"
    assert json.loads(announced.value or b"") == {
        "projection": "open_decisions",
        "version": OPEN.VERSION,
        "topic": settings.topic(f"rows.open_decisions.v{OPEN.VERSION}"),
        "since_position": 2,
    }


def test_rows_that_were_never_folded_are_asked_for_in_one_sentence(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    with a_log(sqlite_url) as log, closing(Tables(sqlite_url)) as tables:
        told(log, formed())
        running = publishing(log, tables, settings, mode="exactly-once", rows=[OPEN], database_url=sqlite_url)
        with pytest.raises(Halted, match="run `cynosure follow`"):
            running.run(once=True)


@pytest.mark.parametrize("poison", ["poison", "unkeyed"])
def test_a_parked_key_that_is_free_again_is_published_without_waiting_for_an_event(
    kafka_bootstrap: str, sqlite_url: str, poison: str
) -> None:
    """It is parked in one publisher's life and freed in another's; `unkeyed` parks every row of an alliance."""
    settings = settings_for(kafka_bootstrap)
    with a_log(sqlite_url) as log:
        life = Chronicle(log)
        for what in ("raised", poison, "escalated"):
            life.tell(what)
        stale = publish(log, sqlite_url, settings, Tallies())
        with closing(open_rows(sqlite_url, log.identity())) as store:
            build = store.serving("tallies")
            assert build is not None
            store.ask_redrive(build, list(store.parked(build)))
        fresh = publish(log, sqlite_url, settings, ForgivingTallies())
        again = publish(log, sqlite_url, settings, ForgivingTallies())
        served = stored(log, sqlite_url, Tallies())
    assert held(stale) != served
    assert held(fresh) == served
    assert len(again) == len(fresh)


def test_a_row_too_large_for_its_topic_is_taken_away_and_stops_no_other(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    with Cluster(settings) as cluster:
        topic = settings.topic(f"rows.{OPEN.NAME}.v{OPEN.VERSION}")
        cluster.make(topic, partitions=1, replicas=1, settings={**COMPACTED, "max.message.bytes": "3000"})
    with a_log(sqlite_url) as log:
        told(log, formed(), raised("D1"), raised("D2"))
        publish(log, sqlite_url, settings)
        told(log, *(AttributesStated(decision="D1", attributes={f"a{n}": "x" * 180}) for n in range(12)), raised("D3"))
        found = publish(log, sqlite_url, settings)
        served = stored(log, sqlite_url)
    large = served.pop('["north","D1"]')
    assert held(found) == served
    (gone,) = (record for record in found if record.value is None)
    assert header(gone, "datasize") == str(len(large))
    assert header(gone, "dataref").endswith('["north","D1"]')
