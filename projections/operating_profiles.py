"""How each party works, who has read it, where the parties differ, and which way of working answers that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "operating_profiles"
VERSION = 1

IN_DAYS = ("decision_pace_days", "planning_horizon_days", "development_cadence_days", "revenue_expected_in_days")
IN_WORDS = ("business_model", "matters_most", "quality_bar", "regulated_regimes", "revenue_expected")
PREDICTS = {
    "decision_pace_days": "one side waits for the other: compare the measured time in which each answers",
    "planning_horizon_days": "the same target is meant for different days: compare the horizons of each metric",
    "development_cadence_days": "releases and plans fall out of step",
    "quality_bar": "one side calls finished what the other calls a first try",
    "regulated_regimes": "records of one side need evidence, a reason and the meaning of a signature",
    "revenue_expected": "the alliance is judged by different figures on either side",
    "revenue_expected_in_days": "the alliance is judged by different figures on either side",
    "matters_most": "priorities are likely to be ordered differently",
    "business_model": "success is counted differently",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a party said of itself, in a version, at an instant in seconds."""

    version: str
    at: int
    position: int
    business_model: str | None = None
    matters_most: tuple[str, ...] = ()
    decision_pace_days: int | None = None
    planning_horizon_days: int | None = None
    development_cadence_days: int | None = None
    quality_bar: str | None = None
    regulated_regimes: tuple[str, ...] = ()
    revenue_expected: str | None = None
    revenue_expected_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One party. `read` goes from a partner to a version, `answered` from partner and aspect to what answers it."""

    party: str
    profile: Profile | None = None
    read: dict[str, str] = field(default_factory=dict)
    answered: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is read of a profile as stated."""

    party: str
    version: str
    business_model: str | None = None
    matters_most: tuple[str, ...] = ()
    decision_pace_days: int | None = None
    planning_horizon_days: int | None = None
    development_cadence_days: int | None = None
    quality_bar: str | None = None
    regulated_regimes: tuple[str, ...] = ()
    revenue_expected: str | None = None
    revenue_expected_in_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A partner read it."""

    party: str
    version: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A way of working answers a difference."""

    party: str
    aspect: str
    understanding: str
    other: str


READS: Mapping[str, type[Any]] = {
    "operating-profile-stated": Stated,
    "operating-profile-read": Read,
    "difference-answered": Answered,
}


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the party."""
    return ((event.meta.alliance, event.fact.party),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the party after the event."""
    fact = event.fact
    current = row or Row(fact.party)
    match fact:
        case Stated():
            said = {word: getattr(fact, word) for word in (*IN_DAYS, *IN_WORDS)}
            stated = Profile(fact.version, event.meta.effective_at, event.position, **said)
            known = current.profile
            if known is not None and (known.at, known.position) > (stated.at, stated.position):
                return current
            return replace(current, profile=stated)
        case Read():
            return replace(current, read=current.read | {fact.by: fact.version})
        case _:
            answers = current.answered.get(fact.other, {}) | {fact.aspect: fact.understanding}
            return replace(current, answered=current.answered | {fact.other: answers})


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two parties differ: in days, or in named words, what that predicts, and what answers it."""

    aspect: str
    one: str
    other: str
    one_says: str
    other_says: str
    gap_days: int | None
    predicts: str
    answered_by: str | None


def differences(rows: Iterable[Row]) -> list[Difference]:
    """Return where each two parties differ, of what both have said."""
    stated = sorted((row for row in rows if row.profile is not None), key=lambda row: row.party)
    return [
        found
        for one, other in combinations(stated, 2)
        for aspect in (*IN_DAYS, *IN_WORDS)
        if (found := _difference(one, other, aspect)) is not None
    ]


def _difference(one: Row, other: Row, aspect: str) -> Difference | None:
    left, right = getattr(one.profile, aspect), getattr(other.profile, aspect)
    if left == right or (aspect != "regulated_regimes" and (left in (None, ()) or right in (None, ()))):
        return None
    answers = one.answered.get(other.party, {}) | other.answered.get(one.party, {})
    return Difference(
        aspect=aspect,
        one=one.party,
        other=other.party,
        one_says=_said(left),
        other_says=_said(right),
        gap_days=abs(left - right) if aspect in IN_DAYS else None,
        predicts=PREDICTS[aspect],
        answered_by=answers.get(aspect),
    )


def _said(value: Any) -> str:  # noqa: ANN401
    return ", ".join(value) or "none" if isinstance(value, tuple | list) else str(value)


def unread(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Return which party has not read which partner's present profile."""
    stated = [row for row in rows if row.profile is not None]
    return [
        (reader.party, row.party)
        for row in stated
        for reader in stated
        if reader.party != row.party and row.profile and row.read.get(reader.party) != row.profile.version
    ]
