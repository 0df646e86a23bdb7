"""Charters in force: what commands about them are refused, how versions follow, and how they read aloud."""

import time
from datetime import date
from typing import Any

import pytest

from adapters.charter_files import compile_charter, whole, with_dates
from domain.charter.differing import changes
from domain.charter.drawing import ladder_drawn, rights_matrix, said_plainly
from domain.charter.language import Charter
from domain.charter.rules import clause_met
from domain.clocks import start_of
from domain.errors import Refused
from domain.events.charter import CharterAdopted
from domain.governance.docket import docket
from domain.governance.explain import explain
from domain.governance.fold import folded
from domain.governance.items import Shelf
from domain.governance.state import Governance
from domain.governance.told import Told, day_from
from tests.given import Life

SMALL: dict[str, Any] = {
    "id": "small",
    "zone": "Europe/Paris",
    "parties": {"acme": {}, "beta": {}},
    "calendar": {"places": ["FR"]},
    "bodies": {"JSC": {"tier": 1}, "Officers": {"tier": 2, "kind": "people"}},
    "matters": {
        "default": {"start_bodies": ["JSC"], "final_say": {"who": "acme", "carve_outs": ["no crime"]}, "clause": "2"},
        "tactics": {"decides": "beta", "clause": "2.1"},
        "unknown": {},
        "nobody": {"final_say": "none"},
        "outside": {"final_say": "none", "unresolved": "court"},
        "hidden": {"final_say": "redacted"},
        "open": {"unresolved": "status_quo"},
    },
    "ladder": [
        {"from": "JSC", "to": "Officers", "limit": "10 business_days", "clock_starts": "raised", "clause": "3"},
        {"from": "Officers", "to": "final_say", "limit": "redacted", "mode": "automatic", "clause": "4"},
        {"from": "Officers", "limit": "30 calendar_days", "kind": "latest", "then": "right_ends", "clause": "5"},
        {"from": "Officers", "to": "court", "limit": "promptly", "mode": "gated", "by": "acme"},
    ],
    "deadlines": [
        {"id": "w", "at": "JSC", "kind": "window", "length": "1 April", "clock_starts": {"end_of": "JSC"}},
        {"id": "e", "at": "JSC", "length": "next_meeting", "clock_starts": {"event": "ExpertsSelected"}},
    ],
    "obligations": [{"id": "pay", "length": "stated_day", "before": True, "then": {"effect": "deem", "to": "approve"}}],
    "minutes": [{"deadlines": [{"id": "draft", "length": "10 calendar_days", "clock_starts": "meeting_held"}]}],
    "notes": [{"says": "interest runs", "clause": "9"}],
}
ADOPTED = date(2024, 1, 1)
THIRTY = "30 calendar days"
UNSTATED = "a day that the contract does not state"


def stored() -> dict[str, Any]:
    return whole(compile_charter(SMALL).charter, ADOPTED)


def told(name: str, day: date = ADOPTED, **fields: Any) -> Told:
    return Told(name, fields, start_of(day, "Europe/Paris"), day, name)


def state_of(*events: Told) -> Governance:
    return folded(Governance(), events)


def due(state: Governance, day: date, decision: str = "D") -> Any:
    return explain(state, {"decision": decision}, start_of(day, "Europe/Paris"))


def test_a_charter_that_cannot_be_compiled_is_refused_with_every_fault() -> None:
    with pytest.raises(Refused, match="zone: is missing"):
        Life().command("draft_charter", version="1", charter={"id": "x", "parties": {"acme": {}, "beta": {}}})


def test_a_draft_has_no_force_until_it_is_adopted() -> None:
    drafted = told("CharterDrafted", version="1", charter=stored())
    assert state_of(drafted).charters == ()
    adopted = state_of(drafted, told("CharterAdopted", version="1"))
    assert adopted.charters[0].rules.charter.id == "small"


def test_what_is_no_charter_of_this_language_has_no_rules() -> None:
    assert state_of(told("CharterAdopted", version="1", charter={"bodies": {}})).charters == ()
    assert state_of(told("CharterAmended", version="2", supersedes="1")).charters == ()


def test_a_calendar_without_its_dates_leaves_a_due_day_unknown() -> None:
    raised = told("DecisionRaised", decision="D", body="JSC", matter="default")
    answer = due(state_of(told("CharterAdopted", version="1", charter=SMALL), raised), ADOPTED)
    assert (answer["due"], answer["clocks"][0]["state"]) == (None, "unknown")
    assert "holds 0001-01-01" in answer["clocks"][0]["unknown_because"]


