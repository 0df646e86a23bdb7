"""The rows of operating profiles, health checks and people."""

from fractions import Fraction
from typing import Any

import pytest

from domain.errors import Impossible, Refused
from projections import contributions, health_checks, obligations, operating_profiles, people, stages, work_streams
from projections.health_checks import gap, means
from projections.obligations import in_time
from projections.operating_profiles import differences, unread
from projections.people import counterparts
from projections.stages import handovers
from tests.given import Life, seconds


def profiled() -> Life:
    life = Life()
    pharma: dict[str, Any] = {"decision_pace_days": 90, "planning_horizon_days": 3650, "quality_bar": "complete"}
    tech: dict[str, Any] = {"decision_pace_days": 14, "planning_horizon_days": 365, "quality_bar": "first_usable"}
    regimes: dict[str, Any] = {"regulated_regimes": ["GxP"]}
    life.command("state_operating_profile", party="acme", version="1", **pharma, **regimes)
    life.command("state_operating_profile", party="globex", version="1", **tech)
    return life


def test_differences_are_shown_in_days_or_in_words_with_what_they_predict() -> None:
    found = {one.aspect: one for one in differences(profiled().rows(operating_profiles).values())}
    assert {aspect: one.gap_days for aspect, one in found.items()} == {
        "decision_pace_days": 76,
        "planning_horizon_days": 3285,
        "quality_bar": None,
        "regulated_regimes": None,
    }
    assert (found["quality_bar"].one_says, found["quality_bar"].other_says) == ("complete", "first_usable")
    assert "measured time" in found["decision_pace_days"].predicts


def test_the_partner_marks_a_profile_as_read_in_its_present_version() -> None:
    life = profiled()
    assert unread(life.rows(operating_profiles).values()) == [("globex", "acme"), ("acme", "globex")]
    life.command("mark_profile_read", party="acme", version="1", by="globex")
    assert unread(life.rows(operating_profiles).values()) == [("acme", "globex")]
    with pytest.raises(Refused, match="the partner marks it as read"):
        life.command("mark_profile_read", party="acme", version="1", by="acme")
    with pytest.raises(Impossible, match="no profile in version 7"):
        life.command("mark_profile_read", party="acme", version="7", by="globex")


def test_a_way_of_working_answers_a_difference() -> None:
    life = profiled()
    answered = {"party": "acme", "other": "globex", "aspect": "decision_pace_days", "understanding": "ways"}
    with pytest.raises(Impossible, match="no understanding 'ways'"):
        life.report("DifferenceAnswered", **answered)
    life.report("UnderstandingStated", understanding="ways", kind="ways_of_working", version="1")
    life.report("DifferenceAnswered", **answered)
    found = {one.aspect: one.answered_by for one in differences(life.rows(operating_profiles).values())}
    assert (found["decision_pace_days"], found["quality_bar"]) == ("ways", None)


def test_a_regulated_party_records_with_evidence_reason_and_the_meaning_of_its_signature() -> None:
    life = profiled()
    life.report("UnderstandingStated", understanding="star", kind="north_star", version="1")
    with pytest.raises(Refused, match="meaning of the signature"):
        life.command("confirm", understanding="star", party="acme", version="1")
    life.command("confirm", understanding="star", party="acme", version="1", meaning="approval")
    life.command("confirm", understanding="star", party="globex", version="1")
    life.report("MetricProposed", metric="M1", unit="days", **{"class": "outcome"})
    seen = {"metric": "M1", "unit": "days", "value": "3", "by": "acme"}
    period = {"period_start": "2026-01-01", "period_end": "2026-01-31"}
    (event,) = life.report("ObservationReported", at="2026-02-01", **seen, **period)
    assert [f.rule for f in event.meta.findings] == ["regulated_evidence"]


def test_a_health_check_shows_both_parties_and_the_gap_but_no_single_answer() -> None:
    life = Life()
    life.command("open_health_check", health_check="H1", questions=["trust"])
    for number, (party, score) in enumerate([("acme", 4), ("acme", 5), ("acme", 3), ("globex", 2), ("globex", 3)]):
        words: dict[str, Any] = {"party": party, "response": f"r{number}", "scores": {"trust": score}}
        life.report("ResponseRecorded", health_check="H1", **words)
    row = life.row(health_checks, "H1")
    assert means(row) == {"trust": {"acme": Fraction(4), "globex": None}}
    assert gap(means(row)["trust"]) is None
    life.report("ResponseRecorded", health_check="H1", party="globex", response="r9", scores={"trust": 1})
    assert gap(means(life.row(health_checks, "H1"))["trust"]) == 2


def test_who_is_whose_counterpart_goes_by_level_not_by_title() -> None:
    life = Life()
    life.report("RoleAssigned", person="ann", party="acme", role="vice president", level=3)
    life.report("RoleAssigned", person="gus", party="globex", role="director", level=3)
    life.report("RoleAssigned", person="abe", party="acme", role="director", level=2)
    assert counterparts(life.rows(people).values()) == {2: {"acme": ["abe"]}, 3: {"acme": ["ann"], "globex": ["gus"]}}
    life.report("PersonDeparted", at="2026-03-01", person="gus", party="globex")
    assert counterparts(life.rows(people).values())[3] == {"acme": ["ann"]}


