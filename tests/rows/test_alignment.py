"""The rows of alignment, case by case: who holds what, since when, and why not."""

import pytest

from projections import alignment
from projections.alignment import PartyView, Row, by_party, gaps
from tests.given import Life, seconds

STAR = {"understanding": "star", "kind": "north_star"}
METRIC = {"metric": "M1", "unit": "patients", "class": "outcome"}


def row(life: Life, understanding: str = "star") -> Row:
    found = life.row(alignment, understanding)
    assert isinstance(found, Row)
    return found


def side(life: Life, party: str, understanding: str = "star") -> PartyView:
    return by_party(row(life, understanding))[party]


def stated(**words: object) -> Life:
    life = Life()
    life.report("UnderstandingStated", at="2026-01-05", version="1", **STAR, **words)
    return life


def confirmed(**words: object) -> Life:
    life = stated(**words)
    life.report("Confirmed", at="2026-01-06", understanding="star", party="acme", version="1")
    life.report("Confirmed", at="2026-01-09", understanding="star", party="globex", version="1")
    return life


def states(life: Life, understanding: str = "star") -> list[tuple[str, int]]:
    return [(span.state, span.at) for span in row(life, understanding).life.spans]


def test_aligned_from_the_last_confirmation_on() -> None:
    assert states(confirmed()) == [
        ("none", seconds("2026-01-05")),
        ("partial", seconds("2026-01-06")),
        ("aligned", seconds("2026-01-09")),
    ]


def test_raising_and_receiving_confirm_nothing() -> None:
    assert row(stated(by="acme")).state == "none"


def test_a_new_version_has_to_be_confirmed_by_every_party() -> None:
    life = confirmed()
    life.report("UnderstandingStated", at="2026-02-01", version="2", **STAR)
    assert (row(life).state, row(life).since) == ("none", seconds("2026-02-01"))
    life.report("Confirmed", at="2026-02-02", understanding="star", party="globex", version="2")
    assert row(life).state == "partial"
    assert (side(life, "acme").state, side(life, "acme").version) == ("behind", "1")


def test_a_change_that_all_call_immaterial_carries_confirmations_over_and_says_so() -> None:
    life = confirmed()
    life.report("UnderstandingStated", at="2026-02-01", version="2", immaterial=True, **STAR)
    assert row(life).state == "aligned"
    assert (side(life, "acme").version, side(life, "acme").carried_over) == ("2", True)


def test_a_differing_reading_stands_until_it_is_reconciled() -> None:
    life = confirmed()
    life.report("DivergenceStated", at="2026-02-01", understanding="star", party="globex", reading="two years")
    life.report("Confirmed", at="2026-02-02", understanding="star", party="globex", version="1")
    assert (row(life).state, side(life, "globex").reading) == ("divergent", "two years")
    life.report("DivergenceReconciled", at="2026-02-03", understanding="star", party="globex")
    assert (row(life).state, row(life).since) == ("aligned", seconds("2026-02-03"))


def test_a_function_that_reads_it_differently_is_shown_inside_its_party() -> None:
    life = stated(functions={"acme": ["clinical", "finance"]})
    said = {"understanding": "star", "party": "acme", "function": "clinical", "reading": "for inpatients"}
    life.report("DivergenceStated", at="2026-02-01", **said)
    assert side(life, "acme").functions == {"clinical": "divergent", "finance": "none"}
    assert (row(life).state, side(life, "acme").state) == ("divergent", "divergent")


def test_a_reading_of_an_earlier_version_ends_with_the_confirmation_of_a_later_one() -> None:
    life = confirmed()
    life.report("DivergenceStated", at="2026-02-01", understanding="star", party="globex", reading="two years")
    life.report("UnderstandingStated", at="2026-02-02", version="2", **STAR)
    for party in ("acme", "globex"):
        life.report("Confirmed", at="2026-02-03", understanding="star", party=party, version="2")
    assert row(life).state == "aligned"


def test_what_a_reorganization_touches_is_unsettled_for_that_party_until_confirmed_again() -> None:
    life = confirmed()
    life.report("ReorganizationAnnounced", at="2026-03-01", reorganization="R1", party="acme")
    scope = {"understandings": ["star"]}
    life.report("ScopeDeclared", at="2026-03-02", reorganization="R1", party="acme", scope=scope)
    assert (row(life).state, row(life).since) == ("unsettled", seconds("2026-03-02"))
    assert (side(life, "acme").state, side(life, "acme").of) == ("unsettled", "R1")
    assert side(life, "globex").state == "confirmed"
    life.report("Confirmed", at="2026-03-03", understanding="star", party="globex", version="1")
    assert row(life).state == "unsettled"
    life.report("Confirmed", at="2026-03-09", understanding="star", party="acme", version="1")
    assert (row(life).state, row(life).since) == ("aligned", seconds("2026-03-09"))


