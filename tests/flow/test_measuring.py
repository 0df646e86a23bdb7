"""From a real history to every measure on the command line: text, JSON, CSV, pictures and one page."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adapters.main import build
from projections.measures.every import MEASURES

PEPS = Path(__file__).resolve().parents[2] / "examples" / "peps"
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
COUNCIL = "2018-07-12..2019-02-04"


@pytest.fixture(scope="module")
def proposals(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('peps')}/peps.db"
    said = ["import", str(PEPS / "peps.csv"), "--mapping", str(PEPS / "peps.yaml"), "--database", url]
    assert CliRunner().invoke(build(), said).exit_code == 0
    return url


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(build(), ["measure", *words, "--database", url])


def asked(url: str, *words: str) -> Any:
    result = run(url, *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_an_answer_names_its_position_its_instants_and_what_it_counted(proposals: str) -> None:
    answer = asked(proposals, "decision-times")
    assert set(answer) == {"data", "position", "effective_at", "known_at", "parked"}
    assert answer["effective_at"] == 1_787_421_615
    data = answer["data"]
    assert (data["n"], data["observed"], data["censored"]) == (672, 584, 88)
    assert data["quantiles_days"]["0.5"] == pytest.approx(244.329086, rel=1e-6)
    assert data["excluded"] == {"first_seen_decided": 69}


def test_an_earlier_instant_sees_nothing_that_came_after(proposals: str) -> None:
    data = asked(proposals, "decision-times", "--effective-at", "2010-12-31")["data"]
    assert data["n"] < 672
    assert data["excluded"]["not_yet_raised"] > 0


def test_what_was_known_earlier_is_measured_as_it_was_known(proposals: str) -> None:
    whole = asked(proposals, "decision-times")
    part = asked(proposals, "decision-times", "--known-at", "300", "--effective-at", "2026-08-22")
    assert part["known_at"]["position"] == part["position"] == 300
    assert 0 < part["data"]["n"] < whole["data"]["n"]


def test_every_measure_answers_as_text_and_json(proposals: str) -> None:
    told = run(proposals, "all", "--change", COUNCIL)
    assert told.exit_code == 0
    assert "does not survive the honest baseline" in " ".join(told.output.split())
    data = asked(proposals, "all", "--change", COUNCIL)["data"]
    assert list(data) == sorted(MEASURES)


def test_groups_are_told_apart(proposals: str) -> None:
    data = asked(proposals, "decision-times", "--group-by", "party")["data"]
    assert set(data["groups"]) >= {"standards_track", "process", "informational"}
    assert sum(group["n"] for group in data["groups"].values()) == data["n"]
    only = asked(proposals, "decision-times", "--where", "party=process")["data"]
    assert only["n"] == data["groups"]["process"]["n"]


def test_every_picture_is_well_formed_and_has_its_table_as_csv(proposals: str, tmp_path: Path) -> None:
    result = run(proposals, "all", "--change", COUNCIL, "--svg", str(tmp_path / "svg"), "--csv", str(tmp_path / "csv"))
    assert result.exit_code == 0
    drawn = sorted(path.stem for path in (tmp_path / "svg").iterdir())
    assert drawn == ["ageing", "ball-in-court", "decision-times", "flow", "ladder", "reorganization-effect"]
    for name in drawn:
        assert ET.parse(tmp_path / "svg" / f"{name}.svg").getroot().tag.endswith("svg")  # noqa: S314  # drawn by us
        assert (tmp_path / "csv" / f"{name}-1.csv").read_text().count("\n") > 1


def test_the_pictures_of_the_documents_are_those_that_are_drawn(proposals: str, tmp_path: Path) -> None:
    assert run(proposals, "all", "--change", COUNCIL, "--svg", str(tmp_path)).exit_code == 0
    for name, kept in (("decision-times", "peps-decision-times"), ("reorganization-effect", "peps-before-and-after")):
        assert (tmp_path / f"{name}.svg").read_text() == (PICTURES / f"{kept}.svg").read_text()


def test_one_page_holds_every_measure_and_fetches_nothing(proposals: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run(proposals, "all", "--change", COUNCIL, "--html", str(page)).exit_code == 0
    text = page.read_text()
    for measure in MEASURES.values():
        assert f'<section id="{measure.name}">' in text
    assert text.count("<svg") == 6
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_business_days_follow_the_calendars_named(proposals: str) -> None:
    plain = asked(proposals, "working-time")["data"]["quantiles_days"]
    closed = asked(proposals, "working-time", "--works-in", "standards_track=FR", "--works-in", "process=JP")["data"]
    assert closed["quantiles_days"]["business"]["0.5"] < plain["business"]["0.5"] < plain["elapsed"]["0.5"]
    assert closed["calendar"] == {"name": "standards_track=FR, process=JP", "parties": ["process", "standards_track"]}


def test_without_a_calendar_named_the_charters_own_counts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/alliance.db"
    example = PEPS.parent / "digital_health" / "alliance.yaml"
    assert CliRunner().invoke(build(), ["init", "--simulated-clock", "--database", url]).exit_code == 0
    assert CliRunner().invoke(build(), ["record", str(example), "--database", url]).exit_code == 0
    answer = asked(url, "decision-times", "--clock", "business")
    assert answer["data"]["clock"]["calendar"].startswith("charter version 1, 2022-01-01 to")
    assert answer["data"]["clock"]["parties"] == ["lumen", "meridian"]
    elapsed = asked(url, "decision-times")["data"]["quantiles_days"]["0.5"]
    assert answer["data"]["quantiles_days"]["0.5"] < 5 / 7 * elapsed + 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["swiftness"], "there is no measure of that name"),
        (["flow", "--window", "2020-01-01"], "FROM..UNTIL"),
        (["flow", "--window", "2021-01-01..2020-01-01"], "does not lie after"),
        (["ageing", "--clock", "solar"], "none of elapsed, active, business"),
        (["ageing", "--where", "party"], "NAME=VALUE"),
        (["ageing", "--at-days", "soon"], "whole numbers"),
        (["reorganization-effect", "--change", "2020-01-01..2019-01-01"], "lies before"),
        (["ageing", "--works-in", "acme=Atlantis"], "Atlantis"),
    ],
)
def test_what_cannot_be_read_is_named(proposals: str, words: list[str], says: str) -> None:
    result = run(proposals, *words)
    assert result.exit_code == 5
    assert says in " ".join(result.stderr.split())


def test_a_change_that_nobody_names_is_asked_for(proposals: str) -> None:
    result = run(proposals, "reorganization-effect")
    assert result.exit_code == 3
    assert "--change" in result.stderr
