"""Everything that is wrong with a file is named by its place and rule, and nothing is written."""

import gzip
from pathlib import Path

import pytest

from adapters.event_log import Log
from domain.errors import Unreadable
from tests.importing.given import HEAD, Desk, events, times

RULES = """
rules:
  - {when: {e: open}, then: raised}
  - {when: {e: up}, then: escalated}
  - {when: {e: done}, then: {made: accepted}}
  - {when: {e: again}, then: reopened}
"""
GOOD = "d,n,at,e\nD1,1,2026-01-01,open\nD1,2,2026-01-03,done"


def refused(desk: Desk, rows: str | bytes, mapping: str = RULES) -> str:
    desk.holds(rows, mapping)
    try:
        (first, *_) = desk.told()
    except Unreadable as unreadable:
        (first, *_) = unreadable.faults
    return first.replace(str(desk.file), desk.name).replace(str(desk.map), desk.map.name)


@pytest.mark.parametrize(
    ("row", "rule", "says"),
    [
        ("D1,3,2026-02-30,up", "date", "2026-02-30"),
        ("D1,3,,up", "date", "is empty"),
        ("D1,x,2026-01-05,up", "order", "no number"),
        ("D1,,2026-01-05,up", "order", "is empty"),
        (",3,2026-01-05,up", "decision", "is empty"),
        ("D1,3,2026-01-05,what", "rule_matches", "e='what'"),
        ("D1,3,2026-01-05", "cells", "3 cells where the header names 4"),
        ("D1,3,2026-01-05,up", "open_decisions_only", "has ended (accepted)"),
        ("D1,3,2026-01-05,done", "open_decisions_only", "has ended (accepted)"),
        ("D1,3,2026-01-05,open", "raised_once", "a second start"),
        ("D2,1,2026-01-05,done", "raised_first", "never raised"),
        ("D1,2,2026-01-05,up", "identity", "same d, n as line 3"),
        ("D1,3,0026-01-05,up", "date", "between 1900 and 2200"),
    ],
)
def test_a_bad_row_is_named_by_line_and_rule(row: str, rule: str, says: str, desk: Desk) -> None:
    told = refused(desk, f"{GOOD}\n{row}")
    assert told.startswith("history.csv:4: ")
    assert f"[{rule}]" in told
    assert says in told


def test_a_time_without_a_zone_is_a_fault_where_none_is_declared(desk: Desk) -> None:
    mapping = HEAD.replace("{column: at, zone: UTC}", "at") + RULES
    assert "[zone_missing]" in refused(desk, GOOD, mapping)
    assert desk.holds(GOOD.replace("-01,", "-01T10:00:00Z,").replace("-03,", "-03T10:00+01:00,"), mapping).told() == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            b'd,n,at,e\nD1,1,2026-01-01,"open\nD1,2,2026-01-03,done\n',
            ":2: a quote is opened in this row and never closed",
        ),
        (b"d,n,at,e\nD1,1,2026-01-01,open\nD1,2,2026-01-03,do", ":3: the last line has no line end"),
        (b"", ":1: is empty"),
        (b"d,n,at,e\nD1,1,2026-01-01,\xff\n", "bytes that are not utf-8"),
        (b"d,n,at,ee\nD1,1,2026-01-01,open\n", "has no column 'e' that the mapping reads: did you mean 'ee'?"),
        (b"d,n,at,e,e\nD1,1,2026-01-01,open,open\n", ":1: names the column 'e' twice"),
        (b"d,n,at,e\n", "the file holds no row"),
        (b"d;n;at;e\n", "names one column only, 'd;n;at;e': say `file: {delimiter: ';'}`"),
        (gzip.compress(b"d,n,at,e\nD1,1,2026-01-01,open\n" * 50, mtime=0)[:-20], "cut short or damaged"),
    ],
)
def test_a_broken_file_is_refused_whole(rows: bytes, says: str, desk: Desk) -> None:
    assert says in refused(desk, rows)


def test_a_mapping_by_which_nothing_happens_is_refused(desk: Desk) -> None:
    assert "[mapping_matches]" in refused(desk, GOOD, "rules: [{then: ignored}]")


