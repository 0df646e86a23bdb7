"""The awkward cases of alignment, by the words under which they are known."""

from fractions import Fraction
from typing import Any

from domain.metric import lapsed_horizons
from projections import alignment, alignment_over_time, metric_dashboard, reorganization_effect, seats
from projections.alignment import by_party, gaps
from projections.alignment_over_time import exposures
from projections.metric_dashboard import points
from projections.reorganization_effect import never_realigned
from tests.given import Life, seconds

METRIC: dict[str, Any] = {"metric": "M1", "unit": "patients"}


def metric(**horizons: str) -> Life:
    life = Life()
    life.report("MetricProposed", **METRIC, **{"class": "outcome"})
    for party, horizon in horizons.items():
        life.report("DefinitionStated", metric="M1", party=party, version="1", definition="enrolled")
        life.report("TargetStated", party=party, target="100", baseline="0", **METRIC)
        life.report("HorizonStated", metric="M1", party=party, horizon=horizon)
        life.report("Confirmed", at="2026-01-03", understanding="M1", party=party, version="1")
    return life


def test_person_leaves() -> None:
    life = Life()
    taken = [{"seat": "a1", "party": "acme", "person": "ann"}]
    life.report("BodyConstituted", body="JSC", seats=taken)
    life.report("DecisionRaised", decision="D1", body="JSC")
    life.report("VoteCast", decision="D1", party="acme", person="ann", vote="yes", body="JSC")
    life.report("PersonDeparted", at="2026-02-01", person="ann", party="acme")
    assert life.row(seats, "JSC").seats["a1"].person is None
    assert life.book.bodies["JSC"].seats == {"a1": life.book.bodies["JSC"].seats["a1"]}  # type: ignore[index]
    assert [event.name for event in life.log].count("vote-cast") == 1


def test_who_takes_an_empty_seat_over_settles_by_confirming_and_reading_the_briefing_changes_no_understanding() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    life.report("BodyConstituted", body="JSC", seats=[{"seat": "a1", "party": "acme", "person": "ann"}])
    life.report("Confirmed", at="2026-01-04", understanding="M1", party="acme", version="1", seat="a1")
    life.report("PersonDeparted", at="2026-02-01", person="ann", party="acme")
    life.report("SeatFilled", at="2026-02-03", body="JSC", seat="a1", party="acme", person="abe")
    assert (life.row(alignment, "M1").state, len(seats.not_briefed([life.row(seats, "JSC")]))) == ("unsettled", 1)

    life.report("OnboardingCompleted", at="2026-02-04", person="abe", seat="a1")
    assert (life.row(alignment, "M1").state, seats.not_briefed([life.row(seats, "JSC")])) == ("unsettled", [])
    life.report("Confirmed", at="2026-02-05", understanding="M1", party="acme", version="1", seat="a1")
    assert life.row(alignment, "M1").state == "aligned"


def test_partner_acquired() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    life.report("PartySucceeded", at="2026-02-01", kind="change_of_owner", party="globex")
    assert life.book.parties == ("acme", "globex")
    assert {p: v.state for p, v in by_party(life.row(alignment, "M1")).items()} == {
        "acme": "confirmed",
        "globex": "unsettled",
    }


def test_the_contract_assigned() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    life.report("PartySucceeded", at="2026-02-01", kind="assignment", old="globex", new="initech")
    assert life.book.parties == ("acme", "initech")
    assert by_party(life.row(alignment, "M1"))["initech"].state == "none"


def test_metric_rebaselined() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    period = {"period_start": "2026-01-01", "period_end": "2026-03-31"}
    life.report("ObservationReported", at="2026-04-01", value="50", **METRIC, **period)
    before = len(life.log)
    life.report("MetricRebaselined", at="2026-05-01", baseline="40", **METRIC, **{"from": "2026-01-01"})
    row = life.row(metric_dashboard, "M1")
    assert [p.attained for p in points(row)] == [Fraction(1, 6)] * 2
    assert [p.attained for p in points(row, known_at=before)] == [Fraction(1, 2)] * 2


def test_same_word_two_readings() -> None:
    life = Life()
    for party, reading in (("acme", "first prescription"), ("globex", "release")):
        life.report("TermReadingStated", term="launch", party=party, reading=reading)
    row = life.row(alignment, "launch")
    assert row.state == "divergent"
    assert [view.reading for view in by_party(row).values()] == ["first prescription", "release"]


def test_different_horizons() -> None:
    life = metric(acme="2026-02-01", globex="2028-02-01")
    (agreed,) = life.command("agree_metric", metric="M1", version="1")
    row = life.row(alignment, "M1")
    assert agreed.fact.with_divergence
    assert (row.state, gaps(row).horizon_days) == ("divergent", 730)


def test_a_lapsed_horizon_is_found_once_and_unsettles_every_party() -> None:
    life = metric(acme="2026-02-01", globex="2028-02-01")
    day = seconds("2026-02-02")
    assert lapsed_horizons(life.book, _date("2026-02-01")) == []
    (lapse,) = lapsed_horizons(life.book, _date("2026-02-02"))
    assert (lapse.parties, lapse.of) == (("acme", "globex"), "2026-02-01")
    life.report("UnderstandingUnsettled", at="2026-02-02", **lapse.model_dump(exclude_unset=True, mode="json"))
    assert lapsed_horizons(life.book, _date("2026-03-02")) == []
    assert all(view.drift == "lapsed_horizon" for view in by_party(life.row(alignment, "M1")).values())
    assert life.row(alignment, "M1").life.episodes[0].at == day


def test_escalations_are_not_bad() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    before = exposures(life.rows(alignment_over_time).values(), until=seconds("2026-06-01"))
    life.report("DecisionRaised", decision="D1", body="JPC")
    for number in range(5):
        life.report("DecisionEscalated", at=f"2026-02-0{number + 1}", decision="D1", to=f"B{number}")
    assert exposures(life.rows(alignment_over_time).values(), until=seconds("2026-06-01")) == before


def test_no_lone_composite() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    found = exposures(life.rows(alignment_over_time).values(), until=seconds("2026-06-01"))
    assert found.availability == Fraction(found.exposed - found.misaligned, found.exposed)


def test_what_was_never_realigned_is_said_by_name() -> None:
    life = metric(acme="2028-01-01", globex="2028-01-01")
    life.report("ReorganizationAnnounced", reorganization="R1", party="acme")
    life.report("ScopeDeclared", at="2026-02-01", reorganization="R1", party="acme", scope={"finances": True})
    assert never_realigned(life.row(reorganization_effect, "R1")) == ("M1",)


def _date(day: str) -> Any:
    from datetime import date

    return date.fromisoformat(day)
