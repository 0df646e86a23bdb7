"""What a mapping says about one cell of a row: where its value stands, and what the value means."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.events.decision import Holder
from domain.events.event import Message
from domain.values import Id

PATTERN_CHARACTERS_MAX = 1_000
RANK_STEP = 10


def checked_pattern(pattern: str) -> str:
    """Return a regular expression, or say why it is none."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return pattern


def zone_named(name: str) -> tzinfo:
    """Return a zone by its name (`Europe/Brussels`) or its offset (`+02:00`), or say that there is none."""
    if re.fullmatch(r"[+-]\d\d:\d\d", name):
        parsed = datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo
        if parsed is not None:
            return parsed
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no zone {name!r}: say for example Europe/Brussels or +01:00") from None


def checked_format(pattern: str) -> str:
    """Return a pattern of dates that reads back what it writes, or say why it is none."""
    try:
        datetime.strptime(datetime(2000, 1, 31, tzinfo=UTC).strftime(pattern), pattern)  # noqa: DTZ007 - only tried
    except ValueError as error:
        raise ValueError(f"{pattern!r} is no pattern of dates: {error}") from None
    return pattern


class Cell(Message):
    """A value of a row: of one column, of several joined, or the same for every row; cut out, mapped, or given."""

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str | None = None
    extract: str | None = Field(default=None, max_length=PATTERN_CHARACTERS_MAX)
    values: dict[str, str | None] = Field(default_factory=dict)
    unmapped: Literal["refused", "kept", "unknown"] | None = None
    empty: tuple[str, ...] = ()
    if_empty: str | None = None

    @field_validator("extract")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        if pattern is not None and re.compile(checked_pattern(pattern)).groups != 1:
            raise ValueError("needs exactly one group, in round brackets: what it captures is the value")
        return pattern

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum((self.column is not None, bool(self.columns), self.constant is not None)) > 1:
            raise ValueError("say one of `column`, `columns` and `constant`, not several")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say in the schema that a plain word will do: the name of a column, or in a rule the value itself."""
        return {"anyOf": [{"type": "string"}, handler(core_schema)]}

    def reads(self) -> tuple[str, ...]:
        """Return the columns of the file that it reads."""
        return (self.column,) if self.column is not None else self.columns

    @property
    def leaves(self) -> Literal["refused", "kept", "unknown"]:
        """Return what becomes of a value that `values` does not name."""
        return self.unmapped or ("refused" if self.values else "kept")


class InstantCell(Cell):
    """An instant or a day: how it is written, and in which zone where it does not say so itself."""

    formats: tuple[str, ...] = ()
    zone: str | None = None
    precision: Literal["day", "instant"] | None = None

    @field_validator("formats", mode="before", json_schema_input_type=str | list[str])
    @classmethod
    def _one_or_several(cls, said: Any) -> Any:
        return (said,) if isinstance(said, str) else said

    @field_validator("formats")
    @classmethod
    def _known(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [f for f in formats if f not in FORMAT_WORDS and "%" not in f]
        if unknown:
            raise ValueError(
                f"{unknown[0]!r} is neither {', '.join(FORMAT_WORDS)} nor a pattern such as %d.%m.%Y %H:%M"
            )
        return tuple(form if form in FORMAT_WORDS else checked_format(form) for form in formats)

    @field_validator("zone")
    @classmethod
    def _a_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name


FORMAT_WORDS = ("iso", "epoch_seconds", "epoch_milliseconds")


class OrderCell(Cell):
    """What orders the rows of a decision: a column of numbers, or their order in the file."""

    descending: bool = False


class HolderCell(Cell):
    """Whose turn it is after the row, and what kind of holder that is."""

    kind: Holder = "body"
    kinds: dict[str, Holder] = Field(default_factory=dict)
    empty_is: Literal["unchanged", "nobody"] = "unchanged"

    def kind_of(self, holder: str) -> Holder:
        """Return the kind of a holder, by its mapped value."""
        return self.kinds.get(holder, self.kind)


class TierCell(Cell):
    """The tier that a decision stands at after the row, with its rank: a higher number is further up."""

    ranks: dict[Id, int] = Field(default_factory=dict)
    by_rank: bool = False

    @field_validator("ranks", mode="before", json_schema_input_type=list[str] | dict[str, int])
    @classmethod
    def _in_order(cls, said: Any) -> Any:
        if isinstance(said, list | tuple):
            return {tier: RANK_STEP * place for place, tier in enumerate(said, start=1)}
        return said

    @model_validator(mode="after")
    def _ranked(self) -> Self:
        if self.by_rank and not self.ranks:
            raise ValueError("by_rank needs `ranks`: the tiers in order from the lowest, or a number for each")
        return self


class AttributeCell(Cell):
    """A fact about a decision that groupings and rules may read."""

    type: Literal["text", "integer", "boolean"] = "text"
    first_only: bool = False


def _column_name(said: Any) -> Any:
    return {"column": said} if isinstance(said, str) else said


def _constant_value(said: Any) -> Any:
    return {"constant": said} if isinstance(said, str) else said


AnyCell = TypeVar("AnyCell", bound=Cell)
OptionalColumn = Annotated[AnyCell, BeforeValidator(_column_name)]
"""Under `columns`: a plain word names a column."""
Said = Annotated[AnyCell, BeforeValidator(_constant_value)]
"""In a rule: a plain word is the value itself."""
