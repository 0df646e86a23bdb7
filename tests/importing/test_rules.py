"""Ordered rules say what each row means: the first that matches wins, over columns, place and what was so far."""

import gzip
import io
import json
from typing import Any

import pytest

from adapters.event_log import Log
from domain.errors import Unreadable
from tests.importing.given import HEAD, Desk, events, times


def facts(desk: Desk) -> list[Any]:
    assert desk.told() == []
    return [fact for report in desk.judged().reports for fact in report.facts]


def columns(words: str, rules: str) -> str:
    return HEAD.replace("columns: {", f"columns: {{{words}, ") + rules


def test_the_first_rule_that_matches_wins_over_any_columns_together(desk: Desk) -> None:
    rules = """
rules:
  - {when: {e: proposed, c: T+}, then: {inherited: accepted}}
  - {when: {e: proposed}, then: raised}
"""
    desk.holds("d,n,at,e,c\nD1,1,2026-01-01,proposed,O\nD2,1,2026-01-01,proposed,T+", rules)
    assert desk.steps() == ["D1 decision-raised", "D2 decision-inherited accepted"]


@pytest.mark.parametrize(
    ("test", "value", "met"),
    [
        ("up", " up ", True),
        ("[up, down]", "down", True),
        ("{matches: ^u}", "up", True),
        ("{matches: ^p}", "up", False),
        ("~", "", True),
        ("{empty: false}", "", False),
        ("{not: up}", "up", False),
        ("{not: [a, b]}", "c", True),
        ("{not: {matches: p$}}", "up", False),
        ("{is: up, not: {empty: true}}", "up", True),
        ("{not: ~}", "", False),
        ("{not: ~}", "up", True),
        ("1", "1", True),
    ],
)
def test_a_test_of_a_value(test: str, value: str, met: bool, desk: Desk) -> None:  # noqa: FBT001
    rules = f"rules: [{{when: {{e: {test}}}, then: raised}}, {{then: {{inherited: accepted}}}}]"
    desk.holds(f"d,n,at,e\nD1,1,2026-01-01,{value}", rules)
    assert desk.steps() == ["D1 decision-raised" if met else "D1 decision-inherited accepted"]


def test_one_of_several_conditions_is_enough(desk: Desk) -> None:
    rules = "rules: [{when: [{e: a, c: x}, {e: b}], then: raised}, {then: ignored}]"
    desk.holds("d,n,at,e,c\nD1,1,2026-01-01,a,x\nD2,1,2026-01-01,b,y\nD3,1,2026-01-01,a,y", rules)
    assert desk.steps() == ["D1 decision-raised", "D2 decision-raised"]


def test_first_last_and_changed_look_at_the_place_of_a_row(desk: Desk) -> None:
    rules = """
rules:
  - {first: true, then: raised}
  - {last: true, then: withdrawn}
  - {changed: o, then: transferred}
  - {then: ignored}
"""
    rows = "d,n,at,o\nD1,1,2026-01-01,x\nD1,2,2026-01-02,x\nD1,3,2026-01-03,y\nD1,4,2026-01-04,z"
    assert desk.holds(rows, rules).steps() == ["D1 decision-raised", "D1 decision-transferred", "D1 decision-withdrawn"]


def test_an_event_ends_a_decision_only_if_it_is_the_last_that_says_anything(desk: Desk) -> None:
    rules = """
rules:
  - {when: {e: in}, so_far: unraised, then: raised}
  - {when: {e: in}, then: held}
  - {when: {e: no}, then: {made: rejected}, only_if_last: true}
  - {when: {e: paid}, then: ignored}
"""
    rows = (
        "d,n,at,e\nD1,1,2026-01-01,in\nD1,2,2026-01-02,no\nD1,3,2026-01-03,in\nD1,4,2026-01-04,no\nD1,5,2026-01-05,paid"
    )
    desk.holds(rows, rules)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-returned", "D1 decision-made rejected"]


def test_a_row_is_not_later_than_itself(desk: Desk) -> None:
    rules = """
rules:
  - {first: true, then: raised}
  - {when: {e: no}, then: {made: rejected}, unless_later: {e: no}}
"""
    desk.holds("d,n,at,e\nD1,1,2026-01-01,in\nD1,2,2026-01-02,no\nD1,3,2026-01-03,no", rules)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-returned", "D1 decision-made rejected"]


