"""`--suggest` looks at a file, proposes a mapping that can be tried at once, and says what it is unsure of."""

from collections import Counter
from pathlib import Path

import pytest

from adapters.importing.suggesting import suggest
from domain.errors import Unreadable
from tests.importing.given import Desk
from tests.importing.test_recipes import Recipe, recipes
from tests.importing.test_rules import OBJECTS, XES, workbook

PEPS = Path(__file__).resolve().parents[2] / "examples" / "peps" / "peps.csv"


def test_a_proposal_for_the_proposals_is_nearly_right() -> None:
    proposal = suggest(PEPS)
    for line in ("decision: proposal", "order: step", "column: at", "actor: actor", "then: {made: rejected}"):
        assert line in proposal.mapping
    assert "tried on the file: 1805 rows of 741 decisions, 0 faults" in proposal.unsure


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title[:40])
def test_what_is_proposed_for_a_recipe_is_a_mapping_that_reads_every_row(recipe: Recipe, desk: Desk) -> None:
    desk.holds(recipe.file, "rules:")
    proposal = suggest(desk.file)
    desk.map.write_text(proposal.mapping, encoding="utf-8")
    assert desk.told() == []
    assert len({report.decision for report in desk.judged().reports}) == len(set(recipe_decisions(recipe)))
    assert any("tried on the file" in doubt for doubt in proposal.unsure)


def recipe_decisions(recipe: Recipe) -> list[str]:
    return [line.replace(";", ",").split(",")[0] for line in recipe.file.splitlines()[1:]]


@pytest.mark.parametrize(
    ("name", "whole", "line"),
    [
        ("h.xes", XES.encode(), '  decision: "case:concept:name"'),
        ("h.jsonl", OBJECTS, "{s.name: open}"),
        ("h.xlsx", workbook(), "file: {sheet: Action log, skip_lines: 1}"),
    ],
    ids=["xes", "jsonl", "xlsx"],
)
def test_a_file_of_any_format_gets_a_proposal(name: str, whole: bytes, line: str, desk: Desk) -> None:
    desk.name = name
    proposal = suggest(desk.holds(whole, "rules:").file)
    assert line in proposal.mapping
    assert "tried on the file: 2 rows of 1 decisions, 0 faults" in proposal.unsure


def test_tiers_are_found_at_the_end_of_the_names_of_teams_and_persons_are_left_out(desk: Desk) -> None:
    lines = ("G97;Queued", "V5 2nd;Accepted/In Progress", "G2 2nd/3rd;Accepted/Wait - User", "S42 3rd;Completed")
    rows = [
        f"SR1;2020-01-0{day}T10:00Z;{line};Low;{name}"
        for day, line, name in zip(range(1, 5), lines, "ABCD", strict=True)
    ]
    header = "SR Number;When;Involved ST;Status;Impact;Owner First Name"
    proposal = suggest(desk.holds("\n".join([header, *rows, rows[0].replace("SR1", "SR2")]), "rules:").file)
    for line in (
        "    column: Involved ST",
        '    ranks: {"1st": 10, "2nd": 20, "2nd/3rd": 25, "3rd": 30}',
        "  holder: Involved ST",
    ):
        assert line in proposal.mapping
    assert "attributes" not in proposal.mapping
    assert any(doubt.startswith("Owner First Name may name persons") for doubt in proposal.unsure)
    desk.map.write_text(proposal.mapping, encoding="utf-8")
    assert desk.told() == []
    assert Counter(step.split()[1] for step in desk.steps() if step.startswith("SR1")) == {
        "decision-raised": 1,
        "decision-escalated": 3,
        "information-requested": 1,
        "decision-made": 1,
    }


def test_dates_side_by_side_are_proposed_as_rows_of_their_own(desk: Desk) -> None:
    rows = ("S1,x,2020-01-01,2020-05-01,", "S2,y,2020-02-01,,2020-06-01", "S3,x,2020-03-01,,")
    proposal = suggest(desk.holds("\n".join(["spec,area,drafted,recommended,retired", *rows]), "rules:").file)
    desk.map.write_text(proposal.mapping, encoding="utf-8")
    assert "file: {unfold: {columns: [drafted, recommended, retired]}}" in proposal.mapping
    assert desk.told() == []
    assert [step for step in desk.steps() if "raised" not in step] == [
        "S1 decision-made accepted",
        "S2 decision-withdrawn",
    ]


def test_a_list_of_steps_inside_an_object_is_proposed_as_rows_of_their_own(desk: Desk) -> None:
    desk.name = "history.jsonl"
    steps = '[{"at": "2020-01-01", "status": "open"}, {"at": "2020-02-01", "status": "accepted"}]'
    proposal = suggest(
        desk.holds(f'{{"case": "C1", "steps": {steps}}}\n{{"case": "C2", "steps": {steps}}}', "rules:").file
    )
    assert "file: {unfold: {list: steps}}" in proposal.mapping
    assert "order: steps.index" in proposal.mapping
    assert "tried on the file: 4 rows of 2 decisions, 0 faults" in proposal.unsure


def test_what_happened_in_a_log_with_lifecycles_is_the_activity(desk: Desk) -> None:
    desk.name = "h.xes"
    events = "".join(
        f'<event><string key="concept:name" value="{name}"/><string key="lifecycle:transition" value="{step}"/>'
        f'<date key="time:timestamp" value="2020-01-0{day}T10:00:00Z"/></event>'
        for day, (name, step) in enumerate(
            [("Submitted", "complete"), ("Check", "start"), ("Approved", "complete")], start=1
        )
    )
    log = f'<log xes.version="1.0"><trace><string key="concept:name" value="C1"/>{events}</trace></log>'
    proposal = suggest(desk.holds(log.encode(), "rules:").file)
    assert '{so_far: unraised, when: {"concept:name": [Submitted]}, then: raised}' in proposal.mapping
    assert not any("name persons" in doubt for doubt in proposal.unsure)


def test_a_time_without_a_zone_is_doubted(desk: Desk) -> None:
    desk.holds("case,when,event\nC1,01.02.2026 10:00,opened\nC1,03.02.2026 11:00,approved", "rules:")
    proposal = suggest(desk.file)
    assert "when says no zone: UTC is only a guess" in proposal.unsure
    assert any("can be read as %d.%m.%Y %H:%M" in doubt for doubt in proposal.unsure) is False
    assert "formats:" in proposal.mapping


def test_day_and_month_that_could_be_either_are_doubted(desk: Desk) -> None:
    proposal = suggest(desk.holds("case,when,event\nC1,01/02/2026,opened\nC1,03/02/2026,approved", "rules:").file)
    assert any("day first is taken" in doubt for doubt in proposal.unsure)


def test_a_file_without_decisions_or_times_is_refused_with_its_columns(desk: Desk) -> None:
    with pytest.raises(Unreadable, match="columns: a, b"):
        suggest(desk.holds("a,b\n1,2\n3,4", "rules:").file)
