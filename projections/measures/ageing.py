"""Ageing: the chance of a decision soon, by age, and the open items ranked by it."""

from collections.abc import Mapping
from typing import Any

from domain.values import SECONDS_PER_DAY
from projections.estimators.ageing import OpenItem, ending_chance, rank_open, remaining_median
from projections.estimators.samples import sample
from projections.estimators.survival import SurvivalCurve, kaplan_meier
from projections.measures.asking import QUANTILES_SHOWN, Measure, Question, Rows, Table
from projections.measures.cases import Case, Cohort, cohort, counted, days, time_between

AGES_SHOWN = (0, 1, 7, 30, 90, 180, 365, 730, 1095, 1825)
OPEN_SHOWN_MAX = 1_000
LISTED = 15


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer what age says about the time that is still needed; open items are ranked, never averaged as durations."""
    chosen = cohort(rows, question)
    curve = kaplan_meier(chosen.spans())
    open_ages = _open_ages(chosen)
    ages = sample(age for age, _ in open_ages.values())
    ranked = rank_open(
        curve, {name: age for name, (age, _) in open_ages.items()}, within=question.within_days * SECONDS_PER_DAY
    )
    return counted(chosen, rows) | {
        "baseline": "all decisions of the question, from their start",
        "within_days": question.within_days,
        "by_age": [_at_age(curve, age, question) for age in AGES_SHOWN],
        "open": {
            "n": ages.n,
            "median_age_days": days(ages.quantile(0.5)),
            "p90_age_days": days(ages.quantile(0.9)),
            "over_365": sum(age > 365 * SECONDS_PER_DAY for age, _ in open_ages.values()),
        },
        "bands_days": {p: days(curve.quantile(float(p))) for p in QUANTILES_SHOWN},
        "open_items": [_item(item, open_ages[item.id][1]) for item in ranked[:OPEN_SHOWN_MAX]],
    }


def _open_ages(chosen: Cohort) -> dict[str, tuple[int, Case]]:
    several = len({case.row.alliance for case in chosen.cases}) > 1
    ages: dict[str, tuple[int, Case]] = {}
    for case in chosen.cases:
        if case.ended or case.transferred:
            continue
        name = f"{case.row.alliance}/{case.row.decision}" if several else case.row.decision
        ages[name] = (time_between(case, case.start, case.until, chosen.question), case)
    return ages


def _at_age(curve: SurvivalCurve, age_days: int, question: Question) -> dict[str, Any]:
    age = age_days * SECONDS_PER_DAY
    chance = ending_chance(curve, age=age, within=question.within_days * SECONDS_PER_DAY)
    return {
        "age_days": age_days,
        "at_risk": curve.table.at_risk_at(age),
        "chance": None if chance is None else float(chance),
        "remaining_median_days": days(remaining_median(curve, age=age)),
    }


def _item(item: OpenItem, case: Case) -> dict[str, Any]:
    return {
        "decision": item.id,
        "title": case.row.title,
        "age_days": days(item.age),
        "chance": None if item.chance is None else float(item.chance),
        "remaining_median_days": days(item.remaining_median),
        "holder": case.stands.holder if case.stands else None,
        "tier": case.stands.tier if case.stands else None,
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    within = data["within_days"]
    return [
        Table(
            f"Chance of an ending within {within} days, by age",
            ("age in days", "at risk", "chance %", "half of them need days more"),
            tuple(tuple(row.values()) for row in data["by_age"]),
        ),
        Table(
            "Open, the least likely to end first",
            ("decision", "age in days", f"chance in {within} days %", "holder"),
            tuple((i["decision"], i["age_days"], i["chance"], i["holder"]) for i in data["open_items"][:LISTED]),
        ),
    ]


MEASURE = Measure(
    "ageing",
    "What does the age of an open decision say about the time it still needs?",
    answer,
    tables,
    {"open": lambda data: data["open"]["n"], "median age of the open": lambda data: data["open"]["median_age_days"]},
)
