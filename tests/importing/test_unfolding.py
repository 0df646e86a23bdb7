"""One row that holds several things that happened becomes a row for each: dates side by side, or a list inside."""

import json

import pytest

from adapters.importing.history import write_aside
from adapters.importing.mapping import FileSaid
from adapters.importing.mapping_file import mapping_from
from adapters.importing.readers.unfolding import elements
from domain.errors import Unreadable
from tests.importing.given import Desk

WIDE = """
source: desk
alliance: {id: orion, title: Orion, parties: [{id: acme, name: Acme}, {id: globex, name: Globex}]}
file: {unfold: {columns: [opened, reviewed, dropped, agreed]}}
columns: {decision: d, time: {column: date, zone: UTC}}
identity: [d, milestone]
rules:
  - {when: {milestone: opened}, then: raised}
  - {when: {milestone: reviewed}, then: escalated}
  - {when: {milestone: dropped}, then: withdrawn}
  - {when: {milestone: agreed}, then: {made: agreed}}
"""
LISTED = """
source: desk
alliance: {id: orion, title: Orion, parties: [{id: acme, name: Acme}, {id: globex, name: Globex}]}
file: {format: jsonl, unfold: {list: changelog.steps}}
columns:
  decision: key
  order: changelog.steps.index
  time: {column: changelog.steps.at, zone: UTC}
rules:
  - {then: {becomes: {column: changelog.steps.to, values: {new: open, held: paused, done: agreed}}}}
"""


def test_each_date_of_a_row_is_a_row_in_the_order_in_which_the_columns_are_named(desk: Desk) -> None:
    desk.holds(
        "d,opened,agreed,reviewed,dropped\nD1,2020-01-01,2020-03-01,2020-02-01,\nD2,2020-01-05,,,2020-01-04", WIDE
    )
    assert desk.told() == []
    assert sorted(desk.steps()) == [
        "D1 decision-escalated",
        "D1 decision-made agreed",
        "D1 decision-raised",
        "D2 decision-raised",
        "D2 decision-withdrawn",
    ]
    assert desk.judged().counts["clamped"] == 1


def test_by_value_the_dates_stand_in_their_own_order(desk: Desk) -> None:
    rows = "d,opened,agreed,reviewed,dropped\nD1,2020-01-01,2020-02-01,2020-03-01,"
    assert desk.holds(rows, WIDE).told() == []
    (fault,) = desk.holds(rows, WIDE.replace("agreed]}", "agreed], by_value: true}")).told()
    assert fault.startswith("history.csv:2: decision D1: ")
    assert "ended" in fault


def test_a_row_without_any_date_is_a_fault_and_not_lost(desk: Desk) -> None:
    (fault,) = desk.holds("d,opened,agreed,reviewed,dropped\nD1,2020-01-01,,,\nD2,,,,", WIDE).told()
    assert fault.startswith("history.csv:3: decision D2: columns.time: is empty")


def test_a_date_column_that_is_not_there_is_named_with_the_nearest(desk: Desk) -> None:
    desk.holds("d,opened,agreed,review,dropped\nD1,2020-01-01,,,", WIDE)
    with pytest.raises(Unreadable, match="has no column 'reviewed' that the mapping reads: did you mean 'review'"):
        desk.judged()


def test_each_element_of_a_list_is_a_row_with_its_place(desk: Desk) -> None:
    desk.name = "history.jsonl"
    desk.holds(
        '{"key": "D1", "changelog": {"steps": [{"at": "2020-01-01", "to": "new"}, {"at": "2020-02-01", "to": "held"},'
        ' {"at": "2020-03-01", "to": "done"}]}}',
        LISTED,
    )
    assert desk.told() == []
    assert desk.steps() == ["D1 decision-raised", "D1 clock-paused", "D1 decision-made agreed"]


@pytest.mark.parametrize("without", ['{"key": "D1", "changelog": {"steps": []}}', '{"key": "D1", "changelog": {}}'])
def test_an_object_whose_list_is_empty_or_missing_is_a_fault_and_not_lost(desk: Desk, without: str) -> None:
    desk.name = "history.jsonl"
    one = '{"key": "D0", "changelog": {"steps": [{"at": "2020-01-01", "to": "new"}]}}'
    (fault,) = desk.holds(f"{one}\n{without}", LISTED).told()
    assert fault.startswith("history.jsonl:2: ")


