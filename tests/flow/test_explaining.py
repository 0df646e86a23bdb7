"""What the charter answers out of a log: explain, the docket, the clerk and what-if, from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adapters.main import build

ROOT = Path(__file__).resolve().parents[2]
ALLIANCE = """
alliance: ab
zone: Europe/Paris
items:
  - at: 2024-01-01
    report: AllianceFormed
    title: A and B
    kind: strategic
    parties: [{id: a, name: A}, {id: b, name: B}]
  - at: 2024-01-01
    report: CharterAdopted
    version: "1"
    charter:
      id: ab
      zone: Europe/Paris
      parties: {a: {}, b: {}}
      calendar: {places: [FR]}
      bodies: {JSC: {tier: 1, clause: "2.1"}, Officers: {tier: 2, kind: people, clause: "2.2"}}
      matters: {default: {start_bodies: [JSC], final_say: {who: a, clause: "4.1"}, clause: "4.1"}}
      ladder:
        - {from: JSC, to: Officers, limit: 5 business_days, clock_starts: raised, mode: automatic, clause: "3.1"}
        - {from: Officers, to: final_say, limit: 10 calendar_days, clock_starts: entered, mode: automatic, clause: "3"}
  - {at: 2024-04-29, report: DecisionRaised, decision: D1, body: JSC, matter: default, title: Launch}
  - {at: 2024-04-29, report: DecisionRaised, decision: D2, body: JSC, matter: default}
  - {at: 2024-05-02, report: DecisionMade, decision: D2, body: JSC, outcome: approve, method: consensus}
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    told = tmp_path / "ab.yaml"
    told.write_text(ALLIANCE, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'ab.db'}"
    assert run(url, "init", "--simulated-clock").exit_code == 0
    assert run(url, "record", str(told)).exit_code == 0
    return url


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(build(), [*words, "--database", url])


