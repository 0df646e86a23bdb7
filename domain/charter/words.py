"""The words that every part of a charter shares: lengths, triggers, holders, acts, conditions and effects."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from domain.clocks import Kind, Length, Roll, Unit

Name = Annotated[str, Field(min_length=1, max_length=200)]
Prose = Annotated[str, Field(min_length=1, max_length=4_000)]
VALUE_MAX = 10_000
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


class Clause(BaseModel):
    """What every rule may carry: the clause of the contract it reads, and prose that stays prose."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    clause: Text | None = None
    note: Prose | None = None


class LengthOf(BaseModel):
    """A length: a value and a unit, a fixed date of the year, or a word for what nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Annotated[Unit, BeforeValidator(_bare)]
    value: int | None = Field(default=None, ge=0, le=VALUE_MAX)
    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        return _length_from(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> "LengthOf":
        if self.unit == "fixed_date" and (self.month is None or self.day is None):
            raise ValueError("a fixed date needs `month` and `day`, as in `1 April`")
        counted = self.unit in ("business_days", "calendar_days", "weeks", "months", "years")
        if counted and self.value is None:
            raise ValueError(f"{self.unit} needs a value, as in `10 {self.unit}`; an unknown number is `redacted`")
        return self

    def length(self) -> Length:
        """Return the length as a value of the clocks."""
        return Length(self.unit, self.value, self.month, self.day)


def _length_from(text: str) -> dict[str, Any]:
    words = text.strip().split()
    if len(words) == 1:
        return {"unit": _bare(words[0])}
    if words[0] in ("redacted", "promptly"):
        return {"unit": words[0]}
    if match := re.fullmatch(r"(-?\d+) (\S+)", " ".join(words)):
        number, unit = int(match[1]), str(_bare(match[2]))
        if unit.lower() in MONTHS:
            return {"unit": "fixed_date", "day": number, "month": MONTHS.index(unit.lower()) + 1}
        unit = {"days": "calendar_days", "day": "calendar_days"}.get(unit, unit)
        plural = unit if unit.endswith("s") or unit == "unstated_unit" else f"{unit}s"
        return {"unit": plural, "value": number}
    raise ValueError(f"{text!r} is no length: write `10 business_days`, `1 April`, `promptly`, `redacted` or `none`")


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