TRACKER = """
source: tracker
alliance: {id: orion, title: Orion, parties: [{id: acme, name: Acme}, {id: globex, name: Globex}]}
file: {format: jsonl, unfold: {columns: [fields.created], list: changelog.histories.items}}
columns: {decision: key, time: {columns: [date, changelog.histories.created]}, title: fields.summary}
identity: [key, milestone, changelog.histories.id, changelog.histories.items.index]
rules:
  - {when: {milestone: fields.created}, then: raised}
  - {when: {changelog.histories.items.field: {not: status}}, then: ignored}
  - {then: {becomes: {column: changelog.histories.items.toString, values: {Open: open, Waiting: waiting, Done: done}}}}
"""


def test_what_an_object_says_of_itself_comes_before_what_its_list_says(desk: Desk) -> None:
    desk.name = "issues.jsonl"
    one = {
        "key": "X-1",
        "fields": {"created": "2020-01-01T00:00Z", "summary": "s"},
        "changelog": {
            "histories": [
                {
                    "id": 7,
                    "created": "2020-01-05T00:00Z",
                    "items": [{"field": "rank", "toString": "1"}, {"field": "status", "toString": "Waiting"}],
                },
                {"id": 8, "created": "2020-01-06T00:00Z", "items": [{"field": "status", "toString": "Done"}]},
            ]
        },
    }
    untouched = {"key": "X-2", "fields": {"created": "2020-01-02T00:00Z"}, "changelog": {"histories": []}}
    desk.holds("\n".join(json.dumps(each) for each in (one, untouched)), TRACKER)
    assert desk.told() == []
    assert sorted(desk.steps()) == [
        "X-1 decision-made done",
        "X-1 decision-raised",
        "X-1 information-requested",
        "X-2 decision-raised",
    ]


def test_lists_inside_lists_are_followed_along_the_path() -> None:
    issue = {"key": "X-1", "log": [{"at": 1, "items": [{"to": "a"}, {"to": "b"}]}, {"at": 2, "items": [{"to": "c"}]}]}
    found = [(one["log"]["index"], one["log"]["at"], one["log"]["items"]) for one in elements(issue, ["log", "items"])]
    assert found == [
        (1, 1, {"index": 1, "to": "a"}),
        (1, 1, {"index": 2, "to": "b"}),
        (2, 2, {"index": 1, "to": "c"}),
    ]


def test_elements_that_are_no_objects_stand_for_themselves() -> None:
    assert list(elements({"d": ["x", "y"]}, ["d"])) == [{"d": "x"}, {"d": "y"}]


def test_a_list_can_only_be_unfolded_in_json_lines(desk: Desk) -> None:
    desk.holds("key\nD1", LISTED.replace("format: jsonl", "format: csv"))
    with pytest.raises(Unreadable, match=r"file\.unfold\.list: only JSON lines hold lists"):
        desk.judged()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{}", "say the `columns`"),
        ("{columns: [a, date]}", "no two may be called the same"),
        ("{columns: [a], name: x, value: x}", "no two may be called the same"),
    ],
)
def test_a_mapping_says_one_way_to_unfold(said: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        mapping_from(WIDE.replace("{columns: [opened, reviewed, dropped, agreed]}", said), name="m")


def test_what_is_set_aside_is_unfolded_already_and_read_so_when_mended(desk: Desk) -> None:
    judged = desk.holds("d,opened,agreed,reviewed,dropped\nD1,2020-01-01,soon,,\nD2,2020-01-01,,,", WIDE).judged()
    aside = desk.folder / "aside.csv"
    write_aside(aside, FileSaid(), ("d", "date", "milestone"), judged)
    mended = aside.read_text(encoding="utf-8").replace("soon", "2020-05-01")
    desk.holds(mended, WIDE.replace("file: {unfold: {columns: [opened, reviewed, dropped, agreed]}}\n", ""))
    assert desk.steps() == ["D1 decision-raised", "D1 decision-made agreed"]
