"""A state with some words changed is what the standard library would make of it, and as frozen."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import domain
import projections
from domain.replacing import quick, replace


def _frozen_dataclasses() -> Iterator[type[Any]]:
    for package in (domain, projections):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for each in vars(importlib.import_module(found.name)).values():
                parameters = getattr(each, "__dataclass_params__", None)
                if isinstance(each, type) and parameters and parameters.frozen and each.__module__ == found.name:
                    yield each


@pytest.mark.parametrize("frozen", list(_frozen_dataclasses()))
def test_every_state_is_replaced_as_the_standard_library_would(frozen: type[Any]) -> None:
    words = [each.name for each in dataclasses.fields(frozen)]
    made = quick(frozen)(*range(len(words)))  # type: ignore[arg-type]
    assert type(made) is frozen
    assert made == frozen(**dict(zip(words, range(len(words)), strict=True)))
    for word in words:
        changed = replace(made, **{word: "other"})
        assert type(changed) is frozen
        assert changed == dataclasses.replace(made, **{word: "other"})
        assert getattr(made, word) != "other"
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(changed, word, 1)


def test_a_word_that_a_state_does_not_have_is_refused() -> None:
    @dataclasses.dataclass(frozen=True)
    class Step:
        to: str

    with pytest.raises(KeyError, match="by"):
        replace(Step("JSC"), by="acme")
