"""The flows of one node once more, on the other version of Kafka that is supported."""

from collections.abc import Iterator

import pytest

from tests.flow.kafka.test_ingesting_through_failures import (
    test_an_ingester_killed_again_and_again_takes_each_message_once,
)
from tests.flow.kafka.test_publishing_through_failures import (
    test_a_relay_killed_again_and_again_loses_nothing,
)
from tests.services.kafka import KAFKA_SECOND, KafkaCluster

__all__ = [
    "test_a_relay_killed_again_and_again_loses_nothing",
    "test_an_ingester_killed_again_and_again_takes_each_message_once",
]


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaCluster]:
    with KafkaCluster(version=KAFKA_SECOND) as kafka:
        yield kafka
