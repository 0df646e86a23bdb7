"""Which fields of which events mark an understanding: what a read model of alignment decodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whatever is said of an understanding by its id."""

    understanding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated(Named):
    """An understanding in a version."""

    kind: str
    version: str
    text: str | None = None
    parties: tuple[str, ...] = ()
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    immaterial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Named):
    """A party, or a function of it, holds a version."""

    party: str
    version: str
    function: str | None = None
    seat: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged(Named):
    """A party reads it differently."""

    party: str
    reading: str
    function: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Named):
    """A party gave its reading up."""

    party: str
    function: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled(Named):
    """Drift touched it for some parties."""

    parties: tuple[str, ...]
    cause: str
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNamed:
    """Whatever is said of a metric by its id."""

    metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed(MetricNamed):
    """A metric was put forward."""

    parties: tuple[str, ...] = ()
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined(MetricNamed):
    """A party's definition."""

    party: str
    version: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimed(MetricNamed):
    """A party's target."""

    party: str
    target: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(MetricNamed):
    """A party's horizon, an ISO date."""

    party: str
    horizon: str
    tolerance_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed(MetricNamed):
    """The parties agreed on a version."""

    version: str
    confirmed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebaselined(MetricNamed):
    """The baseline changed, perhaps in a new version."""

    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What a party means by a term."""

    term: str
    party: str
    reading: str
    context: str | None = None
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermReconciled:
    """The one reading that the parties agreed on."""

    term: str
    reading: str
    version: str
    by: tuple[str, ...] = ()
    confirmed_by: tuple[str, ...] = ()
    context: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyId:
    """A party, by its id."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Formed:
    """Who the parties are."""

    parties: tuple[PartyId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A charter version came into force."""

    version: str
    confirmed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """A charter version took the place of another."""

    version: str
    immaterial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratified:
    """A party ratified a charter version."""

    version: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionNamed:
    """A decision whose outcome stands no longer."""

    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeDeclared:
    """A reorganization touched these."""

    reorganization: str
    party: str
    unsettles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """A person left."""

    person: str
    party: str
    unsettles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """A party's owner changed, or a new party came in its place."""

    party: str | None = None
    old: str | None = None
    new: str | None = None
    unsettles: tuple[str, ...] = ()


MARKING_FIELDS: Mapping[str, type[Any]] = {
    "understanding-stated": Stated,
    "confirmed": Confirmed,
    "divergence-stated": Diverged,
    "divergence-reconciled": Reconciled,
    "understanding-unsettled": Unsettled,
    "understanding-retired": Named,
    "metric-proposed": Proposed,
    "definition-stated": Defined,
    "target-stated": Aimed,
    "target-revised": Aimed,
    "horizon-stated": Dated,
    "metric-agreed": Agreed,
    "metric-rebaselined": Rebaselined,
    "metric-retired": MetricNamed,
    "term-reading-stated": Worded,
    "term-reconciled": TermReconciled,
    "alliance-formed": Formed,
    "charter-adopted": Adopted,
    "charter-amended": Amended,
    "charter-ratified": Ratified,
    "decision-superseded": DecisionNamed,
    "decision-voided": DecisionNamed,
    "decision-reopened": DecisionNamed,
    "scope-declared": ScopeDeclared,
    "priority-changed": ScopeDeclared,
    "person-departed": Departed,
    "party-succeeded": Succeeded,
}

CREATES = frozenset(
    {"understanding-stated", "metric-proposed", "term-reading-stated", "term-reconciled", "alliance-formed"}
)
"""The events with which an understanding begins; others say nothing of one that never did."""
