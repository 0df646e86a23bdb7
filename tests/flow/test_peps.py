"""The real history of 741 proposals, imported and measured through the whole engine, against independent answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.place import Place
from adapters.event_log import open_log
from adapters.importing.history import import_history
from adapters.main import build
from adapters.measuring import rows_of
from projections.measures.asking import Change, Question
from projections.measures.every import MEASURES, ask

ROOT = Path(__file__).parents[2]
PEPS = ROOT / "examples" / "peps"
REFERENCE = json.loads((ROOT / "tests" / "oracles" / "peps" / "reference.json").read_text())
TIMES = REFERENCE["time_to_first_decision"]
CUT_OFF = 1787421615


def close(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.fixture
def url(database_url: str) -> str:
    with open_log(database_url) as log:
        import_history(log, PEPS / "peps.csv", PEPS / "peps.yaml")
    return database_url


def asked(url: str, measure: str, **words: Any) -> Any:
    with Place(url).reading() as (_, reading):
        rows = rows_of(reading, alliance="python").data
    return ask(MEASURES[measure], rows, Question(effective_at=CUT_OFF, **words))


def test_time_to_decision_is_what_four_independent_programs_say(url: str) -> None:
    data = asked(url, "decision-times")
    assert (data["n"], data["observed"], data["censored"]) == (TIMES["n"], TIMES["observed"], TIMES["censored"])
    assert data["closed_only"]["median_days"] == close(TIMES["naive_closed_only"]["median_days"])
    assert data["closed_only"]["p90_days"] == close(TIMES["naive_closed_only"]["p90_days"])
    assert data["quantiles_days"] == close(TIMES["km_quantiles_days"])
    assert data["interval"]["0.5"] == close(TIMES["km_median_ci95_days_loglog"])
    assert data["interval"]["0.9"] == close(TIMES["km_p90_ci95_days_loglog"])
    survival = {str(point["days"]): point["estimate"] for point in data["survival"]}
    assert survival == close(TIMES["km_survival_at_days"])
    assert data["rmst_days"] == close(TIMES["rmst_days"])
    for ending, by_day in TIMES["aalen_johansen_cif_at_days"].items():
        incidence = {str(point["days"]): point["incidence"] for point in data["endings"][ending]}
        assert incidence == close(by_day), ending
    assert sum(data["excluded"].values()) == REFERENCE["entered_already_decided"]


def test_the_change_of_governance_does_not_survive_the_honest_baseline(url: str) -> None:
    change = Change(name="council", old_until=1531353600, new_from=1549238400)
    data = asked(url, "reorganization-effect", change=change)
    expected = REFERENCE["governance_change"]
    full, five = data["against_all_before"], data["against_years_before"]["5"]
    assert full["log_rank"]["chi2"] == close(expected["logrank"]["chi2"])
    assert five["log_rank"]["p"] == close(expected["sensitivity"]["baseline_5y"]["p"])
    assert data["after"]["median_days"] == close(expected["new_cohort"]["km_median_days"])
    assert data["by_period"]["after"]["n"] == expected["period_with_delayed_entry"]["n"]
    assert data["interregnum"]["decided"] == expected["period_with_delayed_entry"]["decided_in_interregnum"]
    assert "does not survive the honest baseline" in data["says"]


def test_importing_again_changes_nothing(url: str) -> None:
    with open_log(url) as log:
        before = log.head()
    words = ["import", str(PEPS / "peps.csv"), "--mapping", str(PEPS / "peps.yaml"), "--database", url]
    result = CliRunner().invoke(build(), [*words, "--format", "json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["data"]["events"] == 0
    with open_log(url) as log:
        assert log.head() == before


def test_every_measure_is_answered_for_a_history_without_understandings(url: str) -> None:
    result = CliRunner().invoke(build(), ["measure", "all", "--database", url, "--format", "json"])
    assert result.exit_code == 0, result.output
    assert set(json.loads(result.stdout)["data"]) == set(MEASURES)