def test_a_message_with_a_charter_gets_its_calendars_frozen_from_the_year_before() -> None:
    adopted = with_dates(CharterAdopted(version="1", charter=SMALL), start_of(date(2024, 6, 1), "UTC"))
    assert isinstance(adopted, CharterAdopted)
    frozen = (adopted.charter or {})["calendar"]["frozen"]
    assert (frozen["first"], frozen["last"][:4]) == ("2023-01-01", "2053")
    assert with_dates(adopted, 0) == adopted


def test_an_amendment_binds_with_the_last_ratification_and_speaks_from_its_day() -> None:
    amended = {**stored(), "version": "2", "zone": "Europe/London"}
    events = [
        told("CharterAdopted", version="1", charter=stored()),
        told("CharterAmended", date(2024, 3, 1), version="2", supersedes="1", charter=amended, open_items="migrate"),
        told("CharterRatified", date(2024, 3, 5), version="2", party="acme"),
    ]
    after = start_of(date(2024, 3, 2), "UTC")
    assert state_of(*events).version_at(after).version == "1"
    bound = state_of(*events, told("CharterRatified", date(2024, 3, 9), version="2", party="beta"))
    assert (bound.version_at(after).version, bound.version_at(after - 3 * 86_400).version) == ("2", "1")


def test_a_command_without_authority_is_refused_and_a_report_is_found() -> None:
    life = Life()
    life.report("CharterAdopted", at="2024-01-01", version="1", charter=stored())
    life.report("DecisionRaised", at="2024-01-02", decision="D", body="JSC", matter="tactics")
    with pytest.raises(Refused, match="acme may not decide it here"):
        life.command("decide", at="2024-01-03", decision="D", by="acme", outcome="approve")
    life.report("DecisionMade", at="2024-01-03", decision="D", by="acme", outcome="approve", method="consensus")
    assert [(one.rule, one.clause) for one in life.log[-1].meta.findings] == [("charter", "2.1")]


def test_a_retracted_charter_event_is_forgotten_by_governance() -> None:
    state = state_of(told("CharterAdopted", version="1", charter=stored()))
    assert explain(state, {"decision": "never"}, 0) == {"state": "unknown"}
    assert explain(state, {"weather": "sun"}, 0) == {"state": "unknown"}


def test_a_docket_over_200_open_items_takes_less_than_a_second() -> None:
    raised = [
        told(
            "DecisionRaised",
            ADOPTED,
            decision=f"D{number}",
            body="JSC",
            matter="default",
            work_stream=f"W{number % 23}",
        )
        for number in range(200)
    ]
    state = state_of(told("CharterAdopted", version="1", charter=stored()), *raised)
    before = time.perf_counter()
    entries = docket(state, "small", start_of(date(2024, 1, 5), "Europe/Paris"), party="beta")
    assert time.perf_counter() - before < 1
    assert {(entry.due, entry.effect, len(entry.parties)) for entry in entries} == {(date(2024, 1, 15), "stay", 2)}


def test_the_ladder_is_drawn_from_the_lowest_tier_up() -> None:
    assert ladder_drawn(compile_charter(SMALL).charter) == [
        "[1] JSC",
        "      └─ 10 business days ─▶ Officers  (3)",
        "[2] Officers",
        "      └─ a redacted time ═▶ final_say  (4)",
        "      └─ 30 calendar days ─▶ right_ends  (5)",
        "      └─ promptly ─?▶ court",
    ]


def test_every_rule_is_said_in_a_sentence() -> None:
    said = said_plainly(compile_charter(SMALL).charter)
    first = (
        "From JSC any party may take a decision to Officers after 10 business days from its raising (3).",
        f"From Officers a decision goes to final_say by itself after a redacted time from {UNSTATED} (4).",
        f"At Officers, for a decision: {THIRTY} from {UNSTATED}; then right ends (5).",
        "From Officers a decision goes to court only if acme says so.",
    )
    assert tuple(said[:4]) == first
    assert said[-1] == "Kept as prose: interest runs (9)."
    assert "w: 04-01 of the year from the end of JSC." in said
    assert "e: the next meeting from ExpertsSelected." in said


