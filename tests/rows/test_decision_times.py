"""The rows of decision times and open decisions, case by case."""

from projections import decision_times, open_decisions
from projections.decision_times import Cycle, Row
from tests.given import DAY, Life, seconds


def life() -> Life:
    life = Life()
    life.report("DecisionRaised", at="2026-01-01", decision="D1", body="JPC")
    return life


def times(life: Life) -> Row:
    row = life.row(decision_times, "D1")
    assert isinstance(row, Row)
    return row


def cycle(life: Life) -> Cycle:
    return times(life).cycles[-1]


def test_the_clock_runs_from_the_first_event_to_the_ending() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    told.report("DecisionImplemented", at="2026-02-01", decision="D1")
    assert (cycle(told).start, cycle(told).end) == (seconds("2026-01-01"), seconds("2026-01-11"))
    assert cycle(told).ending == "approve"


def test_seconds_by_tier_and_by_holder_both_sum_to_the_duration() -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1", of="globex")
    told.report("InformationProvided", at="2026-01-06", decision="D1", by="globex")
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    assert cycle(told).seconds_by_tier == {"JPC": 8 * DAY, "JSC": 2 * DAY}
    assert cycle(told).seconds_by_holder == {"body:JPC": 5 * DAY, "party:globex": 3 * DAY, "body:JSC": 2 * DAY}


def test_overlapping_pauses_are_a_union() -> None:
    told = life()
    told.report("ClockPaused", at="2026-01-02", decision="D1", pause="P1")
    told.report("ClockPaused", at="2026-01-04", decision="D1", pause="P2")
    told.report("ClockResumed", at="2026-01-06", decision="D1", pause="P1")
    told.report("ClockResumed", at="2026-01-07", decision="D1", pause="P2")
    assert cycle(told).seconds_paused == 5 * DAY


def test_reopening_keeps_the_earlier_cycles_times() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    told.report("DecisionReopened", at="2026-02-01", decision="D1")
    first, second = times(told).cycles
    assert (first.status, first.end) == ("ended", seconds("2026-01-11"))
    assert (second.status, second.start) == ("open", seconds("2026-02-01"))


def test_superseded_after_the_end_is_no_second_ending() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    told.report("DecisionSuperseded", at="2026-03-01", decision="D1", superseded_by="D2")
    assert cycle(told).ending == "approve"
    assert times(told).superseded_at == (seconds("2026-03-01"),)


def test_a_transfer_out_of_the_alliance_censors_and_one_to_a_body_does_not() -> None:
    told = life()
    told.report("DecisionTransferred", at="2026-01-05", decision="D1", to="JMC")
    assert cycle(told).status == "open"
    told.report("DecisionTransferred", at="2026-01-09", decision="D1", outside=True)
    assert (cycle(told).status, cycle(told).end) == ("transferred", seconds("2026-01-09"))


def test_first_seen_decided_has_no_duration() -> None:
    told = Life()
    told.report("DecisionInherited", at="2026-01-05", decision="D1", status="accepted")
    assert (cycle(told).status, cycle(told).start, cycle(told).ending) == ("inherited", None, "accepted")


def test_imported_while_open_enters_late() -> None:
    told = Life()
    since, entered = seconds("2025-11-01"), seconds("2026-01-01")
    told.report("DecisionInherited", at="2026-01-05", decision="D1", status="open", since=since, entered_at=entered)
    assert (cycle(told).start, cycle(told).entry) == (since, entered)


def test_a_clock_that_goes_backwards_is_clamped_and_counted() -> None:
    told = life()
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionReturned", at="2026-01-07", decision="D1", to="JPC")
    told.report("DecisionMade", at="2026-01-11", decision="D1", outcome="approve")
    assert cycle(told).clamped == 1
    assert cycle(told).seconds_by_tier == {"JPC": 10 * DAY, "JSC": 0}


def test_backdated_minutes_end_the_decision_when_it_was_made() -> None:
    told = life()
    told.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    told.report("DecisionMade", at="2026-01-06", decision="D1", outcome="approve")
    assert cycle(told).end == seconds("2026-01-06")
    assert cycle(told).seconds_by_tier == {"JPC": 5 * DAY}


def test_a_late_record_of_a_timely_decision_holds_and_the_deemed_one_is_counted_as_contradicted() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-20", decision="D1", outcome="approve", method="deemed")
    told.report("DecisionMade", at="2026-01-15", decision="D1", outcome="reject", method="consensus")
    assert (cycle(told).end, cycle(told).ending, cycle(told).contradicted) == (seconds("2026-01-15"), "reject", 1)


def test_rows_after_an_event_and_its_retraction_equal_the_rows_before_it() -> None:
    told = life()
    told.report("ClockPaused", at="2026-01-04", decision="D1", pause="P")
    for projection in (decision_times, open_decisions):
        before = told.rows(projection)
        (event,) = told.report("DecisionMade", at="2026-01-20", decision="D1", outcome="approve")
        assert told.rows(projection) != before
        told.retract(event)
        assert told.rows(projection) == before


def test_an_ended_decision_is_no_longer_open_and_a_reopened_one_is_again() -> None:
    told = life()
    told.report("DecisionMade", at="2026-01-20", decision="D1", outcome="approve")
    assert told.rows(open_decisions) == {}
    told.report("DecisionReopened", at="2026-02-20", decision="D1")
    row = told.row(open_decisions, "D1")
    assert (row.cycle, row.body, row.raised_at) == (2, "JPC", seconds("2026-02-20"))


def test_a_contest_stands_beside_the_turn_and_does_not_change_it() -> None:
    told = life()
    told.report("InformationRequested", at="2026-01-03", decision="D1", of="globex")
    told.report("HolderContested", at="2026-01-04", decision="D1", party="globex")
    row = told.row(open_decisions, "D1")
    assert (row.held_by, row.holder, row.contested_by) == ("party", "globex", ("globex",))
