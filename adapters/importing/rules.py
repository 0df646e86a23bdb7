"""The rules of a mapping: which rows say what, first match wins."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, Union

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from adapters.importing.cells import PATTERN_CHARACTERS_MAX, Cell, HolderCell, InstantCell, Said, checked_pattern
from domain.events.decision import Method
from domain.events.event import Message

SoFar = Literal["unraised", "open", "running", "paused", "waiting", "ended"]


def _as_test(said: Any) -> Any:
    if said is None:
        return {"empty": True}
    if isinstance(said, str):
        return {"is": [said]}
    return {"is": said} if isinstance(said, list) else said


class ValueTest(Message):
    """What a value must be. All that is said must hold."""

    is_: tuple[str, ...] = Field(default=(), alias="is")
    matches: str | None = Field(default=None, max_length=PATTERN_CHARACTERS_MAX)
    empty: bool | None = None
    not_: Annotated[
        "ValueTest | None",
        BeforeValidator(_as_test, json_schema_input_type=Union[str, list[str], "ValueTest", None]),
    ] = Field(default=None, alias="not")

    @field_validator("matches")
    @classmethod
    def _a_pattern(cls, pattern: str | None) -> str | None:
        return None if pattern is None else checked_pattern(pattern)

    @field_validator("is_", mode="before", json_schema_input_type=str | list[str])
    @classmethod
    def _one_or_several(cls, said: Any) -> Any:
        return (said,) if isinstance(said, str) else said


Conditions = dict[
    str,
    Annotated[ValueTest, BeforeValidator(_as_test, json_schema_input_type=str | list[str] | ValueTest | None)],
]
"""A test for each column named; all must hold."""


def _as_list(said: Any) -> Any:
    return said if isinstance(said, list | tuple) else (said,)


AnyOf = Annotated[
    tuple[Conditions, ...], BeforeValidator(_as_list, json_schema_input_type=Conditions | list[Conditions])
]
"""Conditions, or a list of them of which one must hold."""


class StepSaid(Message):
    """What a step says beside its verb. `MAIN` is what a plain word after the verb means."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say in the schema that nothing will do, or a word or a cell for the first of its words."""
        short: list[JsonSchemaValue] = [{"type": "null"}]
        if cls.model_fields:
            short += [{"type": "string"}, handler(Cell.__pydantic_core_schema__)]
        return {"anyOf": [handler(core_schema), *short]}

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, said: Any) -> Any:
        if said is None:
            return {}
        names = {field.alias or name for name, field in cls.model_fields.items()}
        if isinstance(said, dict) and (not names or not said or names & set(said)):
            return said
        main = next(iter(cls.model_fields), None)
        if main is None:
            raise ValueError("stands alone: nothing is said after it")
        return {main: said}


class Bare(StepSaid):
    """A step that stands alone."""


class Inherited(StepSaid):
    """First seen already under way or decided: `open`, `paused`, `accepted`, ..., and since when where it is known."""

    status: Said[Cell]
    since: Annotated[InstantCell | None, BeforeValidator(lambda s: {"column": s} if isinstance(s, str) else s)] = None


class Made(StepSaid):
    """Decided: with which outcome, by which method."""

    outcome: Said[Cell]
    method: Method = "unstated"


class Reversed(StepSaid):
    """An ending turned into another, without being opened again."""

    outcome: Said[Cell]


class Superseded(StepSaid):
    """Another decision took its place."""

    by: Said[Cell] | None = None


class Paused(StepSaid):
    """Its clocks stop, for a cause. Pauses of different ids may overlap."""

    cause: Said[Cell] | None = None
    pause: Said[Cell] | None = None


class Resumed(StepSaid):
    """The pause of that id ends."""

    pause: Said[Cell] | None = None


class Requested(StepSaid):
    """Information was asked of somebody."""

    of: Said[Cell] | None = None


class Transferred(StepSaid):
    """It went to another body, or out of the alliance."""

    outside: bool = False


