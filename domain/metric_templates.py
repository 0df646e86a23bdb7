"""Metrics that the field uses, ready to be proposed: a definition, a unit, a class, a cadence, and what feeds them."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.events.metric import MetricClass


@dataclass(frozen=True, slots=True)
class Template:
    """A metric to propose, one for each of its `stages` where it has some.

    `feeds` names the measure or the events that it comes from, where nobody types it.
    """

    title: str
    unit: str
    metric_class: MetricClass
    cadence: str
    definition: str
    feeds: str | None = None
    stages: tuple[str, ...] = ()


TEMPLATES: Mapping[str, Template] = {
    "bookings": Template(
        "Bookings", "EUR", "leading", "quarter", "Value of orders signed in the quarter, before cancellations"
    ),
    "revenue": Template(
        "Revenue", "EUR", "outcome", "quarter", "Revenue recognized in the quarter from joint business"
    ),
    "new_business": Template(
        "New business", "EUR", "outcome", "quarter", "Revenue from customers that neither party had before"
    ),
    "joint_references": Template(
        "Joint references",
        "customers",
        "leading",
        "quarter",
        "Customers at this stage of the funnel that speak for both parties",
        stages=("lead", "qualified", "proposal", "won"),
    ),
    "product_gaps_filled": Template(
        "Product gaps filled", "gaps", "tactical", "quarter", "Gaps of the agreed list that a release has closed"
    ),
    "releases": Template("Releases", "releases", "tactical", "quarter", "Joint releases that customers can use"),
    "orders_in_time": Template(
        "Orders passed in time",
        "percent",
        "tactical",
        "month",
        "Share of orders handed to the partner within the agreed days, from the order's own events",
        feeds="obligations of kind order, met by the end of their due day",
    ),
    "booked_in_quarter": Template(
        "Orders booked in their quarter",
        "percent",
        "tactical",
        "quarter",
        "Share of orders booked in the quarter signed",
    ),
    "decision_days": Template(
        "Median days to a decision",
        "days",
        "alignment",
        "quarter",
        "Kaplan-Meier median of days to a decision, open ones counted",
        feeds="measure decision-times",
    ),
    "decision_efficiency": Template(
        "Alignment efficiency",
        "percent",
        "alignment",
        "quarter",
        "Share of open decision time that was work, at least, as reported",
        feeds="measure alignment-efficiency",
    ),
    "alignment_availability": Template(
        "Alignment availability",
        "percent",
        "alignment",
        "quarter",
        "Share of time in which what must be held in common was held by all",
        feeds="measure alignment-efficiency",
    ),
}
