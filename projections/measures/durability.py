"""Whether it stays decided: reopenings per decision since its first ending; reversals and supersessions apart."""

from collections.abc import Mapping
from typing import Any

from domain.values import SECONDS_PER_DAY
from projections.decision_times import Row
from projections.estimators.at_risk import Span
from projections.estimators.recurrence import CumulativeMean, Recurrent, mean_cumulative
from projections.estimators.survival import kaplan_meier
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import cohort, counted

KINDS = ("reopenings", "reversals", "supersessions")


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer whether decisions stay decided, clock 0 at the first ending."""
    at = question.effective_at
    followed = [unit for row in rows.decision_times if (unit := _followed(row, at)) is not None]
    means = {kind: mean_cumulative(Recurrent(0, until, times[kind]) for until, times in followed) for kind in KINDS}
    reopened = [times["reopenings"] for _, times in followed]
    first = [
        Span(None, min((until, *again)), bool(again)) for (until, _), again in zip(followed, reopened, strict=True)
    ]
    last = max((until for until, _ in followed), default=None)
    lasting = kaplan_meier(first, followed_until=last)
    return counted(cohort(rows, question), rows) | {
        "baseline": "reopened decisions over decided ones, which counts none of the time since",
        "followed": len(followed),
        "happened": {kind: sum(means[kind].happened) for kind in KINDS},
        "mean_per_decision": {kind: _at_days(means[kind], question) for kind in KINDS},
        "never_reopened": [
            {"days": day, "share": None if s is None else float(s)}
            for day in question.at_days
            for s in (lasting.survival_at(day * SECONDS_PER_DAY),)
        ],
        "naive_share_reopened": sum(map(bool, reopened)) / len(followed) if followed else None,
    }


def _followed(row: Row, at: int) -> tuple[int, dict[str, tuple[int, ...]]] | None:
    """Return how long a decision was followed since its first ending, and what happened when; None without one."""
    cycle = row.cycles[0]
    ended = row.first_at if cycle.status == "inherited" else cycle.end
    if ended is None or ended > at or cycle.status not in {"inherited", "ended"}:
        return None
    happened = {
        "reopenings": [later.start for later in row.cycles[1:] if later.start is not None],
        "reversals": row.reversed_at,
        "supersessions": row.superseded_at,
    }
    return at - ended, {
        kind: tuple(sorted(max(0, instant - ended) for instant in instants if instant <= at))
        for kind, instants in happened.items()
    }


def _at_days(mean: CumulativeMean, question: Question) -> list[dict[str, Any]]:
    values = [(at, mean.mean_at(at * SECONDS_PER_DAY)) for at in question.at_days]
    return [{"days": at, "mean": None if value is None else float(value)} for at, value in values]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    means = data["mean_per_decision"]
    rows = zip(*(means[kind] for kind in KINDS), data["never_reopened"], strict=True)
    return [
        Table(
            "Per decision, since it was decided",
            ("days", *KINDS, "never reopened %"),
            tuple((r[0]["days"], *(cell["mean"] for cell in r[:-1]), r[-1]["share"]) for r in rows),
        )
    ]


MEASURE = Measure(
    "durability",
    "Does it stay decided?",
    answer,
    tables,
    {"followed": lambda data: data["followed"], "reopenings": lambda data: data["happened"]["reopenings"]},
)
