"""The brokers that other tests rely on, tried themselves with the client that cynosure uses."""

import time
import uuid

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from tests.services.kafka import KAFKA_CURRENT, KAFKA_SECOND, KafkaCluster
from tests.services.kafka_security import MECHANISMS, SecureListener


def a_topic(bootstrap: str, *, replicas: int = 1) -> str:
    name = f"tried-{uuid.uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=replicas)])
    admin.close()
    return name


def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for value in values:
        producer.send(topic, value).get(timeout=30)
    producer.close(timeout=10)


def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    values: list[bytes] = []
    end = time.monotonic() + 60
    while len(values) < count and time.monotonic() < end:
        for records in consumer.poll(timeout_ms=1000).values():
            values += [record.value for record in records]
    consumer.close()
    return values


def test_what_is_produced_is_consumed(kafka_bootstrap: str) -> None:
    topic = a_topic(kafka_bootstrap)
    produce(kafka_bootstrap, topic, [b"one", b"two"])
    assert consume(kafka_bootstrap, topic, 2) == [b"one", b"two"]


@pytest.mark.own_broker
@pytest.mark.parametrize("version", [KAFKA_CURRENT, KAFKA_SECOND])
def test_a_node_killed_and_started_again_still_has_every_record(version: str) -> None:
    with KafkaCluster(version=version) as kafka:
        topic = a_topic(kafka.bootstrap)
        produce(kafka.bootstrap, topic, [b"before"])
        kafka.kill(1)
        kafka.start(1)
        produce(kafka.bootstrap, topic, [b"after"])
        assert consume(kafka.bootstrap, topic, 2) == [b"before", b"after"]
        kafka.restart(1)
        assert consume(kafka.bootstrap, topic, 2) == [b"before", b"after"]
        folder = kafka.folder
    assert not folder.exists()


@pytest.mark.own_broker
def test_a_paused_node_answers_only_when_it_goes_on() -> None:
    with KafkaCluster() as kafka:
        topic = a_topic(kafka.bootstrap)
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
        producer.send(topic, b"first").get(timeout=30)
        kafka.pause(1)
        pending = producer.send(topic, b"second")
        time.sleep(1)
        assert not pending.is_done
        kafka.resume(1)
        pending.get(timeout=60)
        producer.close(timeout=10)
        assert consume(kafka.bootstrap, topic, 2) == [b"first", b"second"]


@pytest.mark.own_broker
def test_the_secure_listener_lets_in_whom_it_knows_and_nobody_else() -> None:
    with KafkaCluster(secure=SecureListener({"partner": "right"})) as kafka:
        topic = a_topic(kafka.bootstrap)
        login = {
            "bootstrap_servers": kafka.secure_bootstrap,
            "security_protocol": "SASL_SSL",
            "ssl_cafile": str(kafka.authority),
            "sasl_plain_username": "partner",
        }
        for mechanism in MECHANISMS:
            producer = KafkaProducer(**login, sasl_mechanism=mechanism, sasl_plain_password="right")
            producer.send(topic, mechanism.encode()).get(timeout=30)
            producer.close(timeout=10)
        assert consume(kafka.bootstrap, topic, len(MECHANISMS)) == [mechanism.encode() for mechanism in MECHANISMS]
        with pytest.raises(KafkaError):
            KafkaProducer(**login, sasl_mechanism="PLAIN", sasl_plain_password="wrong", bootstrap_timeout_ms=5000)


@pytest.mark.chaos
@pytest.mark.own_broker
@pytest.mark.parametrize("version", [KAFKA_CURRENT, KAFKA_SECOND])
def test_three_nodes_keep_every_record_while_each_is_killed_and_paused_in_turn(version: str) -> None:
    with KafkaCluster(nodes=3, version=version) as kafka:
        topic = a_topic(kafka.bootstrap, replicas=3)
        sent: list[bytes] = []
        patience = {"request_timeout_ms": 5_000, "delivery_timeout_ms": 2**31 - 1}
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", **patience)

        def send(count: int) -> None:
            values = [b"%06d" % number for number in range(len(sent), len(sent) + count)]
            pending = [producer.send(topic, value) for value in values]
            for future in pending:
                future.get(timeout=60)
            sent.extend(values)

        for node in (1, 2, 3):
            send(200)
            kafka.kill(node)
            send(200)
            kafka.start(node)
            kafka.pause(node)
            send(200)
            kafka.resume(node)
        producer.close(timeout=10)
        assert consume(kafka.bootstrap, topic, len(sent)) == sent
