"""The recipes of docs/import.md are complete, and come out as it says."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from adapters.importing.mapping_file import mapping_from, mapping_schema
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
        own = re.split(r"\n##+ ", part)[0]
        blocks = dict(re.findall(r"```(csv|yaml|text)\n(.*?)```", own, flags=re.DOTALL))
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


def fragments() -> list[str]:
    blocks: list[str] = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [block for block in blocks if "rules:" in block]


@pytest.mark.parametrize("fragment", fragments(), ids=lambda fragment: fragment.split("\n")[0][:40])
def test_every_mapping_of_the_docs_can_be_read(fragment: str) -> None:
    head = "" if "source:" in fragment else "source: s\nalliance: orion\n"
    assert mapping_from(head + fragment).rules


@pytest.mark.parametrize("fragment", fragments(), ids=lambda fragment: fragment.split("\n")[0][:40])
def test_the_schema_of_a_mapping_takes_every_mapping_of_the_docs(fragment: str) -> None:
    head = "" if "source:" in fragment else "source: s\nalliance: orion\n"
    said = json.loads(json.dumps(YAML(typ="safe", pure=True).load(head + fragment), default=str))
    schema = Draft202012Validator(mapping_schema())
    assert [error.message for error in schema.iter_errors(said)] == []
    assert not schema.is_valid(said | {"rules": [{"then": "raise"}]})


def test_the_docs_tell_every_key_of_a_mapping() -> None:
    schema = mapping_schema()
    models = [schema, *schema["$defs"].values()]
    keys = {key for model in models for key in model.get("properties", {})} - {"affiliates"}
    text = DOCS.read_text(encoding="utf-8")
    assert {key for key in keys if f"`{key}`" not in text and f"`{key}:" not in text} == set()
