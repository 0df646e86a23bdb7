"""What may be asked of operating profiles."""

from typing import ClassVar

from domain.commands.command import Command
from domain.events.operating_profile import QualityBar, RevenueExpected
from domain.values import Days, Id, Text


class OperatingProfileCommand(Command, abstract=True):
    """A wish about the operating profile of one party."""

    NOUN: ClassVar[str] = "operating-profile"
    SUBJECT: ClassVar[str | None] = "party"
    party: Id


class StateOperatingProfile(OperatingProfileCommand):
    """Say how a party works."""

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


class MarkProfileRead(OperatingProfileCommand):
    """Say that the partner has read it."""

    version: Id
    by: Id
    seat: Id | None = None