def test_alike_faults_are_told_once_and_counted(desk: Desk) -> None:
    rows = "d,n,at,e\n" + "\n".join(f"D{i},1,2026-01-01,what" for i in range(9))
    (told,) = desk.holds(rows, RULES).told()
    assert "(and 8 more rows like it)" in told


def test_times_without_a_zone_are_one_kind_of_fault(desk: Desk) -> None:
    rows = "d,n,at,e\n" + "\n".join(f"D{i},1,2026-01-01T0{i}:00:00,open" for i in range(3))
    (told,) = desk.holds(rows, HEAD.replace("{column: at, zone: UTC}", "at") + RULES).told()
    assert told.endswith("[zone_missing] (and 2 more rows like it)")


def test_a_tier_and_a_party_must_be_known(desk: Desk) -> None:
    mapping = HEAD.replace("columns: {", "columns: {party: p, tier: {column: t, ranks: [low, high]}, ")
    rules = "rules: [{then: raised}]"
    assert "[party_of_alliance]" in refused(desk, "d,n,at,p,t\nD1,1,2026-01-01,initech,low", mapping + rules)
    assert "[tier_known]" in refused(desk, "d,n,at,p,t\nD1,1,2026-01-01,acme,middle", mapping + rules)
    assert desk.holds("d,n,at,p,t\nD1,1,2026-01-01,,low", mapping + rules).told() == []


def test_out_of_order_rows_are_put_in_order_and_counted(desk: Desk) -> None:
    rows = "d,n,at,e\nD1,2,2026-01-03,done\nD1,1,2026-01-01,open"
    judged = desk.holds(rows, RULES).judged()
    assert [fact.NAME for report in judged.reports for fact in report.facts] == ["decision-raised", "decision-made"]
    assert judged.counts["out_of_order"] == 1


def test_a_clock_that_goes_backwards_keeps_the_order_of_the_decision(desk: Desk, log: Log) -> None:
    rows = "d,n,at,e\nD1,1,2026-01-05,open\nD1,2,2026-01-03,done\nD2,1,2026-01-04,open"
    outcome = desk.holds(rows, RULES).imported(log)
    assert outcome.imported.counts["clamped"] == 1
    assert [e.fact.decision for e in events(log)] == ["D2", "D1", "D1"]
    cycle = times(log)["D1"].cycles[0]
    assert cycle.end == cycle.start


def test_nothing_is_written_where_a_fault_is_found(desk: Desk, log: Log) -> None:
    desk.holds(f"{GOOD}\nD2,1,2026-01-01,what", RULES)
    with pytest.raises(Unreadable, match="rule_matches"):
        desk.imported(log)
    assert log.head() == 0


def test_keep_going_sets_a_bad_row_and_the_later_ones_of_its_decision_aside(
    desk: Desk, log: Log, tmp_path: Path
) -> None:
    rows = "d,n,at,e\nD1,1,2026-01-01,open\nD1,2,bad,up\nD1,3,2026-01-05,done\nD2,1,2026-01-02,open"
    outcome = desk.holds(rows, RULES).imported(log, keep_going=True)
    assert [(e.fact.decision, e.name) for e in events(log)] == [("D1", "decision-raised"), ("D2", "decision-raised")]
    assert outcome.aside == 2
    aside = (tmp_path / "aside.csv").read_text(encoding="utf-8").splitlines()
    assert aside[0] == "d,n,at,e,set_aside_line,set_aside_because"
    assert aside[1] == "D1,1,2026-01-01,open,,"
    assert aside[2].startswith("D1,2,bad,up,3,")
    assert aside[3] == "D1,3,2026-01-05,done,4,line 3 of the same decision was set aside"
    assert any(notice.startswith("1 decision is imported up to a row") for notice in outcome.notices)


