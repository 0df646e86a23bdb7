"""Whether a condition of the charter holds: of an item, of history, of both; what is not known does not hold."""

from typing import Any

import pytest

from domain.charter.words import Condition, Range
from domain.governance.conditions import holds, unstated
from tests.governed import PLAIN, Governed

HAPPENED = {"event": "AllianceStageEntered", "where": {"stage": ["commercial", "late"]}}
COUNTS = {"counts": {"event": "DecisionEscalated"}, "window": "2 weeks"}
COUNTERS = {
    "weeks": COUNTS,
    "days": {**COUNTS, "window": "14 calendar_days"},
    "months": {**COUNTS, "window": "1 months"},
    "years": {**COUNTS, "window": "1 years"},
    "by_acme": {**COUNTS, "counts": {"event": "DecisionEscalated", "where": {"by": "acme"}}},
    "of_pricing": {**COUNTS, "when": {"matters": "pricing"}},
}
MATTERS = {
    "default": {"start_bodies": ["JSC"]},
    "pricing": {"start_bodies": ["JSC"], "also": ["rebates"]},
    "talk": {"kind": "discuss"},
}


def lived() -> Governed:
    life = Governed(matters=MATTERS, counters=COUNTERS)
    life.raise_(by="acme", attributes={"cost": 500, "plan_year": 2024, "urgent": True, "drug": "X"})
    life.tell("2024-01-10", "DecisionEscalated", decision="D", to="Officers", by="acme", id_="up")
    life.raise_("2024-01-12", decision="E", matter="rebates", similar_to="D")
    return life


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"matters": ["default"]}, True),
        ({"matters": ["pricing"]}, False),
        ({"except_matters": ["default"]}, False),
        ({"except_matters": ["pricing"]}, True),
        ({"kind": "approve"}, True),
        ({"kind": "discuss"}, False),
        ({"attributes": {"cost": 500}}, True),
        ({"attributes": {"cost": "500"}}, True),
        ({"attributes": {"cost": 501}}, False),
        ({"attributes": {"cost": [1, 500]}}, True),
        ({"attributes": {"cost": [1, 2]}}, False),
        ({"attributes": {"cost": 500, "size": 1}}, False),
        ({"attributes": {"urgent": True}}, True),
        ({"attributes": {"cost": {"at_least": 500, "at_most": 500}}}, True),
        ({"attributes": {"cost": {"more_than": 500}}}, False),
        ({"attributes": {"cost": {"more_than": 499, "less_than": 501}}}, True),
        ({"attributes": {"cost": {"less_than": 500}}}, False),
        ({"attributes": {"drug": {"at_least": 1}}}, False),
        ({"raised_by": ["acme"]}, True),
        ({"raised_by": ["beta"]}, False),
        ({"decided": False}, True),
        ({"decided": True}, False),
        ({"failed": False}, True),
        ({"failed": True}, False),
        ({"lapsed": "JSC"}, False),
        ({"held": "JSC"}, False),
        ({"approved_by": ["beta"]}, False),
        ({"positions_of": ["acme"]}, False),
        ({"similar_to": "escalated"}, False),
        ({"counter": "weeks", "more_than": 0}, True),
        ({"counter": "weeks", "more_than": 1}, False),
        ({"counter": "weeks"}, True),
        ({"opted_out": ["acme"]}, False),
        ({"happened": HAPPENED}, False),
        ({"from_day": "2024-01-15"}, True),
        ({"from_day": "2024-01-16"}, False),
        ({"until_day": "2024-01-15"}, True),
        ({"until_day": "2024-01-14"}, False),
        ({"all": [{"kind": "approve"}, {"kind": "discuss"}]}, False),
        ({"any": [{"kind": "approve"}, {"kind": "discuss"}]}, True),
        ({"any": [{"kind": "discuss"}]}, False),
        ({"none": [{"kind": "approve"}]}, False),
        ({"none": [{"kind": "discuss"}]}, True),
        ({"raised_by": ["acme"], "kind": "discuss"}, False),
        ({"kind": "approve", "until_day": "2024-01-14"}, False),
        ({"kind": "approve", "none": [{"kind": "approve"}]}, False),
    ],
)
def test_a_condition_holds_where_every_key_of_it_does(condition: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    life = lived()
    found = holds(Condition.model_validate(condition), life.state, life.rules, life.item(), life.end("2024-01-15"))
    assert found is expected


@pytest.mark.parametrize(
    ("condition", "event", "fields"),
    [
        ({"decided": True}, "DecisionMade", {"outcome": "approve", "method": "vote"}),
        ({"failed": True}, "MeetingHeld", {"body": "Officers", "considered": [{"decision": "D", "result": "tie"}]}),
        (
            {"held": "Officers"},
            "MeetingHeld",
            {"body": "Officers", "considered": [{"decision": "D", "result": "vote"}]},
        ),
        ({"lapsed": "Officers"}, "DeadlineLapsed", {"clock": "Officers", "due": "2024-01-14"}),
        ({"lapsed": "limit"}, "DeadlineLapsed", {"clock": "Officers", "due": "2024-01-14"}),
        ({"approved_by": ["beta"]}, "ApprovalGiven", {"party": "beta"}),
        ({"positions_of": ["beta"]}, "PositionStated", {"party": "beta", "position": "no"}),
        ({"positions_of": ["beta"]}, "PositionsSubmitted", {"party": "beta"}),
        ({"opted_out": ["beta"]}, "PartyOptedOut", {"party": "beta"}),
        ({"happened": HAPPENED}, "AllianceStageEntered", {"stage": "commercial"}),
        ({"counter": "by_acme", "more_than": 1}, "DecisionEscalated", {"to": "court", "by": "acme"}),
    ],
)
def test_a_condition_comes_to_hold_with_its_event(
    condition: dict[str, Any], event: str, fields: dict[str, Any]
) -> None:
    life, wanted = lived(), Condition.model_validate(condition)
    day = life.end("2024-01-15")
    assert not holds(wanted, life.state, life.rules, life.item(), day)
    life.tell("2024-01-15", event, decision="D", **fields)
    assert holds(wanted, life.state, life.rules, life.item(), day)


@pytest.mark.parametrize("word", ["any_party", "all_parties"])
def test_positions_of_the_parties_are_those_of_every_party(word: str) -> None:
    life, wanted = lived(), Condition(positions_of=(word,))
    for party, expected in (("acme", False), ("beta", True)):
        life.tell("2024-01-15", "PositionStated", decision="D", party=party, position=party)
        assert holds(wanted, life.state, life.rules, life.item(), life.end("2024-01-15")) is expected


@pytest.mark.parametrize(("what", "decided", "expected"), [
    ("escalated", False, True), ("decided", False, False), ("decided", True, True), ("escalated", True, True),
])  # fmt: skip
def test_a_decision_resembles_one_that_was_escalated_or_decided(what: str, decided: bool, expected: bool) -> None:  # noqa: FBT001
    life = lived()
    if decided:
        life.tell("2024-01-15", "DecisionMade", decision="D", outcome="approve", method="vote")
    wanted = Condition.model_validate({"similar_to": what})
    assert holds(wanted, life.state, life.rules, life.item(id="E"), life.end("2024-01-15")) is expected


@pytest.mark.parametrize("key", ["matters", "attributes", "kind", "raised_by"])
def test_what_is_asked_about_an_item_does_not_hold_of_none(key: str) -> None:
    value = {"matters": ["default"], "attributes": {"cost": 500}, "kind": "approve", "raised_by": ["acme"]}[key]
    life = lived()
    assert not holds(Condition.model_validate({key: value}), life.state, life.rules, None, 0)


def test_what_is_asked_about_history_alone_holds_of_no_item_in_particular() -> None:
    life = lived()
    assert holds(Condition(), life.state, life.rules, None, 0)
    assert holds(None, life.state, life.rules, None, 0)
    assert not holds(Condition(opted_out=("acme",)), life.state, life.rules, None, 0)


def test_a_matter_is_also_known_by_its_other_names() -> None:
    life = lived()
    for names, expected in ((("pricing",), True), (("rebates",), True), (("default",), False)):
        found = holds(Condition(matters=names), life.state, life.rules, life.item(id="E"), life.end("2024-01-15"))
        assert found is expected


@pytest.mark.parametrize(
    ("counter", "last"),
    [("weeks", "2024-01-23"), ("days", "2024-01-23"), ("months", "2024-02-09"), ("years", "2025-01-09")],
)
def test_a_use_counts_until_its_window_has_passed(counter: str, last: str) -> None:
    life = lived()
    on = life.told(last, "x").day
    after = on.fromordinal(on.toordinal() + 1).isoformat()
    assert [life.asks(day, counter=counter)["counters"][counter] for day in ("2024-01-09", "2024-01-10")] == [0, 1]
    assert [life.asks(day, counter=counter)["counters"][counter] for day in (last, after)] == [1, 0]


def test_a_counter_counts_only_what_it_names() -> None:
    life = lived().tell("2024-01-15", "DecisionEscalated", decision="E", to="Officers", by="beta")
    counted = {name: life.asks("2024-01-15", counter=name)["counters"][name] for name in (*COUNTERS, "unheard of")}
    assert counted == {
        "weeks": 2, "days": 2, "months": 2, "years": 2, "by_acme": 1, "of_pricing": 1, "unheard of": 0,
    }  # fmt: skip


def test_an_attribute_is_unstated_also_where_it_is_asked_for_deeper_down() -> None:
    deep = Condition.model_validate({"all": [{"any": [{"none": [{"attributes": {"cost": 1}}]}]}]})
    assert unstated(deep, {})
    assert not unstated(deep, {"cost": 2})
    assert not unstated(Condition(kind="approve"), {})


def test_a_range_holds_of_numbers_alone() -> None:
    assert [Range(at_least=1).holds(value) for value in (1, "2", 0, "many", None)] == [True, True, False, False, False]


def test_a_flip_about_an_item_never_happens_by_itself() -> None:
    flips = [{"when": {"raised_by": "acme"}, "final_say": "beta", "clause": "7"}]
    life = Governed(flips=flips).raise_(by="acme")
    assert life.due("2024-02-01")[0].name == "DeadlineLapsed"
    assert life.asks("2024-02-01")["final_say"]["who"] == ["acme"]


def test_a_flip_happens_on_the_day_of_the_use_that_brought_it() -> None:
    flips = [{"when": {"counter": "ups", "more_than": 1}, "final_say": {"who": "beta", "level": "JSC"}, "clause": "7"}]
    life = Governed(flips=flips, counters={"ups": {**COUNTS, "window": "12 months"}}).raise_()
    for day in ("2024-01-17", "2024-01-18"):
        life.tell(day, "DecisionEscalated", decision="D", to="Officers", by="acme", id_=day)
    flip = next(one for one in life.due("2024-02-01") if one.name == "DecisionRightsFlipped")
    assert (flip.seconds, flip.clause, flip.fields["trigger"], flip.fields["level"]) == (
        life.told("2024-01-18", "x").seconds, "7", "flip-0", "JSC",
    )  # fmt: skip
    assert PLAIN["matters"]["default"]["final_say"] == "acme"
