"""Reading an item of a scenario: a report or a command, leniently, with what was left aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.items import ENVELOPE_WORDS, NO_SUCH_WORD, REPORTS, read_item
from domain.commands import COMMANDS
from domain.commands.command import Command
from domain.errors import Unreadable
from domain.governance.asking import asked_for
from domain.governance.told import fields_of

TEXTS = ("version", "supersedes")
WISHES: Mapping[str, str] = {
    "raise": "DecisionRaised",
    "approve": "ApprovalGiven",
    "decline": "EscalationDeclined",
    "return": "DecisionReturned",
    "transfer": "DecisionTransferred",
    "submit": "PositionsSubmitted",
    "mediate": "MediationStarted",
    "arbitrate": "ArbitrationStarted",
    "select_expert": "ExpertsSelected",
    "request_information": "InformationRequested",
    "respond": "InformationProvided",
    "pause": "ClockPaused",
    "resume": "ClockResumed",
    "extend": "DeadlineExtended",
    "convene": "MeetingConvened",
    "disband": "BodyDisbanded",
    "amend": "CharterAmended",
    "ratify": "CharterRatified",
    "classify": "MatterClassified",
    "pay": "ObligationMet",
    "cure": "ObligationMet",
    "object": "ObligationMet",
    "sign": "MinutesFinalized",
}


@dataclass(frozen=True)
class Said:
    """One item as read: the event that it tells or asks for, its fields, and what was left aside."""

    name: str
    fields: Mapping[str, Any]
    asks: bool
    verb: str
    warnings: tuple[str, ...] = ()


def said_by(item: Mapping[str, Any], name: str, zone: str) -> Said | None:
    """Return an item as read, or None with nothing to play: an event or a verb that nobody knows is only warned of."""
    raw = {key: str(one) if key in TEXTS else one for key, one in item.items()}
    verb = str(raw.get("command") or "")
    if verb and verb not in COMMANDS and verb in WISHES:
        raw = {key: one for key, one in raw.items() if key != "command"} | {"report": WISHES[verb]}
    if not verb and str(raw.get("report")) not in REPORTS:
        return None
    if verb and verb not in COMMANDS and verb not in WISHES:
        return None
    message, left = _read(raw, name, zone)
    asked = asked_for(message) if isinstance(message, Command) else (type(message).__name__, fields_of(message))
    if asked is None:
        return None
    warnings = tuple(f"item {name}: {key!r} is no field of {asked[0]}" for key in left)
    return Said(asked[0], {**left, **asked[1]}, bool(verb), verb, warnings)


def _read(raw: Mapping[str, Any], name: str, zone: str) -> tuple[Any, dict[str, Any]]:
    left: dict[str, Any] = {}
    for _ in range(len(raw) + 1):
        kept = {key: one for key, one in raw.items() if key not in left}
        try:
            return read_item(kept, f"item {name}", alliance="scenario", zone=zone).message, left
        except Unreadable as unreadable:
            unknown = _unknown(unreadable, name, kept)
            if not unknown:
                raise
            left |= {key: kept[key] for key in unknown}
    raise Unreadable(f"item {name}: no field of it can be read")


def _unknown(unreadable: Unreadable, name: str, kept: Mapping[str, Any]) -> list[str]:
    """Return the fields that are the only fault of an item, none where it has another one."""
    found = []
    for fault in unreadable.faults:
        path, _, says = fault.removeprefix(f"item {name}.").partition(": ")
        if not says.startswith(NO_SUCH_WORD) or path not in kept or path in ENVELOPE_WORDS:
            return []
        found.append(path)
    return found
