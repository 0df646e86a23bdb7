"""What was decided about events that could not be folded: left out for a key, for a reason, remembered in the log."""

import hashlib
from collections.abc import Container
from typing import Protocol, cast

import msgspec

from adapters.read_store.port import Parked
from domain.ports import Append, EventLog, Receipt
from domain.recorded import Envelope
from domain.values import MessageKey
from projections.projection import Key

SOURCE = "cynosure/parked"

Dropped = Container[tuple[Key, str]]
"""Holds (key, event id) where the event is to be left out for the key, because somebody decided so."""


class Remembering(Protocol):
    """What is asked of the log."""

    def remembered(self, message: MessageKey) -> Receipt | None: ...


class Decided:
    """What was decided for one projection. The log is asked only about an event that could not be folded."""

    def __init__(self, log: Remembering, projection: str) -> None:
        self._log = log
        self._projection = projection

    def __contains__(self, dropped: object) -> bool:
        key, event_id = cast("tuple[Key, str]", dropped)
        return self._log.remembered(_message(self._projection, key, event_id)) is not None


def drop(log: EventLog, projection: str, parked: Parked, *, reason: str) -> Receipt:
    """Decide, for ever, that an event is left out for a key: a message that yields no event, with the reason.

    Raise RepeatDiffers where that was decided for another reason.
    """
    message = _message(projection, parked.key, parked.event_id)
    return log.append(
        Append(
            envelope=Envelope(alliance=parked.key[0], effective_at=0, message=message),
            facts=(),
            digest=hashlib.sha256(reason.encode()).digest(),
            outcome=f"dropped: {reason}",
        )
    )


def _message(projection: str, key: Key, event_id: str) -> MessageKey:
    return MessageKey(SOURCE, msgspec.json.encode((projection, *key, event_id)).decode())