def test_a_scope_recorded_late_does_not_undo_a_later_confirmation() -> None:
    life = confirmed()
    life.report("Confirmed", at="2026-03-09", understanding="star", party="acme", version="1")
    life.report("ReorganizationAnnounced", at="2026-03-01", reorganization="R1", party="acme")
    scope = {"understandings": ["star"]}
    life.report("ScopeDeclared", at="2026-03-02", reorganization="R1", party="acme", scope=scope)
    assert row(life).state == "aligned"
    assert ("unsettled", seconds("2026-03-02")) in states(life)


def test_a_confirmation_recorded_late_counts_from_when_it_was_given() -> None:
    life = stated()
    life.report("Confirmed", at="2026-01-09", understanding="star", party="globex", version="1")
    life.report("UnderstandingStated", at="2026-02-01", version="2", **STAR)
    life.report("Confirmed", at="2026-01-20", understanding="star", party="acme", version="1")
    assert states(life)[-2:] == [("aligned", seconds("2026-01-20")), ("none", seconds("2026-02-01"))]


def test_a_lapsed_horizon_unsettles_every_party() -> None:
    life = confirmed()
    both = ["acme", "globex"]
    life.report("UnderstandingUnsettled", at="2026-03-01", understanding="star", parties=both, cause="lapsed_horizon")
    assert {party: view.state for party, view in by_party(row(life)).items()} == dict.fromkeys(both, "unsettled")


def test_all_functions_that_are_named_for_a_party_speak_for_it_together() -> None:
    life = stated(functions={"acme": ["clinical", "finance"]})
    words = {"understanding": "star", "party": "acme", "version": "1"}
    life.report("Confirmed", at="2026-01-06", function="clinical", **words)
    life.report("Confirmed", at="2026-01-06", understanding="star", party="globex", version="1")
    assert (row(life).state, side(life, "acme").state) == ("partial", "partial")
    assert side(life, "acme").functions == {"clinical": "confirmed", "finance": "none"}
    life.report("Confirmed", at="2026-01-07", function="finance", **words)
    assert row(life).state == "aligned"
    life.report("UnderstandingStated", at="2026-02-01", version="2", **STAR)
    assert side(life, "acme").functions == {"clinical": "behind", "finance": "behind"}
    assert side(life, "globex").state == "behind"


def test_an_owner_change_unsettles_and_an_assignment_puts_a_new_party_in_place() -> None:
    life = confirmed()
    life.report("PartySucceeded", at="2026-02-01", kind="change_of_owner", party="globex")
    assert side(life, "globex").drift == "succession"
    life.report("PartySucceeded", at="2026-03-01", kind="assignment", old="globex", new="initech")
    assert {party: view.state for party, view in by_party(row(life)).items()} == {
        "acme": "confirmed",
        "initech": "none",
    }


def test_a_charter_version_is_an_understanding_that_ratification_confirms() -> None:
    life = Life()
    life.report("CharterDrafted", at="2026-01-03", version="1", charter={})
    life.report("CharterAdopted", at="2026-01-04", version="1")
    assert row(life, "charter").state == "none"
    for party in ("acme", "globex"):
        life.report("CharterRatified", at="2026-01-05", version="1", party=party)
    assert row(life, "charter").state == "aligned"


def test_the_outcome_of_a_decision_has_to_be_held_no_longer_once_it_is_reopened() -> None:
    life = Life()
    life.report("DecisionRaised", decision="D1", body="JSC")
    life.report("DecisionMade", decision="D1", outcome="approve")
    life.report("UnderstandingStated", understanding="D1", kind="decision_outcome", version="1")
    life.report("DecisionReopened", decision="D1")
    assert row(life, "D1").state == "retired"


def metric(**horizons: str) -> Life:
    life = Life()
    life.report("MetricProposed", at="2026-01-02", **METRIC)
    for party, horizon in horizons.items():
        life.report("DefinitionStated", metric="M1", party=party, version="1", definition="enrolled")
        life.report("TargetStated", metric="M1", party=party, target="1000", unit="patients")
        life.report("HorizonStated", metric="M1", party=party, horizon=horizon)
        life.report("Confirmed", at="2026-01-03", understanding="M1", party=party, version="1")
    return life


def test_a_metric_is_aligned_on_definition_target_and_horizon() -> None:
    assert row(metric(acme="2028-01-01", globex="2028-01-01"), "M1").state == "aligned"


