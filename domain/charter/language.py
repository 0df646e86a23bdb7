"""A charter as it is written: parties, bodies, matters, a ladder, and the rules beside them."""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from domain.calendars import Closure, FrozenCalendar
from domain.charter.duties import MinutesRule, NoticeRule, ObligationRule, SeatRule
from domain.charter.words import (
    Act,
    Clause,
    Condition,
    Deadline,
    Effect,
    EventIs,
    LengthOf,
    Name,
    Names,
    Part,
    Prose,
    Right,
    Text,
    Trigger,
    _bare,
)  # fmt: skip
from domain.clocks import Roll

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write one such as Europe/Paris or America/New_York") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]


class Party(Part):
    """A company of the alliance. Its id outlives its name."""

    name: Prose | None = None
    note: Prose | None = None


class Document(Part):
    """The contract that the charter reads."""

    name: Prose
    dated: date | None = None
    sha256: str | None = None
    in_effect_from: date | None = None


class NorthStar(Clause):
    """What the alliance is to achieve, and for whom."""

    what: Prose
    for_whom: Prose


def _closures(value: Any) -> Any:
    return [{"day": one} if isinstance(one, str | date) else one for one in value] if isinstance(value, list) else value


class CalendarOf(Clause):
    """Which days are closed: the union of the holidays of places, days added, days taken away, between two days."""

    places: Names = ()
    plus: Annotated[tuple[Closure, ...], BeforeValidator(_closures)] = ()
    minus: Annotated[tuple[Closure, ...], BeforeValidator(_closures)] = ()
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    weekend: tuple[Literal[*WEEKDAYS], ...] = ("saturday", "sunday")  # type: ignore[valid-type]
    frozen: FrozenCalendar | None = None


class Quorum(Clause):
    """Who must be there: a total, a number per party or for each, a share of the seats; and what is void without it."""

    total: int | None = Field(default=None, ge=1)
    per_party: Annotated[int, Field(ge=1)] | dict[Name, Annotated[int, Field(ge=0)]] | None = None
    of_seats: Literal["majority", "all"] | None = None
    forbids: Literal["decision", "vote"] = "decision"


class Majority(Clause):
    """How many must say yes. Several majorities must all be met."""

    of: Literal["votes_cast", "present", "seats", "parties", "weight"] = "votes_cast"
    at_least: int | None = Field(default=None, ge=1)
    more_than_percent: int | None = Field(default=None, ge=0, le=100)
    unanimous: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        words = {"unanimous": {"unanimous": True}, "majority": {"more_than_percent": 50}}
        return words.get(value, value) if isinstance(value, str) else value


class Email(Clause):
    """When a decision by e-mail counts: senders per party, and whether receipt must be acknowledged."""

    senders_per_party: int = Field(default=1, ge=1)
    acknowledged: bool = False


class BodyEnds(Clause):
    """How a body ends: by one of these parties alone, by all together, or with the last of other bodies."""

    by: Names = ()
    mutual: bool = True
    with_last_of: Names = ()
    when: Condition | None = None


class OnEnd(Clause):
    """Where the open items of an ended body go: a body, `final_say`, or `parties`."""

    to: Name = "parties"
    clock: Literal["carries", "restarts", "none"] = "restarts"


BodyKind = Literal[
    "committee", "people", "advisory", "gate", "information", "ratifying", "mediation", "arbitration", "experts"
]  # fmt: skip