def asked(url: str, *words: str) -> Any:
    result = run(url, *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["data"]


def test_explain_counts_the_due_day_on_the_calendar_that_was_frozen_with_the_charter(database: str) -> None:
    answer = asked(database, "explain", "D1", "--at", "2024-04-30")
    (clock,) = answer["clocks"]
    assert (answer["tier"], answer["due"], clock["clause"]) == ("JSC", "2024-05-07", "3.1")
    assert "- Wed 2024-05-01 (Labor Day [FR])" in clock["counting"]
    assert answer["if_nothing"] == {"effect": "escalate", "to": "Officers", "on": "2024-05-08", "clause": "3.1"}


def test_a_clerk_that_slept_writes_what_one_that_ran_every_day_writes(database: str, tmp_path: Path) -> None:
    slept = [one["event"] for one in asked(database, "clerk", "--now", "2024-05-31")]
    assert slept == ["DeadlineLapsed", "DecisionEscalated", "DeadlineLapsed", "DecisionEscalated"]
    assert asked(database, "clerk", "--now", "2024-05-31") == []
    assert asked(database, "explain", "D1", "--at", "2024-05-31")["holder"] == {"kind": "party", "id": "a"}


def test_what_the_clerk_wrote_later_is_not_known_earlier(database: str) -> None:
    head = json.loads(run(database, "explain", "D1", "--format", "json").stdout)["position"]
    asked(database, "clerk", "--now", "2024-05-31")
    assert asked(database, "explain", "D1", "--at", "2024-05-31", "--known-at", str(head))["tier"] == "JSC"


def test_a_command_that_the_charter_forbids_is_refused_with_its_clause(database: str, tmp_path: Path) -> None:
    asks = tmp_path / "asks.yaml"
    asks.write_text(
        "{at: 2024-05-03, command: decide, decision: D1, by: b, method: final_say, outcome: approve}", encoding="utf-8"
    )
    result = run(database, "record", str(asks), "--alliance", "ab")
    assert result.exit_code == 3
    assert "4.1" in result.output


def test_a_report_that_broke_a_clause_carries_the_finding(database: str, tmp_path: Path) -> None:
    told = tmp_path / "told.yaml"
    told.write_text(
        "{at: 2024-05-03, report: DecisionEscalated, decision: D1, from: JSC, to: Officers, by: a}", encoding="utf-8"
    )
    assert run(database, "record", str(told), "--alliance", "ab").exit_code == 0
    assert asked(database, "explain", "D1", "--at", "2024-05-03")["findings"] == ["3.1"]


def test_the_docket_names_what_is_due_by_day_and_prints_as_one_page_and_a_calendar(
    database: str, tmp_path: Path
) -> None:
    page, calendar = tmp_path / "docket.html", tmp_path / "docket.ics"
    rows = asked(database, "docket", "--party", "b", "--at", "2024-04-30", "--html", str(page), "--ics", str(calendar))
    assert [(row["id"], row["due"], row["effect"], row["effect_on"]) for row in rows] == [
        ("D1", "2024-05-07", "escalate", "2024-05-08"),
        ("D2", "2024-05-07", "escalate", "2024-05-08"),
    ]
    assert "Launch" in page.read_text(encoding="utf-8")
    assert calendar.read_text(encoding="utf-8").count("BEGIN:VEVENT") == len(rows)
    assert asked(database, "docket", "--until", "2024-05-06", "--at", "2024-04-30") == []


def test_what_if_replays_the_history_under_another_charter(database: str, tmp_path: Path) -> None:
    shorter = tmp_path / "shorter.yaml"
    charter = ALLIANCE.split("charter:\n", 1)[1].split("  - {at: 2024-04-29", maxsplit=1)[0]
    shorter.write_text("\n".join(line[6:] for line in charter.replace("5 business", "1 business").splitlines()))
    found = asked(database, "what-if", "--charter", str(shorter), "--at", "2024-05-03")["differing"]
    by_id = {one["is"]["decision"]: one for one in found}
    assert (by_id["D1"]["is"]["tier"], by_id["D1"]["would_be"]["tier"]) == ("JSC", "Officers")


def test_each_clause_names_who_has_confirmed_that_it_is_read_rightly(database: str, tmp_path: Path) -> None:
    told = tmp_path / "told.yaml"
    told.write_text(
        '{at: 2024-05-03, report: ClauseConfirmed, version: "1", clause: "3.1", party: a}', encoding="utf-8"
    )
    assert run(database, "record", str(told), "--alliance", "ab").exit_code == 0
    rows = {row["clause"]: row for row in asked(database, "charter", "confirmed")}
    assert (rows["3.1"]["confirmed_by"], rows["3.1"]["missing"]) == (["a"], ["b"])
    assert (rows["2.1"]["paths"], rows["2.1"]["missing"]) == (["bodies.JSC"], ["a", "b"])


def test_an_amendment_that_leaves_an_open_item_without_a_body_is_refused(database: str, tmp_path: Path) -> None:
    charter = ALLIANCE.split("charter:\n", 1)[1].split("  - {at: 2024-04-29", maxsplit=1)[0]
    body = "\n".join(f"  {line}" for line in charter.replace("JSC", "Board").splitlines())
    asks = tmp_path / "asks.yaml"
    head = '- at: 2024-05-03\n  command: amend_charter\n  version: "2"\n  supersedes: "1"\n  charter:\n'
    asks.write_text(head + body, encoding="utf-8")
    result = run(database, "record", str(asks), "--alliance", "ab")
    assert (result.exit_code, "open items would have no body: D1 at JSC" in result.output) == (3, True)


def test_a_subject_that_nobody_knows_is_refused(database: str) -> None:
    assert run(database, "explain", "D9").exit_code == 3


def test_an_explanation_is_readable_by_people(database: str) -> None:
    said = run(database, "explain", "D1", "--at", "2024-04-30").output
    assert "whose turn: JSC" in said
    assert "if nobody acts: escalate Officers 2024-05-08 (3.1)" in said


def test_scenarios_are_played_from_the_command_line() -> None:
    scenarios = str(ROOT / "tests" / "oracles" / "agreement_scenarios.yaml")
    charters = ROOT / "examples" / "charters"
    fine = CliRunner().invoke(build(), ["scenario", scenarios, "--charter", str(charters / "nls-eurofarma.yaml")])
    assert (fine.exit_code, fine.stdout.strip()) == (0, "6 of 6 answers as expected")


def test_a_scenario_whose_answer_differs_ends_with_one_and_says_where(tmp_path: Path) -> None:
    charter = tmp_path / "other.yaml"
    text = (ROOT / "examples" / "charters" / "nls-eurofarma.yaml").read_text(encoding="utf-8")
    charter.write_text(text.replace("limit: 30 calendar_days", "limit: 29 calendar_days"), encoding="utf-8")
    scenarios = str(ROOT / "tests" / "oracles" / "agreement_scenarios.yaml")
    result = CliRunner().invoke(build(), ["scenario", scenarios, "--charter", str(charter)])
    assert result.exit_code == 1
    assert "2021-02-28" in result.output


SCENARIOS = """
scenarios:
  - id: with-a-word-nobody-knows
    agreement: nls-eurofarma
    history:
      - {at: 2021-01-30, report: DecisionRaised, decision: D1, body: JSC, matter: development_work, mood: calm}
      - {at: 2021-02-01, report: DecisionSung, decision: D1}
    ask: [{at: 2021-02-02, subject: {decision: D1}, expect: {state: open}}]
  - id: that-cannot-be-played
    agreement: nls-eurofarma
    history: [{at: 2021-01-30, report: DecisionRaised, decision: D1, body: [1]}]
    ask: [{at: 2021-02-02, subject: {decision: D1}, expect: {state: open}}]
"""


def test_an_unknown_word_is_warned_of_and_a_scenario_that_cannot_be_played_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(SCENARIOS, encoding="utf-8")
    charter = str(ROOT / "examples" / "charters" / "nls-eurofarma.yaml")
    result = CliRunner().invoke(build(), ["scenario", str(file), "--charter", charter, "--format", "json"])
    said = json.loads(result.stdout)["data"]
    assert (result.exit_code, said["asked"], said["right"]) == (1, 2, 1)
    first, second = said["answers"]
    assert [warning.split(":")[1] for warning in first["answer"]["warnings"]] == [
        " 'mood' is no field of DecisionRaised",
        " 'DecisionSung' is not known, and left aside",
    ]
    assert "body" in second["differences"][0]


def test_items_of_a_scenario_that_are_out_of_order_are_warned_of(tmp_path: Path) -> None:
    charter = ROOT / "tests" / "oracles" / "invented" / "helix.yaml"
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text(
        "scenarios:\n- id: s\n  agreement: helix-norden\n  history:\n"
        "  - {at: 2025-06-02, report: DecisionRaised, decision: L, body: JSC, matter: default}\n"
        "  - {at: 2025-05-05, report: DecisionRaised, decision: E, body: JSC, matter: default}\n"
        "  ask: [{at: 2025-05-06, subject: {decision: E}, expect: {state: open}}]\n",
        encoding="utf-8",
    )
    played = CliRunner().invoke(build(), ["scenario", str(scenarios), "--charter", str(charter)])
    assert played.exit_code == 1
    assert "warning: item item-2: dated 2025-05-05, before the item above it" in played.output
    scenarios.write_text(scenarios.read_text(encoding="utf-8").replace("2025-05-06", "2025-06-03"), encoding="utf-8")
    assert CliRunner().invoke(build(), ["scenario", str(scenarios), "--charter", str(charter)]).exit_code == 0


def test_a_charter_that_cannot_be_compiled_is_said_once_for_a_scenario(tmp_path: Path) -> None:
    good = ROOT / "tests" / "oracles" / "invented" / "helix.yaml"
    charter = tmp_path / "charter.yaml"
    charter.write_text(good.read_text(encoding="utf-8").replace("to: CEOs", "to: Ceos"), encoding="utf-8")
    scenarios = good.with_suffix(".scenarios.yaml")
    played = CliRunner().invoke(
        build(), ["scenario", str(scenarios), "--charter", str(charter), "--only", "helix/rofn"]
    )
    assert played.output.count("did you mean 'CEOs'?") == 1
    assert "as above" in played.output


def test_a_charter_is_checked_and_two_are_compared(tmp_path: Path) -> None:
    charter = ROOT / "examples" / "charters" / "theravance-gsk-2002.yaml"
    shown = CliRunner().invoke(build(), ["charter", "check", str(charter)])
    assert shown.exit_code == 0
    assert "From JPC a decision goes to JSC by itself after 10 business days" in shown.output
    other = tmp_path / "other.yaml"
    other.write_text(charter.read_text(encoding="utf-8").replace("limit: 30 calendar_days", "limit: 20 calendar_days"))
    compared = CliRunner().invoke(build(), ["charter", "diff", str(charter), str(other)])
    assert compared.exit_code == 1
    assert "ladder[Officers to final_say].limit.value (3.1.5(b))" in compared.output


def test_what_an_amendment_would_do_to_each_open_item_is_said_where_a_log_is_named(
    database: str, tmp_path: Path
) -> None:
    charter = ALLIANCE.split("charter:\n", 1)[1].split("  - {at: 2024-04-29", maxsplit=1)[0]
    now, then = tmp_path / "now.yaml", tmp_path / "then.yaml"
    now.write_text("\n".join(line[6:] for line in charter.splitlines()), encoding="utf-8")
    longer = charter.replace("5 business", "8 business").replace("JSC", "Board")
    then.write_text("\n".join(line[6:] for line in longer.splitlines()), encoding="utf-8")
    words = ("charter", "diff", str(now), str(then), "--alliance", "ab", "--at", "2024-04-30")
    said = json.loads(run(database, *words, "--format", "json").stdout)
    item, second = said["open_items"]
    assert (item["kind"], item["id"], item["without_body"]) == ("decision", "D1", "JSC")
    assert "limit" not in item["would_be"]
    assert (second["id"], bool(said["data"])) == ("D2", True)
    text = run(database, *words).output
    assert "left without a body: the amendment has no JSC" in text
    then.write_text(now.read_text(encoding="utf-8").replace("5 business", "8 business"), encoding="utf-8")
    text = run(database, *words).output
    assert "speaks from 2024-05-01T01:59+02:00; what is open then moves to it" in text
    assert "0 open items would differ" in text
    text = run(database, *words, "--from", "2024-04-01").output
    assert "speaks from 2024-04-01T00:00+02:00" in text
    assert "2 open items would differ" in text
    assert "limit: 5 business_days becomes 8 business_days" in text
    assert "due: 2024-05-07 becomes 2024-05-14" in text
    assert "where" not in text
