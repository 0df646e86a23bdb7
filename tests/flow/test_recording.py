"""Files of reports and commands, recorded from the command line on every database."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adapters.event_log import open_log
from adapters.main import build

EXAMPLE = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"
FORMED = (
    "{at: 2026-01-01, report: AllianceFormed, title: T, kind: strategic, parties: [{id: x, name: X}, {id: y, name: Y}]}"
)


def cynosure(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(build(), list(words), input=stdin)


def record(url: str, *items: str, options: tuple[str, ...] = ()) -> Result:
    text = "alliance: orion\nitems:\n" + "".join(f"  - {item}\n" for item in items)
    return cynosure("record", "-", "--database", url, "--format", "json", *options, stdin=text)


def stored(url: str) -> list[Any]:
    with open_log(url, create=False) as log:
        return log.pages(0, 10_000)


def test_a_file_is_recorded_and_the_same_file_again_changes_nothing(database_url: str) -> None:
    with open_log(database_url):
        pass
    first = record(database_url, FORMED, "{at: 2026-01-02, report: DecisionRaised, decision: D1, body: JSC}")
    again = record(database_url, FORMED, "{at: 2026-01-02, report: DecisionRaised, decision: D1, body: JSC}")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert [o["state"] for o in json.loads(again.stdout)["data"]] == ["repeat", "repeat"]
    assert [o["position"] for o in json.loads(again.stdout)["data"]] == [1, 2]
    assert len(stored(database_url)) == 2


def test_the_same_words_about_another_alliance_are_another_message(database_url: str) -> None:
    with open_log(database_url):
        pass
    record(database_url, FORMED)
    result = cynosure("record", "-", "--database", database_url, "--alliance", "vega", stdin=f"- {FORMED}")
    assert result.exit_code == 0, result.output
    assert [row.alliance for row in stored(database_url)] == ["orion", "vega"]


def test_the_same_id_with_other_content_is_refused(database_url: str) -> None:
    with open_log(database_url):
        pass
    record(database_url, FORMED, "{at: 2026-01-02, id: m1, report: DecisionRaised, decision: D1, body: JSC}")
    other = record(database_url, "{at: 2026-01-02, id: m1, report: DecisionRaised, decision: D2, body: JSC}")
    assert other.exit_code == 3
    assert len(stored(database_url)) == 2


@pytest.mark.parametrize(
    ("item", "exit_code", "says"),
    [
        ("{at: 2026-01-02, report: DecisionRaisd, decision: D1}", 5, "did you mean 'DecisionRaised'?"),
        ("{at: 2026-01-02, command: escalat, decision: D1}", 5, "did you mean 'escalate'?"),
        ("{at: 2026-13-02, report: DecisionRaised, decision: D1}", 5, "items[1].at"),
        ("{at: 2026-01-02T09:00, report: DecisionRaised, decision: D1}", 5, "no offset"),
        ("{at: 2026-01-02, report: DecisionRaised, decision: D1, bod: JSC}", 5, "items[1].bod"),
        ("{at: 2026-01-02, report: PositionStated, decision: D1, party: z, position: for}", 3, "'z' is not a party"),
        ("{at: 2026-01-02, report: DecisionMade, decision: D9, outcome: approve}", 3, "never raised"),
        ("{at: 2026-01-02, report: DecisionRaised, decision: D1", 5, "YAML 1.2 or JSON"),
    ],
)
def test_bad_input_is_refused_whole_naming_place_and_rule(tmp_path: Path, item: str, exit_code: int, says: str) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    result = record(url, FORMED, item)
    assert result.exit_code == exit_code
    assert says in result.output
    assert "standard input" in result.output
    assert not Path(f"{tmp_path}/log.db").exists() or stored(url) == []


def test_a_refused_command_with_an_id_is_answered_the_same_way_for_ever(database_url: str) -> None:
    with open_log(database_url):
        pass
    raised = "{at: 2026-01-02, report: DecisionRaised, decision: D1, body: JSC, kind: discuss}"
    asked = "{at: 2026-01-03, id: up, command: escalate, decision: D1, to: CEO}"
    refused = record(database_url, FORMED, raised, asked, options=("--keep-going",))
    assert refused.exit_code == 3
    again = json.loads(record(database_url, asked).stdout)["data"][0]
    assert again["state"] == "repeat"
    assert json.loads(again["outcome"])["rule"] == "discuss_may_not_be_escalated"


def test_no_name_and_no_free_text_about_a_person_is_in_what_folds_read(database_url: str) -> None:
    with open_log(database_url):
        pass
    record(
        database_url,
        FORMED,
        "{at: 2026-01-02, report: PersonIntroduced, person: p1, party: x, name: Ada Lovelace}",
        "{at: 2026-01-02, report: DecisionRaised, decision: D1, body: JSC, note: Ada Lovelace insists}",
        "{at: 2026-01-03, report: PositionStated, decision: D1, party: x, position: for, statement: by Ada Lovelace}",
        "{at: 2026-01-04, report: DecisionWithdrawn, decision: D1, reason: Ada Lovelace gave up}",
    )
    rows = stored(database_url)
    assert len(rows) == 5
    for row in rows:
        assert b"Lovelace" not in row.fact + row.meta
    assert sum(b"Lovelace" in (row.sealed or b"") for row in rows) == 4


def test_the_worked_example_is_recorded_without_a_finding_of_form(tmp_path: Path) -> None:
    result = cynosure("record", str(EXAMPLE), "--database", f"sqlite:///{tmp_path}/log.db", "--format", "json")
    assert result.exit_code == 0, result.output
    assert {o["state"] for o in json.loads(result.stdout)["data"]} == {"accepted"}


def test_a_reported_charter_with_a_fault_is_recorded_and_the_fault_is_named(database_url: str) -> None:
    with open_log(database_url):
        pass
    charter = "{id: c, zone: UTC, parties: {x: {}, y: {}}, bodies: {JSC: {quorum: {}}}}"
    adopted = f"{{at: 2026-01-02, report: CharterAdopted, version: '1', charter: {charter}}}"
    result = record(database_url, FORMED, adopted)
    assert result.exit_code == 0
    (fault,) = json.loads(result.stdout)["data"][1]["charter_faults"]
    assert fault.startswith("bodies.JSC.quorum: it says how many nowhere")
    text = cynosure("record", "-", "--database", database_url, stdin=f"alliance: orion\nitems:\n  - {adopted}\n")
    assert "the charter is recorded with a fault" in text.output
