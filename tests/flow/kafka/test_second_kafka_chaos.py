"""What takes longer on one node, once more on the other version of Kafka. `make chaos`."""

from collections.abc import Iterator

import pytest

from tests.flow.kafka.test_ingesting_through_failures import (
    test_a_broker_killed_while_messages_come_loses_and_doubles_none,
    test_an_ingester_paused_past_its_session_does_no_harm,
)
from tests.flow.kafka.test_publishing_through_failures import (
    test_a_broker_away_longer_than_every_timeout_loses_nothing,
    test_a_broker_killed_while_records_flow_loses_nothing,
    test_a_relay_paused_past_its_lease_does_no_harm,
)
from tests.services.kafka import KAFKA_SECOND, KafkaCluster

pytestmark = pytest.mark.chaos

__all__ = [
    "test_a_broker_away_longer_than_every_timeout_loses_nothing",
    "test_a_broker_killed_while_messages_come_loses_and_doubles_none",
    "test_a_broker_killed_while_records_flow_loses_nothing",
    "test_a_relay_paused_past_its_lease_does_no_harm",
    "test_an_ingester_paused_past_its_session_does_no_harm",
]


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaCluster]:
    with KafkaCluster(version=KAFKA_SECOND) as kafka:
        yield kafka
