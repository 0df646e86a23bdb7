"""The contract of the log port, over every database that keeps it."""

import contextlib
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest

from adapters.event_log import Log, migrate_log, open_log
from adapters.event_log.codec import MICROSECONDS
from adapters.event_log.group_commit import GroupCommit
from adapters.event_log.migrations import APPEND_LOCK
from domain.errors import Conflict, Refused, RepeatDiffers, Unreadable
from domain.events.alliance import AllianceLaunched
from domain.events.decision import DecisionEscalated, DecisionRaised, PositionStated
from domain.ports import Append, Receipt
from domain.recorded import Decided, Envelope
from domain.values import Actor, Evidence, Finding, MessageKey

RAISED_AT = 1_760_000_000


@pytest.fixture
def log(database_url: str) -> Iterator[Log]:
    with open_log(database_url) as opened:
        yield opened


@pytest.fixture
def simulated(database_url: str) -> Iterator[Log]:
    with open_log(database_url, simulated_clock=True) as opened:
        yield opened


def raised(decision: str, **words: Any) -> Decided[DecisionRaised]:
    return Decided(DecisionRaised(decision=decision, body="JSC", **words))


def envelope(message: str | None = None, **words: Any) -> Envelope:
    key = None if message is None else MessageKey("acme", message)
    return Envelope(**{"alliance": "digital-health", "effective_at": RAISED_AT, "message": key, **words})


def wish(message: str, *facts: Decided[Any], **words: Any) -> Append:
    digest = words.pop("digest", hashlib.sha256(repr(message).encode()).digest())
    about = {name: words.pop(name) for name in list(words) if name in Envelope.__dataclass_fields__}
    return Append(envelope=envelope(message, **about), facts=facts, digest=digest, **words)


def stream(decision: str) -> str:
    return f"decision/digital-health/{decision}"


def names(log: Log) -> list[tuple[int, str, int, str]]:
    return [(event.position, event.stream, event.version, event.name) for event in log.read(after=0, limit=1000)]


def test_a_new_log_is_empty_and_says_which_it_is(log: Log, database_url: str) -> None:
    assert (log.head(), log.read(after=0, limit=10), log.alliances()) == (0, [], [])
    with open_log(database_url) as again:
        assert again.identity() == log.identity()
    assert log.identity().incarnation == 1
    assert not log.identity().simulated_clock


def test_positions_are_dense_and_versions_are_dense_per_stream(log: Log) -> None:
    first = log.append(wish("m1", raised("D1"), raised("D2"), Decided(DecisionEscalated(decision="D1", to="ESC"))))
    second = log.append(wish("m2", Decided(DecisionEscalated(decision="D2", from_="JSC"))))
    assert (first, second) == (Receipt(1, 3), Receipt(4, 4))
    assert names(log) == [
        (1, stream("D1"), 1, "decision-raised"),
        (2, stream("D2"), 1, "decision-raised"),
        (3, stream("D1"), 2, "decision-escalated"),
        (4, stream("D2"), 2, "decision-escalated"),
    ]
    assert log.head() == 4
    versions = {stream("D1"): 2, stream("D2"): 2, stream("D3"): 0}
    assert log.versions(list(versions)) == versions


def test_what_was_recorded_comes_back_whole(log: Log) -> None:
    fact = PositionStated(decision="D1", party="acme", position="against", statement="Dr. Weiss thinks it is too early")
    about = envelope(
        "m1",
        precision="day",
        zone="Europe/Berlin",
        source_recorded_at=RAISED_AT + 5,
        actor=Actor(person="p-17", party="acme", role="chair", via="email"),
        evidence=(Evidence(document="minutes.pdf", sha256="ab" * 32, clause="4.2"), Evidence(document="mail")),
        correlation_id="c1",
        causation_id="c0",
        reason="Mr. Kim was away",
        note="by telephone",
    )
    findings = (Finding("quorum", clause="5.1", because_of=("e1", "e2")), Finding("late"))
    log.append(Append(envelope=about, facts=[Decided(fact, findings=findings, clause="7", charter_version="2")]))
    (event,) = log.read(after=0, limit=10)
    assert event.fact == fact
    meta = event.meta
    assert (meta.effective_at, meta.precision, meta.zone) == (RAISED_AT, "day", "Europe/Berlin")
    assert (meta.alliance, meta.message, meta.actor) == (about.alliance, about.message, about.actor)
    assert (meta.evidence, meta.findings, meta.clause, meta.charter_version) == (about.evidence, findings, "7", "2")
    assert (meta.source_recorded_at, meta.correlation_id, meta.causation_id) == (RAISED_AT + 5, "c1", "c0")
    assert (meta.reason, meta.note) == ("Mr. Kim was away", "by telephone")


