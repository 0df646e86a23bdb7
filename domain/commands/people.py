"""What may be asked of people and of health checks."""

from typing import ClassVar

from pydantic import Field

from domain.commands.command import Command
from domain.values import Id, SealedText


class PersonCommand(Command, abstract=True):
    """A wish about one person, who is an id here."""

    NOUN: ClassVar[str] = "person"
    SUBJECT: ClassVar[str | None] = "person"
    person: Id


class AssignRole(PersonCommand):
    """Give a person a role."""

    party: Id
    role: Id
    work_stream: Id | None = None
    level: int | None = None


class HandOverRole(PersonCommand, also=("hand_role_over",)):
    """Give a role on, with its open items."""

    role: Id
    to: Id
    open_items: tuple[Id, ...] = ()


class ReportDeparture(PersonCommand):
    """Say that a person left."""

    party: Id


class CompleteOnboarding(PersonCommand):
    """Say that the briefing of a seat was read."""

    seat: Id | None = None


class HealthCheckCommand(Command, abstract=True):
    """A wish about one health check."""

    NOUN: ClassVar[str] = "health-check"
    SUBJECT: ClassVar[str | None] = "health_check"
    health_check: Id


class OpenHealthCheck(HealthCheckCommand):
    """Put questions to one party or to all."""

    questions: tuple[Id, ...] = Field(min_length=1)
    parties: tuple[Id, ...] = ()


class RecordResponse(HealthCheckCommand):
    """Hand one anonymous response in: scores from 1 to 5 by question."""

    party: Id
    response: Id
    scores: dict[Id, int]
    remark: SealedText | None = None


class CloseHealthCheck(HealthCheckCommand):
    """Take no more responses."""
