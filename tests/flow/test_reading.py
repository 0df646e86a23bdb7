"""An answer names its position, waits where asked, and for an earlier knowledge never changes again."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.read_store.canonical import every_row_of
from adapters.read_store.opening import open_rows
from adapters.reading import Fresh, Reading, known_at_instant, known_at_position
from adapters.replay import differences
from domain.errors import Halted, NewerFormat, Refused, Stale
from projections.projection import Key
from tests.flow.lives import Chronicle, Rows, Step, chronicle, steps, write
from tests.flow.tallies import LaterTallies, Tallies

TALLIES = Tallies()


@pytest.fixture
def life(database_url: str) -> Iterator[Chronicle]:
    made = chronicle(database_url)
    yield made
    made.log.close()


@pytest.fixture
def following(life: Chronicle, database_url: str) -> Iterator[Rows]:
    with Rows(life.log, database_url) as followed:
        yield followed


@pytest.fixture
def reading(life: Chronicle, following: Rows) -> Reading:
    return Reading(life.log, following.store)


def everything(rows: Mapping[Key, Any]) -> dict[Key, int]:
    return {key: len(row.seen) for key, row in rows.items()}


def test_an_answer_names_its_position_and_its_knowledge(life: Chronicle, following: Rows, reading: Reading) -> None:
    life.tell("raised")
    life.tell("escalated")
    following.follow(1)

    answer = reading.answer(TALLIES, everything, effective_at=77)

    assert answer.data == {("a", "D1"): 1, ("a",): 1}
    assert (answer.position, answer.effective_at, answer.parked) == (1, 77, ())
    assert reading.answer(TALLIES, len).words() == {
        "data": 2,
        "position": 1,
        "effective_at": None,
        "known_at": {"position": 1, "recorded_at": 1, "simulated_clock": True},
        "parked": [],
    }


def test_rows_are_asked_for_by_alliance_and_by_key(life: Chronicle, following: Rows, reading: Reading) -> None:
    for alliance in ("a", "b"):
        life.tell("raised", alliance=alliance)
    following.follow()
    assert set(reading.answer(TALLIES, everything, alliance="b").data) == {("b", "D1"), ("b",)}
    assert set(reading.answer(TALLIES, everything, keys=[("a",), ("c",)]).data) == {("a",)}
    first = known_at_position(life.log, 2)
    assert set(reading.answer(TALLIES, everything, alliance="b", known_at=first).data) == {("b", "D1"), ("b",)}
    assert set(reading.answer(TALLIES, everything, keys=[("a",), ("c",)], known_at=first).data) == {("a",)}


def test_before_anything_was_folded_there_are_no_rows(life: Chronicle, tmp_path: Path) -> None:
    store = open_rows(f"sqlite:///{tmp_path}/none.db", life.log.identity())
    answer = Reading(life.log, store).answer(TALLIES, everything)
    assert (answer.data, answer.position) == ({}, 0)
    store.close()


def test_a_read_waits_for_a_position(life: Chronicle, following: Rows, database_url: str) -> None:
    written = life.tell("raised")
    answers = []

    def ask() -> None:
        with Rows(life.log, database_url) as other:
            answers.append(Reading(life.log, other.store).answer(TALLIES, everything, fresh=Fresh(written)).position)

    asking = threading.Thread(target=ask)
    asking.start()
    following.follow()
    asking.join(10)
    assert answers == [written]


def test_a_read_that_waited_in_vain_fails_or_serves_what_there_is(
    life: Chronicle, following: Rows, reading: Reading
) -> None:
    life.tell("raised")
    following.follow()
    with pytest.raises(Stale, match="stand at position 1, before 2"):
        reading.answer(TALLIES, everything, fresh=Fresh(2, 0.01))
    assert reading.answer(TALLIES, everything, fresh=Fresh(2, 0.01, "serve")).position == 1


def test_an_answer_that_touches_a_parked_key_says_so(life: Chronicle, following: Rows, reading: Reading) -> None:
    life.tell("raised", "D1")
    life.tell("raised", "D2")
    life.tell("poison", "D1")
    life.tell("unkeyed", alliance="b")
    following.follow()
    assert reading.answer(TALLIES, everything).parked == (("a", "D1"), ("a",), every_row_of("b"))
    assert reading.answer(TALLIES, everything, keys=[("a", "D1")]).parked == (("a", "D1"),)
    assert reading.answer(TALLIES, everything, keys=[("a", "D2")]).parked == ()
    assert reading.answer(TALLIES, everything, alliance="b").parked == (every_row_of("b"),)
    assert reading.answer(TALLIES, everything, keys=[("b", "D9")]).parked == (every_row_of("b"),)
    then = known_at_position(life.log, 4)
    assert set(reading.answer(TALLIES, everything, known_at=then).parked) == {("a", "D1"), ("a",), every_row_of("b")}


def test_what_was_known_does_not_know_later_corrections(life: Chronicle, following: Rows, reading: Reading) -> None:
    life.tell("raised")
    wrong = life.tell("withdrawn")
    known = known_at_position(life.log, 2)
    before = reading.answer(TALLIES, everything, known_at=known)
    assert before.data == {}

    life.retract(wrong)
    following.follow()

    assert reading.answer(TALLIES, everything, known_at=known) == before
    assert reading.answer(TALLIES, everything).data == {("a", "D1"): 1, ("a",): 1}


@given(history=steps(whats=("raised", "made", "poison", "withdrawn")), at=st.integers(0, 14))
def test_what_was_known_never_changes_and_is_what_was_served_then(history: list[Step], at: int) -> None:
    with TemporaryDirectory() as folder:
        life = chronicle(f"sqlite:///{folder}/log.db")
        then = history[:at]
        write(life, then)
        with Rows(life.log, Path(folder) / "rows.db") as followed:
            reading = Reading(life.log, followed.store)
            followed.follow()
            served = reading.answer(TALLIES, dict)
            write(life, history[at:])
            followed.follow()
            later = reading.answer(TALLIES, dict, known_at=known_at_position(life.log, len(then)))
        assert (later.data, later.position) == (served.data, served.position)
        assert set(later.parked) == set(served.parked)
        life.log.close()


def test_an_instant_is_resolved_to_a_position(life: Chronicle) -> None:
    for _ in range(3):
        life.tell("raised")
    known = known_at_instant(life.log, 2, now=10**18)
    assert (known.position, known.recorded_at) == (2, 2)
    with pytest.raises(Refused, match="after the clock of the log, 3"):
        known_at_instant(life.log, 4, now=10**18)


def test_a_position_that_the_log_has_not_reached_is_refused(life: Chronicle) -> None:
    life.tell("raised")
    assert known_at_position(life.log, 0).recorded_at is None
    with pytest.raises(Refused, match="stands at position 1, before 2"):
        known_at_position(life.log, 2)


def test_rows_of_another_version_are_never_misread(life: Chronicle, following: Rows, reading: Reading) -> None:
    life.tell("raised")
    following.follow()
    assert reading.answer(LaterTallies(), len).data == 2, "the old version serves while the new one is not there"
    following.store._database.execute("UPDATE tallies_v1_1 SET content = '{\"seen\":1}'")
    with pytest.raises(Halted, match="cynosure rebuild tallies"):
        reading.answer(LaterTallies(), len)
    later = following.store.create_build(LaterTallies())
    following.store.switch(later)
    with pytest.raises(NewerFormat, match="roll the projection back"):
        reading.answer(TALLIES, len)


def test_a_difference_names_the_row_then_and_now_and_the_events_between(life: Chronicle) -> None:
    life.tell("raised", "D1")
    wrong = life.tell("escalated", "D1")
    life.tell("raised", "D2")
    life.tell("escalated", "D2", alliance="b")
    correction = life.retract(wrong)
    undone = life.retract(correction)
    life.tell("withdrawn", "D2")

    found = {each.key: each for each in differences(life.log, TALLIES, 3, 5, alliance="a")}
    assert set(found) == {("a",), ("a", "D1")}
    assert [(cause.position, cause.name) for cause in found["a", "D1"].causes] == [(5, "record-corrected")]
    assert len(found["a", "D1"].before.seen) == 2
    assert len(found["a", "D1"].after.seen) == 1

    assert [each.key for each in differences(life.log, TALLIES, 3, 6)] == [("b", "D2"), ("b",)]
    back = {each.key: each for each in differences(life.log, TALLIES, 5, 7)}
    assert [cause.position for cause in back["a", "D1"].causes] == [undone]
    assert (back["a", "D2"].after, [cause.name for cause in back["a", "D2"].causes]) == (None, ["decision-withdrawn"])
    assert differences(life.log, TALLIES, 7, 7) == []
