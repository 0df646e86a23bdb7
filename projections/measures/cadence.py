"""The cadence tax: how long a question waits for the next meeting of each body."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from projections.estimators.cadence import CadenceWait, cadence_wait
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import cohort, counted, days


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer the mean wait for the next meeting, against half the mean gap that a calendar suggests."""
    bodies = {
        f"{row.alliance}/{row.body}": cadence_wait(_gaps(row.held_at, question.effective_at))
        for row in sorted(rows.meeting_times, key=lambda row: (row.alliance, row.body))
    }
    return counted(cohort(rows, question), rows) | {
        "baseline": "half the mean gap between meetings",
        "bodies": {body: _told(wait) for body, wait in bodies.items()},
    }


def _gaps(held_at: tuple[int, ...], at: int) -> list[int]:
    return [after - before for before, after in pairwise(instant for instant in held_at if instant <= at)]


def _told(wait: CadenceWait) -> dict[str, Any]:
    return {
        "gaps": wait.gaps,
        "wait_days": days(wait.expected),
        "half_mean_gap_days": days(wait.half_mean_gap),
        "mean_gap_met_days": days(wait.mean_gap_met),
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    rows = tuple((body, *wait.values()) for body, wait in data["bodies"].items())
    return [Table("Waiting for the next meeting", ("body", "gaps", "mean wait", "half the mean gap", "gap met"), rows)]


MEASURE = Measure("cadence", "How long does a question wait for the next meeting?", answer, tables)