def test_no_name_and_no_free_text_about_a_person_is_in_fact_or_meta(log: Log) -> None:
    statement = Decided(PositionStated(decision="D1", party="acme", position="against", statement="Weiss doubts it"))
    log.append(wish("m1", statement, reason="Kim was away", note="ask Lopez"))
    (row,) = log.pages(0, 10)
    assert row.sealed == b'{"fact":{"statement":"Weiss doubts it"},"reason":"Kim was away","note":"ask Lopez"}'
    assert not [word for word in (b"Weiss", b"Kim", b"Lopez") if word in row.fact + row.meta]


def test_an_event_without_anything_sealed_has_null_there(log: Log) -> None:
    log.append(wish("m1", raised("D1")))
    (row,) = log.pages(0, 10)
    assert row.sealed is None
    assert row.fact == b'{"decision":"D1","body":"JSC","kind":"approve","attributes":{}}'
    assert row.meta == b'{"effective_at":1760000000,"precision":"instant","zone":"UTC"}'


def test_the_same_message_with_the_same_content_answers_with_the_first_receipt_for_ever(log: Log) -> None:
    log.append(wish("m0", raised("D0")))
    first = log.append(wish("m1", raised("D1"), raised("D2")))
    log.append(wish("m2", raised("D3")))
    again = log.append(wish("m1", raised("D1"), raised("D2"), expected={stream("D1"): 0}))
    assert again == Receipt(first.first, first.last, repeated=True)
    assert log.remembered(MessageKey("acme", "m1")) == again
    assert log.head() == 4


def test_the_same_message_with_other_content_is_refused(log: Log) -> None:
    log.append(wish("m1", raised("D1")))
    with pytest.raises(RepeatDiffers):
        log.append(wish("m1", raised("D1"), digest=b"other"))
    assert log.head() == 1


def test_one_party_cannot_burn_the_ids_of_another(log: Log) -> None:
    log.append(wish("m1", raised("D1")))
    other = Append(
        envelope=envelope(message=None, alliance="digital-health"),
        facts=[raised("D2")],
        digest=b"x",
    )
    theirs = Append(
        envelope=Envelope(alliance="digital-health", effective_at=1, message=MessageKey("beta", "m1")),
        facts=[raised("D3")],
        digest=b"y",
    )
    assert (log.append(other), log.append(theirs)) == (Receipt(2, 2), Receipt(3, 3))


def test_a_message_that_yields_no_event_is_remembered_at_the_head_it_was_judged_at(log: Log) -> None:
    log.append(wish("m1", raised("D1")))
    refused = log.append(wish("m2", outcome="refused: no authority"))
    assert refused == Receipt(2, 1, outcome="refused: no authority")
    log.append(wish("m3", raised("D2")))
    again = log.append(wish("m2", outcome="something else"))
    assert again == Receipt(2, 1, repeated=True, outcome="refused: no authority")
    assert log.remembered(MessageKey("acme", "m2")) == again
    assert log.remembered(MessageKey("acme", "m9")) is None


def test_a_message_without_an_id_is_the_same_where_its_content_is(log: Log) -> None:
    unnamed = Append(envelope=envelope(), facts=[raised("D1")], digest=hashlib.sha256(b"m").digest())
    assert log.append(unnamed) == Receipt(1, 1)
    assert log.append(unnamed) == Receipt(1, 1, repeated=True)
    (event,) = log.read(after=0, limit=10)
    assert event.meta.message == MessageKey("digest", hashlib.sha256(b"m").hexdigest())


