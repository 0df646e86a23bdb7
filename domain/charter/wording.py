"""What stands in a charter where it cannot stand, in a sentence for whoever wrote it: what was found, what to write."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

from domain.charter.language import Charter

Loc = tuple[Any, ...]
QUOTED = "to a YAML 1.1 reader `on`, `off`, `yes` and `no` are truth values, so write them in quotes"
KEYS_LISTED_MAX = 30
MEANT_KEYS = {
    "limit": "length", "length": "limit", "section": "clause", "ref": "clause", "trigger": "clock_starts",
    "starts": "clock_starts", "deadline": "limit", "who": "by", "party": "of", "parties": "who", "holder": "who",
    "outcome": "then", "effect": "then", "members": "seats", "voting": "votes", "majority": "passes", "steps": "ladder",
    "escalation": "ladder", "committees": "bodies", "carve_out": "carve_outs", "timezone": "zone", "holidays": "places",
    "deadlock": "unresolved", "deemed": "then", "body": "at", "type": "kind",
}  # fmt: skip
MEANT_WORDS = {
    "auto": "automatic", "mandatory": "automatic", "must": "automatic", "shall": "automatic", "may": "permissive",
    "optional": "permissive", "voluntary": "permissive", "arbitrate": "arbitration", "mediate": "mediation",
    "litigation": "court", "courts": "court", "escalated": "escalate", "deemed": "deem", "terminate": "right_opens",
    "one_per_party": "per_party", "by_party": "per_party",
    "per_person": "per_member", "by_member": "per_member", "sat": "saturday", "sun": "sunday", "fri": "friday",
    "comment": "respond", "veto": "object", "appoint": "name_person", "signed": "each_party_approves",
    "approved_by_both": "each_party_approves", "executives": "people", "officers": "people", "officer": "people",
    "expert": "experts", "arbitrators": "arbitration", "mediator": "mediation", "panel": "experts",
    "move": "migrate", "next": "forward", "following": "forward", "preceding": "backward", "previous": "backward",
    "allowed": "any", "yes": "any", "no": "none", "on_dispatch": "on_sending", "sending": "on_sending",
    "dispatch": "on_sending", "receipt": "on_receipt", "pharma": "strategic", "joint_venture": "strategic",
    "reseller": "channel", "alliance": "strategic", "deadlock": "no_consensus", "decision": "decisions",
    "obligation": "obligations", "cure": "obligations", "payment": "obligations", "payments": "obligations",
}  # fmt: skip
SAID_OF_SILENCE = ("approve", "reject", "no_objection", "waived", "incumbents_stay", "may_proceed")
FORMS: Mapping[str, str] = MappingProxyType({
    "limit": "`10 business_days`, `redacted` or `none`",
    "length": "`10 business_days`, `next_meeting` or `redacted`",
    "window": "`12 months` or `15 calendar_days`",
    "after": "`5 calendar_days`",
    "quorum": "`{per_party: 1}`, `{total: 4}` or `{of_seats: majority}`",
    "per_party": "a number for every party alike, or one for each: `{acme: 2, beta: 1}`",
    "passes": "`unanimous`, `majority`, `{at_least: 3}` or `{more_than_percent: 66}`",
    "calendar": "`{places: [US-BANK]}` where calendars are declared, elsewhere the name of one",
    "parties": "an id for each: `{acme: {name: Acme Inc.}, beta: {name: Beta SA}}`",
    "bodies": "`{JSC: {tier: 1}}`, an id for each body; in a rule the ids alone: `[JSC]`",
    "matters": "`{pricing: {start_bodies: [JSC]}}`, a name for each; in a rule the names alone: `[pricing]`",
    "document": "`{name: Collaboration Agreement, dated: 2026-01-15}`",
    "north_star": "`{what: ..., for_whom: ...}`",
    "email": "`{senders_per_party: 2}`",
    "meeting_notice": "`{length: 10 business_days}`",
    "on_end": "`{to: final_say}`",
    "on_decline": "`{to: JSC}`",
    "ends": "`{by: [acme]}` or `{mutual: true}`",
    "otherwise": "`{counts: on_receipt}`",
    "by_means": "`{fax: {counts: on_sending}}`",
    "final_say": "the id of a party, `{who: acme, level: JSC}`, `none` or `redacted`",
    "notes": '`{clause: "9.1", says: ...}`',
    "bars": "`{when: {similar_to: escalated}}`",
    "stops": "`{event: MinutesDrafted}`",
    "ends_early": "`{event: NoticeReceived, where: {about: no_settlement}}`",
    "counts": "`{event: DecisionEscalated, where: {to: Officers}}`",
    "happened": "`{event: AllianceStageEntered, where: {stage: commercial}}`",
    "rights": "`{who: acme, act: terminate}`",
    "tolling": "`{cause: force_majeure, pauses: [obligations]}`",
    "when": "`{attributes: {raises_costs: true}}`",
    "opens_when": "`{lapsed: JSC}` or `{held: Mediator}`",
    "ladder": "`{from: JSC, to: Officers, limit: 10 business_days, clock_starts: raised}`",
    "deadlines": "`{id: panel, at: Experts, kind: target, length: 30 business_days, clock_starts: panel_formed}`",
    "obligations": "`{id: cure, kind: cure, length: 30 calendar_days, clock_starts: notice_received}`",
    "minutes": "`{bodies: [JSC], official: finalized}`",
    "weights": "`{acme: 60, beta: 40}`",
    "cut_off_hour": "the hour alone, as in 17",
})  # fmt: skip


def said_of(error: Mapping[str, Any]) -> tuple[Loc, str]:
    """Return where a fault of the model stands, and a sentence that says what was found and what to write."""
    loc, given = tuple(error["loc"]), error["input"]
    if "clock_starts" in loc and not isinstance(given, Mapping):
        says = f"{given!r} starts no clock: write a word for an event, {{end_of: ID}} or {{event: NAME}}"
        return loc[: loc.index("clock_starts") + 1], says
    if "attributes" in loc[:-1]:
        return loc[: loc.index("attributes") + 2], _of_attribute(loc, given)
    if "per_party" in loc:
        return loc[: loc.index("per_party") + 1], f"{_shown(given)} is no quorum: write {FORMS['per_party']}"
    return loc, _sentence(error, loc, given)


def _sentence(error: Mapping[str, Any], loc: Loc, given: Any) -> str:
    match error["type"]:
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case "missing":
            return "is missing" + (": no contract states one, so the charter must" if loc == ("zone",) else "")
        case "extra_forbidden":
            return f"the language has no such key here{_instead(loc)}"
        case "literal_error":
            return _of_words(given, re.findall(r"'([^']*)'", error["ctx"]["expected"]))
        case "greater_than_equal":
            return f"{given} is too small: it is {error['ctx']['ge']} or more"
        case "less_than_equal":
            return f"{given} is too large: it is {error['ctx']['le']} at most"
        case kind if kind.startswith("date"):
            return f"{given!r} is no day: write it as 2026-01-15"
        case kind if kind.startswith("int"):
            return _of_number(loc, given)
        case kind if kind.startswith("bool"):
            return f"{given!r} is neither `true` nor `false`"
        case "string_type":
            return f"{_shown(given)} is no text: write a name or a sentence, a number in quotes"
        case "string_too_short":
            return "is empty: write it, or leave the key out"
        case "string_too_long":
            return (
                f"is longer than {error['ctx']['max_length']} characters: a charter is rules, not the contract's text"
            )
        case _:
            return f"{_shown(given)} cannot stand here{_form(loc)}"


def _of_attribute(loc: Loc, given: Any) -> str:
    if loc[-1] in ("at_least", "at_most", "more_than", "less_than") and not isinstance(given, Mapping | list):
        return f"{given!r} is no whole number: write `{loc[-1]}: 10` in units that need no fraction (10 for 10 %)"
    return "write a value, a list of values, or numbers: `at_least`, `at_most`, `more_than`, `less_than`"


def _of_number(loc: Loc, given: Any) -> str:
    if "percent" in str(loc[-1]):
        return f"{given!r} is no whole number of percent: write 50 for a half, 66 for two thirds"
    return f"{_shown(given)} is no whole number{_form(loc) if loc[-1] in FORMS else ''}"


def _of_words(given: Any, words: list[str]) -> str:
    if "deem" in words and given in SAID_OF_SILENCE:
        return f"{given!r} is an outcome, not an effect: write `{{effect: deem, to: {given}}}`"
    meant = MEANT_WORDS.get(str(given).lower())
    near = [meant] if meant in words else get_close_matches(str(given).lower(), words, n=1)
    asked = f"did you mean `{near[0]}`? It is" if near else "write"
    return f"{_shown(given)} is none of the words that stand here: {asked} one of {', '.join(words)}"


def _instead(loc: Loc) -> str:
    keys = sorted({key for model in _models_at(loc) for key in _keys(model)})
    word = str(loc[-1])
    if word in ("True", "False"):
        return f"; {QUOTED}"
    meant = MEANT_KEYS.get(word)
    near = [meant] if meant in keys else get_close_matches(word.lower(), keys, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; it has {', '.join(keys)}" if 0 < len(keys) <= KEYS_LISTED_MAX else ""


def _form(loc: Loc) -> str:
    named = [one for one in loc if isinstance(one, str)]
    if len(named) > 1 and named[-1] not in FORMS and named[-2] in ("parties", "bodies", "matters", "by_means"):
        return f": write {FORMS[named[-2]]}"
    last = next((one for one in reversed(named) if one in FORMS), None)
    if named and named[-1] == last:
        return f": write {FORMS[last]}"
    keys = sorted({key for model in _models_at((*loc, "")) for key in _keys(model)})
    return f": it has keys of its own, {', '.join(keys)}" if keys else ""


def _models_at(loc: Loc) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [Charter]
    for step in loc[:-1]:
        inside = [
            one
            for model in models
            for name, field in model.model_fields.items()
            if step in (name, field.alias, field.validation_alias)
            for one in _models_in(field.annotation)
        ]
        models = inside or models
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models_in(one)


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield str(field.alias or name)


def _shown(given: Any) -> str:
    if isinstance(given, Mapping):
        return "a mapping" if given else "an empty mapping"
    if isinstance(given, list | tuple):
        return "a list"
    if given is None:
        return "nothing"
    return f"`{str(given).lower()}`" if isinstance(given, bool) else repr(given)
