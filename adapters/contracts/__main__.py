"""Writes the contracts anew: `python -m adapters.contracts`; with `release`, also promises them for ever.

Until version 1.0 `release --anew` takes back what was promised and promises what is there now.
"""

import json
import sys
from pathlib import Path
from typing import Any

from adapters.contracts.asyncapi import asyncapi
from adapters.contracts.charter import charter_schema
from adapters.contracts.compatibility import every_break, superseded
from adapters.contracts.schemas import every_schema
from adapters.importing.mapping_file import mapping_schema

FOLDER = Path(__file__).resolve().parents[2] / "contracts"
RELEASED = "released.json"
VERSION = "0.1.0"


def generated() -> dict[str, str]:
    """Return the text of every contract by its path."""
    now = every_schema()
    documents: dict[str, Any] = {**superseded(released(), now), **now, "asyncapi.json": asyncapi(VERSION)}
    documents["import_mapping.v1.json"] = mapping_schema()
    documents["charter.v1.json"] = charter_schema()
    return {path: text(document) for path, document in documents.items()}


def text(document: Any) -> str:
    """Return a document as it is checked in."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def released() -> dict[str, Any]:
    """Return every schema that was ever released, by its path."""
    path = FOLDER / RELEASED
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return known


def write() -> None:
    """Write every contract, and take away those that no class has any more."""
    wanted = generated()
    for path, document in wanted.items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(document, encoding="utf-8")
    for found in FOLDER.rglob("*.json"):
        if found.name != RELEASED and str(found.relative_to(FOLDER)) not in wanted:
            found.unlink()


def release(*, anew: bool = False) -> None:
    """Promise what is there now, if it keeps what was promised before; `anew` takes that back, before 1.0 only."""
    if anew and not VERSION.startswith("0."):
        sys.exit(f"{VERSION} has readers: what was released stays. Make a new version of what differs instead.")
    now, before = every_schema(), {} if anew else released()
    if broken := every_break(before, now):
        sys.exit("\n".join(broken))
    promised = {**before, **now}
    (FOLDER / RELEASED).write_text(json.dumps(promised, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            write()
        case ["release"]:
            release()
            write()
        case ["release", "--anew"]:
            release(anew=True)
            write()
        case _:
            sys.exit("say nothing, `release`, or `release --anew`")
