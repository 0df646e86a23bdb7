"""A frozen state with some of its words changed, and a frozen dataclass made, in a third of the usual time.

A frozen dataclass sets each field through `object.__setattr__`. An open twin with the same slots is filled at the speed
of an ordinary one, and becomes the frozen class in place.
"""

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

State = TypeVar("State")


@cache
def quick(frozen: type[Any]) -> Callable[..., Any]:
    """Return a constructor, by position, of a frozen dataclass without a `__post_init__`."""
    words = [each.name for each in fields(frozen)]
    if frozen.__bases__ not in {(object,), (Generic,)}:
        return lambda *values: frozen(**dict(zip(words, values, strict=True)))
    bases = getattr(frozen, "__orig_bases__", ())
    twin = make_dataclass(
        frozen.__name__, [(word, Any) for word in words], bases=bases, slots="__slots__" in vars(frozen)
    )

    def construct(*values: Any) -> Any:  # noqa: ANN401
        made = twin(*values)
        made.__class__ = frozen
        return made

    return construct


def replace(state: State, /, **words: Any) -> State:  # noqa: ANN401
    """Return the state with some words changed, as `dataclasses.replace` does."""
    values, places, construct = _parts(state.__class__)  # type: ignore[arg-type]
    changed = [*values(state)]
    for word, value in words.items():
        changed[places[word]] = value
    return construct(*changed)  # type: ignore[no-any-return]


@cache
def _parts(frozen: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int], Callable[..., Any]]:
    names = [each.name for each in fields(frozen)]
    return _values_of(names), {name: place for place, name in enumerate(names)}, quick(frozen)  # type: ignore[arg-type]


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    values = attrgetter(*names)
    return values if len(names) > 1 else lambda state: (values(state),)
