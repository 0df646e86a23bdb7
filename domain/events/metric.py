"""A metric that both parties measure themselves by, stated by each in its own words, target and horizon."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from domain.events.event import Event
from domain.values import Id, Text

MetricClass = Literal["outcome", "leading", "tactical", "alignment"]


class MetricEvent(Event):
    """A fact about one metric agreement; each version of its definition is an understanding."""

    NOUN: ClassVar[str] = "metric"
    SUBJECT: ClassVar[str | None] = "metric"
    metric: Id


class MetricProposed(MetricEvent, name="metric-proposed"):
    """A metric was put forward."""

    title: Text | None = None
    unit: Id
    metric_class: MetricClass = Field(alias="class")
    owner: Id | None = None
    by: Id | None = None
    cadence: Id | None = None
    template: Id | None = None
    stage: Id | None = None
    parties: tuple[Id, ...] = ()
    functions: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    serves: Id | None = None
    work_streams: tuple[Id, ...] = ()
    terms: tuple[Id, ...] = ()
    tolerance_days: int = Field(default=0, ge=0)


class DefinitionStated(MetricEvent, name="definition-stated"):
    """A party stated its definition: the text of a version."""

    party: Id
    version: Id
    definition: Text


class TargetStated(MetricEvent, name="target-stated"):
    """A party stated its target, and where it starts from."""

    party: Id
    target: Decimal
    unit: Id
    baseline: Decimal | None = None


class HorizonStated(MetricEvent, name="horizon-stated"):
    """A party stated by when, and how far apart horizons may be for it (else as the metric was proposed)."""

    party: Id
    horizon: date
    tolerance_days: int | None = Field(default=None, ge=0)


class MetricAgreed(MetricEvent, name="metric-agreed"):
    """The parties agreed on it, perhaps with a divergence that both can see.

    Agreeing confirms nothing by itself; `confirmed_by` are the parties that confirmed the version with it.
    """

    version: Id
    by: tuple[Id, ...] = ()
    confirmed_by: tuple[Id, ...] = ()
    with_divergence: bool = False


class MetricRebaselined(MetricEvent, name="metric-rebaselined"):
    """Its baseline changed, from a period on."""

    baseline: Decimal
    unit: Id
    from_: date = Field(alias="from")
    version: Id | None = None


class TargetRevised(MetricEvent, name="target-revised"):
    """A party's target changed."""

    party: Id
    target: Decimal
    unit: Id


class Observation(MetricEvent):
    """A value of a metric for a period, its first and last day."""

    period_start: date
    period_end: date

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Observation":
        if self.period_end < self.period_start:
            rule = f"the period ends ({self.period_end}) before it starts ({self.period_start})"
            raise ValueError(rule)
        return self


class ObservationReported(Observation, name="observation-reported"):
    """A value was observed for a period, on evidence."""

    value: Decimal
    unit: Id
    by: Id | None = None
    query: Text | None = None


class ObservationRestated(Observation, name="observation-restated"):
    """A value that was reported before was put right."""

    value: Decimal
    unit: Id
    by: Id | None = None


class MetricSuspended(MetricEvent, name="metric-suspended"):
    """It rests."""


class MetricRetired(MetricEvent, name="metric-retired"):
    """It is no longer measured by."""
