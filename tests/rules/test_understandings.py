"""What the parties hold in common: who may say so, of which version, and what is refused or found."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import CynosureError, Impossible, Refused
from tests.given import Life


def stated(**words: str) -> Life:
    life = Life()
    said = {"understanding": "star", "kind": "north_star", "version": "1", "text": "Cure it"} | words
    life.report("UnderstandingStated", at="2026-01-05", **said)
    return life


def test_an_understanding_asks_every_party_unless_it_names_them() -> None:
    life = Life()
    (event,) = life.command("state_understanding", understanding="star", kind="north_star", version="1")
    assert event.fact.parties == ("acme", "globex")


def test_confirming_what_was_never_stated_is_refused_even_as_a_report() -> None:
    with pytest.raises(Impossible, match="no understanding 'star'"):
        Life().report("Confirmed", understanding="star", party="acme", version="1")


def test_confirming_a_version_that_does_not_exist_is_refused_even_as_a_report() -> None:
    with pytest.raises(Impossible, match="has no version 2") as refusal:
        stated().report("Confirmed", understanding="star", party="acme", version="2")
    assert refusal.value.rule == "version_exists"


def test_confirming_an_older_version_is_refused_when_asked_and_found_when_told() -> None:
    life = stated()
    life.report("UnderstandingStated", at="2026-02-01", understanding="star", kind="north_star", version="2")
    with pytest.raises(Refused, match="version 2 of 'star' is current"):
        life.command("confirm", at="2026-02-02", understanding="star", party="acme", version="1")
    (event,) = life.report("Confirmed", at="2026-02-02", understanding="star", party="acme", version="1")
    assert [f.rule for f in event.meta.findings] == ["current_version"]


def test_a_confirmation_from_before_the_new_version_that_is_recorded_late_broke_no_rule() -> None:
    life = stated()
    life.report("UnderstandingStated", at="2026-02-01", understanding="star", kind="north_star", version="2")
    (event,) = life.report("Confirmed", at="2026-01-20", understanding="star", party="acme", version="1")
    assert event.meta.findings == ()


def test_a_party_confirming_for_the_other_is_refused_when_asked_and_found_when_told() -> None:
    life = stated()
    words: dict[str, Any] = {"understanding": "star", "party": "globex", "version": "1", "actor": {"party": "acme"}}
    with pytest.raises(Refused, match="speaks for itself"):
        life.command("confirm", **words)
    (event,) = life.report("Confirmed", **words)
    assert [f.rule for f in event.meta.findings] == ["speaks_for_itself"]


def test_a_seat_speaks_for_its_own_party_only() -> None:
    life = stated()
    life.report("BodyConstituted", body="JSC", seats=[{"seat": "acme-lead", "party": "acme"}])
    with pytest.raises(Refused, match="belongs to acme"):
        life.command("confirm", understanding="star", party="globex", version="1", seat="acme-lead")


def test_several_understandings_are_confirmed_at_once_or_not_at_all() -> None:
    life = stated()
    life.report("UnderstandingStated", understanding="ways", kind="ways_of_working", version="1")
    events = life.command("confirm_many", party="acme", versions={"star": "1", "ways": "1"})
    assert [e.fact.understanding for e in events] == ["star", "ways"]
    before = len(life.log)
    with pytest.raises(Impossible):
        life.command("confirm_many", party="globex", versions={"star": "1", "ways": "7"})
    assert len(life.log) == before


def test_a_version_is_stated_once() -> None:
    with pytest.raises(Impossible, match="was stated already"):
        stated().report("UnderstandingStated", understanding="star", kind="north_star", version="1")


def test_an_understanding_keeps_its_kind() -> None:
    with pytest.raises(Impossible, match="of kind north_star"):
        stated().report("UnderstandingStated", understanding="star", kind="dashboard", version="2")


def test_a_change_is_immaterial_only_if_all_parties_call_it_so() -> None:
    words = {"understanding": "star", "kind": "north_star", "version": "2"}
    with pytest.raises(Refused, match="globex did not"):
        stated().command("state_understanding", immaterial_to=["acme"], **words)
    (event,) = stated().command("state_understanding", immaterial_to=["acme", "globex"], **words)
    assert event.fact.immaterial


def test_reconciling_a_reading_that_nobody_has_is_refused() -> None:
    with pytest.raises(Impossible, match="no differing reading"):
        stated().report("DivergenceReconciled", understanding="star", party="acme")


def test_what_was_retired_is_not_confirmed_again() -> None:
    life = stated()
    life.command("retire_understanding", at="2026-01-06", understanding="star")
    with pytest.raises(Refused, match="was retired"):
        life.command("confirm", understanding="star", party="acme", version="1")


def test_the_outcome_of_an_open_decision_is_no_understanding_yet() -> None:
    life = Life()
    life.report("DecisionRaised", decision="D1", body="JSC")
    words = {"understanding": "D1", "kind": "decision_outcome", "version": "1"}
    with pytest.raises(Refused, match="is open"):
        life.command("state_understanding", **words)


def test_a_term_is_reconciled_only_after_somebody_read_it() -> None:
    with pytest.raises(Impossible, match="nobody has stated a reading"):
        Life().report("TermReconciled", term="launch", reading="first patient", version="1")


METRIC = {"metric": "M1", "unit": "patients", "class": "outcome"}


def proposed() -> Life:
    life = Life()
    life.report("MetricProposed", **METRIC)
    return life


def test_a_metric_is_proposed_before_anything_is_said_of_it() -> None:
    with pytest.raises(Impossible, match="never proposed"):
        Life().report("TargetStated", metric="M1", party="acme", target="5", unit="patients")


def test_a_target_without_a_unit_is_refused_by_its_path() -> None:
    with pytest.raises((CynosureError, ValidationError), match="unit"):
        proposed().report("TargetStated", metric="M1", party="acme", target="5")


def test_a_horizon_before_the_start_is_refused_when_asked_and_found_when_told() -> None:
    life, words = proposed(), {"metric": "M1", "party": "acme", "horizon": "2026-01-01"}
    with pytest.raises(Refused, match="not after the day"):
        life.command("state_horizon", **words)
    (event,) = life.report("HorizonStated", **words)
    assert [f.rule for f in event.meta.findings] == ["horizon_ahead"]


def test_a_version_of_a_definition_says_one_thing() -> None:
    life = proposed()
    life.command("state_definition", metric="M1", party="acme", version="1", definition="enrolled")
    with pytest.raises(Refused, match="says something else"):
        life.command("state_definition", metric="M1", party="globex", version="1", definition="active")


def test_agreeing_on_a_version_that_nobody_stated_is_refused() -> None:
    with pytest.raises(Impossible, match="no party stated version 3"):
        proposed().report("MetricAgreed", metric="M1", version="3")


def test_an_agreement_over_two_horizons_is_one_with_divergence() -> None:
    life = proposed()
    life.command("state_definition", metric="M1", party="acme", version="1", definition="enrolled")
    life.command("state_horizon", metric="M1", party="acme", horizon="2026-02-01")
    life.command("state_horizon", metric="M1", party="globex", horizon="2028-02-01")
    (event,) = life.command("agree_metric", metric="M1", version="1")
    assert event.fact.with_divergence


OBSERVED = {"metric": "M1", "period_start": "2026-01-01", "period_end": "2026-03-31", "value": "12", "unit": "patients"}


def test_an_observation_is_made_once_per_period_and_then_restated() -> None:
    life = proposed()
    life.command("report_observation", at="2026-04-01", **OBSERVED)
    with pytest.raises(Refused, match="restate it"):
        life.command("report_observation", at="2026-04-02", **OBSERVED)
    life.command("restate_observation", at="2026-04-02", **(OBSERVED | {"value": "13"}))


def test_an_observation_outside_its_period_is_refused() -> None:
    with pytest.raises(Refused, match="has not begun"):
        proposed().command("report_observation", at="2025-12-01", **OBSERVED)
    with pytest.raises((CynosureError, ValidationError), match="before it starts"):
        proposed().report("ObservationReported", **(OBSERVED | {"period_end": "2025-03-31"}))


def test_a_restatement_of_nothing_is_refused_even_as_a_report() -> None:
    with pytest.raises(Impossible, match="nothing to restate"):
        proposed().report("ObservationRestated", **OBSERVED)


def test_a_scope_that_names_nothing_is_refused_even_as_a_report() -> None:
    life = Life()
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    with pytest.raises(Impossible, match="at least one thing"):
        life.report("ScopeDeclared", reorganization="R1", party="acme", scope={})


def test_a_scope_that_names_what_does_not_exist_is_refused_by_its_path() -> None:
    life = Life()
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    with pytest.raises(Impossible, match=r"scope\.work_streams: 'W9' is unknown"):
        life.report("ScopeDeclared", reorganization="R1", party="acme", scope={"work_streams": ["W9"]})


def test_a_reorganization_is_announced_before_its_scope() -> None:
    with pytest.raises(Impossible, match="never announced"):
        Life().report("ScopeDeclared", reorganization="R1", party="acme", scope={"finances": True})


@pytest.mark.parametrize(
    ("scope", "touched"),
    [
        ({"understandings": ["star"]}, ("star",)),
        ({"finances": True}, ("M1", "order")),
        ({"priorities": True}, ("order",)),
        ({"decision_process": True}, ("ways",)),
        ({"functions": ["clinical"]}, ("ways",)),
        ({"work_streams": ["W1"]}, ("M1",)),
        ({"seats": ["acme-lead"]}, ("star",)),
        ({"bodies": ["JSC"]}, ("star",)),
        ({"owner": True}, ("M1", "order", "star", "ways")),
    ],
)
def test_a_scope_unsettles_what_it_touches(scope: dict[str, object], touched: tuple[str, ...]) -> None:
    life = stated()
    life.report("BodyConstituted", body="JSC", seats=[{"seat": "acme-lead", "party": "acme"}])
    life.report("WorkStreamOpened", work_stream="W1")
    life.report("MetricProposed", **METRIC, work_streams=["W1"])
    life.report("UnderstandingStated", understanding="order", kind="priorities", version="1")
    life.report(
        "UnderstandingStated",
        understanding="ways",
        kind="ways_of_working",
        version="1",
        functions={"acme": ["clinical"]},
    )
    life.report("Confirmed", understanding="star", party="acme", version="1", seat="acme-lead")
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    (event,) = life.report("ScopeDeclared", at="2026-03-01", reorganization="R1", party="acme", scope=scope)
    assert event.fact.unsettles == touched


def test_a_confirmation_after_a_reorganization_says_that_it_settles_it() -> None:
    life = stated()
    life.report("Confirmed", understanding="star", party="acme", version="1")
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    life.report("ScopeDeclared", at="2026-03-01", reorganization="R1", party="acme", scope={"understandings": ["star"]})
    (other,) = life.report("Confirmed", at="2026-03-02", understanding="star", party="globex", version="1")
    (own,) = life.report("Confirmed", at="2026-03-03", understanding="star", party="acme", version="1")
    assert (other.fact.settles, own.fact.settles) == ((), ("R1",))


def test_a_departure_unsettles_what_the_persons_seat_had_confirmed() -> None:
    life = stated()
    seat = {"seat": "acme-lead", "party": "acme", "person": "ann"}
    life.report("BodyConstituted", body="JSC", seats=[seat])
    life.report("Confirmed", understanding="star", party="acme", version="1", seat="acme-lead")
    event, vacated = life.report("PersonDeparted", person="ann", party="acme")
    assert event.fact.unsettles == ("star",)
    assert (vacated.name, vacated.fact.seat) == ("seat-vacated", "acme-lead")


def test_a_new_owner_unsettles_everything_for_that_party() -> None:
    (event,) = stated().report("PartySucceeded", kind="change_of_owner", party="acme")
    assert event.fact.unsettles == ("star",)


def test_a_health_check_takes_scores_from_one_to_five_to_what_was_asked() -> None:
    life = Life()
    life.command("open_health_check", health_check="H1", questions=["trust"])
    words = {"health_check": "H1", "party": "acme", "response": "r1"}
    for scores, rule in (({"trust": 6}, "from 1 to 5"), ({"luck": 3}, "never asked")):
        with pytest.raises(Impossible, match=rule):
            life.report("ResponseRecorded", scores=scores, **words)
    life.report("ResponseRecorded", scores={"trust": 5}, **words)
    with pytest.raises(Impossible, match="recorded already"):
        life.report("ResponseRecorded", scores={"trust": 5}, **words)


def chartered(**rule: object) -> Life:
    life = Life()
    seats = [{"seat": "acme-lead", "party": "acme"}, {"seat": "globex-lead", "party": "globex"}]
    life.report("BodyConstituted", body="JSC", seats=seats)
    life.report(
        "CharterAdopted", version="1", charter={"confirmations": [{"kinds": ["north_star"], "clause": "2.1"} | rule]}
    )
    life.report("UnderstandingStated", understanding="star", kind="north_star", version="1")
    life.report("UnderstandingStated", understanding="ways", kind="ways_of_working", version="1")
    return life


def test_the_seat_that_the_charter_names_confirms_or_a_delegate_for_it() -> None:
    life = chartered(seats=["acme-lead", "globex-lead"])
    with pytest.raises(Refused, match="names acme-lead to confirm 'star' for acme") as refusal:
        life.command("confirm", understanding="star", party="acme", version="1", seat="other")
    assert (refusal.value.rule, refusal.value.clause) == ("seat_named_by_charter", "2.1")
    life.command("confirm", understanding="star", party="acme", version="1", seat="other", delegate_of="acme-lead")
    life.command("confirm", understanding="star", party="globex", version="1", seat="globex-lead")
    life.command("confirm", understanding="ways", party="acme", version="1")


def test_functions_that_the_charter_names_speak_together_for_their_party() -> None:
    life = chartered(functions={"acme": ["clinical", "finance"]})
    stated = [event.fact for event in life.log if event.name == "understanding-stated"]
    assert [fact.functions for fact in stated] == [{"acme": ("clinical", "finance")}, {}]


def test_functions_that_the_charter_names_for_metrics_are_those_of_a_metric_that_names_none() -> None:
    life = chartered(kinds=["metric"], functions={"acme": ["finance"]})
    (one,) = life.report("MetricProposed", metric="M1", unit="days", **{"class": "outcome"})
    own: dict[str, Any] = {"functions": {"globex": ["product"]}}
    (other,) = life.report("MetricProposed", metric="M2", unit="days", **own, **{"class": "outcome"})
    assert (one.fact.functions, other.fact.functions) == ({"acme": ("finance",)}, {"globex": ("product",)})


def test_leadership_is_a_level_not_a_word() -> None:
    life = chartered(level_min=3)
    life.report("RoleAssigned", person="ann", party="acme", role="head of nothing", level=3)
    life.report("RoleAssigned", person="abe", party="acme", role="leader", level=1)
    words: dict[str, Any] = {"understanding": "star", "party": "acme", "version": "1"}
    with pytest.raises(Refused, match="level 3 or above"):
        life.command("confirm", actor={"person": "abe", "party": "acme"}, **words)
    life.command("confirm", actor={"person": "ann", "party": "acme"}, **words)


def test_a_seat_that_falls_empty_unsettles_what_it_had_confirmed() -> None:
    life = stated()
    seat = {"seat": "acme-lead", "party": "acme", "person": "ann"}
    life.report("BodyConstituted", body="JSC", seats=[seat])
    life.report("Confirmed", understanding="star", party="acme", version="1", seat="acme-lead")
    vacated, unsettled = life.command("vacate_seat", at="2026-03-01", body="JSC", seat="acme-lead")
    assert (vacated.name, unsettled.fact.cause, unsettled.fact.of) == ("seat-vacated", "empty_seat", "acme-lead")
    assert len(life.command("vacate_seat", at="2026-03-02", body="JSC", seat="acme-lead")) == 1


@pytest.mark.parametrize(
    ("verb", "words", "event"),
    [
        ("relaunch_alliance", {}, "alliance-relaunched"),
        ("enter_alliance_stage", {"stage": "renewal"}, "alliance-stage-entered"),
        ("replan_work_stream", {"work_stream": "W1", "planned_end": "2027-01-01"}, "work-stream-replanned"),
        ("pause_work_stream", {"work_stream": "W1"}, "work-stream-paused"),
        ("resume_work_stream", {"work_stream": "W1"}, "work-stream-resumed"),
        ("close_work_stream", {"work_stream": "W1"}, "work-stream-closed"),
        ("reassign_open_item", {"reorganization": "R1", "item": "D1", "to": "ben"}, "open-item-reassigned"),
        ("orphan_open_item", {"reorganization": "R1", "item": "D1"}, "open-item-orphaned"),
        ("change_priorities", {"reorganization": "R1", "party": "acme", "priorities": ["a"]}, "priority-changed"),
    ],
)
def test_what_happens_in_an_alliances_life_may_also_be_asked_for(verb: str, words: dict[str, Any], event: str) -> None:
    life = Life()
    life.report("WorkStreamOpened", work_stream="W1")
    life.report("DecisionRaised", decision="D1", body="JSC")
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    (recorded,) = life.command(verb, **words)
    assert recorded.name == event


def test_a_scope_touches_what_belongs_to_its_bodies() -> None:
    life = Life()
    life.report("BodyConstituted", body="JSC", seats=[])
    life.report("BodyConstituted", body="PT", seats=[])
    for name, body in (("ways", "JSC"), ("plan", "PT")):
        life.report("UnderstandingStated", understanding=name, kind="ways_of_working", version="1", body=body)
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    (event,) = life.report("ScopeDeclared", reorganization="R1", party="acme", scope={"bodies": ["JSC"]})
    assert event.fact.unsettles == ("ways",)


def test_a_person_belongs_to_one_party() -> None:
    life = Life()
    life.report("PersonIntroduced", person="ann", party="acme")
    life.command("assign_role", person="ann", party="acme", role="sponsor")
    with pytest.raises(Refused, match="belongs to acme"):
        life.command("assign_role", person="ann", party="globex", role="sponsor")


def test_who_has_left_does_nothing_more() -> None:
    life = Life()
    life.report("RoleAssigned", person="ann", party="acme", role="sponsor")
    life.report("PersonDeparted", person="ann", party="acme")
    with pytest.raises(Refused, match="has left"):
        life.command("assign_role", person="ann", party="acme", role="sponsor")
    (event,) = life.report("RoleAssigned", person="ann", party="acme", role="sponsor")
    assert [f.rule for f in event.meta.findings] == ["still_there"]


def test_a_later_version_that_names_no_work_stream_stays_with_those_of_the_earlier_one() -> None:
    life = Life()
    life.report("WorkStreamOpened", work_stream="W1")
    ways: dict[str, Any] = {"understanding": "ways", "kind": "ways_of_working"}
    life.report("UnderstandingStated", version="1", work_streams=["W1"], **ways)
    life.report("UnderstandingStated", version="2", **ways)
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    (event,) = life.report("ScopeDeclared", reorganization="R1", party="acme", scope={"work_streams": ["W1"]})
    assert event.fact.unsettles == ("ways",)
