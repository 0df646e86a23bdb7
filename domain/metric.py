"""A metric agreement: each party states its definition, target and horizon; they agree, perhaps with a divergence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.alignment.marking import marks_of
from domain.alignment.standing import Standing, evolve_standing, gaps_of
from domain.commands import alignment as asks
from domain.confirming import functions_named
from domain.errors import Impossible
from domain.events import metric as told
from domain.events.understanding import UnderstandingUnsettled
from domain.judging import Broken, judged
from domain.metric_templates import TEMPLATES
from domain.operating_profile import regulated_broken
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.speaking import for_itself
from domain.understanding import refuse_unknown_work_streams, standing_of

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class Metric:
    """What the next message about a metric needs. `periods` maps a period to the event that observed it last."""

    standing: Standing
    unit: str
    proposed_by_event: str
    since: int
    title: str | None = None
    metric_class: str | None = None
    agreed: str | None = None
    suspended: bool = False
    work_streams: tuple[str, ...] = ()
    periods: Mapping[tuple[date, date], str] = field(default_factory=dict)


def decide_metric(message: Any, metric: Metric | None, book: "Book", envelope: Envelope) -> list[Decided[Any]]:  # noqa: ANN401
    """Return the facts that follow from *message*, or refuse it."""
    if isinstance(message, asks.ProposeFromTemplate):
        each = [_asked(proposed, book) for proposed in _from_template(message)]
        for proposed in each:
            _proposed_possibly(proposed, book.state("metric", proposed.metric), book)
        return [decided for proposed in each for decided in judged(message, proposed, [])]
    fact = _asked(message, book)
    if isinstance(fact, told.MetricProposed):
        _proposed_possibly(fact, metric, book)
        return judged(message, fact, [])
    if metric is None:
        raise Impossible(f"metric {fact.metric!r} was never proposed", rule="proposed_first")
    _possible(fact, metric, book)
    if isinstance(fact, told.MetricAgreed):
        fact = fact.model_copy(
            update={"by": fact.by or book.parties, "with_divergence": _diverges(fact, book) or fact.with_divergence}
        )
    return judged(message, fact, [*_broken(fact, metric, envelope), *regulated_broken(fact, book, envelope)])


def _asked(message: Any, book: "Book") -> Any:  # noqa: ANN401
    kind = _TOLD.get(type(message))
    if kind is not None:
        message = kind.model_validate(message.model_dump(by_alias=True, exclude_unset=True))
    if isinstance(message, told.MetricProposed):
        functions = message.functions or functions_named(message.metric, "metric", book)
        return message.model_copy(update={"parties": message.parties or book.parties, "functions": functions})
    return message


def _from_template(message: asks.ProposeFromTemplate) -> list[told.MetricProposed]:
    template = TEMPLATES.get(message.template)
    if template is None:
        raise Impossible(f"there is no template {message.template!r}: {', '.join(TEMPLATES)}", rule="known_template")
    said = message.model_dump(exclude_unset=True, exclude={"stages"})
    own = {"title": template.title, "class": template.metric_class, "unit": template.unit, "cadence": template.cadence}
    of_stages: list[dict[str, Any]] = [
        {"metric": f"{message.metric}-{stage}", "stage": stage, "title": f"{template.title}: {stage}"}
        for stage in message.stages or template.stages
    ]
    return [told.MetricProposed.model_validate(own | said | of_stage) for of_stage in of_stages or [{}]]


_TOLD: dict[type[Any], Any] = {
    asks.ProposeMetric: told.MetricProposed,
    asks.StateDefinition: told.DefinitionStated,
    asks.StateTarget: told.TargetStated,
    asks.StateHorizon: told.HorizonStated,
    asks.AgreeMetric: told.MetricAgreed,
    asks.RebaselineMetric: told.MetricRebaselined,
    asks.ReviseTarget: told.TargetRevised,
    asks.ReportObservation: told.ObservationReported,
    asks.RestateObservation: told.ObservationRestated,
    asks.SuspendMetric: told.MetricSuspended,
    asks.RetireMetric: told.MetricRetired,
}


def _proposed_possibly(fact: told.MetricProposed, metric: Metric | None, book: "Book") -> None:
    if metric is not None:
        raise Impossible(
            f"metric {fact.metric!r} was proposed already",
            rule="proposed_once",
            because_of=(metric.proposed_by_event,),
        )
    if book.state("term", fact.metric) is not None or standing_of(book, fact.metric) is not None:
        raise Impossible(f"{fact.metric!r} is another understanding already", rule="one_noun_per_id")
    refuse_unknown_work_streams(fact.work_streams, book)
    if outside := [party for party in (*fact.parties, *fact.functions) if party not in book.parties]:
        raise Impossible(
            f"parties: {', '.join(outside)} is no party ({', '.join(book.parties)})", rule="party_of_alliance"
        )


def _possible(fact: Any, metric: Metric, book: "Book") -> None:  # noqa: ANN401
    match fact:
        case told.MetricAgreed(version=version) if version not in metric.standing.texts:
            known = ", ".join(metric.standing.texts) or "none"
            raise Impossible(f"no party stated version {version} (stated: {known})", rule="version_exists")
        case told.MetricAgreed() if outside := [p for p in (*fact.by, *fact.confirmed_by) if p not in book.parties]:
            raise Impossible(f"{', '.join(outside)} is no party ({', '.join(book.parties)})", rule="party_of_alliance")
        case told.ObservationRestated() if (fact.period_start, fact.period_end) not in metric.periods:
            raise Impossible(
                f"nothing was observed from {fact.period_start} to {fact.period_end}: there is nothing to restate",
                rule="restates_an_observation",
            )
        case told.TargetRevised() if (stance := metric.standing.stances.get(fact.party)) is None or not stance.target:
            raise Impossible(f"{fact.party} has stated no target to revise", rule="target_stated_first")
        case _:
            pass


def _diverges(fact: told.MetricAgreed, book: "Book") -> bool:
    standing = standing_of(book, fact.metric)
    if standing is None:
        return False
    gaps = gaps_of(standing)
    return gaps.any or any(standing.readings.values())


def _broken(fact: Any, metric: Metric, envelope: Envelope) -> Iterator[Broken]:  # noqa: ANN401
    if metric.standing.retired:
        yield Broken("in_force", f"metric {fact.metric!r} was retired")
    yield from for_itself(fact, envelope)
    match fact:
        case told.DefinitionStated(version=version) if (
            metric.standing.texts.get(version, fact.definition) != fact.definition
        ):
            yield Broken(
                "version_says_one_thing", f"version {version} says something else; state it as another version"
            )
        case told.HorizonStated() if fact.horizon <= day_of(envelope.effective_at, envelope.zone):
            yield Broken("horizon_ahead", f"horizon {fact.horizon} is not after the day it was stated")
        case told.ObservationReported() | told.ObservationRestated():
            yield from _observation_broken(fact, metric, envelope)
        case _:
            pass


def _observation_broken(
    fact: told.ObservationReported | told.ObservationRestated, metric: Metric, envelope: Envelope
) -> Iterator[Broken]:
    period = (fact.period_start, fact.period_end)
    if fact.unit != metric.unit:
        yield Broken(
            "unit_of_the_metric",
            f"{fact.metric!r} is measured in {metric.unit}, not {fact.unit}",
            (metric.proposed_by_event,),
        )
    if fact.period_start > day_of(envelope.effective_at, envelope.zone):
        yield Broken("observed_in_its_period", f"the period {fact.period_start} to {fact.period_end} has not begun")
    if isinstance(fact, told.ObservationRestated):
        return
    if period in metric.periods:
        yield Broken(
            "observed_once", f"{period[0]} to {period[1]} was observed already; restate it", (metric.periods[period],)
        )


def day_of(seconds: int, zone: str) -> date:
    """Return the day that an instant falls on in a zone."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).date()


