"""Events: past tense, frozen, under stable names of our own. Importing this package registers them all."""

from domain.events import (
    alliance,
    body,
    charter,
    clerk,
    correction,
    decision,
    metric,
    obligation,
    operating_profile,
    people,
    reorganization,
    understanding,
)
from domain.events.event import EVENTS, Event, Message, stream_of

__all__ = [
    "EVENTS",
    "Event",
    "Message",
    "alliance",
    "body",
    "charter",
    "clerk",
    "correction",
    "decision",
    "metric",
    "obligation",
    "operating_profile",
    "people",
    "reorganization",
    "stream_of",
    "understanding",
]