def test_an_append_is_refused_where_a_stream_moved_on_that_it_wrote_or_only_read(log: Log) -> None:
    log.append(wish("m1", raised("D1"), raised("D2")))
    for number, (written, expected) in enumerate([("D1", {"D1": 0}), ("D3", {"D3": 0, "D2": 0}), ("D1", {"D1": 2})]):
        with pytest.raises(Conflict) as refusal:
            log.append(wish(f"c{number}", raised(written), expected={stream(d): v for d, v in expected.items()}))
        assert all(version == 1 for version in refusal.value.streams.values())
    assert log.head() == 2
    assert log.append(wish("m2", raised("D1"), expected={stream("D1"): 1, stream("D2"): 1})) == Receipt(3, 3)


def test_several_callers_in_one_transaction_each_get_their_own_outcome(log: Log) -> None:
    log.append(wish("m0", raised("D0")))
    boom = ValueError("the write beside failed")

    def fails(cursor: Any) -> None:
        raise boom

    outcomes = log.append_all(
        [
            wish("m1", raised("D1"), expected={stream("D1"): 0}),
            wish("m2", raised("D1"), expected={stream("D1"): 0}),
            wish("m3", raised("D1"), expected={stream("D1"): 1}),
            wish("m0", raised("D0")),
            wish("m1", raised("D1"), digest=b"other"),
            wish("m4", raised("D4"), beside=[fails]),
            wish("m5", raised("D4"), expected={stream("D4"): 0}),
            wish("m6", outcome="nothing to do"),
        ]
    )
    assert outcomes[0] == Receipt(2, 2)
    assert isinstance(outcomes[1], Conflict)
    assert outcomes[1].streams == {stream("D1"): 1}
    assert outcomes[2] == Receipt(3, 3)
    assert outcomes[3] == Receipt(1, 1, repeated=True)
    assert isinstance(outcomes[4], RepeatDiffers)
    assert outcomes[5] is boom
    assert outcomes[6:] == [Receipt(4, 4), Receipt(5, 4, outcome="nothing to do")]
    assert [(at, version) for at, _, version, _ in names(log)] == [(1, 1), (2, 1), (3, 2), (4, 1)]
    assert log.remembered(MessageKey("acme", "m4")) is None


def test_callers_whose_batches_agree_are_written_in_one_sweep(log: Log) -> None:
    outcomes = log.append_all(
        [
            wish("m1", raised("D1"), raised("D2"), expected={stream("D1"): 0}),
            wish("m2", raised("D1"), expected={stream("D1"): 1, stream("D2"): 1}),
            wish("m3", raised("D3")),
        ]
    )
    assert outcomes == [Receipt(1, 2), Receipt(3, 3), Receipt(4, 4)]
    assert [(at, version) for at, _, version, _ in names(log)] == [(1, 1), (2, 1), (3, 2), (4, 1)]
    assert log.append_all([]) == []


def test_of_two_callers_who_expect_the_same_version_only_the_first_is_written(log: Log) -> None:
    first, second = log.append_all([wish(f"m{n}", raised("D1"), expected={stream("D1"): 0}) for n in range(2)])
    assert first == Receipt(1, 1)
    assert isinstance(second, Conflict)
    assert log.head() == 1


def test_several_batches_are_appended_whole_with_what_is_beside_them_or_not_at_all(log: Log) -> None:
    seen: list[str] = []

    def fails(cursor: Any) -> None:
        raise ValueError("the write beside failed")

    one, two = (
        wish("m1", raised("D1"), expected={stream("D1"): 0}),
        wish("m2", raised("D2"), expected={stream("D1"): 1}),
    )
    with pytest.raises(ValueError, match="the write beside failed"):
        log.append_whole([one, two], [fails])
    assert (log.head(), log.remembered(MessageKey("acme", "m1"))) == (0, None)
    assert log.append_whole([one, two], [lambda _: seen.append("beside")]) == [Receipt(1, 1), Receipt(2, 2)]
    moved = [wish("m3", raised("D3")), wish("m4", raised("D4"), expected={stream("D1"): 7})]
    repeated = [wish("m5", raised("D5")), wish("m2", raised("D2"))]
    for batches in (moved, repeated):
        assert log.append_whole(batches, [lambda _: seen.append("never")]) is None
    assert (log.head(), seen) == (2, ["beside"])


