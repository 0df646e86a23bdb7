"""What a person types to see what is held in common: on the worked example, in text and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adapters.main import build

EXAMPLE = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"


def cynosure(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(build(), list(words))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('example') / 'cynosure.db'}"
    assert cynosure("init", "--simulated-clock", "--database", url).exit_code == 0
    assert cynosure("record", str(EXAMPLE), "--database", url).exit_code == 0
    return url


def asked(database: str, *words: str) -> Any:
    result = cynosure(*words, "--database", database, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def said(database: str, *words: str) -> str:
    result = cynosure(*words, "--database", database)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_a_decision_names_the_turn_that_still_runs_and_its_day(database: str) -> None:
    text = said(database, "show", "decision", "D-EU-LAUNCH")
    assert "the turn is with meridian (party) since 2026-06-02" in text
    assert "not counted yet: with meridian (party) at JSC since 2026-06-02" in text


def test_alignment_says_who_holds_what_and_how_long_it_was_shared(database: str) -> None:
    answer = asked(database, "show", "alignment")
    rows = {row["understanding"]: row for row in answer["data"]["understandings"]}
    assert rows["kits-in-time"]["state"] == "unsettled"
    assert rows["kits-in-time"]["parties"]["lumen"] | {"since": 0} == rows["kits-in-time"]["parties"]["lumen"] | {
        "state": "unsettled",
        "drift": "succession",
        "since": 0,
    }
    assert rows["active-patients"]["gaps"]["horizon_days"] == 731
    part, whole = answer["data"]["availability"]
    exposure = answer["data"]["exposure_seconds"]
    assert part * exposure == (exposure - answer["data"]["misaligned_seconds"]) * whole
    assert {"position", "effective_at", "known_at", "parked"} <= answer.keys()


def test_one_understanding_is_shown_with_its_history(database: str) -> None:
    text = said(database, "show", "alignment", "north-star")
    assert "2025-02-14  unsettled" in text
    assert "2025-10-20  divergent" in text


def test_a_metric_shows_both_horizons_and_how_far_they_are_apart(database: str) -> None:
    text = said(database, "show", "metric", "active-patients")
    assert "horizons are 731 days apart" in text
    assert "2710 patients (restated)" in text


def test_the_dashboard_shows_every_metric(database: str) -> None:
    assert len(asked(database, "show", "dashboard")["data"]) == 6


def test_drift_says_what_unsettled_what_and_what_is_open(database: str) -> None:
    drift = asked(database, "show", "drift")["data"]
    causes = drift["causes"]
    assert [seat["seat"] for seat in drift["not_briefed"]] == ["pt-m-clinical"]
    assert [c["open"] for c in causes if c["cause"] == "succession"] == [
        ["decision-days", "kits-in-time", "priority-decision", "readmissions"]
    ]


def test_a_reorganization_says_how_long_each_understanding_took(database: str) -> None:
    (row,) = asked(database, "show", "reorganization", "R-MERIDIAN")["data"]
    assert row["never_realigned"] == []
    assert row["realigned_after"] == 106 * 86_400 - 3_600


def test_seats_words_and_work_streams_are_shown(database: str) -> None:
    assert "not briefed yet" in said(database, "show", "seats")
    assert "read differently" in said(database, "show", "glossary")
    assert len(asked(database, "show", "work-streams")["data"]) == 23


def test_a_briefing_says_what_whoever_takes_the_seat_must_know(database: str) -> None:
    data = asked(database, "show", "briefing", "jsc-m-clinical")["data"]
    assert (data["person"], data["predecessor"]) == ("m-clinical-2", "m-clinical")
    assert data["open_items"][0]["decision"] == "D-EU-LAUNCH"
    assert [one["understanding"] for one in data["unshared"] if one["owed_by_us"]] == []
    assert data["clocks"]["D-EU-LAUNCH"]["due"] == "2026-06-10"


def test_a_briefing_says_what_its_party_owes_a_word_on_once_it_was_stated(database: str) -> None:
    unshared = asked(database, "show", "briefing", "jsc-l-product")["data"]["unshared"]
    owed = {one["understanding"] for one in unshared if one["owed_by_us"]}
    assert {"decision-days", "kits-in-time"} <= owed
    assert "priority-decision" not in owed  # a word that the parties have not reconciled has nothing to confirm yet


@pytest.mark.parametrize(
    "words",
    [("alignment", "moon"), ("metric", "moon"), ("reorganization", "moon"), ("briefing", "moon")],
)
def test_what_is_not_there_is_refused_by_name(database: str, words: tuple[str, ...]) -> None:
    result = cynosure("show", *words, "--database", database)
    assert result.exit_code == 3
    assert "moon" in result.stderr


def test_the_answer_for_what_was_known_then_does_not_change_as_the_log_grows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cynosure.db'}"
    cynosure("init", "--simulated-clock", "--database", url)
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    half = tmp_path / "half.yaml"
    half.write_text("".join(lines[:300]), encoding="utf-8")
    assert cynosure("record", str(half), "--database", url).exit_code == 0
    before = [asked(url, "show", *words, "--known-at", "250") for words in ASKED]
    assert cynosure("record", str(EXAMPLE), "--database", url).exit_code == 0
    assert [asked(url, "show", *words, "--known-at", "250") for words in ASKED] == before


ASKED = (("alignment",), ("metric", "active-patients"), ("drift",), ("seats",), ("glossary",), ("dashboard",))


def test_the_clerk_says_once_that_a_horizon_has_passed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cynosure.db'}"
    cynosure("init", "--simulated-clock", "--database", url)
    assert cynosure("record", str(EXAMPLE), "--database", url).exit_code == 0
    written = [one["fields"] for one in asked(url, "clerk")["data"] if one["event"] == "UnderstandingUnsettled"]
    assert {(one["understanding"], one["of"]) for one in written} == {
        ("decision-days", "2024-12-31"),
        ("kits-in-time", "2024-12-31"),
        ("releases", "2025-06-30"),
        ("bookings", "2025-12-31"),
    }
    assert asked(url, "clerk")["data"] == []
    (row,) = asked(url, "show", "alignment", "releases")["data"]["understandings"]
    assert {"at": 1751320800, "state": "unsettled"} in row["history"]


def test_metrics_that_the_engine_measures_itself_are_fed_once_per_period(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cynosure.db'}"
    cynosure("init", "--simulated-clock", "--database", url)
    assert cynosure("record", str(EXAMPLE), "--database", url).exit_code == 0
    (fed,) = asked(url, "feed", "2026-01-01", "2026-03-31")["data"]
    median = asked(url, "measure", "decision-times", "--effective-at", "2026-04-01")
    assert (fed["metric"], fed["report"]) == ("decision-days", "ObservationReported")
    assert abs(float(fed["value"]) - median["data"]["quantiles_days"]["0.5"]) < 0.1
    assert asked(url, "feed", "2026-01-01", "2026-03-31")["data"] == []
    (point, _) = asked(url, "show", "metric", "decision-days")["data"]["points"]
    assert point["value"] == fed["value"]


def test_every_answer_is_the_same_on_postgresql(database: str, postgres_url: str) -> None:
    assert cynosure("init", "--simulated-clock", "--database", postgres_url).exit_code == 0
    assert cynosure("record", str(EXAMPLE), "--database", postgres_url).exit_code == 0
    for words in (*ASKED, ("work-streams",), ("profiles",), ("stages",), ("briefing", "jsc-m-clinical")):
        assert asked(postgres_url, "show", *words)["data"] == asked(database, "show", *words)["data"], words
