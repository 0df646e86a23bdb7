"""Settings that fix what a contract leaves open: where each is placed, and which find no place."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.charter.settings import merged

CHARTER: dict[str, Any] = {
    "zone": "UTC",
    "calendar": {"places": ["FR"], "from": "2024-01-01", "weekend": ["friday"], "clause": "1"},
    "matters": {"pricing": {"clause": "6"}, "plans": None},
    "bodies": {"JSC": {"meeting_notice": {"id": "call", "length": "5 weeks"}}, "Officers": None},
    "ladder": [
        {"from": ["JSC", "CC"], "limit": "5 weeks", "clause": "3"},
        {"from": "Officers", "limit": "5 weeks", "kind": "latest", "clause": "4"},
    ],
    "deadlines": [
        {"id": "reply", "at": "Officers", "length": "5 weeks"},
        {"id": "chance", "kind": "window", "length": "5 weeks"},
    ],
    "obligations": [{"id": "pay", "obligation_kind": "payment", "length": "5 weeks"}],
    "minutes": [{"deadlines": [{"id": "draft", "length": "5 weeks", "clause": "9"}]}],
    "seats": [{"bodies": ["JSC"], "appointment": {"length": "5 weeks", "clause": "2"}}, {"bodies": ["CC"]}],
}


def test_settings_leave_the_charter_they_are_merged_over_as_it_was() -> None:
    merged(CHARTER, {"zone": "Asia/Tokyo", "matters": ["new"], "lengths": {"pay": "1 weeks"}})
    assert (CHARTER["zone"], set(CHARTER["matters"]), CHARTER["obligations"][0]["length"]) == (
        "UTC", {"pricing", "plans"}, "5 weeks",
    )  # fmt: skip


def test_later_settings_stand_over_earlier_ones_and_prose_is_left_aside() -> None:
    document, unplaced = merged(CHARTER, {"zone": "Asia/Tokyo", "reading": "x"}, {"zone": "Asia/Seoul", "because": "y"})
    assert (document["zone"], unplaced) == ("Asia/Seoul", [])
    assert document == CHARTER | {"zone": "Asia/Seoul"}


def test_a_setting_of_no_known_name_finds_no_place() -> None:
    assert merged(CHARTER, {"weather": "fair"}) == (
        CHARTER,
        ["setting 'weather' is none of zone, calendar, clock_starts, lengths, start_bodies, matters"],
    )


def test_a_calendar_keeps_its_bounds_weekend_and_clause_and_takes_the_rest() -> None:
    document, _ = merged(CHARTER, {"calendar": {"places": ["DE"], "weekend": ["sunday"]}})
    assert document["calendar"] == {"places": ["DE"], "from": "2024-01-01", "weekend": ["sunday"], "clause": "1"}
    assert merged({}, {"calendar": {"places": ["DE"]}})[0] == {"calendar": {"places": ["DE"]}}


@pytest.mark.parametrize(
    ("value", "matters"),
    [
        (["extra", "pricing"], {"pricing": {"clause": "6"}, "plans": None, "extra": {}}),
        ({"extra": {"clause": "7"}, "other": None}, {
            "pricing": {"clause": "6"}, "plans": None, "extra": {"clause": "7"}, "other": {},
        }),
        ({"pricing": {"kind": "discuss"}}, {"pricing": {"clause": "6", "kind": "discuss"}, "plans": None}),
        ({"pricing": None}, {"pricing": {"clause": "6"}, "plans": None}),
        ({"plans": {"kind": "discuss"}}, {"pricing": {"clause": "6"}, "plans": {"kind": "discuss"}}),
    ],
)  # fmt: skip
def test_matters_are_added_or_filled_in(value: Any, matters: dict[str, Any]) -> None:
    assert merged(CHARTER, {"matters": value})[0]["matters"] == matters


def test_a_charter_without_matters_gets_those_of_the_settings() -> None:
    assert merged({}, {"matters": ["a"]})[0] == {"matters": {"a": {}}}
    assert merged({}, {"start_bodies": {"a": ["JSC"]}})[0] == {"matters": {"a": {"start_bodies": ["JSC"]}}}


def test_a_matter_starts_where_the_setting_says() -> None:
    document, _ = merged(CHARTER, {"start_bodies": {"pricing": ["JSC"], "plans": ["CC"]}})
    starts = {name: (matter["start_bodies"], matter.get("clause")) for name, matter in document["matters"].items()}
    assert starts == {"pricing": (["JSC"], "6"), "plans": (["CC"], None)}


@pytest.mark.parametrize(
    ("body", "placed"),
    [
        ("JSC", ["ladder.0"]), ("CC", ["ladder.0"]), ("Officers", ["ladder.1", "deadlines.0"]),
        ("reply", ["deadlines.0"]), ("chance", []), ("Heads", []),
    ],
)  # fmt: skip
def test_a_clock_start_is_set_on_the_limits_of_a_body_or_of_that_id(body: str, placed: list[str]) -> None:
    document, unplaced = merged(CHARTER, {"clock_starts": {body: "raised"}})
    found = [
        f"{where}.{index}"
        for where in ("ladder", "deadlines")
        for index, one in enumerate(document[where])
        if one.get("clock_starts") == "raised"
    ]
    says = [] if placed else [f"setting clock_starts.{body}: no limit belongs to that body"]
    assert (found, unplaced) == (placed, says)


LENGTHS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "JSC": lambda document: document["ladder"][0]["limit"],
    "latest": lambda document: document["ladder"][1]["limit"],
    "window": lambda document: document["deadlines"][1]["length"],
    "Officers": lambda document: document["deadlines"][0]["length"],
    "payment": lambda document: document["obligations"][0]["length"],
    "9": lambda document: document["minutes"][0]["deadlines"][0]["length"],
    "call": lambda document: document["bodies"]["JSC"]["meeting_notice"]["length"],
    "2": lambda document: document["seats"][0]["appointment"]["length"],
}


@pytest.mark.parametrize("name", LENGTHS)
def test_a_length_is_set_on_what_has_that_id_else_kind_else_body_else_clause(name: str) -> None:
    document, unplaced = merged(CHARTER, {"lengths": {name: "1 weeks"}})
    assert (LENGTHS[name](document), unplaced) == ("1 weeks", [])
    placed = {other for other, length in LENGTHS.items() if length(document) == "1 weeks"}
    assert placed == {name} | ({"latest"} if name == "Officers" else set())


def test_a_length_of_what_is_not_there_finds_no_place() -> None:
    assert merged(CHARTER, {"lengths": {"tea": "1 weeks"}}) == (
        CHARTER,
        ["setting lengths.tea: no deadline has that id, kind, clause or body"],
    )
    assert merged({}, {"lengths": {"tea": "1 weeks"}})[0] == {}
