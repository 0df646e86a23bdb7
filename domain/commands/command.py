"""The shape of every command: an imperative, under the verb of the event it asks for."""

import re
from typing import ClassVar, Unpack

from pydantic import ConfigDict

from domain.events.event import Message, stream_of

COMMANDS: dict[str, type["Command"]] = {}


class Command(Message):
    """A wish about one subject of one alliance. Registered under its verb, and under `also` where one is given."""

    VERB: ClassVar[str]
    NOUN: ClassVar[str]
    SUBJECT: ClassVar[str | None] = None

    def __init_subclass__(
        cls, *, also: tuple[str, ...] = (), abstract: bool = False, **kwargs: Unpack[ConfigDict]
    ) -> None:
        super().__init_subclass__(**kwargs)
        if abstract:
            return
        cls.VERB = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        for verb in (cls.VERB, *also):
            if verb in COMMANDS:
                raise TypeError(f"two commands are called {verb}")
            COMMANDS[verb] = cls

    def stream(self, alliance: str) -> str:
        """Return the stream of the subject."""
        subject = alliance if self.SUBJECT is None else getattr(self, self.SUBJECT)
        return stream_of(self.NOUN, alliance, str(subject))
