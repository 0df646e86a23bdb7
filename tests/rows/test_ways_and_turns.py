"""The rows of turns, tier visits, stays, approvals, meetings and periods, case by case."""

from typing import Any

import pytest

from projections import approvals, ball_in_court, decision_times, flow, meeting_times, periods, tier_visits
from projections.ball_in_court import Stretch
from projections.projection import Projection
from projections.tier_visits import Visit
from tests.given import DAY, Life, seconds

EVERY: list[Projection] = [approvals, ball_in_court, flow, meeting_times, periods, tier_visits]


def life() -> Life:
    life = Life()
    life.report("DecisionRaised", at="2026-01-01", decision="D1", body="JPC", by="acme")
    return life


def turns(life: Life) -> list[tuple[str, int]]:
    row = life.row(ball_in_court, "D1")
    return [(turn.who, (turn.end - turn.start) // DAY) for turn in row.turns if turn.end is not None]


def visits(life: Life) -> list[tuple[int, str, str | None]]:
    row = life.row(tier_visits, "D1")
    return [(visit.cycle, visit.tier, visit.departure) for visit in row.visits]


def stays(life: Life) -> list[tuple[int, int | None]]:
    row = life.row(flow, "D1")
    return [(stay.opened, stay.closed) for stay in row.stays]


def test_turns_follow_each_other_and_sum_to_the_duration() -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1", of="globex")
    told.report("InformationProvided", at="2026-01-06", decision="D1", by="globex")
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    assert turns(told) == [("body:JPC", 2), ("party:globex", 3), ("body:JPC", 3), ("body:JSC", 2)]
    row = told.row(ball_in_court, "D1")
    assert row.raised_by == "acme"
    assert row.owed == (Stretch(1, seconds("2026-01-03"), seconds("2026-01-06"), "globex"),)


def test_information_that_nobody_is_named_for_is_waited_for_all_the_same() -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1")
    told.report("InformationProvided", at="2026-01-06", decision="D1", by="globex")
    assert told.row(ball_in_court, "D1").owed == (Stretch(1, seconds("2026-01-03"), seconds("2026-01-06"), "unknown"),)


def test_contested_time_and_reported_work_stand_beside_the_turns() -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1", of="globex")
    told.report("HolderContested", at="2026-01-04", decision="D1", party="globex")
    told.report("HolderContestEnded", at="2026-01-05", decision="D1", party="globex")
    worked = {"from": seconds("2026-01-05"), "to": seconds("2026-01-06"), "hours": 6}
    told.report("WorkReported", at="2026-01-07", decision="D1", party="globex", **worked)
    row = told.row(ball_in_court, "D1")
    assert [(c.who, c.end - c.start) for c in row.contested] == [("globex", DAY)]
    assert [(w.party, w.end - w.start, w.hours) for w in row.worked] == [("globex", DAY, 6)]
    assert row.turns[-1].who == "party:globex"


def test_each_tier_is_left_as_the_next_step_says() -> None:
    told = life()
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionReturned", at="2026-01-12", decision="D1", to="JPC")
    told.report("DecisionMade", at="2026-01-15", decision="D1", outcome="approve")
    assert visits(told) == [(1, "JPC", "escalated"), (1, "JSC", "returned"), (1, "JPC", "decided")]


def test_what_comes_back_to_the_tier_that_returned_it_visits_it_anew() -> None:
    told = life()
    told.report("DecisionReturned", at="2026-01-05", decision="D1")
    told.report("DecisionMade", at="2026-01-15", decision="D1", outcome="approve")
    assert visits(told) == [(1, "JPC", "returned"), (1, "JPC", "decided")]
    assert [(step.how, step.at) for step in told.row(tier_visits, "D1").steps] == [("returned", seconds("2026-01-05"))]


def test_what_a_lower_tier_settles_after_escalation_counts_as_escalated_and_decided_low() -> None:
    told = life()
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionMade", at="2026-01-12", decision="D1", outcome="approve", body="JPC")
    assert visits(told) == [(1, "JPC", "escalated"), (1, "JSC", "other"), (1, "JPC", "decided")]


def test_a_later_cycle_has_its_own_visits_turns_and_stay() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    told.report("DecisionReopened", at="2026-02-01", decision="D1")
    assert visits(told) == [(1, "JPC", "decided"), (2, "JPC", None)]
    assert stays(told) == [(seconds("2026-01-01"), seconds("2026-01-11")), (seconds("2026-02-01"), None)]


def test_backdated_minutes_cut_what_was_thought_to_follow() -> None:
    told = life()
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionMade", at="2026-01-06", decision="D1", outcome="approve")
    assert turns(told) == [("body:JPC", 5)]
    assert visits(told) == [(1, "JPC", "decided")]
    assert stays(told) == [(seconds("2026-01-01"), seconds("2026-01-06"))]


def test_a_late_record_of_a_timely_decision_ends_every_row_earlier() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-20", decision="D1", outcome="approve", method="deemed")
    told.report("DecisionMade", at="2026-01-15", decision="D1", outcome="reject", by="globex")
    assert turns(told) == [("body:JPC", 14)]
    assert stays(told)[0][1] == seconds("2026-01-15")
    assert told.row(tier_visits, "D1").visits[-1].end == seconds("2026-01-15")
    assert told.row(approvals, "D1").words[-1].parties == ("globex",)


def test_what_comes_after_the_end_changes_no_row() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-15", decision="D1", outcome="approve")
    before = [told.rows(projection) for projection in (ball_in_court, tier_visits, flow, approvals)]
    told.report("DecisionMade", at="2026-01-20", decision="D1", outcome="approve", method="deemed")
    told.report("DecisionSuperseded", at="2026-01-10", decision="D1")
    assert [told.rows(projection) for projection in (ball_in_court, tier_visits, flow, approvals)] == before


def test_first_seen_decided_has_no_turn_no_visit_and_no_stay() -> None:
    told = Life()
    told.report("DecisionInherited", at="2026-01-05", decision="D1", status="accepted")
    assert not turns(told)
    assert not visits(told)
    assert not stays(told)


def test_an_orphan_is_with_nobody() -> None:
    told = life()
    told.report("DecisionOrphaned", at="2026-01-05", decision="D1", body="JPC")
    assert told.row(ball_in_court, "D1").turns[-1].who == "nobody"


def test_mediators_and_arbitrators_are_outside_and_a_failed_mediation_gives_it_back() -> None:
    told = life()
    told.report("MediationStarted", at="2026-01-03", decision="D1")
    told.report("MediationEnded", at="2026-01-05", decision="D1", result="failed")
    told.report("ArbitrationStarted", at="2026-01-09", decision="D1")
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve", method="award")
    assert turns(told) == [("body:JPC", 2), ("outside", 2), ("body:JPC", 4), ("outside", 2)]
    assert told.row(decision_times, "D1").cycles[0].seconds_by_holder == {"body:JPC": 6 * DAY, "outside": 4 * DAY}


def test_meetings_and_reorganizations_are_kept_in_order() -> None:
    told = Life()
    told.report("MeetingHeld", at="2026-02-01", body="JSC")
    told.report("MeetingHeld", at="2026-01-10", body="JSC")
    told.report("ReorganizationAnnounced", at="2026-03-01", reorganization="R", party="globex")
    assert told.row(meeting_times, "JSC").held_at == (seconds("2026-01-10"), seconds("2026-02-01"))
    row = told.row(periods)
    assert (row.kind, row.reorganizations["R"].announced_at) == ("strategic", seconds("2026-03-01"))


@pytest.mark.parametrize("projection", EVERY, ids=lambda projection: projection.NAME)
def test_rows_after_an_event_and_its_retraction_equal_the_rows_before_it(projection: Projection) -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1", of="globex")
    told.report("MeetingHeld", at="2026-01-04", body="JSC")
    later: list[dict[str, Any]] = [
        {"event": "InformationProvided", "decision": "D1", "by": "globex"},
        {"event": "DecisionEscalated", "decision": "D1", "to": "JSC"},
        {"event": "ClockPaused", "decision": "D1", "pause": "P"},
        {"event": "DecisionMade", "decision": "D1", "outcome": "approve"},
        {"event": "MeetingHeld", "body": "JSC"},
        {"event": "ReorganizationAnnounced", "reorganization": "R", "party": "globex"},
    ]
    for words in later:
        before = told.rows(projection)
        event, *_ = told.report(words.pop("event"), at="2026-01-09", **words)
        told.retract(event)
        assert told.rows(projection) == before


def test_the_turns_and_the_visits_agree_with_the_times_of_the_decision() -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1", of="globex")
    told.report("ClockPaused", at="2026-01-09", decision="D1")
    told.report("DecisionEscalated", at="2026-01-08", decision="D1", to="JSC")
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    cycle = told.row(decision_times, "D1").cycles[0]
    by_holder: dict[str, int] = {}
    for turn in told.row(ball_in_court, "D1").turns:
        by_holder[turn.who] = by_holder.get(turn.who, 0) + turn.end - turn.start
    assert by_holder == cycle.seconds_by_holder
    reached: dict[str, int] = {}
    for visit in told.row(tier_visits, "D1").visits:
        assert isinstance(visit, Visit)
        reached[visit.tier] = reached.get(visit.tier, 0) + (visit.end or 0) - visit.start
    assert reached == cycle.seconds_by_tier
