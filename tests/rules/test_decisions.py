"""What may happen to a decision, what is refused, and what is found."""

from typing import Any

import pytest

from domain.errors import Impossible, Refused
from tests.given import Life


def raised(**words: str) -> Life:
    life = Life()
    life.report("DecisionRaised", decision="D1", body="JPC", **words)
    return life


def test_a_decision_is_raised_once() -> None:
    life = raised()
    with pytest.raises(Impossible, match="raised already"):
        life.report("DecisionRaised", decision="D1", body="JSC")


def test_a_report_on_a_decision_that_was_never_raised_is_impossible() -> None:
    with pytest.raises(Impossible, match="never raised"):
        Life().report("DecisionEscalated", decision="D9", to="JSC")


def test_a_party_that_is_not_of_the_alliance_is_refused_by_name() -> None:
    life = raised()
    with pytest.raises(Impossible, match="'initech' is not a party of alliance 'orion' \\(acme, globex\\)"):
        life.report("PositionStated", decision="D1", party="initech", position="for")


def test_nothing_happens_before_the_alliance_is_formed() -> None:
    with pytest.raises(Impossible, match="never formed"):
        Life(formed=False).report("DecisionRaised", decision="D1", body="JPC")


def test_a_decision_to_discuss_may_not_be_escalated_when_asked() -> None:
    life = raised(kind="discuss")
    with pytest.raises(Refused) as refusal:
        life.command("escalate", decision="D1", to="JSC")
    assert refusal.value.rule == "discuss_may_not_be_escalated"
    assert refusal.value.because_of == ("e2",)


def test_a_decision_to_discuss_that_was_escalated_all_the_same_is_recorded_with_a_finding() -> None:
    life = raised(kind="discuss")
    (event,) = life.report("DecisionEscalated", decision="D1", to="JSC")
    assert [f.rule for f in event.meta.findings] == ["discuss_may_not_be_escalated"]
    assert life.book.decisions["D1"].body == "JSC"


def test_an_escalation_goes_up_from_where_the_decision_is() -> None:
    life = raised()
    (event,) = life.command("escalate", decision="D1", to="JSC")
    assert (event.fact.from_, event.fact.to) == ("JPC", "JSC")
    assert (event.fact.held_by, event.fact.holder, event.fact.tier) == ("body", "JSC", "JSC")


def test_a_return_goes_back_to_the_body_below() -> None:
    life = raised()
    life.command("escalate", decision="D1", to="JSC")
    (event,) = life.command("return_decision", decision="D1")
    assert event.fact.to == "JPC"
    assert life.book.decisions["D1"].path == ("JPC",)


def test_the_turn_goes_to_the_party_asked_for_information_and_back_to_the_body() -> None:
    life = raised()
    (asked,) = life.report("InformationRequested", decision="D1", of="globex")
    (given,) = life.report("InformationProvided", decision="D1", by="globex")
    assert (asked.fact.held_by, asked.fact.holder) == ("party", "globex")
    assert (given.fact.held_by, given.fact.holder) == ("body", "JPC")


def test_a_decision_is_made_once_per_cycle_when_asked() -> None:
    life = raised()
    life.command("decide", decision="D1", outcome="approve")
    with pytest.raises(Refused, match="has ended in this cycle"):
        life.command("decide", decision="D1", outcome="reject")


def test_reopening_starts_a_new_cycle_and_says_again_what_it_is_about() -> None:
    life = raised(title="Which sites", matter="clinical")
    life.report("DecisionMade", decision="D1", outcome="approve")
    (event,) = life.command("reopen", decision="D1")
    assert (event.fact.cycle, event.fact.title, event.fact.matter, event.fact.body) == (
        2,
        "Which sites",
        "clinical",
        "JPC",
    )
    assert life.book.decisions["D1"].status == "open"


def test_an_open_decision_cannot_be_reopened() -> None:
    with pytest.raises(Impossible, match="is open"):
        raised().report("DecisionReopened", decision="D1")


def test_a_pause_that_is_not_running_cannot_end() -> None:
    with pytest.raises(Impossible, match="no pause 'P1' is running"):
        raised().report("ClockResumed", decision="D1", pause="P1")


def test_a_retracted_ending_leaves_the_decision_open() -> None:
    life = raised()
    (made,) = life.report("DecisionMade", decision="D1", outcome="approve")
    life.retract(made)
    assert life.book.decisions["D1"].status == "open"


def test_a_retraction_that_is_itself_retracted_reinstates_the_record() -> None:
    life = raised()
    (made,) = life.report("DecisionMade", decision="D1", outcome="approve")
    life.retract(made)
    life.retract(life.log[-1])
    assert life.book.decisions["D1"].outcome == "approve"


def test_a_correction_of_nothing_is_impossible() -> None:
    with pytest.raises(Impossible, match="no event nowhere"):
        raised().report("RecordCorrected", of="nowhere", of_stream="x", action="retracted")


def test_a_late_record_of_an_earlier_ending_takes_its_place() -> None:
    life = raised()
    life.report("DecisionMade", at="2026-03-10", decision="D1", outcome="reject", method="deemed")
    life.report("DecisionMade", at="2026-03-03", decision="D1", outcome="approve", method="consensus")
    assert life.book.decisions["D1"].outcome == "approve"


def test_a_body_may_not_end_when_asked_while_it_holds_open_decisions() -> None:
    life = raised()
    with pytest.raises(Refused, match="D1"):
        life.command("disband_body", body="JPC")


def test_a_body_that_ended_all_the_same_leaves_a_finding() -> None:
    life = raised()
    (event,) = life.report("BodyDisbanded", body="JPC", by="acme")
    assert [f.rule for f in event.meta.findings] == ["open_items_have_a_body"]


def test_a_charter_is_adopted_once_and_then_amended() -> None:
    life = Life()
    parties: dict[str, Any] = {"acme": {}, "beta": {}}
    charter = {"id": "small", "zone": "UTC", "parties": parties, "bodies": {"JSC": {"tier": 2}}}
    life.command("draft_charter", version="1", charter=charter)
    life.command("adopt_charter", version="1")
    with pytest.raises(Impossible, match="amend it"):
        life.report("CharterAdopted", version="2")
    life.report("DecisionRaised", decision="D1", body="JSC")
    assert life.log[-1].fact.rank == 2
