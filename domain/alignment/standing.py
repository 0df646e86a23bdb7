"""When the parties are aligned on something, and why not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Literal

from domain.replacing import replace

AlignmentState = Literal["none", "partial", "aligned", "divergent", "unsettled", "retired"]
SideWord = Literal["confirmed", "unsettled", "divergent", "partial", "behind", "none"]
WHOLE_PARTY = ""
MEASURED_ASPECTS = ("definition", "target", "horizon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that happened to an understanding, at an effective instant, in seconds, and a place in the log."""

    at: int
    position: int
    what: Literal[
        "stated",
        "confirmed",
        "diverged",
        "reconciled",
        "unsettled",
        "succeeded",
        "defined",
        "aimed",
        "dated",
        "worded",
        "retired",
    ]
    kind: str | None = None
    version: str | None = None
    parties: tuple[str, ...] = ()
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    function: str = WHOLE_PARTY
    text: str | None = None
    immaterial: bool = False
    seat: str | None = None
    person: str | None = None
    context: str = ""
    cause: str | None = None
    of: str | None = None
    target: str | None = None
    unit: str | None = None
    horizon: str | None = None
    tolerance_days: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Return its place in effective time; marks of one instant stay in the order of the log."""
        return self.at, self.position

    def packed(self) -> str:
        """Return it as a short text: a row holds many marks, and reads them only when one comes late."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        bare = {name: value for name, value in said.items() if value is not False and value not in (None, (), {}, "")}
        return json.dumps(bare, sort_keys=True, separators=(",", ":"))

    @classmethod
    def unpacked(cls, text: str) -> "Mark":
        """Return the mark of a short text."""
        said = json.loads(text)
        named = {party: tuple(names) for party, names in said.get("functions", {}).items()}
        return cls(**said | {"parties": tuple(said.get("parties", ())), "functions": named})


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A party, or a function of it, holds a version since an instant."""

    version: str
    at: int
    position: int
    seat: str | None = None
    person: str | None = None
    carried_over: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A differing reading, of the version that was current when it was stated."""

    text: str
    version: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Drift:
    """What unsettled a party's hold, and since when."""

    cause: str
    of: str | None
    at: int
    position: int


@dataclass(frozen=True, slots=True)
class Stance:
    """What one party means by a metric: definition, target, horizon (an ISO date), each None until it says so."""

    version: str | None = None
    text: str | None = None
    target: str | None = None
    unit: str | None = None
    horizon: str | None = None
    tolerance_days: int | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where the parties' stances on a metric differ, and what nobody or only one of them has said."""

    definition: bool
    target: bool
    horizon_days: int
    horizon: bool
    missing: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Say whether something differs beyond what the parties tolerate."""
        return self.definition or self.target or self.horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an understanding stands: its current version, and each party's word on it.

    `confirmations` and `readings` go from a party to its functions; the party as a whole is the empty function.
    `wordings` go from a context to what each party means by a term in it.
    """

    kind: str | None = None
    version: str | None = None
    version_at: int | None = None
    texts: dict[str, str | None] = field(default_factory=dict)
    parties: tuple[str, ...] = ()
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    confirmations: dict[str, dict[str, Confirmation]] = field(default_factory=dict)
    readings: dict[str, dict[str, Reading]] = field(default_factory=dict)
    drifts: dict[str, Drift] = field(default_factory=dict)
    stances: dict[str, Stance] = field(default_factory=dict)
    wordings: dict[str, dict[str, str]] = field(default_factory=dict)
    tolerance_days: int = 0
    retired: bool = False


def holds(standing: Standing, party: str, function: str | None = None) -> bool:
    """Say whether a party holds the current version, all of it, or one function of it.

    A confirmation for the party as a whole speaks for its functions. Where functions are named for a party, all of them
    together speak for it. A confirmation older than the drift that touched the party holds no longer.
    """
    given = standing.confirmations.get(party, {})
    if _counts(standing, party, given.get(WHOLE_PARTY)):
        return True
    asked = standing.functions.get(party, ()) if function is None else (function,)
    return bool(asked) and all(_counts(standing, party, given.get(name)) for name in asked)


