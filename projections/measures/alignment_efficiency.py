"""Alignment: how much of the open time was work, how much of the shared time was aligned, who answers how fast."""

from collections.abc import Mapping
from typing import Any

from projections.alignment import Row as Understanding
from projections.ball_in_court import Row as Ball
from projections.estimators.alignment import Exposure, OpenTime
from projections.estimators.intervals import Interval, clipped, length, union, without
from projections.estimators.samples import Responsiveness, asymmetry, responsiveness
from projections.measures.asking import Measure, Question, Rows, Table, figures
from projections.measures.ball_in_court import cut, turns_of
from projections.measures.cases import Case, cohort, counted, days, ratio
from projections.tier_visits import Row as Ladder


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer how efficiently the parties were kept aligned: a band of efficiency, availability, responsiveness."""
    chosen = cohort(rows, question)
    balls = {(row.alliance, row.decision): row for row in rows.ball_in_court}
    ladders = {(row.alliance, row.decision): row for row in rows.tier_visits}
    total = OpenTime()
    answers: dict[str, list[int]] = {}
    effort = {"hours": 0, "people": 0, "meetings": 0}
    for case in chosen.cases:
        key = (case.row.alliance, case.row.decision)
        if ball := balls.get(key):
            total += open_time(case, ball, ladders.get(key))
            _add_answers(answers, case, ball)
            _add_effort(effort, ball, question)
    exposed = [exposure_of(row, question.effective_at) for row in rows.alignment.values()]
    return counted(chosen, rows) | {
        "baseline": "every open second counted once",
        "open_days": {name: days(getattr(total, name)) for name in OPEN_TIMES} | {"total": days(total.total)},
        "efficiency": [ratio(edge) for edge in total.efficiency() or ()] or None,
        "effort_reported": effort,
        "availability": _available(sum(exposed, start=Exposure())) | {"understandings": len(exposed)},
        "responsiveness": _responses(answers),
    }


OPEN_TIMES = ("worked", "waiting", "rework", "unowned", "in_hand")


def open_time(case: Case, ball: Ball, ladder: Ladder | None) -> OpenTime:
    """Class every second of one open cycle, the first that fits: worked, waiting, rework, unowned, in hand."""
    left = union([Interval(case.start, case.until)])
    worked = union(Interval(w.start, w.end) for w in ball.worked)
    waiting = union([*cut(ball.paused, case), *cut(ball.owed, case)])
    unowned = union(_unowned(case, ball))
    seconds: list[int] = []
    for taken in (worked, waiting, union(_rework(case, ladder)), unowned):
        remains = without(left, clipped(taken, case.start, case.until))
        seconds.append(length(left) - length(remains))
        left = remains
    spent, waited, again, alone = seconds
    return OpenTime(worked=spent, waiting=waited, rework=again, unowned=alone, in_hand=length(left))


def exposure_of(row: Understanding, at: int) -> Exposure:
    """Return how long an understanding stood up to an instant, and how long of that it was not aligned."""
    spans = [span for span in row.life.spans if span.at <= at]
    exposed = misaligned = 0
    ends = [*(following.at for following in spans[1:]), at] if spans else []
    for span, end in zip(spans, ends, strict=True):
        if span.state != "retired":
            exposed += end - span.at
            misaligned += end - span.at if span.state != "aligned" else 0
    return Exposure(exposed, misaligned)


def _unowned(case: Case, ball: Ball) -> list[Interval]:
    return [
        Interval(turn.start, case.until if turn.end is None else turn.end)
        for turn in turns_of(case, ball)
        if turn.who == "nobody"
    ]


def _rework(case: Case, ladder: Ladder | None) -> list[Interval]:
    if case.number > 1:
        return [Interval(case.start, case.until)]
    seen: set[str] = set()
    again: list[Interval] = []
    for visit in ladder.visits if ladder else ():
        if visit.cycle != case.number:
            continue
        if visit.tier in seen:
            again.append(Interval(visit.start, case.until if visit.end is None else visit.end))
        seen.add(visit.tier)
    return again


def _add_answers(answers: dict[str, list[int]], case: Case, ball: Ball) -> None:
    for turn in turns_of(case, ball):
        if turn.end is not None and turn.end <= case.until and turn.who.startswith("party:"):
            answers.setdefault(turn.who.removeprefix("party:"), []).append(turn.end - turn.start)


def _add_effort(effort: dict[str, int], ball: Ball, question: Question) -> None:
    for work in ball.worked:
        if work.end <= question.effective_at:
            effort["hours"] += work.hours or 0
            effort["people"] += work.people or 0
            effort["meetings"] += work.meetings or 0


def _available(exposed: Exposure) -> dict[str, Any]:
    return {
        "exposure_days": days(exposed.exposed),
        "misaligned_days": days(exposed.misaligned),
        "availability": ratio(exposed.availability),
    }


def _responses(answers: Mapping[str, list[int]]) -> dict[str, Any]:
    by_party: dict[str, Responsiveness] = {party: responsiveness(times) for party, times in sorted(answers.items())}
    names = list(by_party)
    return {
        "by_party": {
            party: {"n": r.n, "median_days": days(r.median), "p90_days": days(r.p90)} for party, r in by_party.items()
        },
        "asymmetry_log2": {
            f"{other} against {one}": asymmetry(by_party[one], by_party[other])
            for index, one in enumerate(names)
            for other in names[index + 1 :]
        },
    }


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    low, high = data["efficiency"] or (None, None)
    available = data["availability"]
    return [
        figures("Open time, in days", data["open_days"]),
        Table(
            "Alignment",
            ("figure", "value"),
            (
                ("efficiency, at least", low),
                ("efficiency, at most", high),
                ("availability", available["availability"]),
                ("misaligned days", available["misaligned_days"]),
            ),
        ),
        Table(
            "How fast each party answers",
            ("party", "answers", "median days", "90 % within days"),
            tuple((party, *each.values()) for party, each in data["responsiveness"]["by_party"].items()),
        ),
    ]


MEASURE = Measure("alignment-efficiency", "How efficiently were the parties kept aligned?", answer, tables)
