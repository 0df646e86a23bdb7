"""Rows are a function of the events known at a position: how they got there, in pages or anew, cannot be seen."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.event_log import Log, open_log
from adapters.follower.anew import fold_anew
from adapters.follower.dropping import drop
from adapters.follower.followed import shard_of
from adapters.follower.sight import Lens
from adapters.read_store.canonical import RowText, key_text
from domain.errors import Halted, NewerFormat, RepeatDiffers, Unreadable
from tests.flow.lives import Chronicle, Rows, Step, chronicle, rows, steps, write
from tests.flow.tallies import POISON, ForgivingTallies, Tallies, Tally

ALL = ("raised", "escalated", "made", "withdrawn", "poison", "unkeyed")


@pytest.fixture
def life(database_url: str) -> Iterator[Chronicle]:
    made = chronicle(database_url)
    yield made
    made.log.close()


@pytest.fixture
def following(life: Chronicle, database_url: str) -> Iterator[Rows]:
    with Rows(life.log, database_url) as followed:
        yield followed


def by_definition(log: Log, upto: int) -> dict[str, str]:
    """Fold everything in memory, in one go."""
    fold = fold_anew(log, Lens(Tallies(), log.codec), alliance=None, upto=upto)
    text = RowText(Tally)
    kept = {key_text(key): text.text(row) for key, row in fold.rows.items() if row is not None}
    parked = {f"parked {key_text(k)}": f"{p.position} {p.error}" for k, p in fold.parked.items()}
    return dict(sorted(kept.items())) | dict(sorted(parked.items()))


def test_rows_follow_the_log(life: Chronicle, following: Rows) -> None:
    life.tell("raised", "D1")
    life.tell("escalated", "D1")
    life.tell("raised", "D2", alliance="b")
    found = following.follow()
    assert list(found) == ['["a","D1"]', '["a"]', '["b","D2"]', '["b"]']
    assert found['["a","D1"]'] == (
        '{"bodies":{"JSC":1,"none":1},"findings":0,'
        '"seen":["decision-raised D1 1 1 10 1","decision-escalated D1 2 2 20 2"]}'
    )
    assert following.follower.position() == 3


def test_a_row_goes_when_its_fold_says_so(life: Chronicle, following: Rows) -> None:
    life.tell("raised")
    life.tell("withdrawn")
    assert following.follow() == {}


def test_rows_after_an_event_and_its_retraction_are_the_rows_before_it(life: Chronicle, following: Rows) -> None:
    life.tell("raised", finding="late")
    before = following.follow()
    wrong = life.tell("withdrawn")
    assert following.follow() == {}
    life.retract(wrong)
    assert following.follow() == before


def test_a_replacement_stands_at_the_place_of_the_original(life: Chronicle, following: Rows) -> None:
    life.tell("raised")
    wrong = life.tell("made", finding="past_due")
    life.tell("escalated")
    following.follow()
    life.replace(wrong, "escalated")
    assert following.follow()['["a","D1"]'] == (
        '{"bodies":{"JSC":1,"none":2},"findings":0,"seen":["decision-raised D1 1 1 10 1",'
        '"decision-escalated D1 2 2 21 2","decision-escalated D1 3 3 30 3"]}'
    )


def test_a_replacement_that_touches_another_row_moves_there(life: Chronicle, following: Rows) -> None:
    wrong = life.tell("raised", "D1")
    following.follow()
    life.replace(wrong, "raised", "D2")
    assert list(following.follow()) == ['["a","D2"]', '["a"]']


def test_an_event_and_its_correction_in_one_page_or_in_two_are_the_same(life: Chronicle, following: Rows) -> None:
    life.tell("raised")
    life.retract(life.tell("withdrawn"))
    assert following.follow() == by_definition(life.log, 3)
    assert list(following.follow()) == ['["a","D1"]', '["a"]']


@given(history=steps(whats=ALL), cuts=st.lists(st.integers(1, 20), max_size=6), page_events=st.integers(1, 5))
def test_any_split_into_pages_gives_the_same_bytes(history: list[Step], cuts: list[int], page_events: int) -> None:
    with TemporaryDirectory() as folder:
        life = chronicle(f"sqlite:///{folder}/log.db")
        write(life, history)
        head = life.log.head()
        with (
            Rows(life.log, Path(folder) / "whole.db") as whole,
            Rows(life.log, Path(folder) / "pages.db", page_events=page_events) as pages,
            Rows(life.log, Path(folder) / "live.db") as live,
        ):
            for cut in sorted({min(cut, head) for cut in cuts}):
                assert pages.follow(cut) == by_definition(life.log, cut)
            for position in range(1, head + 1):
                live.follow(position)
            assert whole.follow() == pages.follow() == live.follow() == by_definition(life.log, head)
        life.log.close()


@given(history=steps(), shards=st.integers(2, 3))
def test_any_split_into_shards_gives_the_same_bytes(history: list[Step], shards: int) -> None:
    with TemporaryDirectory() as folder:
        life = chronicle(f"sqlite:///{folder}/log.db")
        write(life, history)
        with Rows(life.log, Path(folder) / "rows.db") as followed:
            build = followed.store.create_build(followed.projection, shards=shards)
            whole = followed.follow()
            for shard in range(shards):
                followed.follower.release()
                assert followed.follower.claim_build(followed.projection, build, shard=shard)
                followed.follower.catch_up()
            followed.follower.release()
            followed.store.merge_shards(build)
            assert followed.store.switch(build, agree_with=followed.store.serving("tallies")) == "agree"
            assert rows(followed.store) == whole
        life.log.close()


def test_a_shard_reads_no_event_of_another_and_takes_in_alliances_that_come_later(
    sqlite_url: str, tmp_path: Path
) -> None:
    life = chronicle(sqlite_url)
    zeroth, first = (next(name for name in "abcdef" if shard_of(name, 2) == shard) for shard in (0, 1))
    later = next(name for name in "ghijkl" if shard_of(name, 2) == 1)
    for alliance in (zeroth, first, zeroth, first):
        life.tell("raised", alliance=alliance)
    life.log.recorder._select("UPDATE events SET name = 'unheard-of' WHERE position = 1")  # type: ignore[attr-defined]
    with Rows(life.log, tmp_path / "rows.db", page_events=1) as followed:
        build = followed.store.create_build(followed.projection, shards=2)
        followed.follower.release()
        assert followed.follower.claim_build(followed.projection, build, shard=1)
        assert followed.follower.catch_up() == 4
        life.tell("raised", alliance=later)
        assert followed.follower.catch_up() == 5
        with followed.store.snapshot():
            assert {key[0] for key, _ in followed.store.rows(build)} == {first, later}
        followed.follower.release()
        assert followed.follower.claim_build(followed.projection, build, shard=0)
        with pytest.raises(NewerFormat, match="unheard-of"):
            followed.follower.catch_up()
    life.log.close()


@given(history=steps(), more=st.sampled_from(ALL[:4]), decision=st.sampled_from(("D1", "D2", "D3")))
def test_taking_any_event_back_gives_the_rows_before_it(history: list[Step], more: str, decision: str) -> None:
    with TemporaryDirectory() as folder:
        life = chronicle(f"sqlite:///{folder}/log.db")
        write(life, history)
        with Rows(life.log, Path(folder) / "rows.db") as followed:
            before = followed.follow()
            event = life.tell(more, decision)
            with_it = followed.follow()
            retraction = life.retract(event)
            assert followed.follow() == before
            life.retract(retraction)
            assert followed.follow() == with_it
        life.log.close()


def test_equal_logs_give_equal_rows_on_every_database(life: Chronicle, following: Rows, tmp_path: Path) -> None:
    other = chronicle(f"sqlite:///{tmp_path}/other.db")
    for each in (life, other):
        told = [each.tell("raised", f"D{n % 7}", alliance=f"al/{n % 3}", finding="é") for n in range(60)]
        each.retract(told[5])
        each.replace(told[9], "poison")
        each.retract(each.replace(told[10], "withdrawn"))
    with Rows(other.log, tmp_path / "rows.db", page_events=7) as beside:
        assert beside.follow() == following.follow()
        mine, theirs = following.store.serving("tallies"), beside.store.serving("tallies")
        assert mine is not None
        assert theirs is not None
        assert following.store.digest(mine) == beside.store.digest(theirs)
    other.log.close()


def test_a_poison_event_parks_its_keys_and_others_go_on(life: Chronicle, following: Rows) -> None:
    life.tell("raised", "D1")
    life.tell("raised", "D1", alliance="b")
    before = following.follow()
    life.tell("poison", "D1")
    life.tell("raised", "D2")
    life.tell("escalated", "D1")
    life.tell("escalated", "D1", alliance="b")

    found = following.follow()

    assert found['["a","D1"]'] == before['["a","D1"]'], "it stands where it was"
    assert found['parked ["a","D1"]'] == found['parked ["a"]'] == f"3 KeyError: '{POISON}'"
    assert "D2" in found['["a","D2"]']
    assert "escalated" in found['["b","D1"]']
    assert following.follower.position() == 6


def test_an_event_without_a_key_parks_its_alliance_alone(life: Chronicle, following: Rows) -> None:
    life.tell("raised", "D1")
    life.tell("unkeyed", "D1")
    life.tell("raised", "D2")
    life.tell("raised", "D2", alliance="b")
    found = following.follow()
    assert list(found) == ['["a","D1"]', '["a"]', '["b","D2"]', '["b"]', 'parked ["a","\\u0000"]']
    life.retract(2)
    assert list(following.follow()) == ['["a","D1"]', '["a","D2"]', '["a"]', '["b","D2"]', '["b"]']


def test_correcting_the_poison_frees_the_key(life: Chronicle, following: Rows) -> None:
    life.tell("raised")
    poison = life.tell("poison")
    life.tell("escalated")
    assert any(key.startswith("parked") for key in following.follow())
    life.replace(poison, "escalated")
    assert following.follow() == by_definition(life.log, 4)
    assert not any(key.startswith("parked") for key in following.follow())


def test_parked_keys_are_driven_again_by_better_code(life: Chronicle, following: Rows, database_url: str) -> None:
    for what in ("raised", "poison", "unkeyed", "escalated"):
        life.tell(what)
    following.follow()
    following.follower.release()
    with Rows(life.log, database_url, projection=ForgivingTallies()) as better:
        build = better.store.serving("tallies")
        assert build is not None
        better.store.ask_redrive(build, list(better.store.parked(build)))
        assert better.follower.redrive() == 3
        found = better.follow()
    assert list(found) == ['["a","D1"]', '["a"]']
    assert found['["a","D1"]'].count("decision-") == 4
    assert better.follower.position() == 0, "it let go"


def test_what_was_decided_to_be_left_out_is_left_out_for_ever(life: Chronicle, following: Rows, tmp_path: Path) -> None:
    life.tell("raised")
    life.tell("poison")
    life.tell("escalated")
    following.follow()
    build = following.store.serving("tallies")
    assert build is not None
    head = life.log.head()

    for parked in following.store.parked(build).values():
        drop(life.log, "tallies", parked, reason="a typing error of the import")
    following.store.ask_redrive(build, list(following.store.parked(build)))
    following.follower.redrive()

    found = following.follow()
    assert list(found) == ['["a","D1"]', '["a"]']
    assert found['["a"]'].count("decision-") == 2
    with Rows(life.log, tmp_path / "again.db", strict=True) as again:
        assert again.follow() == found, "the log remembers, not the rows"
    assert life.log.head() == head, "a decision about a fold is no event"


def test_what_was_decided_is_not_decided_again_for_another_reason(life: Chronicle, following: Rows) -> None:
    life.tell("poison")
    following.follow()
    build = following.store.serving("tallies")
    assert build is not None
    parked = following.store.parked(build)[("a",)]
    for _ in range(2):
        drop(life.log, "tallies", parked, reason="a typing error")
    with pytest.raises(RepeatDiffers):
        drop(life.log, "tallies", parked, reason="because")


def test_a_strict_follower_stops_at_a_poison_event_and_names_it(life: Chronicle, tmp_path: Path) -> None:
    life.tell("raised")
    life.tell("poison")
    with Rows(life.log, tmp_path / "strict.db", strict=True) as strict:
        with pytest.raises(Unreadable, match=r"log position 2, decision-made: tallies cannot fold it"):
            strict.follow()
        assert rows(strict.store) == {}


@pytest.mark.parametrize(("column", "value"), [("name", "decision-teleported"), ("schema_version", 2)])
def test_an_event_newer_than_the_code_stops_the_follower(
    sqlite_url: str, tmp_path: Path, column: str, value: Any
) -> None:
    life = chronicle(sqlite_url)
    for what in ("raised", "escalated", "made"):
        life.tell(what)
    life.log.close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(f"UPDATE events SET {column} = ? WHERE position = 3", (value,))
    connection.close()
    with open_log(sqlite_url) as log, Rows(log, tmp_path / "rows.db") as followed:
        with pytest.raises(NewerFormat, match="upgrade"):
            followed.follow()
        assert followed.follower.position() == 2, "what came before it is there"
        assert not any(key.startswith("parked") for key in rows(followed.store))


def test_rows_never_go_beyond_a_head_that_is_no_more(sqlite_url: str, tmp_path: Path) -> None:
    life = chronicle(sqlite_url)
    for what in ("raised", "escalated", "made"):
        life.tell(what)
    with Rows(life.log, tmp_path / "rows.db") as followed:
        followed.follow(1)
        for sql in ("DELETE FROM events WHERE position > 1", "UPDATE log SET head = 1"):
            life.log.recorder._select(sql)  # type: ignore[attr-defined]
        assert followed.follower.step() == 0
        assert followed.follower.position() == 1
        life.log.recorder._select("UPDATE log SET head = 0")  # type: ignore[attr-defined]
        with pytest.raises(Halted, match="tallies stands at position 1, beyond the head of the log, 0"):
            followed.follower.step()
    life.log.close()


def test_rows_that_know_more_than_the_log_stop_the_follower(life: Chronicle, following: Rows) -> None:
    life.tell("raised")
    following.follow()
    build = following.store.serving("tallies")
    assert build is not None
    following.store._database.execute("UPDATE positions SET position = 9")
    following.follower.release()
    following.follower.claim()
    with pytest.raises(Halted, match="beyond the head"):
        following.follower.step()


def test_a_follower_that_runs_wakes_for_every_event_and_stops_when_told(life: Chronicle, database_url: str) -> None:
    stop, failed = threading.Event(), []

    def run() -> None:
        try:
            with Rows(life.log, database_url) as followed:
                followed.follower.run(stop)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for number in range(5):
            life.tell("raised", f"D{number}")
            time.sleep(0.02)
        with Rows(life.log, database_url) as reader:
            build = reader.store.serving("tallies")
            assert build is not None
            end = time.monotonic() + 5
            while reader.store.position(build) < 5 and time.monotonic() < end:
                time.sleep(0.005)
            assert reader.store.position(build) == 5
            assert reader.follower.followed == {}, "one follower at a time"
    finally:
        stop.set()
        thread.join(10)
    assert failed == []


def test_alliances_spread_over_shards_alike_everywhere() -> None:
    assert [shard_of(name, 4) for name in ("a", "b", "digital-health")] == [3, 1, 0]
