"""Ping-pong: how often a question went straight back, between whom, and how long such decisions took."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from projections.estimators.at_risk import Span
from projections.estimators.ping_pong import PingPong, bouncing_pairs, ping_pong, pooled_bounce_ratio
from projections.estimators.survival import kaplan_meier
from projections.measures.asking import Measure, Question, Rows, Table, figures
from projections.measures.ball_in_court import turns_of
from projections.measures.cases import Cohort, cohort, counted, days, ratio

WORST_SHOWN = 10


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer how often decisions went back and forth."""
    chosen = cohort(rows, question)
    balls = {(row.alliance, row.decision): row for row in rows.ball_in_court}
    found: list[PingPong] = []
    pairs: Counter[tuple[str, str]] = Counter()
    for case in chosen.cases:
        ball = balls.get((case.row.alliance, case.row.decision))
        path = [turn.who for turn in turns_of(case, ball)] if ball else []
        found.append(ping_pong(path))
        pairs.update(bouncing_pairs(path))
    bouncy = [each.bounces > 0 for each in found]
    return counted(chosen, rows) | {
        "baseline": "decisions that never went straight back",
        "handovers": sum(each.handovers for each in found),
        "bounces": sum(each.bounces for each in found),
        "decisions_that_bounced": sum(bouncy),
        "bounce_ratio": ratio(pooled_bounce_ratio(found)),
        "worst_pairs": [{"between": list(pair), "bounces": n} for pair, n in pairs.most_common(WORST_SHOWN)],
        "cost": _cost(chosen, bouncy),
        "steps": _steps(rows, chosen),
    }


def _cost(chosen: Cohort, bouncy: list[bool]) -> dict[str, Any]:
    spans = chosen.spans()
    groups = {
        "with": [span for span, bounced in zip(spans, bouncy, strict=True) if bounced],
        "without": [span for span, bounced in zip(spans, bouncy, strict=True) if not bounced],
    }
    return {name: _described(group) for name, group in groups.items()} | {
        "note": "what takes long has more time to bounce: a difference, not an effect"
    }


def _described(spans: list[Span]) -> dict[str, Any]:
    curve = kaplan_meier(spans)
    return {"n": curve.n, "observed": curve.observed, "median_days": days(curve.quantile(0.5))}


def _steps(rows: Rows, chosen: Cohort) -> dict[str, int]:
    """Count what happened up to the instant, of every decision, also those whose durations are not known."""
    at = chosen.question.effective_at
    every = rows.decision_times
    reopened = [sum(c.start is not None and c.start <= at for c in row.cycles[1:]) for row in every]
    pauses = [sum(p.start <= at for c in row.cycles for p in c.pauses) for row in every]
    taken = [Counter(step.how for step in row.steps if step.at <= at) for row in rows.tier_visits]
    returned, escalated = ([steps[how] for steps in taken] for how in ("returned", "escalated"))
    return {
        "escalated": sum(escalated),
        "decisions_escalated": sum(map(bool, escalated)),
        "returned": sum(returned),
        "decisions_returned": sum(map(bool, returned)),
        "reopened": sum(reopened),
        "decisions_reopened": sum(map(bool, reopened)),
        "paused": sum(pauses),
        "decisions_paused": sum(map(bool, pauses)),
        "reversed": sum(sum(instant <= at for instant in row.reversed_at) for row in every),
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    cost = data["cost"]
    return [
        Table(
            "Back and forth",
            ("hand-overs", "straight back", "bounce ratio", "decisions"),
            ((data["handovers"], data["bounces"], data["bounce_ratio"], data["decisions_that_bounced"]),),
        ),
        Table(
            "Median days",
            ("decisions", "how many", "decided", "median days"),
            tuple((f"{name} bounces", *cost[name].values()) for name in ("with", "without")),
        ),
        Table(
            "Worst pairs",
            ("between", "bounces"),
            tuple((" and ".join(pair["between"]), pair["bounces"]) for pair in data["worst_pairs"]),
        ),
        figures("Steps", data["steps"]),
    ]


MEASURE = Measure(
    "ping-pong",
    "How often did a question go straight back?",
    answer,
    tables,
    {"hand-overs": lambda data: data["handovers"], "straight back": lambda data: data["bounces"]},
)
