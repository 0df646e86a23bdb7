"""A party speaks for itself: who acts for one party does not speak for another."""

from collections.abc import Iterator
from typing import Any

from domain.judging import Broken
from domain.recorded import Envelope


def for_itself(fact: Any, envelope: Envelope) -> Iterator[Broken]:  # noqa: ANN401
    """Yield what is broken where the actor of one party speaks for another."""
    party, actor = getattr(fact, "party", None), envelope.actor
    if party and actor and actor.party and actor.party != party:
        yield Broken("speaks_for_itself", f"a party speaks for itself: {actor.party} cannot for {party}")
