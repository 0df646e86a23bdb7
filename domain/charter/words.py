"""The words that every part of a charter shares: lengths, triggers, holders, acts, conditions and effects."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from domain.clocks import Kind, Length, Roll, Unit

Name = Annotated[str, Field(min_length=1, max_length=200)]
Prose = Annotated[str, Field(min_length=1, max_length=4_000)]
VALUE_MAX = 10_000
YEARS_MAX = 1_000
_LENGTHS = (
    "write `10 business_days`, `30 calendar_days`, `2 weeks`, `3 months`, `1 years`, `1 April`, `stated_day`, "
    "`next_meeting`, `promptly`, `redacted` or `none`"
)
_WORDS_ALONE = ("fixed_date", "stated_day", "next_meeting", "promptly", "redacted", "unstated_unit", "none")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
BUILT_IN_ENDS = (
    "final_say", "experts", "mediation", "arbitration", "court", "each_alone", "any_party", "status_quo",
)  # fmt: skip
OUTSIDE_ENDS = ("experts", "mediation", "arbitration", "court")
ACTS = (
    "decide", "vote", "approve", "object", "escalate", "return", "decline", "submit", "respond", "request_information",
    "hold", "select_expert", "notify", "terminate", "pay", "cure", "sign", "mediate", "arbitrate", "sue", "go_alone",
    "proceed", "amend", "name_person",
)  # fmt: skip
Act = Literal[
    "decide", "vote", "approve", "object", "escalate", "return", "decline", "submit", "respond", "request_information",
    "hold", "select_expert", "notify", "terminate", "pay", "cure", "sign", "mediate", "arbitrate", "sue", "go_alone",
    "proceed", "amend", "name_person",
]  # fmt: skip
EffectWord = Literal[
    "stay", "escalate", "deem", "status_quo", "right_opens", "right_ends", "each_alone", "unknown"
]  # fmt: skip
TriggerWord = Literal[
    "raised", "entered", "first_meeting", "meeting_held", "escalation", "brought_to_attention", "notice_received",
    "first_notice", "dispute_arose", "end_of_previous_tier", "panel_formed", "last_submission", "submitted", "approval",
    "occurrence", "receipt", "draft_received", "decided", "unspecified",
]  # fmt: skip


def _bare(word: Any) -> Any:
    """Take away the `x-` by which a table of facts marks a word outside its lists."""
    return word.removeprefix("x-") if isinstance(word, str) else word


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _texted(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]
Text = Annotated[Name, BeforeValidator(_texted)]


class Part(BaseModel):
    """A part of a charter. Where several may stand one may stand alone, without the brackets of a list."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return (
            {key: _alone(one) if key in _several_of(cls) else one for key, one in value.items()}
            if isinstance(value, Mapping)
            else value
        )


def _alone(value: Any) -> Any:
    return value if value is None or isinstance(value, list | tuple) else [value]


@cache
def _several_of(part: type[BaseModel]) -> frozenset[str]:
    """Return the keys of a part under which several entries may stand."""
    found = [(name, told) for name, told in part.model_fields.items() if get_origin(told.annotation) is tuple]
    return frozenset(str(key) for name, told in found for key in (name, told.alias, told.validation_alias) if key)


class Clause(Part):
    """What every rule may carry: the clause of the contract it reads, and prose that stays prose."""

    clause: Text | None = None
    note: Prose | None = None


def _unit_of(value: Any) -> Any:
    return _unit(value, value) if isinstance(value, str) else value


