"""How a party works: what it lives on, how fast it decides, how far it plans, what it calls finished."""

from typing import ClassVar, Literal

from pydantic import Field

from domain.events.event import Event
from domain.values import Days, Id, Text

QualityBar = Literal["first_usable", "complete"]
RevenueExpected = Literal["now", "later", "never", "unknown"]


class OperatingProfileEvent(Event):
    """A fact about the operating profile of one party."""

    NOUN: ClassVar[str] = "operating-profile"
    SUBJECT: ClassVar[str | None] = "party"
    party: Id


class OperatingProfileStated(OperatingProfileEvent, name="operating-profile-stated"):
    """A party said how it works, in a version.

    `decision_pace_days` is how long a decision usually takes there, `planning_horizon_days` how far it plans,
    `development_cadence_days` how often it releases. A regulated regime demands evidence, a reason and the meaning of
    a signature on the records of that party.
    """

    version: Id
    business_model: Text | None = None
    matters_most: tuple[Id, ...] = ()
    decision_pace_days: Days | None = None
    planning_horizon_days: Days | None = None
    development_cadence_days: Days | None = None
    quality_bar: QualityBar | None = None
    regulated_regimes: tuple[Id, ...] = ()
    revenue_expected: RevenueExpected | None = None
    revenue_expected_in_days: Days | None = None


class OperatingProfileRead(OperatingProfileEvent, name="operating-profile-read"):
    """The partner read it, in that version."""

    version: Id
    by: Id
    seat: Id | None = None


class DifferenceAnswered(OperatingProfileEvent, name="difference-answered"):
    """An agreed way of working (an understanding) answers a difference between the profiles."""

    aspect: Literal[
        "decision_pace_days",
        "planning_horizon_days",
        "development_cadence_days",
        "quality_bar",
        "regulated_regimes",
        "revenue_expected",
        "matters_most",
        "business_model",
    ]
    understanding: Id
    other: Id = Field(description="the party whose profile differs")
