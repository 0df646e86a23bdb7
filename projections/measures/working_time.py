"""Working-time clocks: the same decisions by elapsed time, without pauses, and by business days."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from projections.estimators.survival import kaplan_meier
from projections.measures.asking import QUANTILES_SHOWN, Clock, Measure, Question, Rows, Table
from projections.measures.cases import cohort, counted, days

CLOCKS: tuple[Clock, ...] = ("elapsed", "active", "business")


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer how long decisions take by each clock."""
    by_clock = {}
    for name in CLOCKS:
        curve = kaplan_meier(cohort(rows, replace(question, clock=name)).spans())
        by_clock[name] = {p: days(curve.quantile(float(p))) for p in QUANTILES_SHOWN}
    return counted(cohort(rows, question), rows) | {
        "baseline": "elapsed time",
        "quantiles_days": by_clock,
        "calendar": {"name": question.calendar, "parties": sorted(question.calendars)},
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    return [
        Table(
            f"Days until so many were decided; business days by the calendar {data['calendar']['name']}",
            ("clock", *(f"{float(p):.0%}" for p in QUANTILES_SHOWN)),
            tuple((name, *quantiles.values()) for name, quantiles in data["quantiles_days"].items()),
        )
    ]


MEASURE = Measure("working-time", "How long in working time?", answer, tables)
