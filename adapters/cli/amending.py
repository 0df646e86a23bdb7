"""What an amendment would do to each open item, as data and for people: only what differs, before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from adapters.cli.edge import out
from adapters.scenarios.comparing import plain
from domain.governance.amending import Amended

SAID_AS = {
    "tier": "where", "holder": "whose turn", "due_unknown_because": "due day unknown",
    "may_act": "who may act", "if_nothing": "if nobody acts",
}  # fmt: skip


def item_differing(item: Amended) -> dict[str, Any]:
    """Return an item with what is so, and what would be so, only where these differ."""
    was, would_be = asdict(item.was), asdict(item.would_be) if item.would_be else None
    differing = [key for key in was if would_be is None or was[key] != would_be[key]]
    return {
        "kind": item.kind,
        "id": item.id,
        "without_body": item.without_body,
        "is": {key: was[key] for key in differing},
        "would_be": {key: would_be[key] for key in differing} if would_be is not None else None,
    }


def print_amended(items: Sequence[Amended]) -> None:
    """Print the open items that an amendment leads elsewhere."""
    out.print(f"{len(items)} open items would differ")
    for item in items:
        said = plain(item_differing(item))
        out.print(f"  {item.kind} {item.id}", style="bold", markup=False)
        if item.without_body:
            says = f"left without a body: the amendment has no {item.without_body}, and would be refused"
            out.print(f"    {says}", markup=False, soft_wrap=True)
        for key, was in said["is"].items():
            now = _said(key, said["would_be"][key]) if said["would_be"] is not None else "not there"
            out.print(f"    {SAID_AS.get(key, key)}: {_said(key, was)} becomes {now}", markup=False, soft_wrap=True)


def _said(key: str, value: Any) -> str:
    match key, value:
        case "may_act", list() | tuple():
            return "; ".join(f"{who} may {act}" for who, act in value) or "nobody"
        case "holder", Mapping():
            return str(value["id"] or value["kind"])
        case "if_nothing", Mapping():
            to = f" {', '.join(value['to'])}" if value["to"] else ""
            on = f" on {value['on']}" if value["on"] else ""
            return f"{value['effect']}{to}{on}" + (f" ({value['clause']})" if value["clause"] else "")
        case _:
            return "none" if value is None else str(value)
