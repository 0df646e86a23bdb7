"""The recipes of docs/import.md are complete, and come out as it says."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.importing.given import Desk

DOCS = Path(__file__).resolve().parents[2] / "docs" / "import.md"


@dataclass(frozen=True)
class Recipe:
    title: str
    file: str
    mapping: str
    steps: list[str]


def recipes() -> list[Recipe]:
    found = []
    for part in DOCS.read_text(encoding="utf-8").split("### Recipe: ")[1:]:
        blocks = dict(re.findall(r"```(csv|yaml|text)\n(.*?)```", part, flags=re.DOTALL))
        found.append(Recipe(part.split("\n")[0], blocks["csv"], blocks["yaml"], blocks["text"].splitlines()))
    return found


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title[:40])
def test_a_recipe_comes_out_as_the_docs_say(recipe: Recipe, desk: Desk) -> None:
    desk.holds(recipe.file, recipe.mapping)
    assert desk.told() == []
    assert desk.steps() == recipe.steps


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title[:40])
def test_no_rule_of_a_recipe_is_idle(recipe: Recipe, desk: Desk) -> None:
    judged = desk.holds(recipe.file, recipe.mapping).judged()
    used = {place for place, rows in judged.rules_used.items() if rows}
    assert len(used) >= judged_rules(recipe) - 1


def judged_rules(recipe: Recipe) -> int:
    return len(re.findall(r"^  - ", recipe.mapping.split("rules:")[1], flags=re.MULTILINE))
