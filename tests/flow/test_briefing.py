"""A briefing says how decisions ended, and why, as long as the reason is there to be read."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.main import build

ITEMS = """
alliance: orion
items:
  - {at: 2026-01-01, report: AllianceFormed, title: O, kind: supplier, parties: [{id: acme, name: A}, {id: b, name: B}]}
  - {at: 2026-01-02, report: BodyConstituted, body: JSC, seats: [{seat: a1, party: acme, person: ann}]}
  - {at: 2026-01-03, report: DecisionRaised, decision: D1, title: Which phones, body: JSC}
  - {at: 2026-01-04, report: DecisionRaised, decision: D2, title: Which price, body: JSC}
  - {at: 2026-02-01, report: DecisionMade, decision: D1, outcome: approve, reason: the trial needs both}
  - {at: 2026-02-02, report: DecisionWithdrawn, decision: D2, reason: overtaken by the law, id: gone}
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    database = f"sqlite:///{tmp_path / 'cynosure.db'}"
    assert CliRunner().invoke(build(), ["record", str(tmp_path / "items.yaml"), "--database", database]).exit_code == 0
    return database


def told(url: str, *words: str) -> str:
    result = CliRunner().invoke(build(), ["show", "briefing", "a1", "--database", url, *words])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def whys(url: str) -> dict[str, str | None]:
    return {one["decision"]: one["why"] for one in json.loads(told(url, "--format", "json"))["data"]["recent"]}


def test_a_briefing_says_why_each_decision_ended_as_it_did(url: str) -> None:
    assert whys(url) == {"D1": "the trial needs both", "D2": "overtaken by the law"}
    assert "Which phones: approve after 29.0 days\n    because: the trial needs both" in told(url)


def test_a_reason_that_was_forgotten_is_shown_no_more(url: str) -> None:
    told(url)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as log:
        log.execute("UPDATE events SET sealed = NULL WHERE name = 'decision-made'")

    assert whys(url) == {"D1": None, "D2": "overtaken by the law"}


def test_the_reason_of_an_ending_that_was_taken_back_is_not_shown(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as log:
        ((event, stream),) = log.execute("SELECT event_id, stream FROM events WHERE name = 'decision-withdrawn'")
    correction = tmp_path / "correction.yaml"
    said = {"report": "RecordCorrected", "of": event, "of_stream": stream, "action": "retracted"}
    correction.write_text(json.dumps(said | {"at": "2026-03-01", "reason": "a slip", "alliance": "orion"}), "utf-8")
    assert CliRunner().invoke(build(), ["record", str(correction), "--database", url]).exit_code == 0

    assert whys(url) == {"D1": "the trial needs both"}


def test_an_alliance_without_a_charter_counts_days_where_it_was_formed(tmp_path: Path) -> None:
    file, url = tmp_path / "berlin.yaml", f"sqlite:///{tmp_path / 'berlin.db'}"
    file.write_text(ITEMS.replace("items:", "zone: Europe/Berlin\nitems:"), encoding="utf-8")
    assert CliRunner().invoke(build(), ["record", str(file), "--database", url]).exit_code == 0
    assert "2026-02-01  Which phones: approve" in told(url)


def test_a_seat_that_is_not_there_is_answered_with_those_that_are(url: str) -> None:
    result = CliRunner().invoke(build(), ["show", "briefing", "moon", "--database", url])
    assert (result.exit_code, "there are: a1" in result.stderr) == (3, True)


def test_a_word_that_an_item_cannot_have_is_answered_with_those_it_can(tmp_path: Path) -> None:
    file = tmp_path / "item.yaml"
    file.write_text(
        "{at: 2026-01-01, command: withdraw_decision, decision: D, whom: acme, alliance: o}", encoding="utf-8"
    )
    result = CliRunner().invoke(build(), ["record", str(file), "--database", f"sqlite:///{tmp_path / 'log.db'}"])
    assert ".whom: there is no such word here; there are decision" in result.stderr
