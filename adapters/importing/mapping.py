"""The mapping: how a file that others wrote says what happened, as one model that `docs/import.md` explains."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from adapters.importing.cells import AttributeCell, Cell, HolderCell, InstantCell, OptionalColumn, OrderCell, TierCell
from adapters.importing.instants import instant_parser
from adapters.importing.reading import BadCell
from adapters.importing.rules import Rule
from domain.events.alliance import AllianceKind, Party
from domain.events.event import Message
from domain.values import PARTIES_MAX, Id, Text

Format = Literal["csv", "jsonl", "xes", "xlsx"]


class AllianceSaid(Message):
    """The alliance that the history belongs to. With a title, kind and parties it is formed where it does not exist."""

    id: Id
    title: Text | None = None
    kind: AllianceKind = "strategic"
    parties: tuple[Party, ...] = Field(default=(), max_length=PARTIES_MAX)

    @model_validator(mode="after")
    def _parties_apart(self) -> Self:
        ids = [party.id for party in self.parties]
        if len(set(ids)) < len(ids):
            raise ValueError("a party is named twice")
        if len(ids) == 1:
            raise ValueError("an alliance has two parties or more")
        return self


class Unfold(Message):
    """How a row that holds several things that happened becomes one row for each of them."""

    columns: tuple[str, ...] = ()
    name: str = "milestone"
    value: str = "date"
    by_value: bool = False
    list: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if not self.columns and self.list is None:
            raise ValueError("say the `columns` that stand side by side, or the `list` inside a JSON object, or both")
        if len({self.name, self.value, *self.columns}) < len(self.columns) + 2:
            raise ValueError("`columns`, `name` and `value` are columns of their own: no two may be called the same")
        return self


class FileSaid(Message):
    """How to read the file. The format follows from the file's name unless it is said."""

    format: Format | None = None
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=2)
    quote: str = Field(default='"', min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0, le=1000)
    final_newline: Literal["required", "optional"] = "required"
    sheet: str | None = None
    unfold: Unfold | None = None


class Window(Message):
    """What the source observed: from when, until when, to which cut-off, and on what its decisions were selected."""

    from_: str | None = Field(default=None, alias="from")
    until: str | None = None
    cut_off: str | None = None
    selected_on: Literal["start", "end", "none"] = "none"

    @field_validator("from_", "until", "cut_off")
    @classmethod
    def _iso(cls, said: str | None) -> str | None:
        try:
            datetime.fromisoformat(said or "2000-01-01")
        except ValueError:
            raise ValueError(f"{said!r} is no day or instant in ISO 8601, such as 2016-03-01") from None
        return said


def _as_attributes(said: Any) -> Any:
    if isinstance(said, str):
        return {said: {"column": said}}
    if isinstance(said, list):
        return {name: {"column": name} for name in said}
    return said


class Columns(Message):
    """What each column means. Only `decision` and `time` are needed."""

    decision: OptionalColumn[Cell]
    order: OptionalColumn[OrderCell] | None = None
    time: OptionalColumn[InstantCell]
    recorded: OptionalColumn[InstantCell] | None = None
    entry: OptionalColumn[InstantCell] | None = None
    party: OptionalColumn[Cell] | None = None
    holder: OptionalColumn[HolderCell] | None = None
    tier: OptionalColumn[TierCell] | None = None
    body: OptionalColumn[Cell] | None = None
    matter: OptionalColumn[Cell] | None = None
    kind: OptionalColumn[Cell] | None = None
    work_stream: OptionalColumn[Cell] | None = None
    phase: OptionalColumn[Cell] | None = None
    title: OptionalColumn[Cell] | None = None
    actor: OptionalColumn[Cell] | None = None
    reason: OptionalColumn[Cell] | None = None
    note: OptionalColumn[Cell] | None = None
    attributes: Annotated[
        dict[Id, OptionalColumn[AttributeCell]],
        BeforeValidator(_as_attributes, json_schema_input_type=list[str] | dict[str, str | AttributeCell]),
    ] = Field(default_factory=dict)

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Yield every declared column with its path in the mapping."""
        for name in type(self).model_fields:
            said = getattr(self, name)
            if isinstance(said, Cell):
                yield f"columns.{name}", said
        for name, attribute in self.attributes.items():
            yield f"columns.attributes.{name}", attribute


def _as_alliance(said: Any) -> Any:
    return {"id": said} if isinstance(said, str) else said


def _as_list(said: Any) -> Any:
    return [said] if isinstance(said, str) else said


class Mapping(Message):
    """A whole mapping: where the rows come from, what their columns mean, and what each row says by the rules."""

    source: Id
    alliance: Annotated[AllianceSaid, BeforeValidator(_as_alliance, json_schema_input_type=str | AllianceSaid)]
    file: FileSaid = FileSaid()
    columns: Columns
    identity: Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])] = ()
    duplicates: Literal["refused", "numbered", "same"] = "refused"
    window: Window = Window()
    first_row: Literal["must_raise", "raises", "inherits"] = "must_raise"
    after_end: Literal["refused", "ignored"] = "refused"
    actors: Literal["names", "ids"] = "names"
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rows_are_known_for_ever(self) -> Self:
        if not self.identity and (self.columns.order is None or not self.columns.order.reads()):
            raise ValueError(
                "identity: name the columns that identify a row for ever (it defaults to the columns of `decision` and "
                "`order`, and there is no `order` column)"
            )
        return self

    @model_validator(mode="after")
    def _the_window_is_one(self) -> Self:
        try:
            since, until, cut_off = self.windowed()
        except BadCell as bad:
            raise ValueError(bad.says) from None
        for name, end in (("until", until), ("cut_off", cut_off)):
            if since is not None and end is not None and end <= since:
                raise ValueError(f"window.{name}: is not after window.from, so that nothing was observed")
        return self

    def windowed(self) -> tuple[int | None, int | None, int | None]:
        """Return the window's start and end and the cut-off in whole seconds, None where not declared."""
        zone = self.columns.time.zone or "UTC"
        cell = self.columns.time.model_copy(update={"formats": ("iso",), "zone": zone})
        said = {"from": self.window.from_, "until": self.window.until, "cut_off": self.window.cut_off}
        since, until, cut_off = (
            None if at is None else instant_parser(cell, f"window.{name}")(at).seconds for name, at in said.items()
        )
        return since, until, cut_off

    def identity_columns(self) -> tuple[str, ...]:
        """Return the columns whose values identify a row for ever, in order."""
        order = self.columns.order
        return self.identity or (*self.columns.decision.reads(), *(order.reads() if order else ()))

    def column_names(self) -> tuple[str, ...]:
        """Return every column of the file that the mapping reads, each once, in the order they are first named."""
        named = [column for _, cell in self.columns.cells() for column in cell.reads()]
        named += self.identity_columns()
        named += [column for rule in self.rules for column in rule.reads()]
        return tuple(dict.fromkeys(named))
