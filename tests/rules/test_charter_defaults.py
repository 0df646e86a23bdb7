"""What a charter need not say: the answers that follow from what it does say."""

from typing import Any

from adapters.scenarios.form import plays_of
from adapters.scenarios.playing import answers

CHARTER: dict[str, Any] = {
    "id": "small",
    "zone": "Europe/Paris",
    "parties": {"acme": {}, "beta": {}},
    "bodies": {"JSC": {"tier": 1}, "Officers": {"tier": 2, "kind": "people"}, "Gate": {"tier": 3, "kind": "gate"}},
    "matters": {
        "default": {"final_say": "none", "unresolved": "status_quo", "clause": "2.3"},
        "gated": {"start_bodies": ["Officers"], "final_say": "acme", "clause": "2.4"},
        "price": {"start_bodies": ["JSC"], "unresolved": "arbitration", "clause": "2"},
        "tactics": {"start_bodies": ["JSC"], "decides": "beta", "clause": "2.1"},
        "talk": {"start_bodies": ["JSC"], "unresolved": "arbitration", "kind": "discuss", "clause": "2.2"},
    },
    "ladder": [
        {"from": "JSC", "to": "Officers", "limit": "30 calendar_days", "kind": "latest", "clock_starts": "raised"},
        {"from": "Officers", "to": "Gate", "limit": "none", "matters": ["gated"]},
        {"from": "Gate", "to": "final_say", "limit": "none", "mode": "gated", "on_decline": {"to": "Officers"}},
    ],
    "obligations": [
        {"id": "cure", "kind": "cure", "length": "10 calendar_days", "clock_starts": "occurrence"},
        {"id": "bill", "obligation_kind": "payment", "length": "10 calendar_days", "clock_starts": "occurrence"},
        *(
            {"id": rule, "length": "10 calendar_days", "clock_starts": "occurrence", "acts": ["object"], "then": then}
            for rule, then in (("no", "nothing"), ("as_is", "status_quo"))
        ),
        *(
            {
                "id": rule,
                "length": "10 calendar_days",
                "clock_starts": "occurrence",
                "clause": "5",
                "then": {"effect": "deem", "to": outcome},
            }
            for rule, outcome in (("consent", "approve"), ("refusal", "reject"), ("option", "waived"))
        ),
    ],
}
DECISIONS = [
    {"at": "2024-01-01", "report": "DecisionRaised", "decision": matter, "body": "JSC", "matter": matter}
    for matter in ("price", "tactics", "talk")
]
DUTIES = [
    {"at": "2024-01-01", "report": "ObligationStarted", "obligation": rule, "owed_by": "acme", "owed_to": "beta"}
    for rule in ("cure", "bill", "no", "as_is", "consent", "refusal", "option")
]


def asked(history: list[dict[str, Any]], at: str, **subject: str) -> dict[str, Any]:
    questions = [{"at": at, "subject": subject, "expect": {}}]
    scenario = {"id": "s", "agreement": "small", "history": history, "ask": questions}
    [play] = plays_of(scenario)
    [(_, answer)] = answers(play, CHARTER)
    return answer


def acts(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["who"], one["act"]) for one in answer["may_act"]}


def test_when_the_last_day_to_escalate_has_gone_what_ends_in_arbitration_may_be_taken_there() -> None:
    assert not {"arbitrate"} & {act for _, act in acts(asked(DECISIONS, "2024-01-31", decision="price"))}
    late = acts(asked(DECISIONS, "2024-02-01", decision="price"))
    assert {("acme", "arbitrate"), ("beta", "arbitrate")} <= late
    assert "escalate" not in {act for _, act in late}


def test_what_may_only_be_discussed_goes_to_no_arbitration() -> None:
    assert acts(asked(DECISIONS, "2024-02-01", decision="talk")) == {("JSC", "decide")}


def test_what_one_party_decides_alone_is_not_escalated_by_a_step_for_everything() -> None:
    assert acts(asked(DECISIONS, "2024-01-10", decision="tactics")) == {("beta", "decide")}


def test_the_right_to_cure_ends_with_its_time_unless_the_charter_says_otherwise() -> None:
    running = asked(DUTIES, "2024-01-11", obligation="cure")
    assert (running["if_nothing"]["effect"], str(running["if_nothing"]["on"])) == ("right_ends", "2024-01-12")
    assert acts(running) == {("acme", "cure")}
    assert acts(asked(DUTIES, "2024-01-12", obligation="cure")) == set()


def test_whoever_owes_a_payment_may_pay_also_when_it_is_late() -> None:
    assert acts(asked(DUTIES, "2024-01-11", obligation="bill")) == {("acme", "pay")}
    assert acts(asked(DUTIES, "2024-02-11", obligation="bill")) == {("acme", "pay")}


def test_silence_that_brings_nothing_ends_the_right_to_object() -> None:
    assert asked(DUTIES, "2024-01-11", obligation="no")["if_nothing"]["effect"] == "right_ends"
    assert asked(DUTIES, "2024-01-12", obligation="no")["state"] == "ended"


def test_silence_that_leaves_things_as_they_are_ends_the_right_to_object_too() -> None:
    assert asked(DUTIES, "2024-01-11", obligation="as_is")["if_nothing"]["effect"] == "status_quo"
    ended = asked(DUTIES, "2024-01-12", obligation="as_is")
    assert (ended["state"], ended["outcome"], acts(ended)) == ("ended", "status_quo", set())


def test_what_a_gate_declined_stays_as_every_other_matter_does() -> None:
    raised = {"at": "2024-01-01", "report": "DecisionRaised", "decision": "G", "body": "Officers", "matter": "gated"}
    up = {"at": "2024-01-02", "report": "DecisionEscalated", "decision": "G", "from": "Officers", "to": "Gate"}
    no = {"at": "2024-01-03", "report": "EscalationDeclined", "decision": "G", "by": "Gate"}
    assert asked([raised, up], "2024-01-03", decision="G")["if_nothing"]["effect"] == "stay"
    answer = asked([raised, up, no], "2024-01-04", decision="G")
    assert (answer["final_say"]["state"], answer["if_nothing"]["effect"]) == ("unreachable", "status_quo")


def test_whoever_is_asked_may_answer_what_silence_would_answer() -> None:
    answer = {("acme", "approve"), ("acme", "object")}
    asks = {rule: acts(asked(DUTIES, "2024-01-11", obligation=rule)) for rule in ("consent", "refusal", "option")}
    assert asks == {"consent": answer, "refusal": answer, "option": set()}


def test_nobody_is_guessed_where_a_body_owes_and_to_whom_was_not_told() -> None:
    told = {"at": "2024-01-01", "report": "ObligationStarted", "obligation": "consent"}
    assert acts(asked([{**told, "owed_by": "JSC"}], "2024-01-12", obligation="consent")) == set()
    owed = [{**told, "owed_by": "acme"}]
    assert acts(asked(owed, "2024-01-12", obligation="consent")) == {("beta", "proceed")}


def test_whoever_asked_may_go_ahead_once_silence_has_consented() -> None:
    late = {rule: acts(asked(DUTIES, "2024-01-12", obligation=rule)) for rule in ("consent", "refusal", "option")}
    assert late == {"consent": {("beta", "proceed")}, "refusal": set(), "option": set()}