def test_a_role_is_handed_over_with_its_open_items() -> None:
    life = Life()
    life.report("RoleAssigned", person="ann", party="acme", role="alliance_manager")
    life.command("hand_over_role", at="2026-03-01", person="ann", role="alliance_manager", to="abe", open_items=["D1"])
    (role,) = life.row(people, "ann").roles
    assert (role.until, role.handed_to, role.open_items) == (seconds("2026-03-01"), "abe", ("D1",))
    with pytest.raises(Impossible, match="no role 'alliance_manager'"):
        life.command("hand_over_role", person="ann", role="alliance_manager", to="abe")
    with pytest.raises(Impossible, match="no role 'sponsor'"):
        life.command("hand_over_role", person="ann", role="sponsor", to="abe")


def test_a_phase_is_handed_over_between_the_units_that_own_it_on_either_side() -> None:
    life = Life()
    life.report("WorkStreamOpened", work_stream="W1", phase="research")
    units = {"acme": "clinical center", "globex": "product"}
    life.command("hand_phase_over", work_stream="W1", phase="clinical", units=units, open_items=["D1"])
    phase = life.row(work_streams, "W1").phases[-1]
    assert (phase.phase, phase.units, phase.open_items) == ("clinical", units, ("D1",))


def test_a_metric_comes_ready_from_a_template_with_a_unit_of_ones_own() -> None:
    life = Life()
    (event,) = life.command("propose_from_template", metric="M1", template="bookings", unit="USD")
    assert (event.fact.unit, event.fact.metric_class, event.fact.title) == ("USD", "leading", "Bookings")
    with pytest.raises(Impossible, match="no template 'luck'"):
        life.command("propose_from_template", metric="M2", template="luck")


def test_a_template_with_stages_gives_one_metric_for_each() -> None:
    life = Life()
    events = life.command("propose_from_template", metric="refs", template="joint_references", owner="ann")
    assert [(event.fact.metric, event.fact.stage) for event in events] == [
        ("refs-lead", "lead"),
        ("refs-qualified", "qualified"),
        ("refs-proposal", "proposal"),
        ("refs-won", "won"),
    ]
    assert {event.fact.template for event in events} == {"joint_references"}
    life.report("TargetStated", metric="refs-won", party="acme", target="3", unit="customers")
    (own,) = life.command("propose_from_template", metric="b", template="bookings", stages=["signed"])
    assert (own.fact.metric, own.fact.title) == ("b-signed", "Bookings: signed")
    with pytest.raises(Impossible, match="'refs-won' was proposed already"):
        life.command("propose_from_template", metric="refs", template="joint_references", stages=["lost", "won"])
    assert life.book.state("metric", "refs-lost") is None


@pytest.mark.parametrize(("kind", "misses"), [("strategic", 3), ("technology", 2), ("channel", 1), ("supplier", 0)])
def test_each_kind_of_alliance_is_launched_with_what_it_requires(kind: str, misses: int) -> None:
    life = Life(formed=False)
    parties = [{"id": "acme", "name": "Acme"}, {"id": "globex", "name": "Globex"}]
    life.report("AllianceFormed", title="Orion", kind=kind, parties=parties)
    (event,) = life.report("AllianceLaunched")
    assert len(event.meta.findings) == misses


def test_what_serves_the_north_star_and_which_metrics_show_it_for_whom() -> None:
    life = Life()
    said: dict[str, Any] = {"for": ["patients"], "shown_by": {"patients": ["M1"]}}
    life.report("UnderstandingStated", understanding="star", kind="north_star", version="1", **said)
    life.report("MetricProposed", metric="M1", unit="days", serves="star", **{"class": "outcome"})
    life.report("DecisionRaised", decision="D1", body="JSC", serves="star")
    row = life.row(contributions, "star")
    assert (row.for_whom, row.shown_by) == (("patients",), {"patients": ("M1",)})
    assert (row.decisions, row.metrics) == (("D1",), ("M1",))


def test_orders_passed_in_time_are_counted_from_their_own_events() -> None:
    from datetime import date

    life = Life()
    for order, met in (("O1", "2026-02-10"), ("O2", "2026-02-11"), ("O3", None)):
        started: dict[str, Any] = {"kind": "order", "owed_by": "acme", "planned": "2026-02-10"}
        life.report("ObligationStarted", at="2026-02-01", obligation=order, **started)
        if met:
            life.report("ObligationMet", at=met, obligation=order)
    rows = life.rows(obligations).values()
    period = {"first": date(2026, 1, 1), "last": date(2026, 3, 31)}
    after = {"2026-02-10": seconds("2026-02-11")}
    assert in_time(rows, kind="order", ends=lambda due: after[due], **period) == Fraction(1, 3)
    assert in_time(rows, kind="invoice", ends=lambda due: after[due], **period) is None


def test_the_alliances_stages_stand_beside_those_of_its_assets_with_the_handover_between_units() -> None:
    life = Life()
    for day, stage, unit in (("2026-02-01", "research", "lab"), ("2026-05-01", "clinical", "center")):
        life.report(
            "AllianceStageEntered", at=day, stage=stage, asset="drug", owners={"acme": unit, "globex": "product"}
        )
    life.report("AllianceStageEntered", at="2026-03-01", stage="renewal")
    life.report("WindDownStarted", at="2026-06-01", ends="2026-12-31", survives=["licence"])
    row = life.row(stages)
    assert [stage.stage for stage in row.own] == ["formed", "renewal", "winding_down"]
    assert [(old.owners["acme"], new.owners["acme"]) for old, new in handovers(row.assets["drug"])] == [
        ("lab", "center")
    ]
    assert (row.ends, row.survives) == ("2026-12-31", ("licence",))