def beside_table(database_url: str, log: Log) -> None:
    def make(cursor: Any) -> None:
        cursor.execute("CREATE TABLE beside (note TEXT)")

    log.append(wish("make", outcome="made", beside=[make]))


def test_what_is_written_beside_commits_with_the_events_or_not_at_all(log: Log, database_url: str) -> None:
    beside_table(database_url, log)
    kept: list[str] = []

    def write(cursor: Any) -> None:
        cursor.execute("INSERT INTO beside VALUES ('kept')")

    def writes_and_fails(cursor: Any) -> None:
        cursor.execute("INSERT INTO beside VALUES ('lost')")
        cursor.execute("INSERT INTO nowhere VALUES (1)")

    def look(cursor: Any) -> None:
        kept.extend(row[0] for row in cursor.execute("SELECT note FROM beside").fetchall())

    outcomes = log.append_all(
        [
            wish("m1", raised("D1"), beside=[write]),
            wish("m2", raised("D2"), beside=[writes_and_fails]),
            wish("m3", raised("D3"), beside=[look]),
        ]
    )
    assert outcomes[0] == Receipt(1, 1)
    assert isinstance(outcomes[1], Exception)
    assert outcomes[2] == Receipt(2, 2)
    assert kept == ["kept"]


def test_a_write_beside_that_hides_a_failure_fails_alone(log: Log, database_url: str) -> None:
    def hides(cursor: Any) -> None:
        with contextlib.suppress(Exception):
            cursor.execute("INSERT INTO nowhere VALUES (1)")

    outcomes = log.append_all(
        [wish("m1", raised("D1")), wish("m2", raised("D2"), beside=[hides]), wish("m3", raised("D3"))]
    )
    others = [outcomes[0], outcomes[2]]
    if database_url.startswith("postgresql"):
        assert isinstance(outcomes[1], RuntimeError)
        assert others == [Receipt(1, 1), Receipt(2, 2)]
    else:
        assert [outcomes[1], *others] == [Receipt(2, 2), Receipt(1, 1), Receipt(3, 3)]


