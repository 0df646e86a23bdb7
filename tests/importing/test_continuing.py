"""An import that was stopped, or a longer export, continues; what changed since is corrected, exactly."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.event_log import Log, open_log
from adapters.importing import recording
from domain.errors import Unreadable
from domain.ports import Append
from domain.recorded import Envelope
from domain.values import MessageKey
from tests.importing.given import Desk, events, times

RULES = """
rules:
  - {when: {e: open}, then: raised}
  - {when: {e: up}, then: escalated}
  - {when: {e: no}, then: {made: rejected}, only_if_last: true}
  - {when: {e: yes}, then: {made: accepted}}
  - {when: {e: hm}, then: ignored}
"""
HEADER = "d,n,at,e\n"
ROWS = ["D1,1,2026-01-01,open", "D1,2,2026-01-02,up", "D2,1,2026-01-02,open", "D1,3,2026-01-03,no"]


def holds(desk: Desk, rows: Sequence[str]) -> Desk:
    return desk.holds(HEADER + "\n".join(rows), RULES)


def facts(log: Log) -> list[tuple[str, str, int]]:
    return sorted((e.fact.decision, e.name, e.at) for e in events(log))


def names(log: Log, decision: str = "D1") -> list[str]:
    return [e.name for e in events(log) if e.fact.decision == decision]


def test_the_same_file_again_writes_nothing(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    head = log.head()
    again = desk.imported(log)
    assert (log.head(), again.imported.known, again.imported.reported) == (head, 4, 0)


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def test_an_import_stopped_between_pages_continues(desk: Desk, log: Log) -> None:
    rows = [row for i in range(700) for row in (f"D{i},1,2026-01-01,open", f"D{i},2,2026-01-02,up")]
    holds(desk, rows)

    def stop(doing: str, rows: int) -> None:
        if doing == "writing":
            raise Stopped

    with pytest.raises(Stopped):
        desk.imported(log, progress=stop)
    assert log.head() == recording.PAGE_REPORTS
    desk.imported(log)
    assert len(events(log)) == 1400
    with open_log(f"sqlite:///{desk.folder / 'once.db'}") as whole:
        desk.imported(whole)
        assert facts(whole) == facts(log)


def test_a_file_that_is_known_continues_whatever_an_earlier_version_counted_in_it(desk: Desk, log: Log) -> None:
    holds(desk, ROWS)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (desk.file, desk.map)]
    key = MessageKey("desk", "/".join(["history", *digests]))
    log.append(Append(envelope=Envelope(alliance="orion", effective_at=0, message=key), facts=[], digest=b"other"))
    desk.imported(log)
    assert len(events(log)) == 4


def test_every_database_continues_and_corrects(desk: Desk, database_url: str) -> None:
    with open_log(database_url) as log:
        holds(desk, ROWS).imported(log)
        assert holds(desk, [*ROWS, "D1,4,2026-01-09,yes"]).imported(log).imported.corrected == 1
        assert names(log) == ["decision-raised", "decision-escalated", "decision-returned", "decision-made"]
        assert desk.imported(log).imported.events == 0


def test_a_longer_export_adds_what_is_new(desk: Desk, log: Log) -> None:
    holds(desk, ROWS[:3]).imported(log)
    outcome = holds(desk, [*ROWS, "D3,1,2026-02-01,open"]).imported(log)
    assert outcome.imported.reported == 2
    assert names(log) == ["decision-raised", "decision-escalated", "decision-made"]


def test_a_rejection_that_is_the_last_no_more_becomes_a_return(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    outcome = holds(desk, [*ROWS, "D1,4,2026-01-09,yes"]).imported(log)
    assert outcome.imported.corrected == 1
    assert names(log) == ["decision-raised", "decision-escalated", "decision-returned", "decision-made"]
    assert times(log)["D1"].cycles[0].ending == "accepted"


def test_a_row_that_changed_is_corrected_and_changed_back_again(desk: Desk, log: Log) -> None:
    later = [*ROWS[:3], "D1,3,2026-01-04,no"]
    holds(desk, ROWS).imported(log)
    first = facts(log)
    for _ in range(2):
        assert holds(desk, later).imported(log).imported.corrected == 1
        assert holds(desk, ROWS).imported(log).imported.corrected == 1
        assert facts(log) == first
    assert desk.imported(log).imported.corrected == 0


def test_a_correction_says_why(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    holds(desk, [*ROWS[:3], "D1,3,2026-01-04,no"]).imported(log)
    (correction,) = [e for e in log.read(after=0, limit=100) if e.name == "record-corrected"]
    assert correction.meta.reason is not None
    assert correction.meta.reason.startswith("the source desk says otherwise now")


def test_a_row_between_known_ones_is_reported_in_its_place(desk: Desk, log: Log) -> None:
    holds(desk, [ROWS[0], ROWS[3]]).imported(log)
    holds(desk, ROWS).imported(log)
    assert names(log) == ["decision-raised", "decision-escalated", "decision-made"]
    assert desk.imported(log).imported.events == 0


def test_rows_that_changed_places_are_told_in_their_new_order(desk: Desk, log: Log) -> None:
    mapping = RULES.replace("rules:", "identity: [d, k]\nrules:", 1)
    before = ["D1,1,2026-01-01,open,a", "D1,2,2026-01-02,up,b", "D1,3,2026-01-03,yes,c"]
    after = ["D1,1,2026-01-01,open,a", "D1,2,2026-01-02,hm,x", "D1,4,2026-01-04,up,b", "D1,5,2026-01-05,yes,c"]
    swapped = [after[0], "D1,2,2026-01-02,up,c", "D1,3,2026-01-03,yes,b"]
    for rows in (before, after, swapped, before):
        desk.holds("d,n,at,e,k\n" + "\n".join(rows), mapping).imported(log)
        told = [row.split(",")[3:] for row in rows if ",hm," not in row]
        stand = [[e.name, e.meta.message.id if e.meta.message else ""] for e in events(log)]
        word = {"open": "decision-raised", "up": "decision-escalated", "yes": "decision-made"}
        assert [(name, key.split("~")[0]) for name, key in stand] == [(word[e], f"D1/{k}") for e, k in told]


def test_a_row_that_says_nothing_now_is_retracted(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    holds(desk, [ROWS[0], "D1,2,2026-01-02,hm", *ROWS[2:]]).imported(log)
    assert names(log) == ["decision-raised", "decision-made"]
    holds(desk, ROWS).imported(log)
    assert names(log) == ["decision-raised", "decision-escalated", "decision-made"]


def test_a_known_row_that_the_file_leaves_out_stands(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    outcome = holds(desk, ROWS[:2]).imported(log)
    assert names(log) == ["decision-raised", "decision-escalated", "decision-made"]
    assert outcome.imported.corrected == 0


STATES = "rules: [{then: {becomes: {column: e, values: {open: open, up: paused, no: no}}}}]"


@pytest.mark.parametrize(("rules", "rule"), [(None, "raised_first"), (STATES, "raised_once")])
def test_only_the_new_rows_of_a_known_decision_are_refused_as_what_they_are(
    rules: str | None, rule: str, desk: Desk, log: Log
) -> None:
    desk.holds(HEADER + "\n".join(ROWS[:3]), rules or RULES).imported(log)
    before = names(log)
    desk.holds(HEADER + ROWS[3], rules or RULES)
    with pytest.raises(Unreadable, match=rf"history\.csv:2: .*the log knows the decision, and its earlier.*\[{rule}\]"):
        desk.imported(log)
    assert names(log) == before


def test_a_decision_of_another_source_is_refused(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    head = log.head()
    desk.map.write_text(desk.map.read_text(encoding="utf-8").replace("source: desk", "source: other"), encoding="utf-8")
    with pytest.raises(Unreadable, match="D1 is in the alliance already, and not from the source other"):
        desk.imported(log)
    assert log.head() == head


def test_names_of_persons_are_in_no_stored_byte(desk: Desk, log: Log) -> None:
    mapping = "columns: {decision: d, order: n, time: {column: at, zone: UTC}, actor: who, note: what}"
    alliance = "alliance: {id: orion, parties: [{id: acme, name: A}, {id: globex, name: G}]}"
    rules = f"\nsource: desk\n{alliance}\nrules: [{{then: {{becomes: open}}}}]"
    desk.holds("d,n,at,who,what\nD1,1,2026-01-01,Ada Lovelace,she sighed", mapping + rules).imported(log)
    (raised,) = events(log)
    assert raised.meta.actor is not None
    assert (raised.meta.actor.person or "").startswith("p-")
    for stored in log.pages(0, 100):
        assert b"Lovelace" not in stored.fact + stored.meta
        assert b"sighed" not in stored.fact + stored.meta


def test_a_history_says_where_it_came_from(desk: Desk, log: Log) -> None:
    holds(desk, ROWS).imported(log)
    (history,) = [e.fact for e in log.read(after=0, limit=100) if e.name == "history-imported"]
    assert history.sha256 == hashlib.sha256(desk.file.read_bytes()).hexdigest()
    assert (history.source, history.rows, history.decisions, history.clamped) == ("desk", 4, 2, 0)


CELLS = st.tuples(st.sampled_from(["open", "up", "no", "hm"]), st.integers(1, 3))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(exports=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=2, max_size=4))
def test_after_any_exports_the_log_says_what_the_last_one_says(
    exports: list[list[tuple[str, int]]], desk: Desk, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    rows = [
        [
            "D1,0,2026-01-01,open",
            *(f"D1,{n},2026-01-0{day + 1},{e if e != 'open' else 'up'}" for n, (e, day) in enumerate(cells, start=1)),
        ]
        for cells in exports
    ]
    longest = max(len(one) for one in rows)
    rows = [one + [f"D1,{n},2026-01-09,hm" for n in range(len(one), longest)] for one in rows]
    with open_log(f"sqlite:///{folder / 'many.db'}") as many, open_log(f"sqlite:///{folder / 'once.db'}") as once:
        for one in rows:
            holds(desk, one).imported(many)
        holds(desk, rows[-1]).imported(once)
        assert [(e.name, e.at) for e in events(many)] == [(e.name, e.at) for e in events(once)]