def test_whoever_confirms_a_version_holds_the_text_that_was_first_stated_for_it() -> None:
    life = metric(acme="2028-01-01")
    life.report("MetricAgreed", metric="M1", version="1")
    life.report("Confirmed", at="2026-01-05", understanding="M1", party="globex", version="1")
    assert side(life, "globex", "M1").definition == "enrolled"
    life.report("DefinitionStated", at="2026-01-06", metric="M1", party="globex", version="1", definition="active")
    life.report("Confirmed", at="2026-01-07", understanding="M1", party="globex", version="1")
    assert side(life, "globex", "M1").definition == "enrolled"


def test_different_horizons_are_kept_per_party_and_their_gap_shown_in_days() -> None:
    life = metric(acme="2026-02-01", globex="2028-02-01")
    assert row(life, "M1").state == "divergent"
    assert gaps(row(life, "M1")).horizon_days == 730
    assert [view.horizon for view in by_party(row(life, "M1")).values()] == ["2026-02-01", "2028-02-01"]


@pytest.mark.parametrize(("tolerance", "state"), [(9, "divergent"), (10, "aligned")])
def test_horizons_agree_within_the_tolerance(tolerance: int, state: str) -> None:
    life = metric(acme="2028-01-01", globex="2028-01-11")
    life.report("HorizonStated", metric="M1", party="acme", horizon="2028-01-01", tolerance_days=tolerance)
    assert row(life, "M1").state == state


@pytest.mark.parametrize(
    ("target", "unit", "state"),
    [
        ("1000.0", "patients", "aligned"),
        ("1000.4", "patients", "divergent"),
        ("1001", "patients", "divergent"),
        ("1000", "sites", "divergent"),
    ],
)
def test_targets_agree_by_value_and_unit(target: str, unit: str, state: str) -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    life.report("TargetStated", metric="M1", party="globex", target=target, unit=unit)
    assert row(life, "M1").state == state


def test_definitions_agree_only_by_confirming_the_same_version() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    life.report("DefinitionStated", at="2026-02-01", metric="M1", party="globex", version="2", definition="active")
    assert (row(life, "M1").state, gaps(row(life, "M1")).definition) == ("divergent", True)
    for party in ("acme", "globex"):
        life.report("Confirmed", at="2026-02-02", understanding="M1", party=party, version="2")
    assert row(life, "M1").state == "aligned"


def test_a_metric_for_which_a_party_has_not_said_by_when_is_partial_at_best() -> None:
    life = metric(acme="2028-01-01")
    life.report("Confirmed", at="2026-02-02", understanding="M1", party="globex", version="1")
    assert row(life, "M1").state == "partial"
    assert gaps(row(life, "M1")).missing == ("globex: target", "globex: horizon")


def test_the_same_word_with_two_readings_keeps_both_until_the_parties_agree_on_one() -> None:
    life = Life()
    life.report("TermReadingStated", term="launch", party="acme", reading="first prescription")
    assert row(life, "launch").state == "none"
    life.report("TermReadingStated", term="launch", party="globex", reading="general availability")
    assert row(life, "launch").state == "divergent"
    assert [v.reading for v in by_party(row(life, "launch")).values()] == [
        "first prescription",
        "general availability",
    ]
    life.report("TermReconciled", at="2026-02-01", term="launch", reading="first prescription", version="1")
    assert row(life, "launch").state == "none"
    for party in ("acme", "globex"):
        life.report("Confirmed", at="2026-02-02", understanding="launch", party=party, version="1")
    assert row(life, "launch").state == "aligned"


def test_a_word_may_mean_two_things_in_two_contexts() -> None:
    life = Life()
    life.report("TermReadingStated", term="launch", party="acme", reading="first prescription", context="drug")
    life.report("TermReadingStated", term="launch", party="globex", reading="release", context="software")
    assert row(life, "launch").state == "none"


def test_the_rows_after_a_retraction_are_those_before_it() -> None:
    life = confirmed()
    before = life.rows(alignment)
    (event,) = life.report("DivergenceStated", understanding="star", party="globex", reading="two years")
    life.retract(event)
    assert life.rows(alignment) == before


def test_a_party_that_came_by_assignment_has_to_confirm_the_charter_that_is_adopted_after_it() -> None:
    life = Life()
    life.report("PartySucceeded", at="2026-01-03", kind="assignment", old="globex", new="initech")
    life.report("CharterAdopted", at="2026-02-01", version="1", charter={})
    for party in ("acme", "initech"):
        life.report("CharterRatified", at="2026-02-02", version="1", party=party)
    assert (row(life, "charter").state, list(by_party(row(life, "charter")))) == ("aligned", ["acme", "initech"])
