"""The escalation ladder: what each tier decided, sent up and sent back, and how long it took."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

from projections.estimators.ladder import Departure, Rung, Visit, ladder
from projections.estimators.ping_pong import ping_pong
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import Cohort, cohort, counted, days, ratio
from projections.tier_visits import Visit as Stay


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer what each tier did, the tiers from the lowest up."""
    chosen = cohort(rows, question)
    stays = _stays(rows, chosen)
    ranks = _ranks(stays)
    visits = [
        Visit(name, stay.tier, _departure(stay, until), _until(stay, until) - stay.start)
        for name, of_one in stays.items()
        for stay, until in of_one
    ]
    steps = _steps(rows, chosen)
    return counted(chosen, rows) | {
        "baseline": "distinct decisions that entered the tier",
        "tiers": [_rung(rung) for rung in ladder(visits, tiers=sorted(ranks, key=lambda tier: (ranks[tier], tier)))],
        "escalations": steps["escalated"],
        "returns": steps["returned"],
        "straight_back": sum(ping_pong([stay.tier for stay, _ in of_one]).bounces for of_one in stays.values()),
    }


def _stays(rows: Rows, chosen: Cohort) -> dict[str, list[tuple[Stay, int]]]:
    climbed = {(row.alliance, row.decision): row.visits for row in rows.tier_visits}
    return {
        f"{case.row.alliance}/{case.row.decision}/{case.number}": [
            (visit, case.until)
            for visit in climbed.get((case.row.alliance, case.row.decision), ())
            if visit.cycle == case.number and visit.start <= case.until
        ]
        for case in chosen.cases
    }


def _steps(rows: Rows, chosen: Cohort) -> Counter[str]:
    taken = {(row.alliance, row.decision): row.steps for row in rows.tier_visits}
    return Counter(
        step.how
        for case in chosen.cases
        for step in taken.get((case.row.alliance, case.row.decision), ())
        if step.cycle == case.number and step.at <= case.until
    )


def _ranks(stays: Mapping[str, list[tuple[Stay, int]]]) -> dict[str, int]:
    """Return the rank of each tier: as stated, and in the order of appearance where none is."""
    ranks: dict[str, int] = {}
    for of_one in stays.values():
        for stay, _ in of_one:
            if stay.rank is not None:
                ranks[stay.tier] = stay.rank
            else:
                ranks.setdefault(stay.tier, len(ranks))
    return ranks


def _departure(stay: Stay, until: int) -> Departure:
    over = stay.end is not None and stay.end <= until
    return cast("Departure", stay.departure) if over and stay.departure else "other"


def _until(stay: Stay, until: int) -> int:
    return until if stay.end is None else min(stay.end, until)


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "tier": rung.tier,
        "entered": rung.entered,
        "visits": rung.visits,
        "decided": rung.decided,
        "escalated": rung.escalated,
        "returned": rung.returned,
        "other": rung.other,
        "containment": ratio(rung.containment),
        "first_pass_yield": ratio(rung.first_pass_yield),
        "escalation_rate": ratio(rung.escalation_rate),
        "return_rate": ratio(rung.return_rate),
        "days": days(rung.seconds),
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    shown = ("tier", "entered", "decided", "escalated", "returned", "containment", "first_pass_yield", "days")
    return [
        Table(
            "The ladder, tier by tier",
            ("tier", "entered", "decided", "up", "back", "contained", "first pass", "days"),
            tuple(tuple(rung[name] for name in shown) for rung in data["tiers"]),
        )
    ]


MEASURE = Measure("ladder", "What does each tier decide, send up and send back?", answer, tables)
