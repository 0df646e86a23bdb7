"""Amendments and open items, and commands whose clock would run past the end of its calendar."""

from datetime import date
from typing import Any

import pytest

from adapters.charter_files import compile_charter, whole
from domain.errors import Refused
from domain.governance.amending import amended_items, standing
from domain.governance.replaying import Amends, clerked, replayed
from tests.given import Life, seconds

CHARTER: dict[str, Any] = {
    "id": "orion",
    "zone": "UTC",
    "parties": {"acme": {}, "globex": {}},
    "calendar": {"places": ["WEEKENDS"], "from": "2025-01-01", "to": "2026-03-31"},
    "bodies": {"JSC": {"tier": 1, "clause": "2.1"}, "CC": {"tier": 1, "clause": "2.2"}, "Officers": {"tier": 2}},
    "matters": {"default": {"start_bodies": ["JSC", "CC"], "final_say": {"who": "acme"}, "clause": "4"}},
    "ladder": [
        {
            "from": ["JSC", "CC"],
            "to": "Officers",
            "limit": "10 business_days",
            "clock_starts": "raised",
            "mode": "automatic",
            "clause": "3.1",
        },
        {"from": "Officers", "to": "final_say", "limit": "5 calendar_days", "clock_starts": "entered", "clause": "3.2"},
    ],
    "minutes": [
        {
            "bodies": ["CC"],
            "clause": "5",
            "deadlines": [{"id": "draft", "length": "10 calendar_days", "clock_starts": "meeting_held"}],
        }
    ],
}


def without(body: str) -> dict[str, Any]:
    bodies = {name: one for name, one in CHARTER["bodies"].items() if name != body}
    start = [name for name in CHARTER["matters"]["default"]["start_bodies"] if name != body]
    first = {**CHARTER["ladder"][0], "from": start}
    return {
        **CHARTER,
        "bodies": bodies,
        "matters": {"default": {**CHARTER["matters"]["default"], "start_bodies": start}},
        "ladder": [first, CHARTER["ladder"][1]],
        "minutes": [{**CHARTER["minutes"][0], "bodies": start}],
    }


def stored(charter: dict[str, Any]) -> dict[str, Any]:
    return whole(compile_charter(charter).charter, date(2026, 1, 1))


@pytest.fixture
def life() -> Life:
    life = Life()
    life.report("CharterAdopted", at="2026-01-02", version="1", charter=stored(CHARTER))
    return life


def amend(life: Life, charter: dict[str, Any], at: str = "2026-02-04") -> None:
    life.command("amend_charter", at=at, version="2", supersedes="1", open_items="migrate", charter=stored(charter))


def test_an_amendment_without_the_body_of_an_open_decision_is_refused_with_path_clause_and_reason(life: Life) -> None:
    life.report("DecisionRaised", at="2026-02-02", decision="D", body="JSC", matter="default")
    with pytest.raises(Refused, match=r"bodies\.JSC: open items would have no body: D at JSC") as refused:
        amend(life, without("JSC"))
    assert (refused.value.rule, refused.value.clause) == ("items_keep_a_body", "2.1")
    assert refused.value.because_of == (life.log[-1].meta.event_id,)


def test_an_amendment_without_the_body_of_open_minutes_is_refused(life: Life) -> None:
    life.report("MeetingHeld", at="2026-02-02", meeting="M", body="CC")
    with pytest.raises(Refused, match=r"bodies\.CC: open items would have no body: M at CC") as refused:
        amend(life, without("CC"))
    assert refused.value.clause == "2.2"


def test_an_amendment_without_a_body_that_holds_nothing_open_is_recorded(life: Life) -> None:
    life.report("DecisionRaised", at="2026-02-02", decision="D", body="JSC", matter="default")
    amend(life, without("CC"))
    assert life.log[-1].name == "charter-amended"


def test_a_command_whose_clock_would_run_past_the_end_of_its_calendar_is_refused_with_its_clause(life: Life) -> None:
    with pytest.raises(Refused, match="calendar default holds 2025-01-01 to 2026-03-31, not 2026-04-01") as refused:
        life.command("raise_decision", at="2026-03-25", decision="D", body="JSC", matter="default", title="T")
    assert (refused.value.rule, refused.value.clause) == ("calendar_ends", "3.1")


def test_a_command_whose_clock_ends_on_the_last_day_of_its_calendar_is_recorded(life: Life) -> None:
    life.command("raise_decision", at="2026-03-17", decision="D", body="JSC", matter="default", title="T")
    assert life.log[-1].name == "decision-raised"


def test_a_report_whose_clock_runs_past_its_calendar_is_recorded_and_commands_may_still_end_it(life: Life) -> None:
    life.report("DecisionRaised", at="2026-03-25", decision="D", body="JSC", matter="default")
    life.command("state_position", at="2026-03-26", decision="D", party="acme", position="yes")
    life.command("withdraw_decision", at="2026-03-27", decision="D", by="acme")
    assert life.log[-1].name == "decision-withdrawn"