def _counts(standing: Standing, party: str, confirmation: Confirmation | None) -> bool:
    if confirmation is None or confirmation.version != standing.version:
        return False
    drift = standing.drifts.get(party)
    return drift is None or (confirmation.at, confirmation.position) > (drift.at, drift.position)


def state_of(standing: Standing) -> AlignmentState:
    """Return how aligned the parties are.

    Aligned: every party holds the current version and nobody reads it differently; a metric asks for definition, target
    and horizon as well.
    """
    if standing.retired:
        return "retired"
    gaps = gaps_of(standing)
    if any(standing.readings.values()) or gaps.any or _terms_differ(standing):
        return "divergent"
    if standing.drifts:
        return "unsettled"
    held = [holds(standing, party) for party in standing.parties]
    if held and all(held) and not gaps.missing:
        return "aligned"
    return "partial" if any(held) or _some_function(standing) else "none"


def word_of(standing: Standing, party: str, function: str | None = None) -> SideWord:
    """Return one party's word on the current version, or that of a function of it."""
    given, readings = standing.confirmations.get(party, {}), standing.readings.get(party, {})
    if readings if function is None else {WHOLE_PARTY, function} & readings.keys():
        return "divergent"
    if holds(standing, party, function):
        return "confirmed"
    if party in standing.drifts:
        return "unsettled"
    if function is None:
        inside = any(confirmation.version == standing.version for confirmation in given.values())
        return "partial" if inside else "behind" if given else "none"
    return "behind" if function in given or WHOLE_PARTY in given else "none"


def _some_function(standing: Standing) -> bool:
    return any(holds(standing, p, f) for p, given in standing.confirmations.items() for f in given)


def _terms_differ(standing: Standing) -> bool:
    return any(len(set(by_party.values())) > 1 for by_party in standing.wordings.values())


def gaps_of(standing: Standing) -> Gaps:
    """Return where stances on a metric differ: definitions by version, targets by value and unit, horizons in days."""
    if standing.kind != "metric":
        return Gaps(definition=False, target=False, horizon_days=0, horizon=False, missing=())
    stances = standing.stances
    parties = standing.parties or tuple(stances)
    definitions = {(s.version, s.text) for s in stances.values() if s.version}
    targets = {(s.target, s.unit) for s in stances.values() if s.target is not None}
    days = [date.fromisoformat(s.horizon).toordinal() for s in stances.values() if s.horizon]
    tolerated = [s.tolerance_days for s in stances.values() if s.tolerance_days is not None]
    apart = max(days) - min(days) if days else 0
    return Gaps(
        definition=len(definitions) > 1,
        target=len(targets) > 1,
        horizon_days=apart,
        horizon=apart > (min(tolerated) if tolerated else standing.tolerance_days),
        missing=tuple(f"{party}: {aspect}" for party in parties for aspect in _unsaid(stances.get(party, Stance()))),
    )


def _unsaid(stance: Stance) -> tuple[str, ...]:
    said = (stance.version, stance.target, stance.horizon)
    return tuple(aspect for aspect, value in zip(MEASURED_ASPECTS, said, strict=True) if value is None)


def plain(number: Decimal | str) -> str:
    """Return a number as the shortest decimal text of its value, so that equal values are equal texts."""
    value = Decimal(number)
    return format(value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize(), "f")


def evolve_standing(standing: Standing, mark: Mark) -> Standing:
    """Return the standing after a mark; marks come in the order of effective time."""
    match mark.what:
        case "stated":
            return _stated(standing, mark)
        case "confirmed":
            return _confirmed(standing, mark)
        case "diverged":
            return _diverged(standing, mark)
        case "reconciled":
            return replace(standing, readings=_reconciled(standing.readings, mark))
        case "unsettled":
            drift = Drift(mark.cause or "reorganization", mark.of, mark.at, mark.position)
            return replace(standing, drifts=standing.drifts | dict.fromkeys(mark.parties, drift))
        case "succeeded":
            return _succeeded(standing, mark)
        case "defined" | "aimed" | "dated":
            return _stance(standing, mark)
        case "worded":
            return _worded(standing, mark)
        case "retired":
            return replace(standing, retired=True)


def _worded(standing: Standing, mark: Mark) -> Standing:
    said = standing.wordings.get(mark.context, {}) | dict.fromkeys(mark.parties, mark.text or "")
    wordings = standing.wordings | {mark.context: said}
    return replace(standing, kind=mark.kind or standing.kind, wordings=wordings)


