"""What a dashboard shows, and what it showed before: stances, observations, restatements, new baselines."""

from fractions import Fraction

from projections import metric_dashboard
from projections.metric_dashboard import Point, Row, points
from tests.given import Life

FIRST = {"period_start": "2026-01-01", "period_end": "2026-03-31"}
SECOND = {"period_start": "2026-04-01", "period_end": "2026-06-30"}
METRIC = {"metric": "M1", "unit": "patients"}


def row(life: Life) -> Row:
    found = life.row(metric_dashboard, "M1")
    assert isinstance(found, Row)
    return found


def observed() -> Life:
    life = Life()
    life.report("MetricProposed", at="2026-01-01", title="Patients", **METRIC, **{"class": "outcome"})
    for party, horizon in (("acme", "2026-12-31"), ("globex", "2027-12-31")):
        life.report("TargetStated", at="2026-01-02", party=party, target="1000", baseline="200", **METRIC)
        life.report("HorizonStated", at="2026-01-02", metric="M1", party=party, horizon=horizon)
    evidence = [{"document": "registry.csv", "sha256": "ab"}]
    life.report("ObservationReported", at="2026-04-05", value="400", evidence=evidence, **METRIC, **FIRST)
    return life


def shown(life: Life, **asked: int) -> dict[tuple[str, str], Point]:
    return {(point.period[:10], point.party): point for point in points(row(life), **asked)}


def test_attainment_stands_beside_the_time_that_has_gone_for_each_partys_own_horizon() -> None:
    found = shown(observed())
    near, far = found["2026-01-01", "acme"], found["2026-01-01", "globex"]
    assert (near.attained, far.attained) == (Fraction(1, 4), Fraction(1, 4))
    assert (near.time_gone, far.time_gone) == (Fraction(89, 364), Fraction(89, 729))


def test_an_observation_carries_its_evidence() -> None:
    assert row(observed()).seen["2026-01-01/2026-03-31"][0].evidence == ("registry.csv ab",)


def test_a_restatement_counts_from_then_on_and_what_was_shown_before_stays_answerable() -> None:
    life = observed()
    before = len(life.log)
    life.report("ObservationRestated", at="2026-05-01", value="360", **METRIC, **FIRST)
    assert shown(life)["2026-01-01", "acme"].value == "360"
    assert shown(life)["2026-01-01", "acme"].restated
    assert shown(life, known_at=before)["2026-01-01", "acme"].value == "400"


def test_a_new_baseline_holds_from_its_period_on() -> None:
    life = observed()
    life.report("MetricRebaselined", at="2026-07-01", baseline="500", **METRIC, **{"from": "2026-04-01"})
    life.report("ObservationReported", at="2026-07-05", value="600", **METRIC, **SECOND)
    found = shown(life)
    assert (found["2026-01-01", "acme"].baseline, found["2026-01-01", "acme"].attained) == ("200", Fraction(1, 4))
    assert (found["2026-04-01", "acme"].baseline, found["2026-04-01", "acme"].attained) == ("500", Fraction(1, 5))


def test_a_revised_target_does_not_change_what_was_shown_before() -> None:
    life = observed()
    before = len(life.log)
    life.report("TargetRevised", at="2026-05-01", party="acme", target="2000", **METRIC)
    assert shown(life)["2026-01-01", "acme"].attained == Fraction(1, 9)
    assert shown(life, known_at=before)["2026-01-01", "acme"].attained == Fraction(1, 4)


def test_a_value_in_another_unit_is_shown_and_not_compared() -> None:
    life = observed()
    life.report("ObservationReported", at="2026-07-05", metric="M1", value="7", unit="sites", **SECOND)
    assert shown(life)["2026-04-01", "acme"].attained is None
