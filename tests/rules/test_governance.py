"""Charters in force: what commands about them are refused, how versions follow, and how they read aloud."""

import time
from datetime import date
from typing import Any

import pytest

from adapters.charter_files import compile_charter, whole, with_dates
from domain.charter.describing import said_plainly
from domain.charter.differing import changes
from domain.charter.drawing import ladder_drawn, matrix_drawn, rights_matrix, steps_said
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


def test_a_step_at_once_is_drawn_and_said_without_a_time() -> None:
    step = {"from": "JSC", "to": "Officers", "limit": "none", "mode": "automatic", "on": "approval", "clause": "3"}
    charter = compile_charter({**SMALL, "ladder": [step, *SMALL["ladder"][1:]]}).charter
    assert ladder_drawn(charter)[1] == "      └─ no set time ═▶ Officers  (3)"
    assert next(iter(steps_said(charter))) == "From JSC a decision goes to Officers at once on approval (3)."


def test_every_rule_is_said_in_a_sentence() -> None:
    charter = compile_charter(SMALL).charter
    said = [*steps_said(charter), *said_plainly(charter)]
    first = (
        "From JSC any party may take a decision to Officers after 10 business days from its raising (3).",
        f"From Officers a decision goes to final_say by itself after a redacted time from {UNSTATED} (4).",
        f"At Officers, for a decision: {THIRTY} from {UNSTATED}; then right ends (5).",
        "From Officers a decision goes to court only if acme says so.",
    )
    assert tuple(said[:4]) == first
    assert said[-1] == "Kept as prose: interest runs (9)."
    assert "w: 1 April from the end of JSC." in said
    assert "e: the next meeting from ExpertsSelected." in said


def test_a_sentence_says_what_opens_a_step_and_what_bars_it() -> None:
    opens = {"any": [{"held": "JSC"}, {"lapsed": "JSC"}], "none": [{"raised_by": "beta"}]}
    bars = [{"when": {"attributes": {"plan_year": {"at_least": 2021}}}}]
    steps = [
        {**SMALL["ladder"][0], "opens_when": opens, "bars": bars, "by": "any_party"},
        {**SMALL["ladder"][0], "window": "5 calendar_days", "after_decision": True},
        {"from": "JSC", "limit": "promptly", "then": {"effect": "right_opens", "to": "acme", "act": "go_alone"}},
    ]
    said = list(steps_said(compile_charter({**SMALL, "ladder": [*steps, *SMALL["ladder"][1:]]}).charter))
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


NEXT_OPEN_DAY = "on a closed day the next open one"
THE_REST_RUNS = "the rest runs only if the finding is"
PASSES = "passes with more than 66 % of the weight and passes with at least 2 of the parties"
MORE_THAN_HALF = "more than half of the seats"
DESCRIBED: dict[str, Any] = {
    "id": "told",
    "zone": "UTC",
    "parties": {"acme": {}, "beta": {}},
    "bodies": {
        "JSC": {
            "name": "Joint Steering Committee",
            "tier": 1,
            "seats": "3 per party",
            "chair": "alternates yearly",
            "votes": "weighted",
            "weights": {"acme": 60, "beta": 40},
            "passes": [{"of": "weight", "more_than_percent": 66}, {"of": "parties", "at_least": 2}],
            "quorum": {"total": 3, "per_party": {"acme": 2, "beta": 1}, "of_seats": "majority", "clause": "2.1"},
            "meeting_notice": {"length": "5 business_days", "clause": "2.2"},
            "email": {"senders_per_party": 1, "acknowledged": True, "clause": "2.3"},
            "ends": {"by": "beta", "with_last_of": "Heads", "when": {"opted_out": "acme"}, "clause": "2.4"},
            "on_end": {"to": "parties", "clock": "carries", "clause": "2.5"},
            "proxies": "written",
            "clause": "2",
        },
        "Heads": {"kind": "people", "of": "acme", "seats": "1", "quorum": {"per_party": 1, "forbids": "vote"}},
        "Team": {"votes": "per_member", "passes": [{"at_least": 3, "of": "present"}]},
        "Panel": {"kind": "experts", "tier": 3, "passes": "unanimous", "votes": "per_member"},
    },
    "matters": {
        "price": {
            "what": "net prices",
            "start_bodies": "JSC",
            "needs_approval_of": "beta",
            "skip": "Heads",
            "classified_by": "acme",
            "final_say": [
                {
                    "who": "acme",
                    "level": "JSC",
                    "when": {"attributes": {"year": 2027}},
                    "only_after": {"positions_of": "beta"},
                    "requires": "good faith",
                    "price": "no milestone",
                    "carve_outs": [
                        {"when": {"carved_out": True}, "to": "Panel", "unless_approved_by": "beta", "says": "costs"},
                        {"clause": "9"},
                    ],
                },
                "redacted",
                "none",
            ],
            "clause": "3",
        },
        "news": {"decides": "beta", "escalates": False, "unresolved": "status_quo"},
        "unknown": {},
        "free": {"unresolved": "each_alone"},
    },
    "minutes": [{"bodies": "JSC", "official": "silence", "clause": "4"}],
    "seats": [
        {"bodies": "JSC", "seniority": {}, "excluded_from": "Heads", "clause": "5"},
        {"bodies": "Heads", "appointment": {"length": "1 April", "then": {"effect": "deem", "to": "incumbents_stay"}}},
    ],
    "notices": {
        "by_means": {
            "post": {"counts": "on_sending", "after": "5 calendar_days"},
            "fax": {"counts": "never"},
            "e-mail": {"counts": "on_acknowledgement"},
        },
        "only_on_open_days": True,
        "cut_off_hour": 17,
        "clause": "6",
    },
    "obligations": [{"id": "cure", "length": "30 days"}],
    "tolling": [
        {"cause": "force_majeure", "clause": "7"},
        {"cause": "dispute", "pauses": "obligations", "only": "cure", "by": "owed_by", "resumes_for": "owed_to"},
    ],
    "counters": {"uses": {"counts": {"event": "DecisionEscalated"}, "window": "12 months", "clause": "8"}},
    "flips": [
        {"when": {"counter": "uses", "more_than": 2}, "except_matters": "news", "final_say": "acme", "clause": "8"},
        {"when": {"opted_out": "acme"}, "matters": "price", "final_say": "none"},
    ],
    "amendment": {"open_items": "stay", "binds": "at_once", "clause": "10"},
    "rights": [{"who": "any_party", "act": "request_information", "at": "JSC", "when": {"failed": True}}],
}


