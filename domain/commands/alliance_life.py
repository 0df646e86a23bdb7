"""What may be asked in the course of an alliance's life: stages, work streams, priorities, items that change hands."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.commands.command import Command
from domain.values import Id


class RelaunchAlliance(Command):
    """Begin again, on renewed terms."""

    NOUN: ClassVar[str] = "alliance"


class EnterAllianceStage(Command):
    """Enter a stage of the alliance's life, or of an asset of it, with the unit that owns it on either side."""

    NOUN: ClassVar[str] = "alliance"
    stage: Id
    asset: Id | None = None
    owners: dict[Id, Id] = Field(default_factory=dict)


class WorkStreamCommand(Command, abstract=True):
    """A wish about one work stream."""

    NOUN: ClassVar[str] = "work-stream"
    SUBJECT: ClassVar[str | None] = "work_stream"
    work_stream: Id


class ReplanWorkStream(WorkStreamCommand):
    """Change its plan."""

    planned_end: date | None = None
    phase: Id | None = None
    owners: dict[Id, Id] = Field(default_factory=dict)


class PauseWorkStream(WorkStreamCommand):
    """Let it rest."""


class ResumeWorkStream(WorkStreamCommand):
    """Let it go on."""


class CloseWorkStream(WorkStreamCommand):
    """End it."""

    outcome: Id | None = None


class ReorganizationCommand(Command, abstract=True):
    """A wish in the course of a reorganization."""

    NOUN: ClassVar[str] = "reorganization"
    SUBJECT: ClassVar[str | None] = "reorganization"
    reorganization: Id


class ReassignOpenItem(ReorganizationCommand):
    """Give an open item a new owner."""

    item: Id
    to: Id


class OrphanOpenItem(ReorganizationCommand):
    """Say that an open item has nobody."""

    item: Id


class ChangePriorities(ReorganizationCommand):
    """Change the order of a party's priorities."""

    party: Id
    priorities: tuple[Id, ...] = Field(min_length=1)