class LengthOf(BaseModel):
    """A length: a value and a unit, a fixed date of the year, or a word for what nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Annotated[Unit, BeforeValidator(_unit_of)]
    value: int | None = Field(default=None, ge=0, le=VALUE_MAX)
    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return _length_from(str(value))
        return _length_from(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> "LengthOf":
        if self.unit == "fixed_date" and (self.month is None or self.day is None):
            raise ValueError("a fixed date needs `month` and `day`, as in `1 April`")
        counted = self.unit in ("business_days", "calendar_days", "weeks", "months", "years")
        if counted and self.value is None:
            raise ValueError(f"{self.unit} needs a value, as in `10 {self.unit}`; an unknown number is `redacted`")
        if self.unit == "years" and (self.value or 0) > YEARS_MAX:
            raise ValueError(f"{self.value} years: no clock runs longer than {YEARS_MAX} years")
        return self

    def length(self) -> Length:
        """Return the length as a value of the clocks."""
        return Length(self.unit, self.value, self.month, self.day)


def _length_from(text: str) -> dict[str, Any]:
    words = text.strip().split()
    if match := re.fullmatch(r"(-?\d+) (\S+)( days?)?", " ".join(words)):
        unit = str(_bare(match[2])).lower() + ("_days" if match[3] else "")
        return (
            _fixed_date(int(match[1]), unit) if unit in MONTHS else {"unit": _unit(unit, text), "value": int(match[1])}
        )
    if words[:1] in (["redacted"], ["promptly"]) and len(words) > 1:
        if any(re.search(r"\d", word) for word in words):
            raise ValueError(f"{text!r} says that the number is unknown, and states one: write the one that is so")
        return {"unit": words[0]} if _unit("_".join(words[1:]), text) else {}
    if len(words) == 1 and not words[0].isdigit():
        return {"unit": _unit(words[0], text)}
    if len(words) == 1:
        raise ValueError(f"{text} has no unit: write `{text} business_days` or `{text} calendar_days`")
    raise ValueError(f"{text!r} is no length: {_LENGTHS}")


def _fixed_date(day: int, month: str) -> dict[str, Any]:
    return {"unit": "fixed_date", "day": day, "month": MONTHS.index(month) + 1}


def _unit(word: str, text: str) -> str:
    """Return the unit that a word means. Raise ValueError with a sentence for one that clocks do not count in."""
    bare = str(_bare(word)).lower().replace(" ", "_")
    plural = bare if bare.endswith("s") or bare in _WORDS_ALONE else f"{bare}s"
    unit = {"days": "calendar_days", "promptlys": "promptly"}.get(plural, plural)
    if unit in get_args(Unit):
        return unit
    meant = {"working_days": "business_days", "workdays": "business_days", "banking_days": "business_days"}.get(unit)
    if meant:
        raise ValueError(f"{text!r} is no length: say what the contract calls business days as `{meant}`")
    if unit in ("hours", "minutes"):
        raise ValueError(f"{text!r} is no length: clocks count whole days, so write `2 calendar_days` for 48 hours")
    if unit == "quarters":
        raise ValueError(f"{text!r} is no length: write a quarter as `3 months`")
    raise ValueError(f"{text!r} is no length: {_LENGTHS}")


class EventIs(BaseModel):
    """An event by its name, with the fields it must have; `day` names the field that dates it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: Name
    where: dict[str, Any] = Field(default_factory=dict)
    day: Name | None = None


class EndOf(BaseModel):
    """The due day of another deadline of the same subject."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    end_of: Name


Trigger = Annotated[TriggerWord, BeforeValidator(_bare)] | EndOf | EventIs


class Range(BaseModel):
    """A number between bounds: of a year, a cost, a percentage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: int | None = None
    at_most: int | None = None
    more_than: int | None = None
    less_than: int | None = None

    def holds(self, value: Any) -> bool:
        """Say whether a value is a number within the bounds."""
        try:
            number = int(str(value))
        except ValueError:
            return False
        bounds = (
            self.at_least is None or number >= self.at_least,
            self.at_most is None or number <= self.at_most,
            self.more_than is None or number > self.more_than,
            self.less_than is None or number < self.less_than,
        )
        return all(bounds)


Scalar = str | int | bool | date | None


class Condition(Clause):
    """What must be so. All keys that are given must hold; an empty condition always holds."""

    matters: Names = ()
    except_matters: Names = ()
    kind: Literal["approve", "discuss"] | None = None
    attributes: dict[str, Scalar | Range | tuple[Scalar, ...]] = Field(default_factory=dict)
    raised_by: Names = ()
    carved_out: bool | None = None
    decided: bool | None = None
    failed: bool | None = None
    lapsed: Name | None = None
    held: Name | None = None
    approved_by: Names = ()
    positions_of: Names = ()
    similar_to: Literal["escalated", "decided"] | None = None
    counter: Name | None = None
    more_than: int | None = Field(default=None, ge=0)
    opted_out: Names = ()
    happened: EventIs | None = None
    from_day: date | None = None
    until_day: date | None = None
    all: tuple["Condition", ...] = ()
    any: tuple["Condition", ...] = ()
    none: tuple["Condition", ...] = ()


class Right(Clause):
    """Who may do what, under which condition, at which body, at what price."""

    who: Names
    act: Act
    at: Names = ()
    when: Condition | None = None
    requires: Prose | None = None
    price: Prose | None = None


class Effect(Clause):
    """What follows when a deadline lapses. `to` is a body, an outcome or the holders of a right."""

    effect: EffectWord
    to: Names = ()
    act: Act | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        word = _bare(value)
        return {"effect": "right_ends" if word == "nothing" else word} if isinstance(word, str) else word

    @model_validator(mode="after")
    def _whole(self) -> "Effect":
        if self.effect in ("deem", "right_opens", "escalate") and not self.to:
            raise ValueError(f"effect `{self.effect}` needs `to`: the outcome, the holders of the right, or the body")
        return self


class Deadline(Clause):
    """A clock and what its end brings: what starts it, what stops it, how long, on which calendar, to what effect."""

    id: Name | None = None
    kind: Kind = "limit"
    length: LengthOf
    clock_starts: Trigger = "entered"
    stops: tuple[EventIs, ...] = ()
    calendar: Name = "default"
    roll: Roll = "none"
    before: bool = False
    at: Names = ()
    matters: Names = ()
    except_matters: Names = ()
    when: Condition | None = None
    rights: tuple[Right, ...] = ()
    then: Effect | None = None