def test_what_happened_at_the_cut_off_itself_happened(desk: Desk) -> None:
    rules = "window: {cut_off: '2026-01-02T00:00:00Z'}\nrules: [{first: true, then: raised}, {then: withdrawn}]"
    desk.holds("d,n,at\nD1,1,2026-01-01\nD1,2,2026-01-02T00:00:00Z\nD2,1,2026-01-02T00:00:01Z", rules)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-withdrawn"]


def test_a_first_row_raises_or_inherits_where_the_mapping_says_so(desk: Desk) -> None:
    rules = "first_row: {}\nrules: [{{when: {{e: up}}, then: escalated}}]"
    rows = "d,n,at,e\nD1,1,2026-01-01,up"
    assert desk.holds(rows, rules.format("raises")).steps() == ["D1 decision-raised", "D1 decision-escalated"]
    assert desk.holds(rows, rules.format("inherits")).steps() == ["D1 decision-inherited open", "D1 decision-escalated"]


def test_what_comes_after_the_end_is_left_out_and_counted_where_the_mapping_says_so(desk: Desk) -> None:
    rules = "after_end: ignored\nrules: [{when: {e: in}, then: raised}, {then: {made: accepted}}]"
    desk.holds("d,n,at,e\nD1,1,2026-01-01,in\nD1,2,2026-01-02,yes\nD1,3,2026-01-03,yes", rules)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-made accepted"]
    assert desk.judged().counts["after_end"] == 1


def test_a_change_of_rank_is_an_escalation_a_return_or_a_transfer(desk: Desk) -> None:
    mapping = columns(
        "tier: {column: t, ranks: {low: 10, side: 10, mid: 25, high: 30}, by_rank: true}",
        "rules: [{then: {becomes: open}}]",
    )
    rows = "d,n,at,t\n" + "\n".join(
        f"D1,{n},2026-01-0{n},{t}" for n, t in enumerate(["low", "mid", "high", "low", "side"], 1)
    )
    raised, up, further, down, aside = facts(desk.holds(rows, mapping))
    assert [f.NAME for f in (raised, up, further, down, aside)] == [
        "decision-raised",
        "decision-escalated",
        "decision-escalated",
        "decision-returned",
        "decision-transferred",
    ]
    assert (up.from_, up.to, up.tier, up.rank) == ("low", "mid", "mid", 25)
    assert (down.from_, down.to, down.rank) == ("high", "low", 10)


def test_a_holder_has_a_kind_by_its_value(desk: Desk) -> None:
    mapping = columns(
        "holder: {column: h, kinds: {acme: party, customer: outside}, empty_is: nobody}",
        "rules: [{then: {becomes: open}}]",
    )
    rows = "d,n,at,h\n" + "\n".join(
        f"D1,{n},2026-01-0{n},{h}" for n, h in enumerate(["desk", "acme", "customer", ""], 1)
    )
    told = facts(desk.holds(rows, mapping))
    assert [(f.held_by, f.holder) for f in told] == [
        ("body", "desk"),
        ("party", "acme"),
        ("outside", "customer"),
        ("nobody", None),
    ]


def test_an_empty_holder_is_unchanged_when_the_tier_changes_too(desk: Desk, log: Log) -> None:
    said = columns(
        "holder: {column: h, kind: party}, tier: {column: t, ranks: [low, high], by_rank: true}",
        "rules: [{when: {e: open}, then: raised}, {then: held}]",
    )
    rows = "d,n,at,e,t,h\nD1,1,2026-01-01,open,low,acme\nD1,2,2026-01-03,up,high,\nD1,3,2026-01-07,on,high,globex"
    desk.holds(rows, said).imported(log)
    (cycle,) = times(log)["D1"].cycles
    assert [(span.tier, span.holder) for span in cycle.spans] == [
        ("low", "party:acme"),
        ("high", "party:acme"),
        ("high", "party:globex"),
    ]


def test_a_rule_may_say_holder_and_body_itself(desk: Desk) -> None:
    rules = "rules: [{then: raised, set: {body: JSC, holder: {constant: acme, kind: party}, matter: {column: e}}}]"
    (raised,) = facts(desk.holds("d,n,at,e\nD1,1,2026-01-01,price", rules))
    assert (raised.body, raised.held_by, raised.holder, raised.matter) == ("JSC", "party", "acme", "price")