class Body(Clause):
    """A governance body, or people outside the committees who hold a matter for a while."""

    name: Prose | None = None
    tier: int | None = Field(default=None, ge=0)
    kind: BodyKind = "committee"
    of: Name | None = None
    seats: Prose | None = None
    cadence: Prose | None = None
    chair: Prose | None = None
    votes: Literal["per_party", "per_member", "weighted"] = "per_party"
    passes: Annotated[tuple[Majority, ...], BeforeValidator(lambda v: v if isinstance(v, list | tuple) else [v])] = (
        Majority(unanimous=True),
    )
    weights: dict[Name, int] = Field(default_factory=dict)
    quorum: Quorum | None = None
    proxies: Literal["none", "written", "any"] = "any"
    email: Email | None = None
    meeting_notice: Deadline | None = None
    binds: bool = True
    act: Literal["approve", "sign"] = "approve"
    ends: BodyEnds | None = None
    on_end: OnEnd | None = None

    @property
    def outside(self) -> bool:
        """Say whether it stands outside the committees: a mediator, an arbitral tribunal, experts."""
        return self.kind in ("mediation", "arbitration", "experts")

    @property
    def decides(self) -> bool:
        """Say whether it may decide by itself what lies before it."""
        return self.kind in ("committee", "people", "arbitration", "experts") and self.binds


class CarveOut(Clause):
    """What a final say does not reach: when, who has it instead, and whose approval lifts it."""

    says: Prose | None = None
    when: Condition | None = None
    to: Name | None = None
    unless_approved_by: Name | None = None
    presumed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_prose(cls, value: Any) -> Any:
        return {"says": value} if isinstance(value, str) else value


