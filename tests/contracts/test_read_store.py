"""Rows keep one contract on SQLite and on PostgreSQL: claimed, fenced, whole pages, one order, one instant."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest

from adapters.read_store.canonical import RowText, every_row_of, key_text
from adapters.read_store.opening import connect, open_rows
from adapters.read_store.port import Advance, Build, Parked
from adapters.read_store.store import RowStore
from domain.errors import Halted, NewerFormat, Unreadable
from domain.ports import LogIdentity
from projections.projection import Key

LOG = LogIdentity(id="6f2c3f0e-0000-4000-8000-000000000001", incarnation=1, format=1, simulated_clock=False)
Open = Callable[[], RowStore]


@dataclass(frozen=True)
class Tally:
    title: str | None = None
    count: int = 0
    closed: bool = False
    owners: dict[str, str] = field(default_factory=dict)


class Tallies:
    NAME = "tallies"
    VERSION = 1
    Row = Tally
    READS: Mapping[str, type[Any]] = MappingProxyType({})

    def keys(self, event: Any) -> tuple[Key, ...]:
        return ()

    def evolve(self, row: Any, event: Any) -> Any:
        return row


class LaterTallies(Tallies):
    VERSION = 2


TALLIES = Tallies()
TEXT = RowText(Tally)


@pytest.fixture
def open_store(database_url: str) -> Iterator[Open]:
    """Give a way to open the same rows several times, as several processes would."""
    with ExitStack() as stack:

        def opened() -> RowStore:
            store = open_rows(database_url, LOG)
            stack.callback(store.close)
            return store

        yield opened


def row(count: int, **more: Any) -> str:
    return TEXT.text(Tally(count=count, **more))


def write(store: RowStore, build: Build, position: int, rows: dict[Key, str | None], **more: Any) -> None:
    claim = store.claim(build, holder="test")
    assert claim is not None
    store.commit([Advance(claim=claim, position=position, rows=rows, **more)])
    store.release(replace(claim, position=position))


def all_rows(store: RowStore, build: Build, alliance: str | None = None) -> dict[Key, str]:
    with store.snapshot():
        return dict(store.rows(build, alliance=alliance))


def parked(key: Key, position: int = 3) -> Parked:
    return Parked(key=key, position=position, event_id=f"e{position}", name="decision-made", error="KeyError: 'x'")


def test_rows_come_back_as_they_were_written(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    one = row(1, title='naïve "quotes", a \\ and a \x00', owners={"z": "1", "a": "é"})

    write(store, build, 5, {("acme", "D1"): one, ("acme", "D2"): row(2)})

    assert store.load(build, [("acme", "D1"), ("acme", "D3")]) == {("acme", "D1"): one}
    assert TEXT.row(one) == Tally(count=1, title='naïve "quotes", a \\ and a \x00', owners={"a": "é", "z": "1"})
    assert store.position(build) == 5


def test_a_row_is_replaced_and_deleted(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    write(store, build, 1, {("a", "1"): row(1), ("a", "2"): row(2)})
    write(store, build, 2, {("a", "1"): row(9), ("a", "2"): None, ("a", "3"): None})
    assert all_rows(store, build) == {("a", "1"): row(9)}


def test_rows_come_in_the_byte_order_of_their_keys(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    keys = [("a", "Z"), ("a", "é"), ("a", "a"), ("a",), ("a", "a", "b"), ("B", "1"), ("ab", "1"), ("a", "-"), ("a b",)]
    write(store, build, 1, {key: row(index) for index, key in enumerate(keys)})

    in_order = sorted(keys, key=lambda key: key_text(key).encode())

    assert list(all_rows(store, build)) == in_order
    assert list(all_rows(store, build, "a")) == [key for key in in_order if key[0] == "a"]
    with store.snapshot():
        assert store.keys(build, "B") == [("B", "1")]


def test_an_alliance_is_not_mixed_up_with_one_whose_name_begins_alike(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    names = ['a"', "a", "a,", "a-", 'a",', "a\\", "a]"]
    keys: list[Key] = [key for name in names for key in ((name,), (name, "x"))]
    write(store, build, 1, dict.fromkeys(keys, row(1)))
    for name in names:
        assert set(all_rows(store, build, name)) == {(name,), (name, "x")}


def test_the_digest_depends_on_rows_and_keys_alone(open_store: Open) -> None:
    store = open_store()
    first, second = store.create_build(TALLIES), store.create_build(TALLIES)
    empty = store.digest(first)
    write(store, first, 1, {("a", "1"): row(1)})
    write(store, first, 2, {("a", "2"): row(2)})
    write(store, second, 7, {("a", "2"): row(2), ("a", "1"): row(1)})
    assert store.digest(first) == store.digest(second) != empty
    write(store, second, 8, {("a", "2"): row(3)})
    assert store.digest(first) != store.digest(second)


def test_one_holder_at_a_time(open_store: Open) -> None:
    here, there = open_store(), open_store()
    build = here.create_build(TALLIES)
    claim = here.claim(build, holder="here")
    assert claim is not None
    assert there.claim(build, holder="there") is None
    here.release(claim)
    assert there.claim(build, holder="there") is not None


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_fenced(open_store: Open) -> None:
    here, there = open_store(), open_store()
    build = here.create_build(TALLIES)
    paused = here.claim(build, holder="here", seconds=-1)
    taken = there.claim(build, holder="there")
    assert paused is not None
    assert taken is not None
    assert taken.epoch > paused.epoch

    with pytest.raises(Halted, match="claimed by another"):
        here.commit([Advance(claim=paused, position=1, rows={("a", "1"): row(1)})])
    with pytest.raises(Halted, match="claimed by another"):
        here.renew(paused)
    here.release(paused)

    assert there.position(build) == 0
    assert all_rows(there, build) == {}
    assert there.claim(build, holder="third") is None, "a fenced holder lets go of nothing"


def test_a_page_is_written_only_from_where_it_was_read(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    claim = store.claim(build, holder="test")
    assert claim is not None
    (moved,) = store.commit([Advance(claim=claim, position=3, rows={("a", "1"): row(1)})])
    with pytest.raises(Halted):
        store.commit([Advance(claim=claim, position=4, rows={("a", "1"): row(2)})])
    assert moved.position == store.position(build) == 3
    assert all_rows(store, build) == {("a", "1"): row(1)}


def test_a_fenced_projection_takes_the_whole_page_back(open_store: Open) -> None:
    store = open_store()
    mine, lost = store.create_build(TALLIES), store.create_build(TALLIES)
    kept, fenced = store.claim(mine, holder="me"), store.claim(lost, holder="me", seconds=-1)
    assert kept is not None
    assert fenced is not None
    assert open_store().claim(lost, holder="other") is not None
    advances = [Advance(claim=each, position=1, rows={("a", "1"): row(1)}) for each in (kept, fenced)]
    with pytest.raises(Halted):
        store.commit(advances)
    assert store.position(mine) == 0
    assert all_rows(store, mine) == {}


def test_a_snapshot_sees_one_instant(open_store: Open) -> None:
    reader, writer = open_store(), open_store()
    build = writer.create_build(TALLIES)
    write(writer, build, 1, {("a", "1"): row(1)})
    with reader.snapshot():
        assert reader.position(build) == 1
        write(writer, build, 2, {("a", "1"): row(2)})
        assert reader.position(build) == 1
        assert dict(reader.rows(build)) == {("a", "1"): row(1)}
    assert reader.position(build) == 2


def test_parked_keys_are_kept_listed_and_freed(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    a, everything = ("a", "1"), every_row_of("b")
    write(store, build, 3, {}, parked={a: parked(a), everything: parked(everything, 2)})

    assert list(store.parked(build)) == [a, everything]
    found = store.parked(build, alliance="a")[a]
    assert (found.position, found.event_id, found.name, found.error) == (3, "e3", "decision-made", "KeyError: 'x'")
    assert found.parked_at > 0

    store.ask_redrive(build, [a])
    assert [each.key for each in store.parked(build).values() if each.redrive] == [a]
    write(store, build, 4, {}, parked={a: None})
    assert list(store.parked(build)) == [everything]


def test_the_first_build_serves_and_a_later_one_waits_beside_it(open_store: Open) -> None:
    store = open_store()
    assert store.serving("tallies") is None
    first, second = store.create_build(TALLIES), store.create_build(LaterTallies())
    assert store.serving("tallies") == first
    assert store.builds("tallies") == [first, second]
    assert (first.version, second.version) == (1, 2)
    assert store.projections() == ["tallies"]


def test_what_was_overtaken_writes_nothing_and_the_connection_goes_on(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES)
    first = store.claim(build, holder="test")
    claim = store.claim(build, holder="test")
    assert first
    assert claim
    with pytest.raises(Halted, match="tallies was claimed by another follower"):
        store.commit([Advance(claim=first, position=3, rows={("a", "1"): row(1)})])
    with pytest.raises(Halted, match="tallies was claimed by another follower"):
        store.renew(first)
    assert (store.position(build), store.load(build, [("a", "1")])) == (0, {})
    moved = store.commit([Advance(claim=claim, position=4, rows={("a", "2"): row(2)})])
    assert (store.position(build), list(store.load(build, [("a", "1"), ("a", "2")]))) == (4, [("a", "2")])
    assert (moved[0].position, store.serving_position("tallies"), store.serving_position("others")) == (4, 4, 0)


def test_a_switch_and_its_rollback_are_at_once_for_everybody(open_store: Open) -> None:
    store, other = open_store(), open_store()
    first, second = store.create_build(TALLIES), store.create_build(LaterTallies())
    assert store.switch(second) == "agree"
    assert (other.serving("tallies"), other.previous("tallies")) == (second, first)
    assert store.rollback("tallies") == first
    assert (other.serving("tallies"), other.previous("tallies")) == (first, second)
    assert store.rollback("tallies") == second


def test_without_a_previous_build_there_is_no_rollback(open_store: Open) -> None:
    store = open_store()
    store.create_build(TALLIES)
    with pytest.raises(Halted, match="no previous build"):
        store.rollback("tallies")


def test_a_switch_waits_for_the_same_position_and_the_same_rows(open_store: Open) -> None:
    store = open_store()
    old, new = store.create_build(TALLIES), store.create_build(LaterTallies())
    write(store, old, 5, {("a", "1"): row(1, title="old")})
    write(store, new, 4, {("a", "1"): row(1, title="old")})
    assert store.switch(new, agree_with=old) == "elsewhere"
    write(store, new, 5, {("a", "1"): row(1, title="new")})
    assert store.switch(new, agree_with=old) == store.compare(new, old) == "differ"
    assert store.serving("tallies") == old
    assert store.switch(new, agree_with=old, over=["count", "closed"]) == "agree"
    assert store.serving("tallies") == new


def test_builds_with_different_parked_keys_differ(open_store: Open) -> None:
    store = open_store()
    one, other = store.create_build(TALLIES), store.create_build(TALLIES)
    assert store.compare(one, other) == "agree"
    write(store, one, 1, {}, parked={("a", "1"): parked(("a", "1"))})
    write(store, other, 1, {})
    assert store.compare(one, other) == "differ"
    assert store.fields(one) == ["title", "count", "closed", "owners"]


def test_sql_users_read_the_serving_build_under_a_stable_name(open_store: Open, database_url: str) -> None:
    store = open_store()
    first, second = store.create_build(TALLIES), store.create_build(LaterTallies())
    write(store, first, 1, {("a", "1"): row(1, title="one", owners={"x": "y"})})
    write(store, second, 1, {("a", "1"): row(2, title="two", closed=True)})
    database = connect(database_url)
    sql = "SELECT key, alliance, title, count, closed FROM tallies"
    assert [(*each[:4], bool(each[4])) for each in database.execute(sql)] == [('["a","1"]', "a", "one", 1, False)]
    store.switch(second)
    assert [(*each[:4], bool(each[4])) for each in database.execute(sql)] == [('["a","1"]', "a", "two", 2, True)]
    database.close()


def test_shards_are_claimed_apart_and_merged_when_all_stand_at_one_place(open_store: Open) -> None:
    store = open_store()
    build = store.create_build(TALLIES, shards=2)
    claims = [store.claim(build, holder="test", shard=shard) for shard in (0, 1)]
    assert [(claim.shard, claim.shards) for claim in claims if claim] == [(0, 2), (1, 2)]
    first, second = (claim for claim in claims if claim)
    store.commit([Advance(claim=first, position=9, rows={("a", "1"): row(1)})])
    assert store.position(build) == 0, "a build stands where its slowest shard does"
    with pytest.raises(Halted, match="different positions"):
        store.merge_shards(build)
    with pytest.raises(Halted, match="not whole"):
        store.switch(build)
    store.commit([Advance(claim=second, position=9, rows={("b", "1"): row(1)})])
    store.merge_shards(build)
    assert [(each.shard, each.shards, each.position) for each in store.standings(build)] == [(0, 1, 9)]
    with pytest.raises(Halted):
        store.commit([Advance(claim=replace(first, position=9), position=10)])


def test_a_build_is_thrown_away_only_when_nobody_uses_it(open_store: Open) -> None:
    store = open_store()
    first, second = store.create_build(TALLIES), store.create_build(TALLIES)
    claim = store.claim(second, holder="test")
    assert claim is not None
    for build in (first, second):
        with pytest.raises(Halted, match="in use"):
            store.drop_build(build)
    store.release(claim)
    store.drop_build(second)
    assert store.builds("tallies") == [first]
    with pytest.raises(Halted, match="was thrown away"):
        store.load(second, [("a", "1")])
    assert store.create_build(TALLIES).id == second.id


def test_rows_of_another_log_or_of_an_earlier_incarnation_are_not_followed(open_store: Open, database_url: str) -> None:
    open_store()
    for other in (replace(LOG, id="6f2c3f0e-0000-4000-8000-000000000002"), replace(LOG, incarnation=2)):
        with pytest.raises(Halted, match="throw the rows away"):
            open_rows(database_url, other)


def test_rows_of_a_newer_format_are_refused(open_store: Open, database_url: str) -> None:
    open_store()
    database = connect(database_url)
    database.execute("UPDATE folded_from SET format = 99")
    database.close()
    with pytest.raises(NewerFormat, match="format 99"):
        open_rows(database_url, LOG)


def test_a_url_that_names_no_database_is_refused() -> None:
    with pytest.raises(Unreadable, match="names no database"):
        open_rows("mysql://localhost/x", LOG)


def test_a_file_of_rows_that_somebody_keeps_locked_is_said_to_be(sqlite_url: str) -> None:
    store = open_rows(sqlite_url, LOG)
    build = store.create_build(TALLIES)
    other = connect(sqlite_url)
    other.execute(other.BEGIN)
    store._database._connection.execute("PRAGMA busy_timeout = 10")  # type: ignore[attr-defined]
    with pytest.raises(Halted, match="holds the file of the rows"):
        store.claim(build, holder="test")
    other.rollback()
    assert store.claim(build, holder="test") is not None
    other.close()
    store.close()