def test_work_lasts_until_the_next_row_that_says_anything(desk: Desk, log: Log) -> None:
    mapping = columns(
        "party: p", "rules: [{when: {e: work}, then: {becomes: open}, working: true}, {then: {becomes: {column: e}}}]"
    )
    rows = "d,n,at,e,p\nD1,1,2026-01-01,work,acme\nD1,2,2026-01-03,waiting,acme\nD1,3,2026-01-05,accepted,acme"
    desk.holds(rows, mapping).imported(log)
    (work,) = [e.fact for e in events(log) if e.name == "work-reported"]
    assert (work.party, work.to - work.from_) == ("acme", 2 * 86_400)


def test_a_changed_attribute_is_recorded_where_it_comes(desk: Desk) -> None:
    mapping = columns(
        "attributes: {c: c, k: {column: k, type: integer, first_only: true}}", "rules: [{then: {becomes: open}}]"
    )
    raised, stated = facts(
        desk.holds("d,n,at,c,k\nD1,1,2026-01-01,x,7\nD1,2,2026-01-02,x,8\nD1,3,2026-01-03,y,9", mapping)
    )
    assert raised.attributes == {"c": "x", "k": 7}
    assert stated.attributes == {"c": "y"}


def test_a_decision_older_than_the_window_enters_at_its_start(desk: Desk, log: Log) -> None:
    rules = "window: {from: 2026-01-10, cut_off: 2026-03-01}\nrules: [{first: true, then: raised}, {then: withdrawn}]"
    rows = "d,n,at\nD1,1,2026-01-01\nD2,1,2026-01-12\nD1,2,2026-02-01\nD2,2,2026-04-01"
    outcome = desk.holds(rows, rules).imported(log)
    found = times(log)
    assert found["D1"].cycles[0].entry == found["D1"].first_at + 9 * 86_400
    assert found["D2"].cycles[0].entry is None
    assert found["D2"].cycles[0].status == "open"
    assert outcome.imported.counts["after_cut_off"] == 1


def test_what_was_open_already_is_at_risk_from_the_windows_start(desk: Desk, log: Log) -> None:
    rules = "window: {from: 2026-01-10}\nrules: [{then: {inherited: {status: open, since: {column: opened}}}}]"
    rows = "d,n,at,opened\nD1,1,2026-01-12,2025-12-01\nD2,1,2026-01-12,2026-01-11\nD3,1,2026-01-12,"
    desk.holds(rows, rules).imported(log)
    first = {decision: row.cycles[0] for decision, row in times(log).items()}
    start = first["D2"].start or 0
    assert first["D1"].entry == start - 86_400
    assert first["D2"].entry is None
    assert (first["D3"].start, first["D3"].entry) == (None, start - 86_400)


def test_when_the_source_learned_it_is_kept_as_its_claim(desk: Desk, log: Log) -> None:
    desk.holds("d,n,at,rec\nD1,1,2026-01-01,2026-01-20", columns("recorded: rec", "rules: [{then: raised}]")).imported(
        log
    )
    (raised,) = events(log)
    assert raised.meta.source_recorded_at == raised.at + 19 * 86_400


@pytest.mark.parametrize(
    ("time", "written", "seconds"),
    [
        ("{column: at, zone: Europe/Brussels}", "2026-07-01 00:00:00", 1_782_856_800),
        ("{column: at, zone: '+02:00'}", "2026-07-01", 1_782_856_800),
        ("{column: at, formats: '%d.%m.%Y %H:%M', zone: UTC}", "30.06.2026 22:00", 1_782_856_800),
        ("{column: at, formats: epoch_seconds}", "1782856800", 1_782_856_800),
        ("{column: at, formats: epoch_milliseconds}", "1782856800999", 1_782_856_800),
        ("at", "2026-06-30T22:00:00.75Z", 1_782_856_800),
        ("{columns: [at, n], formats: '%Y-%m-%d %H', zone: UTC}", "1970-01-01", 3_600),
    ],
)
def test_an_instant_is_read_as_it_is_written(time: str, written: str, seconds: int, desk: Desk) -> None:
    mapping = HEAD.replace("{column: at, zone: UTC}", time) + "rules: [{then: raised}]"
    (report,) = desk.holds(f"d,n,at\nD1,1,{written}", mapping).judged().reports
    assert report.at.seconds == seconds


def test_a_day_is_known_to_the_day(desk: Desk) -> None:
    reports = desk.holds("d,n,at\nD1,1,2026-01-01\nD2,1,2026-01-01T10:00", "rules: [{then: raised}]").judged().reports
    assert [report.at.precision for report in reports] == ["day", "instant"]