def test_a_notice_past_the_end_of_the_calendar_is_kept_and_the_day_it_counts_from_is_unknown() -> None:
    life = Life()
    charter = {**CHARTER, "notices": {"only_on_open_days": True}}
    life.report("CharterAdopted", at="2026-01-02", version="1", charter=stored(charter))
    for notice, at in (("early", "2026-03-28"), ("late", "2026-05-02")):
        life.report("NoticeReceived", at=at, notice=notice, about="x", to="acme", from_="globex")
    early, late = (life.book.governance.items[("notice", name)] for name in ("early", "late"))
    assert (early.received, late.received) == (date(2026, 3, 30), None)


def test_an_amendment_whose_calendar_ends_before_an_open_due_day_is_refused(life: Life) -> None:
    life.report("DecisionRaised", at="2026-03-10", decision="D", body="JSC", matter="default")
    with pytest.raises(Refused, match="holds 2025-01-01 to 2026-03-15") as refused:
        amend(life, {**CHARTER, "calendar": {**CHARTER["calendar"], "to": "2026-03-15"}}, at="2026-03-11")
    assert refused.value.rule == "calendar_ends"


def test_an_amendment_says_of_each_open_item_what_would_differ_and_which_would_lose_its_body(life: Life) -> None:
    life.report("DecisionRaised", at="2026-02-02", decision="D", body="JSC", matter="default")
    life.report("MeetingHeld", at="2026-02-02", meeting="M", body="CC")
    amended = without("CC")
    amended["ladder"][0] = {**amended["ladder"][0], "limit": "5 business_days"}
    now, rules = seconds("2026-02-04"), compile_charter(amended)
    before, after = (replayed(life.log, one, now) for one in (compile_charter(CHARTER), rules))
    decision, minutes = amended_items(before, after, rules, now)
    assert decision.would_be is not None
    assert (decision.id, decision.without_body) == ("D", None)
    assert (decision.was.limit, decision.would_be.limit) == ("10 business_days", "5 business_days")
    assert (str(decision.was.due), str(decision.would_be.due)) == ("2026-02-16", "2026-02-09")
    assert decision.was.may_act == decision.would_be.may_act
    assert (str(decision.was.if_nothing.on), str(decision.would_be.if_nothing.on)) == ("2026-02-17", "2026-02-10")
    assert (minutes.id, minutes.without_body, minutes.would_be) == ("M", "CC", None)


def test_the_same_charter_again_changes_no_open_item(life: Life) -> None:
    life.report("DecisionRaised", at="2026-02-02", decision="D", body="JSC", matter="default")
    now, rules = seconds("2026-02-04"), compile_charter(CHARTER)
    before, after = (replayed(life.log, rules, now) for _ in range(2))
    assert list(amended_items(before, after, rules, now)) == []


@pytest.mark.parametrize("open_items", ["migrate", "stay"])
def test_what_an_amendment_would_do_from_its_day_on_is_what_it_does_once_it_is_recorded(
    life: Life, open_items: str
) -> None:
    amended = {**CHARTER, "amendment": {"open_items": open_items, "binds": "at_once"}}
    amended["ladder"] = [{**CHARTER["ladder"][0], "limit": "5 business_days", "to": "final_say"}, CHARTER["ladder"][1]]
    life.report("DecisionRaised", at="2026-02-02", decision="D", body="JSC", matter="default")
    speaks, now = seconds("2026-02-05"), seconds("2026-02-09")
    rules, before = compile_charter(amended), list(life.log)
    foretold = replayed(before, compile_charter(CHARTER), now, Amends(rules, speaks))
    asked = {"version": "2", "supersedes": "1", "charter": stored(amended)}
    life.report("CharterAmended", at="2026-02-05", **asked, open_items=open_items)
    recorded = clerked(life.book.governance, now)
    one, other = foretold.items[("decision", "D")], recorded.items[("decision", "D")]
    assert standing(foretold, one, now) == standing(recorded, other, now)
    found = list(amended_items(replayed(before, compile_charter(CHARTER), now), foretold, rules, now))
    would_be = [(str(item.would_be.due), item.would_be.if_nothing.to) for item in found if item.would_be]
    assert would_be == ([("2026-02-16", ("acme",))] if open_items == "migrate" else [])


def test_what_is_raised_after_an_amendment_speaks_is_judged_under_it(life: Life) -> None:
    amended = {**CHARTER, "ladder": [{**CHARTER["ladder"][0], "limit": "5 business_days"}, CHARTER["ladder"][1]]}
    for decision, at in (("old", "2026-02-02"), ("new", "2026-02-04")):
        life.report("DecisionRaised", at=at, decision=decision, body="JSC", matter="default")
    now = seconds("2026-02-05")
    state = replayed(life.log, compile_charter(CHARTER), now, Amends(compile_charter(amended), seconds("2026-02-03")))
    due = {name: str(standing(state, state.items[("decision", name)], now).due) for name in ("old", "new")}
    assert due == {"old": "2026-02-16", "new": "2026-02-11"}