def test_a_writer_that_is_paused_under_the_lock_is_ended_by_the_server(postgres_url: str) -> None:
    def hold_the_lock(recorder: Any, meanwhile: Callable[[], None]) -> None:
        with recorder._transaction() as cursor:
            assert cursor.execute("SHOW idle_in_transaction_session_timeout").fetchall() == [("30s",)]
            cursor.execute("SET idle_in_transaction_session_timeout = '300ms'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
            meanwhile()
            cursor.execute("SELECT 1")

    told = []
    with open_log(postgres_url) as paused, open_log(postgres_url) as other:
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            hold_the_lock(paused.recorder, lambda: told.append(other.append(wish("m1", raised("D1")))))
        assert told == [Receipt(1, 1)]
        assert paused.append(wish("m2", raised("D2"))) == Receipt(2, 2)


def test_a_write_beside_runs_for_a_repeat_too_so_that_an_offset_moves_on(log: Log, database_url: str) -> None:
    beside_table(database_url, log)
    seen: list[int] = []

    def count(cursor: Any) -> None:
        cursor.execute("INSERT INTO beside VALUES ('x')")
        seen.extend(row[0] for row in cursor.execute("SELECT count(*) FROM beside").fetchall())

    log.append(wish("m1", raised("D1"), beside=[count]))
    assert log.append(wish("m1", raised("D1"), beside=[count])).repeated
    assert seen == [1, 2]


def test_recorded_times_never_go_back_and_one_transaction_has_one(log: Log) -> None:
    before = time.time_ns() // 1000
    log.append_all([wish("m1", raised("D1"), raised("D2"), recorded_at=5), wish("m2", raised("D3"))])
    log.append(wish("m3", raised("D4")))
    stamps = [event.recorded_at for event in log.read(after=0, limit=10)]
    assert len(set(stamps[:3])) == 1
    assert stamps == sorted(stamps)
    assert stamps[3] > stamps[2] >= before - 5 * MICROSECONDS


def test_a_simulated_clock_obeys_what_it_is_told_but_never_goes_back(simulated: Log) -> None:
    second = MICROSECONDS
    simulated.append_all(
        [
            wish("m1", raised("D1"), raised("D2"), recorded_at=100 * second),
            wish("m2", outcome="nothing", recorded_at=900 * second),
            wish("m3", raised("D3"), recorded_at=50 * second),
            wish("m4", raised("D4"), recorded_at=200 * second),
        ]
    )
    simulated.append(wish("m5", raised("D5"), recorded_at=10 * second))
    simulated.append(wish("m6", raised("D6"), beside=[lambda _: None], recorded_at=300 * second))
    simulated.append(wish("m7", raised("D7")))
    stamps = [event.recorded_at for event in simulated.read(after=0, limit=10)]
    assert stamps == [
        100 * second,
        100 * second,
        100 * second + 1,
        200 * second,
        200 * second + 1,
        300 * second,
        RAISED_AT * second,
    ]
    assert simulated.identity().simulated_clock


def test_an_instant_resolves_to_the_last_position_recorded_by_then(simulated: Log) -> None:
    for number, at in enumerate((100, 200, 300)):
        simulated.append(wish(f"m{number}", raised("D1"), raised("D2"), recorded_at=at))
    assert [simulated.position_at(at) for at in (0, 99, 100, 150, 200, 299, 300, 10**9)] == [0, 0, 2, 2, 4, 4, 6, 6]


def test_the_clock_of_a_log_is_settled_when_it_is_made(database_url: str) -> None:
    open_log(database_url, simulated_clock=True).close()
    with open_log(database_url) as taken_as_it_is:
        assert taken_as_it_is.identity().simulated_clock
    with pytest.raises(Refused, match="simulated clock"):
        open_log(database_url, simulated_clock=False)


def test_an_ordinary_log_cannot_become_a_simulated_one(database_url: str) -> None:
    open_log(database_url).close()
    with pytest.raises(Refused, match="clock of its database"):
        open_log(database_url, simulated_clock=True)
    migrate_log(database_url, simulated_clock=True)
    with open_log(database_url) as log:
        assert not log.identity().simulated_clock


def test_no_log_is_made_where_none_is_asked_for(database_url: str) -> None:
    for _ in range(2):
        with pytest.raises(Unreadable, match="cynosure init"):
            open_log(database_url, create=False)


def test_pages_are_bounded_and_can_be_narrowed(log: Log) -> None:
    log.append_all([wish(f"m{n}", raised(f"D{n}")) for n in range(5)])
    log.append(wish("launch", Decided(AllianceLaunched()), alliance="other/one"))
    assert [row.position for row in log.pages(1, 3)] == [2, 3, 4]
    assert [row.position for row in log.pages(1, 10, upto=3)] == [2, 3]
    assert [row.position for row in log.pages(0, 10, names=["alliance-launched"])] == [6]
    theirs = log.pages(0, 10, alliance="digital-health", names=["decision-raised"])
    assert [row.position for row in theirs] == [1, 2, 3, 4, 5]
    assert log.alliances() == ["digital-health", "other/one"]
    assert [row.position for row in log.glimpses(4, 10, share=["other/one", "digital-health"])] == [5, 6]
    assert [row.position for row in log.glimpses(1, 2, share=["digital-health"])] == [2, 3]
    assert [row.position for row in log.glimpses(0, 9, share=["other/one", "nobody's"])] == [6]
    assert log.glimpses(0, 9, share=[]) == []
    assert [event.position for event in log.read(after=4, limit=10, upto=5)] == [5]


@dataclass(frozen=True)
class Named:
    decision: str


def test_a_fold_finds_in_the_log_what_a_glimpse_leaves_out(log: Log) -> None:
    log.append_all([wish(f"m{n}", raised(f"D{n % 3}")) for n in range(5)])
    log.append(wish("launch", Decided(AllianceLaunched()), alliance="other/one"))
    glimpses = log.glimpses(0, 10, names=["decision-raised"])
    assert [row.position for row in log.glimpses(1, 10, upto=3, alliance="digital-health")] == [2, 3]
    seen = [log.codec.lean({"decision-raised": Named})(row) for row in reversed(glimpses)]
    whole = [event for event in reversed(log.read(after=0, limit=10)) if event.name == "decision-raised"]
    assert [event.fact for event in seen] == [Named(event.fact.decision) for event in whole]
    for its, theirs in zip(seen, whole, strict=True):
        assert replace(its, fact=theirs.fact) == theirs


def test_a_stream_is_read_in_order_from_a_version_up_to_a_position(log: Log) -> None:
    log.append_all([wish(f"m{n}", raised("D1"), raised("D2")) for n in range(700)])
    assert [event.version for event in log.stream(stream("D1"))] == list(range(1, 701))
    assert [event.version for event in log.stream(stream("D1"), after_version=698)] == [699, 700]
    assert [event.position for event in log.stream(stream("D2"), upto=5)] == [2, 4]
    assert list(log.stream(stream("D9"))) == []


def test_event_ids_follow_from_the_log_and_the_message(log: Log) -> None:
    log.append(wish("m1", raised("D1"), raised("D2")))
    key = [json.dumps(["acme", "m1", ordinal], separators=(",", ":")) for ordinal in (0, 1)]
    expected = [str(uuid.uuid5(uuid.UUID(log.identity().id), name)) for name in key]
    assert [event.meta.event_id for event in log.read(after=0, limit=2)] == expected


def test_waiting_ends_when_another_appends_and_when_the_time_is_over(log: Log, database_url: str) -> None:
    assert log.wait(0, 0.01) == 0
    with open_log(database_url) as other:
        writer = threading.Timer(0.2, lambda: other.append(wish("m1", raised("D1"))))
        writer.start()
        started = time.monotonic()
        assert log.wait(0, 20) == 1
        assert 0.1 < time.monotonic() - started < 10
        writer.join()
    assert log.wait(0, 20) == 1
    assert log.wait(1, 0.01) == 1


def test_threads_may_share_a_log(log: Log) -> None:
    def write(number: int) -> None:
        for n in range(20):
            log.append(wish(f"{number}-{n}", raised(f"D{number}"), expected={stream(f"D{number}"): n}))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        rows = log.pages(0, 1000)
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert log.head() == 80
    assert log.versions([stream(f"D{n}") for n in range(4)]) == dict.fromkeys([stream(f"D{n}") for n in range(4)], 20)


@pytest.mark.parametrize("url", ["mysql://here/x", "sqlite://", "sqlite:///", "cynosure.db", "", "postgresql:here"])
def test_a_url_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(Unreadable, match="sqlite:///PATH"):
        open_log(url)


def test_concurrent_callers_share_commits_and_are_each_told_their_own_outcome(log: Log) -> None:
    commits: list[int] = []
    write = log.recorder.write

    def counted(members: Any) -> Any:
        commits.append(len(members))
        time.sleep(0.005)
        return write(members)

    log._commit = GroupCommit(counted)
    told: dict[int, Receipt | Exception] = {}
    callers_ready = threading.Barrier(24)

    def call(number: int) -> None:
        callers_ready.wait()
        try:
            told[number] = log.append(
                wish(f"m{number}", raised(f"D{number // 2}"), expected={stream(f"D{number // 2}"): 0})
            )
        except Conflict as refusal:
            told[number] = refusal

    callers = [threading.Thread(target=call, args=(number,)) for number in range(24)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for decision in range(12):
        pair = [told[2 * decision], told[2 * decision + 1]]
        assert sorted(type(outcome).__name__ for outcome in pair) == ["Conflict", "Receipt"]
    assert log.head() == 12
    assert sum(commits) == 24
    assert len(commits) < 12
    landed = {outcome.first: number for number, outcome in told.items() if isinstance(outcome, Receipt)}
    assert {row.position: row.message_id for row in log.pages(0, 100)} == {at: f"m{n}" for at, n in landed.items()}


def test_what_the_database_refuses_whole_fails_its_own_caller_alone(log: Log) -> None:
    gate = threading.Barrier(3)
    write = log.recorder.write

    def fragile(members: Any) -> Any:
        if any(member.id == "poison" for member in members):
            raise MemoryError("disk full")
        time.sleep(0.02)
        return write(members)

    log._commit = GroupCommit(fragile)
    told: dict[str, str] = {}

    def call(message: str) -> None:
        gate.wait()
        try:
            told[message] = type(log.append(wish(message, raised(message)))).__name__
        except MemoryError:
            told[message] = "MemoryError"

    callers = [threading.Thread(target=call, args=(message,)) for message in ("m1", "poison", "m2")]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert told == {"m1": "Receipt", "m2": "Receipt", "poison": "MemoryError"}


def test_an_interrupted_writer_leaves_the_others_to_write_for_themselves(log: Log) -> None:
    entered, struck = threading.Event(), threading.Event()
    write = log.recorder.write

    def interruptible(members: Any) -> Any:
        if not struck.is_set():
            entered.set()
            time.sleep(0.05)
            struck.set()
            raise KeyboardInterrupt
        return write(members)

    log._commit = GroupCommit(interruptible)
    told: list[str] = []

    def call(message: str) -> None:
        try:
            log.append(wish(message, raised(message)))
            told.append("written")
        except KeyboardInterrupt:
            told.append("interrupted")

    callers = [threading.Thread(target=call, args=(f"m{number}",)) for number in range(5)]
    callers[0].start()
    entered.wait()
    for caller in callers[1:]:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(told) == ["interrupted", "written", "written", "written", "written"]
    assert log.head() == 4


def test_many_at_once_are_judged_as_few_are(log: Log) -> None:
    log.append(wish("seen", raised("D0")))
    many = [wish(f"m{n}", raised(f"D{n % 7}"), raised("E")) for n in range(300)]
    outcomes = log.append_all(many)
    assert outcomes == [Receipt(2 * n + 2, 2 * n + 3) for n in range(300)]
    assert log.append_all(many) == [Receipt(2 * n + 2, 2 * n + 3, repeated=True) for n in range(300)]
    stale = [wish(f"n{n}", raised("F"), expected={stream("D0"): 1} if n == 7 else {}) for n in range(300)]
    outcomes = log.append_all(stale)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Conflict)] == [7]
    rows = log.pages(0, 10_000)
    assert [row.position for row in rows] == list(range(1, 901))
    assert log.versions([stream("D0"), stream("E"), stream("F")]) == {
        stream("D0"): 44,
        stream("E"): 300,
        stream("F"): 299,
    }
    assert [event.version for event in log.stream(stream("E"))] == list(range(1, 301))


def test_a_simulated_clock_obeys_in_bulk_as_it_does_one_by_one(simulated: Log) -> None:
    told = [1_000 + (n * 7919) % 1000 for n in range(250)]
    simulated.append_all([wish(f"m{n}", raised("D1"), recorded_at=at) for n, at in enumerate(told)])
    expected, last = [], 0
    for at in told:
        last = max(at, last + 1)
        expected.append(last)
    assert [row.recorded_at for row in simulated.pages(0, 1000)] == expected


def test_a_batch_that_cannot_be_stored_fails_alone(log: Log) -> None:
    outcomes = log.append_all([wish("m\0", raised("D1")), wish("m2", raised("D2")), wish("\ud800", raised("D3"))])
    assert [type(outcome) for outcome in outcomes] == [Unreadable, Receipt, UnicodeEncodeError]
    assert log.head() == 1