def test_rows_alike_are_numbered_or_the_same_as_the_mapping_says(desk: Desk) -> None:
    rules = "identity: [d, at]\nduplicates: {}\nrules: [{{first: true, then: raised}}, {{then: escalated}}]"
    rows = "d,n,at\nD1,1,2026-01-01\nD1,1,2026-01-01"
    mapping = HEAD.replace("order: n, ", "")
    assert desk.holds(rows, mapping + rules.format("numbered")).steps() == [
        "D1 decision-raised",
        "D1 decision-escalated",
    ]
    assert desk.holds(rows, mapping + rules.format("same")).steps() == ["D1 decision-raised"]


OBJECTS = b"""{"d": "D1", "n": 1, "at": "2026-01-01", "s": {"name": "open"}}
{"d": "D1", "n": 2, "at": "2026-01-02", "s": {"name": "done", "final": true}}
"""
NESTED = """
rules:
  - {when: {s.final: "true"}, then: {made: {column: s.name}}}
  - {when: {s.name: open}, then: raised}
"""


@pytest.mark.parametrize("name", ["h.jsonl", "h.jsonl.gz"])
def test_json_lines_are_read_by_key_and_path(name: str, desk: Desk) -> None:
    desk.name = name
    desk.holds(gzip.compress(OBJECTS) if name.endswith("gz") else OBJECTS, NESTED)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-made done"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (OBJECTS[:-9], "the file is cut in half"),
        (b"[1]\n", "is not a JSON object"),
        (b'{"d": "D1", "n": 1, "at": "2026-01-01"}\n', "has no column 's.final'"),
    ],
)
def test_broken_json_lines_are_refused_whole(rows: bytes, says: str, desk: Desk) -> None:
    desk.name = "h.jsonl"
    with pytest.raises(Unreadable, match=says):
        desk.holds(rows, NESTED).judged()


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="__INVALID__"/></global>
  <trace>
    <string key="concept:name" value="D1"/>
    <event>
      <string key="concept:name" value="open"/>
      <date key="time:timestamp" value="2026-01-01T09:00:00+01:00"/>
    </event>
    <event>
      <string key="concept:name" value="done"/>
      <date key="time:timestamp" value="2026-01-02T09:00:00+01:00"/>
    </event>
  </trace>
</log>
"""
XES_MAP = (
    HEAD.replace(
        "{decision: d, order: n, time: {column: at, zone: UTC}}",
        '{decision: "case:concept:name", order: "event:index", time: "time:timestamp"}',
    )
    + """
rules:
  - {when: {"concept:name": open}, then: raised}
  - {when: {"concept:name": done}, then: {made: accepted}}
"""
)


@pytest.mark.parametrize("name", ["h.xes", "h.xes.gz"])
def test_xes_is_read_event_by_event(name: str, desk: Desk) -> None:
    desk.name = name
    desk.holds(gzip.compress(XES.encode()) if name.endswith("gz") else XES.encode(), XES_MAP)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-made accepted"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (XES[:-90], r"h.xes:\d+: is no XML"),
        (XES.replace("<log ", '<!DOCTYPE log [<!ENTITY a "b">]><log '), "declares a document type"),
        ("<log></log>", "holds no event"),
    ],
)
def test_broken_xes_is_refused_whole(text: str, says: str, desk: Desk) -> None:
    desk.name = "h.xes"
    with pytest.raises(Unreadable, match=says):
        desk.holds(text.encode(), XES_MAP).judged()


def workbook() -> bytes:
    from datetime import datetime

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("Action log")
    sheet.append(["Actions of the committee"])
    sheet.append(["d", "n", "at", "e"])
    sheet.append(["D1", 1, datetime(2026, 1, 1), "open"])  # noqa: DTZ001
    sheet.append([None, None, None, None])
    sheet.append(["D1", 2.0, datetime(2026, 1, 2, 9, 30), "done"])  # noqa: DTZ001
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


WORKBOOK_MAP = (
    "file: {sheet: Action log, skip_lines: 1}\nrules: [{when: {e: open}, then: raised}, {then: {made: accepted}}]"
)


CHAIN = """
source: claims
alliance: {id: orion, parties: [{id: acme, name: A}, {id: globex, name: G}]}
columns: {decision: d, order: n, time: {column: at, zone: UTC}}
rules:
  - {when: {e: in}, so_far: unraised, then: raised, set: {body: desk}}
  - {when: {e: in}, then: held, set: {body: desk}}
  - {when: {e: ok}, then: [approval, escalated], set: {body: chief}}
  - {when: {e: no}, unless_later: {e: in}, then: {made: rejected}, otherwise: returned, otherwise_set: {body: author}}
