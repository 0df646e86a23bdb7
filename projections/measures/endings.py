"""How decisions end: the chance of each ending, beside what counting the others as censored would claim."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from domain.values import SECONDS_PER_DAY
from projections.estimators.competing_risks import aalen_johansen
from projections.measures import decision_times
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import cohort, counted


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer how decisions end."""
    chosen = cohort(rows, question)
    incidence = aalen_johansen(chosen.ending_spans())
    open_at = [incidence.any_ending.survival_at(at * SECONDS_PER_DAY) for at in question.at_days]
    return counted(chosen, rows) | {
        "baseline": "1 - KM of each ending, with the other endings counted as censored",
        "counts": dict(sorted(Counter(case.ending for case in chosen.cases if case.ending).items())),
        "endings": decision_times.endings(incidence, question),
        "one_minus_survival": decision_times.naive_endings(chosen, incidence),
        "still_open": [
            {"days": at, "share": None if s is None else float(s)}
            for at, s in zip(question.at_days, open_at, strict=True)
        ],
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    naive = data["one_minus_survival"]
    place = _latest_known(data["still_open"])
    last = [
        (ending, count, data["endings"][ending][place]["incidence"], naive[ending][place]["one_minus_survival"])
        for ending, count in data["counts"].items()
    ]
    days = data["still_open"][place]["days"] if data["still_open"] else 0
    return [
        decision_times.incidence_table(data["endings"]),
        Table("Ways to end", ("ending", "how many", f"chance by {days} days %", "1 - KM would claim %"), tuple(last)),
    ]


def _latest_known(still_open: Sequence[Mapping[str, Any]]) -> int:
    """Return the place of the latest age at which somebody was still watched, else of the latest asked about."""
    known = (place for place, point in enumerate(still_open) if point["share"] is not None)
    return max(known, default=-1)


MEASURE = Measure("endings", "How do decisions end?", answer, tables)
