"""Any fact that the models allow: strategies made from the annotations of a message's fields."""

import datetime as dt
import types
import typing
from decimal import Decimal
from typing import Any

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic.types import StringConstraints

from domain.events.event import Message

_printable = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_printable, inner, max_size=3),
    max_leaves=6,
)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: _json,
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    str: st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    type(None): st.none(),
    dt.date: st.dates(),
    dt.datetime: st.datetimes(timezones=st.just(dt.UTC)),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
}


def facts(message: type[Message]) -> st.SearchStrategy[Any]:
    """Return a strategy of valid messages of one class."""

    def build(words: dict[str, Any]) -> Any:
        try:
            return message(**words)
        except ValidationError:
            return None

    fields = {name: _field(field) for name, field in message.model_fields.items()}
    return st.fixed_dictionaries(fields).map(build).filter(lambda fact: fact is not None)


def _field(field: FieldInfo) -> st.SearchStrategy[Any]:
    return _of(field.annotation, field.metadata)


def _of(annotation: Any, metadata: typing.Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    sizes = {type(rule): rule for rule in metadata}
    if origin is typing.Annotated:
        return _of(parts[0], [*parts[1:], *metadata])
    if origin in {typing.Union, types.UnionType}:
        return st.one_of([_of(part, metadata) for part in parts])
    if origin is typing.Literal:
        return st.sampled_from(parts)
    if origin is tuple:
        low = sizes[MinLen].min_length if MinLen in sizes else 0
        return st.lists(_of(parts[0]), min_size=low, max_size=max(low, 3)).map(tuple)
    if origin is dict:
        return st.dictionaries(_of(parts[0]), _of(parts[1]), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, Message):
        return facts(annotation)
    if annotation is int and (Ge in sizes or Le in sizes):
        return st.integers(sizes[Ge].ge if Ge in sizes else 0, sizes[Le].le if Le in sizes else 10**6)
    for pattern in filter(None, (getattr(rule, "pattern", None) for rule in metadata)):
        if annotation is str:
            return st.from_regex(pattern, fullmatch=True)
    constrained = [rule for rule in metadata if isinstance(rule, StringConstraints)]
    if annotation is str and (MaxLen in sizes or any(rule.strip_whitespace for rule in constrained)):
        return _printable
    return _PLAIN[annotation]
