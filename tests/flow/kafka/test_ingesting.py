"""Ingesting from a broker that lives: effect once, every message answered, the unreadable parked with its stream."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.contracts.schemas import every_schema
from adapters.event_log import Log
from adapters.handling import Handler
from adapters.kafka.cluster import Cluster
from adapters.kafka.port import Received, Record
from adapters.kafka.settings import dead_letter_topic
from adapters.kafka.tables import Tables
from adapters.kafka_in.config import Mapped
from adapters.kafka_in.parking import drop, every_parked, park
from adapters.kafka_in.reading import Unfit
from adapters.kafka_in.taking import Taking
from adapters.kafka_out.publishing import publishing
from domain.errors import Halted, Refused
from domain.events.decision import DecisionRaised
from domain.recorded import Envelope
from tests.flow.kafka.given import (
    a_log,
    answers,
    for_parties,
    formed,
    header,
    inbound_topic,
    ingested,
    message,
    on_topic,
    raised_by_acme,
    sent,
    settings_for,
)


def states(url: str, settings: Any) -> list[str]:
    return [answer["state"] for answer in answers(url, settings)]


def parked_reasons(url: str) -> list[tuple[str, str]]:
    tables = Tables(url)
    found = [(message.reason, message.stream) for message in every_parked(tables)]
    tables.close()
    return found


def test_reports_and_commands_have_their_effect_and_are_answered(kafka_bootstrap: str, database_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    escalate = message("command.escalate_decision", {"decision": "D1", "to": "executives", "by": "acme"})
    unknown = message("command.escalate_decision", {"decision": "D9", "to": "executives", "by": "acme"})
    sent(settings, topic, formed(), raised_by_acme("D1"), escalate, unknown)
    with a_log(database_url) as log:
        ingested(log, database_url, settings, for_parties(topic, "acme"))
        names = [event.name for event in log.read(after=0, limit=100)]
    told = answers(database_url, settings)
    assert names == ["alliance-formed", "decision-raised", "decision-escalated"]
    assert [answer["state"] for answer in told] == ["accepted", "accepted", "accepted", "refused"]
    assert [answer["position"] for answer in told] == [1, 2, 3, 3]
    assert told[3]["rule"] == "raised_first"
    validator = Draft202012Validator(every_schema()["outcome.v1.json"])
    assert [fault.message for answer in told for fault in validator.iter_errors(answer)] == []


def test_structured_mode_is_read_as_binary_mode_is(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    binary = formed(id_="m1")
    said = {name.removeprefix("ce_"): (value or b"").decode() for name, value in binary.headers if name[:3] == "ce_"}
    value = json.dumps({**said, "data": json.loads(binary.value or b"")}).encode()
    structured = Record("", None, value, [("content-type", b"application/cloudevents+json; charset=utf-8")], 1)
    sent(settings, topic, binary, structured)
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
        assert log.head() == 1
    assert states(sqlite_url, settings) == ["accepted", "accepted"]


def test_a_repeat_is_answered_as_the_first_time_and_changes_nothing(kafka_bootstrap: str, database_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    once = raised_by_acme("D1", id_="m2")
    refused = message("command.escalate_decision", {"decision": "D9", "to": "x", "by": "acme"}, id_="m3")
    sent(settings, topic, formed(id_="m1"), once, refused, once, refused, formed(id_="m1"))
    with a_log(database_url) as log:
        ingested(log, database_url, settings, for_parties(topic, "acme"))
        assert log.head() == 2
    told: dict[str, list[Any]] = {}
    for answer in answers(database_url, settings):
        told.setdefault(answer["id"], []).append({**answer, "offset": None})
    assert all(first == again for first, again in told.values()), told


def test_the_same_id_with_other_content_is_refused_or_parked(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    first, other = (
        message("command.escalate_decision", {"decision": "D1", "to": to, "by": "acme"}, id_="c") for to in ("x", "y")
    )
    sent(settings, topic, formed(), raised_by_acme("D1", id_="r"), raised_by_acme("D2", id_="r"), first, other)
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
    told = answers(sqlite_url, settings)
    assert [answer["state"] for answer in told] == ["accepted", "accepted", "parked", "accepted", "refused"]
    assert (told[2]["reason"], told[4]["rule"]) == ("repeat_differs", "repeat_differs")


def test_a_topic_speaks_only_for_its_own_parties(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    zenith = {"by": "zenith"}
    as_actor = {"actor": {"party": "zenith"}, "by": "acme"}
    sent(
        settings,
        topic,
        formed(),
        raised_by_acme("D1", words=zenith),
        raised_by_acme("D2", words=as_actor),
        raised_by_acme("D3"),
        message("command.escalate_decision", {"decision": "D3", "to": "x", **zenith}),
    )
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
        assert log.head() == 2
    told = answers(sqlite_url, settings)
    assert [answer["state"] for answer in told] == ["accepted", "parked", "parked", "accepted", "refused"]
    assert told[4]["rule"] == "speaks_for_its_parties"
    assert parked_reasons(sqlite_url) == [
        ("not_its_party", "decision/north/D1"),
        ("not_its_party", "decision/north/D2"),
    ]


def test_what_belongs_to_a_parked_stream_waits_behind_it_and_everything_else_goes_on(
    kafka_bootstrap: str, database_url: str
) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    early = message("decision-escalated", {"decision": "D1", "to": "executives", "by": "acme"}, id_="early")
    late = message("decision-made", {"decision": "D1", "outcome": "approved", "method": "consensus"}, id_="late")
    sent(settings, topic, formed(), early, late, raised_by_acme("D2"))
    ingest = for_parties(topic, "acme")
    tables = Tables(database_url)
    with a_log(database_url) as log:
        ingested(log, database_url, settings, ingest)
        assert [event.name for event in log.read(after=0, limit=9)] == ["alliance-formed", "decision-raised"]
        assert parked_reasons(database_url) == [
            ("impossible", "decision/north/D1"),
            ("behind_parked", "decision/north/D1"),
        ]
        taking = Taking(log, tables, ingest)
        assert taking.redrive(1, by="ann") == 0
        log_handles_the_missing_report(log)
        assert taking.redrive(2, by="ann") == 2
        assert [event.fact.NAME for event in log.stream("decision/north/D1")] == [
            "decision-raised",
            "decision-escalated",
            "decision-made",
        ]
        assert parked_reasons(database_url) == []
    tables.close()
    assert states(database_url, settings) == ["accepted", "parked", "parked", "accepted", "accepted", "accepted"]


def log_handles_the_missing_report(log: Log) -> None:
    envelope = Envelope(alliance="north", effective_at=1)
    Handler(log).handle(DecisionRaised(decision="D1", body="jsc", matter="pricing"), envelope, digest=b"missing")


def test_of_messages_that_come_at_once_one_that_cannot_be_taken_undoes_no_other(
    kafka_bootstrap: str, database_url: str
) -> None:
    """A refused command, a parked report, an unreadable value and a repeat lie among messages that commit together."""
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    good = [raised_by_acme(f"D{number:02}", id_=f"m{number}") for number in range(20)]
    refused = message("command.escalate_decision", {"decision": "D99", "to": "x", "by": "acme"})
    impossible = message("decision-made", {"decision": "D98", "outcome": "approved", "method": "consensus"})
    unreadable = raised_by_acme("D97")._replace(value=b"{")
    sent(
        settings, topic, formed(), *good[:5], refused, *good[5:9], unreadable, *good[9:15], good[3], *good[15:], refused
    )
    sent(settings, topic, impossible)
    with a_log(database_url) as log:
        ingested(log, database_url, settings, for_parties(topic, "acme"))
        raised = [event.fact.decision for event in log.read(after=0, limit=100) if event.name == "decision-raised"]
    told = answers(database_url, settings)
    assert raised == [f"D{number:02}" for number in range(20)]
    assert [answer["offset"] for answer in told] == list(range(26))
    others = {answer["offset"]: answer["state"] for answer in told if answer["state"] != "accepted"}
    assert others == {6: "refused", 11: "parked", 24: "refused", 25: "parked"}


def test_dropping_is_an_act_with_an_actor_and_a_reason_and_happens_once(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    sent(settings, topic, Record("", None, b"no event", [], 1))
    tables = Tables(sqlite_url)
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
    drop(tables, 1, by="ann", why="a probe of the network team")
    with pytest.raises(Refused, match="does not wait any more"):
        drop(tables, 1, by="ann", why="again")
    with pytest.raises(Refused, match="there is no parked message 7"):
        drop(tables, 7, by="ann", why="none")
    assert every_parked(tables) == []
    tables.close()
    assert states(sqlite_url, settings) == ["parked", "dropped"]


def test_a_service_that_speaks_its_own_words_is_mapped(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    words = {"alliance": "'north'", "decision": "data.ticket.key", "to": "data.board", "by": "'acme'"}
    moved = Mapped(when="attributes.type == 'com.acme.ticket.moved'", report="DecisionEscalated", words=words)
    ticket = message("x", {"ticket": {"key": "D1"}, "board": "executives"}, type="com.acme.ticket.moved")
    foreign = message("x", {}, type="com.acme.ticket.closed")
    sent(settings, topic, formed(), raised_by_acme("D1"), ticket, foreign)
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme", mappings=(moved,)))
        facts = [event.fact for event in log.stream("decision/north/D1")]
    assert facts[-1].to == "executives"
    assert [reason for reason, _ in parked_reasons(sqlite_url)] == ["unknown_type"]


def test_answers_and_dead_letters_are_published_with_everything_that_came(
    kafka_bootstrap: str, sqlite_url: str
) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    broken = Record("", b"\xff", b"\x00\x01", [("ce_id", b"\xfe"), ("other", b"\x00")], 1_772_000_000_123)
    sent(settings, topic, formed(id_="m1"), broken)
    tables = Tables(sqlite_url)
    with a_log(sqlite_url) as log:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
        publishing(log, tables, settings, mode="exactly-once").run(once=True)
    tables.close()
    told = on_topic(settings, settings.topic("outcomes.v1"))
    (dead,) = on_topic(settings, dead_letter_topic(topic))
    assert {(record.key, json.loads(record.value or b"")["state"]) for record in told} >= {(b"m1", "accepted")}
    assert len(told) == 2
    assert (dead.key, dead.value) == (broken.key, broken.value)
    assert header(dead, "cynosure_parked_timestamp") == str(broken.timestamp_ms)
    assert dead.headers[:2] == tuple(broken.headers)
    assert header(dead, "cynosure_parked_reason") == "not_a_cloudevent"


def test_a_topic_that_was_recreated_and_has_grown_again_is_read_from_its_beginning(
    kafka_bootstrap: str, sqlite_url: str
) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    ingest = for_parties(topic, "acme")
    with a_log(sqlite_url) as log:
        sent(settings, topic, formed(), raised_by_acme("D1"))
        ingested(log, sqlite_url, settings, ingest)
        with Cluster(settings) as cluster:
            cluster.delete(topic)
        assert inbound_topic(settings) == topic
        sent(settings, topic, *(raised_by_acme(f"D{number}") for number in range(2, 6)))
        ingested(log, sqlite_url, settings, ingest)
        assert log.head() == 6


def test_records_deleted_unread_stop_it_with_an_alarm(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    ingest = for_parties(topic, "acme")
    tables = Tables(sqlite_url)
    with a_log(sqlite_url) as log:
        sent(settings, topic, formed())
        ingested(log, sqlite_url, settings, ingest)
        with tables.transaction() as run:
            run.changed("UPDATE @kafka_offsets SET next_offset = 40")
        with pytest.raises(Halted, match="up to offset 40, but the partition ends at 1"):
            ingested(log, sqlite_url, settings, ingest)
        with tables.transaction() as run:
            run.changed("UPDATE @kafka_offsets SET next_offset = -3")
        with pytest.raises(Halted, match="3 were deleted unread; --skip-lost"):
            ingested(log, sqlite_url, settings, ingest)
    tables.close()


def test_no_poison_stops_the_partition(kafka_bootstrap: str, database_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings, record_bytes_max=6_000_000)
    good = raised_by_acme("D0")
    poison = [
        Record("", None, b"", [], 1),
        Record("", b"", b"", good.headers, 1),
        Record("", b"\xff\xfe", good.value, [], 1),
        Record("", None, b"\x00\x00\x00\x00\x07magic", good.headers, 1),
        Record("", None, b'{"alliance": "north"', good.headers, 1),
        Record("", None, b'{"alliance": "nor\\u0000th", "decision": "D1"}', good.headers, 1),
        Record("", None, b'{"alliance": "north", "decision": "\\ud800"}', good.headers, 1),
        Record("", None, b"\xc3\x28", good.headers, 1),
        Record("", None, good.value, [("ce_specversion", b"0.3"), *good.headers[1:]], 1),
        Record("", None, good.value, [*good.headers, ("ce_id", b"again")], 1),
        Record("", None, good.value, [("content-type", b"application/cloudevents+json")], 1),
        Record("", None, b'"' + b"x" * 5_000_000 + b'"', good.headers, 1),
        message("decision-raised", {"decision": ""}),
        message("decision-raised", {"decision": "D1", "nonsense": 1}),
        message("nothing-known", {}),
        message("decision-raised", {"decision": "D1"}, type="dev.cynosure.decision-raised.v7"),
        message("decision-raised", {"decision": "D1", "at": "yesterday"}),
        message("decision-raised", {"decision": "D1", "zone": "Mars/Olympus", "at": "2026-03-04"}),
    ]
    sent(settings, topic, formed(), *poison, raised_by_acme("D2"))
    with a_log(database_url) as log:
        progress = ingested(log, database_url, settings, for_parties(topic, "acme"))
        assert [event.name for event in log.read(after=0, limit=9)] == ["alliance-formed", "decision-raised"]
    assert progress.parked == len(poison)
    assert states(database_url, settings) == ["accepted", *["parked"] * len(poison), "accepted"]


def test_every_dead_letter_can_be_sent_whatever_came(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    came = [
        Received(topic, 0, 0, 1, None, None, (("nothing", None),)),
        Received(topic, 0, 1, 1, None, b"x" * 2_000_000, ()),
        Received(topic, 0, 2, 1, b"k" * 100, b"", (("h", b"\xff"),)),
    ]
    tables = Tables(sqlite_url)
    with a_log(sqlite_url) as log:
        sent(settings, topic, formed())
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
        with tables.transaction() as run:
            for received in came:
                park(run, received, Unfit("no_json", "what came"), ingest="i")
        publishing(log, tables, settings, mode="exactly-once").run(once=True)
    tables.close()
    dead = on_topic(settings, dead_letter_topic(topic))
    assert [(record.key, record.value) for record in dead] == [(None, b""), (None, b""), (b"k" * 100, b"")]
    assert [header(record, "cynosure_parked_valuebytes") for record in dead] == ["", "2000000", ""]
