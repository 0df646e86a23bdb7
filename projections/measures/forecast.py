"""Forecast: how many decisions the coming weeks bring if they are like the past ones, and what to commit to."""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from domain.values import SECONDS_PER_DAY
from projections.estimators.forecast import Forecast, convolve, simulate
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import cohort, counted, refuse_cohort_figures

WEEK_SECONDS = 7 * SECONDS_PER_DAY
LEVELS = ("0.5", "0.7", "0.85", "0.95")
RUNS = 10_000


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer how many will be decided, exactly, and by a seeded simulation for who trusts one more."""
    refuse_cohort_figures(rows, "a forecast")
    chosen = cohort(rows, question)
    ended = sorted(case.until for case in chosen.cases if case.ended)
    since = question.effective_at - question.history_weeks * WEEK_SECONDS
    edges = [bisect_right(ended, since + week * WEEK_SECONDS) for week in range(question.history_weeks + 1)]
    history = [after - before for before, after in pairwise(edges)]
    exact = convolve(history, weeks=question.weeks)
    drawn = simulate(history, weeks=question.weeks, runs=RUNS, seed=question.seed)
    return counted(chosen, rows) | {
        "baseline": f"the last {question.history_weeks} weeks, each as likely as the other",
        "weeks": question.weeks,
        "weekly_history": history,
        "open": len(chosen.cases) - sum(case.ended or case.transferred for case in chosen.cases),
        "commitments": _commitments(exact),
        "simulated": {"runs": RUNS, "seed": question.seed, "commitments": _commitments(drawn)},
    }


def _commitments(forecast: Forecast | None) -> list[dict[str, Any]]:
    if forecast is None:
        return []
    levels = [(level, forecast.commitment(float(level))) for level in LEVELS]
    return [{"level": level, "at_least": total, "chance": float(forecast.at_least(total))} for level, total in levels]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    drawn = {each["level"]: each["at_least"] for each in data["simulated"]["commitments"]}
    return [
        Table(
            f"Decided in the next {data['weeks']} weeks",
            ("sure to", "at least", "chance %", "simulated"),
            tuple(
                (f"{float(e['level']):.0%}", e["at_least"], e["chance"], drawn[e["level"]]) for e in data["commitments"]
            ),
        )
    ]


MEASURE = Measure("forecast", "How many decisions will the coming weeks bring?", answer, tables)
