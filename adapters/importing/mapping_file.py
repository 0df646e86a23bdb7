"""Reads a mapping from YAML (or JSON), and names every fault by line and path."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from adapters.importing.mapping import Mapping
from domain.errors import Unreadable

MAPPING_BYTES_MAX = 1_000_000
DEPTH_MAX = 30
Path_ = tuple[str | int, ...]


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a file. Raise Unreadable with every fault: line, path, rule, what to do."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}): name a mapping file with --mapping") from None
    if len(raw) > MAPPING_BYTES_MAX:
        raise Unreadable(f"{path}: a mapping holds at most {MAPPING_BYTES_MAX} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: byte {error.start} is not UTF-8: save the mapping as UTF-8") from None
    return mapping_from(text, name=str(path))


def mapping_from(text: str, *, name: str = "mapping") -> Mapping:
    """Return the mapping in a text. `name` is what faults call it."""
    lines: dict[Path_, int] = {}
    said = _plain(_composed(text, name), lines, (), name)
    if not isinstance(said, dict):
        raise Unreadable(f"{name}: a mapping begins with keys such as `source`, `alliance`, `columns` and `rules`")
    try:
        return Mapping.model_validate(said)
    except ValidationError as error:
        raise Unreadable(*_faults(error, lines, name)) from None


def _composed(text: str, name: str) -> Node | None:
    try:
        return YAML(typ="safe", pure=True).compose(text)  # type: ignore[no-any-return]
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(f"{name}:{line}: is no YAML ({error.problem}): quote values that hold : # or [") from None
    except YAMLError as error:
        raise Unreadable(f"{name}: is no YAML ({error})") from None


def _plain(node: Node | None, lines: dict[Path_, int], at: Path_, name: str) -> Any:
    """Return a node as dicts, lists, words and None. Every scalar stays the word that was written."""
    if node is None:
        return None
    lines[at] = node.start_mark.line + 1
    if len(at) > DEPTH_MAX:
        raise Unreadable(f"{name}:{lines[at]}: is nested deeper than {DEPTH_MAX} levels")
    if isinstance(node, ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if isinstance(node, SequenceNode):
        return [_plain(item, lines, (*at, place), name) for place, item in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        raise Unreadable(f"{name}:{lines[at]}: is neither a value, a list nor keys with values")
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, ScalarNode) else None
        line = key_node.start_mark.line + 1
        if key is None:
            raise Unreadable(f"{name}:{line}: a key is a plain word")
        if key in found:
            raise Unreadable(f"{name}:{line}: the key {key!r} stands twice: keep one")
        found[key] = _plain(value_node, lines, (*at, key), name)
        lines[(*at, key)] = line
    return found


def _faults(error: ValidationError, lines: dict[Path_, int], name: str) -> Iterator[str]:
    seen = set()
    found = [fault for fault in error.errors(include_url=False) if fault["type"] != "too_short" or not fault["input"]]
    for fault in found:
        at = _known_part(tuple(fault["loc"]), lines)
        says = f"{name}:{lines.get(at, 1)}: {_dotted(fault['loc']) or 'mapping'}: {_sentence(fault)}"
        if says not in seen:
            seen.add(says)
            yield says


def _known_part(loc: Path_, lines: dict[Path_, int]) -> Path_:
    while loc and loc not in lines:
        loc = loc[:-1]
    return loc


def _dotted(loc: Path_) -> str:
    dotted = ""
    for part in loc:
        dotted += f"[{part}]" if isinstance(part, int) else f".{part}"
    return dotted.lstrip(".")


def _sentence(fault: Any) -> str:
    if fault["type"] == "missing":
        return "is missing, and the mapping needs it"
    if fault["type"] == "extra_forbidden":
        return _unknown_key(fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message[0].lower() + message[1:] if message else str(fault["type"])


def _unknown_key(loc: Path_) -> str:
    near = difflib.get_close_matches(str(loc[-1]), _keys_at(loc[:-1]), n=1)
    return f"is no key here{f' (did you mean {near[0]}?)' if near else ''}; docs/import.md lists the keys of each place"


def _keys_at(loc: Path_) -> set[str]:
    """Return the keys that may stand at a place of a mapping."""
    schema = Mapping.model_json_schema()
    places = list(_forms(schema, schema))
    for part in loc:
        inner = (_inside(place, part) for place in places)
        places = [form for found in inner if found for form in _forms(found, schema)]
    return {key for place in places for key in place.get("properties", {})}


def _forms(place: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the forms that a place may have, references followed."""
    if "$ref" in place:
        yield from _forms(schema["$defs"][place["$ref"].rsplit("/", 1)[-1]], schema)
    for other in place.get("anyOf", ()):
        yield from _forms(other, schema)
    if "properties" in place or "items" in place or "additionalProperties" in place:
        yield place


def _inside(place: dict[str, Any], part: str | int) -> dict[str, Any] | None:
    if isinstance(part, int):
        found = place.get("items")
    else:
        found = place.get("properties", {}).get(part) or place.get("additionalProperties")
    return found if isinstance(found, dict) else None


def mapping_schema() -> dict[str, Any]:
    """Return the JSON Schema of a mapping, as it stands in `contracts/`."""
    schema = Mapping.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "cynosure import mapping"}