"""


def test_an_approval_and_a_rejection_are_of_the_body_that_had_it(desk: Desk) -> None:
    rows = "\n".join(f"D1,{n},2026-01-0{n},{e}" for n, e in enumerate(["in", "no", "in", "ok", "no"], 1))
    told = facts(desk.holds(f"d,n,at,e\n{rows}", CHAIN))
    assert [(fact.NAME, getattr(fact, "body", None) or getattr(fact, "to", None)) for fact in told] == [
        ("decision-raised", "desk"),
        ("decision-returned", "author"),
        ("attributes-stated", None),
        ("approval-given", "desk"),
        ("decision-escalated", "chief"),
        ("decision-made", "chief"),
    ]


def test_where_no_tier_is_said_the_body_is_the_tier_on_whatever_row_it_changes(desk: Desk, log: Log) -> None:
    rows = "\n".join(f"D1,{n},2026-01-0{n},{e}" for n, e in enumerate(["in", "no", "in", "no"], 1))
    desk.holds(f"d,n,at,e\n{rows}", CHAIN).imported(log)
    assert times(log)["D1"].cycles[0].seconds_by_tier == {"desk": 2 * 86_400, "author": 86_400}


def test_two_chains_in_one_case_are_two_decisions(desk: Desk) -> None:
    mapping = HEAD.replace(
        "decision: d", "decision: {columns: [d, e], extract: '^(.+ (?:Permit|Claim)) ', if_empty: other}"
    ).replace("columns: {", "identity: [d, n]\ncolumns: {")
    rules = """
rules:
  - {when: {e: {matches: IN$}}, then: raised}
  - {when: {e: {matches: OK$}}, then: {made: approved}}
  - {then: ignored}
"""
    rows = ["Permit IN", "Permit OK", "trip", "Claim IN", "Claim OK", "paid"]
    file = "d,n,at,e\n" + "\n".join(f"D1,{n},2026-01-0{n},{e}" for n, e in enumerate(rows, 1))
    assert desk.holds(file, mapping + rules).steps() == [
        "D1 Permit decision-raised",
        "D1 Permit decision-made approved",
        "D1 Claim decision-raised",
        "D1 Claim decision-made approved",
    ]


def test_what_is_transferred_out_counts_as_that_whatever_follows(desk: Desk, log: Log) -> None:
    rules = """
rules:
  - {first: true, then: raised}
  - {when: {e: out}, then: {transferred: {outside: true}}}
  - {then: {made: x}}
"""
    outcome = desk.holds("d,n,at,e\nD1,1,2026-01-01,in\nD1,2,2026-01-03,out\nD1,3,2026-01-09,done", rules).imported(log)
    assert outcome.endings == {"transferred out": 1}
    assert [cycle.status for cycle in times(log)["D1"].cycles] == ["transferred"]


def test_a_sheet_of_a_workbook_is_read_under_its_header(desk: Desk) -> None:
    desk.name = "h.xlsx"
    desk.holds(workbook(), WORKBOOK_MAP)
    assert desk.steps() == ["D1 decision-raised", "D1 decision-made accepted"]
    assert [report.line for report in desk.judged().reports] == [3, 5]


def test_a_workbook_cut_in_half_is_refused(desk: Desk) -> None:
    desk.name = "h.xlsx"
    with pytest.raises(Unreadable, match="is cut in half"):
        desk.holds(workbook()[:2000], WORKBOOK_MAP).judged()


def test_a_mapping_may_be_json(desk: Desk) -> None:
    mapping = {
        "source": "desk",
        "alliance": {"id": "orion", "parties": [{"id": "acme", "name": "A"}, {"id": "globex", "name": "G"}]},
        "columns": {"decision": "d", "order": "n", "time": {"column": "at", "zone": "UTC"}},
        "rules": [{"then": "raised"}],
    }
    desk.holds("d,n,at\nD1,1,2026-01-01", "source:")
    desk.map.write_text(json.dumps(mapping), encoding="utf-8")
    assert desk.steps() == ["D1 decision-raised"]
