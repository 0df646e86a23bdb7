"""Every read model there is: each module of `projections` that has the shape of one."""

import importlib
import pkgutil
from functools import cache
from typing import cast

import projections
from projections.projection import Projection

SHAPE = ("NAME", "VERSION", "Row", "READS", "keys", "evolve")


def read_model(name: str) -> Projection:
    """Return one read model by its name, which is that of its module, without loading the others."""
    return cast("Projection", importlib.import_module(f"projections.{name}"))


@cache
def read_models() -> dict[str, Projection]:
    """Return the read models by name, in the order of their names."""
    modules = (
        importlib.import_module(f"projections.{each.name}") for each in pkgutil.iter_modules(projections.__path__)
    )
    found = [module for module in modules if all(hasattr(module, word) for word in SHAPE)]
    return {each.NAME: each for each in sorted((cast("Projection", m) for m in found), key=lambda m: m.NAME)}