def lapsed_horizons(book: "Book", today: date) -> list[UnderstandingUnsettled]:
    """Return what the clerk has to record: metrics with a party's horizon before *today*, each horizon once."""
    due = []
    for name, metric in book.of("metric").items():
        gone = {s.horizon for s in metric.standing.stances.values() if s.horizon and s.horizon < today.isoformat()}
        unsaid = sorted(gone - set(_lapsed(book, name)))
        if unsaid and not metric.standing.retired:
            due.append(
                UnderstandingUnsettled(understanding=name, parties=book.parties, cause="lapsed_horizon", of=unsaid[-1])
            )
    return due


def _lapsed(book: "Book", name: str) -> tuple[str, ...]:
    own = book.state("understanding", name)
    return own.lapsed if own else ()


def evolve_metric(metric: Metric | None, recorded: Recorded[Any]) -> Metric:
    """Return the metric after the event."""
    fact = recorded.fact
    if metric is None:
        if not isinstance(fact, told.MetricProposed):
            raise Impossible(f"{recorded.name} of a metric that was never proposed", rule="proposed_first")
        metric = Metric(
            Standing(),
            fact.unit,
            recorded.meta.event_id,
            recorded.at,
            title=fact.title,
            metric_class=fact.metric_class,
            work_streams=fact.work_streams,
        )
    standing = metric.standing
    for mark in marks_of(recorded):
        standing = evolve_standing(standing, mark)
    metric = replace(metric, standing=standing)
    match fact:
        case told.MetricAgreed():
            return replace(metric, agreed=fact.version, suspended=False)
        case told.MetricSuspended():
            return replace(metric, suspended=True)
        case told.ObservationReported() | told.ObservationRestated():
            period = (fact.period_start, fact.period_end)
            return replace(metric, periods={**metric.periods, period: recorded.meta.event_id})
        case _:
            return metric
