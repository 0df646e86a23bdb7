"""What the `type` of a CloudEvent of ours says: an event or a command, and the version of its schema."""

import re
from typing import NamedTuple

PREFIX = "dev.cynosure."
_OURS = re.compile(re.escape(PREFIX) + r"(?P<command>command\.)?(?P<name>[a-z][a-z_-]*)\.v(?P<version>[1-9]\d{0,5})")


class Named(NamedTuple):
    """What a type names: an event (`decision-escalated`) or a command (`escalate_decision`), and its schema version."""

    name: str
    version: int
    is_command: bool


def event_type(name: str, version: int) -> str:
    """Return the type of an event."""
    return f"{PREFIX}{name}.v{version}"


def command_type(verb: str, version: int = 1) -> str:
    """Return the type of a command."""
    return f"{PREFIX}command.{verb}.v{version}"


def named(type_: str) -> Named | None:
    """Return what a type of ours names, None for a type of somebody else."""
    found = _OURS.fullmatch(type_)
    return None if found is None else Named(found["name"], int(found["version"]), found["command"] is not None)
