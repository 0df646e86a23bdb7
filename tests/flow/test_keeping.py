"""A log is backed up and restored from the command line."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from adapters.main import build

ITEMS = """
alliance: digital-health
items:
  - at: 2026-01-05
    report: AllianceFormed
    title: One
    kind: technology
    parties: [{id: a, name: A}, {id: b, name: B}]
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), list(words))


def test_a_restored_log_is_the_backed_up_one_in_its_next_incarnation(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "items.yaml").write_text(ITEMS, encoding="utf-8")
    old = f"sqlite:///{tmp_path / 'old.db'}"
    assert run("init", "--database", old, "--simulated-clock").exit_code == 0
    assert run("record", str(tmp_path / "items.yaml"), "--zone", "UTC", "--database", old).exit_code == 0
    backup = str(tmp_path / "backup.db")
    said = run("backup", backup, "--database", old, "--format", "json")
    assert said.exit_code == 0, said.output
    head = json.loads(said.stdout)["data"]["head"]
    assert head >= 1
    restored = run("restore", backup, "--database", database_url, "--format", "json")
    assert restored.exit_code == 0, restored.output
    data = json.loads(restored.stdout)["data"]
    assert (data["incarnation"], data["head"]) == (2, head)
    again = run("restore", backup, "--database", database_url)
    assert again.exit_code == 3
    assert "not empty" in again.stderr


def test_what_is_no_backup_is_unreadable(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database at all, but long enough to look like one" * 30)
    for name in ("nothing.db", "notes.txt"):
        answer = run("restore", str(tmp_path / name), "--database", database_url)
        assert answer.exit_code == 5
        assert name in answer.stderr
