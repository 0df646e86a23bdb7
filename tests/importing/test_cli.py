"""`cynosure import` answers people and machines, and ends with the documented exit codes."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from adapters.cli import importing
from tests.importing.given import Desk

RULES = "rules: [{when: {e: open}, then: raised}, {when: {e: done}, then: {made: accepted}}]"
GOOD = "d,n,at,e\nD1,1,2026-01-01,open\nD1,2,2026-01-03,done"


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    importing.add_to(app)
    return app


def run(app: typer.Typer, desk: Desk, *options: str) -> Result:
    database = f"sqlite:///{desk.folder / 'cynosure.db'}"
    command = ["import", str(desk.file), "--mapping", str(desk.map), "--database", database, *options]
    return CliRunner().invoke(app, command)


def test_an_import_says_what_it_wrote(app: typer.Typer, desk: Desk) -> None:
    ran = run(app, desk.holds(GOOD, RULES), "--format", "json")
    answer = json.loads(ran.stdout)["data"]
    assert ran.exit_code == 0
    assert (answer["rows"], answer["decisions"], answer["events"], answer["set_aside"]) == (2, 1, 4, 0)


def test_people_are_told_in_sentences(app: typer.Typer, desk: Desk) -> None:
    ran = run(app, desk.holds(GOOD, RULES + "\nfirst_row: raises"))
    assert "2 rows of 1 decisions; 4 events written, positions 1 to 4" in ran.stdout
    assert "2 rows reported, 0 known already, 0 events corrected" in ran.stdout


def test_a_check_says_what_the_rows_say_and_writes_nothing(app: typer.Typer, desk: Desk) -> None:
    ran = run(app, desk.holds(GOOD + "\nD2,1,2026-01-01,open", RULES), "--check")
    assert ran.exit_code == 0
    assert "2  decision-raised" in ran.stdout
    assert "first cycles: 1 accepted, 1 open" in ran.stdout
    assert not (desk.folder / "cynosure.db").exists()


def test_a_refused_file_names_place_and_rule_and_writes_nothing(app: typer.Typer, desk: Desk) -> None:
    ran = run(app, desk.holds(GOOD.replace("done", "what"), RULES))
    assert ran.exit_code == 5
    assert "history.csv:3: decision D1: no rule matches" in ran.stderr.replace("\n", "")
    assert "nothing was written" in ran.stderr


def test_what_was_set_aside_is_named_and_the_exit_code_says_so(app: typer.Typer, desk: Desk, tmp_path: Path) -> None:
    ran = run(app, desk.holds(GOOD.replace("done", "what"), RULES), "--keep-going", "--aside", str(tmp_path / "a.csv"))
    assert ran.exit_code == 1
    assert "1 rows were set aside" in ran.stderr
    assert (tmp_path / "a.csv").exists()


def test_a_missing_mapping_is_asked_for(app: typer.Typer, desk: Desk) -> None:
    desk.holds(GOOD, RULES)
    ran = CliRunner().invoke(app, ["import", str(desk.file)])
    assert ran.exit_code == 5
    assert "--mapping" in ran.stderr
