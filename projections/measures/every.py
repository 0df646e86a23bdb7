"""All measures by name, the most decisive first, and how any of them is asked of groups."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.errors import Refused
from projections.measures import (
    ageing,
    alignment_efficiency,
    ball_in_court,
    cadence,
    change,
    decision_times,
    durability,
    endings,
    flow,
    forecast,
    ladder,
    load,
    ping_pong,
    reorganization_effect,
    working_time,
)
from projections.measures.asking import Measure, Question, Rows
from projections.measures.grouping import chosen, groups, within

GROUPS_MAX = 200
TIMES = decision_times.MEASURE.name
CHANGE = "change"

MEASURES: Mapping[str, Measure] = {
    module.MEASURE.name: module.MEASURE
    for module in (
        decision_times,
        ball_in_court,
        alignment_efficiency,
        ping_pong,
        reorganization_effect,
        ageing,
        durability,
        endings,
        ladder,
        cadence,
        flow,
        forecast,
        change,
        working_time,
        load,
    )
}


ON_EVERY_CLOCK = frozenset({TIMES, "endings", "ageing", "change", "ping-pong", "working-time"})
"""The measures whose figures follow the clock that is asked for; the others count elapsed time."""


def ask(measure: Measure, rows: Rows, question: Question) -> dict[str, Any]:
    """Return a measure's answer, over all and, where groups are asked for, per group. Raise Refused.

    A group that a measure refuses is told with its reason. A measure that knows no other clock counts elapsed time,
    and says so.
    """
    if question.clock != "elapsed" and measure.name not in ON_EVERY_CLOCK:
        answer = ask(measure, rows, replace(question, clock="elapsed"))
        return answer | {"flags": [*answer["flags"], f"counts elapsed time, not {question.clock} time"]}
    rows = chosen(rows, question)
    answer = measure.answer(rows, question)
    if question.group_by is None:
        return answer
    if question.group_by == CHANGE:
        return answer | {"group_by": CHANGE, "groups": _before_and_after(measure, rows, question)}
    found = groups(rows, question, question.group_by)
    if len(found) > GROUPS_MAX:
        raise Refused(
            f"{question.group_by} has {len(found)} values, more than {GROUPS_MAX}: choose a coarser grouping",
            rule="groups_can_be_read",
        )
    alone = replace(question, group_by=None)
    grouped = {name: _answer_or_reason(measure, members, alone) for name, members in found.items()}
    answer |= {"group_by": question.group_by, "groups": grouped}
    return answer | ({"groups_differ": decision_times.difference(found, alone)} if measure.name == TIMES else {})


def _before_and_after(measure: Measure, rows: Rows, question: Question) -> dict[str, Any]:
    """Answer for what was raised before a change, as it stood at the change, and for what was raised after it."""
    change = reorganization_effect.change_of(rows, question)
    alone = replace(question, group_by=None)
    before = {(row.alliance, row.decision) for row in rows.decision_times if row.first_at < change.old_until}
    after = {(row.alliance, row.decision) for row in rows.decision_times if row.first_at >= change.new_from}
    return {
        "before": _answer_or_reason(measure, within(rows, before), replace(alone, effective_at=change.old_until)),
        "after": _answer_or_reason(measure, within(rows, after), alone),
    }


def _answer_or_reason(measure: Measure, rows: Rows, question: Question) -> dict[str, Any]:
    try:
        return measure.answer(rows, question)
    except Refused as refusal:
        return {"refused": refusal.says, "rule": refusal.rule}
