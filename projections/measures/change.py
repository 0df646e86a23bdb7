"""Change: where the pace of decisions split in two, and when a running sum of slowness would have sounded."""

from collections.abc import Mapping, Sequence
from math import expm1
from statistics import fmean, pstdev
from typing import Any

from projections.estimators.change_point import best_split
from projections.estimators.cusum import cusum, run_length
from projections.estimators.samples import log_days
from projections.measures.asking import Measure, Question, Rows, Table, figures
from projections.measures.cases import Case, cohort, counted, said_day, time_between

LEARNED_MIN = 10
SLACK_SIGMAS = 0.5
THRESHOLD_SIGMAS = 5.0


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer whether the level of log durations changed, by order of endings."""
    chosen = cohort(rows, question)
    done = sorted((case for case in chosen.cases if case.ended), key=lambda c: (c.until, c.row.decision, c.number))
    logs = log_days(time_between(case, case.start, case.until, question) for case in done)
    return counted(chosen, rows) | {
        "baseline": "one level for all of them",
        "split": _split(done, logs),
        "cusum": _cusum(done, logs),
    }


def _split(done: Sequence[Case], logs: list[float]) -> dict[str, Any] | None:
    found = best_split(logs)
    if found is None:
        return None
    reduction = found.reduction
    return {
        "n": len(logs),
        "split_index": found.index,
        "first_decision_after": done[found.index].row.decision,
        "at": done[found.index].until,
        "geo_mean_before_days": expm1(found.mean_before),
        "geo_mean_after_days": expm1(found.mean_after),
        "sse_reduction": None if reduction is None else float(reduction),
    }


def _cusum(done: Sequence[Case], logs: list[float]) -> dict[str, Any] | None:
    """Learn level and spread from the first third, then watch the rest for slowness and for speed."""
    learned = len(logs) // 3
    if learned < LEARNED_MIN or not pstdev(logs[:learned]):
        return None
    level, sigma = fmean(logs[:learned]), pstdev(logs[:learned])
    watched = {"slower": logs[learned:], "faster": [-value for value in logs[learned:]]}
    alarms = {}
    for way, series in watched.items():
        target = level if way == "slower" else -level
        found = cusum(series, target=target, slack=SLACK_SIGMAS * sigma, threshold=THRESHOLD_SIGMAS * sigma)
        alarms[way] = None if found.alarm is None else _alarm(done[learned + found.alarm])
    return {
        "learned_from_first": learned,
        "level_days": expm1(level),
        "slack_sigmas": SLACK_SIGMAS,
        "threshold_sigmas": THRESHOLD_SIGMAS,
        "run_length_without_change": run_length(slack_sigmas=SLACK_SIGMAS, threshold_sigmas=THRESHOLD_SIGMAS),
        "alarms": alarms,
    }


def _alarm(case: Case) -> dict[str, Any]:
    return {"decision": case.row.decision, "at": case.until}


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    split = data["split"] or {}
    running = data["cusum"] or {"alarms": {}}
    return [
        figures("The best single split", split | ({"at": said_day(split["at"])} if split else {})),
        Table(
            "First alarm of the running sum",
            ("way", "decision", "at"),
            tuple(
                (way, *(alarm or {"decision": None, "at": None}).values()) for way, alarm in running["alarms"].items()
            ),
        ),
    ]


MEASURE = Measure("change", "Did the pace change, and when?", answer, tables)
