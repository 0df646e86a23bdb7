"""What the parties hold in common: its version, who confirmed it, who reads it differently, since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.alignment.fields import CREATES, MARKING_FIELDS
from domain.alignment.life import Life, live
from domain.alignment.marking import marks_of, touched
from domain.alignment.standing import WHOLE_PARTY, AlignmentState, Gaps, Standing, gaps_of, word_of
from domain.recorded import Recorded
from projections.projection import Key

NAME = "alignment"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One understanding. `state` holds since `since`, in seconds; `life` is what happened to it, in effective order."""

    understanding: str
    kind: str | None
    state: AlignmentState
    since: int | None
    life: Life


READS: Mapping[str, type[Any]] = MARKING_FIELDS


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the id of each understanding that the event touches."""
    return tuple((event.meta.alliance, understanding) for understanding in touched(event))


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the understanding after the event."""
    if row is None and event.name not in CREATES:
        return None
    understanding = row.understanding if row else touched(event)[0]
    life = live(row.life if row else Life(), marks_of(event))
    return Row(understanding, life.standing.kind, life.state, life.since, life)


@dataclass(frozen=True, slots=True)
class PartyView:
    """One party's side: `state` is confirmed, unsettled, divergent, partial (some functions), behind or none."""

    state: str
    version: str | None
    since: int | None
    reading: str | None
    drift: str | None
    of: str | None
    functions: dict[str, str]
    target: str | None = None
    unit: str | None = None
    horizon: str | None = None
    definition: str | None = None
    carried_over: bool = False


def by_party(row: Row) -> dict[str, PartyView]:
    """Return each party's side of an understanding, and inside it each of its functions."""
    standing = row.life.standing
    named = dict.fromkeys((*standing.parties, *standing.stances))
    return {party: _side(standing, party) for party in named}


def gaps(row: Row) -> Gaps:
    """Return where the parties' stances differ."""
    return gaps_of(row.life.standing)


def _side(standing: Standing, party: str) -> PartyView:
    given = standing.confirmations.get(party, {})
    latest = given.get(WHOLE_PARTY) or max(given.values(), key=lambda c: (c.at, c.position), default=None)
    readings = standing.readings.get(party, {})
    drift = standing.drifts.get(party)
    stance = standing.stances.get(party)
    functions = dict.fromkeys((*standing.functions.get(party, ()), *(f for f in (*given, *readings) if f)))
    return PartyView(
        state=word_of(standing, party),
        version=latest.version if latest else None,
        since=latest.at if latest else None,
        reading=next((reading.text for reading in readings.values()), None) or _wording(standing, party),
        drift=drift.cause if drift else None,
        of=drift.of if drift else None,
        functions={name: word_of(standing, party, name) for name in functions},
        target=stance.target if stance else None,
        unit=stance.unit if stance else None,
        horizon=stance.horizon if stance else None,
        definition=stance.text if stance else None,
        carried_over=bool(latest and latest.carried_over),
    )


def _wording(standing: Standing, party: str) -> str | None:
    return next((said[party] for said in standing.wordings.values() if party in said), None)
