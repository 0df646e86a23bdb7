"""Which topics are ingested, for which parties each may speak, and how services that speak their own words are read."""

from pathlib import Path
from typing import Annotated, Any, Self

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, ValidationError, model_validator

from adapters.items import REPORTS, faults_of, load_yaml, plain
from domain.commands import COMMANDS
from domain.errors import Unreadable
from domain.events.event import Message
from domain.values import Id


def _compiles(expression: str) -> str:
    try:
        jmespath.compile(expression)
    except JMESPathError as fault:
        raise ValueError(f"is no JMESPath expression: {str(fault).splitlines()[0]}") from fault
    return expression


Expression = Annotated[str, Field(max_length=2_000), AfterValidator(_compiles)]


class Mapped(Message):
    """How one kind of foreign message says an event or a command of ours: a JMESPath expression for each word.

    Expressions are asked of `{attributes, data, key}`. The first mapping whose `when` holds is taken.
    """

    when: Expression
    report: str | None = None
    command: str | None = None
    words: dict[str, Expression] = Field(default_factory=dict, max_length=100)

    @model_validator(mode="after")
    def _names_one_of_ours(self) -> Self:
        if (self.report is None) == (self.command is None):
            raise ValueError("say either `report: EVENT` or `command: VERB`")
        if self.report is not None and self.report not in REPORTS:
            raise ValueError(f"there is no event {self.report!r}; docs/glossary.md lists them")
        if self.command is not None and self.command not in COMMANDS:
            raise ValueError(f"there is no command {self.command!r}; docs/glossary.md lists them")
        return self


class InboundTopic(Message):
    """A topic, the parties that it may speak for, and the name under which its messages are remembered.

    `remembered_as` keeps a message one and the same when it comes by another topic; else it is the topic's own name.
    """

    parties: tuple[Id, ...] = Field(min_length=1, max_length=20)
    remembered_as: Id | None = None
    mappings: tuple[Mapped, ...] = Field(default=(), max_length=200)


class Ingest(Message):
    """What one ingest reads. Its `name` is that of its consumer group and of its offsets: it is for ever."""

    name: Id = "cynosure"
    topics: dict[Id, InboundTopic] = Field(min_length=1, max_length=500)


def read_ingest(path: Path) -> Ingest:
    """Return what a YAML or JSON file says. Raise Unreadable with every fault, each by its path."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise Unreadable(f"{path}: cannot be read: {fault}") from fault
    said: Any = plain(load_yaml(text, str(path)))
    try:
        return Ingest.model_validate(said)
    except ValidationError as invalid:
        raise Unreadable(*faults_of(invalid, str(path))) from invalid