def test_a_sentence_says_what_opens_a_step_and_what_bars_it() -> None:
    opens = {"any": [{"held": "JSC"}, {"lapsed": "JSC"}], "none": [{"raised_by": "beta"}]}
    bars = [{"when": {"attributes": {"plan_year": {"at_least": 2021}}}}]
    steps = [
        {**SMALL["ladder"][0], "opens_when": opens, "bars": bars, "by": "any_party"},
        {**SMALL["ladder"][0], "window": "5 calendar_days", "after_decision": True},
        {"from": "JSC", "limit": "promptly", "then": {"effect": "right_opens", "to": "acme", "act": "go_alone"}},
    ]
    said = said_plainly(compile_charter({**SMALL, "ladder": [*steps, *SMALL["ladder"][1:]]}).charter)
    clock = "10 business days from its raising"
    once = "(held JSC or lapsed JSC) and not (raised by beta)"
    taken = "From JSC any party may take a decision to Officers"
    assert said[:3] == [
        f"{taken} once {once} (a clock beside it: {clock}), but not where attributes plan year at least 2021 (3).",
        f"{taken} after it has been decided after {clock}, and within 5 calendar days of then (3).",
        f"At JSC, for a decision: promptly from {UNSTATED}; then right opens acme (go alone).",
    ]


def test_the_matrix_says_who_decides_each_matter_at_which_level() -> None:
    rows = {row["matter"]: row for row in rights_matrix(compile_charter(SMALL).charter)}
    assert {name: row["says"] for name, row in rows.items()} == {
        "default": "acme at final_say, but not: no crime",
        "tactics": "beta alone",
        "unknown": "unknown",
        "nobody": "nobody",
        "outside": "nobody; unresolved: court",
        "hidden": "unknown",
        "open": "nobody; unresolved: status_quo",
    }
    assert rows["default"]["parties"] == {"acme": "final_say", "beta": None}


def test_a_change_of_a_rule_is_named_by_its_path_and_clause() -> None:
    before = compile_charter(SMALL).charter
    ladder = [
        {**SMALL["ladder"][0], "limit": "5 business_days"},
        *SMALL["ladder"][1:],
        {**SMALL["ladder"][0], "kind": "latest"},
    ]
    after = compile_charter({**SMALL, "ladder": ladder, "name": "Small"}).charter
    found = [(one.path, one.clause) for one in changes(before, after)]
    assert found == [("ladder[JSC to Officers].limit.value", "3"), ("ladder[JSC to Officers']", "3"), ("name", None)]


@pytest.mark.parametrize(
    ("expected", "given", "met"),
    [
        ("3.3", "3.3.3", True),
        ("3.3", "3.3", True),
        ("3.3", "3.33", False),
        ("2", "3.1, 2(a)", True),
        ("3.5(b)", "3.5(b)(i)", True),
        ("1", None, False),
    ],
)
def test_a_clause_is_met_by_itself_or_by_a_part_of_it(expected: str, given: str | None, met: bool) -> None:  # noqa: FBT001
    assert clause_met(expected, given) is met


@pytest.mark.parametrize(
    ("obligation", "clause", "kind", "rule"),
    [
        ("milestone-2", "9", "payment", "milestone-2"),
        ("x", "2.3", "milestone", "milestone-1"),
        ("x", "15.2", "cure", "cure"),
        ("x", "15.2(a)(ii)", "cure", "cure"),
        ("x", "99", "cure", "cure"),
        ("x", None, "cure", "cure"),
        ("x", "99", "milestone", None),
        ("x", "99", None, None),
    ],
)
def test_an_obligation_finds_its_rule_by_id_then_clause_then_kind(
    obligation: str, clause: str | None, kind: str | None, rule: str | None
) -> None:
    rules = [
        {"id": "milestone-1", "obligation_kind": "milestone", "clause": "2.3", "length": "12 months"},
        {"id": "milestone-2", "obligation_kind": "milestone", "clause": "2.3", "length": "30 months"},
        {"id": "cure", "obligation_kind": "cure", "clause": "15.2(a)", "length": "30 calendar_days"},
    ]
    found = compile_charter({**SMALL, "obligations": rules}).obligation(obligation, clause, kind)
    assert (found.id if found else None) == rule


def test_a_shelf_is_a_mapping_that_never_changes() -> None:
    empty: Shelf[int] = Shelf()
    one = empty.put(("decision", "D1"), 1).put(("decision", "D2"), 2)
    assert (dict(one), len(one), dict(empty)) == ({("decision", "D1"): 1, ("decision", "D2"): 2}, 2, {})


@pytest.mark.parametrize(
    ("value", "day"),
    [(ADOPTED, ADOPTED), ("2024-01-01T10:00Z", ADOPTED), ("soon", None), (1_704_067_200, ADOPTED), (None, None)],
)
def test_a_field_is_a_day_where_it_can_be_read_as_one(value: Any, day: date | None) -> None:
    assert day_from(value) == day


def test_the_model_says_what_a_charter_may_hold() -> None:
    assert Charter.model_json_schema()["additionalProperties"] is False