class Becomes(StepSaid):
    """The row says how things stand, not what happened: the step follows from what was so before."""

    state: Said[Cell]


class Step(Message):
    """One thing that a row says happened: exactly one verb."""

    raised: Bare | None = None
    inherited: Inherited | None = None
    escalated: Bare | None = None
    returned: Bare | None = None
    transferred: Transferred | None = None
    by_rank: Bare | None = None
    paused: Paused | None = None
    resumed: Resumed | None = None
    information_requested: Requested | None = None
    information_provided: Bare | None = None
    approval: Bare | None = None
    made: Made | None = None
    status_quo: Bare | None = None
    withdrawn: Bare | None = None
    superseded: Superseded | None = None
    voided: Bare | None = None
    reversed: Reversed | None = None
    reopened: Bare | None = None
    communicated: Bare | None = None
    implemented: Bare | None = None
    becomes: Becomes | None = None
    held: Bare | None = None
    ignored: Bare | None = None

    @model_validator(mode="before")
    @classmethod
    def _worded(cls, said: Any) -> Any:
        if isinstance(said, str):
            return {said: {}}
        if isinstance(said, dict):
            return {verb: {} if what is None else what for verb, what in said.items()}
        return said

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a step has one verb; write several steps as a list")
        return self

    @property
    def verb(self) -> str:
        """Return which step it is."""
        return next(iter(self.model_fields_set))

    @property
    def said(self) -> StepSaid:
        """Return what it says beside its verb."""
        return getattr(self, self.verb)  # type: ignore[no-any-return]

    def cells(self) -> Iterator[Cell]:
        """Yield the cells that it reads."""
        for field in type(self.said).model_fields:
            if isinstance(cell := getattr(self.said, field), Cell):
                yield cell


VERBS = tuple(Step.model_fields)

Steps = Annotated[
    tuple[Step, ...],
    BeforeValidator(_as_list, json_schema_input_type=Literal[VERBS] | Step | list[Literal[VERBS] | Step]),  # type: ignore[valid-type]
]


class Overrides(Message):
    """What every step of a rule says of its row, instead of the columns of that name."""

    party: Said[Cell] | None = None
    holder: Said[HolderCell] | None = None
    tier: Said[Cell] | None = None
    body: Said[Cell] | None = None
    matter: Said[Cell] | None = None
    work_stream: Said[Cell] | None = None
    phase: Said[Cell] | None = None

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Yield what is overridden, and by what."""
        for field in self.model_fields_set:
            if isinstance(cell := getattr(self, field), Cell):
                yield field, cell


class Rule(Message):
    """Which rows it takes, and what they say."""

    name: str | None = None
    when: AnyOf = ()
    first: bool | None = None
    last: bool | None = None
    so_far: Annotated[tuple[SoFar, ...], BeforeValidator(_as_list, json_schema_input_type=SoFar | list[SoFar])] = ()
    changed: Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])] = ()
    then: Steps
    set: Overrides = Overrides()
    working: bool = False
    only_if_last: bool = False
    unless_later: AnyOf = ()
    otherwise: Steps = Field(default=(Step(returned=Bare()),))
    otherwise_set: Overrides | None = None

    @model_validator(mode="after")
    def _has_an_otherwise(self) -> Self:
        if not self.then:
            raise ValueError("then: say at least one step, or `ignored`")
        for key in ("otherwise", "otherwise_set"):
            if key in self.model_fields_set and not (self.only_if_last or self.unless_later):
                raise ValueError(f"{key}: belongs to `only_if_last` or `unless_later`, and neither is said")
        return self

    def reads(self) -> Iterator[str]:
        """Yield the columns that it reads."""
        for conditions in (*self.when, *self.unless_later):
            yield from conditions
        yield from self.changed
        for step in (*self.then, *self.otherwise):
            for cell in step.cells():
                yield from cell.reads()
        for overrides in (self.set, self.otherwise_set or self.set):
            for _, cell in overrides.cells():
                yield from cell.reads()
