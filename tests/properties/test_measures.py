"""What holds of rows and measures whatever happened: times add up, and an instant sees nothing that came later."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import decision as told
from domain.events.event import Event
from domain.events.obligation import ClockPaused, ClockResumed
from projections.measures.asking import Change, Question
from projections.measures.every import MEASURES, ask
from tests.measures.folding import Fact, folded
from tests.oracles import DAY

TIERS = {"T1": 1, "T2": 2, "T3": 3}
PARTIES = ("acme", "globex")
LAST_DAY = 60


@st.composite
def steps(draw: st.DrawFn, decision: str) -> list[Fact]:
    """Draw the life of one decision, in the order of time, with steps that may not make much sense."""
    day = draw(st.integers(0, 20))
    facts: list[Fact] = [(day * DAY, _first(draw, decision))]
    for _ in range(draw(st.integers(0, 8))):
        day += draw(st.integers(0, 6))
        facts.append((day * DAY, _next(draw, decision)))
    return facts


def _first(draw: st.DrawFn, decision: str) -> Event:
    if draw(st.integers(0, 9)) == 0:
        return told.DecisionInherited(decision=decision, status="accepted")
    words = {"decision": decision, "body": "T1", "tier": "T1", "rank": 1, "matter": draw(_matters)}
    return told.DecisionRaised.model_validate(words | _holder(draw))


_matters = st.sampled_from(["pricing", "plan"])
HANDOVERS: list[type[Event]] = [told.DecisionEscalated, told.DecisionReturned, told.DecisionReopened]


def _holder(draw: st.DrawFn) -> dict[str, Any]:
    return {"held_by": "party", "holder": draw(st.sampled_from(PARTIES))}


def _next(draw: st.DrawFn, decision: str) -> Event:
    if draw(st.integers(0, 2)) == 0:
        tier = draw(st.sampled_from(sorted(TIERS)))
        words = {"decision": decision, "tier": tier, "rank": TIERS[tier]}
        return draw(st.sampled_from(HANDOVERS)).model_validate(words | _holder(draw))
    pause = draw(st.sampled_from(["P1", "P2"]))
    back = told.InformationProvided.model_validate({"decision": decision, "by": "globex"} | _holder(draw))
    choices: list[Event] = [
        told.InformationRequested(decision=decision, of="globex", held_by="party", holder="globex"),
        back,
        ClockPaused(decision=decision, pause=pause),
        ClockResumed(decision=decision, pause=pause),
        told.DecisionMade(decision=decision, outcome=draw(st.sampled_from(["approve", "reject"])), body="T1"),
        told.DecisionWithdrawn(decision=decision),
        told.DecisionSuperseded(decision=decision),
        told.DecisionReversed(decision=decision, outcome="reject"),
        told.DecisionTransferred(decision=decision, outside=True),
        told.MediationStarted(decision=decision),
        told.MediationEnded(decision=decision, result="failed"),
    ]
    return draw(st.sampled_from(choices))


histories = st.lists(st.integers(0, 3), min_size=1, max_size=6).flatmap(
    lambda numbers: st.tuples(*(steps(f"D{number}") for number in range(len(numbers))))
)


def in_time(lives: tuple[list[Fact], ...]) -> list[Fact]:
    return sorted((fact for life in lives for fact in life), key=lambda fact: fact[0])


@given(histories)
def test_time_over_holders_and_over_tiers_sums_to_the_duration(lives: tuple[list[Fact], ...]) -> None:
    rows = folded("orion", in_time(lives))
    data = ask(MEASURES["ball-in-court"], rows, Question(effective_at=LAST_DAY * DAY, cycles="all"))
    assert data["adds_up"] is True
    assert sum(each["days"] for each in data["by_holder"]) == pytest.approx(data["total_days"])
    efficiency = ask(MEASURES["alignment-efficiency"], rows, Question(effective_at=LAST_DAY * DAY, cycles="all"))
    open_days = efficiency["open_days"]
    assert sum(days for name, days in open_days.items() if name != "total") == pytest.approx(data["total_days"])
    ladder = ask(MEASURES["ladder"], rows, Question(effective_at=LAST_DAY * DAY, cycles="all"))
    assert sum(tier["days"] for tier in ladder["tiers"]) == pytest.approx(data["total_days"])


@given(histories, st.integers(0, LAST_DAY))
def test_an_instant_sees_nothing_that_came_after_it(lives: tuple[list[Fact], ...], day: int) -> None:
    facts = in_time(lives)
    whole, then = (folded("orion", some) for some in (facts, [fact for fact in facts if fact[0] <= day * DAY]))
    question = Question(effective_at=day * DAY, cycles="all", change=Change(name="x", old_until=DAY, new_from=9 * DAY))
    for name, measure in MEASURES.items():
        late, early = ask(measure, whole, question), ask(measure, then, question)
        late["excluded"].pop("not_yet_raised", None)
        assert late == early, name


@given(histories)
def test_the_flow_counts_the_decisions_that_the_other_measures_count(lives: tuple[list[Fact], ...]) -> None:
    rows = folded("orion", in_time(lives))
    data = ask(MEASURES["flow"], rows, Question(effective_at=LAST_DAY * DAY, window=(0, LAST_DAY * DAY), cycles="all"))
    assert data["flow"]["identity_holds"] is True
    assert data["flow"]["arrivals"] == data["n"]
    assert data["flow"]["open_at_end"] == data["n"] - data["observed"] - data["transferred_out"]
