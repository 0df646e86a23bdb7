"""A broker that demands TLS and a password lets us publish and ingest with them, and says so without them."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from pydantic import ValidationError

from adapters.kafka.port import Interrupted
from adapters.kafka.publisher import Publisher
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka_out.publishing import publishing
from tests.flow.kafka.given import a_log, count, for_parties, formed, inbound_topic, ingested, on_topic, sent
from tests.services.kafka import KafkaCluster
from tests.services.kafka_security import MECHANISMS, SecureListener


@pytest.fixture(scope="module")
def secure() -> Iterator[KafkaCluster]:
    with KafkaCluster(secure=SecureListener({"partner": "right"})) as kafka:
        yield kafka


def login(secure: KafkaCluster, mechanism: str, password: str) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {
            "bootstrap": secure.secure_bootstrap,
            "topics": f"secure-{mechanism.lower()}",
            "partitions": 1,
            "security": "SASL_SSL",
            "ca_file": secure.authority,
            "mechanism": mechanism,
            "user": "partner",
            "password": password,
        }
    )


@pytest.mark.own_broker
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_both_ways_work_over_tls_with_a_password(secure: KafkaCluster, sqlite_url: str, mechanism: str) -> None:
    settings = login(secure, mechanism, "right")
    topic = inbound_topic(settings)
    sent(settings, topic, formed())
    with a_log(sqlite_url) as log, closing(Tables(sqlite_url)) as tables:
        ingested(log, sqlite_url, settings, for_parties(topic, "acme"))
        publishing(log, tables, settings, mode="exactly-once").run(once=True)
        found = count(log, on_topic(settings, settings.topic("events.v1")))
    assert found.exact
    assert found.records == 1


@pytest.mark.own_broker
def test_a_wrong_password_is_told_and_never_shown(secure: KafkaCluster) -> None:
    settings = login(secure, "SCRAM-SHA-512", "wrong-one")
    with pytest.raises(Interrupted, match="cannot be reached") as told:
        Publisher(settings, stall_seconds_max=5)
    assert "wrong-one" not in f"{told.value}{settings!r}"


def test_a_mechanism_without_a_password_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs CYNOSURE_KAFKA_USER and CYNOSURE_KAFKA_PASSWORD"):
        KafkaSettings.model_validate({"security": "SASL_SSL"})