class FinalSay(Clause):
    """Who decides a matter when the parties cannot agree, at which level, within what limits, at what price."""

    id: Name | None = None
    state: Literal["held", "none", "unknown"] = "held"
    who: Names = ()
    level: Name = "final_say"
    when: Condition | None = None
    carve_outs: tuple[CarveOut, ...] = ()
    requires: Prose | None = None
    only_after: Condition | None = None
    price: Prose | None = None
    survives: tuple[Literal["assignment", "end_of_body"], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        words = {"none": "none", "unknown": "unknown", "redacted": "unknown"}
        if not isinstance(value, str):
            return value
        return {"state": words[value]} if value in words else {"who": value}

    @model_validator(mode="after")
    def _held_by_somebody(self) -> "FinalSay":
        if self.state == "held" and not self.who:
            raise ValueError("a final say that is held needs `who`; where nobody has it write `none`, else `unknown`")
        return self


def _several(value: Any) -> Any:
    return value if value is None or isinstance(value, list | tuple) else [value]


Unresolved = Literal[
    "stay", "status_quo", "no_duty", "final_say", "experts", "mediation", "arbitration", "court", "each_alone",
    "one_alone", "right_to_terminate", "unknown",
]  # fmt: skip


def _unresolved(value: Any) -> Any:
    words = {
        "expert": "experts",
        "each_may_go_alone": "each_alone",
        "one_party_may_go_ahead": "one_alone",
        "not_stated": "unknown",
        "none": "no_duty",
    }
    bare = _bare(value)
    return words.get(bare, bare) if isinstance(bare, str) else bare


class Matter(Clause):
    """A class of question: where it starts, who decides it, who has the final say, what happens unresolved."""

    what: Prose | None = None
    also: Names = ()
    start_bodies: Names = ()
    kind: Literal["approve", "discuss"] = "approve"
    escalates: bool = True
    skip: Names = ()
    decides: Name | None = None
    classified_by: Names = ()
    needs_approval_of: Names = ()
    final_say: Annotated[tuple[FinalSay, ...] | None, BeforeValidator(_several)] = None
    unresolved: Annotated[Unresolved, BeforeValidator(_unresolved)] | None = None


class Bar(Clause):
    """When a step may not be taken."""

    when: Condition


class Declined(Clause):
    """What follows a gate's no: where the decision goes, whether its clock starts again, and what then holds."""

    to: Name | None = None
    clock: Literal["none", "restarts"] = "none"
    final_say: Literal["kept", "unreachable"] = "unreachable"


class Step(Clause):
    """One rung of the ladder: from a body to another or to an end, by whom, after how long, to what effect."""

    id: Name | None = None
    at: Names = Field(alias="from")
    to: Name | None = None
    matters: Names = Field(default=(), validation_alias="matter")
    except_matters: Names = ()
    when: Condition | None = None
    limit: LengthOf = LengthOf(unit="none")
    kind: Literal["limit", "latest", "target", "cap", "meet_by"] = "limit"
    clock_starts: Trigger = "unspecified"
    calendar: Name = "default"
    roll: Roll = "none"
    mode: Literal["permissive", "automatic", "gated"] = "permissive"
    on: Literal["no_consensus", "tie", "approval"] = "no_consensus"
    by: Names = ()
    act: Act | None = None
    takes_effect: Literal["next_day", "next_business_day"] = "next_day"
    early_by: Names = ()
    ends_early: EventIs | None = None
    opens_when: Condition | None = None
    window: LengthOf | None = None
    after_decision: bool = False
    bars: tuple[Bar, ...] = ()
    on_decline: Declined | None = None
    then: Effect | None = None

    @model_validator(mode="before")
    @classmethod
    def _matter_or_matters(cls, value: Any) -> Any:
        if isinstance(value, dict) and "matters" in value:
            return {("matter" if key == "matters" else key): one for key, one in value.items()}
        return value


class Toll(Clause):
    """Which cause pauses which clocks, and who may start the pause."""

    cause: Name
    pauses: tuple[Literal["decisions", "obligations", "minutes", "notices", "seats"], ...] = (
        "decisions",
        "obligations",
    )
    only: Names = ()
    work_streams: Names = ()
    by: Names = ()
    resumes_for: Names = ()
    rounds_to_months: Literal["up", "down", "nearest"] | None = None
    scope: Prose | None = None


class Counter(Clause):
    """Events counted in a rolling window."""

    counts: EventIs
    when: Condition | None = None
    window: LengthOf


class Flip(Clause):
    """A condition from history that changes a rule from then on."""

    when: Condition
    matters: Names = ()
    except_matters: Names = ()
    final_say: FinalSay
    trigger: Prose | None = None


class Amendment(Clause):
    """When an amendment binds, and whether open items move to the new version."""

    binds: Literal["last_ratification", "at_once"] = "last_ratification"
    open_items: Literal["migrate", "stay"] = "migrate"


class Succession(Clause):
    """What happens to rights when a party is acquired or assigns the contract away."""

    rights_kept_by_old: Names = ()


class ConfirmationRule(Clause):
    """Who speaks for a party when it confirms understandings of some kinds: seats, functions, or people of a level."""

    kinds: Names = ()
    understandings: Names = ()
    seats: Names = ()
    functions: dict[Name, Names] = Field(default_factory=dict)
    level_min: int | None = Field(default=None, ge=0)


class Note(Clause):
    """A clause that stays prose: carried, and shown."""

    says: Prose
    about: Names = ()


_EMPTY = BeforeValidator(lambda value: {} if value is None else value)


class Charter(Part):
    """The whole charter, in one version."""

    id: Name
    version: Text = "1"
    name: Prose | None = None
    kind: Literal["strategic", "co_promotion", "technology", "channel", "supplier"] = "strategic"
    document: Document | None = None
    north_star: NorthStar | None = None
    zone: Zone
    parties: dict[Name, Annotated[Party, _EMPTY]]
    calendar: CalendarOf = CalendarOf()
    calendars: dict[Name, CalendarOf] = Field(default_factory=dict)
    bodies: dict[Name, Annotated[Body, _EMPTY]] = Field(default_factory=dict)
    matters: dict[Name, Annotated[Matter, _EMPTY]] = Field(default_factory=dict)
    ladder: tuple[Step, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    rights: tuple[Right, ...] = ()
    limits_on_any_decision: tuple[CarveOut, ...] = ()
    obligations: tuple[ObligationRule, ...] = ()
    minutes: tuple[MinutesRule, ...] = ()
    seats: tuple[SeatRule, ...] = ()
    notices: NoticeRule = NoticeRule()
    tolling: tuple[Toll, ...] = ()
    counters: dict[Name, Counter] = Field(default_factory=dict)
    flips: tuple[Flip, ...] = ()
    amendment: Amendment = Amendment()
    succession: Succession = Succession()
    confirmations: tuple[ConfirmationRule, ...] = ()
    notes: tuple[Note, ...] = ()
