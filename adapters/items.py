"""Reports and commands as items of a YAML 1.2 or JSON file: read, judged one by one, every fault named by its place."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError

from adapters.instants import instant_of
from domain.commands import COMMANDS, Command
from domain.errors import Unreadable
from domain.events import EVENTS, Event
from domain.recorded import Envelope
from domain.values import Actor, Evidence, MessageKey

ITEMS_MAX = 100_000
ENVELOPE_WORDS = frozenset(
    {
        "at",
        "recorded",
        "source_recorded",
        "report",
        "command",
        "id",
        "alliance",
        "actor",
        "evidence",
        "reason",
        "note",
        "correlation",
        "causation",
        "zone",
    }
)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
REPORTS = {kind.__name__: kind for kind in EVENTS.values()} | EVENTS
NO_SUCH_WORD = "there is no such word here"
"""How a fault begins that names a word which no message of its kind has."""


@dataclass(frozen=True, slots=True)
class Item:
    """A message ready to be handled, the place it came from, and the SHA-256 of its canonical JSON as received."""

    where: str
    message: Command | Event
    envelope: Envelope
    digest: bytes


class _DaysAsWritten(RoundTripConstructor):
    """Leaves days and instants as text, so that a wrong one is a fault at its place and not of the whole file."""


_DaysAsWritten.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


def load_yaml(text: str, where: str, *, constructor: type[RoundTripConstructor] = _DaysAsWritten) -> Any:
    """Return the data of a YAML 1.2 or JSON text, mappings and sequences with their lines. Raise Unreadable."""
    try:
        yaml = YAML(typ="rt", pure=True)
        yaml.Constructor = constructor
        return yaml.load(io.StringIO(text))
    except YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        raise Unreadable(f"{where}{line}: {problem}; the file must be YAML 1.2 or JSON") from fault


class _ClausesAsWritten(_DaysAsWritten):
    """Reads what looks like a fraction as the text it is: clause 3.10 is not clause 3.1."""


_ClausesAsWritten.add_constructor("tag:yaml.org,2002:float", RoundTripConstructor.construct_yaml_str)


def load_rules(text: str, where: str) -> Any:
    """Return the data of a charter or a scenario, in which no fraction has a meaning. Raise Unreadable."""
    return load_yaml(text, where, constructor=_ClausesAsWritten)


def read_items(
    text: str, where: str, *, alliance: str | None = None, source: str = "file", zone: str | None = None
) -> list[Item]:
    """Return the items of a file: a mapping with `items` (and `alliance`, `source`, `zone`), a list, or a single item.

    Raise Unreadable with every fault, each by line and path.
    """
    data = load_yaml(text, where)
    if isinstance(data, Mapping) and "items" in data:
        alliance, source = data.get("alliance", alliance), data.get("source", source)
        zone, stated, path = data.get("zone", zone), data["items"], "items"
    else:
        stated, path = data if isinstance(data, Sequence) and not isinstance(data, str) else [data], ""
    if not isinstance(stated, Sequence) or isinstance(stated, str):
        raise Unreadable(f"{where}: items must be a list of reports and commands")
    if len(stated) > ITEMS_MAX:
        raise Unreadable(f"{where}: {len(stated)} items, the most is {ITEMS_MAX}; import a history instead")
    items: list[Item] = []
    faults: list[str] = []
    for index, raw in enumerate(stated):
        line = _line(stated, index)
        place = f"{where}:{line}: {path}[{index}]" if line else f"{where}: {path}[{index}]"
        try:
            items.append(read_item(raw, place, alliance=alliance, source=source, zone=zone))
        except Unreadable as unreadable:
            faults.extend(unreadable.faults)
    if faults:
        raise Unreadable(*faults)
    return items


def _line(stated: Any, index: int) -> int | None:
    position = getattr(stated, "lc", None)
    try:
        return int(position.item(index)[0]) + 1 if position else None
    except (KeyError, TypeError, AttributeError):
        return None


def read_item(
    raw: Any, where: str, *, alliance: str | None = None, source: str = "file", zone: str | None = None
) -> Item:
    """Return one item. Raise Unreadable with every fault of it."""
    if not isinstance(raw, Mapping):
        raise Unreadable(f"{where}: an item is a mapping with `at`, and `report` or `command`")
    return item_of(plain(raw), where, alliance=alliance, source=source, zone=zone)


def item_of(
    said: dict[str, Any],
    where: str,
    *,
    alliance: str | None = None,
    source: str = "file",
    zone: str | None = None,
    digest: bytes | None = None,
) -> Item:
    """Return the item that plain JSON data says; its digest is that of the data unless it is given."""
    kind = _kind(said, where)
    alliance = said.get("alliance", alliance)
    if not isinstance(alliance, str) or not alliance:
        raise Unreadable(f"{where}: alliance: name the alliance, in the file or with --alliance")
    zone = said.get("zone", zone)
    effective = instant_of(said.get("at"), zone, f"{where}.at")
    recorded = said.get("recorded")
    if digest is None:
        digest = digest_of(said | {"alliance": alliance, "zone": zone})
    return Item(
        where=where,
        message=_message(kind, {k: v for k, v in said.items() if k not in ENVELOPE_WORDS}, where),
        envelope=Envelope(
            alliance=alliance,
            effective_at=effective.seconds,
            precision=effective.precision,
            zone=effective.zone,
            recorded_at=1_000_000 * (effective.seconds if recorded is None else _recorded(recorded, zone, where)),
            source_recorded_at=_seconds(said.get("source_recorded"), zone, f"{where}.source_recorded"),
            actor=_part(Actor, said.get("actor"), f"{where}.actor"),
            evidence=tuple(_part(Evidence, e, f"{where}.evidence") for e in said.get("evidence") or ()),
            message=MessageKey(source, str(said["id"])) if said.get("id") is not None else None,
            correlation_id=said.get("correlation"),
            causation_id=said.get("causation"),
            reason=said.get("reason"),
            note=said.get("note"),
        ),
        digest=digest,
    )


def digest_of(said: Any) -> bytes:
    """Return the SHA-256 of the canonical JSON of what was said."""
    return hashlib.sha256(_CANONICAL.encode(said).encode()).digest()


def plain(data: Any) -> Any:
    """Return loaded YAML as plain JSON data: days and instants as ISO text."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [plain(value) for value in data]
    if isinstance(data, datetime):
        return data.isoformat()
    if isinstance(data, date):
        return data.isoformat()
    if isinstance(data, bool) or data is None:
        return data
    if isinstance(data, int):
        return int(data)
    if isinstance(data, float):
        return float(data)
    return str(data)


