"""A workbook out, edited, in again: judged whole, every fault by sheet and cell, and only what changed is recorded."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from adapters.main import build
from adapters.workbook.writing import write_workbook

ROWS: dict[str, list[dict[str, Any]]] = {
    "alliance": [
        {"alliance": "orion", "title": "Orion", "kind": "strategic", "formed": "2026-01-05", "as_of": "2026-02-01"}
    ],
    "parties": [{"party": "acme", "name": "Acme"}, {"party": "globex", "name": "Globex"}],
    "people": [{"person": "ann", "party": "acme", "name": "Ann Example"}],
    "bodies": [{"body": "JSC", "tier": 2}],
    "seats": [{"body": "JSC", "seat": "a1", "party": "acme", "person": "ann"}],
    "work_streams": [{"work_stream": "app", "title": "App", "owners": {"acme": "ann"}, "planned_end": "2026-12-31"}],
    "metrics": [{"metric": "M1", "unit": "patients", "class": "outcome", "tolerance_days": 10}],
    "stances": [
        {
            "metric": "M1",
            "party": "acme",
            "version": "1",
            "definition": "enrolled",
            "target": 10.5,
            "horizon": "2027-01-01",
        },
        {"metric": "M1", "party": "globex", "target": 1000, "horizon": "2029-01-01"},
    ],
    "terms": [{"term": "launch", "party": "acme", "reading": "first prescription"}],
    "priorities": [{"priority": "app", "resources": "two teams"}, {"priority": "trial"}],
    "decisions": [{"decision": "D1", "title": "Which phones", "body": "JSC", "raised": "2026-01-10"}],
    "minutes": [{"meeting": "M-1", "body": "JSC", "held": "2026-01-20", "present": ["acme", "globex"]}],
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "orion.xlsx"
    write_workbook(path, ROWS)
    return path


def run(*said: str, database: str) -> tuple[int, dict[str, int], str]:
    result = CliRunner().invoke(build(), [*said, "--database", database, "--format", "json"])
    data = json.loads(result.stdout)["data"] if result.exit_code == 0 else {}
    return result.exit_code, data.get("events", {}), result.stderr


def edit(path: Path, **cells: Any) -> None:
    book = load_workbook(path)
    for where, value in cells.items():
        sheet, _, cell = where.rpartition("_")
        book[sheet][cell] = value
    book.save(path)


def test_a_workbook_is_recorded_whole(book: Path, sqlite_url: str) -> None:
    code, events, said = run("import", str(book), database=sqlite_url)
    assert (code, said) == (0, "")
    assert events == {
        "AllianceFormed": 1,
        "BodyConstituted": 1,
        "DecisionRaised": 1,
        "DefinitionStated": 1,
        "HorizonStated": 2,
        "MeetingHeld": 1,
        "MetricProposed": 1,
        "PersonIntroduced": 1,
        "TargetStated": 2,
        "TermReadingStated": 1,
        "UnderstandingStated": 1,
        "WorkStreamOpened": 1,
    }


def test_imported_again_it_records_nothing(book: Path, sqlite_url: str) -> None:
    run("import", str(book), database=sqlite_url)
    assert run("import", str(book), database=sqlite_url)[:2] == (0, {})


def test_after_edits_it_records_only_what_changed(book: Path, sqlite_url: str) -> None:
    run("import", str(book), database=sqlite_url)
    edit(
        book,
        alliance_E2="2026-03-01",
        seats_D2=None,
        work_streams_E2="2027-03-31",
        stances_E3=1200,
        stances_G2="2028-01-01",
        terms_D2="release",
        priorities_A2="trial",
        priorities_A3="app",
        decisions_H2="2026-02-20",
        decisions_I2="approve",
    )
    code, events, said = run("import", str(book), database=sqlite_url)
    assert (code, said) == (0, "")
    assert events == {
        "DecisionMade": 1,
        "HorizonStated": 1,
        "SeatVacated": 1,
        "TargetRevised": 1,
        "TermReadingStated": 1,
        "UnderstandingStated": 1,
        "WorkStreamReplanned": 1,
    }


def test_what_is_changed_and_changed_back_is_recorded_each_time(book: Path, sqlite_url: str) -> None:
    run("import", str(book), database=sqlite_url)
    for reading in ("release", "first prescription", "release"):
        edit(book, terms_D2=reading)
        assert run("import", str(book), database=sqlite_url)[1] == {"TermReadingStated": 1}


def test_what_the_log_knows_comes_out_and_goes_in_again_unchanged(book: Path, tmp_path: Path, sqlite_url: str) -> None:
    run("import", str(book), database=sqlite_url)
    out = tmp_path / "out.xlsx"
    assert run("workbook", "new", str(out), "--alliance", "orion", database=sqlite_url)[0] == 0
    assert load_workbook(out)["stances"]["E2"].value == "10.5"
    assert run("import", str(out), database=sqlite_url)[:2] == (0, {})


def out_of(log: str, path: Path) -> Path:
    assert run("workbook", "new", str(path), "--alliance", "orion", database=log)[0] == 0
    return path


@pytest.fixture
def lived(book: Path, tmp_path: Path, sqlite_url: str) -> Path:
    """A workbook out of a log that knows an ended decision and signed minutes."""
    edit(
        book,
        metrics_E2="ann",
        metrics_F2="quarter",
        decisions_H2="2026-01-25",
        decisions_I2="approve",
        decisions_J2="vote",
        minutes_E2="2026-01-22",
        minutes_F2="2026-02-03",
        minutes_G2="acme; globex",
    )
    assert run("import", str(book), database=sqlite_url)[0] == 0
    return out_of(sqlite_url, tmp_path / "lived.xlsx")


def test_decisions_and_minutes_come_out_too_and_go_in_again_unchanged(lived: Path, sqlite_url: str) -> None:
    sheets = load_workbook(lived)
    cells = [cell.value for sheet in ("decisions", "minutes") for cell in sheets[sheet][2]]

    assert [str(cell)[:10] for cell in cells if cell is not None] == [
        *("D1", "Which phon", "JSC", "2026-01-10", "2026-01-25", "approve", "vote"),
        *("M-1", "JSC", "2026-01-20", "acme; glob", "2026-01-22", "2026-02-03", "acme; glob"),
    ]
    assert run("import", str(lived), database=sqlite_url)[:2] == (0, {})


def test_only_the_edit_of_a_workbook_that_came_out_is_recorded(lived: Path, sqlite_url: str) -> None:
    edit(lived, decisions_I2="reject", minutes_A3="M-2", minutes_B3="JSC", minutes_C3="2026-02-01")

    assert run("import", str(lived), database=sqlite_url)[:2] == (0, {"DecisionReversed": 1, "MeetingHeld": 1})


def test_what_a_party_of_another_zone_did_comes_out_on_the_day_it_was_for_them(
    book: Path, tmp_path: Path, sqlite_url: str
) -> None:
    edit(book, alliance_F2="Pacific/Auckland")
    run("import", str(book), database=sqlite_url)
    out = out_of(sqlite_url, tmp_path / "out.xlsx")

    sheets = load_workbook(out)
    days = (sheets["alliance"]["D2"].value, sheets["decisions"]["G2"].value)
    assert [str(day)[:10] for day in days] == ["2026-01-05", "2026-01-10"]
    assert run("import", str(out), database=sqlite_url)[:2] == (0, {})


def test_somebody_in_a_seat_who_was_never_introduced_does_not_keep_a_workbook_from_coming_back(
    book: Path, tmp_path: Path, sqlite_url: str
) -> None:
    run("import", str(book), database=sqlite_url)
    taken = tmp_path / "taken.json"
    said = {"at": "2026-02-10", "report": "SeatFilled", "body": "JSC", "seat": "a1", "party": "acme", "person": "abe"}
    taken.write_text(json.dumps(said | {"alliance": "orion"}), encoding="utf-8")
    assert CliRunner().invoke(build(), ["record", str(taken), "--database", sqlite_url]).exit_code == 0
    out = out_of(sqlite_url, tmp_path / "out.xlsx")
    assert run("import", str(out), database=sqlite_url)[:2] == (0, {})
    edit(out, seats_D2="nobody-known")
    assert "seats!D2: 'nobody-known' is not on the sheet people" in run("import", str(out), database=sqlite_url)[2]


def test_a_cell_that_a_workbook_cannot_change_is_refused_by_its_place(lived: Path, sqlite_url: str) -> None:
    edit(lived, minutes_C2="2026-01-21", metrics_C2="sites", parties_A4="initech", parties_B4="Initech")
    code, _, said = run("import", str(lived), database=sqlite_url)

    assert code == 5
    assert "minutes!C2: held was recorded as '2026-01-20', and a workbook does not change it" in said
    assert "metrics!C2: unit was recorded as 'patients'" in said
    assert "parties!A4: initech is no party; one comes in by PartySucceeded" in said


def test_a_row_that_is_taken_out_ends_nothing_and_that_is_said(lived: Path, sqlite_url: str) -> None:
    edit(lived, terms_A2=None, terms_C2=None, terms_D2=None, stances_A3=None, stances_B3=None, stances_E3=None)
    edit(lived, stances_G3=None)
    result = CliRunner().invoke(build(), ["import", str(lived), "--database", sqlite_url])

    assert result.exit_code == 0
    assert "not on the sheet stances, and still in the log: M1 globex" in result.stdout
    assert "a row that is taken out ends nothing; what a party stated stands" in result.stdout


def test_every_fault_is_named_by_sheet_and_cell_and_nothing_is_written(book: Path, sqlite_url: str) -> None:
    edit(
        book,
        alliance_C2="friendly",
        parties_B2=None,
        seats_C2="initech",
        stances_E2="many",
        stances_G3="soon",
        metrics_G2=-1,
        work_streams_D2="acme",
        decisions_I2="approve",
    )
    code, _, said = run("import", str(book), database=sqlite_url)
    assert code == 5
    for cell in (
        "alliance!C2: 'friendly' is not one of",
        "parties!B2: name must not be empty",
        "seats!C2: 'initech' is not on the sheet parties",
        "stances!E2: target must be a number",
        "stances!G3: horizon must be a day",
        "metrics!G2: tolerance_days must be a whole number",
        "work_streams!D2: owners must be party=person",
        "decisions!I2: decided and outcome belong together",
    ):
        assert cell in said
    edit(book, **REPAIRED)
    assert run("import", str(book), database=sqlite_url)[0] == 0


REPAIRED: dict[str, Any] = {
    "alliance_C2": "strategic",
    "parties_B2": "Acme",
    "seats_C2": "acme",
    "stances_E2": 10,
    "stances_G3": "2029-01-01",
    "metrics_G2": 1,
    "work_streams_D2": "acme=ann",
    "decisions_I2": None,
}


def test_a_rule_that_a_row_breaks_is_named_with_its_cell(book: Path, sqlite_url: str) -> None:
    edit(book, metrics_A2="launch", stances_A2="launch", stances_A3="launch")
    code, _, said = run("import", str(book), database=sqlite_url)
    assert code == 5
    assert "orion.xlsx: terms!A2: 'launch' is another understanding already (rule: one_noun_per_id)" in said.replace(
        "\n", " "
    )


def test_a_spreadsheet_that_is_not_this_workbook_needs_a_mapping(tmp_path: Path, sqlite_url: str) -> None:
    from openpyxl import Workbook

    other = tmp_path / "other.xlsx"
    Workbook().save(other)
    code, _, said = run("import", str(other), database=sqlite_url)
    assert code == 5
    assert "only a workbook of `cynosure workbook new` is taken" in " ".join(said.split())


def test_the_rules_stand_beside_each_column(book: Path) -> None:
    page = load_workbook(book)["metrics"]
    assert "One of: outcome, leading, tactical, alignment." in page["D1"].comment.text
    rules = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    assert rules["D2:D10000"] == '"outcome,leading,tactical,alignment"'


def test_a_file_that_is_there_is_not_written_over(book: Path, sqlite_url: str) -> None:
    before = book.read_bytes()
    assert run("workbook", "new", str(book), database=sqlite_url)[0] == 5
    assert book.read_bytes() == before
