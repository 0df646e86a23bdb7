"""Each metric as both parties see it: stances, observations with evidence, attainment beside the time gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from domain.alignment.standing import plain
from domain.recorded import Recorded
from domain.replacing import replace
from domain.values import SECONDS_PER_DAY
from projections.projection import Key

NAME = "metric_dashboard"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A value of a period, as reported or restated at a place in the log; the last one counts. `at` is in seconds."""

    value: str
    unit: str
    at: int
    position: int
    restated: bool
    by: str | None = None
    query: str | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """A party's target from an instant on."""

    target: str
    unit: str
    baseline: str | None
    at: int
    position: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """From which day on which value is the start."""

    from_day: str
    value: str
    unit: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metric. `seen` goes from a period (first and last day) to its values; days are ISO dates."""

    metric: str
    title: str | None = None
    unit: str | None = None
    metric_class: str | None = None
    owner: str | None = None
    cadence: str | None = None
    template: str | None = None
    serves: str | None = None
    work_streams: tuple[str, ...] = ()
    proposed_at: int = 0
    state: str = "proposed"
    version: str | None = None
    with_divergence: bool = False
    definitions: dict[str, str] = field(default_factory=dict)
    aims: dict[str, tuple[Aim, ...]] = field(default_factory=dict)
    horizons: dict[str, str] = field(default_factory=dict)
    baselines: tuple[Baseline, ...] = ()
    seen: dict[str, tuple[Seen, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about a metric."""

    metric: str
    title: str | None = None
    unit: str | None = None
    metric_class: str | None = None
    owner: str | None = None
    cadence: str | None = None
    template: str | None = None
    serves: str | None = None
    work_streams: tuple[str, ...] = ()
    party: str | None = None
    version: str | None = None
    definition: str | None = None
    target: str | None = None
    baseline: str | None = None
    horizon: str | None = None
    with_divergence: bool = False
    from_: str | None = None
    period_start: str | None = None
    period_end: str | None = None
    value: str | None = None
    by: Any = None
    query: str | None = None


READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "metric-proposed",
        "definition-stated",
        "target-stated",
        "target-revised",
        "horizon-stated",
        "metric-agreed",
        "metric-rebaselined",
        "observation-reported",
        "observation-restated",
        "metric-suspended",
        "metric-retired",
    ),
    Told,
)


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the metric."""
    return ((event.meta.alliance, event.fact.metric),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the metric after the event."""
    fact = event.fact
    if event.name == "metric-proposed":
        return _proposed(fact, event)
    if row is None:
        return None
    match event.name:
        case "definition-stated":
            return replace(row, definitions=row.definitions | {fact.party: fact.definition})
        case "target-stated" | "target-revised":
            return replace(row, aims=row.aims | {fact.party: _aims(row, event)})
        case "horizon-stated":
            return replace(row, horizons=row.horizons | {fact.party: str(fact.horizon)})
        case "metric-agreed":
            return replace(row, state="agreed", version=fact.version, with_divergence=fact.with_divergence)
        case "metric-rebaselined":
            start = Baseline(str(fact.from_), plain(fact.baseline), str(fact.unit), event.position)
            return replace(
                row, baselines=tuple(sorted((*row.baselines, start), key=lambda b: (b.from_day, b.position)))
            )
        case "metric-suspended":
            return replace(row, state="suspended")
        case "metric-retired":
            return replace(row, state="retired")
        case _:
            return replace(row, seen=row.seen | _seen(row, event))


def _proposed(fact: Told, event: Recorded[Any]) -> Row:
    return Row(
        metric=fact.metric,
        title=fact.title,
        unit=fact.unit,
        metric_class=fact.metric_class,
        owner=fact.owner,
        cadence=fact.cadence,
        template=fact.template,
        serves=fact.serves,
        work_streams=tuple(fact.work_streams),
        proposed_at=event.meta.effective_at,
    )


def _aims(row: Row, event: Recorded[Any]) -> tuple[Aim, ...]:
    fact = event.fact
    before = row.aims.get(fact.party, ())
    baseline = plain(fact.baseline) if fact.baseline is not None else before[-1].baseline if before else None
    aim = Aim(plain(fact.target), str(fact.unit), baseline, event.meta.effective_at, event.position)
    return tuple(sorted((*before, aim), key=lambda one: (one.at, one.position)))


def _seen(row: Row, event: Recorded[Any]) -> dict[str, tuple[Seen, ...]]:
    fact = event.fact
    period = f"{fact.period_start}/{fact.period_end}"
    value = Seen(
        value=plain(fact.value),
        unit=str(fact.unit),
        at=event.meta.effective_at,
        position=event.position,
        restated=event.name == "observation-restated",
        by=fact.by,
        query=fact.query,
        evidence=tuple(f"{e.document} {e.sha256}" if e.sha256 else e.document for e in event.meta.evidence),
    )
    return {period: (*row.seen.get(period, ()), value)}


@dataclass(frozen=True, slots=True)
class Point:
    """What a dashboard shows for one period and party: the value, how far it is to the target, how far the time.

    `attained` and `time_gone` are exact shares, None where target, horizon or baseline leave them open. A share of time
    beyond 1 says that the horizon has passed.
    """

    period: str
    party: str
    value: str
    unit: str
    target: str | None
    horizon: str | None
    baseline: str
    attained: Fraction | None
    time_gone: Fraction | None
    restated: bool


def points(row: Row, *, known_at: int | None = None) -> list[Point]:
    """Return what the dashboard shows, or showed when the log stood at a position."""
    found: list[Point] = []
    for period in sorted(row.seen):
        known = [seen for seen in row.seen[period] if known_at is None or seen.position <= known_at]
        if known:
            found.extend(
                _point(row, period, party, known[-1], known_at) for party in sorted({*row.aims, *row.horizons})
            )
    return found


def _point(row: Row, period: str, party: str, seen: Seen, known_at: int | None) -> Point:
    last = date.fromisoformat(period.split("/")[1])
    aims = [aim for aim in row.aims.get(party, ()) if known_at is None or aim.position <= known_at]
    aim = aims[-1] if aims else None
    start = baseline_of(row, last, known_at=known_at) or (aim.baseline if aim and aim.baseline else "0")
    same = aim is not None and aim.unit == seen.unit
    horizon = row.horizons.get(party)
    return Point(
        period=period,
        party=party,
        value=seen.value,
        unit=seen.unit,
        target=aim.target if aim else None,
        horizon=horizon,
        baseline=start,
        attained=attained(seen.value, start, aim.target) if aim and same else None,
        time_gone=time_gone(row.proposed_at, last, horizon),
        restated=seen.restated,
    )


def baseline_of(row: Row, day: date, *, known_at: int | None = None) -> str | None:
    """Return the baseline that holds for a period that ends on a day, None before the first."""
    started = [
        b.value for b in row.baselines if b.from_day <= day.isoformat() and (known_at is None or b.position <= known_at)
    ]
    return started[-1] if started else None


def attained(value: str, baseline: str, target: str) -> Fraction | None:
    """Return how much of the way from baseline to target a value has come; None where there is no way to go."""
    way = Fraction(target) - Fraction(baseline)
    return (Fraction(value) - Fraction(baseline)) / way if way else None


def time_gone(start: int, day: date, horizon: str | None) -> Fraction | None:
    """Return how much of the time from *start* (seconds) to the horizon has gone at the end of a day."""
    if horizon is None:
        return None
    begun = date(1970, 1, 1).toordinal() + start // SECONDS_PER_DAY
    whole = date.fromisoformat(horizon).toordinal() - begun
    return Fraction(day.toordinal() - begun, whole) if whole > 0 else None