def _kind(said: Mapping[str, Any], where: str) -> type[Command | Event]:
    report, command = said.get("report"), said.get("command")
    if (report is None) == (command is None):
        raise Unreadable(f"{where}: say either `report: EVENT` or `command: VERB`")
    kind: type[Command | Event] | None = REPORTS.get(str(report)) if report is not None else COMMANDS.get(str(command))
    if kind is None:
        word, known = ("report", REPORTS) if report is not None else ("command", COMMANDS)
        raise Unreadable(f"{where}.{word}: there is no {word} {said[word]!r}{_nearest(str(said[word]), known)}")
    return kind


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    import difflib

    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else "; docs/glossary.md lists them"


def _message(kind: type[Command | Event], said: Mapping[str, Any], where: str) -> Command | Event:
    try:
        return kind.model_validate_json(json.dumps(said))
    except ValidationError as invalid:
        known = [field.alias or name for name, field in kind.model_fields.items()]
        raise Unreadable(*faults_of(invalid, where, known=known)) from invalid


def faults_of(invalid: ValidationError, where: str, *, known: Sequence[str] = ()) -> list[str]:
    """Return a sentence for each fault that pydantic found, by path; `known` are the words that may stand there."""
    faults = []
    for fault in invalid.errors(include_url=False):
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in fault["loc"])
        said = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden" and known and len(fault["loc"]) == 1:
            said = f"{NO_SUCH_WORD}; there are {', '.join(known)}"
        elif fault["type"] == "missing":
            said = "is missing"
        faults.append(f"{where}{path}: {said[0].lower()}{said[1:]}")
    return faults


def _part(kind: type[Any], said: Any, where: str) -> Any:
    if said is None:
        return None
    if not isinstance(said, Mapping):
        raise Unreadable(f"{where}: must be a mapping of {', '.join(kind.__slots__)}")
    unknown = set(said) - set(kind.__slots__)
    if unknown:
        raise Unreadable(f"{where}: there is no {', '.join(sorted(unknown))} here, only {', '.join(kind.__slots__)}")
    return kind(**said)


def _seconds(said: Any, zone: str | None, where: str) -> int | None:
    return None if said is None else instant_of(said, zone, where).seconds


def _recorded(said: Any, zone: str | None, where: str) -> int:
    return instant_of(said, zone, f"{where}.recorded").seconds
