"""The shape of every event: a frozen fact with our own stable name and version on disk."""

from typing import ClassVar, Unpack

from pydantic import BaseModel, ConfigDict

EVENTS: dict[str, type["Event"]] = {}


def stream_of(noun: str, alliance: str, subject: str) -> str:
    """Return the name of a stream, `noun/alliance/id`, with slashes inside an id escaped."""
    if "/" in alliance or "%" in alliance or "/" in subject or "%" in subject:
        return f"{noun}/{_escaped(alliance)}/{_escaped(subject)}"
    return f"{noun}/{alliance}/{subject}"


def subject_of(stream: str) -> tuple[str, str]:
    """Return the noun and the id of a stream, unescaped."""
    noun, _, subject = stream.split("/", 2)
    return noun, subject.replace("%2F", "/").replace("%25", "%")


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


class Message(BaseModel):
    """A frozen message that crosses borders: unknown words are refused, reserved words have an underscore here."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Event(Message):
    """A fact about one subject of one alliance. Subclasses that give a `name` are registered under it."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    NOUN: ClassVar[str]
    SUBJECT: ClassVar[str | None] = None

    def __init_subclass__(cls, *, name: str | None = None, version: int = 1, **kwargs: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**kwargs)
        if name is None:
            return
        if name in EVENTS:
            raise TypeError(f"two events are named {name}")
        cls.NAME, cls.VERSION = name, version
        EVENTS[name] = cls

    def stream(self, alliance: str) -> str:
        """Return the stream that the event belongs to."""
        subject = alliance if self.SUBJECT is None else getattr(self, self.SUBJECT)
        return stream_of(self.NOUN, alliance, str(subject))
