"""The demo runs whole, says what it must, and leaves what it made."""

import json
from pathlib import Path

from typer.testing import CliRunner

from adapters.main import build


def test_the_demo_tells_an_alliance_a_real_history_and_checks_itself(tmp_path: Path) -> None:
    result = CliRunner().invoke(build(), ["demo", "--folder", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for said in (
        "Whose turn is it?",
        "known on 20 September: open",
        "known on 2 October: approve",
        "730 days apart",
        "168.3",
        "244.3 (190 to 310)",
        "2,506.6 (2,172 to 4,050)",
        "1: 33%",
        "1,517: 6%",
        "does not survive",
        "equal to the live ones, byte for byte",
        "without a hole",
    ):
        assert said in result.stdout, said
    assert (tmp_path / "survival.svg").read_text().startswith("<svg")
    assert len(result.stdout.splitlines()) < 100


def test_the_demo_answers_machines_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(build(), ["demo", "--folder", str(tmp_path), "--format", "json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)["data"]
    assert data["events"] > 1_900
    assert "decision_times" in data["rebuilt_equal"]


def test_every_command_answers_machines() -> None:
    from typer.main import get_command

    without: list[str] = []

    def walk(command: object, path: str) -> None:
        children = getattr(command, "commands", None)
        if children is not None:
            for name, child in children.items():
                walk(child, f"{path} {name}".strip())
        elif "--format" not in {o for p in getattr(command, "params", ()) for o in getattr(p, "opts", ())}:
            without.append(path)

    walk(get_command(build()), "")
    assert without == []
