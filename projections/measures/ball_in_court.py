"""Where the time goes: whose turn it was, over all open time, with and without pauses, contests beside."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from projections.ball_in_court import Row, Stretch
from projections.estimators.holding import Turn, holding
from projections.estimators.intervals import Interval, clipped, length, union
from projections.measures.asking import Measure, Question, Rows, Table
from projections.measures.cases import Case, cohort, counted, days, ratio

UNKNOWN = "unknown"


@dataclass
class _Court:
    """Turns by holder, by kind of holder and by tier, of all cases."""

    holders: list[Turn[str]] = field(default_factory=list)
    running: list[Turn[str]] = field(default_factory=list)
    tiers: list[Turn[str]] = field(default_factory=list)
    contested: Counter[str] = field(default_factory=Counter)
    paused: int = 0
    open_with: Counter[str] = field(default_factory=Counter)


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer who had the ball; over holders and over tiers the time adds up to the same total."""
    chosen = cohort(rows, question)
    balls = {(row.alliance, row.decision): row for row in rows.ball_in_court}
    court = _Court()
    for case in chosen.cases:
        ball = balls.get((case.row.alliance, case.row.decision))
        if ball is not None:
            _take(court, case, ball)
    by_holder, running, by_tier = holding(court.holders), holding(court.running), holding(court.tiers)
    by_kind = holding(turn._replace(holder=kind_of(turn.holder)) for turn in court.holders)
    return counted(chosen, rows) | {
        "baseline": "all open time of the decisions counted",
        "total_days": days(by_holder.total),
        "paused_days": days(court.paused),
        "by_holder": _shares("holder", by_holder, without_pauses=running),
        "by_kind": _shares("kind", by_kind),
        "by_tier": _shares("tier", by_tier),
        "adds_up": by_holder.total == by_tier.total == sum(max(0, c.until - c.start) for c in chosen.cases),
        "contested_days": {party: days(seconds) for party, seconds in sorted(court.contested.items())},
        "open_now_with": dict(court.open_with.most_common()),
    }


def kind_of(holder: str) -> str:
    """Return party, joint, body, outside, nobody or unknown."""
    return holder.split(":", 1)[0]


def turns_of(case: Case, ball: Row) -> list[Stretch]:
    """Return the turns of one cycle, cut at the instant of the question."""
    return [turn for turn in ball.turns if turn.cycle == case.number and turn.start <= case.until]


def cut(stretches: tuple[Stretch, ...], case: Case) -> list[Interval]:
    """Return stretches of one cycle as intervals up to the instant of the question."""
    every = (
        Interval(s.start, case.until if s.end is None else min(s.end, case.until))
        for s in stretches
        if s.cycle == case.number
    )
    return clipped(union(every), case.start, case.until)


def _take(court: _Court, case: Case, ball: Row) -> None:
    pauses = cut(ball.paused, case)
    court.paused += length(pauses)
    turns = turns_of(case, ball)
    for turn in turns:
        end = case.until if turn.end is None else min(turn.end, case.until)
        whole = Turn(turn.who, turn.start, end)
        court.holders.append(whole)
        court.tiers.append(whole._replace(holder=turn.tier or UNKNOWN))
        court.running.append(whole._replace(end=end - length(clipped(pauses, turn.start, end))))
    for contest in ball.contested:
        if contest.cycle == case.number:
            court.contested[contest.who] += length(cut((contest,), case))
    if turns and not case.ended and not case.transferred:
        court.open_with[turns[-1].who] += 1


def _shares(of: str, held: Any, *, without_pauses: Any = None) -> list[dict[str, Any]]:  # noqa: ANN401 - a Holding
    ordered = sorted(held.seconds, key=lambda holder: (-held.seconds[holder], holder))
    return [
        {of: holder, "days": days(held.seconds[holder]), "share": ratio(held.share(holder))}
        | ({} if without_pauses is None else {"share_without_pauses": ratio(without_pauses.share(holder))})
        for holder in ordered
    ]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    return [
        Table(
            "With whom the time went",
            ("holder", "days", "share", "share without pauses", "open with them now"),
            tuple((*each.values(), data["open_now_with"].get(each["holder"], 0)) for each in data["by_holder"]),
        ),
        Table("By tier", ("tier", "days", "share"), tuple(tuple(each.values()) for each in data["by_tier"])),
        Table("By kind of holder", ("kind", "days", "share"), tuple(tuple(e.values()) for e in data["by_kind"])),
    ]


MEASURE = Measure("ball-in-court", "Where did the time go, and whose turn was it?", answer, tables)
