"""What may be asked of metrics, terms and understandings."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field

from domain.commands.command import Command
from domain.events.metric import MetricClass
from domain.events.understanding import UnderstandingKind
from domain.values import Id, Text


class MetricCommand(Command, abstract=True):
    """A wish about one metric agreement."""

    NOUN: ClassVar[str] = "metric"
    SUBJECT: ClassVar[str | None] = "metric"
    metric: Id


class ProposeMetric(MetricCommand):
    """Put a metric forward."""

    title: Text | None = None
    unit: Id
    metric_class: MetricClass = Field(alias="class")
    owner: Id | None = None
    by: Id | None = None
    cadence: Id | None = None
    template: Id | None = None
    functions: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    serves: Id | None = None
    work_streams: tuple[Id, ...] = ()
    terms: tuple[Id, ...] = ()
    tolerance_days: int = Field(default=0, ge=0)


class ProposeFromTemplate(MetricCommand):
    """Put forward a metric that the field uses; a unit or cadence of one's own takes the place of the template's.

    Where the template has stages, or some are named, there is one metric for each, called `metric-stage`.
    """

    template: Id
    stages: tuple[Id, ...] = ()
    unit: Id | None = None
    cadence: Id | None = None
    owner: Id | None = None
    by: Id | None = None
    serves: Id | None = None
    work_streams: tuple[Id, ...] = ()
    tolerance_days: int = Field(default=0, ge=0)


class StateDefinition(MetricCommand):
    """State a party's definition."""

    party: Id
    version: Id
    definition: Text


class StateTarget(MetricCommand):
    """State a party's target."""

    party: Id
    target: Decimal
    unit: Id
    baseline: Decimal | None = None


class StateHorizon(MetricCommand):
    """State by when a party wants it."""

    party: Id
    horizon: date
    tolerance_days: int | None = Field(default=None, ge=0)


class AgreeMetric(MetricCommand):
    """Agree on it."""

    version: Id
    by: tuple[Id, ...] = ()
    confirmed_by: tuple[Id, ...] = ()


class RebaselineMetric(MetricCommand):
    """Change its baseline from a period on."""

    baseline: Decimal
    unit: Id
    from_: date = Field(alias="from")
    version: Id | None = None


class ReviseTarget(MetricCommand):
    """Change a party's target."""

    party: Id
    target: Decimal
    unit: Id


class ReportObservation(MetricCommand):
    """Report a value for a period."""

    period_start: date
    period_end: date
    value: Decimal
    unit: Id
    by: Id | None = None
    query: Text | None = None


class RestateObservation(MetricCommand):
    """Put a reported value right."""

    period_start: date
    period_end: date
    value: Decimal
    unit: Id
    by: Id | None = None


class SuspendMetric(MetricCommand):
    """Let it rest."""


class RetireMetric(MetricCommand):
    """Stop measuring by it."""


class UnderstandingCommand(Command, abstract=True):
    """A wish about one understanding."""

    NOUN: ClassVar[str] = "understanding"
    SUBJECT: ClassVar[str | None] = "understanding"
    understanding: Id


class StateUnderstanding(UnderstandingCommand):
    """State a version. A change that is immaterial to every party carries their confirmations over."""

    kind: UnderstandingKind
    version: Id
    title: Text | None = None
    text: Text | None = None
    for_: tuple[Id, ...] = Field(default=(), alias="for")
    shown_by: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    order: tuple[Id, ...] = ()
    resources: dict[Id, Text] = Field(default_factory=dict)
    work_streams: tuple[Id, ...] = ()
    terms: tuple[Id, ...] = ()
    body: Id | None = None
    parties: tuple[Id, ...] = ()
    immaterial_to: tuple[Id, ...] = ()
    functions: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    serves: Id | None = None
    by: Id | None = None


class Confirm(UnderstandingCommand):
    """Say that a party holds a version."""

    party: Id
    version: Id
    function: Id | None = None
    seat: Id | None = None
    delegate_of: Id | None = None
    meaning: Literal["approval", "review", "responsibility"] | None = None


class ConfirmMany(Command):
    """Say that a party holds several understandings, each in a version."""

    NOUN: ClassVar[str] = "understanding"
    SUBJECT: ClassVar[str | None] = "party"
    party: Id
    versions: dict[Id, Id] = Field(min_length=1, max_length=2000)
    function: Id | None = None
    seat: Id | None = None
    delegate_of: Id | None = None
    meaning: Literal["approval", "review", "responsibility"] | None = None


class RetireUnderstanding(UnderstandingCommand):
    """Say that it no longer has to be held."""


class StateDivergence(UnderstandingCommand):
    """Say that a party reads it differently."""

    party: Id
    reading: Text
    function: Id | None = None


class ReconcileDivergence(UnderstandingCommand):
    """Give a differing reading up."""

    party: Id
    function: Id | None = None


class StateTermReading(Command):
    """Say what a party means by a word."""

    NOUN: ClassVar[str] = "term"
    SUBJECT: ClassVar[str | None] = "term"
    term: Id
    party: Id
    reading: Text
    context: Id | None = None
    clauses: tuple[Id, ...] = ()


class ReconcileTerm(Command):
    """Agree on one reading of a word."""

    NOUN: ClassVar[str] = "term"
    SUBJECT: ClassVar[str | None] = "term"
    term: Id
    reading: Text
    version: Id
    by: tuple[Id, ...] = ()
    confirmed_by: tuple[Id, ...] = ()
    context: Id | None = None
    clauses: tuple[Id, ...] = ()
