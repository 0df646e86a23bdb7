"""What all questions have in common: how fresh an answer must be, how long that is waited for, and what then."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from adapters.main import build

ITEM = "alliance: orion\nitems:\n  - {at: 2026-01-0%d, report: %s}\n"
FORMED = "AllianceFormed, kind: strategic, title: Orion, parties: [{id: a, name: A}, {id: b, name: B}]"
ASK = ("show", "draw", "timeline", "replay", "measure", "explain", "docket", "what-if", "export", "feed")


def cynosure(*words: str, exits: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(build(), list(words))
    assert result.exit_code == exits, result.output
    return result


def record(database: str, folder: Path, text: str, day: int) -> int:
    file = folder / "item.yaml"
    file.write_text(ITEM % (day, text))
    said = cynosure("record", str(file), "--database", database, "--format", "json").stdout
    return int(json.loads(said)["data"][0]["position"])


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/log.db"
    record(url, tmp_path, FORMED, 1)
    return url


def commands(found: Any, *names: str) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    below = getattr(found, "commands", {})
    for name, each in below.items():
        yield from commands(each, *names, name)
    if not below or (names and found.invoke_without_command):
        yield names, {option for each in found.params for option in each.opts}


def test_every_command_that_answers_takes_the_options_of_all_questions() -> None:
    asked = {names: options for names, options in commands(typer.main.get_command(build())) if names[0] in ASK}
    assert len(asked) > 20
    for names, options in asked.items():
        lacking = {"--alliance", "--at-least", "--timeout", "--stale", "--database", "--format"} - options
        assert not lacking, f"{' '.join(names)} lacks {lacking}"


@pytest.mark.parametrize("question", [("show", "alliance"), ("timeline",), ("docket",), ("measure", "all")])
def test_what_was_written_is_read(database: str, question: tuple[str, ...]) -> None:
    answer = json.loads(cynosure(*question, "--at-least", "1", "--database", database, "--format", "json").stdout)
    assert answer["position"] >= 1


@pytest.mark.parametrize("question", [("show", "alliance"), ("timeline",), ("docket",), ("measure", "all")])
def test_a_position_that_nobody_writes_in_time_makes_the_answer_stale(database: str, question: tuple[str, ...]) -> None:
    began = time.monotonic()
    told = cynosure(*question, "--at-least", "99", "--timeout", "0.2", "--database", database, exits=4)
    assert "the log ends at position 1, before 99" in told.stderr
    assert time.monotonic() - began >= 0.2


def test_what_there_is_is_served_where_that_is_asked_for(database: str) -> None:
    words = ("--at-least", "99", "--timeout", "0", "--stale", "serve", "--database", database, "--format", "json")
    assert json.loads(cynosure("show", "alliance", *words).stdout)["position"] == 1


def test_an_option_wins_over_the_environment(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYNOSURE_STALE", "serve")
    monkeypatch.setenv("CYNOSURE_TIMEOUT_SECONDS", "0")
    cynosure("show", "alliance", "--at-least", "99", "--database", database)
    cynosure("show", "alliance", "--at-least", "99", "--stale", "fail", "--database", database, exits=4)


def test_a_write_that_comes_while_it_is_waited_for_is_in_the_answer(database: str, tmp_path: Path) -> None:
    later = threading.Timer(0.3, record, (database, tmp_path, "AllianceLaunched", 2))
    later.start()
    try:
        words = ("--at-least", "2", "--timeout", "30", "--database", database)
        told = cynosure("timeline", *words).stdout
    finally:
        later.join()
    assert "known at position 2" in told