def _stated(standing: Standing, mark: Mark) -> Standing:
    version = mark.version or standing.version
    confirmations = standing.confirmations
    if mark.immaterial and version:
        confirmations = {party: _carried(given, version, standing) for party, given in confirmations.items()}
    changed = version != standing.version
    text = {} if version is None else {version: mark.text or standing.texts.get(version)}
    return replace(
        standing,
        kind=mark.kind or standing.kind,
        version=version,
        version_at=mark.at if changed else standing.version_at,
        texts=standing.texts | text,
        parties=mark.parties or standing.parties,
        functions=mark.functions or standing.functions,
        confirmations=confirmations,
        tolerance_days=standing.tolerance_days if mark.tolerance_days is None else mark.tolerance_days,
        retired=False,
    )


def _carried(given: Mapping[str, Confirmation], version: str, standing: Standing) -> dict[str, Confirmation]:
    return {
        function: replace(c, version=version, carried_over=True) if c.version == standing.version else c
        for function, c in given.items()
    }


def _confirmed(standing: Standing, mark: Mark) -> Standing:
    version = mark.version or standing.version
    if version is None:
        return standing
    confirmations, readings, stances = dict(standing.confirmations), dict(standing.readings), dict(standing.stances)
    for party in mark.parties:
        given = Confirmation(version, mark.at, mark.position, mark.seat, mark.person)
        confirmations[party] = confirmations.get(party, {}) | {mark.function: given}
        kept = {f: r for f, r in readings.get(party, {}).items() if not _given_up(r, f, mark)}
        readings[party] = kept
        if standing.kind == "metric" and mark.function == WHOLE_PARTY:
            stances[party] = replace(stances.get(party, Stance()), version=version, text=standing.texts.get(version))
    after = replace(
        standing,
        confirmations=confirmations,
        readings={party: kept for party, kept in readings.items() if kept},
        stances=stances,
    )
    settled = [party for party in mark.parties if holds(after, party)]
    return replace(after, drifts={p: d for p, d in after.drifts.items() if p not in settled})


def _given_up(reading: Reading, function: str, mark: Mark) -> bool:
    """Say whether a confirmation gives a reading up: one of a later version does."""
    return reading.version != mark.version and mark.function in {WHOLE_PARTY, function}


def _diverged(standing: Standing, mark: Mark) -> Standing:
    reading = Reading(mark.text or "", standing.version, mark.at)
    own = {party: standing.readings.get(party, {}) | {mark.function: reading} for party in mark.parties}
    return replace(standing, readings=standing.readings | own)


def _reconciled(readings: Mapping[str, dict[str, Reading]], mark: Mark) -> dict[str, dict[str, Reading]]:
    left = {
        party: {f: r for f, r in given.items() if party not in mark.parties or mark.function not in {WHOLE_PARTY, f}}
        for party, given in readings.items()
    }
    return {party: given for party, given in left.items() if given}


def _succeeded(standing: Standing, mark: Mark) -> Standing:
    """Put a new party in the place of an old one; it has confirmed and said nothing yet."""
    old, new = mark.parties
    without = {party: kept for party, kept in standing.readings.items() if party != old}
    return replace(
        standing,
        parties=tuple(new if party == old else party for party in standing.parties),
        functions={p: f for p, f in standing.functions.items() if p != old},
        readings=without,
        drifts={p: d for p, d in standing.drifts.items() if p != old},
        stances={p: s for p, s in standing.stances.items() if p != old},
    )


def _stance(standing: Standing, mark: Mark) -> Standing:
    (party,) = mark.parties
    stance = standing.stances.get(party, Stance())
    if mark.what == "aimed":
        stance = replace(stance, target=mark.target, unit=mark.unit)
    elif mark.what == "dated":
        stance = replace(stance, horizon=mark.horizon, tolerance_days=mark.tolerance_days)
    else:
        stance = replace(stance, version=mark.version, text=mark.text)
        if mark.version is not None:
            standing = _stated(standing, replace(mark, parties=(), text=standing.texts.get(mark.version) or mark.text))
    return replace(standing, stances=standing.stances | {party: stance})
