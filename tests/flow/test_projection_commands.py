"""The commands for read models, from the command line, on the example that ships."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.main import build
from adapters.read_store.sqlite import rows_path
from adapters.supervising import Task, supervise
from tests.services.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "digital_health" / "alliance.yaml"
SPOIL = "UPDATE events SET fact = ? WHERE position = ?"
RUN = [sys.executable, "-c", "from adapters.main import main; main()"]


def cynosure(url: str, *words: str, exits: int = 0) -> Any:
    result = CliRunner().invoke(build(), [*words, "--database", url])
    assert result.exit_code == exits, result.output
    return json.loads(result.stdout) if "json" in words else result.output


def change(url: str, sql: str, *values: object, rows: bool = False) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(rows_path(path) if rows else path)) as connection, connection:
        connection.execute(sql, values)


@pytest.fixture
def told(sqlite_url: str) -> str:
    """Give a log that holds the example."""
    cynosure(sqlite_url, "init", "--simulated-clock")
    cynosure(sqlite_url, "record", str(EXAMPLE))
    return sqlite_url


def test_follow_rebuild_verify_status_and_rollback(told: str) -> None:
    cynosure(told, "follow", "--once")
    found = cynosure(told, "status", "--format", "json")["data"]
    assert found["head"] > 100
    assert {each["lag_events"] for each in found["builds"]} == {0}
    assert {each["state"] for each in found["builds"]} == {"serving"}
    assert "open_decisions" in cynosure(told, "status")

    rebuilt = cynosure(told, "rebuild", "decision_times", "timeline", "--format", "json")["data"]
    assert {name: each["switched"] for name, each in rebuilt.items()} == {"decision_times": True, "timeline": True}
    checked = cynosure(told, "verify", "decision_times", "--format", "json")["data"]
    assert checked == {"events": found["head"], "faults": [], "rows_equal_a_rebuild": {"decision_times": True}}
    assert "is served from build" in cynosure(told, "projections", "rollback", "timeline")


def test_rows_that_are_not_what_the_log_says_are_found_and_mended(told: str) -> None:
    cynosure(told, "follow", "--once", "decision_times")
    (build_,) = cynosure(told, "status", "--format", "json")["data"]["builds"]
    change(told, f"DELETE FROM decision_times_v{build_['version']}_{build_['build']}", rows=True)
    assert "differs from a rebuild" in cynosure(told, "verify", "decision_times", exits=1)
    assert "differs from what serves" in cynosure(told, "rebuild", "decision_times", exits=1)
    cynosure(told, "rebuild", "decision_times", "--accept-differences")
    cynosure(told, "verify", "decision_times")


def test_a_log_out_of_order_is_found(told: str) -> None:
    change(told, "UPDATE events SET recorded_at = 0 WHERE position = 9")
    change(told, "UPDATE events SET version = 77 WHERE position = 20")
    change(told, "UPDATE events SET fact = ? WHERE position = 30", b"{}")
    faults = cynosure(told, "verify", "alliances", "--format", "json", exits=1)["data"]["faults"]
    said = " ".join(faults)
    assert "position 9, " in said
    assert "recorded time never goes back" in said
    assert "version 77 follows" in said
    assert "position 30" in said


def test_a_parked_key_is_listed_shown_driven_again_and_left_out(told: str) -> None:
    with closing(sqlite3.connect(told.removeprefix("sqlite:///"))) as connection:
        position, fact = connection.execute(
            "SELECT position, fact FROM events WHERE name = 'decision-escalated' ORDER BY position"
        ).fetchone()
    change(told, SPOIL, b'{"decision": 7}', position)
    cynosure(told, "follow", "--once", "open_decisions")
    (parked,) = cynosure(told, "parked", "list", "--format", "json")["data"]["open_decisions"]
    assert (parked["position"], parked["name"], parked["every_row"]) == (position, "decision-escalated", True)
    alliance = parked["key"][0]
    assert f"every row of {alliance}" in cynosure(told, "parked", "list")
    assert "later events" in cynosure(told, "parked", "show", "open_decisions", alliance)

    change(told, SPOIL, fact, position)
    assert "1 of 1 keys were folded again, 0 are parked" in cynosure(told, "parked", "redrive", "open_decisions")
    cynosure(told, "verify", "open_decisions")

    change(told, SPOIL, b'{"decision": 7}', position)
    cynosure(told, "projections", "discard", "--yes")
    cynosure(told, "follow", "--once", "open_decisions")
    drop = ("parked", "drop", "open_decisions", alliance, "--reason", "typed wrongly at the source")
    assert "is left out" in cynosure(told, *drop)
    assert cynosure(told, "parked", "list", "--format", "json")["data"] == {}
    cynosure(told, "rebuild", "open_decisions")
    assert "is not parked" in cynosure(told, "parked", "show", "open_decisions", alliance, exits=3)


def test_rows_of_a_log_that_was_restored_stop_with_an_alarm_until_they_are_thrown_away(
    told: str, tmp_path: Path
) -> None:
    cynosure(told, "backup", str(tmp_path / "backup"))
    item = tmp_path / "item.yaml"
    raised = "{at: 2027-01-01, report: DecisionRaised, decision: D-LOST, body: JSC, matter: pricing}"
    item.write_text(f"alliance: digital-health\nitems:\n  - {raised}\n")
    cynosure(told, "record", str(item))
    cynosure(told, "follow", "--once")
    for left in Path(told.removeprefix("sqlite:///")).parent.glob("cynosure.db*"):
        left.unlink()
    cynosure(told, "restore", str(tmp_path / "backup"))
    for command in (("follow", "--once"), ("status",), ("show", "decision", "D-LOST")):
        assert "throw the rows away" in " ".join(cynosure(told, *command, exits=1).split())
    cynosure(told, "projections", "discard", "--yes")
    cynosure(told, "follow", "--once")
    assert "there is no decision" in cynosure(told, "show", "decision", "D-LOST", exits=3)


def test_an_unknown_read_model_is_refused_by_name(told: str) -> None:
    assert "there is no read model 'nonsense'" in cynosure(told, "rebuild", "nonsense", exits=3)
    assert "has no rows" in cynosure(told, "parked", "redrive", "nonsense", exits=3)


def test_a_follower_stops_when_asked_and_serves_metrics_meanwhile(told: str) -> None:
    port = free_port()
    command = [*RUN, "follow", "--database", told, "--metrics-port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "CYNOSURE_LOG_LEVEL": "info"})
    try:
        found = until(lambda: read(port), lambda text: 'lag_events{projection="timeline",state="serving"' in text)
        head = cynosure(told, "status", "--format", "json")["data"]["head"]
        assert f"cynosure_log_head_position {float(head)}" in found
        assert 'cynosure_projection_followers{projection="timeline",state="serving",version="1"} 1.0' in found
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
    builds = cynosure(told, "status", "--format", "json")["data"]["builds"]
    assert {each["position"] for each in builds} == {head}
    assert {tuple(each["followed_by"]) for each in builds} == {()}, "it let go"
    cynosure(told, "status", "--lag-seconds-max", "1")


def test_what_was_recorded_is_read_while_another_process_follows_and_a_hanging_one_makes_the_answer_stale(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = subprocess.Popen([*RUN, "follow", "--database", told], cwd=ROOT)
    try:
        until(lambda: cynosure(told, "status"), lambda text: text.count(f":{process.pid}:") > 1)
        item = tmp_path / "item.yaml"
        raised = "{at: 2027-01-01, report: DecisionRaised, decision: D-NEW, body: JSC, matter: pricing}"
        item.write_text(f"alliance: digital-health\nitems:\n  - {raised}\n")
        cynosure(told, "record", str(item))
        assert "D-NEW" in cynosure(told, "show", "decision", "D-NEW")
        process.send_signal(signal.SIGSTOP)
        change(told, "UPDATE positions SET lease_until = lease_until + 60000000", rows=True)
        item.write_text(item.read_text().replace("D-NEW", "D-NEWER"))
        cynosure(told, "record", str(item))
        assert "is a follower running?" in cynosure(told, "show", "decision", "D-NEWER", "--timeout", "0.1", exits=4)
        served = ("show", "decision", "D-NEW", "--timeout", "0", "--format", "json")
        at_least = str(cynosure(told, *served, "--stale", "serve")["position"])
        assert cynosure(told, *served, "--at-least", at_least)["position"] == int(at_least), "as fresh as was asked"
        monkeypatch.setenv("CYNOSURE_STALE", "serve")
        monkeypatch.setenv("CYNOSURE_TIMEOUT_SECONDS", "0.1")
        assert "D-NEW" in cynosure(told, "show", "decision", "D-NEW"), "served from where the rows stand"
    finally:
        process.kill()
        process.wait()


def read(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())


def until(ask: Any, met: Any) -> str:
    end = time.monotonic() + 30
    while True:
        try:
            if met(found := ask()):
                return str(found)
        except OSError:
            pass
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_task_that_falls_is_started_again_and_one_beyond_help_ends_all(tmp_path: Path) -> None:
    said: list[tuple[str, str, int]] = []
    mark = tmp_path / "fell-once"
    falls = f"import pathlib, sys, time; p = pathlib.Path({str(mark)!r}); q = p.exists(); p.touch(); "
    falls += "time.sleep(60) if q else sys.exit(1)"
    stop = Event()
    tasks = [Task("falls", [sys.executable, "-c", falls])]
    thread = Thread(target=supervise, args=(tasks, stop), kwargs={"said": lambda *each: said.append(each)})
    thread.start()
    end = time.monotonic() + 20
    while len(said) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    stop.set()
    thread.join(20)
    assert [(what, task) for what, task, _ in said] == [("started", "falls"), ("ended", "falls"), ("started", "falls")]

    hopeless = Task("hopeless", [sys.executable, "-c", "import sys; sys.exit(6)"])
    assert supervise([hopeless, Task("sleeps", ["sleep", "60"])], Event()) == 6
