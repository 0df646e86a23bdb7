"""Roles of people, by id, and the health checks that ask them."""

from typing import ClassVar

from pydantic import Field

from domain.events.event import Event
from domain.values import Id, SealedText


class PersonEvent(Event):
    """A fact about one person, who is an id here."""

    NOUN: ClassVar[str] = "person"
    SUBJECT: ClassVar[str | None] = "person"
    person: Id


class RoleAssigned(PersonEvent, name="role-assigned"):
    """A person took a role for a party."""

    party: Id
    role: Id
    work_stream: Id | None = None
    level: int | None = None


class RoleHandedOver(PersonEvent, name="role-handed-over"):
    """A role went from a person to another, with its open items."""

    role: Id
    to: Id
    open_items: tuple[Id, ...] = ()


class PersonDeparted(PersonEvent, name="person-departed"):
    """A person left."""

    party: Id
    unsettles: tuple[Id, ...] = ()


class OnboardingCompleted(PersonEvent, name="onboarding-completed"):
    """Whoever took a seat has read the briefing; `body` is the body of that seat."""

    seat: Id | None = None
    body: Id | None = None


class HealthCheckEvent(Event):
    """A fact about one health check."""

    NOUN: ClassVar[str] = "health-check"
    SUBJECT: ClassVar[str | None] = "health_check"
    health_check: Id


class HealthCheckOpened(HealthCheckEvent, name="health-check-opened"):
    """Questions were put to one party or to all."""

    questions: tuple[Id, ...] = Field(min_length=1)
    parties: tuple[Id, ...] = ()


class ResponseRecorded(HealthCheckEvent, name="response-recorded"):
    """One anonymous response: scores from 1 to 5 by question."""

    party: Id
    response: Id
    scores: dict[Id, int]
    remark: SealedText | None = None


class HealthCheckClosed(HealthCheckEvent, name="health-check-closed"):
    """No more responses are taken."""
