"""Every read model takes every fact that the models allow, and names its rows by the alliance first."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.event_log.codec import Codec
from adapters.event_log.rows import Glimpse, Rest
from adapters.read_models import read_models
from domain.events import EVENTS
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.values import MessageKey
from tests.properties.facts import facts

LOG = "9f0c4f0e-6f0f-4a5e-8f57-5d6a6f3f0a11"
READ = sorted((model, name) for model, module in read_models().items() for name in module.READS)


@pytest.mark.parametrize(("model", "name"), READ)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.data())
def test_any_fact_can_be_read_keyed_and_folded(model: str, name: str, drawn: st.DataObject) -> None:
    projection = read_models()[model]
    fact = drawn.draw(facts(EVENTS[name]))
    envelope = Envelope(alliance="orion", effective_at=1_000, message=MessageKey("s", "m"))
    (draft,) = Codec(LOG).member(Append(envelope=envelope, facts=[Decided(fact)])).drafts
    row = Glimpse(7, draft.name, draft.schema_version, "orion", draft.event_id, draft.fact, draft.meta)
    codec = Codec(LOG, rest=lambda position: Rest(position, draft.stream, 1, 99, "s", "m"))
    event = codec.lean(projection.READS)(row)
    keys = projection.keys(event)
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert key[0] == "orion"
        projection.evolve(None, event)
