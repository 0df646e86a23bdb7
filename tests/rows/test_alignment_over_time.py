"""How long the parties were aligned: hand-made cases, and the worked answer of the confirmation oracle."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections import alignment_over_time
from projections.alignment_over_time import Row, aligned_at, answers, exposure, exposures, side_stretches, stretches
from tests.given import DAY, Life, seconds

STAR = {"understanding": "star", "kind": "north_star"}


def day(number: int) -> str:
    """Return the day *number* days after 1 January 2026, as an ISO date."""
    from datetime import date, timedelta

    return (date(2026, 1, 1) + timedelta(days=number)).isoformat()


def row(life: Life, understanding: str = "star") -> Row:
    found = life.row(alignment_over_time, understanding)
    assert isinstance(found, Row)
    return found


def confirm(life: Life, party: str, at: int, version: str) -> None:
    life.report("Confirmed", at=day(at), understanding="star", party=party, version=version)


def oracle_life() -> Life:
    life = Life()
    life.report("UnderstandingStated", at=day(44), version="1", **STAR)
    confirm(life, "acme", 44, "1")
    confirm(life, "globex", 51, "1")
    life.report("UnderstandingStated", at=day(100), version="2", **STAR)
    confirm(life, "globex", 101, "2")
    confirm(life, "acme", 103, "2")
    return life


def test_availability_is_what_the_worked_answer_says() -> None:
    found = exposure(row(oracle_life()), until=seconds(day(120)))
    assert (found.exposed, found.misaligned) == (76 * DAY, 10 * DAY)
    assert found.availability == Fraction(33, 38)


def test_each_answer_of_a_party_runs_from_the_change_to_its_word() -> None:
    assert answers([row(oracle_life())]) == {"acme": [0, 3 * DAY], "globex": [7 * DAY, DAY]}


def test_over_many_understandings_availability_is_a_ratio_of_sums() -> None:
    life = oracle_life()
    life.report("UnderstandingStated", at=day(100), understanding="ways", kind="ways_of_working", version="1")
    found = exposures([row(life), row(life, "ways")], until=seconds(day(120)))
    assert found.availability == Fraction(66, 96)


def test_a_window_clips_both_ends() -> None:
    found = exposure(row(oracle_life()), start=seconds(day(46)), until=seconds(day(102)))
    assert (found.exposed, found.misaligned) == (56 * DAY, 7 * DAY)


def test_what_was_retired_is_exposed_no_longer() -> None:
    life = oracle_life()
    life.report("UnderstandingRetired", at=day(110), understanding="star")
    assert exposure(row(life), until=seconds(day(120))).exposed == 66 * DAY


def test_an_alliance_without_a_charter_has_nothing_to_hold_yet() -> None:
    assert exposure(row(Life(), "charter"), until=seconds(day(120))).exposed == 0


def test_realignment_runs_to_the_last_confirmation_of_the_party_that_drifted() -> None:
    life = oracle_life()
    life.report("ReorganizationAnnounced", at=day(105), reorganization="R1", party="acme")
    scope = {"understandings": ["star"]}
    life.report("ScopeDeclared", at=day(106), reorganization="R1", party="acme", scope=scope)
    confirm(life, "acme", 115, "2")
    found = side_stretches(row(life), "acme", until=seconds(day(120)))
    unsettled = [each for each in found if each.state == "unsettled"]
    assert [(each.start, each.end) for each in unsettled] == [(seconds(day(106)), seconds(day(115)))]


def test_a_partys_words_are_clipped_to_a_window_too() -> None:
    found = side_stretches(row(oracle_life()), "globex", start=seconds(day(46)), until=seconds(day(60)))
    assert [(each.state, each.start, each.end) for each in found] == [
        ("none", seconds(day(46)), seconds(day(51))),
        ("confirmed", seconds(day(51)), seconds(day(60))),
    ]


@pytest.mark.parametrize(("at", "aligned"), [(45, (0, 1)), (60, (1, 1)), (100, (0, 1)), (104, (1, 1)), (10, (0, 0))])
def test_how_many_were_aligned_at_an_instant(at: int, aligned: tuple[int, int]) -> None:
    assert aligned_at([row(oracle_life())], seconds(day(at))) == aligned


@given(st.permutations(range(5)))
def test_the_order_of_recording_does_not_change_what_was_so(order: list[int]) -> None:
    life = Life()
    life.report("UnderstandingStated", at=day(0), version="1", **STAR)
    life.report("UnderstandingStated", at=day(20), version="2", **STAR)
    told = [("acme", 3, "1"), ("globex", 5, "1"), ("acme", 22, "2"), ("globex", 24, "2"), ("acme", 30, "2")]
    for index in order:
        confirm(life, *told[index])
    assert [(each.state, each.start, each.end) for each in stretches(row(life), until=seconds(day(40)))] == [
        ("none", seconds(day(0)), seconds(day(3))),
        ("partial", seconds(day(3)), seconds(day(5))),
        ("aligned", seconds(day(5)), seconds(day(20))),
        ("none", seconds(day(20)), seconds(day(22))),
        ("partial", seconds(day(22)), seconds(day(24))),
        ("aligned", seconds(day(24)), seconds(day(40))),
    ]