@pytest.mark.parametrize(
    ("name", "file", "rows"),
    [
        ("h.csv", "", "d,n,at,e\nD1,1,2026-01-01,open\nD1,2,bad,\u00e9\nD1,3,2026-01-05,done"),
        (
            "h.csv",
            'file: {delimiter: ;, quote: "\'", encoding: cp1252, skip_lines: 2}\n',
            "x\ny\nd;n;at;e\nD1;1;2026-01-01;open\nD1;2;bad;\u00e9\nD1;3;2026-01-05;done",
        ),
        (
            "h.jsonl",
            "",
            (
                '{"d": "D1", "n": 1, "at": "2026-01-01", "e": "open"}\n'
                '{"d": "D1", "n": 2, "at": "bad", "e": "\u00e9"}\n'
                '{"d": "D1", "n": 3, "at": "2026-01-05", "e": "done"}'
            ),
        ),
    ],
)
def test_a_file_set_aside_and_mended_is_imported_by_the_same_mapping(
    name: str, file: str, rows: str, log: Log, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, name)
    encoding = "cp1252" if "cp1252" in file else "utf-8"
    rules = RULES + "  - {when: {e: \u00e9}, then: escalated}\n"
    outcome = desk.holds(f"{rows}\n".encode(encoding), HEAD + file + rules).imported(log, keep_going=True)
    assert outcome.aside_file is not None
    mended = Desk(tmp_path, outcome.aside_file.name)
    mended.file.write_bytes(mended.file.read_bytes().replace(b"bad", b"2026-01-03"))
    mended.imported(log)
    assert [e.name for e in events(log)] == ["decision-raised", "decision-escalated", "decision-made"]


def test_what_was_set_aside_is_imported_when_the_file_is_mended(desk: Desk, log: Log) -> None:
    rows = "d,n,at,e\nD1,1,2026-01-01,open\nD1,2,bad,up\nD1,3,2026-01-05,done"
    desk.holds(rows, RULES).imported(log, keep_going=True)
    desk.holds(rows.replace("bad", "2026-01-03"), RULES).imported(log)
    assert [e.name for e in events(log)] == ["decision-raised", "decision-escalated", "decision-made"]


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (HEAD, "rules: is missing"),
        (HEAD + "rules: []", "rules: "),
        (HEAD + "rules: [{then: raised}]\nrule: []", "did you mean rules?"),
        (HEAD + "rules: [{then: raise}]", "did you mean raised?"),
        (HEAD + "rules: [{then: [raised, raised: {x: 1}]}]", "rules[0].then[1].raised"),
        (HEAD + "rules: [{then: {raised: ~, held: ~}}]", "a step has one verb"),
        (HEAD + "rules: [{when: {e: {matches: '('}}, then: raised}]", "is no regular expression"),
        (HEAD + "rules: [{then: raised, otherwise: held}]", "belongs to `only_if_last`"),
        (HEAD + "source: x\nrules: [{then: raised}]", "the key 'source' stands twice"),
        (HEAD.replace("order: n, ", "") + "rules: [{then: raised}]", "identity: name the columns"),
        (
            HEAD.replace("zone: UTC", "zone: Europe/Brusels") + "rules: [{then: raised}]",
            "time.zone: there is no",
        ),
        (HEAD.replace("zone: UTC", "formats: '%Y-%Q'") + "rules: [{then: raised}]", "'%Y-%Q' is no pattern of dates"),
        (
            HEAD + "window: {from: 2026-13-01}\nrules: [{then: raised}]",
            "window.from: '2026-13-01' is no day",
        ),
        (HEAD + "window: {until: 0026-01-01}\nrules: [{then: raised}]", "is not between 1900 and 2200"),
        (HEAD + "window: {from: 2026-02-01, cut_off: 2026-01-01}\nrules: [{then: raised}]", "not after window.from"),
        (HEAD + "rules: [{then: held, set: {titer: x}}]", "did you mean tier?"),
        ("source: [", "is no YAML"),
        ("source: x: y", "is no YAML"),
        ("sourc: x", "is missing"),
    ],
)
def test_a_broken_mapping_is_refused_by_line_and_path(mapping: str, says: str, desk: Desk) -> None:
    told = refused(desk, GOOD, mapping)
    assert told.startswith("mapping.yaml:")
    assert says in told
