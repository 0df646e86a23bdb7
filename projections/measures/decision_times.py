"""Time to decision: Kaplan-Meier over all decisions, what is still open counted as open."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from domain.values import SECONDS_PER_DAY
from projections.estimators.competing_risks import EndingSpan, Incidence, aalen_johansen, one_minus_survival
from projections.estimators.log_rank import log_rank
from projections.estimators.samples import sample
from projections.estimators.survival import SurvivalCurve
from projections.measures.asking import MEANS_SHOWN, QUANTILES_SHOWN, Measure, Question, Rows, Table
from projections.measures.cases import Cohort, cohort, counted, days

POINTS_MAX = 400
MARKS_MAX = 300


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer how long decisions take, and for contrast what averages over closed ones would say."""
    chosen = cohort(rows, question)
    spans = chosen.ending_spans()
    incidence = aalen_johansen(spans)
    curve = incidence.any_ending
    data = counted(chosen, rows) | {
        "baseline": "closed decisions only, as most tools count",
        "closed_only": closed_only(closed_durations(spans, curve)),
        "quantiles_days": {p: days(curve.quantile(float(p))) for p in QUANTILES_SHOWN},
        "interval": {p: [days(t) for t in curve.quantile_interval(float(p))] for p in QUANTILES_SHOWN},
        "survival": [survival_point(curve, at) for at in question.at_days],
        "rmst_days": {str(tau): days(curve.rmst(tau * SECONDS_PER_DAY)) for tau in MEANS_SHOWN},
        "endings": endings(incidence, question),
    }
    return data | ({"curve": points(curve), "censor_marks": marks(curve)} if question.drawn else {})


def difference(groups: Mapping[str, Rows], question: Question) -> dict[str, Any]:
    """Compare groups by the log-rank test; it says that they differ, not why."""
    test = log_rank({name: cohort(rows, question).spans() for name, rows in groups.items()})
    return {"test": "log-rank", "chi2": test.chi2, "degrees": test.degrees, "p": test.p}


def closed_durations(spans: Sequence[EndingSpan], curve: SurvivalCurve) -> Mapping[int, int]:
    """Count what ended by its duration in seconds: as the curve has counted it, and what was never at risk besides."""
    counts = Counter(dict(zip(curve.at, curve.ended, strict=True)))
    counts.update(left_at for entry, left_at, ending in spans if entry and entry >= left_at and ending is not None)
    return counts


def closed_only(durations: Mapping[int, int]) -> dict[str, Any]:
    """Describe what ended, as if nothing else existed. Durations in seconds, counted."""
    closed = sample(durations)
    return {
        "n": closed.n,
        "mean_days": days(closed.mean()),
        "median_days": days(closed.quantile(0.5)),
        "p90_days": days(closed.quantile(0.9)),
    }


def survival_point(curve: SurvivalCurve, at_days: int) -> dict[str, Any]:
    """Return S with its interval, and how many were at risk, after so many days."""
    t = at_days * SECONDS_PER_DAY
    estimate = curve.survival_at(t)
    low, high = curve.limits_at(t) if estimate is not None else (None, None)
    return {
        "days": at_days,
        "estimate": None if estimate is None else float(estimate),
        "low": low,
        "high": high,
        "at_risk": curve.table.at_risk_at(t),
    }


def endings(incidence: Incidence, question: Question) -> dict[str, list[dict[str, Any]]]:
    """Return, per ending, the chance of it after so many days."""
    return {
        ending: [
            {"days": at, "incidence": _floated(incidence.at(ending, at * SECONDS_PER_DAY))} for at in question.at_days
        ]
        for ending in incidence.endings
    }


def naive_endings(chosen: Cohort, incidence: Incidence) -> dict[str, list[dict[str, Any]]]:
    """Return, per ending, what 1 - KM would say, with the others counted as censored."""
    spans = chosen.ending_spans()
    curves = {ending: one_minus_survival(spans, ending) for ending in incidence.endings}
    return {
        ending: [
            {"days": at, "one_minus_survival": None if s is None else 1 - float(s)}
            for at in chosen.question.at_days
            for s in (curve.survival_at(at * SECONDS_PER_DAY),)
        ]
        for ending, curve in curves.items()
    }


def points(curve: SurvivalCurve) -> list[list[float | None]]:
    """Return [days, S, low, high] of at most so many steps, the first and the last among them."""
    every = list(zip(curve.at, curve.survival, curve.limits, strict=True))
    kept = every[:: max(1, len(every) // POINTS_MAX)]
    if every and kept[-1] is not every[-1]:
        kept.append(every[-1])
    shown: list[list[float | None]] = [[0.0, 1.0, 1.0, 1.0]]
    shown += [[t / SECONDS_PER_DAY, float(s), *(limits or (None, None))] for t, s, limits in kept]
    if curve.readable_until is not None and every:
        shown.append([curve.readable_until / SECONDS_PER_DAY, *shown[-1][1:]])
    return shown


def marks(curve: SurvivalCurve) -> list[list[float]]:
    """Return [days, S] where follow-up stopped without an ending, at most so many."""
    every = curve.censor_marks()
    kept = every[:: max(1, len(every) // MARKS_MAX)]
    return [[t / SECONDS_PER_DAY, float(curve.survival_at(t) or 0)] for t, _ in kept]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    closed = data["closed_only"]
    quantiles = [
        (f"{float(p):.0%}", data["quantiles_days"][p], *data["interval"][p], closed.get(naive))
        for p, naive in zip(QUANTILES_SHOWN, ("", "median_days", "", "p90_days"), strict=True)
    ]
    return [
        Table(
            "Days until so many of all decisions were decided",
            ("share", "open ones counted", "from", "to", "closed only"),
            tuple(quantiles),
        ),
        Table(
            "Still open after so many days",
            ("days", "open %", "low %", "high %", "at risk"),
            tuple(tuple(point.values()) for point in data["survival"]),
        ),
        Table(
            "Mean days, each counted up to a limit",
            ("limit in days", "mean days"),
            tuple((int(limit), mean) for limit, mean in data["rmst_days"].items()),
        ),
        incidence_table(data["endings"]),
    ]


def incidence_table(by_ending: Mapping[str, Any]) -> Table:
    """Return one row per time and one column per ending."""
    names = sorted(by_ending)
    rows = zip(*(by_ending[name] for name in names), strict=True)
    return Table(
        "Ended in this way after so many days",
        ("days", *(f"{name} %" for name in names)),
        tuple((points[0]["days"], *(point["incidence"] for point in points)) for points in rows),
    )


def _floated(value: Any) -> float | None:  # noqa: ANN401 - a fraction or a float
    return None if value is None else float(value)


MEASURE = Measure(
    "decision-times",
    "How long does a decision take, with those still open counted?",
    answer,
    tables,
    {
        "median days": lambda data: data["quantiles_days"]["0.5"],
        "from": lambda data: data["interval"]["0.5"][0],
        "to": lambda data: data["interval"]["0.5"][1],
        "90 % days": lambda data: data["quantiles_days"]["0.9"],
        "closed only": lambda data: data["closed_only"]["median_days"],
    },
)
