"""CloudEvents 1.0 on Kafka: binary mode out, binary and structured mode in.

Source: CloudEvents 1.0.2, its JSON event format, and its Kafka protocol binding.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from domain.errors import Unreadable

SPECVERSION = "1.0"
STRUCTURED = "application/cloudevents"
BATCH = "application/cloudevents-batch"
JSON = "application/json"
CONTENT_TYPE = "content-type"
REQUIRED = ("id", "source", "type")
JSON_DEPTH_MAX = 200

_SPECVERSION_HEADER = ("ce_specversion", SPECVERSION.encode())
_NAME = re.compile(r"[a-z0-9]+")
# RFC 3339, which is narrower than what Python reads as ISO 8601: seconds and an offset are not optional.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

Headers = Iterable[tuple[str, bytes | None]]


class CloudEvent(NamedTuple):
    """An event: its attributes as text (`specversion` is 1.0 and left out), and its data as bytes, or None."""

    attributes: Mapping[str, str]
    data: bytes | None


def encode(event: CloudEvent) -> list[tuple[str, bytes]]:
    """Return the headers of an event in binary mode; its value is its data."""
    headers = [_SPECVERSION_HEADER]
    for name, value in event.attributes.items():
        headers.append((CONTENT_TYPE if name == "datacontenttype" else f"ce_{name}", value.encode()))
    return headers


def decode(headers: Headers, value: bytes | None) -> CloudEvent:
    """Return the event of a record, whatever its mode. Raise Unreadable with every fault found.

    A value in structured mode whose data is JSON gives that data as compact JSON.
    """
    known, faults = _headers(headers)
    media_type = known.get(CONTENT_TYPE, "").split(";")[0].strip().lower()
    if media_type == BATCH:
        raise Unreadable("content-type: a batch of events; send one event in a record")
    if media_type.startswith(STRUCTURED):
        attributes, data = _structured(media_type, value)
    else:
        attributes, data = _binary(known), value
    faults += _faults(attributes)
    if faults:
        raise Unreadable(*faults)
    attributes.pop("specversion")
    return CloudEvent(attributes, data)


def _headers(headers: Headers) -> tuple[dict[str, str], list[str]]:
    """Return the headers that mean something here, as text, and the faults of those that cannot."""
    known: dict[str, str] = {}
    faults = []
    for name, value in headers:
        if name != CONTENT_TYPE and not name.startswith("ce_"):
            continue
        if name in known:
            faults.append(f"header {name}: stands twice; send it once")
        elif value is None:
            faults.append(f"header {name}: is null; leave it out, or give it a value")
        else:
            try:
                known[name] = value.decode()
            except UnicodeDecodeError:
                faults.append(f"header {name}: is not UTF-8")
    return known, faults


def _binary(known: Mapping[str, str]) -> dict[str, str]:
    attributes = {name[3:]: value for name, value in known.items() if name != CONTENT_TYPE}
    if CONTENT_TYPE in known:
        attributes["datacontenttype"] = known[CONTENT_TYPE]
    return attributes


def _structured(media_type: str, value: bytes | None) -> tuple[dict[str, str], bytes | None]:
    if media_type != f"{STRUCTURED}+json":
        raise Unreadable(f"content-type: {media_type} cannot be read; send {STRUCTURED}+json, or binary mode")
    said = read_json(value or b"", "value")
    if not isinstance(said, dict):
        raise Unreadable("value: a structured event is a JSON object")
    if "data" in said and "data_base64" in said:
        raise Unreadable("value: holds both data and data_base64; send one of them")
    if "data" in said and said["data"] is not None:
        data: bytes | None = json.dumps(said["data"], separators=(",", ":"), ensure_ascii=False).encode()
    else:
        data = _from_base64(said.get("data_base64"))
    attributes = {name: v for name, v in said.items() if name not in {"data", "data_base64"} and v is not None}
    return {name: _as_text(name, v) for name, v in attributes.items()}, data


def read_json(value: bytes, where: str) -> Any:
    """Return what a JSON text in UTF-8 says. Raise Unreadable where it is none, or where no text could hold it."""
    try:
        text = value.decode()
        said = _JSON.decode(text)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"{where}: is no JSON in UTF-8: {fault}") from fault
    if _SURROGATE.search(text) or "\\u" in text or text.count("{") + text.count("[") > JSON_DEPTH_MAX:
        _refuse_unstorable(said, where)
    return said


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


_JSON = json.JSONDecoder(parse_constant=_no_number)


def _refuse_unstorable(said: Any, where: str) -> None:
    """Refuse half characters and NUL, which no database stores as text, and nesting without end."""
    level = [said]
    for _ in range(JSON_DEPTH_MAX):
        texts = [part for part in level if isinstance(part, str)]
        texts += [name for part in level if isinstance(part, dict) for name in part]
        if any("\0" in text or _SURROGATE.search(text) for text in texts):
            raise Unreadable(f"{where}: holds \\u0000 or half of a surrogate pair, which is no text")
        level = [inner for part in level if isinstance(part, dict | list) for inner in _parts(part)]
        if not level:
            return
    raise Unreadable(f"{where}: is nested deeper than {JSON_DEPTH_MAX} levels")


def _parts(part: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return part.values() if isinstance(part, dict) else part


def _from_base64(text: Any) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as fault:
        raise Unreadable(f"value.data_base64: is no base64: {fault}") from fault


def _as_text(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            raise Unreadable(f"value.{name[:40]}: an attribute is text, an integer or a boolean")


def _faults(attributes: Mapping[str, str]) -> list[str]:
    missing = [name for name in REQUIRED if not attributes.get(name)]
    faults = [f"ce_{name}: is missing; a CloudEvent has {', '.join(REQUIRED)}" for name in missing]
    version = attributes.get("specversion")
    if version != SPECVERSION:
        said = "is missing" if version is None else f"is {version[:20]!r}"
        faults.append(f"ce_specversion: {said}; this is read as CloudEvents {SPECVERSION}")
    # One look at all of them first: nearly every message is without fault, and each look costs.
    if not _NAME.fullmatch("".join(attributes)) or "" in attributes:
        names = (name for name in attributes if not _NAME.fullmatch(name))
        faults += [f"ce_{name[:40]}: a name holds a-z and 0-9 only" for name in names]
    if _NOT_TEXT.search("".join(attributes.values())):
        names = (name for name, text in attributes.items() if _NOT_TEXT.search(text))
        faults += [f"ce_{name}: holds a control character" for name in names]
    if "time" in attributes and not is_instant(attributes["time"]):
        faults.append(f"ce_time: {attributes['time'][:40]!r} is no RFC 3339 instant; write 2026-03-04T09:00:00Z")
    if attributes.get("dataschema") == "":
        faults.append("ce_dataschema: is empty; leave it out, or name a schema")
    return faults


def is_instant(text: str) -> bool:
    """Tell whether a text is an instant as RFC 3339 writes it."""
    if not _INSTANT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True
