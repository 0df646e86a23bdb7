"""The words that every message shares: ids, days, sealed text, actors, evidence and findings."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

ID_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 4_000
SECONDS_PER_DAY = 86_400
PARTIES_MAX = 100


def _printable(text: str) -> str:
    if not text.isprintable():
        rule = "must hold printable characters only, no line breaks or control characters"
        raise ValueError(rule)
    return text


class Sealed:
    """Marks a field that may name a person or hold free text: stored apart, never read by a fold."""


Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=ID_CHARACTERS_MAX, strip_whitespace=True),
    AfterValidator(_printable),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
SealedText = Annotated[Text, Sealed()]
Precision = Literal["day", "instant"]
Scalar = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Effective:
    """When something was so in the world: whole seconds since 1970 UTC, at a stated precision, in a zone.

    A day counts as its 00:00 in its zone.
    """

    seconds: int
    precision: Precision = "instant"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a person (by id only), for a party, in a role, by a channel."""

    person: str | None = None
    party: str | None = None
    role: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that a record rests on, by name and hash, and the clause in it."""

    document: str
    sha256: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a recorded report broke, with the clause and the events it follows from."""

    rule: str
    clause: str | None = None
    because_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What makes a message one and the same for ever: where it came from, and its id there."""

    source: str
    id: str


Days = Annotated[int, Field(ge=0, le=36_525)]