def test_bodies_votes_quorum_notice_and_seats_are_said_in_sentences_with_their_clauses() -> None:
    said = said_plainly(compile_charter(DESCRIBED).charter)
    assert said[:11] == [
        "JSC (Joint Steering Committee): a committee, tier 1; seats: 3 per party; chair: alternates yearly (2).",
        f"JSC votes: votes are weighted (acme 60, beta 40); {PASSES}; a proxy counts if it is written (2).",
        f"JSC is quorate with 3 in all and 2 of acme, 1 of beta and {MORE_THAN_HALF}; without it no decision (2.1).",
        "JSC meets on notice of 5 business days before the meeting (2.2).",
        "JSC decides by e-mail once 1 of each party have sent it and each party has acknowledged it (2.3).",
        "JSC ends by notice of beta alone or by agreement or with the last of Heads or once opted out acme (2.4).",
        "What lies before JSC when it ends goes to parties and its clock goes on (2.5).",
        "Heads: people who hold matters outside the committees, of acme; seats: 1.",
        "Heads votes: each party has one vote; every party must say yes; a proxy counts.",
        "Heads is quorate with 1 of each party; without it no vote and no decision.",
        "Team: a committee.",
    ]
    assert "Team votes: each member has one vote; passes with at least 3 of those present; a proxy counts." in said
    assert "Panel votes: each member has one vote; nobody present may say no; a proxy counts." in said


def test_matters_are_said_with_who_decides_and_within_which_limits() -> None:
    said = said_plainly(compile_charter(DESCRIBED).charter)
    price = (
        "price: net prices; starts at JSC; acme has the final say at JSC where attributes year 2027, only after "
        "positions of beta, required: good faith, at a price: no milestone, but not where carved out True: costs "
        "(then Panel) unless beta approves, but not as carved out (9); who has the final say is unknown; nobody "
        "has the final say; needs the approval of beta besides; passes over Heads; acme says what belongs to it (3)."
    )
    assert price in said
    assert "news: starts anywhere; beta decides alone; is not escalated; unresolved: status quo." in said
    assert "unknown: starts anywhere; who has the final say is unknown." in said
    assert "free: starts anywhere; nobody has the final say; unresolved: each alone." in said


def test_what_stands_beside_the_clocks_is_said_too() -> None:
    said = said_plainly(compile_charter(DESCRIBED).charter)
    assert said[-15:] == [
        "Minutes of JSC bind unless somebody objects in time (4).",
        "A seat in JSC goes to nobody less senior than before unless the other party approves (5).",
        "Nobody who sits in Heads sits in JSC (5).",
        "Seats in Heads are filled again by 1 April; then deem incumbents_stay.",
        "A notice by post counts 5 calendar days after it is sent (6).",
        "A notice by fax counts as nothing (6).",
        "A notice by e-mail counts when it is acknowledged (6).",
        f"Any other notice counts when it is received, {NEXT_OPEN_DAY}, after 17:00 the day after (6).",
        "force majeure pauses the clocks of decisions, obligations (7).",
        f"dispute pauses the clocks of obligations of cure, if started by owed by; {THE_REST_RUNS} for owed to.",
        "uses counts DecisionEscalated in any 12 months (8).",
        "Once counter uses and more than 2, for every matter but news: acme has the final say after the last body (8).",
        "Once opted out acme, for price: nobody has the final say.",
        "An amendment binds at once; what is open then stays under the old version (10).",
        "any party may request information at JSC where failed True.",
    ]


def test_the_decision_rights_are_drawn_as_a_table_of_matters_parties_and_levels() -> None:
    assert matrix_drawn(compile_charter(DESCRIBED).charter) == [
        "matter   acme  beta   in words",
        "price    JSC   -      acme at JSC, but not: costs; 9",
        "news     -     alone  beta alone",
        "unknown  -     -      unknown",
        "free     -     -      nobody; unresolved: each_alone",
    ]
