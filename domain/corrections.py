"""Which events are in effect: the one rule about corrections, for books and for read models alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.events.correction import RecordCorrected, Replacement
from domain.events.event import EVENTS
from domain.recorded import Recorded
from domain.replacing import replace


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the latest correction in effect says of an event: nothing stands, or `stands` does in its place."""

    by: Recorded[RecordCorrected]
    stands: Replacement | None


def rulings(corrections: Iterable[Recorded[RecordCorrected]]) -> dict[str, Ruling]:
    """Return, by the id of the event, what the corrections say of it.

    A correction can itself be corrected, by a later one only; so the last is in effect, and each is judged by those
    after it. A correction that is retracted rules nothing, which reinstates what it corrected.
    """
    found: dict[str, Ruling] = {}
    for correction in sorted(corrections, key=lambda each: each.position, reverse=True):
        said = _said(correction, found.get(correction.meta.event_id))
        if said is not None:
            found.setdefault(said.of, Ruling(correction, said.replacement))
    return found


def ruling_on(event_id: str, position: int, rules: Mapping[str, Ruling]) -> Ruling | None:
    """Return the ruling on an event, or None where it stands as recorded. What is not yet recorded is not corrected."""
    ruling = rules.get(event_id)
    return ruling if ruling is not None and ruling.by.position > position else None


def standing(event: Recorded[Any], rules: Mapping[str, Ruling]) -> Recorded[Any] | None:
    """Return the event as it stands: itself, its replacement at its place, or None where nothing does.

    A replacement keeps position, version, id and recorded time; its effective time is its own, and what was found of
    it is what the correction found.
    """
    ruling = ruling_on(event.meta.event_id, event.position, rules)
    if ruling is None:
        return None if isinstance(event.fact, RecordCorrected) else event
    if ruling.stands is None or ruling.stands.name == RecordCorrected.NAME:
        return None
    return _in_place_of(event, ruling.stands, ruling.by)


def in_effect(events: Iterable[Recorded[Any]]) -> list[Recorded[Any]]:
    """Return the events in effect, in order, given all events up to a position. Corrections are not among them."""
    known = list(events)
    rules = rulings(each for each in known if isinstance(each.fact, RecordCorrected))
    stand = (standing(each, rules) for each in known)
    return [each for each in stand if each is not None]


def _said(correction: Recorded[RecordCorrected], ruling: Ruling | None) -> RecordCorrected | None:
    if ruling is None:
        return correction.fact
    if ruling.stands is None or ruling.stands.name != RecordCorrected.NAME:
        return None
    return RecordCorrected.model_validate(ruling.stands.fact)


def _in_place_of(event: Recorded[Any], stands: Replacement, by: Recorded[RecordCorrected]) -> Recorded[Any]:
    meta = replace(
        event.meta,
        effective_at=stands.effective_at,
        precision=stands.precision,
        zone=stands.zone,
        findings=by.meta.findings,
        clause=by.meta.clause,
        charter_version=by.meta.charter_version,
    )
    return replace(event, name=stands.name, fact=EVENTS[stands.name].model_validate(stands.fact), meta=meta)
