"""Names of a package that are imported when somebody uses them, because few do and they take long.

    __getattr__ = later(__name__, index=("Index", "suggest"))

Whoever imports the package writes `from syncd import matching` and `matching.Index(...)`; a name
that is imported by itself is imported at once. No name may be that of a module of the package.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any


def later(package: str, **modules: Collection[str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: which of its modules has which names."""
    where = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{where[name]}"), name)

    return find
