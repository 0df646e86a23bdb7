"""Where what a scenario tells is kept: in a private log with a simulated clock, or in memory."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from adapters.event_log import Log, open_log
from adapters.items import digest_of
from domain.events import EVENTS
from domain.governance.told import Told, told_of
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.values import Finding, MessageKey

ALLIANCE = "scenario"
MICROSECONDS = 1_000_000
KINDS = {kind.__name__: kind for kind in EVENTS.values()}


class Keeper(Protocol):
    """Keeps what was told, and hands it back as it is known from then on."""

    def keep(self, told: Told, zone: str) -> Told:
        """Keep one event and return it as recorded."""
        ...


class Memory:
    """Keeps nothing: what was told is what is known."""

    def keep(self, told: Told, zone: str) -> Told:  # noqa: ARG002
        """Return what was told."""
        return told


@dataclass
class PrivateLog:
    """Keeps every event in a log of its own, whose clock is what the scenario says."""

    log: Log
    names: dict[str, str] = field(default_factory=dict)

    def keep(self, told: Told, zone: str) -> Told:
        """Append one event to the log, read it back, and return it under the name that the scenario gave it."""
        kind = KINDS[told.name]
        words = {field.alias or name for name, field in kind.model_fields.items()}
        fields = {key: one for key, one in told.fields.items() if key in words}
        fact = kind.model_validate_json(json.dumps(fields, default=str))
        envelope = Envelope(
            alliance=ALLIANCE,
            effective_at=told.seconds,
            zone=zone,
            recorded_at=told.known * MICROSECONDS,
            message=MessageKey("scenario", told.id),
        )
        findings = tuple(Finding(rule=one, clause=one) for one in told.findings)
        digest = digest_of(json.loads(json.dumps(told.fields, default=str)))
        receipt = self.log.append(Append(envelope=envelope, facts=[Decided(fact, findings)], digest=digest))
        (recorded,) = self.log.read(after=receipt.first - 1, limit=1)
        self.names[recorded.meta.event_id] = told.id
        known = told_of(recorded, zone)
        return replace(known, id=told.id, fields={**_unread(told.fields, known.fields), **known.fields})


def _unread(told: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of a scenario that no event has; a condition of the charter may still read them."""
    return {key: value for key, value in told.items() if key not in known}


@contextmanager
def private_log() -> Iterator[PrivateLog]:
    """Open a private log in a temporary folder, for the time of one playing."""
    with TemporaryDirectory(prefix="cynosure-") as folder:
        url = f"sqlite:///{Path(folder) / 'scenario.db'}"
        with open_log(url, simulated_clock=True) as log:
            yield PrivateLog(log)
