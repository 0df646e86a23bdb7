"""The schema of a charter file: what the language reads, its short forms too, as an editor checks it."""

from collections.abc import Iterator
from typing import Any

from domain.charter.language import Charter

Schema = dict[str, Any]
WORD: Schema = {"type": "string"}
SHORT_FORMS: dict[str, tuple[Schema, ...]] = {
    "LengthOf": (WORD,), "Effect": (WORD,), "FinalSay": (WORD,), "Majority": (WORD,), "CarveOut": (WORD,),
    "Closure": ({"type": "string", "format": "date"},),
    "Party": ({"type": "null"},), "Body": ({"type": "null"},), "Matter": ({"type": "null"},),
}  # fmt: skip
NUMBERS_AS_TEXT = ("clause", "version")
OTHER_NAMES = {"matter": "matters"}
BESIDE = ("default", "title")


def charter_schema() -> Schema:
    """Return the schema of a charter file; it grows with the language and refuses what the language does not have."""
    schema = Charter.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        _one_alone(part.get("properties", {}))
    for name, forms in SHORT_FORMS.items():
        schema["$defs"][name] = {"anyOf": [schema["$defs"][name], *forms]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _one_alone(keys: Schema) -> None:
    """Let one entry stand alone where several may, and a number where a text is read from it."""
    for key, told in list(keys.items()):
        forms = list(_forms(told))
        if key in NUMBERS_AS_TEXT:
            forms.append({"type": "integer"})
        if len(forms) > 1:
            beside = {name: told[name] for name in BESIDE if name in told}
            keys[key] = {"anyOf": forms, **beside}
        if key in OTHER_NAMES:
            keys[OTHER_NAMES[key]] = keys[key]


def _forms(told: Schema) -> Iterator[Schema]:
    for one in told.get("anyOf", [told]):
        yield one if "anyOf" in told else {name: value for name, value in one.items() if name not in BESIDE}
        if one.get("type") == "array" and "items" in one:
            yield one["items"]
