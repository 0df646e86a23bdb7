"""Tells whether a schema keeps what a released one promised, to readers old and new (FULL_TRANSITIVE).

Only an optional field may come. All else that differs, a limit or a list of values too, is a new version.
"""

import re
from collections.abc import Mapping
from typing import Any

ANNOTATIONS = frozenset({"title", "description", "examples", "$schema", "$id", "$comment", "$defs"})

Schema = Mapping[str, Any]

_VERSIONED = re.compile(r"(?P<name>.+)\.v(?P<version>\d+)\.json")


def every_break(released: Mapping[str, Schema], now: Mapping[str, Schema]) -> list[str]:
    """Return a sentence for each promise that was released by any version and is not kept now."""
    found = []
    old = superseded(released, now)
    for path, schema in released.items():
        if path in old:
            continue
        if path not in now:
            found.append(f"{path}: was released and is gone; keep it, a new version stands beside the old")
        else:
            found += [f"{path}: {fault}; make a new version instead" for fault in breaks(schema, now[path])]
    return found


def superseded(released: Mapping[str, Schema], now: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the released schemas that a later version stands beside. They stay: what was written by them is read."""
    versions = [_VERSIONED.fullmatch(path) for path in now]
    newest = {found["name"]: int(found["version"]) for found in versions if found}
    old = {path: _VERSIONED.fullmatch(path) for path in released if path not in now}
    return {path: released[path] for path, it in old.items() if it and newest.get(it["name"], 0) > int(it["version"])}


def breaks(released: Schema, now: Schema) -> list[str]:
    """Return what about a schema breaks a reader or a writer of the released one, each with its JSON path."""
    return _differences("$", _inlined(released, released), _inlined(now, now))


def _inlined(part: Any, whole: Schema) -> Any:
    """Return a schema with its references followed, so that moving a definition changes nothing."""
    if isinstance(part, list):
        return [_inlined(inner, whole) for inner in part]
    if not isinstance(part, Mapping):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        return _inlined({**whole["$defs"][reference.removeprefix("#/$defs/")], **_but(part, "$ref")}, whole)
    inlined = {word: _inlined(inner, whole) for word, inner in part.items() if word not in {*ANNOTATIONS, "properties"}}
    if "properties" in part:
        inlined["properties"] = {name: _inlined(inner, whole) for name, inner in part["properties"].items()}
    return inlined


def _but(part: Mapping[str, Any], word: str) -> dict[str, Any]:
    return {name: inner for name, inner in part.items() if name != word}


def _differences(path: str, released: Any, now: Any) -> list[str]:
    if isinstance(released, Mapping) and isinstance(now, Mapping) and "properties" in released:
        return _of_fields(path, released, now)
    if isinstance(released, Mapping) and isinstance(now, Mapping):
        found = []
        for word in sorted({*released, *now}):
            if word not in now:
                found.append(f"{path}: {word} {released[word]!r} is gone")
            elif word not in released:
                found.append(f"{path}: {word} {now[word]!r} is new")
            else:
                found += _differences(f"{path}.{word}", released[word], now[word])
        return found
    if isinstance(released, list) and isinstance(now, list) and len(released) == len(now):
        pairs = enumerate(zip(released, now, strict=True))
        return [fault for i, (before, after) in pairs for fault in _differences(f"{path}[{i}]", before, after)]
    return [] if released == now else [f"{path}: was {released!r}, is {now!r}"]


def _of_fields(path: str, released: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    before, after = released["properties"], now.get("properties", {})
    required, requires = set(released.get("required", ())), set(now.get("required", ()))
    found = [f"{path}.{name}: is gone" for name in before if name not in after]
    found += [f"{path}.{name}: is required now" for name in sorted(requires - required)]
    found += [f"{path}.{name}: is no longer always there" for name in sorted(required - requires)]
    for name in before.keys() & after.keys():
        found += _differences(f"{path}.{name}", before[name], after[name])
    return found + _differences(path, _without_fields(released), _without_fields(now))


def _without_fields(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {word: part for word, part in schema.items() if word not in {"properties", "required"}}
